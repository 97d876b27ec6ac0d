/* SPDX-License-Identifier: Apache-2.0 */
#include "support/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void test_feed_begin(struct test_feed *feed, const struct test_pki *pki, enum profile_kind signer)
{
    *feed = (struct test_feed){
        .pki = pki,
        .ca = profile_kind_of(profile_issuer(profile_of(signer))),
        .signer = signer,
        .edition = 1,
        .now = TEST_PKI_NOW,
    };
    assert_int_equal(feed_state_init(&feed->state, NULL), 0);
}

void test_feed_done(struct test_feed *feed)
{
    feed_state_done(&feed->state);
}

void test_feed_sign(const struct test_feed *feed, const struct feed_draft *draft, struct buf *out)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf item = BUF_INIT;
    struct digest digest;

    assert_int_equal(digest_compute(key_kind_digest(feed->pki->algorithm), buf_bytes(&draft->head),
                                    &digest, NULL),
                     0);
    assert_int_equal(privkey_sign(feed->pki->keys[feed->signer], &digest, &signature, NULL), 0);
    assert_int_equal(feed_item_assemble(buf_bytes(&draft->head), buf_bytes(&signature),
                                        x509_cert_der(feed->pki->certs[feed->signer]),
                                        buf_bytes(&draft->body), &item, NULL),
                     0);
    assert_int_equal(buf_append(out, buf_bytes(&item), NULL), 0);
}

static struct feed_frame frame_of(struct test_feed *feed)
{
    return (struct feed_frame){
        .ca_key_id = x509_cert_tbs(feed->pki->certs[feed->ca])->subject_key_id,
        .signer_key_id = x509_cert_tbs(feed->pki->certs[feed->signer])->subject_key_id,
        .algorithm = feed->pki->algorithm,
        .edition = feed->edition++,
        .this_update = feed->now,
        .next_update = feed->now + TEST_FEED_SECONDS,
    };
}

void test_feed_snapshot(struct test_feed *feed, struct buf *out)
{
    const struct feed_frame frame = frame_of(feed);
    CLEANUP(feed_draft_done) struct feed_draft draft = {BUF_INIT, BUF_INIT};

    assert_int_equal(feed_draft_snapshot(&frame, &feed->state, &draft, NULL), 0);
    test_feed_sign(feed, &draft, out);
}

void test_feed_change(struct test_feed *feed, const struct feed_change *change, struct buf *out)
{
    const struct feed_frame frame = frame_of(feed);
    CLEANUP(feed_draft_done) struct feed_draft draft = {BUF_INIT, BUF_INIT};
    struct digest before;
    struct digest after;
    struct feed_step step = {.change = change};

    assert_int_equal(feed_state_digest(&feed->state, frame.ca_key_id, &before, NULL), 0);
    step.from = (struct feed_point){feed->state.number, digest_bytes(&before)};
    assert_int_equal(feed_state_digest_after(&feed->state, change, frame.ca_key_id, &after, NULL),
                     0);
    assert_int_equal(feed_state_apply(&feed->state, change, NULL, NULL), 0);
    step.to = (struct feed_point){feed->state.number, digest_bytes(&after)};
    assert_int_equal(feed_draft_delta(&frame, &step, &draft, NULL), 0);
    test_feed_sign(feed, &draft, out);
}

void test_feed_step(struct test_feed *feed, struct test_step step, struct buf *out)
{
    const struct feed_change change = {
        .number = feed->state.number + (step.added != 0) + (step.released != 0),
        .first = feed->state.first,
        .issued = feed->state.issued + step.issued,
        .added = &step.added,
        .added_count = step.added != 0,
        .released = &step.released,
        .released_count = step.released != 0,
    };

    test_feed_change(feed, &change, out);
}
