/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/clock_file.h"

#include "base/file.h"
#include "sandbox/clock_map.h"
#include "sandbox/limits.h"
#include "sandbox/process.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MACHINE = 1790000000 }; /* 2026-09-21T14:13:20Z */

static struct tempdir dir;
static struct layout layout = LAYOUT_INIT;
static char path[TEMPDIR_FILE_SIZE];

static int enter(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "clock", path);
    assert_int_equal(layout_init(dir.path, &layout, NULL), 0);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    assert_int_equal(unsetenv(SANDBOX_CLOCK_VARIABLE), 0);
    layout_done(&layout);
    tempdir_done(&dir);
    return 0;
}

static int64_t offset(void)
{
    int64_t offset_s = -1;

    assert_int_equal(clock_file_read(&layout, &offset_s, NULL), 0);
    return offset_s;
}

static int move(bool is_shift, int64_t by_or_to, struct err *err)
{
    const struct clock machine = clock_fixed(MACHINE);
    const struct clock_move wish = {is_shift, by_or_to};
    int64_t offset_s = -7;
    int rc = clock_file_move(&layout, &machine, &wish, &offset_s, err);

    assert_int_equal(offset_s, rc < 0 ? -7 : offset());
    return rc;
}

static void before_the_first_start_there_is_no_clock(void **state)
{
    const struct clock machine = clock_fixed(MACHINE);
    const struct clock_move wish = {true, 1};
    int64_t got = 77;

    (void)state;
    assert_int_equal(clock_file_read(&layout, &got, NULL), -ERR_ABSENT);
    assert_int_equal(clock_file_move(&layout, &machine, &wish, &got, NULL), -ERR_ABSENT);
    assert_int_equal(got, 77);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_damaged_clock_is_neither_read_nor_moved_nor_replaced(void **state)
{
    CLEANUP(buf_done) struct buf left = BUF_INIT;
    const struct clock machine = clock_fixed(MACHINE);
    const struct clock_move wish = {true, 1};
    struct err err = {0};
    int64_t got = 77;

    (void)state;
    assert_int_equal(file_create(path, 0600, bytes_text("not a clock at all, no!!"), NULL), 0);
    assert_int_equal(clock_file_read(&layout, &got, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(clock_file_move(&layout, &machine, &wish, &got, NULL), -ERR_INPUT);
    assert_int_equal(clock_file_provide(&layout, NULL), -ERR_INPUT);
    assert_null(getenv(SANDBOX_CLOCK_VARIABLE));
    assert_int_equal(got, 77);
    assert_int_equal(file_read(path, 100, &left, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&left), bytes_text("not a clock at all, no!!")));
}

static void a_move_backward_is_refused_with_the_reason(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(clock_file_provide(&layout, NULL), 0);
    assert_int_equal(move(false, MACHINE - 1, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "only goes forward"));
    assert_non_null(strstr(err.text, "2026-09-21T23:13:20+09:00"));
    assert_int_equal(offset(), 0);
    assert_int_equal(move(true, 86400, NULL), 0);
    /* Later than the machine's, earlier than the sandbox's. */
    assert_int_equal(move(false, MACHINE + 86399, NULL), -ERR_INPUT);
    assert_int_equal(move(true, -1, NULL), -ERR_INPUT);
    assert_int_equal(offset(), 86400);
    assert_int_equal(move(false, MACHINE + 86400, NULL), 0);
    assert_int_equal(offset(), 86400);
}

static void a_move_goes_as_far_as_2099_and_no_second_farther(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(clock_file_provide(&layout, NULL), 0);
    assert_int_equal(move(false, SANDBOX_CLOCK_LATEST_MAX + 1, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "2100-01-01T08:59:59+09:00"));
    assert_int_equal(move(true, SANDBOX_CLOCK_LATEST_MAX - MACHINE + 1, NULL), -ERR_INPUT);
    assert_int_equal(move(true, SANDBOX_CLOCK_LATEST_MAX, NULL), -ERR_INPUT);
    assert_int_equal(offset(), 0);
    assert_int_equal(move(false, SANDBOX_CLOCK_LATEST_MAX, NULL), 0);
    assert_int_equal(offset(), SANDBOX_CLOCK_LATEST_MAX - MACHINE);
    assert_int_equal(move(true, 1, NULL), -ERR_INPUT);
}

static void shifts_add_up_and_a_set_time_is_reached(void **state)
{
    (void)state;
    assert_int_equal(clock_file_provide(&layout, NULL), 0);
    assert_int_equal(move(true, 86400, NULL), 0);
    assert_int_equal(move(true, 90, NULL), 0);
    assert_int_equal(offset(), 86490);
    assert_int_equal(move(false, MACHINE + 1000000, NULL), 0);
    assert_int_equal(offset(), 1000000);
}

static void a_restart_finds_the_clock_as_it_was(void **state)
{
    (void)state;
    assert_int_equal(clock_file_provide(&layout, NULL), 0);
    assert_int_equal(move(true, 86400, NULL), 0);
    assert_int_equal(clock_file_provide(&layout, NULL), 0);
    assert_int_equal(offset(), 86400);
    assert_string_equal(getenv(SANDBOX_CLOCK_VARIABLE), path);
}

static void the_page_writes_it_and_the_programs_group_reads_it(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(clock_file_provide(&layout, NULL), 0);
    /* What a kill in the middle may have left is put right. */
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(clock_file_provide(&layout, NULL), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(st.st_uid, identity_uid(IDENTITY_PAGE));
    assert_int_equal(st.st_gid, identity_group());
}

static void movers_at_the_same_time_wait_for_each_other(void **state)
{
    enum { MOVERS = 8, TIMES = 50 };
    pid_t pids[MOVERS];

    (void)state;
    assert_int_equal(clock_file_provide(&layout, NULL), 0);
    for (int i = 0; i < MOVERS; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        for (int j = 0; j < TIMES; j++) {
            const struct clock machine = clock_fixed(MACHINE);
            const struct clock_move wish = {true, 1};
            int64_t got;

            if (clock_file_move(&layout, &machine, &wish, &got, NULL) < 0)
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0; i < MOVERS; i++) {
        int status = -1;

        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(offset(), MOVERS * TIMES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(before_the_first_start_there_is_no_clock, enter, leave),
        cmocka_unit_test_setup_teardown(a_damaged_clock_is_neither_read_nor_moved_nor_replaced,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(a_move_backward_is_refused_with_the_reason, enter, leave),
        cmocka_unit_test_setup_teardown(a_move_goes_as_far_as_2099_and_no_second_farther, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(shifts_add_up_and_a_set_time_is_reached, enter, leave),
        cmocka_unit_test_setup_teardown(a_restart_finds_the_clock_as_it_was, enter, leave),
        cmocka_unit_test_setup_teardown(the_page_writes_it_and_the_programs_group_reads_it, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(movers_at_the_same_time_wait_for_each_other, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
