/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The coin box of a machine, as a file: what it has kept in all, and the money that somebody has
 * put in for an order that is not over. It is on the disk before anybody is told of it, so that
 * whoever dies in between knows afterwards whose money lies there.
 */
#pragma once

#include "base/bytes.h"
#include "base/json.h"

enum { BOX_ORDER_SIZE = 64, BOX_PAYMENT_SIZE = 44 };

struct box {
    const char *path;
    int64_t kept;    /* yen, in all */
    bool is_pending; /* then: */
    char order[BOX_ORDER_SIZE], payment[BOX_PAYMENT_SIZE];
    int64_t amount;
};

/* A file that is not there is an empty box. ERR_INPUT if it is none. */
MUST_CHECK int box_open(const char *path, struct box *ret, struct err *err);
/* Money for an order, under a new name. */
MUST_CHECK int box_take(struct box *box, const char *order, int64_t amount, struct err *err);
/* It stays, or goes back. */
MUST_CHECK int box_settle(struct box *box, bool is_kept, struct err *err);
/* From the octets of a file. */
MUST_CHECK int box_parse(struct bytes text, struct box *ret, struct err *err);
