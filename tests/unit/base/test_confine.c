/* SPDX-License-Identifier: Apache-2.0 */
/* Confinement is for ever, so each case is a child of its own. */
#include "base/confine.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOT_ENFORCED = 77 };

static char *base;
static char *shown;  /* readable directory */
static char *ours;   /* writable directory */
static char *hidden; /* neither */

static int in_child(int (*body)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(body());
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int open_under(const char *dir, const char *name, int flags)
{
    CLEANUP(free_text) char *path = NULL;
    int fd;

    if (path_format(&path, NULL, "%s/%s", dir, name) < 0)
        return -1;
    fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0 ? 0 : errno;
}

static int files(void)
{
    const struct confine_path paths[] = {
        {shown, CONFINE_READ},
        {ours, CONFINE_WRITE},
        {NULL, CONFINE_READ},
    };
    CLEANUP(free_text) char *place = NULL;
    int enforced = -1;

    if (path_format(&place, NULL, "%s/replaced", ours) < 0)
        return 1;
    if (confine_files(paths, &enforced, NULL) < 0)
        return 2;
    if (enforced == 0)
        return NOT_ENFORCED;
    if (open_under(hidden, "file", O_RDONLY) != EACCES || open_under("/etc", "passwd", 0) != EACCES)
        return 3;
    if (open_under(shown, "file", O_RDONLY) != 0 || open_under(shown, "file", O_WRONLY) != EACCES ||
        open_under(shown, "new", O_WRONLY | O_CREAT) != EACCES)
        return 4;
    if (open_under(ours, "new", O_RDWR | O_CREAT | O_EXCL) != 0)
        return 5;
    /* The way state files are written still works. */
    if (file_replace(place, 0600, BYTES_LITERAL("a"), NULL) < 0 ||
        file_replace(place, 0600, BYTES_LITERAL("b"), NULL) < 0)
        return 6;
    return execl("/bin/true", "true", (char *)NULL) < 0 && errno == EACCES ? 0 : 7;
}

static void only_the_listed_paths_can_be_opened(void **state)
{
    int rc = in_child(files);

    (void)state;
    if (rc == NOT_ENFORCED)
        skip(); /* a kernel without Landlock */
    assert_int_equal(rc, 0);
}

static void a_path_that_does_not_exist_is_an_error(void **state)
{
    const struct confine_path paths[] = {{"/nonexistent", CONFINE_READ}, {NULL, CONFINE_READ}};
    int enforced = -1;
    int rc = confine_files(paths, &enforced, NULL);

    (void)state;
    if (rc == 0)
        skip(); /* a kernel without Landlock */
    assert_int_equal(rc, -ERR_ABSENT);
    assert_int_equal(enforced, -1);
}

static int network(void)
{
    int pair[2];

    if (confine_no_network(NULL) < 0)
        return 1;
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EAFNOSUPPORT)
        return 2;
    if (socket(AF_INET6, SOCK_DGRAM, 0) >= 0 || errno != EAFNOSUPPORT)
        return 3;
    if (socket(AF_NETLINK, SOCK_RAW, 0) >= 0 || errno != EAFNOSUPPORT)
        return 4;
    if (syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno != ENOSYS)
        return 5;
    if (socket(AF_UNIX, SOCK_STREAM, 0) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        return 6;
    return 0;
}

static void only_unix_sockets_can_be_made(void **state)
{
    (void)state;
    assert_int_equal(in_child(network), 0);
}

static int set_up(void **state)
{
    static char dir[] = "/tmp/jpki-test-confine-XXXXXX";

    (void)state;
    base = mkdtemp(dir);
    if (base == NULL || path_format(&shown, NULL, "%s/shown", base) < 0 ||
        path_format(&ours, NULL, "%s/ours", base) < 0 ||
        path_format(&hidden, NULL, "%s/hidden", base) < 0)
        return -1;
    if (mkdir(shown, 0700) < 0 || mkdir(ours, 0700) < 0 || mkdir(hidden, 0700) < 0)
        return -1;
    return open_under(shown, "file", O_RDWR | O_CREAT) |
           open_under(hidden, "file", O_RDWR | O_CREAT);
}

static int tear_down(void **state)
{
    static const char *const names[] = {"shown/file", "hidden/file",   "hidden/others",
                                        "ours/new",   "ours/replaced", "shown",
                                        "hidden",     "ours",          "."};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CLEANUP(free_text) char *path = NULL;

        if (path_format(&path, NULL, "%s/%s", base, names[i]) == 0)
            (void)remove(path);
    }
    (void)rmdir(base);
    free_text(&shown);
    free_text(&ours);
    free_text(&hidden);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_listed_paths_can_be_opened),
        cmocka_unit_test(a_path_that_does_not_exist_is_an_error),
        cmocka_unit_test(only_unix_sockets_can_be_made),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
