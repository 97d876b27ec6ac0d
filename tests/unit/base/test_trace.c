/* SPDX-License-Identifier: Apache-2.0 */
#include "base/trace.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { LINES_MAX = 65536 };

static char dir[] = "/tmp/jpki-trace-XXXXXX";
static char path[sizeof dir + 16];

static int make_dir(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/trace.jsonl", dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(dir);
}

/* Each test begins without a trace and without its file. */
static int begin(void **state)
{
    (void)state;
    trace_close();
    (void)unlink(path);
    return setenv("JPKI_TRACE", path, 1);
}

static void without_a_name_nothing_is_opened_and_nothing_written(void **state)
{
    (void)state;
    assert_int_equal(unsetenv("JPKI_TRACE"), 0);
    assert_int_equal(trace_open("jpki-test", NULL), 0);
    assert_false(trace_is_open());
    trace_step("F1", "①", "nothing", NULL);
    assert_int_equal(setenv("JPKI_TRACE", "", 1), 0);
    assert_int_equal(trace_open("jpki-test", NULL), 0);
    assert_false(trace_is_open());
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_file_that_cannot_be_opened_is_told(void **state)
{
    struct err err = {0};
    char below[sizeof path + 16];

    (void)state;
    (void)snprintf(below, sizeof below, "%s/none/x", dir);
    assert_int_equal(setenv("JPKI_TRACE", below, 1), 0);
    assert_true(trace_open("jpki-test", &err) < 0);
    assert_non_null(strstr(err.text, below));
    assert_false(trace_is_open());
}

static void a_link_is_not_followed(void **state)
{
    char target[sizeof path + 16];

    (void)state;
    (void)snprintf(target, sizeof target, "%s/target", dir);
    assert_int_equal(symlink(target, path), 0);
    assert_true(trace_open("jpki-test", NULL) < 0);
    assert_int_not_equal(access(target, F_OK), 0);
}

static void a_step_that_is_no_json_is_not_written(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    assert_int_equal(trace_open("jpki-test", NULL), 0);
    trace_step("F1", "①", "\xff", NULL);
    assert_int_equal(file_read(path, LINES_MAX, &text, NULL), 0);
    assert_int_equal(text.len, 0);
}

static void a_step_is_a_line_that_says_who_did_what_when(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *line = NULL;
    int64_t before = monotonic_us();
    struct stat st;
    const char *value;
    int64_t number;

    (void)state;
    assert_int_equal(trace_open("jpki-test", NULL), 0);
    trace_step("F2", "③", "the platform\nchecks", "0af7");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(file_read(path, LINES_MAX, &text, NULL), 0);
    assert_ptr_equal(memchr(text.ptr, '\n', text.len), text.ptr + text.len - 1);
    assert_int_equal(json_parse(buf_bytes(&text), &line, NULL), 0);
    assert_int_equal(json_get_text(line, "program", &value, NULL), 0);
    assert_string_equal(value, "jpki-test");
    assert_int_equal(json_get_text(line, "flow", &value, NULL), 0);
    assert_string_equal(value, "F2");
    assert_int_equal(json_get_text(line, "step", &value, NULL), 0);
    assert_string_equal(value, "③");
    assert_int_equal(json_get_text(line, "text", &value, NULL), 0);
    assert_string_equal(value, "the platform\nchecks");
    assert_int_equal(json_get_text(line, "trace_id", &value, NULL), 0);
    assert_string_equal(value, "0af7");
    assert_int_equal(json_get_int(line, "pid", &number, NULL), 0);
    assert_int_equal(number, getpid());
    assert_int_equal(json_get_int(line, "at_us", &number, NULL), 0);
    assert_true(number >= before && number <= monotonic_us());
}

static void a_step_that_began_earlier_is_dated_by_when_it_began(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *line = NULL;
    int64_t at_us = monotonic_us() - 90 * 1000000LL;
    int64_t before = clock_now(&clock_system) - 90;
    int64_t number;

    (void)state;
    assert_int_equal(trace_open("jpki-test", NULL), 0);
    trace_step_at(at_us, "F2", "②", "sent", NULL);
    assert_int_equal(file_read(path, LINES_MAX, &text, NULL), 0);
    assert_int_equal(json_parse(buf_bytes(&text), &line, NULL), 0);
    assert_int_equal(json_get_int(line, "at_us", &number, NULL), 0);
    assert_int_equal(number, at_us);
    assert_int_equal(json_get_int(line, "utc", &number, NULL), 0);
    assert_in_range(number, before, before + 2);
}

static void what_was_written_before_stays(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    size_t lines = 0;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(trace_open("jpki-test", NULL), 0);
        trace_step("F1", "①", "once more", NULL);
        trace_close();
        trace_step("F1", "②", "after the end", NULL);
    }
    assert_int_equal(file_read(path, LINES_MAX, &text, NULL), 0);
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    assert_int_equal(lines, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(without_a_name_nothing_is_opened_and_nothing_written, begin),
        cmocka_unit_test_setup(a_file_that_cannot_be_opened_is_told, begin),
        cmocka_unit_test_setup(a_link_is_not_followed, begin),
        cmocka_unit_test_setup(a_step_that_is_no_json_is_not_written, begin),
        cmocka_unit_test_setup(a_step_is_a_line_that_says_who_did_what_when, begin),
        cmocka_unit_test_setup(a_step_that_began_earlier_is_dated_by_when_it_began, begin),
        cmocka_unit_test_setup(what_was_written_before_stays, begin),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
