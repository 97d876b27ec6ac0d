/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log seen from outside: what a daemon tells of it is hashed again, record by record, and what
 * it says of its tree is compared with that. Nothing told is believed, and nothing but the hashes
 * of some subtrees is kept, so whoever comes back later has to read only what is new.
 *
 * ERR_INPUT for what is not in the form of audit/words.c, ERR_UNTRUSTED for what is in it and
 * cannot be true.
 */
#pragma once

#include "audit/merkle.h"
#include "base/json.h"

/* The records of a page, which go on where the last one ended. */
MUST_CHECK int audit_follow(struct merkle_frontier *log, const struct json *page, struct err *err);
/* Whether a tree that is told, of as many records, has the root of those that were followed. */
MUST_CHECK int audit_agree(const struct merkle_frontier *log, const struct json *tree,
                           struct err *err);

/*
 * Whether a tree that is told is of size records with that root, and continues one of first records
 * with first_root by the proof that came with it; first 0: there was none before.
 */
struct audit_growth {
    int64_t first, size;
    struct merkle_hash first_root, root;
};
MUST_CHECK int audit_check_growth(const struct json *tree, const struct audit_growth *growth,
                                  struct err *err);

/* What is kept between two visits, and back: {"size", "subtrees": [hashes, the smallest first]}. */
MUST_CHECK int audit_follower_put(const struct merkle_frontier *log, struct json **ret,
                                  struct err *err);
MUST_CHECK int audit_follower_get(const struct json *kept, struct merkle_frontier *ret,
                                  struct err *err);

/*
 * A proof about one record: {"record", "size", "root", "inclusion"}, and perhaps "checkpoint", a
 * note (room note), which is not looked at here. The record is the one that is
 * in the tree with that root; *ret_root and *ret_size are for the caller to compare with a root
 * that it knows from elsewhere.
 */
MUST_CHECK int audit_check_proof(const struct json *proof, struct merkle_hash *ret_root,
                                 int64_t *ret_size, struct err *err);

/* Hashes in hexadecimal. */
MUST_CHECK int audit_put_hash(struct json *object, const char *key, const struct merkle_hash *hash,
                              struct err *err);
MUST_CHECK int audit_hash_parse(const char *hex, struct merkle_hash *ret, struct err *err);
