/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork, prepare, execve. The supervisor has one thread, so the child may call what it likes; each
 * failure travels back over a close-on-exec pipe, whose end of file means "execve has happened".
 *
 * PR_SET_PDEATHSIG is cleared by the kernel when credentials change, so it is set last, followed
 * by a look at whether the parent died before that.
 */
#include "sandbox/process.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between Debian's reserved ids and systemd's: nobody's in passwd, nobody's files. */
enum { IDENTITY_BASE = 64100 };

bool identities_are_separate(void)
{
    return geteuid() == 0;
}

uid_t identity_uid(enum identity identity)
{
    if (!identities_are_separate() || identity == IDENTITY_OWNER)
        return geteuid();
    return (uid_t)(IDENTITY_BASE + (int)identity);
}

gid_t identity_group(void)
{
    return identities_are_separate() ? IDENTITY_BASE : getegid();
}

gid_t identity_group_of_page(void)
{
    return identities_are_separate() ? (gid_t)identity_uid(IDENTITY_PAGE) : getegid();
}

static int become(enum identity identity, struct err *err)
{
    uid_t id = identity_uid(identity);
    gid_t group = identity_group();

    if (!identities_are_separate() || identity == IDENTITY_OWNER)
        return 0;
    if (setgroups(1, &group) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0)
        return FAIL_ERRNO(err, "cannot become uid %u", (unsigned)id);
    return 0;
}

int identity_assume(enum identity identity, struct err *err)
{
    pid_t parent = getppid();
    int promised = 0;

    if (prctl(PR_GET_PDEATHSIG, &promised, 0, 0, 0) < 0)
        return FAIL_ERRNO(err, "prctl");
    TRY(become(identity, err));
    if (prctl(PR_SET_PDEATHSIG, promised, 0, 0, 0) < 0)
        return FAIL_ERRNO(err, "prctl");
    if (promised != 0 && getppid() != parent)
        return FAIL(err, ERR_SYSTEM, "the supervisor died");
    return 0;
}

static int redirect_to_log(const char *path, struct err *err)
{
    CLEANUP(fd_done)
    int log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        return FAIL_ERRNO(err, "cannot open the log %s", path);
    return 0;
}

static int redirect(const struct process *process, struct err *err)
{
    CLEANUP(fd_done) int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (null < 0 || dup2(null, STDIN_FILENO) < 0)
        return FAIL_ERRNO(err, "cannot open /dev/null");
    if (process->log_path != NULL)
        TRY(redirect_to_log(process->log_path, err));
    if (process->output_fd > 0 && dup2(process->output_fd, STDOUT_FILENO) < 0)
        return FAIL_ERRNO(err, "cannot redirect the output");
    return 0;
}

/*
 * The trace's folder is ours, so the file is made here; only this program may write to it, and the
 * start page read it.
 */
static int prepare_trace(const struct process *process, struct err *err)
{
    const char *path = process->trace_path;
    uid_t id = identity_uid(process->identity);

    if (path == NULL) /* what our own environment says is meant for somebody else */
        return unsetenv("JPKI_TRACE") < 0 ? FAIL_ERRNO(err, "unsetenv") : 0;
    CLEANUP(fd_done)
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return FAIL_ERRNO(err, "cannot open the trace %s", path);
    if (identities_are_separate() &&
        (fchown(fd, id, identity_group_of_page()) < 0 || fchmod(fd, 0640) < 0))
        return FAIL_ERRNO(err, "cannot give away the trace %s", path);
    return setenv("JPKI_TRACE", path, 1) < 0 ? FAIL_ERRNO(err, "setenv") : 0;
}

static void signals_default(void)
{
    const struct sigaction as_new = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &as_new, NULL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int prepare(const struct process *process, pid_t parent, struct err *err)
{
    signals_default();
    if (setpgid(0, 0) < 0)
        return FAIL_ERRNO(err, "setpgid");
    TRY(redirect(process, err));
    TRY(prepare_trace(process, err));
    if (process->ns != NULL)
        TRY(namespace_enter(process->ns, err));
    if (process->cover_pcscd != NULL)
        TRY(namespace_cover_pcscd(process->cover_pcscd, err));
    if (process->directory != NULL && chdir(process->directory) < 0)
        return FAIL_ERRNO(err, "cannot go to %s", process->directory);
    TRY(become(process->identity, err));
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return FAIL_ERRNO(err, "prctl");
    if (getppid() != parent)
        return FAIL(err, ERR_SYSTEM, "the supervisor died");
    return 0;
}

static void child(const struct process *process, pid_t parent, int report_fd)
{
    struct err err = {0};

    if (prepare(process, parent, &err) == 0) {
        /* argv is only read; execve's prototype predates const. */
        union {
            const char *const *in;
            char *const *out;
        } argv = {.in = process->argv};
        execve(process->argv[0], argv.out, environ);
        (void)FAIL_ERRNO(&err, "cannot start %s", process->argv[0]);
    }
    if (write(report_fd, &err, sizeof err) < 0)
        _exit(126);
    _exit(127);
}

static int reap(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

int process_start(const struct process *process, pid_t *ret, struct err *err)
{
    CLEANUP(fd_done) int in = -1;
    CLEANUP(fd_done) int out = -1;
    struct err reported;
    pid_t parent = getpid();
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return FAIL_ERRNO(err, "pipe");
    in = ends[0];
    out = ends[1];
    pid_t pid = fork();
    if (pid < 0)
        return FAIL_ERRNO(err, "fork");
    if (pid == 0)
        child(process, parent, out);
    fd_done(&out);
    ssize_t got = read(in, &reported, sizeof reported);
    if (got == 0) {
        *ret = pid;
        return 0;
    }
    (void)reap(pid);
    if (got != (ssize_t)sizeof reported)
        return FAIL(err, ERR_SYSTEM, "%s could not be started", process->argv[0]);
    reported.text[sizeof reported.text - 1] = '\0';
    return FAIL_WITH(err, reported.kind, reported.detail, "%s", reported.text);
}

/* True once the process has ended, waiting at most timeout_ms. */
static bool has_ended(pid_t pid, int timeout_ms)
{
    CLEANUP(fd_done) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    int64_t deadline = monotonic_ms() + timeout_ms;
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    if (fd < 0)
        return errno == ESRCH;
    for (;;) {
        int64_t left = deadline - monotonic_ms();
        int rc = poll(&poll_fd, 1, left > 0 ? (int)left : 0);
        if (rc > 0)
            return true;
        if (rc == 0 || errno != EINTR)
            return false;
    }
}

void process_stop(pid_t pid, int timeout_ms)
{
    if (pid <= 0)
        return;
    (void)kill(-pid, SIGTERM);
    (void)has_ended(pid, timeout_ms);
    /* Also for what the program left behind in its group: until reaped, the id is ours. */
    (void)kill(-pid, SIGKILL);
    (void)reap(pid);
}

void process_ending(int wait_status, char ret[PROCESS_ENDING_SIZE])
{
    if (WIFSIGNALED(wait_status))
        snprintf(ret, PROCESS_ENDING_SIZE, "killed by signal %d", WTERMSIG(wait_status));
    else
        snprintf(ret, PROCESS_ENDING_SIZE, "ended with status %d", WEXITSTATUS(wait_status));
}
