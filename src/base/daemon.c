/* SPDX-License-Identifier: Apache-2.0 */
#include "base/daemon.h"

#include "base/clock.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { KEPT_HEAP = 16 << 20 };

int process_no_dumps(struct err *err)
{
    const struct rlimit none = {0, 0};

    /* Not dumpable also closes ptrace and /proc/PID/mem to others of the same user (prctl(2)). */
    if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return FAIL_ERRNO(err, "cannot switch core dumps off");
    return 0;
}

int daemon_harden(struct err *err)
{
    TRY(process_no_dumps(err));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return FAIL_ERRNO(err, "cannot give up new privileges");
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return FAIL_ERRNO(err, "cannot ignore SIGPIPE");
    (void)umask(077);
    return 0;
}

bool daemon_lock_memory(void)
{
    struct rlimit limit;

    /* With MCL_FUTURE under a small limit later allocations would fail: all or nothing. */
    if (geteuid() != 0 &&
        (getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur != RLIM_INFINITY))
        return false;
    /* Each page that the heap gives back and takes again is filled and locked again at once. */
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_HEAP);
    return mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
}

int daemon_signals(int *ret_fd, struct err *err)
{
    sigset_t signals;
    int fd;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
        return FAIL_ERRNO(err, "cannot block signals");
    fd = signalfd(-1, &signals, SFD_CLOEXEC);
    if (fd < 0)
        return FAIL_ERRNO(err, "cannot wait for signals");
    *ret_fd = fd;
    return 0;
}

int daemon_wait(int fd, enum daemon_signal *ret, struct err *err)
{
    struct signalfd_siginfo signal_info;
    ssize_t got;

    do
        got = read(fd, &signal_info, sizeof signal_info);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof signal_info)
        return FAIL_ERRNO(err, "cannot wait for signals");
    *ret = signal_info.ssi_signo == SIGHUP ? DAEMON_RELOAD : DAEMON_STOP;
    return 0;
}

int daemon_listeners(int *ret_fds, size_t max, size_t *ret_count, struct err *err)
{
    int count = sd_listen_fds(1);

    if (count < 0) {
        errno = -count;
        return FAIL_ERRNO(err, "the sockets this was started with");
    }
    if ((size_t)count > max)
        return FAIL(err, ERR_USAGE, "started with %d sockets, which are more than %zu", count, max);
    for (int i = 0; i < count; i++)
        ret_fds[i] = SD_LISTEN_FDS_START + i;
    *ret_count = (size_t)count;
    return 0;
}

void daemon_ready(void)
{
    (void)sd_notify(0, "READY=1");
}

void daemon_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}

void daemon_reloading(void)
{
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)monotonic_us());
}

static _Atomic uint64_t reloads_done, reloads_refused;
static _Atomic int64_t last_reload; /* UTC seconds; below 0: it was refused */

void daemon_count_reload(bool is_done, int64_t at)
{
    last_reload = is_done ? at : -at;
    if (is_done)
        reloads_done++;
    else
        reloads_refused++;
}

struct daemon_reloads daemon_reloads(void)
{
    int64_t last = last_reload;

    return (struct daemon_reloads){reloads_done, reloads_refused, last < 0 ? -last : last,
                                   last < 0};
}
