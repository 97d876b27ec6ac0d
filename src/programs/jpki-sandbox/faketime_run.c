/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library keeps a semaphore and a page in /dev/shm, named by the first process it is loaded
 * into. That process removes them if it ends by exit(3), which shells do not, and a later one with
 * the same number is refused then. So the command is a child whose number we know.
 */
#include "programs/jpki-sandbox/commands.h"
#include "programs/jpki-sandbox/environment.h"
#include "programs/jpki-sandbox/faketime.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void remove_shared(pid_t pid)
{
    char name[64];

    (void)snprintf(name, sizeof name, "/faketime_shm_%d", (int)pid);
    (void)shm_unlink(name);
    (void)snprintf(name, sizeof name, "/faketime_sem_%d", (int)pid);
    (void)sem_unlink(name);
}

static int set_time(const char *library, int64_t offset_s, struct err *err)
{
    char offset[32];

    (void)snprintf(offset, sizeof offset, "+%lld", (long long)offset_s);
    TRY(environment_set("FAKETIME", offset, err));
    TRY(environment_set("FAKETIME_DONT_FAKE_MONOTONIC", "1", err));
    return environment_set_in_front("LD_PRELOAD", library, err);
}

/* In the child: returns only if the command cannot be started. */
static int become(const char *library, int64_t offset_s, char *const argv[],
                  const sigset_t *signals, struct err *err)
{
    remove_shared(getpid());
    TRY(set_time(library, offset_s, err));
    if (sigprocmask(SIG_SETMASK, signals, NULL) < 0)
        return FAIL_ERRNO(err, "sigprocmask");
    execvp(argv[0], argv);
    return FAIL(err, ERR_INPUT, "cannot start %s: %s", argv[0], strerror(errno));
}

/* The terminal tells the command by itself; what somebody sends to us is meant for it, too. */
static int wait_for(pid_t pid, const sigset_t *awaited, int *ret, struct err *err)
{
    siginfo_t info = {0};

    while (waitpid(pid, ret, WNOHANG) == 0) {
        if (sigwaitinfo(awaited, &info) < 0 && errno != EINTR)
            return FAIL_ERRNO(err, "sigwaitinfo");
        if (info.si_signo != SIGCHLD && info.si_code <= 0)
            (void)kill(pid, info.si_signo);
    }
    return 0;
}

static sigset_t awaited_signals(void)
{
    static const int numbers[] = {SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaddset(&set, numbers[i]);
    return set;
}

int faketime_run(const char *library, int64_t offset_s, char *const argv[], int *ret_status,
                 struct err *err)
{
    const sigset_t awaited = awaited_signals();
    struct err trouble = {0};
    sigset_t before;
    int status = 0;

    if (sigprocmask(SIG_BLOCK, &awaited, &before) < 0)
        return FAIL_ERRNO(err, "sigprocmask");
    pid_t pid = fork();
    if (pid < 0)
        return FAIL_ERRNO(err, "fork");
    if (pid == 0) {
        (void)become(library, offset_s, argv, &before, &trouble);
        _exit(fail(&trouble));
    }
    TRY(wait_for(pid, &awaited, &status, err));
    remove_shared(pid);
    *ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}
