/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection that speaks in frames. Never blocks. On the connection to vpcd and those to the
 * direct socket a frame is vpcd's (card.md 8): two bytes of length, big-endian, then the payload.
 * On those to the PC/SC socket it is that of softpcsc/wire.h.
 */
#pragma once

#include "base/bytes.h"

enum line_kind {
    LINE_DIRECT,
    LINE_VPCD, /* over TCP: acknowledge at once, see line.c */
    LINE_PCSC,
};

struct line {
    int fd; /* -1: closed */
    enum line_kind kind;
    struct buf in;          /* received, not yet taken: at most one frame and what came with it */
    struct buf out;         /* to be sent */
    int64_t quiet_until_ms; /* nothing is sent before (monotonic); 0: no such moment */
};

#define LINE_INIT                                                                                  \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Takes fd, which it makes non-blocking. */
MUST_CHECK int line_open(struct line *line, int fd, enum line_kind kind, struct err *err);
void line_close(struct line *line);

/*
 * Receive what is there. ERR_ABSENT if the peer closed, ERR_REMOTE if the connection broke, as
 * wire_parse_head() if what came on a PC/SC connection cannot be the beginning of a frame.
 */
MUST_CHECK int line_receive(struct line *line, struct err *err);
/* The payload of the first whole frame, valid until the next call; false if there is none. */
bool line_frame(const struct line *line, struct bytes *ret);
/* Forget the first frame. */
void line_consume(struct line *line);
/* Whether what is there cannot become a frame, on a PC/SC connection. */
bool line_is_broken(const struct line *line);
/* Queue a frame of at most FRAME_MAX bytes (ERR_USAGE) and send what can be sent now. */
MUST_CHECK int line_send(struct line *line, struct bytes payload, struct err *err);
/* The same with a frame that is in line->out already. */
MUST_CHECK int line_flush(struct line *line, struct err *err);
/* What epoll should watch: no input while a whole frame or output is pending. */
uint32_t line_events(const struct line *line);
