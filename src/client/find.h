/* SPDX-License-Identifier: Apache-2.0 */
/* Which card is meant: by the reader's name, or the only My Number Card there is. */
#pragma once

#include "base/bytes.h"
#include "reader/reader.h"

struct icc;

struct icc_find {
    const char *reader;     /* part of its name, or "direct:PATH", "replay:FILE"; NULL: any */
    reader_trace_fn *trace; /* NULL: none */
    void *trace_context;
};

/*
 * Open the card. Readers with other cards in them are passed over. ERR_ABSENT if there is no
 * reader, no card or no My Number Card; ERR_USAGE, listing the readers, if there are several.
 */
MUST_CHECK int icc_find(const struct icc_find *find, struct icc **ret, struct err *err);
