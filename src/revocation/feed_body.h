/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two bodies of a revocation feed in bytes (docs/revocation-feed.md): a snapshot is a whole
 * state, a delta the change from one to a later one. Numbers of revocations and all that makes
 * them believable stand in the head (feed_item.h).
 */
#pragma once

#include "revocation/feed_state.h"
#include "revocation/limits.h"

/* The number of the state is not written. */
MUST_CHECK int feed_write_snapshot(const struct feed_state *state, struct buf *ret,
                                   struct err *err);
/*
 * *ret is released by feed_state_done; its number is the given one. ERR_INPUT for what
 * feed_write_snapshot cannot have written.
 */
MUST_CHECK int feed_read_snapshot(struct bytes body, uint64_t number, struct feed_state *ret,
                                  struct err *err);

/* ERR_USAGE above FEED_CHANGES_MAX. */
MUST_CHECK int feed_write_delta(const struct feed_change *change, struct buf *ret, struct err *err);
/* *ret is released by feed_change_done. ERR_INPUT for what feed_write_delta cannot have written. */
MUST_CHECK int feed_read_delta(struct bytes body, uint64_t number, struct feed_change *ret,
                               struct err *err);
