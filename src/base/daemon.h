/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every long-running program does the same way: harden, say that it is ready, stop cleanly.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No core dumps, not dumpable: for programs that are no daemons, before they learn a secret. */
MUST_CHECK int process_no_dumps(struct err *err);

/* No core dumps, not dumpable, no new privileges, umask 077, SIGPIPE ignored. Call first. */
MUST_CHECK int daemon_harden(struct err *err);
/*
 * Keep every page of the process out of swap, now and later. False if the system does not allow
 * that to this process (RLIMIT_MEMLOCK): the caller logs it.
 */
bool daemon_lock_memory(void);

/*
 * A descriptor that becomes readable once SIGTERM or SIGINT (drain and stop) or SIGHUP (reload)
 * has come; for poll(). The signals are blocked in all threads, so call before making any.
 */
MUST_CHECK int daemon_signals(int *ret_fd, struct err *err);
enum daemon_signal { DAEMON_STOP, DAEMON_RELOAD };
/* Takes one signal off the descriptor; waits if there is none. */
MUST_CHECK int daemon_wait(int fd, enum daemon_signal *ret, struct err *err);

/*
 * The sockets on which the one who started this process listens for it (sd_listen_fds), for us
 * alone: close-on-exec, and not told to children. *ret_count of them, 0 if there are none.
 * ERR_USAGE for more than max.
 */
MUST_CHECK int daemon_listeners(int *ret_fds, size_t max, size_t *ret_count, struct err *err);

/* sd_notify READY=1, STOPPING=1 and RELOADING=1; nothing happens outside systemd. */
void daemon_ready(void);
void daemon_stopping(void);
void daemon_reloading(void); /* daemon_ready() ends it */

/* How often this process has taken in changed files while it ran, and how often it refused to. */
struct daemon_reloads {
    uint64_t done, refused;
    int64_t last_at; /* UTC seconds of the last one; 0: there was none */
    bool is_last_refused;
};
void daemon_count_reload(bool is_done, int64_t at);
struct daemon_reloads daemon_reloads(void);
