/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers and one card: the connection to vpcd and those to the direct socket, all in vpcd's
 * framing, and the PC/SC socket (card/pcsc.h). One session at a time has the card, as in a reader
 * that is not shared; the others wait for their turn in order.
 *
 * A session on the direct socket is a connection: it begins with the first message and its end
 * powers the card off. vpcd's session lasts from the first command after a power-up until the card
 * is powered off or reset; its questions for the ATR are answered at any time.
 */
#pragma once

#include "card/loop.h"
#include "card/slot.h"

struct serve_options {
    struct loop *loop; /* of this card and perhaps others */
    struct slot *slot;
    struct bytes atr;
    int direct_fd;    /* listens already; -1: no direct socket. Taken by serve_new */
    int pcsc_fd;      /* the same for the PC/SC socket */
    const char *vpcd; /* "HOST:PORT"; NULL: none */
    /* Something for the log: failure is NULL for plain events. NULL: nobody listens. */
    void (*report)(void *context, const char *event, const struct err *failure);
    /* Two lines of text for each command and its answer, without PINs. NULL: nobody wants them. */
    void (*trace)(void *context, struct bytes text);
    void *context;
    int wait_ms, idle_ms; /* 0: DIRECT_WAIT_MS, DIRECT_IDLE_MS */
};

struct serve;

/* options is copied. What happens then happens in loop_run(). */
MUST_CHECK int serve_new(const struct serve_options *options, struct serve **ret, struct err *err);
/* Closes all connections, which powers the card off. */
void serve_free(struct serve *serve);
void serve_freep(struct serve **serve);
