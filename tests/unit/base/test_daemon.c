/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be undone is done in a child. */
#include "base/daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* 0 if body() returned 0 in a child of its own. */
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

static int harden(void)
{
    struct rlimit core;

    if (daemon_harden(NULL) < 0)
        return 1;
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        return 2;
    if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_cur != 0 || core.rlim_max != 0)
        return 3;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return 4;
    if (umask(0) != 077)
        return 5;
    if (signal(SIGPIPE, SIG_DFL) != SIG_IGN)
        return 6;
    return 0;
}

static void a_hardened_process_leaves_nothing_behind(void **state)
{
    (void)state;
    assert_int_equal(in_child(harden), 0);
}

static int signals(void)
{
    static const struct {
        int number;
        enum daemon_signal meaning;
    } rows[] = {{SIGTERM, DAEMON_STOP}, {SIGINT, DAEMON_STOP}, {SIGHUP, DAEMON_RELOAD}};
    struct pollfd quiet = {.events = POLLIN};

    if (daemon_signals(&quiet.fd, NULL) < 0 || poll(&quiet, 1, 0) != 0)
        return 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum daemon_signal got;

        if (kill(getpid(), rows[i].number) < 0 || poll(&quiet, 1, 1000) != 1)
            return 2;
        if (daemon_wait(quiet.fd, &got, NULL) < 0 || got != rows[i].meaning)
            return 3;
    }
    return 0;
}

static void signals_arrive_as_data(void **state)
{
    (void)state;
    assert_int_equal(in_child(signals), 0);
}

static int lock_within_a_small_limit(void)
{
    const struct rlimit small = {65536, 65536};

    if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
        return 1;
    if (setrlimit(RLIMIT_MEMLOCK, &small) < 0)
        return 2;
    return daemon_lock_memory() ? 3 : 0;
}

static void memory_is_not_half_locked_under_a_small_limit(void **state)
{
    (void)state;
    assert_int_equal(in_child(lock_within_a_small_limit), 0);
}

static void nothing_is_notified_outside_systemd(void **state)
{
    (void)state;
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    daemon_ready();
    daemon_reloading();
    daemon_stopping();
}

/* As systemd leaves it: the sockets from 3 on, and for which process they are. */
static int take_listeners(void)
{
    char pid[16];
    size_t count = 7;
    int fds[2] = {-1, -1};
    int any[2];

    if (daemon_listeners(fds, 2, &count, NULL) < 0 || count != 0)
        return 1;
    (void)snprintf(pid, sizeof pid, "%d", (int)getpid());
    if (pipe(any) < 0 || dup2(any[0], 3) < 0 || dup2(any[1], 4) < 0 ||
        setenv("LISTEN_PID", pid, 1) < 0 || setenv("LISTEN_FDS", "2", 1) < 0)
        return 2;
    if (daemon_listeners(fds, 2, &count, NULL) < 0 || count != 2 || fds[0] != 3 || fds[1] != 4)
        return 3;
    if ((fcntl(3, F_GETFD) & FD_CLOEXEC) == 0 || getenv("LISTEN_FDS") != NULL)
        return 4;
    if (setenv("LISTEN_PID", pid, 1) < 0 || setenv("LISTEN_FDS", "2", 1) < 0)
        return 5;
    return daemon_listeners(fds, 1, &count, NULL) == -ERR_USAGE ? 0 : 6;
}

static void sockets_are_taken_over_once_and_not_more_than_expected(void **state)
{
    (void)state;
    assert_int_equal(unsetenv("LISTEN_FDS"), 0);
    assert_int_equal(in_child(take_listeners), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hardened_process_leaves_nothing_behind),
        cmocka_unit_test(signals_arrive_as_data),
        cmocka_unit_test(memory_is_not_half_locked_under_a_small_limit),
        cmocka_unit_test(nothing_is_notified_outside_systemd),
        cmocka_unit_test(sockets_are_taken_over_once_and_not_more_than_expected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
