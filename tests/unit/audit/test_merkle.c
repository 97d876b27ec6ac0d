/* SPDX-License-Identifier: Apache-2.0 */
/* Trees against known roots, and every proof of all small trees against every way to be wrong. */
#include "audit/merkle.h"

#include "base/hex.h"
#include "crypto/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE_MAX_TRIED = 70 };

/* The eight leaves that implementations of Certificate Transparency test with. */
static const char *const known_leaves[] = {"",
                                           "00",
                                           "10",
                                           "2021",
                                           "3031",
                                           "40414243",
                                           "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f"};
static const char *const known_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static struct merkle_hash leaf_of(struct bytes data)
{
    CLEANUP(buf_done) struct buf leaf = BUF_INIT;
    struct digest digest;
    struct merkle_hash hash;

    assert_int_equal(buf_append_byte(&leaf, 0x00, NULL), 0);
    assert_int_equal(buf_append(&leaf, data, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&leaf), &digest, NULL), 0);
    memcpy(hash.value, digest.value, sizeof hash.value);
    return hash;
}

static struct merkle_hash numbered(uint64_t index)
{
    uint8_t octets[] = {(uint8_t)(index >> 8), (uint8_t)index};

    return leaf_of(BYTES_ARRAY(octets));
}

/* The definition, level by level. */
static int subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *ret,
                   struct err *err)
{
    struct merkle_hash left;
    struct merkle_hash right;

    if (level == 0) {
        *ret = numbered(index);
        return 0;
    }
    TRY(subtree(context, level - 1, 2 * index, &left, err));
    TRY(subtree(context, level - 1, 2 * index + 1, &right, err));
    return merkle_node(&left, &right, ret, err);
}

static const struct merkle_source source = {subtree, NULL};

static struct merkle_hash root_of(uint64_t size)
{
    struct merkle_hash root;

    assert_int_equal(merkle_root(&source, size, &root, NULL), 0);
    return root;
}

static void known_trees_have_their_roots(void **state)
{
    struct merkle_frontier frontier = {0};

    (void)state;
    for (size_t size = 0; size < sizeof known_roots / sizeof known_roots[0]; size++) {
        CLEANUP(buf_done) struct buf hex = BUF_INIT;
        struct merkle_hash root;

        assert_int_equal(merkle_frontier_root(&frontier, &root, NULL), 0);
        assert_int_equal(hex_append(&hex, BYTES_ARRAY(root.value), NULL), 0);
        assert_true(bytes_equal(buf_bytes(&hex), bytes_text(known_roots[size])));
        if (size < 8) {
            CLEANUP(buf_done) struct buf data = BUF_INIT;
            struct merkle_hash leaf;

            assert_int_equal(hex_decode(known_leaves[size], &data, NULL), 0);
            leaf = leaf_of(buf_bytes(&data));
            assert_int_equal(merkle_add(&frontier, &leaf, NULL), 0);
        }
    }
}

static void leaf_by_leaf_and_at_once_are_the_same(void **state)
{
    struct merkle_frontier frontier = {0};

    (void)state;
    for (uint64_t size = 0; size < 300; size++) {
        struct merkle_hash leaf = numbered(size);
        struct merkle_hash root;
        struct merkle_hash whole = root_of(size);

        assert_int_equal(merkle_frontier_root(&frontier, &root, NULL), 0);
        assert_memory_equal(&root, &whole, sizeof root);
        assert_int_equal(merkle_add(&frontier, &leaf, NULL), 0);
    }
}

static int check_inclusion(uint64_t index, uint64_t size, const struct merkle_proof *proof)
{
    struct merkle_hash leaf = numbered(index);
    struct merkle_hash root = root_of(size);

    return merkle_check_inclusion(&leaf, index, size, proof, &root, NULL);
}

static void every_leaf_of_every_tree_is_proven(void **state)
{
    struct merkle_proof proof;

    (void)state;
    for (uint64_t size = 1; size <= SIZE_MAX_TRIED; size++) {
        for (uint64_t index = 0; index < size; index++) {
            assert_int_equal(merkle_prove_inclusion(&source, index, size, &proof, NULL), 0);
            assert_int_equal(check_inclusion(index, size, &proof), 0);
        }
        assert_int_equal(merkle_prove_inclusion(&source, size, size, &proof, NULL), -ERR_USAGE);
    }
}

/* Each hash of a proof changed, left out or doubled: what is checked with it must be refused. */
static void spoil(struct merkle_proof proof, int (*check)(const struct merkle_proof *, void *),
                  void *context)
{
    struct merkle_proof longer = proof;

    longer.at[longer.count++] = (struct merkle_hash){{1}};
    assert_int_equal(check(&longer, context), -ERR_UNTRUSTED);
    for (size_t i = 0; i < proof.count; i++) {
        struct merkle_proof shorter = proof;

        shorter.count--;
        memmove(&shorter.at[i], &shorter.at[i + 1], (shorter.count - i) * sizeof shorter.at[0]);
        assert_int_equal(check(&shorter, context), -ERR_UNTRUSTED);
        proof.at[i].value[i % MERKLE_HASH_SIZE] ^= 0x10;
        assert_int_equal(check(&proof, context), -ERR_UNTRUSTED);
        proof.at[i].value[i % MERKLE_HASH_SIZE] ^= 0x10;
    }
    assert_int_equal(check(&proof, context), 0);
}

struct place {
    uint64_t first, size;
};

static int check_place(const struct merkle_proof *proof, void *context)
{
    const struct place *place = context;

    return check_inclusion(place->first, place->size, proof);
}

static void a_spoiled_proof_of_a_leaf_is_refused(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= 20; size++) {
        for (uint64_t index = 0; index < size; index++) {
            struct place place = {index, size};
            struct merkle_proof proof;

            assert_int_equal(merkle_prove_inclusion(&source, index, size, &proof, NULL), 0);
            spoil(proof, check_place, &place);
            for (uint64_t other = 0; other <= size; other++) {
                if (other != index)
                    assert_int_equal(check_inclusion(other, size, &proof), -ERR_UNTRUSTED);
            }
        }
    }
}

static int check_consistency(const struct merkle_proof *proof, void *context)
{
    const struct place *place = context;
    struct merkle_hash first = root_of(place->first);
    struct merkle_hash second = root_of(place->size);

    return merkle_check_consistency(place->first, &first, place->size, &second, proof, NULL);
}

static void every_tree_continues_each_smaller_one(void **state)
{
    struct merkle_proof proof;

    (void)state;
    for (uint64_t size = 1; size <= SIZE_MAX_TRIED; size++) {
        for (uint64_t first = 1; first <= size; first++) {
            struct place place = {first, size};

            assert_int_equal(merkle_prove_consistency(&source, first, size, &proof, NULL), 0);
            assert_int_equal(check_consistency(&proof, &place), 0);
        }
        assert_int_equal(merkle_prove_consistency(&source, size + 1, size, &proof, NULL),
                         -ERR_USAGE);
        assert_int_equal(merkle_prove_consistency(&source, 0, size, &proof, NULL), -ERR_USAGE);
    }
}

static void a_spoiled_proof_of_growth_is_refused(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= 20; size++) {
        for (uint64_t first = 1; first <= size; first++) {
            struct place place = {first, size};
            struct merkle_proof proof;

            assert_int_equal(merkle_prove_consistency(&source, first, size, &proof, NULL), 0);
            spoil(proof, check_consistency, &place);
        }
    }
}

/* One leaf of the first tree was changed afterwards. */
static void a_tree_with_another_past_is_refused(void **state)
{
    (void)state;
    for (uint64_t size = 2; size <= 20; size++) {
        for (uint64_t first = 1; first < size; first++) {
            struct merkle_hash root = root_of(size);
            struct merkle_hash forged = root_of(first);
            struct merkle_proof proof;

            forged.value[0] ^= 1;
            assert_int_equal(merkle_prove_consistency(&source, first, size, &proof, NULL), 0);
            assert_int_equal(merkle_check_consistency(first, &forged, size, &root, &proof, NULL),
                             -ERR_UNTRUSTED);
            forged = root_of(first);
            assert_int_equal(merkle_check_consistency(size, &root, first, &forged, &proof, NULL),
                             -ERR_UNTRUSTED);
        }
    }
}

static int fails(void *context, unsigned level, uint64_t index, struct merkle_hash *ret,
                 struct err *err)
{
    (void)context;
    (void)level;
    (void)index;
    (void)ret;
    return FAIL(err, ERR_SYSTEM, "no such hash");
}

static void a_source_that_fails_is_told(void **state)
{
    const struct merkle_source broken = {fails, NULL};
    struct merkle_hash root;
    struct merkle_proof proof;

    (void)state;
    assert_int_equal(merkle_root(&broken, 3, &root, NULL), -ERR_SYSTEM);
    assert_int_equal(merkle_prove_inclusion(&broken, 1, 3, &proof, NULL), -ERR_SYSTEM);
    assert_int_equal(merkle_prove_consistency(&broken, 1, 3, &proof, NULL), -ERR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_trees_have_their_roots),
        cmocka_unit_test(leaf_by_leaf_and_at_once_are_the_same),
        cmocka_unit_test(every_leaf_of_every_tree_is_proven),
        cmocka_unit_test(a_spoiled_proof_of_a_leaf_is_refused),
        cmocka_unit_test(every_tree_continues_each_smaller_one),
        cmocka_unit_test(a_spoiled_proof_of_growth_is_refused),
        cmocka_unit_test(a_tree_with_another_past_is_refused),
        cmocka_unit_test(a_source_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
