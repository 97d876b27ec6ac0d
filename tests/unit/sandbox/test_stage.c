/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/stage.h"

#include "base/file.h"
#include "sandbox/limits.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *in(const struct tempdir *dir, const char *name)
{
    static char path[TEMPDIR_FILE_SIZE];

    return tempdir_file(dir, name, path);
}

static void make_dir(const struct tempdir *dir, const char *name, mode_t mode)
{
    assert_int_equal(mkdir(in(dir, name), 0700), 0);
    assert_int_equal(chmod(in(dir, name), mode), 0);
}

static void put(const struct tempdir *dir, const char *name, mode_t mode)
{
    assert_int_equal(file_create(in(dir, name), mode, bytes_text(name), NULL), 0);
}

static bool is_open(const struct tempdir *dir, const char *name)
{
    bool open = false;

    assert_int_equal(stage_is_open(in(dir, name), &open, NULL), 0);
    return open;
}

/* An installation like ours below DIR/home, with room for the copies in DIR/programs. */
static struct tempdir installation(void)
{
    struct tempdir dir = tempdir_make();

    make_dir(&dir, "home", 0755);
    make_dir(&dir, "home/bin", 0755);
    make_dir(&dir, "home/share", 0755);
    make_dir(&dir, "home/share/openjpki", 0755);
    make_dir(&dir, "home/share/openjpki/start", 0755);
    make_dir(&dir, "home/share/openjpki/console", 0755);
    make_dir(&dir, "home/share/openjpki/portal", 0755);
    make_dir(&dir, "programs", 0750);
    return dir;
}

static int copy(const struct tempdir *dir)
{
    char bin[TEMPDIR_FILE_SIZE], programs[TEMPDIR_FILE_SIZE];

    return stage_copy(tempdir_file(dir, "home/bin", bin), tempdir_file(dir, "programs", programs),
                      NULL);
}

static mode_t mode_of(const struct tempdir *dir, const char *name)
{
    struct stat st;

    return stat(in(dir, name), &st) < 0 ? 0 : st.st_mode & 07777;
}

static void one_closed_directory_on_the_way_is_enough(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = installation();

    (void)state;
    assert_int_equal(chmod(dir.path, 0755), 0);
    assert_true(is_open(&dir, "home/bin"));
    assert_int_equal(chmod(in(&dir, "home"), 0750), 0);
    assert_false(is_open(&dir, "home/bin"));
    assert_int_equal(chmod(in(&dir, "home"), 0711), 0);
    assert_true(is_open(&dir, "home/bin"));
    assert_int_equal(chmod(dir.path, 0700), 0);
    assert_false(is_open(&dir, "home/bin"));
}

static void a_directory_that_is_not_there_is_a_failure(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = installation();
    bool open = true;

    (void)state;
    assert_int_equal(stage_is_open(in(&dir, "home/none"), &open, NULL), -ERR_SYSTEM);
    assert_true(open);
}

static void programs_and_their_data_are_copied_and_nothing_else(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = installation();

    (void)state;
    put(&dir, "home/bin/jpki-one", 0700);
    put(&dir, "home/bin/other", 0700);
    make_dir(&dir, "home/bin/jpki-one.p", 0755);
    put(&dir, "home/share/openjpki/list.tsv", 0600);
    put(&dir, "home/share/openjpki/start/index.html", 0600);
    put(&dir, "home/share/openjpki/console/index.html", 0600);
    put(&dir, "home/share/openjpki/portal/portal.js", 0600);
    make_dir(&dir, "home/share/openjpki/later", 0700);
    make_dir(&dir, "home/share/openjpki/later/deep", 0700);
    put(&dir, "home/share/openjpki/later/deep/table.tsv", 0600);
    assert_int_equal(copy(&dir), 0);
    assert_int_equal(mode_of(&dir, "programs/bin"), 0755);
    assert_int_equal(mode_of(&dir, "programs/bin/jpki-one"), 0755);
    assert_int_equal(mode_of(&dir, "programs/share/openjpki/list.tsv"), 0644);
    assert_int_equal(mode_of(&dir, "programs/share/openjpki/start/index.html"), 0644);
    assert_int_equal(mode_of(&dir, "programs/share/openjpki/console/index.html"), 0644);
    assert_int_equal(mode_of(&dir, "programs/share/openjpki/portal/portal.js"), 0644);
    assert_int_equal(mode_of(&dir, "programs/share/openjpki/later/deep"), 0755);
    assert_int_equal(mode_of(&dir, "programs/share/openjpki/later/deep/table.tsv"), 0644);
    assert_int_equal(mode_of(&dir, "programs/bin/other"), 0);
    assert_int_equal(mode_of(&dir, "programs/bin/jpki-one.p"), 0);
}

static void folders_may_have_the_depth_of_the_limit_and_no_further_one(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = installation();
    char name[64] = "home/share/openjpki";

    (void)state;
    for (int i = 0; i < 8; i++) {
        (void)strcat(name, "/d");
        make_dir(&dir, name, 0755);
    }
    assert_int_equal(copy(&dir), 0);
    (void)strcat(name, "/d");
    make_dir(&dir, name, 0755);
    assert_int_equal(copy(&dir), -ERR_INPUT);
}

static void a_second_copy_replaces_the_first(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = installation();
    CLEANUP(buf_done) struct buf got = BUF_INIT;

    (void)state;
    put(&dir, "home/bin/jpki-one", 0700);
    assert_int_equal(copy(&dir), 0);
    assert_int_equal(file_replace(in(&dir, "home/bin/jpki-one"), 0700, bytes_text("new"), NULL), 0);
    assert_int_equal(copy(&dir), 0);
    assert_int_equal(file_read(in(&dir, "programs/bin/jpki-one"), 16, &got, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&got), bytes_text("new")));
}

static void a_program_may_have_the_limit_and_no_byte_more(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = installation();

    (void)state;
    put(&dir, "home/bin/jpki-one", 0700);
    assert_int_equal(truncate(in(&dir, "home/bin/jpki-one"), SANDBOX_PROGRAM_BYTES_MAX + 1), 0);
    assert_int_equal(copy(&dir), -ERR_INPUT);
    assert_int_equal(mode_of(&dir, "programs/bin/jpki-one"), 0);
    assert_int_equal(truncate(in(&dir, "home/bin/jpki-one"), SANDBOX_PROGRAM_BYTES_MAX), 0);
    assert_int_equal(copy(&dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_closed_directory_on_the_way_is_enough),
        cmocka_unit_test(a_directory_that_is_not_there_is_a_failure),
        cmocka_unit_test(programs_and_their_data_are_copied_and_nothing_else),
        cmocka_unit_test(folders_may_have_the_depth_of_the_limit_and_no_further_one),
        cmocka_unit_test(a_second_copy_replaces_the_first),
        cmocka_unit_test(a_program_may_have_the_limit_and_no_byte_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
