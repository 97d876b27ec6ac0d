/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps programs running: started in order, each ready before the next, restarted with a growing
 * pause when one dies, given up and reported when it dies too often, stopped in reverse order.
 *
 * One thread, one process; every program is a direct child that the kernel kills with us.
 */
#pragma once

#include "sandbox/probe.h"
#include "sandbox/process.h"

struct program {
    const char *name; /* "jpki-signerd"; names its log and its row in the state */
    struct process process;
    enum probe probe;
    const char *socket; /* for the probe; shown in the state. NULL: none */
};

enum program_state {
    PROGRAM_RUNNING, /* ready, as far as is known */
    PROGRAM_PAUSED,  /* died; will be started again */
    PROGRAM_FAILED,  /* died too often; stays down until the sandbox is started again */
};

/* What a person wants to know about one program. */
struct program_status {
    const char *name;
    const char *socket;
    enum program_state state;
    pid_t pid; /* 0 unless running */
    unsigned restarts;
    const char *last_ending; /* "killed by signal 9"; "" if it never ended */
};

const char *program_state_name(enum program_state state); /* "running" */

enum supervisor_event { SUPERVISOR_STOP, SUPERVISOR_RELOAD };

struct supervisor;

/* Called while waiting; each may be NULL. */
struct supervisor_hooks {
    void (*changed)(void *context);   /* a status has changed */
    bool (*is_wanted)(void *context); /* asked now and then; false is as good as SIGTERM */
    void *context;
};

/* Takes over SIGTERM, SIGINT and SIGHUP (daemon.h). */
MUST_CHECK int supervisor_new(const struct supervisor_hooks *hooks, struct supervisor **ret,
                              struct err *err);
/* Stops everything first. */
void supervisor_freep(struct supervisor **supervisor);

/*
 * Start a program and wait until it is ready. The strings of *program must live as long as it is
 * kept. ERR_REMOTE if it ends or is not ready in time (it is then stopped and forgotten);
 * ERR_CONFLICT if a signal asks us to stop meanwhile.
 */
MUST_CHECK int supervisor_start(struct supervisor *supervisor, const struct program *program,
                                struct err *err);
/* Run a command to its end; ERR_REMOTE unless its exit status is 0. */
MUST_CHECK int supervisor_run(struct supervisor *supervisor, const struct process *command,
                              struct err *err);
/* Have a program read its configuration again (SIGHUP). ERR_ABSENT unless it runs. */
MUST_CHECK int supervisor_reload(struct supervisor *supervisor, const char *name, struct err *err);
/* Stop and forget one program; does nothing if there is none of that name. */
void supervisor_stop(struct supervisor *supervisor, const char *name);
/* Stop and forget everything, the last started first. */
void supervisor_stop_all(struct supervisor *supervisor);

/* Look after the programs until a signal comes. */
MUST_CHECK int supervisor_wait(struct supervisor *supervisor, enum supervisor_event *ret,
                               struct err *err);

size_t supervisor_count(const struct supervisor *supervisor);
/* The programs in the order they were started; the texts live until the next call of wait. */
struct program_status supervisor_status(const struct supervisor *supervisor, size_t index);
