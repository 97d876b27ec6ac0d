/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often each verifier may fetch from the revocation feeds: in memory, so that a restart forgets
 * it, and by minutes of the monotonic clock. Snapshots are counted in the database (store.h).
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct feed_quota;

MUST_CHECK int feed_quota_new(struct feed_quota **ret, struct err *err);
void feed_quota_freep(struct feed_quota **quota);
/*
 * One more request of that verifier at a time (monotonic, ms). ERR_REMOTE above FEED_ASKS_MAX in
 * one minute, or if so many verifiers ask that there is no room to count another one.
 */
MUST_CHECK int feed_quota_take(struct feed_quota *quota, const char *party, int64_t now_ms,
                               struct err *err);
