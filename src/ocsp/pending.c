/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/pending.h"

#include <stdlib.h>

struct event *pending_events(const struct pending *pending)
{
    return (struct event *)(void *)pending->events.ptr; /* from malloc: aligned */
}

int pending_add(struct pending *pending, const struct event *event, struct err *err)
{
    struct event added = *event;

    added.ordinal = (uint32_t)pending->count;
    TRY(buf_append(&pending->events, bytes_of(&added, sizeof added), err));
    pending->count++;
    return 0;
}

void pending_cut(struct pending *pending, size_t count)
{
    pending->count = count;
    pending->events.len = count * sizeof(struct event);
}

void pending_done(struct pending *pending)
{
    buf_done(&pending->events);
    pending->count = 0;
}

static int compare(const void *a, const void *b)
{
    const struct event *left = a;
    const struct event *right = b;

    if (left->serial != right->serial)
        return left->serial < right->serial ? -1 : 1;
    return left->ordinal < right->ordinal ? -1 : 1;
}

void pending_sort(struct pending *pending)
{
    if (pending->count > 1)
        qsort(pending->events.ptr, pending->count, sizeof(struct event), compare);
}
