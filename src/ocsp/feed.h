/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the authority tells about revocations, serial numbers and registered requesters
 * (jpki-authorityd(8)), taken into an index. One thread uses a feed; it alone changes the index.
 */
#pragma once

#include "base/clock.h"
#include "ocsp/index.h"
#include "ocsp/meter.h"

struct feed;

/* socket is the authority's; it and index outlive the feed. */
MUST_CHECK int feed_new(const char *socket, struct ocsp_index *index, struct feed **ret,
                        struct err *err);
void feed_free(struct feed *feed);
void feed_freep(struct feed **feed);

/*
 * Let the authority keep the first question of a poll for so long, until there is something to tell
 * (0, as at first: it answers at once). An authority that does not know how is asked without.
 */
void feed_set_wait(struct feed *feed, int wait_ms);
/*
 * Called after each page that others follow, with the events taken in so far; a failure ends the
 * poll. NULL, as at first: nothing is called.
 */
void feed_set_watch(struct feed *feed, int (*look)(void *context, uint64_t last, struct err *err),
                    void *context);
/* Whose questions are counted, by the names that the authority tells; NULL, as at first: nobody's.
 */
void feed_set_meter(struct feed *feed, struct ocsp_meter *meter);
/*
 * Ask for everything that is new, page by page, and take it in: then, and only then, the index
 * counts as confirmed, as of the time before the first question. ERR_REMOTE if the authority does
 * not answer or makes no sense; ERR_CONFLICT if it knows less than it did before. The next call
 * goes on where this one stopped.
 */
MUST_CHECK int feed_poll(struct feed *feed, const struct clock *clock, struct err *err);
/* Events taken in so far. */
uint64_t feed_last(const struct feed *feed);
