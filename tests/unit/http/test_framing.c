/* SPDX-License-Identifier: Apache-2.0 */
/* What the header decides, through a whole request in memory. */
#include "support/httpsite.h"
#include "support/loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GET  "GET /v1/things/7 HTTP/1.1\r\nHost: a\r\n"
#define POST "POST /v1/things HTTP/1.1\r\nHost: a\r\n"
#define JSON "Content-Type: application/json\r\n"
#define BODY "Content-Length: 12\r\n\r\n{\"name\":\"x\"}"

struct row {
    unsigned status;
    const char *request;
};

static void assert_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned status = loopback_status(bytes_text(rows[i].request));

        if (status != rows[i].status)
            fail_msg("%u, not %u, for: %s", status, rows[i].status, rows[i].request);
    }
}

#define ASSERT_ROWS(rows) assert_rows((rows), sizeof(rows) / sizeof(rows)[0])

static void no_request_is_400(void **state)
{
    static const struct row rows[] = {
        {400, ""},
        {400, "\r\n\r\n"},
        {400, "GET"},
        {400, "GET /v1/things/7"},
        {400, "GET /v1/things/7 HTTP/1.1"},
        {400, "GET /v1/things/7 HTTP/1.1\r\n"},
        {400, "GET /v1/things/7 HTTP/1.1\r\nHost: a\r\n"},
        {400, "GET /v1/things/7\r\n\r\n"},
        {400, "GET  /v1/things/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /v1/things/7 HTTP/2.0\r\nHost: a\r\n\r\n"},
        {400, "GET /v1/things/7 http/1.1\r\nHost: a\r\n\r\n"},
        {400, "G@T /v1/things/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, GET "no colon\r\n\r\n"},
        {400, GET ": no name\r\n\r\n"},
        {400, GET "a : blank\r\n\r\n"},
        {400, GET "a: b\r\n folded\r\n\r\n"},
        {400, GET "a: \x01\r\n\r\n"},
        {400, GET "a@b: c\r\n\r\n"},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

/* RFC 9112, 3.2 and 6 */
static void doubtful_framing_is_refused(void **state)
{
    static const struct row rows[] = {
        {400, "GET /v1/things/7 HTTP/1.1\r\n\r\n"},
        {400, GET "Host: b\r\n\r\n"},
        {400, GET "host: a\r\n\r\n"},
        {400, POST JSON "Content-Length: 12\r\n" BODY},
        {400, POST JSON "Content-Length: 13\r\n" BODY},
        {400, POST JSON "Transfer-Encoding: chunked\r\n" BODY},
        {400, POST JSON "Content-Length: +12\r\n\r\n{\"name\":\"x\"}"},
        {400, POST JSON "Content-Length: 12, 12\r\n\r\n{\"name\":\"x\"}"},
        {400, POST JSON "Content-Length: 0x0c\r\n\r\n{\"name\":\"x\"}"},
        {400, POST JSON "Content-Length: -1\r\n\r\n"},
        {400, POST JSON "Content-Length:\r\n\r\n"},
        {400, POST JSON "Content-Length: 1234567890123456789\r\n\r\n"},
        {400, POST JSON JSON BODY},
        {400, "POST /v1/things HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" JSON "\r\n"},
        {501, POST JSON "Transfer-Encoding: gzip\r\n\r\n"},
        {501, POST JSON "Transfer-Encoding: chunked, chunked\r\n\r\n"},
        {400, POST JSON "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {417, POST JSON "Expect: wonders\r\n" BODY},
        {201, POST JSON "Expect: 100-Continue\r\n" BODY},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void a_body_is_taken_only_where_and_as_announced(void **state)
{
    static const struct row rows[] = {
        {400, GET "Content-Length: 1\r\n\r\nx"},
        {400, "DELETE /v1/things/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"},
        {200, GET "Content-Length: 0\r\n\r\n"},
        {411, POST JSON "\r\n"},
        {415, POST BODY},
        {415, POST "Content-Type: text/json\r\n" BODY},
        {415, POST "Content-Type: application/jsonx\r\n" BODY},
        {415, POST "Content-Type: application/json; charset=shift_jis\r\n" BODY},
        {415, POST "Content-Type: application/json x\r\n" BODY},
        {415, POST JSON "Content-Encoding: gzip\r\n" BODY},
        {201, POST "Content-Type: application/json; charset=utf-8\r\n" BODY},
        {201, POST "Content-Type: APPLICATION/JSON ;charset=\"UTF-8\"\r\n" BODY},
        {201, POST JSON BODY},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void methods_and_paths_have_their_statuses(void **state)
{
    static const struct row rows[] = {
        {501, "BREW /v1/things/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {501, "TRACE /v1/things/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {501, "get /v1/things/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {405, "POST /v1/things/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {404, "GET /v1/nowhere HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /v1/things/a%2fb HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET http://a/v1/things/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {200, "HEAD /v1/things/7 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {200, "GET /v1/things/7 HTTP/1.0\r\n\r\n"},
    };

    (void)state;
    ASSERT_ROWS(rows);
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
