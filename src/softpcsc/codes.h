/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the library that know PC/SC's headers share. */
#pragma once

#include "base/err.h"

#include <winscard.h>

/* A code of the wire is PC/SC's. */
static inline LONG code_of(uint32_t code)
{
    return (LONG)code;
}

/* Why a card's server could not be asked: it is a reader that was unplugged. */
static inline LONG code_of_failure(int rc)
{
    return rc == -ERR_NOMEM ? SCARD_E_NO_MEMORY : SCARD_E_READER_UNAVAILABLE;
}

/*
 * Give bytes to a program by PC/SC's rules: *len is its room and becomes the length needed; with
 * SCARD_AUTOALLOCATE to is a pointer to a pointer that gets memory. to may be NULL: only the length
 * is asked for.
 */
LONG give(const void *from, DWORD from_len, void *to, LPDWORD len);
