/* SPDX-License-Identifier: Apache-2.0 */
/* What the header decides, through a whole request in memory. */
#include "support/httprows.h"
#include "support/httpsite.h"
#include "support/loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GET  "GET /v1/things/7 HTTP/1.1\r\nHost: a\r\n"
#define JSON "Content-Type: application/json\r\n"

static void assert_rows(enum httprows_rule rule)
{
    size_t tried = 0;

    for (size_t i = 0; i < httprows_count; i++) {
        const struct httprow *row = &httprows[i];
        unsigned status;

        if (row->rule != rule)
            continue;
        status = loopback_status(bytes_text(row->request));
        if (status != row->status)
            fail_msg("%u, not %u, for: %s", status, row->status, row->request);
        tried++;
    }
    assert_true(tried > 0);
}

static void no_request_is_400(void **state)
{
    (void)state;
    assert_rows(ROWS_SYNTAX);
    assert_rows(ROWS_TOLERATED);
}

/* RFC 9112, 3.2 and 6 */
static void doubtful_framing_is_refused(void **state)
{
    (void)state;
    assert_rows(ROWS_FRAMING);
}

static void a_body_is_taken_only_where_and_as_announced(void **state)
{
    (void)state;
    assert_rows(ROWS_BODY);
}

static void methods_and_paths_have_their_statuses(void **state)
{
    (void)state;
    assert_rows(ROWS_PATH);
}

/* A GET of this site whose target has the given length. */
static unsigned status_of_target(size_t len)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    static const char start[] = "/v1/things/";

    assert_int_equal(buf_append_format(&request, NULL, "GET %s", start), 0);
    for (size_t i = strlen(start); i < len; i++)
        assert_int_equal(buf_append_byte(&request, 'x', NULL), 0);
    assert_int_equal(buf_append_text(&request, " HTTP/1.1\r\nHost: a\r\n\r\n", NULL), 0);
    return loopback_status(buf_bytes(&request));
}

static void a_target_has_its_length(void **state)
{
    (void)state;
    assert_int_equal(status_of_target(HTTP_TARGET_MAX), 200);
    assert_int_equal(status_of_target(HTTP_TARGET_MAX + 1), 414);
}

static unsigned status_of_fields(size_t count, size_t bytes)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    size_t used = 5 + (count - 1); /* "Host" "a", and the names */

    assert_int_equal(buf_append_text(&request, GET, NULL), 0);
    for (size_t i = 1; i < count; i++) {
        assert_int_equal(buf_append_text(&request, "x:", NULL), 0);
        while (i == 1 && used < bytes) {
            assert_int_equal(buf_append_byte(&request, 'v', NULL), 0);
            used++;
        }
        assert_int_equal(buf_append_text(&request, "\r\n", NULL), 0);
    }
    assert_int_equal(buf_append_text(&request, "\r\n", NULL), 0);
    return loopback_status(buf_bytes(&request));
}

static void header_fields_have_their_number_and_size(void **state)
{
    (void)state;
    assert_int_equal(status_of_fields(HTTP_FIELDS_MAX, 0), 200);
    assert_int_equal(status_of_fields(HTTP_FIELDS_MAX + 1, 0), 431);
    assert_int_equal(status_of_fields(2, HTTP_FIELDS_BYTES_MAX), 200);
    assert_int_equal(status_of_fields(2, HTTP_FIELDS_BYTES_MAX + 1), 431);
}

/* A body of JSON that is as long as asked, for a route with or without a limit of its own. */
static unsigned status_of_body(const char *path, size_t len)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    static const char start[] = "{\"name\":\"";
    static const char end[] = "\"}";

    assert_int_equal(buf_append_format(&request, NULL,
                                       "POST %s HTTP/1.1\r\nHost: a\r\n" JSON
                                       "Content-Length: %zu\r\n\r\n%s",
                                       path, len, start),
                     0);
    for (size_t i = strlen(start) + strlen(end); i < len; i++)
        assert_int_equal(buf_append_byte(&request, 'x', NULL), 0);
    assert_int_equal(buf_append_text(&request, end, NULL), 0);
    return loopback_status(buf_bytes(&request));
}

static void a_body_has_the_length_of_its_route(void **state)
{
    (void)state;
    assert_int_equal(status_of_body("/v1/things", HTTPSITE_BODY_MAX), 201);
    assert_int_equal(status_of_body("/v1/things", HTTPSITE_BODY_MAX + 1), 413);
    /* This one takes no member "name": 400 means that it was read. */
    assert_int_equal(status_of_body("/v1/failures/absent", HTTP_BODY_DEFAULT), 400);
    assert_int_equal(status_of_body("/v1/failures/absent", HTTP_BODY_DEFAULT + 1), 413);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_request_is_400),
        cmocka_unit_test(doubtful_framing_is_refused),
        cmocka_unit_test(a_body_is_taken_only_where_and_as_announced),
        cmocka_unit_test(methods_and_paths_have_their_statuses),
        cmocka_unit_test(a_target_has_its_length),
        cmocka_unit_test(header_fields_have_their_number_and_size),
        cmocka_unit_test(a_body_has_the_length_of_its_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
