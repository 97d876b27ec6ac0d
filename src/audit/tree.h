/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log as a Merkle tree: record 1 is leaf 0. Hashes of complete subtrees are kept where
 * their level is a multiple of eight (one more hash for 256 records), and made in the transaction
 * of the record that completes them. They save time only: what is missing is made from what is
 * below it.
 */
#pragma once

#include "audit/merkle.h"
#include "base/json.h"
#include "db/db.h"

enum { AUDIT_TREE_STEP = 8 }; /* levels from one kept row of hashes to the next */

/* A migration behind audit_schema_v1. */
extern const char audit_tree_schema_v1[];

/* Keep what is complete with this record, which is in the transaction already. */
MUST_CHECK int audit_tree_extend(struct db_txn *txn, int64_t seq, struct err *err);

/* How many records there are, and the root over all of them. */
MUST_CHECK int audit_tree_root(struct db *db, int64_t *ret_size, struct merkle_hash *ret,
                               struct err *err);

/*
 * The tree of the first size records (0: all), as the body of an answer: size and root, and where
 * it was asked for, inclusion of a record and consistency with an earlier size, as hashes from the
 * leaf upwards. Decimal digits; NULL: not asked for. ERR_INPUT if they are not; ERR_CONFLICT for
 * what the log does not have.
 */
struct audit_tree_query {
    const char *size, *record, *since;
};
MUST_CHECK int audit_tree(struct db *db, const struct audit_tree_query *query, struct json **ret,
                          struct err *err);
