/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PC/SC socket of a card: connections that speak softpcsc/wire.h, each one handle of share.h.
 *
 * All of them together are one session with the card, which waits its turn like those of the direct
 * socket. It lasts as long as a handle is connected; then the card stays powered for
 * PCSC_LINGER_MS, as pcscd leaves it, or until somebody else wants it.
 */
#pragma once

#include "card/loop.h"
#include "card/share.h"
#include "card/turn.h"

struct pcsc;

struct pcsc_options {
    struct loop *loop;
    struct slot *slot;
    struct bytes atr;
    struct turns *turns;
    int fd; /* listens already; taken by pcsc_new */
    /* Something moved: call pcsc_handle, and see to the others that wait for the card. */
    void (*moved)(void *context);
    void (*report)(void *context, const char *event, const struct err *failure);
    void *context;
    int wait_ms; /* for its turn */
};

MUST_CHECK int pcsc_new(const struct pcsc_options *options, struct pcsc **ret, struct err *err);
/* Closes all connections. */
void pcsc_free(struct pcsc *pcsc);
/* Whether somebody wants to be told of each command. */
bool pcsc_is_traced(const struct pcsc *pcsc);
/* Tell them, by text; what is too much for one that does not read is left out. */
void pcsc_trace(struct pcsc *pcsc, struct bytes text);
/* Answer what can be answered now; whether anything was, or the card was given back. */
bool pcsc_handle(struct pcsc *pcsc);
