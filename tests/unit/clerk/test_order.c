/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct clerk_session session = {
    .origin = "https://register.example", .id = "s", .counter = "131010001", .token = "t"};

/* {"x":"aaa..."} of that many bytes. */
static struct json *body_of(size_t size)
{
    struct json *body = json_object_new();
    char *text = malloc(size);

    assert_non_null(text);
    memset(text, 'a', size);
    text[size - strlen("{\"x\":\"\"}")] = '\0';
    assert_int_equal(json_put_text(body, "x", text, NULL), 0);
    free(text);
    return body;
}

static void a_body_has_a_largest_size(void **state)
{
    CLEANUP(json_freep) struct json *most = body_of(CLERK_BODY_MAX);
    CLEANUP(json_freep) struct json *more = body_of(CLERK_BODY_MAX + 1);
    CLEANUP(json_freep) struct json *request = NULL;
    struct clerk_order order = {.path = "/", .body = more};

    (void)state;
    assert_int_equal(clerk_write(&session, &order, 1, &request, NULL), -ERR_INPUT);
    assert_null(request);
    order.body = most;
    assert_int_equal(clerk_write(&session, &order, 1, &request, NULL), 0);
}

static void where_when_and_what_stands_in_what_is_signed_and_the_token_does_not(void **state)
{
    const struct clerk_order order = {.path = "/v1/cards", .request_id = "r-1"};
    CLEANUP(json_freep) struct json *request = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *written;

    (void)state;
    assert_int_equal(clerk_write(&session, &order, 7, &request, NULL), 0);
    assert_int_equal(json_write(request, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &written, NULL), 0);
    assert_string_equal(written, "{\"origin\":\"https://register.example\",\"session\":\"s\","
                                 "\"counter\":\"131010001\",\"request_id\":\"r-1\",\"at\":7,"
                                 "\"path\":\"/v1/cards\"}");
}

static void an_order_without_an_id_gets_a_new_one_each_time(void **state)
{
    const struct clerk_order order = {.path = "/v1/cards"};
    CLEANUP(json_freep) struct json *a = NULL;
    CLEANUP(json_freep) struct json *b = NULL;
    const char *first, *second;

    (void)state;
    assert_int_equal(clerk_write(&session, &order, 7, &a, NULL), 0);
    assert_int_equal(clerk_write(&session, &order, 7, &b, NULL), 0);
    assert_int_equal(json_get_text(a, "request_id", &first, NULL), 0);
    assert_int_equal(json_get_text(b, "request_id", &second, NULL), 0);
    assert_int_equal(strlen(first), 32);
    assert_string_not_equal(first, second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_has_a_largest_size),
        cmocka_unit_test(where_when_and_what_stands_in_what_is_signed_and_the_token_does_not),
        cmocka_unit_test(an_order_without_an_id_gets_a_new_one_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
