/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations on their way into a set, in any order. */
#pragma once

#include "revocation/set.h"

struct pending {
    struct buf entries; /* of struct revocation */
    size_t count;
};

/* The entries as they stand; until the next pending_add. */
struct revocation *pending_entries(const struct pending *pending);

MUST_CHECK int pending_add(struct pending *pending, const struct revocation *entry,
                           struct err *err);
/*
 * A set of what was in old (NULL: nothing) and of these, which are sorted by it. ERR_INPUT if one
 * serial number would be in it twice.
 */
MUST_CHECK int pending_merge(struct pending *pending, const struct revocation_set *old,
                             struct revocation_set **ret, struct err *err);
void pending_done(struct pending *pending);
