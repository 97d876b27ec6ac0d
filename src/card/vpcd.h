/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to vpcd, pcscd's virtual reader, which listens (card.md 8): connect without blocking,
 * and again with growing pauses. What is then said is line.h's and serve.h's.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <sys/socket.h>

struct vpcd {
    struct sockaddr_storage address;
    socklen_t address_len; /* 0: no vpcd is wanted */
    int fd;                /* an attempt under way; -1: none */
    int64_t retry_at_ms;   /* monotonic */
    int delay_ms;          /* until the next attempt, if this one fails */
};

#define VPCD_INIT                                                                                  \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* "HOST:PORT"; ERR_INPUT if it is not that or the host is unknown. */
MUST_CHECK int vpcd_init(struct vpcd *vpcd, const char *host_port, struct err *err);
void vpcd_done(struct vpcd *vpcd);

/*
 * Begin or look after an attempt; never blocks. True once connected: *ret_fd is the caller's then.
 * Otherwise vpcd->fd, if not -1, is to be watched for POLLOUT, or retry_at_ms is to be waited for.
 */
bool vpcd_step(struct vpcd *vpcd, int64_t now_ms, int *ret_fd);
/* A connection was lost, or the card was put in: start with the shortest pause again. */
void vpcd_again(struct vpcd *vpcd, int64_t now_ms);
