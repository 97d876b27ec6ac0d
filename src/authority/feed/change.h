/* SPDX-License-Identifier: Apache-2.0 */
/* What has happened in the database since a state of a feed. Inside this room only. */
#pragma once

#include "authority/authority.h"
#include "revocation/feed_state.h"

/* The state of a generation of a CA as the database has it; *ret is released by feed_state_done. */
MUST_CHECK int feed_state_of(const struct authority *authority, const struct ca *ca,
                             struct feed_state *ret, struct err *err);
/*
 * The change from that state to what the database has; *ret is released by feed_change_done.
 * ERR_CONFLICT if there are more events than a delta can have. ERR_UNTRUSTED if the database knows
 * less than the state: then it is an old copy.
 */
MUST_CHECK int feed_change_since(const struct authority *authority, const struct ca *ca,
                                 const struct feed_state *state, struct feed_change *ret,
                                 bool *ret_has_changed, struct err *err);
/* Let the change forget the pages in which no certificate is alive any more. */
MUST_CHECK int feed_change_raise_first(const struct authority *authority, const struct ca *ca,
                                       int64_t now, struct feed_change *change, bool *has_changed,
                                       struct err *err);
