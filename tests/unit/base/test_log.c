/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/file.h"
#include "base/json.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* What log_event writes to stderr, caught in a pipe. */
static void capture(enum log_level least, enum log_level level, const struct log_field *fields,
                    struct buf *ret)
{
    int saved = dup(STDERR_FILENO);
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    log_open("jpki-test", least);
    log_event(level, "thing.done", fields);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(saved);
    assert_int_equal(file_read_fd(ends[0], 65536, ret, NULL), 0);
    (void)close(ends[0]);
}

static void less_important_events_are_not_written(void **state)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    (void)state;
    capture(LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, NULL, &line);
    assert_int_equal(line.len, 0);
    buf_done(&line);
    capture(LOG_LEVEL_WARNING, LOG_LEVEL_WARNING, NULL, &line);
    assert_true(line.len > 0);
}

static void an_event_is_one_line_of_json_whatever_is_in_it(void **state)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    CLEANUP(json_freep) struct json *value = NULL;
    const struct log_field fields[] = {
        LOG_TEXT("text", "a \"quoted\"\nline"),
        LOG_TEXT("none", NULL),
        LOG_TEXT("broken", "\xff\xfe"),
        LOG_INT("number", -7),
        LOG_END,
    };
    const char *text;
    int64_t number;

    (void)state;
    capture(LOG_LEVEL_NOTICE, LOG_LEVEL_NOTICE, fields, &line);
    assert_int_equal(line.ptr[line.len - 1], '\n');
    for (size_t i = 0; i + 1 < line.len; i++)
        assert_int_not_equal(line.ptr[i], '\n');
    assert_int_equal(json_parse(buf_bytes(&line), &value, NULL), 0);
    assert_int_equal(json_get_text(value, "event", &text, NULL), 0);
    assert_string_equal(text, "thing.done");
    assert_int_equal(json_get_text(value, "program", &text, NULL), 0);
    assert_string_equal(text, "jpki-test");
    assert_int_equal(json_get_text(value, "level", &text, NULL), 0);
    assert_string_equal(text, "notice");
    assert_int_equal(json_get_text(value, "text", &text, NULL), 0);
    assert_string_equal(text, "a \"quoted\"\nline");
    assert_int_equal(json_get_text(value, "none", &text, NULL), 0);
    assert_string_equal(text, "");
    assert_int_equal(json_get_text(value, "broken", &text, NULL), 0);
    assert_string_equal(text, "(not UTF-8)");
    assert_int_equal(json_get_int(value, "number", &number, NULL), 0);
    assert_int_equal(number, -7);
}

static void a_stream_that_is_not_the_journal_gets_json(void **state)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    (void)state;
    assert_int_equal(setenv("JOURNAL_STREAM", "1:2", 1), 0);
    capture(LOG_LEVEL_NOTICE, LOG_LEVEL_NOTICE, NULL, &line);
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    assert_int_equal(line.ptr[0], '{');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(less_important_events_are_not_written),
        cmocka_unit_test(an_event_is_one_line_of_json_whatever_is_in_it),
        cmocka_unit_test(a_stream_that_is_not_the_journal_gets_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
