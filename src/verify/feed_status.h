/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation by copies of feeds (docs/revocation-feed.md): in memory, exact, as new as the copy. A
 * copy answers for certificates that its CA's key signed, and no others.
 */
#pragma once

#include "revocation/feed_copy.h"
#include "verify/limits.h"
#include "verify/status.h"

struct feed_list {
    const struct feed_copy *const *copies;
    size_t count;
};

/*
 * list and what it points to must outlive the source. Several threads may ask it while no copy
 * takes anything in. REASON_FEED_NOT_COVERED also where there is no copy of the CA's feed.
 */
struct status_source feed_status_source(const struct feed_list *list);

/*
 * Take in what lies at path: one file of items, or every *.feed in a directory, at most
 * FEED_FILES_MAX of FEED_ITEM_MAX bytes each. ERR_ABSENT if there is no such path, ERR_INPUT above
 * the limits; else as feed_copy_take_all.
 */
MUST_CHECK int feed_load(struct feed_copy *copy, const char *path, int64_t now, unsigned *ret_taken,
                         struct err *err);
