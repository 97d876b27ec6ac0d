/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets in memory: locked against swapping, left out of core dumps, wiped on release. There is
 * no formatter on purpose. Never put a PIN, password or key into a struct buf named after it.
 */
#pragma once

#include "base/bytes.h"

struct secret {
    uint8_t *ptr;
    size_t len;
    size_t mapped; /* bytes of the private mapping; 0 while empty */
};

#define SECRET_INIT                                                                                \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

/* A zeroed secret of len bytes (1 to 262144) to be written through ptr. */
MUST_CHECK int secret_new(size_t len, struct secret *ret, struct err *err);
MUST_CHECK int secret_copy(struct bytes from, struct secret *ret, struct err *err);
/* Shorten to len bytes; what is cut off is wiped. */
void secret_cut(struct secret *secret, size_t len);
struct bytes secret_bytes(const struct secret *secret);
/* Wipe and give back; accepts an empty one. */
void secret_done(struct secret *secret);
