/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the revocation feeds of all generations of both CAs (docs/revocation-feed.md): deltas that
 * follow the database, snapshots once a day and on demand. Every item is taken into a copy, as a
 * verifier would, before it is kept and told.
 */
#pragma once

#include "authority/authority.h"

struct feed_maker;

struct feed_options {
    const struct authority *authority;
    /* Names at signerd of the keys that sign the first generations' feeds (generation_name). */
    const char *keys[CA_KINDS_];
};

/* options is copied; what it points to, with its CAs loaded, outlives the maker. */
MUST_CHECK int feed_maker_new(const struct feed_options *options, struct feed_maker **ret,
                              struct err *err);
void feed_maker_free(struct feed_maker *maker);
void feed_maker_freep(struct feed_maker **maker);

/* What is to be done. */
struct feed_work {
    int64_t planned;      /* a snapshot is due unless there is one since this moment */
    bool is_snapshot_due; /* or anyway */
    struct audit_origin by;
};

/*
 * Bring all feeds up to date, but those whose CA is over: a delta if something has changed or has
 * not been said for FEED_BEAT_S, a snapshot if one is due, and with it the delta from the one
 * before. *ret_items is how many items there are more. What fails leaves what was told as it is;
 * the next call begins from there. Any thread may call; one at a time is at work.
 */
MUST_CHECK int feed_maker_run(struct feed_maker *maker, struct signer *signer,
                              const struct feed_work *work, unsigned *ret_items, struct err *err);
/*
 * The certificate by which a CA appoints a key to sign its feed, valid for a year; the one that was
 * made before if there is one. As authority_issue_responder.
 */
MUST_CHECK int authority_issue_feed_signer(const struct authority *authority, struct signer *signer,
                                           const struct responder_request *request,
                                           struct record *ret, struct err *err);
