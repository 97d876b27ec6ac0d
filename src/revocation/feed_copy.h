/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verifier's copy of the revocation feed of one CA: items go in, answers come out. What does not
 * belong there is refused and changes nothing: forged, cut off, of another CA, older than what is
 * there, taken in before, or not following it.
 */
#pragma once

#include "revocation/feed_item.h"

struct feed_copy;

/* Empty: nothing is covered. The CA's certificate, DER, is what everything is checked against. */
MUST_CHECK int feed_copy_new(struct bytes ca_certificate, struct feed_copy **ret, struct err *err);
void feed_copy_free(struct feed_copy *copy);
void feed_copy_freep(struct feed_copy **copy);
const struct x509_cert *feed_copy_ca(const struct feed_copy *copy);
/* For the one who makes the feed: the state itself, and its name. The copy is not empty. */
struct feed_state *feed_copy_state(struct feed_copy *copy);
struct feed_point feed_copy_point(const struct feed_copy *copy);

enum { FEED_SKEW = 60 }; /* seconds that the clock of the one who signs may be ahead */

/*
 * Take in one item. ERR_INPUT for one that cannot be read; ERR_UNTRUSTED for one that must not be
 * believed, or is more than FEED_SKEW seconds ahead of now; ERR_CONFLICT for one that is not newer
 * than what is there; ERR_ABSENT for a delta from a state that is not the one here: another delta
 * lies between, or a snapshot is needed.
 */
MUST_CHECK int feed_copy_take(struct feed_copy *copy, const struct feed_item *item, int64_t now,
                              struct err *err);
/*
 * Take in whatever of these items, in a row and in any order, leads furthest: the newest snapshot,
 * and the deltas that follow. Items of other CAs and old ones are passed over. Any that can not be
 * read or believed is the failure, after all others were taken; *ret_taken (optional) is how many.
 */
MUST_CHECK int feed_copy_take_all(struct feed_copy *copy, struct bytes items, int64_t now,
                                  unsigned *ret_taken, struct err *err);

/*
 * Whether a certificate of this CA is revoked. FEED_NOT_COVERED, too, where the copy is empty, or
 * says nothing about that time (UTC seconds): its nextUpdate is before it, or its thisUpdate more
 * than FEED_SKEW seconds behind it.
 */
enum feed_answer feed_copy_ask(const struct feed_copy *copy, uint32_t serial, int64_t at);

/* What the copy stands at; edition 0: it is empty, and nothing else is set. */
struct feed_standing {
    uint32_t edition;
    uint64_t number; /* of the last revocation or release in it */
    uint32_t first, issued;
    size_t gaps, revoked;
    int64_t this_update, next_update;
    size_t memory; /* bytes of it */
};
void feed_copy_standing(const struct feed_copy *copy, struct feed_standing *ret);
