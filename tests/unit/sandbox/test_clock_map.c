/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/clock_map.h"

#include "base/file.h"
#include "sandbox/limits.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];

static int enter(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "clock", path);
    assert_int_equal(setenv(SANDBOX_CLOCK_VARIABLE, path, 1), 0);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    assert_int_equal(unsetenv(SANDBOX_CLOCK_VARIABLE), 0);
    tempdir_done(&dir);
    return 0;
}

static void put(const void *contents, size_t len)
{
    assert_int_equal(file_replace(path, 0600, bytes_of(contents, len), NULL), 0);
}

/* What opening the clock says, which has to name the file. */
static int try_open(void)
{
    const struct clock *clock = NULL;
    struct err err = {0};
    int rc = sandbox_clock_open(&clock, &err);

    if (rc < 0) {
        assert_null(clock);
        assert_non_null(strstr(err.text, path));
    }
    return rc;
}

static void without_a_name_there_is_no_clock(void **state)
{
    const struct clock *clock = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(unsetenv(SANDBOX_CLOCK_VARIABLE), 0);
    assert_int_equal(sandbox_clock_open(&clock, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, SANDBOX_CLOCK_VARIABLE));
    assert_null(clock);
}

static void without_a_file_there_is_no_clock(void **state)
{
    (void)state;
    assert_int_equal(try_open(), -ERR_INPUT);
}

static void what_is_no_regular_file_is_refused(void **state)
{
    char target[TEMPDIR_FILE_SIZE];
    const struct clock_page page = clock_page_init();

    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(try_open(), -ERR_INPUT);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(try_open(), -ERR_INPUT);
    assert_int_equal(unlink(path), 0);
    put(&page, sizeof page);
    assert_int_equal(rename(path, tempdir_file(&dir, "target", target)), 0);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(try_open(), -ERR_INPUT);
}

static void a_malformed_page_is_refused(void **state)
{
    const struct clock_page good = clock_page_init();
    struct clock_page bad[5];

    (void)state;
    for (size_t i = 0; i < 5; i++)
        bad[i] = good;
    bad[0].magic[7] = 'e';
    bad[1].zero = 1;
    bad[2].offset_s = -1;
    bad[3].offset_s = SANDBOX_CLOCK_LATEST_MAX + 1;
    bad[4].version = CLOCK_PAGE_VERSION + 1;
    for (size_t i = 0; i < 5; i++) {
        put(&bad[i], sizeof bad[i]);
        assert_int_equal(try_open(), i == 4 ? -ERR_CONFLICT : -ERR_INPUT);
    }
}

static void a_file_of_another_size_is_refused(void **state)
{
    struct {
        struct clock_page page;
        char more;
    } bytes = {clock_page_init(), 'x'};

    (void)state;
    put("", 0);
    assert_int_equal(try_open(), -ERR_INPUT);
    put(&bytes, sizeof bytes.page - 1);
    assert_int_equal(try_open(), -ERR_INPUT);
    put(&bytes, sizeof bytes.page + 1);
    assert_int_equal(try_open(), -ERR_INPUT);
    put(&bytes, sizeof bytes.page);
    assert_int_equal(try_open(), 0);
}

static void a_process_whose_time_is_shifted_already_is_refused(void **state)
{
    const struct clock_page page = clock_page_init();
    const struct clock *clock = NULL;
    struct err err = {0};

    (void)state;
    put(&page, sizeof page);
    assert_int_equal(setenv("FAKETIME", "+1", 1), 0);
    int rc = sandbox_clock_open(&clock, &err);
    assert_int_equal(unsetenv("FAKETIME"), 0);
    assert_int_equal(rc, -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "FAKETIME"));
    assert_null(clock);
}

/* Time itself goes on between two looks at it. */
static void assert_shows(const struct clock *clock, int64_t offset_s)
{
    int64_t before = clock_now(&clock_system);
    int64_t shown = clock_now(clock);

    assert_in_range(shown, before + offset_s, clock_now(&clock_system) + offset_s);
}

static void a_move_is_seen_at_once_through_the_mapping(void **state)
{
    CLEANUP(fd_done) int fd = -1;
    struct clock_page page = clock_page_init();
    struct clock_page *writable = NULL;
    const struct clock *clock = NULL;

    (void)state;
    page.offset_s = 5;
    put(&page, sizeof page);
    assert_int_equal(sandbox_clock_open(&clock, NULL), 0);
    assert_shows(clock, 5);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(clock_page_map(fd, true, &writable, NULL), 0);
    clock_page_move(writable, 86400);
    assert_shows(clock, 86400);
    /* Also when nobody could open the file any more. */
    assert_int_equal(unlink(path), 0);
    clock_page_move(writable, 2 * 86400);
    assert_shows(clock, 2 * 86400);
    assert_int_equal(munmap(writable, sizeof *writable), 0);
}

static void the_farthest_offset_is_a_good_one(void **state)
{
    struct clock_page page = clock_page_init();

    (void)state;
    page.offset_s = SANDBOX_CLOCK_LATEST_MAX;
    assert_int_equal(clock_page_check(&page, NULL), 0);
    put(&page, sizeof page);
    assert_int_equal(try_open(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_name_there_is_no_clock, enter, leave),
        cmocka_unit_test_setup_teardown(without_a_file_there_is_no_clock, enter, leave),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(a_malformed_page_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(a_file_of_another_size_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(a_process_whose_time_is_shifted_already_is_refused, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(a_move_is_seen_at_once_through_the_mapping, enter, leave),
        cmocka_unit_test_setup_teardown(the_farthest_offset_is_a_good_one, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
