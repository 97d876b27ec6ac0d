/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the authority keeps of its revocation feeds (docs/revocation-feed.md): the editions it has
 * given, the last snapshot of each CA, and deltas of some days. As store.h says; there is one
 * implementation, for SQLite.
 */
#pragma once

#include "authority/store.h"
#include "revocation/feed_item.h"

/* Each generation of a CA has its feed. */
struct feed_id {
    enum ca_kind kind;
    unsigned generation;
};

/* The next edition of a CA's feeds, of all generations; given once, whatever becomes of it. */
MUST_CHECK int authority_take_feed_edition(struct authority_store *store, enum ca_kind kind,
                                           uint32_t *ret, struct err *err);
/*
 * Keep an item, and ring for those that wait (authority_changes). A snapshot takes the place of the
 * one before and is an act of by, in the audit log; deltas that are older than FEED_KEEP_S and lead
 * to no snapshot that is still kept are forgotten with it.
 */
MUST_CHECK int authority_add_feed_item(struct authority_store *store, struct feed_id feed,
                                       const struct feed_item *item, const struct audit_origin *by,
                                       struct err *err);
/* The last snapshot and its edition; ERR_ABSENT if there is none. ret may be NULL. */
MUST_CHECK int authority_get_feed_snapshot(struct authority_store *store, struct feed_id feed,
                                           uint32_t *ret_edition, struct buf *ret, struct err *err);
/*
 * The deltas that lead on from the state of that edition, in a row and by the shortest way, up to
 * FEED_DELTAS_MAX bytes, at least one; nothing if it is the last. ERR_ABSENT if nothing is known of
 * that edition any more, or nothing leads on from it: whoever has it takes a snapshot.
 */
MUST_CHECK int authority_list_feed_deltas(struct authority_store *store, struct feed_id feed,
                                          uint32_t since, struct buf *ret, struct err *err);
/*
 * A verifier fetches a snapshot: charged for as a list of revocations, and in the audit log.
 * ERR_REMOTE above FEED_SNAPSHOTS_MAX on one day in Japan.
 */
MUST_CHECK int authority_count_snapshot(struct authority_store *store, const char *party,
                                        enum ca_kind kind, const struct audit_origin *by,
                                        struct err *err);
/* Serial numbers of a generation, from one to another. */
struct alive_query {
    enum ca_kind kind;
    unsigned generation;
    uint32_t from, to;
    int64_t now;
};
/* The lowest of them whose certificate is not over; ERR_ABSENT. */
MUST_CHECK int authority_first_alive(struct authority_store *store, const struct alive_query *query,
                                     uint32_t *ret, struct err *err);
