/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signerd before its keys are open: nobody is served, and on a socket of their own the custodians
 * hand in their shares, one after the other, until enough have come.
 */
#pragma once

#include "signer/quorum.h"

#include <sys/types.h>

enum {
    UNLOCK_STALL_MS = 5000,    /* for a question, and to take an answer */
    UNLOCK_FORGET_MS = 900000, /* shares that nobody adds to are forgotten */
};

/* What happened; for the log. */
struct unlock_event {
    const char *name;      /* "unlock.waiting", "unlock.share", ... */
    uid_t uid;             /* of who did it, for a share and a refusal */
    unsigned share;        /* its number; 0: none */
    size_t given;          /* shares that are here */
    const struct err *why; /* NULL: nothing is wrong */
};

struct unlock_setup {
    int listener;  /* borrowed */
    int signals;   /* of daemon_signals(); borrowed */
    int stall_ms;  /* UNLOCK_STALL_MS; tests are in a hurry */
    int forget_ms; /* UNLOCK_FORGET_MS */
    void (*on_event)(const struct unlock_event *event);
};

/*
 * Wait for enough shares. Only root and this process's own user may hand any in. *ret_stopped if a
 * signal to stop came first; the secret is empty then.
 */
MUST_CHECK int unlock_wait(const struct quorum *quorum, const struct unlock_setup *setup,
                           struct secret *ret, bool *ret_stopped, struct err *err);
