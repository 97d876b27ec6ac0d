/* SPDX-License-Identifier: Apache-2.0 */
#include "http/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void fields_that_would_split_a_response_are_refused(void **state)
{
    struct http_response response = {0};

    (void)state;
    assert_int_equal(http_reply_field(&response, "", "x", NULL), -ERR_USAGE);
    assert_int_equal(http_reply_field(&response, "a b", "x", NULL), -ERR_USAGE);
    assert_int_equal(http_reply_field(&response, "a:", "x", NULL), -ERR_USAGE);
    assert_int_equal(http_reply_field(&response, "a", "x\r\nb: c", NULL), -ERR_USAGE);
    assert_int_equal(http_reply_field(&response, "a", "x\ny", NULL), -ERR_USAGE);
    assert_int_equal(response.field_count, 0);
}

static void a_field_has_its_lengths(void **state)
{
    struct http_response response = {0};
    char name[sizeof response.fields[0].name + 1];
    char value[sizeof response.fields[0].value + 1];

    (void)state;
    memset(name, 'n', sizeof name);
    memset(value, 'v', sizeof value);
    name[sizeof name - 1] = value[sizeof value - 1] = '\0';
    assert_int_equal(http_reply_field(&response, name, "x", NULL), -ERR_USAGE);
    assert_int_equal(http_reply_field(&response, "x", value, NULL), -ERR_USAGE);
    name[sizeof name - 2] = value[sizeof value - 2] = '\0';
    assert_int_equal(http_reply_field(&response, name, value, NULL), 0);
    assert_string_equal(response.fields[0].name, name);
    assert_string_equal(response.fields[0].value, value);
}

static void there_are_at_most_so_many_fields(void **state)
{
    struct http_response response = {0};

    (void)state;
    for (int i = 0; i < HTTP_REPLY_FIELDS_MAX; i++)
        assert_int_equal(http_reply_field(&response, "a", "b", NULL), 0);
    assert_int_equal(http_reply_field(&response, "a", "b", NULL), -ERR_USAGE);
    assert_int_equal(response.field_count, HTTP_REPLY_FIELDS_MAX);
}

static void an_address_to_go_to_splits_nothing_and_has_its_length(void **state)
{
    struct http_response response = {0};
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    (void)state;
    assert_int_equal(buf_append_text(&address, "https://a.example/\r\nSet-Cookie: a=b", NULL), 0);
    assert_int_equal(http_reply_redirect(&response, 303, &address, NULL), -ERR_USAGE);
    buf_clear(&address);
    while (address.len < HTTP_LOCATION_MAX)
        assert_int_equal(buf_append_byte(&address, 'a', NULL), 0);
    assert_int_equal(http_reply_redirect(&response, 303, &address, NULL), 0);
    assert_int_equal(response.location.len, HTTP_LOCATION_MAX);
    assert_int_equal(response.location.ptr[HTTP_LOCATION_MAX], 0);
    while (address.len <= HTTP_LOCATION_MAX)
        assert_int_equal(buf_append_byte(&address, 'a', NULL), 0);
    assert_int_equal(http_reply_redirect(&response, 303, &address, NULL), -ERR_USAGE);
    http_response_done(&response);
    assert_null(response.location.ptr);
}

static void no_body_is_out_of_memory(void **state)
{
    struct http_response response = {0};

    (void)state;
    assert_int_equal(http_reply_json(&response, 200, NULL, NULL), -ERR_NOMEM);
    assert_int_equal(response.status, 0);
}

static void the_last_reply_counts(void **state)
{
    struct http_response response = {0};
    struct json *body = json_object_new();

    (void)state;
    assert_int_equal(http_reply_bytes(&response, 200, "text/plain", BYTES_LITERAL("a"), NULL), 0);
    assert_int_equal(json_put_int(body, "n", 1, NULL), 0);
    assert_int_equal(http_reply_json(&response, 201, body, NULL), 0);
    assert_int_equal(response.status, 201);
    assert_string_equal(response.type, "application/json");
    assert_true(bytes_equal(buf_bytes(&response.body), BYTES_LITERAL("{\"n\":1}")));
    http_reply_empty(&response, 204);
    assert_int_equal(response.status, 204);
    assert_int_equal(response.body.len, 0);
    assert_null(response.type);
    http_response_done(&response);
    http_response_done(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_that_would_split_a_response_are_refused),
        cmocka_unit_test(a_field_has_its_lengths),
        cmocka_unit_test(there_are_at_most_so_many_fields),
        cmocka_unit_test(an_address_to_go_to_splits_nothing_and_has_its_length),
        cmocka_unit_test(no_body_is_out_of_memory),
        cmocka_unit_test(the_last_reply_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
