/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signerd's socket: one poll loop, bounded connections, and threads that do nothing but sign. A
 * client that is slow, half closed or talks nonsense costs its own connection and nobody else's.
 */
#pragma once

#include "signer/keyring.h"

enum {
    SERVER_STALL_MS = 5000,  /* to greet, to finish a question, to take an answer, to drain */
    SERVER_IDLE_MS = 600000, /* between questions */
};

struct server_setup {
    int listener;            /* taken: closed at the end */
    int signals;             /* of daemon_signals(); borrowed */
    const char *config_path; /* read again at DAEMON_RELOAD */
    bool memory_locked;
    int stall_ms; /* SERVER_STALL_MS; tests are in a hurry */

    /* The log; both are called between questions. err is NULL where nothing is wrong. */
    void (*on_record)(const struct keyring_record *record);
    void (*on_event)(const char *event, const struct err *err);
};

/* Serve until DAEMON_STOP, then finish what was asked. The socket file stays. */
MUST_CHECK int server_run(struct keyring *keyring, const struct server_setup *setup,
                          struct err *err);
