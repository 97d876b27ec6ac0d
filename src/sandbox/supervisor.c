/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop polls one descriptor for signals and one per program (pidfd_open(2)), so nothing is
 * missed between looking and waiting. PR_SET_CHILD_SUBREAPER brings whatever a program leaves
 * behind to us, where it is reaped instead of living on.
 *
 * Invariant: a child with pid 0 has pid_fd -1 and is paused or failed; all others run.
 */
#include "sandbox/supervisor.h"

#include "base/clock.h"
#include "base/daemon.h"
#include "base/file.h"
#include "sandbox/limits.h"
#include "sandbox/probe.h"
#include "sandbox/room.h"
#include "sandbox/timing.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROBE_EVERY_MS = 20, LOOK_EVERY_MS = 1000 };

struct child {
    struct program program;
    enum program_state state;
    pid_t pid;
    int pid_fd;
    unsigned restarts;
    int64_t deaths[SANDBOX_DEATHS_MAX]; /* the last ones, monotonic; a ring */
    unsigned death_count;
    int pause_ms;
    int64_t resume_ms;         /* while paused: when to start again, monotonic */
    char ending[ERR_TEXT_MAX]; /* how it ended last, or why it could not be started */
};

struct supervisor {
    struct child children[SANDBOX_PROGRAMS_MAX];
    size_t count;
    int signal_fd;
    bool must_stop, must_reload;
    struct supervisor_hooks hooks;
};

const char *program_state_name(enum program_state state)
{
    switch (state) {
    case PROGRAM_RUNNING:
        return "running";
    case PROGRAM_PAUSED:
        return "restarting";
    case PROGRAM_FAILED:
        return "failed";
    }
    return "unknown";
}

int supervisor_new(const struct supervisor_hooks *hooks, struct supervisor **ret, struct err *err)
{
    CLEANUP(supervisor_freep) struct supervisor *sup = calloc(1, sizeof *sup);

    if (sup == NULL)
        return FAIL_NOMEM(err);
    sup->signal_fd = -1;
    sup->hooks = *hooks;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return FAIL_ERRNO(err, "prctl");
    TRY(daemon_signals(&sup->signal_fd, err));
    *ret = sup;
    sup = NULL;
    return 0;
}

void supervisor_freep(struct supervisor **supervisor)
{
    struct supervisor *sup = *supervisor;

    if (sup == NULL)
        return;
    supervisor_stop_all(sup);
    fd_done(&sup->signal_fd);
    free(sup);
    *supervisor = NULL;
}

static int take_signal(struct supervisor *sup, struct err *err)
{
    enum daemon_signal got;

    TRY(daemon_wait(sup->signal_fd, &got, err));
    if (got == DAEMON_STOP)
        sup->must_stop = true;
    else
        sup->must_reload = true;
    return 0;
}

static int interrupted(const struct supervisor *sup, struct err *err)
{
    if (sup->must_stop)
        return FAIL(err, ERR_CONFLICT, "interrupted");
    return 0;
}

/* Wait until the process ends, a signal comes or time is up. */
static int wait_either(struct supervisor *sup, int pid_fd, int timeout_ms, bool *ret_ended,
                       struct err *err)
{
    struct pollfd fds[2] = {{.fd = pid_fd, .events = POLLIN},
                            {.fd = sup->signal_fd, .events = POLLIN}};

    if (poll(fds, 2, timeout_ms) < 0 && errno != EINTR)
        return FAIL_ERRNO(err, "poll");
    if (fds[1].revents != 0)
        TRY(take_signal(sup, err));
    *ret_ended = fds[0].revents != 0;
    return 0;
}

static int child_start(struct child *child, struct err *err)
{
    pid_t pid = 0;

    TRY(process_start(&child->program.process, &pid, err));
    child->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (child->pid_fd < 0) {
        int rc = FAIL_ERRNO(err, "pidfd_open");
        process_stop(pid, 0);
        return rc;
    }
    child->pid = pid;
    child->state = PROGRAM_RUNNING;
    return 0;
}

static void child_stop(struct child *child)
{
    process_stop(child->pid, STOP_MS);
    child->pid = 0;
    fd_done(&child->pid_fd);
}

/* Take note of a process that has ended; it is reaped here. */
static void child_ended(struct child *child)
{
    int status = 0;

    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    child->pid = 0;
    fd_done(&child->pid_fd);
    process_ending(status, child->ending);
}

static int wait_ready(struct supervisor *sup, struct child *child, struct err *err)
{
    int64_t deadline = monotonic_ms() + READY_MS;
    const struct program *program = &child->program;

    while (!probe_is_ready(program->probe, program->socket)) {
        bool ended = false;

        TRY(wait_either(sup, child->pid_fd, PROBE_EVERY_MS, &ended, err));
        TRY(interrupted(sup, err));
        if (ended) {
            child_ended(child);
            return room_explain(program->process.log_path,
                                FAIL(err, ERR_REMOTE, "%s %s before it was ready; its log is %s",
                                     program->name, child->ending, program->process.log_path),
                                err);
        }
        if (monotonic_ms() > deadline)
            return FAIL(err, ERR_REMOTE, "%s was not ready after %d seconds; its log is %s",
                        program->name, READY_MS / 1000, program->process.log_path);
    }
    return 0;
}

int supervisor_start(struct supervisor *supervisor, const struct program *program, struct err *err)
{
    TRY(interrupted(supervisor, err));
    if (supervisor->count == SANDBOX_PROGRAMS_MAX)
        return FAIL(err, ERR_USAGE, "more than %d programs", SANDBOX_PROGRAMS_MAX);
    struct child *child = &supervisor->children[supervisor->count];
    *child = (struct child){.program = *program, .pid_fd = -1};
    TRY(child_start(child, err));
    int rc = wait_ready(supervisor, child, err);
    if (rc < 0) {
        child_stop(child);
        return rc;
    }
    supervisor->count++;
    return 0;
}

static int wait_end(struct supervisor *sup, int pid_fd, struct err *err)
{
    int64_t deadline = monotonic_ms() + COMMAND_MS;
    bool ended = false;

    while (!ended) {
        int64_t left = deadline - monotonic_ms();
        if (left <= 0)
            return FAIL(err, ERR_REMOTE, "longer than %d seconds", COMMAND_MS / 1000);
        TRY(wait_either(sup, pid_fd, (int)left, &ended, err));
        TRY(interrupted(sup, err));
    }
    return 0;
}

int supervisor_run(struct supervisor *supervisor, const struct process *command, struct err *err)
{
    char ending[PROCESS_ENDING_SIZE];
    int status = 0;
    pid_t pid = 0;

    TRY(interrupted(supervisor, err));
    TRY(process_start(command, &pid, err));
    CLEANUP(fd_done) int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    int rc = pid_fd < 0 ? FAIL_ERRNO(err, "pidfd_open") : wait_end(supervisor, pid_fd, err);
    if (rc < 0) {
        process_stop(pid, STOP_MS);
        return err_prefix(err, rc, "%s", command->argv[0]);
    }
    if (waitpid(pid, &status, 0) != pid)
        return FAIL_ERRNO(err, "%s cannot be waited for", command->argv[0]);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    process_ending(status, ending);
    rc = FAIL(err, ERR_REMOTE, "%s %s %s; its log is %s", command->argv[0],
              command->argv[1] == NULL ? "" : command->argv[1], ending,
              command->log_path == NULL ? "above" : command->log_path);
    return room_explain(command->log_path, rc, err);
}

int supervisor_reload(struct supervisor *supervisor, const char *name, struct err *err)
{
    for (size_t i = 0; i < supervisor->count; i++) {
        const struct child *child = &supervisor->children[i];

        if (strcmp(child->program.name, name) != 0 || child->pid == 0)
            continue;
        return kill(child->pid, SIGHUP) < 0 ? FAIL_ERRNO(err, "%s", name) : 0;
    }
    return FAIL(err, ERR_ABSENT, "%s does not run", name);
}

void supervisor_stop(struct supervisor *supervisor, const char *name)
{
    for (size_t i = 0; i < supervisor->count; i++) {
        if (strcmp(supervisor->children[i].program.name, name) != 0)
            continue;
        child_stop(&supervisor->children[i]);
        supervisor->count--;
        memmove(&supervisor->children[i], &supervisor->children[i + 1],
                (supervisor->count - i) * sizeof supervisor->children[0]);
        return;
    }
}

void supervisor_stop_all(struct supervisor *supervisor)
{
    while (supervisor->count > 0)
        child_stop(&supervisor->children[--supervisor->count]);
}

/* Dying SANDBOX_DEATHS_MAX times within the window is once too often. */
static bool dies_too_often(struct child *child, int64_t now)
{
    unsigned slot = child->death_count % SANDBOX_DEATHS_MAX;
    unsigned oldest = (child->death_count + 1) % SANDBOX_DEATHS_MAX;

    child->deaths[slot] = now;
    child->death_count++;
    return child->death_count >= SANDBOX_DEATHS_MAX &&
           now - child->deaths[oldest] <= DEATHS_WINDOW_MS;
}

static void child_pause(struct child *child, int64_t now)
{
    int64_t previous = child->death_count == 0
                           ? 0
                           : child->deaths[(child->death_count - 1) % SANDBOX_DEATHS_MAX];

    if (child->pause_ms == 0 || now - previous > DEATHS_WINDOW_MS)
        child->pause_ms = BACKOFF_FIRST_MS;
    else if (child->pause_ms < BACKOFF_LAST_MS)
        child->pause_ms *= 2;
    if (child->pause_ms > BACKOFF_LAST_MS)
        child->pause_ms = BACKOFF_LAST_MS;
    child->resume_ms = now + child->pause_ms;
    child->state = dies_too_often(child, now) ? PROGRAM_FAILED : PROGRAM_PAUSED;
}

static void child_resume(struct child *child, int64_t now)
{
    struct err err = {0};

    child->restarts++;
    if (child_start(child, &err) == 0)
        return;
    memcpy(child->ending, err.text, sizeof child->ending);
    child_pause(child, now);
}

/* Processes that a program had started and that came to us when it died. */
static void reap_strangers(const struct supervisor *sup)
{
    for (;;) {
        siginfo_t info = {0};
        bool is_ours = false;

        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            return;
        for (size_t i = 0; i < sup->count; i++)
            is_ours = is_ours || sup->children[i].pid == info.si_pid;
        if (is_ours)
            return;
        (void)waitpid(info.si_pid, NULL, WNOHANG);
    }
}

/* How long nothing is due. */
static int next_due_ms(const struct supervisor *sup, int64_t now)
{
    int64_t least = LOOK_EVERY_MS;

    for (size_t i = 0; i < sup->count; i++) {
        const struct child *child = &sup->children[i];
        int64_t left = child->resume_ms > now ? child->resume_ms - now : 0;

        if (child->state == PROGRAM_PAUSED && left < least)
            least = left;
    }
    return (int)least;
}

static int poll_all(struct supervisor *sup, struct pollfd *fds, struct err *err)
{
    for (size_t i = 0; i < sup->count; i++)
        fds[i] = (struct pollfd){.fd = sup->children[i].pid_fd, .events = POLLIN};
    fds[sup->count] = (struct pollfd){.fd = sup->signal_fd, .events = POLLIN};
    if (poll(fds, sup->count + 1, next_due_ms(sup, monotonic_ms())) < 0) {
        if (errno != EINTR)
            return FAIL_ERRNO(err, "poll");
        for (size_t i = 0; i <= sup->count; i++)
            fds[i].revents = 0;
    }
    return 0;
}

static void tell(struct supervisor *sup, bool has_changed)
{
    const struct supervisor_hooks *hooks = &sup->hooks;

    if (has_changed && hooks->changed != NULL)
        hooks->changed(hooks->context);
    if (hooks->is_wanted != NULL && !hooks->is_wanted(hooks->context))
        sup->must_stop = true;
}

int supervisor_wait(struct supervisor *supervisor, enum supervisor_event *ret, struct err *err)
{
    struct pollfd fds[SANDBOX_PROGRAMS_MAX + 1];

    while (!supervisor->must_stop && !supervisor->must_reload) {
        bool has_changed = false;

        TRY(poll_all(supervisor, fds, err));
        int64_t now = monotonic_ms();
        for (size_t i = 0; i < supervisor->count; i++) {
            struct child *child = &supervisor->children[i];

            if (fds[i].revents != 0) {
                child_ended(child);
                child_pause(child, now);
                has_changed = true;
            } else if (child->state == PROGRAM_PAUSED && child->resume_ms <= now) {
                child_resume(child, now);
                has_changed = true;
            }
        }
        reap_strangers(supervisor);
        tell(supervisor, has_changed);
        if (fds[supervisor->count].revents != 0)
            TRY(take_signal(supervisor, err));
    }
    *ret = supervisor->must_stop ? SUPERVISOR_STOP : SUPERVISOR_RELOAD;
    supervisor->must_reload = false;
    return 0;
}

size_t supervisor_count(const struct supervisor *supervisor)
{
    return supervisor->count;
}

struct program_status supervisor_status(const struct supervisor *supervisor, size_t index)
{
    const struct child *child = &supervisor->children[index];

    return (struct program_status){
        .name = child->program.name,
        .socket = child->program.socket,
        .state = child->state,
        .pid = child->pid,
        .restarts = child->restarts,
        .last_ending = child->ending,
    };
}
