/* SPDX-License-Identifier: Apache-2.0 */
#include "support/child.h"

#include "base/file.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOON_MS = 300, LATE_MS = 20000, MUCH = 300000 };

static void a_program_that_is_not_there_is_127(void **state)
{
    const char *const argv[] = {"./no-such-program", NULL};
    CLEANUP(child_result_done)
    struct child_result result = child_run(argv, bytes_text(""), LATE_MS);

    (void)state;
    assert_int_equal(result.exit_code, 127);
}

static void a_child_that_hangs_is_killed_with_what_it_started(void **state)
{
    const char *const argv[] = {"sh", "-c", "echo here; sleep 60 & wait", NULL};
    CLEANUP(child_result_done)
    struct child_result result = child_run(argv, bytes_text(""), SOON_MS);

    (void)state;
    assert_true(result.timed_out);
    assert_int_equal(result.exit_code, 128 + 9);
    assert_true(bytes_equal(buf_bytes(&result.out), bytes_text("here\n")));
}

static void both_outputs_and_the_exit_code_are_caught(void **state)
{
    const char *const argv[] = {"sh", "-c", "echo out; echo err >&2; exit 7", NULL};
    CLEANUP(child_result_done)
    struct child_result result = child_run(argv, bytes_text(""), LATE_MS);

    (void)state;
    assert_int_equal(result.exit_code, 7);
    assert_false(result.timed_out);
    assert_true(bytes_equal(buf_bytes(&result.out), bytes_text("out\n")));
    assert_true(bytes_equal(buf_bytes(&result.err), bytes_text("err\n")));
}

static void more_than_a_pipe_holds_goes_through_both_ways(void **state)
{
    const char *const argv[] = {"cat", NULL};
    CLEANUP(buf_done) struct buf much = BUF_INIT;

    (void)state;
    for (int i = 0; i < MUCH; i++)
        assert_int_equal(buf_append_byte(&much, (uint8_t)i, NULL), 0);
    {
        CLEANUP(child_result_done)
        struct child_result result = child_run(argv, buf_bytes(&much), LATE_MS);

        assert_int_equal(result.exit_code, 0);
        assert_true(bytes_equal(buf_bytes(&result.out), buf_bytes(&much)));
    }
}

static void a_directory_goes_with_everything_in_it(void **state)
{
    struct tempdir dir = tempdir_make();
    char inner[TEMPDIR_FILE_SIZE], path[TEMPDIR_FILE_SIZE], kept[TEMPDIR_PATH_SIZE];

    (void)state;
    (void)snprintf(kept, sizeof kept, "%s", dir.path);
    assert_int_equal(mkdir(tempdir_file(&dir, "inner", inner), 0700), 0);
    assert_int_equal(
        file_create(tempdir_file(&dir, "inner/file", path), 0600, bytes_text("x"), NULL), 0);
    tempdir_done(&dir);
    assert_int_equal(access(kept, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_that_is_not_there_is_127),
        cmocka_unit_test(a_child_that_hangs_is_killed_with_what_it_started),
        cmocka_unit_test(both_outputs_and_the_exit_code_are_caught),
        cmocka_unit_test(more_than_a_pipe_holds_goes_through_both_ways),
        cmocka_unit_test(a_directory_goes_with_everything_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
