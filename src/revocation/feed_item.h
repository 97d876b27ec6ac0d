/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot or delta of a revocation feed as it travels (docs/revocation-feed.md): a signed head,
 * the certificate of the key that signed it, and a body whose size and SHA-256 the head names.
 * Two-phase: the head is built, signed elsewhere, and put together with the rest.
 */
#pragma once

#include "revocation/feed_state.h"
#include "revocation/limits.h"
#include "x509/cert.h"

enum { FEED_KEY_ID_SIZE = 20, FEED_DIGEST_SIZE = 32 };

/* A state by name. */
struct feed_point {
    uint64_t number; /* of the last revocation or release in it */
    struct bytes digest;
};

struct feed_head {
    bool is_delta;
    enum key_kind algorithm;          /* of the key that signs it */
    uint32_t edition;                 /* from 1, rising with everything the key signs */
    struct bytes ca_key_id;           /* whose certificates it is about */
    struct bytes signer_key_id;       /* whose signature is on it */
    int64_t this_update, next_update; /* UTC seconds: what it says is so from then, until then */
    struct feed_point from;           /* the state a delta goes on from; all zero in a snapshot */
    struct feed_point to;             /* the state afterwards */
    uint64_t body_size;               /* bytes */
    struct bytes body_digest;         /* SHA-256 */
};

/* DER, to be signed with what goes with the algorithm. ERR_USAGE for a head that nobody would
 * read. */
MUST_CHECK int feed_head_build(const struct feed_head *head, struct buf *ret, struct err *err);
/*
 * Ranges point into der. ERR_INPUT for one that is malformed, or that no state can be described
 * by: numbers that go back, a nextUpdate that is not after thisUpdate, a body of more than
 * FEED_ITEM_MAX.
 */
MUST_CHECK int feed_head_parse(struct bytes der, struct feed_head *ret, struct err *err);

struct feed_item {
    struct feed_head head;
    struct bytes head_der; /* what is signed */
    struct bytes signature;
    struct bytes certificate; /* DER */
    struct bytes body;
    struct bytes whole;
};

MUST_CHECK int feed_item_assemble(struct bytes head_der, struct bytes signature,
                                  struct bytes certificate, struct bytes body, struct buf *ret,
                                  struct err *err);
/*
 * Take the first item off *rest, which may hold many in a row; ERR_ABSENT if *rest is empty.
 * Nothing is believed yet.
 */
MUST_CHECK int feed_item_next(struct bytes *rest, struct feed_item *ret, struct err *err);
/*
 * ERR_UNTRUSTED unless the item is about this CA, and by a key that the CA has appointed to sign
 * feeds, by a certificate that was valid at the item's thisUpdate.
 */
MUST_CHECK int feed_item_verify(const struct feed_item *item, const struct x509_cert *ca,
                                struct err *err);
