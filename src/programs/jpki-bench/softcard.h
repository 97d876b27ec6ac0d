/* SPDX-License-Identifier: Apache-2.0 */
/* A software card in a new directory, served by a process of its own, in front of which we stand.
 */
#pragma once

#include "base/bytes.h"

#include <sys/types.h>

struct softcard {
    char *dir, *card, *direct, *control;
    pid_t pid;
};

#define SOFTCARD_INIT                                                                              \
    {                                                                                              \
        NULL, NULL, NULL, NULL, 0                                                                  \
    }

/* A blank card, served. */
MUST_CHECK int softcard_up(struct softcard *softcard, struct err *err);
/* Give it a key and certificate for authentication; the PIN is 1234. The CA is openssl's. */
MUST_CHECK int softcard_personalise(const struct softcard *softcard, struct err *err);
/* Stop it and remove its directory. */
void softcard_down(struct softcard *softcard);

/*
 * Send a command on a socket in vpcd's framing and wait for an answer of so many bytes, again and
 * again; the time of one.
 */
MUST_CHECK int softcard_exchange(int fd, struct bytes command, size_t answer_len, size_t count,
                                 double *ret_us, struct err *err);
