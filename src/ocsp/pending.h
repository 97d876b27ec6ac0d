/* SPDX-License-Identifier: Apache-2.0 */
/* Events on their way into the index, in the order in which they were committed. */
#pragma once

#include "base/bytes.h"
#include "revocation/entry.h"

struct event {
    int64_t at; /* UTC seconds: since when it is revoked */
    uint32_t serial;
    enum crl_reason reason;
    bool is_release;  /* the hold was lifted */
    uint32_t ordinal; /* given by pending_add: what came later has a higher one */
};

struct pending {
    struct buf events; /* of struct event */
    size_t count;
};

/* The events as they stand; until the next pending_add. */
struct event *pending_events(const struct pending *pending);

MUST_CHECK int pending_add(struct pending *pending, const struct event *event, struct err *err);
/* Drop the last ones, so that count are left. */
void pending_cut(struct pending *pending, size_t count);
/* By serial, those of one serial as they came. */
void pending_sort(struct pending *pending);
void pending_done(struct pending *pending);
