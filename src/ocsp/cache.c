/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of chains and one list in the order of use. The place in the table is the serial number
 * times a random odd number, of which the upper bits count: who does not know it cannot choose
 * serial numbers that meet in one chain.
 */
#include "ocsp/cache.h"

#include "base/rand.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next;          /* in its chain */
    struct entry *newer, *older; /* in the order of use */
    struct ocsp_kept kept;
    enum ocsp_ca ca;
    uint32_t serial;
    uint16_t id_len, body_len;
    uint8_t bytes[]; /* CertID, then answer */
};

struct ocsp_cache {
    pthread_mutex_t lock;
    uint64_t factor; /* odd */
    unsigned shift;
    size_t capacity, count;
    struct entry *newest, *oldest;
    struct entry **chains;
};

int ocsp_cache_new(size_t capacity, struct ocsp_cache **ret, struct err *err)
{
    CLEANUP(ocsp_cache_freep) struct ocsp_cache *cache = calloc(1, sizeof *cache);
    unsigned bits = 1;

    if (cache == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&cache->lock, NULL);
    if (capacity == 0 || capacity > OCSP_CACHE_MAX)
        return FAIL(err, ERR_USAGE, "a cache of %zu answers, 1 to %d are possible", capacity,
                    OCSP_CACHE_MAX);
    while ((size_t)1 << bits < capacity)
        bits++;
    cache->capacity = capacity;
    cache->shift = 64 - bits;
    TRY(rand_fill(&cache->factor, sizeof cache->factor, err));
    cache->factor |= 1;
    cache->chains = calloc((size_t)1 << bits, sizeof *cache->chains);
    if (cache->chains == NULL)
        return FAIL_NOMEM(err);
    *ret = cache;
    cache = NULL;
    return 0;
}

void ocsp_cache_free(struct ocsp_cache *cache)
{
    if (cache == NULL)
        return;
    ocsp_cache_clear(cache);
    (void)pthread_mutex_destroy(&cache->lock);
    free(cache->chains);
    free(cache);
}

void ocsp_cache_freep(struct ocsp_cache **cache)
{
    ocsp_cache_free(*cache);
    *cache = NULL;
}

/* ---- the order of use; the lock is held ---- */

static void leave_order(struct ocsp_cache *cache, struct entry *entry)
{
    if (entry->newer != NULL)
        entry->newer->older = entry->older;
    else
        cache->newest = entry->older;
    if (entry->older != NULL)
        entry->older->newer = entry->newer;
    else
        cache->oldest = entry->newer;
}

static void join_order(struct ocsp_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    if (cache->newest != NULL)
        cache->newest->newer = entry;
    else
        cache->oldest = entry;
    cache->newest = entry;
}

/* ---- the table; the lock is held ---- */

static struct entry **chain_of(const struct ocsp_cache *cache, enum ocsp_ca ca, uint32_t serial)
{
    uint64_t number = (uint64_t)ca << 32 | serial;

    return &cache->chains[number * cache->factor >> cache->shift];
}

static struct bytes id_of(const struct entry *entry)
{
    return bytes_of(entry->bytes, entry->id_len);
}

static struct entry *find(const struct ocsp_cache *cache, const struct ocsp_cache_key *key)
{
    struct entry *entry = *chain_of(cache, key->ca, key->serial);

    while (entry != NULL && (entry->serial != key->serial || entry->ca != key->ca ||
                             !bytes_equal(id_of(entry), key->cert_id)))
        entry = entry->next;
    return entry;
}

static void drop(struct ocsp_cache *cache, struct entry *entry)
{
    struct entry **at = chain_of(cache, entry->ca, entry->serial);

    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    leave_order(cache, entry);
    cache->count--;
    free(entry);
}

static void join(struct ocsp_cache *cache, struct entry *entry)
{
    struct entry **chain = chain_of(cache, entry->ca, entry->serial);

    entry->next = *chain;
    *chain = entry;
    join_order(cache, entry);
    cache->count++;
}

static struct entry *entry_new(const struct ocsp_cache_key *key, const struct ocsp_kept *kept,
                               struct bytes body)
{
    struct entry *entry = key->cert_id.len > UINT16_MAX || body.len > UINT16_MAX
                              ? NULL
                              : malloc(sizeof *entry + key->cert_id.len + body.len);

    if (entry == NULL)
        return NULL;
    entry->kept = *kept;
    entry->ca = key->ca;
    entry->serial = key->serial;
    entry->id_len = (uint16_t)key->cert_id.len;
    entry->body_len = (uint16_t)body.len;
    memcpy(entry->bytes, key->cert_id.ptr, key->cert_id.len);
    memcpy(entry->bytes + key->cert_id.len, body.ptr, body.len);
    return entry;
}

/* ---- for everybody ---- */

int ocsp_cache_find(struct ocsp_cache *cache, const struct ocsp_cache_key *key, struct bytes tail,
                    struct ocsp_kept *ret, struct buf *body, struct err *err)
{
    struct entry *entry;
    int rc;

    (void)pthread_mutex_lock(&cache->lock);
    entry = find(cache, key);
    if (entry == NULL) {
        (void)pthread_mutex_unlock(&cache->lock);
        return FAIL(err, ERR_ABSENT, "no such answer is kept");
    }
    leave_order(cache, entry);
    join_order(cache, entry);
    *ret = entry->kept;
    rc = buf_reserve(body, (size_t)entry->body_len + tail.len, err);
    if (rc == 0)
        rc = buf_append(body, bytes_of(entry->bytes + entry->id_len, entry->body_len), err);
    (void)pthread_mutex_unlock(&cache->lock);
    TRY(rc);
    return buf_append(body, tail, err);
}

void ocsp_cache_put(struct ocsp_cache *cache, const struct ocsp_cache_key *key,
                    const struct ocsp_kept *kept, struct bytes answer_without_tail)
{
    struct entry *entry = entry_new(key, kept, answer_without_tail);
    struct entry *before;

    if (entry == NULL)
        return;
    (void)pthread_mutex_lock(&cache->lock);
    before = find(cache, key);
    if (before != NULL && before->kept.version > kept->version) {
        free(entry);
    } else {
        if (before != NULL)
            drop(cache, before);
        else if (cache->count == cache->capacity)
            drop(cache, cache->oldest);
        join(cache, entry);
    }
    (void)pthread_mutex_unlock(&cache->lock);
}

void ocsp_cache_confirm(struct ocsp_cache *cache, const struct ocsp_cache_key *key,
                        const struct ocsp_kept *kept)
{
    struct entry *entry;

    (void)pthread_mutex_lock(&cache->lock);
    entry = find(cache, key);
    if (entry != NULL && entry->kept.version < kept->version &&
        ocsp_same_status(&entry->kept.single, &kept->single))
        entry->kept.version = kept->version;
    (void)pthread_mutex_unlock(&cache->lock);
}

void ocsp_cache_clear(struct ocsp_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    while (cache->oldest != NULL)
        drop(cache, cache->oldest);
    (void)pthread_mutex_unlock(&cache->lock);
}

size_t ocsp_cache_count(struct ocsp_cache *cache)
{
    size_t count;

    (void)pthread_mutex_lock(&cache->lock);
    count = cache->count;
    (void)pthread_mutex_unlock(&cache->lock);
    return count;
}
