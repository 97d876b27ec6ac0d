/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that were signed, to be given again: of one certificate each, without a nonce, by CertID.
 * GET and POST, and all requesters, share them. A cache holds so many and then forgets the one that
 * was not asked for longest; whether an answer still holds is the caller's to judge. Any thread may
 * call.
 */
#pragma once

#include "http/date.h"
#include "ocsp/index.h"

struct ocsp_cache;

enum { OCSP_ETAG_SIZE = 44 }; /* quoted, 20 octets in hex */

/* What a caller must know of an answer. */
struct ocsp_kept {
    struct ocsp_single single;  /* its id means nothing */
    int64_t produced_at, until; /* from when to when it may be given */
    uint64_t version;           /* of the index, under which it was found to be right */
    uint64_t key_tag;           /* of the key that signed it (delegates.h) */
    char etag[OCSP_ETAG_SIZE];
    char modified[HTTP_DATE_SIZE], expires[HTTP_DATE_SIZE];
};

/* Which answer: the CertID as it was sent, and the serial number in it. */
struct ocsp_cache_key {
    enum ocsp_ca ca;
    uint32_t serial;
    struct bytes cert_id;
};

/* For so many answers, 1 to OCSP_CACHE_MAX; about 800 bytes each. */
MUST_CHECK int ocsp_cache_new(size_t capacity, struct ocsp_cache **ret, struct err *err);
void ocsp_cache_free(struct ocsp_cache *cache);
void ocsp_cache_freep(struct ocsp_cache **cache);

/*
 * Fill kept, and append the answer to body: what is kept of it, and tail. ERR_ABSENT if there is
 * none.
 */
MUST_CHECK int ocsp_cache_find(struct ocsp_cache *cache, const struct ocsp_cache_key *key,
                               struct bytes tail, struct ocsp_kept *ret, struct buf *body,
                               struct err *err);
/*
 * Keep an answer, less its tail; instead of the one there is, unless that is of a later version.
 * Without memory it is not kept.
 */
void ocsp_cache_put(struct ocsp_cache *cache, const struct ocsp_cache_key *key,
                    const struct ocsp_kept *kept, struct bytes answer_without_tail);
/* The status in kept was found to be right under kept->version: so is an answer that says it. */
void ocsp_cache_confirm(struct ocsp_cache *cache, const struct ocsp_cache_key *key,
                        const struct ocsp_kept *kept);
/* Forget all. */
void ocsp_cache_clear(struct ocsp_cache *cache);
size_t ocsp_cache_count(struct ocsp_cache *cache);
