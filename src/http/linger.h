/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of connections whose request was refused before its body had come (RFC 9112, 9.6). A
 * socket that is closed while its peer still sends resets the connection, and the peer loses the
 * answer with it. So these are shut for writing only, and what still comes is read and dropped:
 * until the peer has ended, HTTP_LINGER_MS have passed or HTTP_LINGER_BYTES have come.
 *
 * All functions belong to one thread.
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

struct lingering;

MUST_CHECK int linger_new(struct lingering **ret, struct err *err);
void linger_free(struct lingering *linger); /* closes all; accepts NULL */
/*
 * A connection that has been answered and ends: the socket is duplicated, so the caller closes its
 * own. Where there are HTTP_LINGER_MAX already, the oldest gives way; where there are no
 * descriptors left, the connection ends as any other.
 */
void linger_add(struct lingering *linger, int fd, int64_t now_ms);
/* Readable when linger_run has something to do. */
int linger_fd(const struct lingering *linger);
void linger_run(struct lingering *linger, int64_t now_ms);
/* Milliseconds until linger_run has to be called anyway, at most otherwise; -1 is "never". */
int linger_wait(const struct lingering *linger, int64_t now_ms, int otherwise);
