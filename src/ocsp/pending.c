/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/pending.h"

#include <stdlib.h>

struct revocation *pending_entries(const struct pending *pending)
{
    return (struct revocation *)(void *)pending->entries.ptr; /* from malloc: aligned */
}

int pending_add(struct pending *pending, const struct revocation *entry, struct err *err)
{
    TRY(buf_append(&pending->entries, bytes_of(entry, sizeof *entry), err));
    pending->count++;
    return 0;
}

void pending_done(struct pending *pending)
{
    buf_done(&pending->entries);
    pending->count = 0;
}

static int compare(const void *a, const void *b)
{
    const struct revocation *left = a;
    const struct revocation *right = b;

    return (left->serial > right->serial) - (left->serial < right->serial);
}

/* Two ascending sources as one; head is the next one of old, if there is one. */
struct merge {
    const struct pending *pending;
    size_t next;
    struct revocation_cursor cursor;
    struct revocation head;
    bool has_head;
};

static int take_head(struct merge *merge, struct err *err)
{
    struct revocation_source old = revocation_set_source(&merge->cursor);
    int rc;

    merge->has_head = false;
    if (merge->cursor.set == NULL)
        return 0;
    rc = old.next(old.context, &merge->head, err);
    merge->has_head = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int merge_rewind(void *context, struct err *err)
{
    struct merge *merge = context;

    merge->next = 0;
    merge->cursor.next = 0;
    return take_head(merge, err);
}

static int merge_next(void *context, struct revocation *ret, struct err *err)
{
    struct merge *merge = context;
    bool has_new = merge->next < merge->pending->count;

    if (!has_new && !merge->has_head)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    if (has_new && (!merge->has_head ||
                    pending_entries(merge->pending)[merge->next].serial <= merge->head.serial)) {
        *ret = pending_entries(merge->pending)[merge->next++];
        return 0;
    }
    *ret = merge->head;
    return take_head(merge, err);
}

int pending_merge(struct pending *pending, const struct revocation_set *old,
                  struct revocation_set **ret, struct err *err)
{
    struct merge merge = {.pending = pending, .cursor = {.set = old}};
    struct revocation_source source = {&merge, merge_rewind, merge_next};

    if (pending->count > 0)
        qsort(pending->entries.ptr, pending->count, sizeof(struct revocation), compare);
    return revocation_set_new(&source, ret, err);
}
