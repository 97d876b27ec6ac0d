/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/merkle.h"

#include "crypto/digest.h"

#include <string.h>

static int hash(struct bytes data, struct merkle_hash *ret, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, data, &digest, err));
    memcpy(ret->value, digest.value, sizeof ret->value);
    return 0;
}

int merkle_empty(struct merkle_hash *ret, struct err *err)
{
    return hash(bytes_of(NULL, 0), ret, err);
}

int merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                struct merkle_hash *ret, struct err *err)
{
    uint8_t both[1 + 2 * MERKLE_HASH_SIZE] = {0x01};

    memcpy(both + 1, left->value, MERKLE_HASH_SIZE);
    memcpy(both + 1 + MERKLE_HASH_SIZE, right->value, MERKLE_HASH_SIZE);
    return hash(BYTES_ARRAY(both), ret, err);
}

int merkle_add(struct merkle_frontier *frontier, const struct merkle_hash *leaf, struct err *err)
{
    struct merkle_hash up = *leaf;
    unsigned level = 0;

    if (frontier->size >> (MERKLE_LEVELS - 1) != 0)
        return FAIL(err, ERR_USAGE, "a tree of more leaves than this has levels for");
    for (; (frontier->size >> level & 1) != 0; level++)
        TRY(merkle_node(&frontier->at[level], &up, &up, err));
    frontier->at[level] = up;
    frontier->size++;
    return 0;
}

int merkle_frontier_root(const struct merkle_frontier *frontier, struct merkle_hash *ret,
                         struct err *err)
{
    struct merkle_hash root;
    bool is_begun = false;

    if (frontier->size == 0)
        return merkle_empty(ret, err);
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if ((frontier->size >> level & 1) == 0)
            continue;
        if (is_begun)
            TRY(merkle_node(&frontier->at[level], &root, &root, err));
        else
            root = frontier->at[level];
        is_begun = true;
    }
    *ret = root;
    return 0;
}

/* ---- building ---- */

/* The largest power of two below n, as its exponent; n is at least 2. */
static unsigned split_level(uint64_t n)
{
    unsigned level = 0;

    while ((n - 1) >> (level + 1) != 0)
        level++;
    return level;
}

static bool is_power(uint64_t n)
{
    return (n & (n - 1)) == 0;
}

/* Some leaves of a tree: a complete subtree, or its last ones. */
struct range {
    uint64_t start, count;
};

static struct range left_of(struct range range)
{
    return (struct range){range.start, (uint64_t)1 << split_level(range.count)};
}

static struct range right_of(struct range range)
{
    uint64_t left = left_of(range).count;

    return (struct range){range.start + left, range.count - left};
}

/* The deepest is as deep as a number has bits. */
static int range_hash(const struct merkle_source *source, struct range range,
                      struct merkle_hash *ret, struct err *err)
{
    struct merkle_hash left;
    struct merkle_hash right;
    unsigned level = 0;

    if (is_power(range.count)) {
        while (range.count >> level != 1)
            level++;
        return source->subtree(source->context, level, range.start >> level, ret, err);
    }
    TRY(range_hash(source, left_of(range), &left, err));
    TRY(range_hash(source, right_of(range), &right, err));
    return merkle_node(&left, &right, ret, err);
}

int merkle_root(const struct merkle_source *source, uint64_t size, struct merkle_hash *ret,
                struct err *err)
{
    return size == 0 ? merkle_empty(ret, err)
                     : range_hash(source, (struct range){0, size}, ret, err);
}

static int append_hash(const struct merkle_source *source, struct range range,
                       struct merkle_proof *proof, struct err *err)
{
    TRY(range_hash(source, range, &proof->at[proof->count], err));
    proof->count++;
    return 0;
}

/* What is beside the way from the root down comes first here; proofs have it last. */
static void turn_round(struct merkle_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct merkle_hash swap = proof->at[i];

        proof->at[i] = proof->at[proof->count - 1 - i];
        proof->at[proof->count - 1 - i] = swap;
    }
}

int merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                           struct merkle_proof *ret, struct err *err)
{
    struct range here = {0, size};

    if (index >= size)
        return FAIL(err, ERR_USAGE, "the tree has no such leaf");
    ret->count = 0;
    while (here.count > 1) {
        bool is_left = index < right_of(here).start;

        TRY(append_hash(source, is_left ? right_of(here) : left_of(here), ret, err));
        here = is_left ? left_of(here) : right_of(here);
    }
    turn_round(ret);
    return 0;
}

int merkle_prove_consistency(const struct merkle_source *source, uint64_t first, uint64_t size,
                             struct merkle_proof *ret, struct err *err)
{
    struct range here = {0, size};
    uint64_t end = first;

    if (first == 0 || first > size)
        return FAIL(err, ERR_USAGE, "a tree is consistent with one that is not larger");
    ret->count = 0;
    while (end < here.start + here.count) {
        bool is_left = end <= right_of(here).start;

        TRY(append_hash(source, is_left ? right_of(here) : left_of(here), ret, err));
        here = is_left ? left_of(here) : right_of(here);
    }
    /* The whole first tree is what the checker knows already. */
    if (here.start != 0)
        TRY(append_hash(source, here, ret, err));
    turn_round(ret);
    return 0;
}
