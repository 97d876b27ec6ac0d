/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is charged for, counted by verifier, day in Japan and item; what it costs follows from a
 * dated table (fees.h) when a statement is made. A count is added in the transaction of what is
 * counted, or comes from a responder's meter as totals that only grow.
 */
#pragma once

#include "authority/store.h"
#include "authority/usage/fees.h"
#include "base/json.h"

struct db_txn;

/* For the store: so many more, now. */
MUST_CHECK int usage_add(struct db_txn *txn, const char *party, int64_t at, enum usage_item item,
                         int64_t count, struct err *err);

/* What a meter has counted of one verifier and kind, since it began. */
struct usage_total {
    const char *party;
    enum ca_kind kind;
    int64_t total;
};

enum { METER_ID_LEN = 32 };

struct usage_batch {
    const char *meter; /* METER_ID_LEN hexadecimal digits */
    int64_t number;    /* higher for each batch of a meter */
    const struct usage_total *totals;
    size_t count;
};

/*
 * Count what is new in a batch. The one that came last once more is fine (*ret_is_new false).
 * ERR_CONFLICT for an older one, for other totals under the same number, totals that have become
 * less, and verifiers that were never here: that meter, or this database, is an old copy.
 */
MUST_CHECK int authority_count_usage(struct authority_store *store, const struct usage_batch *batch,
                                     const struct audit_origin *by, bool *ret_is_new,
                                     struct err *err);

/*
 * What verifiers owe for a month ("2026-11"): the body of an answer. party NULL: all that have used
 * anything.
 */
MUST_CHECK int authority_statements(struct authority_store *store, const struct fees *fees,
                                    const char *month, const char *party, struct json **ret,
                                    struct err *err);
/* The same of one verifier by day and item, so that it can split it among those it asks for. */
MUST_CHECK int authority_used_days(struct authority_store *store, const struct fees *fees,
                                   const char *month, const char *party, struct json **ret,
                                   struct err *err);
