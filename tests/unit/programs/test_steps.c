/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/steps.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct step steps[] = {
    {HTTP_POST, "/v1/cards", "F1", "②", "recorded"},
    {HTTP_GET, "/v1/cards", "F1", "③", "read"},
    {HTTP_GET, NULL, NULL, NULL, NULL},
};

static const struct route route_cards = {.method = HTTP_POST, .path = "/v1/cards"};
static const struct route route_other = {.method = HTTP_POST, .path = "/v1/others"};

/* What is in the trace after one request was noted. */
static void note(const struct http_event *event, struct buf *ret)
{
    struct tempdir dir = tempdir_make();
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/t.jsonl", dir.path), 0);
    assert_int_equal(setenv("JPKI_TRACE", path, 1), 0);
    assert_int_equal(trace_open("jpki-test", NULL), 0);
    steps_note(steps, event);
    steps_note(NULL, event);
    trace_close();
    assert_int_equal(file_read(path, 4096, ret, NULL), 0);
    tempdir_done(&dir);
}

static void what_is_not_listed_or_did_not_succeed_is_no_step(void **state)
{
    static const struct http_event events[] = {
        {.route = NULL, .method = HTTP_POST, .status = 200},
        {.route = &route_other, .method = HTTP_POST, .status = 200},
        {.route = &route_cards, .method = HTTP_DELETE, .status = 200},
        {.route = &route_cards, .method = HTTP_POST, .status = 199},
        {.route = &route_cards, .method = HTTP_POST, .status = 300},
        {.route = &route_cards, .method = HTTP_POST, .status = 503},
    };

    (void)state;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        note(&events[i], &text);
        assert_int_equal(text.len, 0);
    }
}

static void a_listed_request_is_the_step_of_its_row_with_its_trace_id(void **state)
{
    static const unsigned statuses[] = {200, 201, 299};

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        const struct http_event event = {.route = &route_cards,
                                         .method = HTTP_POST,
                                         .status = statuses[i],
                                         .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"};
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        note(&event, &text);
        assert_int_equal(buf_append_byte(&text, 0, NULL), 0);
        assert_non_null(strstr((const char *)text.ptr, "\"text\":\"recorded\""));
        assert_non_null(strstr((const char *)text.ptr, "4bf92f3577b34da6a3ce929d0e0e4736"));
        assert_null(strstr((const char *)text.ptr, "read"));
    }
}

static void a_step_is_dated_by_when_its_request_began(void **state)
{
    const struct http_event event = {
        .route = &route_cards, .method = HTTP_POST, .status = 200, .duration_us = 1000000};
    CLEANUP(json_freep) struct json *line = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int64_t before = monotonic_us();
    int64_t at_us = 0;

    (void)state;
    note(&event, &text);
    assert_int_equal(json_parse(buf_bytes(&text), &line, NULL), 0);
    assert_int_equal(json_get_int(line, "at_us", &at_us, NULL), 0);
    assert_true(at_us >= before - 1000000 && at_us <= monotonic_us() - 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_listed_or_did_not_succeed_is_no_step),
        cmocka_unit_test(a_listed_request_is_the_step_of_its_row_with_its_trace_id),
        cmocka_unit_test(a_step_is_dated_by_when_its_request_began),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
