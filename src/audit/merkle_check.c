/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of proofs as RFC 9162, 2.1.3.2 and 2.1.4.2, writes them; fn and sn are its names. */
#include "audit/merkle.h"

static bool is_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return bytes_equal(BYTES_ARRAY(a->value), BYTES_ARRAY(b->value));
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

/* Both trees, as they grow from one subtree of the first. */
struct growth {
    uint64_t fn, sn;
    struct merkle_hash first, second; /* the roots so far */
};

static int grow(struct growth *g, const struct merkle_hash *beside, struct err *err)
{
    if (g->sn == 0)
        return refuse(err);
    if (is_odd(g->fn) || g->fn == g->sn) {
        TRY(merkle_node(beside, &g->first, &g->first, err));
        TRY(merkle_node(beside, &g->second, &g->second, err));
        climb(&g->fn, &g->sn);
    } else {
        TRY(merkle_node(&g->second, beside, &g->second, err));
    }
    g->fn >>= 1;
    g->sn >>= 1;
    return 0;
}

int merkle_check_consistency(uint64_t first, const struct merkle_hash *first_root, uint64_t size,
                             const struct merkle_hash *root, const struct merkle_proof *proof,
                             struct err *err)
{
    struct growth g = {.fn = first - 1, .sn = size - 1};
    size_t next = 0;

    if (first == 0 || first > size)
        return FAIL(err, ERR_UNTRUSTED, "the tree is smaller than it was");
    if (first == size)
        return proof->count == 0 && is_same(first_root, root) ? 0 : refuse(err);
    for (; is_odd(g.fn); g.fn >>= 1)
        g.sn >>= 1;
    if (g.fn != 0 && proof->count == 0)
        return refuse(err);
    /* A first tree that is complete is itself where the way begins. */
    g.first = g.fn == 0 ? *first_root : proof->at[next++];
    g.second = g.first;
    for (; next < proof->count; next++)
        TRY(grow(&g, &proof->at[next], err));
    return g.sn == 0 && is_same(&g.first, first_root) && is_same(&g.second, root) ? 0 : refuse(err);
}
