/* SPDX-License-Identifier: Apache-2.0 */
/* What a way to reach a card implements. For this room, and for tests that stand in for a card. */
#pragma once

#include "reader/reader.h"

struct reader_ops {
    /* Append the response, whatever it is, to the empty *ret; reader_transmit judges it. */
    int (*transmit)(struct reader *reader, struct bytes command, struct buf *ret, struct err *err);
    int (*begin)(struct reader *reader, bool *ret_was_reset, struct err *err); /* NULL: no need */
    void (*end)(struct reader *reader);                                        /* NULL: no need */
    /* Release everything, the struct itself too. */
    void (*free)(struct reader *reader, enum reader_leave leave);
};

/* First member of each backend's own struct. */
struct reader {
    const struct reader_ops *ops;
    char name[READER_NAME_MAX + 1]; /* cut if longer */
    bool in_transaction;
    reader_trace_fn *trace; /* NULL: none */
    void *trace_context;
};

/* Fill the common part; the rest of the struct is the backend's. */
void reader_init(struct reader *reader, const struct reader_ops *ops, const char *name);
