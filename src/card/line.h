/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection that speaks vpcd's framing (card.md 8): two bytes of length, big-endian, then the
 * payload. Never blocks. Used for the connection to vpcd and for those to the direct socket.
 */
#pragma once

#include "base/bytes.h"

struct line {
    int fd;            /* -1: closed */
    bool is_tcp;       /* acknowledge at once, see line.c */
    struct buf in;     /* received, not yet taken: at most one frame and what came with it */
    struct buf out;    /* to be sent */
    bool holds_card;   /* its commands reach the card; nobody else's do */
    bool is_waiting;   /* wants to */
    uint64_t ticket;   /* order of waiting */
    int64_t active_ms; /* when it last got what it waited for, or began to wait */
};

#define LINE_INIT                                                                                  \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Takes fd, which it makes non-blocking. */
MUST_CHECK int line_open(struct line *line, int fd, bool is_tcp, struct err *err);
void line_close(struct line *line);

/* Receive what is there. ERR_ABSENT if the peer closed, ERR_REMOTE if the connection broke. */
MUST_CHECK int line_receive(struct line *line, struct err *err);
/* The payload of the first whole frame, valid until the next call; false if there is none. */
bool line_frame(const struct line *line, struct bytes *ret);
/* Forget the first frame. */
void line_consume(struct line *line);
/* Queue a frame of at most FRAME_MAX bytes (ERR_USAGE) and send what can be sent now. */
MUST_CHECK int line_send(struct line *line, struct bytes payload, struct err *err);
MUST_CHECK int line_flush(struct line *line, struct err *err);
/* What poll() should watch: no input while a whole frame or output is pending. */
short line_events(const struct line *line);
