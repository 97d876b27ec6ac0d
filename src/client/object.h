/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a card's data objects apart (card.md 3): elements in the order that is written down, each
 * once, nothing between or behind them. All failures are ERR_INPUT; results point into the input.
 */
#pragma once

#include "base/bytes.h"

/* The value of the only element in object, which has this tag. */
MUST_CHECK int object_open(struct bytes object, uint32_t tag, struct bytes *ret, struct err *err);

/* What object_take found. */
struct object_part {
    struct bytes value;
    struct bytes whole; /* with its header, as it was written: what signatures are over */
};
enum { OBJECT_ANY_SIZE = -1 };
/* The next element, which has this tag and a value of size bytes; *rest starts behind it. */
MUST_CHECK int object_take(struct bytes *rest, uint32_t tag, int size, struct object_part *ret,
                           struct err *err);
MUST_CHECK int object_end(struct bytes rest, struct err *err);

/* From the start of one to the end of another that follows it in the same object. */
struct bytes object_span(const struct object_part *first, const struct object_part *last);
/* Malformed data that a card sent is no file of a person: ERR_INPUT becomes ERR_REMOTE. */
MUST_CHECK int object_of_card(int rc, struct err *err);
/* A digit in each byte. */
MUST_CHECK int object_digits(struct bytes value, struct err *err);
