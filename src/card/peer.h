/* SPDX-License-Identifier: Apache-2.0 */
/* A line in a loop: bytes are moved when they can be, and its owner is told. */
#pragma once

#include "card/line.h"
#include "card/loop.h"

/* Embedded; its owner sets context and both functions and calls nothing but peer_* on it. */
struct peer {
    struct loop *loop;
    struct line line; /* fd -1: there is nobody */
    struct watch watch;
    struct timer timer;
    int64_t deadline_ms; /* it is lost then (monotonic); INT64_MAX: never */
    int64_t wake_ms;     /* moved is called then, whatever came; INT64_MAX: never */
    void *context;
    void (*moved)(void *context); /* look at the frames, then peer_settle() or peer_close() */
    void (*lost)(void *context);  /* broken, closed by the other end, or late: peer_close() it */
};

/* Takes fd, also on failure. */
MUST_CHECK int peer_open(struct peer *peer, struct loop *loop, int fd, enum line_kind kind,
                         struct err *err);
/* Nothing happens to one that is closed. */
void peer_close(struct peer *peer);
/* Whether the other end is closed, of which its owner was perhaps not told yet. */
bool peer_is_gone(const struct peer *peer);
/* Wait for what comes next. After each change of the line or of those moments. */
void peer_settle(struct peer *peer);
