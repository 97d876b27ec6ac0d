/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the authority tells about revocations, serial numbers and registered requesters
 * (jpki-authorityd(8)), taken into an index. One thread uses a feed; it alone changes the index.
 */
#pragma once

#include "base/clock.h"
#include "ocsp/index.h"

struct feed;

/* socket is the authority's; it and index outlive the feed. */
MUST_CHECK int feed_new(const char *socket, struct ocsp_index *index, struct feed **ret,
                        struct err *err);
void feed_free(struct feed *feed);
void feed_freep(struct feed **feed);

/*
 * Ask for everything that is new, page by page, and take it in: then, and only then, the index
 * counts as confirmed, as of the time before the first question. ERR_REMOTE if the authority does
 * not answer or makes no sense; ERR_CONFLICT if it knows less than it did before. The next call
 * goes on where this one stopped.
 */
MUST_CHECK int feed_poll(struct feed *feed, const struct clock *clock, struct err *err);
/* Revocations taken in so far. */
uint64_t feed_last(const struct feed *feed);
