/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the library that know PC/SC's headers share, in the types behind theirs. */
#pragma once

#include "softpcsc/wire.h"

/* A code of the wire is PC/SC's LONG. */
static inline long code_of(uint32_t code)
{
    return (long)code;
}

/* Why a card's server could not be asked: it is a reader that was unplugged. */
static inline long code_of_failure(int rc)
{
    return code_of(rc == -ERR_NOMEM ? WIRE_NO_MEMORY : WIRE_READER_UNAVAILABLE);
}

/*
 * Give bytes to a program by PC/SC's rules: *len is its room and becomes the length needed; with
 * SCARD_AUTOALLOCATE to is a pointer to a pointer that gets memory. to may be NULL: only the length
 * is asked for.
 */
long give(const void *from, size_t from_len, void *to, unsigned long *len);
