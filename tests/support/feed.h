/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A revocation feed for tests, by a CA of support/pki.h and the key that this CA appointed. What
 * fails in here fails the running test.
 */
#pragma once

#include "revocation/feed_draft.h"
#include "support/pki.h"

struct test_feed {
    const struct test_pki *pki;
    enum profile_kind ca, signer;
    uint32_t edition; /* of the next item */
    int64_t now;      /* its thisUpdate; nextUpdate is TEST_FEED_SECONDS later */
    struct feed_state state;
};

enum { TEST_FEED_SECONDS = 7200 };

/* PROFILE_FEED_SIGN or PROFILE_FEED_AUTH; covers number 1 alone. */
void test_feed_begin(struct test_feed *feed, const struct test_pki *pki, enum profile_kind signer);
void test_feed_done(struct test_feed *feed);

/* Sign a draft with the feed's key, whatever is in it. Appended to *out. */
void test_feed_sign(const struct test_feed *feed, const struct feed_draft *draft, struct buf *out);
/* A snapshot of the state, appended; the edition rises. */
void test_feed_snapshot(struct test_feed *feed, struct buf *out);
/* Make the change and append its delta; the edition rises. */
void test_feed_change(struct test_feed *feed, const struct feed_change *change, struct buf *out);

/* The change by which issued rises by so many, and one serial number is added or released; 0: none.
 */
struct test_step {
    uint32_t issued, added, released;
};
void test_feed_step(struct test_feed *feed, struct test_step step, struct buf *out);
