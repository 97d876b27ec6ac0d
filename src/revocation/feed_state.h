/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a revocation feed says of one CA at one moment (docs/revocation-feed.md): which serial
 * numbers it covers, and which of them are revoked, exactly.
 */
#pragma once

#include "revocation/feed_set.h"
#include "revocation/gaps.h"

enum feed_answer {
    FEED_NOT_COVERED, /* nothing is said: above the last, below the first, or in a gap */
    FEED_GOOD,
    FEED_REVOKED, /* or held */
};

struct feed_state {
    uint64_t number;        /* of the last revocation or release that is in it */
    uint32_t first, issued; /* these serial numbers and those between are covered, but for gaps */
    struct gaps gaps;       /* within first to issued */
    /* Within first to issued; where a gap was widened (gaps.h) also in one, and revoked. */
    struct serial_set *revoked;
};

/* Covers nothing but the CA's own certificate, number 1. */
MUST_CHECK int feed_state_init(struct feed_state *state, struct err *err);
void feed_state_done(struct feed_state *state);

enum feed_answer feed_state_find(const struct feed_state *state, uint32_t serial);

/*
 * SHA-256 that stands for the whole state: two states of one CA have the same if they answer the
 * same everywhere and have the same number. ca_key_id is that of the CA, 20 bytes.
 */
MUST_CHECK int feed_state_digest(const struct feed_state *state, struct bytes ca_key_id,
                                 struct digest *ret, struct err *err);

/* From one state to a later one. */
struct feed_change {
    uint64_t number; /* of the state after it, as are first, issued and gaps */
    uint32_t first, issued;
    bool has_gaps; /* false: they stay as they are */
    struct gaps gaps;
    uint32_t *added; /* revoked since, ascending */
    size_t added_count;
    uint32_t *released; /* no longer revoked, ascending */
    size_t released_count;
};

void feed_change_done(struct feed_change *change);

/*
 * Make the state the later one; where it fails it is as it was. ERR_INPUT if a number goes back,
 * a serial number is added that is revoked or outside of first to issued, or one released that is
 * not revoked. With must_be, the state after it must have this digest, else ERR_UNTRUSTED.
 */
struct feed_expectation {
    struct bytes ca_key_id;
    struct bytes digest;
};
MUST_CHECK int feed_state_apply(struct feed_state *state, const struct feed_change *change,
                                const struct feed_expectation *must_be, struct err *err);
/*
 * What the digest will be once this change was made; the state is as it was when this returns.
 * Failures are those of feed_state_apply.
 */
MUST_CHECK int feed_state_digest_after(struct feed_state *state, const struct feed_change *change,
                                       struct bytes ca_key_id, struct digest *ret, struct err *err);
/* The change between two states; *ret is released by feed_change_done. ERR_USAGE if a number would
 * go back. */
MUST_CHECK int feed_state_compare(const struct feed_state *from, const struct feed_state *to,
                                  struct feed_change *ret, struct err *err);
/* Whether first may stand in a state: 1, or the first number of a page. */
bool feed_first_is_possible(uint32_t first, uint32_t issued);
