/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of proofs as RFC 9162, 2.1.3.2 and 2.1.4.2, writes them; fn and sn are its names. */
#include "audit/merkle.h"

#include <string.h>

static bool is_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a->value, b->value, sizeof a->value) == 0;
}

static bool is_odd(uint64_t n)
{
    return (n & 1) != 0;
}

/* Up to where the way is a left child again, past levels in which the last node has no sibling. */
static void climb(uint64_t *fn, uint64_t *sn)
{
    while (!is_odd(*fn) && *fn != 0) {
        *fn >>= 1;
        *sn >>= 1;
    }
}

static int refuse(struct err *err)
{
    return FAIL(err, ERR_UNTRUSTED, "the proof does not lead to that root");
}

int merkle_check_inclusion(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                           const struct merkle_proof *proof, const struct merkle_hash *root,
                           struct err *err)
{
    uint64_t fn = index;
    uint64_t sn = size - 1;
    struct merkle_hash r = *leaf;

    if (index >= size)
        return FAIL(err, ERR_UNTRUSTED, "the tree has no such leaf");
    for (size_t i = 0; i < proof->count; i++) {
        if (sn == 0)
            return refuse(err);
        if (is_odd(fn) || fn == sn) {
            TRY(merkle_node(&proof->at[i], &r, &r, err));
            climb(&fn, &sn);
        } else {
            TRY(merkle_node(&r, &proof->at[i], &r, err));
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && is_same(&r, root) ? 0 : refuse(err);
}

/* Both trees grow from one subtree of the first: fr is its root so far, sr that of the second. */
static int grow(uint64_t fn, uint64_t sn, const struct merkle_proof *proof, size_t next,
                struct merkle_hash *fr, struct merkle_hash *sr, struct err *err)
{
    for (size_t i = next; i < proof->count; i++) {
        if (sn == 0)
            return refuse(err);
        if (is_odd(fn) || fn == sn) {
            TRY(merkle_node(&proof->at[i], fr, fr, err));
            TRY(merkle_node(&proof->at[i], sr, sr, err));
            climb(&fn, &sn);
        } else {
            TRY(merkle_node(sr, &proof->at[i], sr, err));
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 ? 0 : refuse(err);
}

int merkle_check_consistency(uint64_t first, const struct merkle_hash *first_root, uint64_t size,
                             const struct merkle_hash *root, const struct merkle_proof *proof,
                             struct err *err)
{
    uint64_t fn = first - 1;
    uint64_t sn = size - 1;
    size_t next = 0;
    struct merkle_hash fr = *first_root;
    struct merkle_hash sr;

    if (first == 0 || first > size)
        return FAIL(err, ERR_UNTRUSTED, "the tree is smaller than it was");
    if (first == size)
        return proof->count == 0 && is_same(first_root, root) ? 0 : refuse(err);
    while (is_odd(fn)) {
        fn >>= 1;
        sn >>= 1;
    }
    /* A first tree that is complete is itself where the way begins. */
    if (fn != 0) {
        if (proof->count == 0)
            return refuse(err);
        fr = proof->at[next++];
    }
    sr = fr;
    TRY(grow(fn, sn, proof, next, &fr, &sr, err));
    return is_same(&fr, first_root) && is_same(&sr, root) ? 0 : refuse(err);
}
