/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/trace.h"

#include "base/file.h"
#include "sandbox/limits.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STEP(at, text)                                                                             \
    "{\"at_us\":" at ",\"utc\":9,\"program\":\"jpki-x\",\"pid\":7,\"flow\":\"F1\","                \
    "\"step\":\"①\",\"text\":\"" text "\",\"trace_id\":null}\n"

static struct tempdir top;
static struct layout layout;

static int enter(void **state)
{
    (void)state;
    top = tempdir_make();
    layout = (struct layout){.dir = top.path, .lock_fd = -1, .watch_fd = -1};
    return 0;
}

static int leave(void **state)
{
    (void)state;
    tempdir_done(&top);
    return 0;
}

static void put(const char *name, struct bytes text)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *folder = NULL;

    assert_int_equal(layout_path(&layout, "trace", &folder, NULL), 0);
    assert_int_equal(dir_make(folder, 0700, NULL), 0);
    assert_int_equal(path_format(&path, NULL, "%s/%s", folder, name), 0);
    assert_int_equal(file_replace(path, 0600, text, NULL), 0);
}

static void where_nothing_happened_there_are_no_steps(void **state)
{
    CLEANUP(json_freep) struct json *steps = NULL;

    (void)state;
    assert_int_equal(trace_read(&layout, &steps, NULL), 0);
    assert_int_equal(json_count(steps), 0);
}

static void a_line_that_no_program_of_ours_wrote_is_refused_by_its_file(void **state)
{
    static const char *const lines[] = {
        "\n",
        "{}\n",
        "nonsense\n",
        "{\"at_us\":\"1\"}\n",
        "{\"at_us\":1,\"program\":\"x\",\"more\":1}\n",
        "{\"at_us\":1,\"utc\":1,\"pid\":1,\"program\":\"x\",\"flow\":\"F1\",\"step\":\"①\"}\n",
        "{\"at_us\":1,\"pid\":1,\"program\":\"x\",\"flow\":\"F1\",\"step\":\"①\",\"text\":\"x\"}\n",
        "{\"at_us\":1,\"utc\":1,\"program\":\"x\",\"flow\":\"F1\",\"step\":\"①\",\"text\":\"x\"}\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct json *steps = NULL;
        struct err err = {0};

        put("bad.jsonl", bytes_text(lines[i]));
        assert_int_equal(trace_read(&layout, &steps, &err), -ERR_INPUT);
        assert_non_null(strstr(err.text, "bad.jsonl"));
        assert_null(steps);
    }
}

static void a_trace_at_the_limit_is_read_and_one_past_it_refused(void **state)
{
    char *text = malloc(SANDBOX_TRACE_BYTES_MAX + 1);
    struct json *steps = NULL;

    (void)state;
    assert_non_null(text);
    memset(text, ' ', SANDBOX_TRACE_BYTES_MAX + 1);
    memcpy(text, STEP("1", "a"), strlen(STEP("1", "a")));
    put("big.jsonl", bytes_of(text, SANDBOX_TRACE_BYTES_MAX + 1));
    assert_int_equal(trace_read(&layout, &steps, NULL), -ERR_INPUT);
    put("big.jsonl", bytes_of(text, SANDBOX_TRACE_BYTES_MAX));
    assert_int_equal(trace_read(&layout, &steps, NULL), 0);
    assert_int_equal(json_count(steps), 1);
    json_free(steps);
    free(text);
}

static void without_a_sandbox_there_is_no_object_of_steps(void **state)
{
    struct json *object = NULL;

    (void)state;
    put("a.jsonl", bytes_text(STEP("20", "second")));
    assert_int_equal(trace_json(&layout, &object, NULL), -ERR_ABSENT);
    assert_null(object);
}

static void steps_of_all_programs_are_in_the_order_they_happened(void **state)
{
    static const char *const expected[] = {"first", "second", "third"};
    CLEANUP(json_freep) struct json *steps = NULL;

    (void)state;
    put("a.jsonl", bytes_text(STEP("20", "second") STEP("30", "third")));
    put("b.jsonl", bytes_text(STEP("3", "first") "{\"at_us\":4,\"half a line"));
    put("c.jsonl", bytes_text(""));
    put("notes.txt", bytes_text("none of ours"));
    assert_int_equal(trace_read(&layout, &steps, NULL), 0);
    assert_int_equal(json_count(steps), 3);
    for (size_t i = 0; i < 3; i++) {
        const char *text = NULL;

        assert_int_equal(json_get_text(json_at(steps, i), "text", &text, NULL), 0);
        assert_string_equal(text, expected[i]);
    }
}

static void more_steps_than_there_was_room_for_are_all_there(void **state)
{
    CLEANUP(json_freep) struct json *steps = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    for (int i = 0; i < 200; i++)
        assert_int_equal(buf_append(&text, bytes_text(STEP("5", "again")), NULL), 0);
    put("a.jsonl", buf_bytes(&text));
    assert_int_equal(trace_read(&layout, &steps, NULL), 0);
    assert_int_equal(json_count(steps), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(where_nothing_happened_there_are_no_steps, enter, leave),
        cmocka_unit_test_setup_teardown(a_line_that_no_program_of_ours_wrote_is_refused_by_its_file,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(a_trace_at_the_limit_is_read_and_one_past_it_refused, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(without_a_sandbox_there_is_no_object_of_steps, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(steps_of_all_programs_are_in_the_order_they_happened, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(more_steps_than_there_was_room_for_are_all_there, enter,
                                        leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
