/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/openjpki-test-file-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL || chdir(dir) < 0 ? -1 : 0;
}

static int leave(void **state)
{
    (void)state;
    (void)unlink("a");
    (void)unlink("fifo");
    (void)rmdir("d");
    return chdir("/") < 0 || rmdir(dir) < 0 ? -1 : 0;
}

static size_t entries(void)
{
    DIR *all = opendir(".");
    size_t count = 0;

    assert_non_null(all);
    for (struct dirent *entry = readdir(all); entry != NULL; entry = readdir(all))
        count++;
    (void)closedir(all);
    return count - 2;
}

static void assert_holds(const char *path, const char *text)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;

    assert_int_equal(file_read(path, 4096, &data, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&data), bytes_text(text)));
}

static void a_missing_file_a_directory_and_a_pipe_are_not_read(void **state)
{
    struct buf data = BUF_INIT;

    (void)state;
    assert_int_equal(file_read("none", 10, &data, NULL), -ERR_ABSENT);
    assert_int_equal(file_read("/dev/null/none", 10, &data, NULL), -ERR_ABSENT);
    assert_int_equal(file_read(".", 10, &data, NULL), -ERR_INPUT);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(file_read("fifo", 10, &data, NULL), -ERR_INPUT);
    assert_null(data.ptr);
}

static void the_limit_is_inclusive(void **state)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;

    (void)state;
    assert_int_equal(file_replace("a", 0600, BYTES_LITERAL("12345"), NULL), 0);
    assert_int_equal(file_read("a", 4, &data, NULL), -ERR_INPUT);
    assert_null(data.ptr);
    assert_int_equal(file_read("a", 5, &data, NULL), 0);
    assert_int_equal(data.len, 5);
}

static void replacing_sets_the_mode_and_leaves_nothing_beside(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(file_replace("a", 0644, BYTES_LITERAL("old"), NULL), 0);
    assert_int_equal(file_replace("a", 0600, BYTES_LITERAL("new"), NULL), 0);
    assert_holds("a", "new");
    assert_int_equal(stat("a", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    (void)unlink("fifo");
    assert_int_equal(entries(), 1);
}

static void creating_never_overwrites(void **state)
{
    (void)state;
    assert_int_equal(file_replace("a", 0600, BYTES_LITERAL("first"), NULL), 0);
    assert_int_equal(file_create("a", 0600, BYTES_LITERAL("second"), NULL), -ERR_CONFLICT);
    assert_holds("a", "first");
    assert_int_equal(unlink("a"), 0);
    assert_int_equal(file_create("a", 0600, BYTES_LITERAL("second"), NULL), 0);
    assert_holds("a", "second");
    assert_int_equal(entries(), 1);
}

static void what_is_no_file_is_never_replaced(void **state)
{
    struct stat st;

    (void)state;
    (void)unlink("fifo");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(file_replace("fifo", 0600, BYTES_LITERAL("x"), NULL), -ERR_INPUT);
    assert_int_equal(lstat("fifo", &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(unlink("fifo"), 0);
    assert_int_equal(mkdir("d", 0700), 0);
    assert_int_equal(file_replace("d", 0600, BYTES_LITERAL("x"), NULL), -ERR_INPUT);
    assert_int_equal(file_may_replace("d", NULL), -ERR_INPUT);
    assert_int_equal(file_create("draft", 0600, BYTES_LITERAL("x"), NULL), 0);
    assert_int_equal(file_replace_by("d", "draft", NULL), -ERR_INPUT);
    assert_int_equal(unlink("draft"), 0);
    assert_int_equal(rmdir("d"), 0);
}

static void a_draft_takes_the_place_of_a_file(void **state)
{
    CLEANUP(buf_done) struct buf contents = BUF_INIT;

    (void)state;
    assert_int_equal(file_replace("a", 0600, BYTES_LITERAL("old"), NULL), 0);
    assert_int_equal(file_may_replace("a", NULL), 0);
    assert_int_equal(file_replace_by("a", "draft", NULL), -ERR_SYSTEM); /* there is none */
    assert_int_equal(file_create("draft", 0600, BYTES_LITERAL("new"), NULL), 0);
    assert_int_equal(file_replace_by("a", "draft", NULL), 0);
    assert_int_equal(access("draft", F_OK), -1);
    assert_int_equal(file_read("a", 10, &contents, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&contents), BYTES_LITERAL("new")));
    assert_int_equal(unlink("a"), 0);
}

/* A file size limit fails the write in the middle, as a full disk does. */
static void a_write_that_fails_keeps_the_old_file(void **state)
{
    static uint8_t large[100000];
    pid_t child;
    int status;

    (void)state;
    assert_int_equal(file_replace("a", 0600, BYTES_LITERAL("old"), NULL), 0);
    child = fork();
    if (child == 0) {
        struct rlimit small = {1000, 1000};

        (void)signal(SIGXFSZ, SIG_IGN);
        (void)setrlimit(RLIMIT_FSIZE, &small);
        _exit(file_replace("a", 0600, BYTES_ARRAY(large), NULL) == -ERR_SYSTEM ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_holds("a", "old");
    assert_int_equal(entries(), 1);
}

static void a_directory_is_made_once_and_never_in_place_of_a_file(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(dir_make("d", 0700, NULL), 0);
    assert_int_equal(dir_make("d", 0750, NULL), 0);
    assert_int_equal(stat("d", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0750);
    assert_int_equal(file_replace("a", 0600, BYTES_LITERAL("x"), NULL), 0);
    assert_int_equal(dir_make("a", 0700, NULL), -ERR_CONFLICT);
    assert_holds("a", "x");
}

static void the_folder_of_a_file_is_absolute_and_without_links(void **state)
{
    CLEANUP(free_text) char *folder = NULL;

    (void)state;
    assert_int_equal(path_folder("missing", &folder, NULL), -ERR_SYSTEM);
    assert_null(folder);
    assert_int_equal(path_folder("/proc", &folder, NULL), 0);
    assert_string_equal(folder, "/");
    free_text(&folder);
    folder = NULL;
    assert_int_equal(file_replace("a", 0600, BYTES_LITERAL("x"), NULL), 0);
    assert_int_equal(path_folder("a", &folder, NULL), 0);
    assert_string_equal(folder, dir);
}

static void a_file_without_a_name_is_in_no_folder(void **state)
{
    CLEANUP(fd_done) int fd = -1;
    CLEANUP(buf_done) struct buf got = BUF_INIT;

    (void)state;
    assert_int_equal(file_scratch("nowhere", &fd, NULL), -ERR_SYSTEM);
    assert_int_equal(fd, -1);
    assert_int_equal(mkdir("scratch", 0700), 0);
    assert_int_equal(file_scratch("scratch", &fd, NULL), 0);
    assert_int_equal(file_write_all(fd, BYTES_LITERAL("first and longer"), NULL), 0);
    assert_int_equal(file_empty(fd, NULL), 0);
    assert_int_equal(file_write_all(fd, BYTES_LITERAL("second"), NULL), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(file_read_fd(fd, 100, &got, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&got), BYTES_LITERAL("second")));
    assert_int_equal(rmdir("scratch"), 0); /* it is empty */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_a_directory_and_a_pipe_are_not_read),
        cmocka_unit_test(the_limit_is_inclusive),
        cmocka_unit_test(replacing_sets_the_mode_and_leaves_nothing_beside),
        cmocka_unit_test(creating_never_overwrites),
        cmocka_unit_test(what_is_no_file_is_never_replaced),
        cmocka_unit_test(a_draft_takes_the_place_of_a_file),
        cmocka_unit_test(a_file_without_a_name_is_in_no_folder),
        cmocka_unit_test(a_write_that_fails_keeps_the_old_file),
        cmocka_unit_test(a_directory_is_made_once_and_never_in_place_of_a_file),
        cmocka_unit_test(the_folder_of_a_file_is_absolute_and_without_links),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
