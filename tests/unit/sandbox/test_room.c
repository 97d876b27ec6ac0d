/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/room.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOT_PERMITTED = 77, PAGE = 4096 };

static char dir[] = "/tmp/openjpki-test-room-XXXXXX";

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

/* A failure whose log is that file, as it is told: the disk's, or its own as it was. */
static const char *told(const char *log_path)
{
    static struct err err;
    int rc = room_explain(log_path, FAIL(&err, ERR_REMOTE, "it ended"), &err);
    bool is_own = strcmp(err.text, "it ended") == 0;

    if (err_kind_of(rc) != err.kind || err.kind != (is_own ? ERR_REMOTE : ERR_SYSTEM) ||
        err.detail != (is_own ? 0 : ENOSPC))
        _exit(1);
    return err.text;
}

/* The log, on a small file system of which it takes so many bytes. */
static const char *log_on(const char *options, size_t bytes)
{
    static char path[sizeof dir + 8];
    static const char page[PAGE];

    if (mount("none", dir, "tmpfs", 0, options) < 0)
        _exit(NOT_PERMITTED);
    (void)snprintf(path, sizeof path, "%s/log", dir);
    CLEANUP(fd_done) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        _exit(2);
    for (size_t done = 0; done < bytes; done += PAGE)
        if (write(fd, page, PAGE) != PAGE)
            _exit(2);
    return path;
}

/* Runs it as root of a mount namespace of its own. */
static void apart(void (*act)(void))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        if ((unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
            _exit(NOT_PERMITTED);
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_PERMITTED)
        skip();
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void expect(const char *options, size_t bytes, const char *text)
{
    if (strcmp(told(log_on(options, bytes)), text) != 0)
        _exit(3);
    if (umount(dir) < 0)
        _exit(4);
}

static void fill_disks(void)
{
    const size_t spare = 2 * SANDBOX_ROOM_LOW_BYTES;

    expect("size=8m", spare - SANDBOX_ROOM_LOW_BYTES, "it ended");
    expect("size=8m", spare - SANDBOX_ROOM_LOW_BYTES + PAGE,
           "4092 KiB left on the file system of its log, a sandbox takes up to 128 MiB: it ended");
    expect("size=8m", spare,
           "0 KiB left on the file system of its log, a sandbox takes up to 128 MiB: it ended");
}

static void a_disk_without_room_is_named_with_what_is_needed(void **state)
{
    (void)state;
    assert_int_equal(SANDBOX_ROOM_LOW_BYTES, 4 << 20);
    assert_int_equal(SANDBOX_ROOM_BYTES, 128 << 20);
    apart(fill_disks);
}

static void take_all_files(void)
{
    expect("size=8m,nr_inodes=3", 0, "it ended"); /* the folder, the log, and one more */
    expect("size=8m,nr_inodes=2", 0,
           "no more files can be made on the file system of its log: it ended");
}

static void a_disk_that_takes_no_more_files_is_named(void **state)
{
    (void)state;
    apart(take_all_files);
}

static void without_a_log_nothing_is_said_of_a_disk(void **state)
{
    (void)state;
    assert_string_equal(told(NULL), "it ended");
    assert_string_equal(told("/nonexistent/log"), "it ended");
    assert_int_equal(room_explain(NULL, -ERR_REMOTE, NULL), -ERR_REMOTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_without_room_is_named_with_what_is_needed),
        cmocka_unit_test(a_disk_that_takes_no_more_files_is_named),
        cmocka_unit_test(without_a_log_nothing_is_said_of_a_disk),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
