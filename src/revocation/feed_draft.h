/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making items of a revocation feed, first phase: the body from states, and the head that is to be
 * signed. feed_item_assemble puts them together with the signature.
 */
#pragma once

#include "revocation/feed_item.h"

/* What the items of one edition have in common, whatever is in them. */
struct feed_frame {
    struct bytes ca_key_id;
    struct bytes signer_key_id;
    enum key_kind algorithm; /* of the signer's key */
    uint32_t edition;
    int64_t this_update, next_update;
};

struct feed_draft {
    struct buf head; /* DER, to be signed */
    struct buf body;
};

void feed_draft_done(struct feed_draft *draft);

/* *ret is released by feed_draft_done. */
MUST_CHECK int feed_draft_snapshot(const struct feed_frame *frame, const struct feed_state *state,
                                   struct feed_draft *ret, struct err *err);

/* A change, and the names of the states before and after it. */
struct feed_step {
    struct feed_point from, to;
    const struct feed_change *change;
};
MUST_CHECK int feed_draft_delta(const struct feed_frame *frame, const struct feed_step *step,
                                struct feed_draft *ret, struct err *err);
