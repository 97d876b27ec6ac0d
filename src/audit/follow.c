/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/follow.h"

#include "audit/record.h"
#include "base/hex.h"

#include <stdio.h>
#include <string.h>

int audit_hash_parse(const char *hex, struct merkle_hash *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;

    if (strlen(hex) != 2 * MERKLE_HASH_SIZE)
        return FAIL(err, ERR_INPUT, "a hash has %d hexadecimal digits", 2 * MERKLE_HASH_SIZE);
    TRY(hex_decode(hex, &octets, err));
    memcpy(ret->value, octets.ptr, sizeof ret->value);
    return 0;
}

int audit_put_hash(struct json *object, const char *key, const struct merkle_hash *hash,
                   struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;

    TRY(hex_append(&hex, BYTES_ARRAY(hash->value), err));
    return json_put_bytes(object, key, buf_bytes(&hex), err);
}

static int get_hash(const struct json *object, const char *key, struct merkle_hash *ret,
                    struct err *err)
{
    const char *hex;

    TRY(json_get_text(object, key, &hex, err));
    return err_prefix(err, audit_hash_parse(hex, ret, err), "%s", key);
}

static bool is_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return bytes_equal(BYTES_ARRAY(a->value), BYTES_ARRAY(b->value));
}

/* ---- records ---- */

/* null is told for what is empty. */
static int get_text(const struct json *object, const char *key, char *ret, size_t room,
                    struct err *err)
{
    const char *text = "";

    if (!json_is_null_member(object, key))
        TRY(json_get_text(object, key, &text, err));
    if (strlen(text) >= room)
        return FAIL(err, ERR_INPUT, "%s is too long", key);
    (void)snprintf(ret, room, "%s", text);
    return 0;
}

static int read_record(const struct json *told, struct record *ret, struct err *err)
{
    struct record r = {.commitment = {.alg = DIGEST_SHA256, .len = MERKLE_HASH_SIZE}};
    struct merkle_hash commitment;

    TRY(json_get_int(told, "seq", &r.seq, err));
    TRY(json_get_int(told, "at", &r.by.at, err));
    TRY(get_text(told, "actor", r.by.actor, sizeof r.by.actor, err));
    TRY(get_text(told, "act", r.act, sizeof r.act, err));
    TRY(get_text(told, "subject", r.subject, sizeof r.subject, err));
    TRY(get_text(told, "outcome", r.outcome, sizeof r.outcome, err));
    TRY(get_text(told, "trace_id", r.by.trace_id, sizeof r.by.trace_id, err));
    TRY(get_hash(told, "commitment", &commitment, err));
    memcpy(r.commitment.value, commitment.value, sizeof commitment.value);
    *ret = r;
    return 0;
}

/* The leaf of a record that is told; it must be the one that is told with it. */
static int audit_told_leaf(const struct json *record, int64_t *ret_seq,
                           struct merkle_hash *ret_leaf, struct err *err)
{
    struct merkle_hash told;
    struct merkle_hash leaf;
    struct digest digest;
    struct record r;

    TRY(read_record(record, &r, err));
    TRY(get_hash(record, "leaf", &told, err));
    TRY(record_leaf(&r, &digest, err));
    memcpy(leaf.value, digest.value, sizeof leaf.value);
    if (!is_same(&leaf, &told))
        return FAIL(err, ERR_UNTRUSTED, "record %lld is not what its hash is of", (long long)r.seq);
    *ret_seq = r.seq;
    *ret_leaf = leaf;
    return 0;
}

int audit_follow(struct merkle_frontier *log, const struct json *page, struct err *err)
{
    const struct json *records;

    TRY(json_get_array(page, "records", &records, err));
    for (size_t i = 0; i < json_count(records); i++) {
        struct merkle_hash leaf;
        int64_t seq;

        TRY(audit_told_leaf(json_at(records, i), &seq, &leaf, err));
        if ((uint64_t)seq != log->size + 1)
            return FAIL(err, ERR_UNTRUSTED, "record %llu is missing: %lld comes instead",
                        (unsigned long long)log->size + 1, (long long)seq);
        TRY(merkle_add(log, &leaf, err));
    }
    return 0;
}

int audit_agree(const struct merkle_frontier *log, const struct json *tree, struct err *err)
{
    struct merkle_hash told;
    struct merkle_hash root;
    int64_t size;

    TRY(json_get_int(tree, "size", &size, err));
    TRY(get_hash(tree, "root", &told, err));
    if (size < 0 || (uint64_t)size != log->size)
        return FAIL(err, ERR_INPUT, "the tree is not of %llu records",
                    (unsigned long long)log->size);
    TRY(merkle_frontier_root(log, &root, err));
    if (!is_same(&root, &told))
        return FAIL(err, ERR_UNTRUSTED,
                    "the first %lld records are not those that the daemon's tree is of",
                    (long long)size);
    return 0;
}

/* ---- what is kept ---- */

static int add_hash(struct json *array, const struct merkle_hash *hash, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *text;

    TRY(hex_append(&hex, BYTES_ARRAY(hash->value), err));
    TRY(buf_text(&hex, &text, err));
    return json_add_text(array, text, err);
}

/* At most MERKLE_PROOF_MAX of them. */
static int get_hashes(const struct json *object, const char *key, struct merkle_proof *ret,
                      struct err *err)
{
    const struct json *array;

    TRY(json_get_array(object, key, &array, err));
    if (json_count(array) > MERKLE_PROOF_MAX)
        return FAIL(err, ERR_INPUT, "%s has more than %d hashes", key, MERKLE_PROOF_MAX);
    ret->count = json_count(array);
    for (size_t i = 0; i < ret->count; i++) {
        const char *hex = json_text(json_at(array, i));

        if (hex == NULL)
            return FAIL(err, ERR_INPUT, "%s is not of texts", key);
        TRY(audit_hash_parse(hex, &ret->at[i], err));
    }
    return 0;
}

int audit_check_growth(const struct json *tree, const struct audit_growth *growth, struct err *err)
{
    struct merkle_proof proof = {.count = 0};
    struct merkle_hash told;
    int64_t size;

    TRY(json_get_int(tree, "size", &size, err));
    TRY(get_hash(tree, "root", &told, err));
    if (size != growth->size)
        return FAIL(err, ERR_INPUT, "the tree is not of %lld records", (long long)growth->size);
    if (!is_same(&told, &growth->root))
        return FAIL(err, ERR_UNTRUSTED, "the first %lld records have another root here",
                    (long long)size);
    if (growth->first == 0)
        return 0;
    TRY(get_hashes(tree, "consistency", &proof, err));
    return merkle_check_consistency((uint64_t)growth->first, &growth->first_root, (uint64_t)size,
                                    &growth->root, &proof, err);
}

int audit_follower_put(const struct merkle_frontier *log, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *kept = json_object_new();
    CLEANUP(json_freep) struct json *subtrees = json_array_new();

    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if ((log->size >> level & 1) != 0)
            TRY(add_hash(subtrees, &log->at[level], err));
    }
    TRY(json_put_int(kept, "size", (int64_t)log->size, err));
    TRY(json_put(kept, "subtrees", json_steal(&subtrees), err));
    *ret = json_steal(&kept);
    return 0;
}

int audit_follower_get(const struct json *kept, struct merkle_frontier *ret, struct err *err)
{
    static const char *const keys[] = {"size", "subtrees", NULL};
    struct merkle_frontier log = {0};
    struct merkle_proof subtrees;
    size_t next = 0;
    int64_t size;

    TRY(json_only(kept, keys, err));
    TRY(json_get_int(kept, "size", &size, err));
    TRY(get_hashes(kept, "subtrees", &subtrees, err));
    if (size < 0)
        return FAIL(err, ERR_INPUT, "size is negative");
    log.size = (uint64_t)size;
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if ((log.size >> level & 1) == 0)
            continue;
        if (next == subtrees.count)
            return FAIL(err, ERR_INPUT, "subtrees are missing");
        log.at[level] = subtrees.at[next++];
    }
    if (next != subtrees.count)
        return FAIL(err, ERR_INPUT, "there are more subtrees than such a size has");
    *ret = log;
    return 0;
}

int audit_check_proof(const struct json *proof, struct merkle_hash *ret_root, int64_t *ret_size,
                      struct err *err)
{
    static const char *const keys[] = {"record",     "size", "root", "inclusion",
                                       "checkpoint", "salt", NULL};
    const struct json *record;
    struct merkle_proof path;
    struct merkle_hash leaf;
    struct merkle_hash root;
    int64_t size;
    int64_t seq;

    TRY(json_only(proof, keys, err));
    TRY(json_get_object(proof, "record", &record, err));
    TRY(json_get_int(proof, "size", &size, err));
    TRY(get_hash(proof, "root", &root, err));
    TRY(get_hashes(proof, "inclusion", &path, err));
    TRY(audit_told_leaf(record, &seq, &leaf, err));
    if (seq < 1 || seq > size)
        return FAIL(err, ERR_UNTRUSTED, "a tree of %lld records has no record %lld",
                    (long long)size, (long long)seq);
    TRY(merkle_check_inclusion(&leaf, (uint64_t)seq - 1, (uint64_t)size, &path, &root, err));
    *ret_root = root;
    *ret_size = size;
    return 0;
}
