/* SPDX-License-Identifier: Apache-2.0 */
#include "http/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <fcntl.h>
#include <sys/mman.h>

#include <cmocka.h>

static void ranges_are_read_as_written(void **state)
{
    static const struct {
        const char *value;
        enum http_range range;
        size_t first, len;
    } rows[] = {
        {NULL, HTTP_RANGE_WHOLE, 0, 0},
        {"", HTTP_RANGE_WHOLE, 0, 0},
        {"lines=1-2", HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=", HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=-", HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=x", HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=5", HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=5-4", HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=0-1,3-4", HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=0-1 ", HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=-5x", HTTP_RANGE_WHOLE, 0, 0},
        {"bytes=0-0", HTTP_RANGE_PART, 0, 1},
        {"bytes=0-99", HTTP_RANGE_PART, 0, 100},
        {"bytes=0-100", HTTP_RANGE_PART, 0, 100},
        {"bytes=99-", HTTP_RANGE_PART, 99, 1},
        {"bytes=10-19", HTTP_RANGE_PART, 10, 10},
        {"bytes=0-99999999999999999999999", HTTP_RANGE_PART, 0, 100},
        {"bytes=-1", HTTP_RANGE_PART, 99, 1},
        {"bytes=-100", HTTP_RANGE_PART, 0, 100},
        {"bytes=-101", HTTP_RANGE_PART, 0, 100},
        {"bytes=-0", HTTP_RANGE_NONE, 0, 0},
        {"bytes=100-", HTTP_RANGE_NONE, 0, 0},
        {"bytes=99999999999999999999999-", HTTP_RANGE_NONE, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t first = 0;
        size_t len = 0;

        assert_int_equal(http_range_of(rows[i].value, 100, &first, &len), rows[i].range);
        assert_int_equal(first, rows[i].first);
        assert_int_equal(len, rows[i].len);
    }
}

static void assert_field(const struct http_response *response, const char *name, const char *value)
{
    for (size_t i = 0; i < response->field_count; i++) {
        if (strcmp(response->fields[i].name, name) == 0) {
            assert_string_equal(response->fields[i].value, value);
            return;
        }
    }
    fail_msg("no field %s", name);
}

static struct http_response reply(const struct http_field *fields, size_t count)
{
    const struct http_request request = {.headers = {fields, count}};
    struct http_response response = {.status = 0};

    assert_int_equal(http_reply_file(&request, &response, "text/plain", BYTES_LITERAL("0123456789"),
                                     "\"tag\"", NULL),
                     0);
    assert_field(&response, "ETag", "\"tag\"");
    return response;
}

static void a_part_says_which(void **state)
{
    const struct http_field range[] = {{"Range", "bytes=2-4"}};
    const struct http_field beyond[] = {{"Range", "bytes=10-"}};
    struct http_response response = reply(NULL, 0);

    (void)state;
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body.len, 10);
    assert_field(&response, "Accept-Ranges", "bytes");
    http_response_done(&response);
    response = reply(range, 1);
    assert_int_equal(response.status, 206);
    assert_true(bytes_equal(buf_bytes(&response.body), BYTES_LITERAL("234")));
    assert_field(&response, "Content-Range", "bytes 2-4/10");
    http_response_done(&response);
    response = reply(beyond, 1);
    assert_int_equal(response.status, 416);
    assert_int_equal(response.body.len, 0);
    assert_field(&response, "Content-Range", "bytes */10");
    http_response_done(&response);
}

static void conditions_hold_or_not(void **state)
{
    static const struct {
        struct http_field fields[2];
        unsigned status;
    } rows[] = {
        {{{"If-None-Match", "\"tag\""}, {"Range", "bytes=0-1"}}, 304},
        {{{"If-None-Match", "*"}, {"Accept", "x"}}, 304},
        {{{"If-None-Match", "\"no\""}, {"Range", "bytes=0-1"}}, 206},
        {{{"If-Range", "\"tag\""}, {"Range", "bytes=0-1"}}, 206},
        {{{"If-Range", "\"no\""}, {"Range", "bytes=0-1"}}, 200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_response response = reply(rows[i].fields, 2);

        assert_int_equal(response.status, rows[i].status);
        http_response_done(&response);
    }
}

/* As from memory; and the file is closed with the response, or at once. */
static void an_open_file_is_sent_the_same_way(void **state)
{
    static const struct {
        struct http_field field;
        unsigned status;
        size_t first, len;
    } rows[] = {
        {{"Accept", "x"}, 200, 0, 10},
        {{"Range", "bytes=2-4"}, 206, 2, 3},
        {{"Range", "bytes=-1"}, 206, 9, 1},
        {{"Range", "bytes=10-"}, 416, 0, 0},
        {{"If-None-Match", "\"tag\""}, 304, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct http_request request = {.headers = {&rows[i].field, 1}};
        struct http_response response = {.status = 0};
        const struct http_file file = {memfd_create("file", MFD_CLOEXEC), 10, "\"tag\""};

        assert_int_equal(http_reply_open_file(&request, &response, "text/plain", &file, NULL), 0);
        assert_field(&response, "ETag", "\"tag\"");
        assert_int_equal(response.status, rows[i].status);
        assert_int_equal(response.file.is_there, rows[i].len > 0);
        if (rows[i].len > 0) {
            assert_int_equal(response.file.first, rows[i].first);
            assert_int_equal(response.file.len, rows[i].len);
            assert_true(fcntl(file.fd, F_GETFD) >= 0);
        }
        http_response_done(&response);
        assert_int_equal(fcntl(file.fd, F_GETFD), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_read_as_written),
        cmocka_unit_test(a_part_says_which),
        cmocka_unit_test(conditions_hold_or_not),
        cmocka_unit_test(an_open_file_is_sent_the_same_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
