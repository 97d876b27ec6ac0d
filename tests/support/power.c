/* SPDX-License-Identifier: Apache-2.0 */
#include "support/power.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ORDER_MAX = 80, REPORT_MAX = 80 + POWER_UNSYNCED_SIZE };

static bool write_map(const char *path, unsigned inside, unsigned outside)
{
    char text[40];
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int len = snprintf(text, sizeof text, "%u %u 1", inside, outside);
    bool is_written = fd >= 0 && write(fd, text, (size_t)len) == len;

    if (fd >= 0)
        (void)close(fd);
    return is_written;
}

/* Somebody else than root may mount in a user namespace of their own. */
static bool become_root(void)
{
    unsigned uid = geteuid();
    unsigned gid = getegid();
    int fd;

    if (uid == 0)
        return unshare(CLONE_NEWNS) == 0;
    if (unshare(CLONE_NEWNS | CLONE_NEWUSER) < 0)
        return false;
    fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "deny", 4) != 4 || close(fd) < 0)
        return false;
    return write_map("/proc/self/uid_map", 0, uid) && write_map("/proc/self/gid_map", 0, gid);
}

const char *power_prepare(void)
{
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return "/dev/fuse cannot be opened here";
    (void)close(fd);
    if (!become_root() || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return "no mount namespaces here";
    return NULL;
}

static void wait_until_ready(const struct power *power)
{
    char text[16] = "";

    if (read(power->said, text, sizeof text - 1) <= 0 || strcmp(text, "ready\n") != 0)
        fail_msg("powercut did not start");
}

void power_start(struct power *ret)
{
    const char *program = getenv("JPKI_TEST_POWERCUT");
    int out[2];

    assert_non_null(program);
    ret->dir = tempdir_make();
    assert_int_equal(mkdir(tempdir_file(&ret->dir, "platter", ret->platter), 0700), 0);
    assert_int_equal(mkdir(tempdir_file(&ret->dir, "mount", ret->mount), 0700), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    ret->pid = fork();
    assert_true(ret->pid >= 0);
    if (ret->pid == 0) {
        (void)dup2(out[1], STDOUT_FILENO);
        (void)execl(program, program, ret->platter, ret->mount, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(close(out[1]), 0);
    ret->said = out[0];
    wait_until_ready(ret);
}

void power_stop(struct power *power)
{
    int status;

    assert_int_equal(kill(power->pid, SIGTERM), 0);
    assert_int_equal(waitpid(power->pid, &status, 0), power->pid);
    assert_int_equal(status, 0);
    assert_int_equal(close(power->said), 0);
    tempdir_done(&power->dir);
}

static int remove_file(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)walk;
    return kind == FTW_F ? remove(path) : 0;
}

void power_clear(const struct power *power)
{
    assert_int_equal(nftw(power->platter, remove_file, 4, FTW_PHYS), 0);
}

/* Not by file_replace: nobody cuts the power of the host, and syncs take long. */
void power_put(const struct power *power, const char *name, struct bytes contents)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(fd_done) int fd = -1;

    assert_int_equal(path_format(&path, NULL, "%s/%s", power->platter, name), 0);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_int_equal(file_write_all(fd, contents, NULL), 0);
}

static int open_control(const struct power *power, int flags)
{
    CLEANUP(free_text) char *path = NULL;
    int fd;

    assert_int_equal(path_format(&path, NULL, "%s/.powercut", power->mount), 0);
    fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        fail_msg("%s: errno %d", path, errno);
    return fd;
}

void power_order(const struct power *power, const char *fmt, ...)
{
    CLEANUP(fd_done) int fd = open_control(power, O_WRONLY);
    char order[ORDER_MAX];
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(order, sizeof order, fmt, args);
    va_end(args);
    if (write(fd, order, (size_t)len) != len)
        fail_msg("\"%s\": errno %d", order, errno);
}

struct power_report power_report(const struct power *power)
{
    CLEANUP(fd_done) int fd = open_control(power, O_RDONLY);
    struct power_report report;
    char text[REPORT_MAX] = "";
    char state[4] = "";
    int at = 0;

    if (read(fd, text, sizeof text - 1) <= 0 ||
        sscanf(text, "operations %u power %3s pending %u unsynced%n", &report.operations, state,
               &report.pending, &at) != 3 ||
        at == 0)
        fail_msg("powercut reports \"%s\"", text);
    report.is_off = strcmp(state, "off") == 0;
    text[strcspn(text + at, "\n") + (size_t)at] = 0;
    (void)snprintf(report.unsynced, sizeof report.unsynced, "%s", text + at);
    return report;
}
