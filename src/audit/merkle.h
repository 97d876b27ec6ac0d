/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merkle trees of RFC 9162, 2.1, over SHA-256: roots, proofs, and the checks of proofs. Nothing
 * here knows where hashes are kept: whoever builds a proof gives a function that tells the hash of
 * a complete subtree, whoever checks one needs nothing but the proof.
 */
#pragma once

#include "base/bytes.h"

enum {
    MERKLE_HASH_SIZE = 32,
    MERKLE_LEVELS = 63,        /* of trees whose sizes are int64_t */
    MERKLE_PROOF_MAX = 2 * 63, /* hashes of a proof at most */
};

struct merkle_hash {
    uint8_t value[MERKLE_HASH_SIZE];
};

struct merkle_proof {
    size_t count;
    struct merkle_hash at[MERKLE_PROOF_MAX];
};

/* The hash of no leaf at all: of the empty string. */
MUST_CHECK int merkle_empty(struct merkle_hash *ret, struct err *err);
/* SHA-256 of 0x01 and both. */
MUST_CHECK int merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                           struct merkle_hash *ret, struct err *err);

/* Leaves one after the other, and the root of those that have come. Starts as zeros. */
struct merkle_frontier {
    uint64_t size;
    struct merkle_hash at[MERKLE_LEVELS]; /* of the complete subtrees, one for each bit of size */
};
MUST_CHECK int merkle_add(struct merkle_frontier *frontier, const struct merkle_hash *leaf,
                          struct err *err);
MUST_CHECK int merkle_frontier_root(const struct merkle_frontier *frontier, struct merkle_hash *ret,
                                    struct err *err);

/* Where the hashes of complete subtrees come from: the index-th of 2^level leaves. */
struct merkle_source {
    int (*subtree)(void *context, unsigned level, uint64_t index, struct merkle_hash *ret,
                   struct err *err);
    void *context;
};

/* Of the first size leaves; a source's failure is passed on. */
MUST_CHECK int merkle_root(const struct merkle_source *source, uint64_t size,
                           struct merkle_hash *ret, struct err *err);
/* That leaf index (from 0) is among the first size. ERR_USAGE unless index < size. */
MUST_CHECK int merkle_prove_inclusion(const struct merkle_source *source, uint64_t index,
                                      uint64_t size, struct merkle_proof *ret, struct err *err);
/* That the first leaves of a tree are those it had before. ERR_USAGE unless 0 < first <= size. */
MUST_CHECK int merkle_prove_consistency(const struct merkle_source *source, uint64_t first,
                                        uint64_t size, struct merkle_proof *ret, struct err *err);

/* RFC 9162, 2.1.3.2 and 2.1.4.2: ERR_UNTRUSTED if it does not follow. */
MUST_CHECK int merkle_check_inclusion(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                                      const struct merkle_proof *proof,
                                      const struct merkle_hash *root, struct err *err);
MUST_CHECK int merkle_check_consistency(uint64_t first, const struct merkle_hash *first_root,
                                        uint64_t size, const struct merkle_hash *root,
                                        const struct merkle_proof *proof, struct err *err);
