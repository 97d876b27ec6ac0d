/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/overlay.h"

#include <stdlib.h>

/* How a certificate stands since the set was made. */
struct standing {
    int64_t at; /* of a revocation */
    uint32_t serial;
    uint8_t reason;
    bool is_revoked;
};

struct overlay {
    size_t count;
    struct standing at[]; /* ascending */
};

void overlay_free(struct overlay *overlay)
{
    free(overlay);
}

void overlay_freep(struct overlay **overlay)
{
    overlay_free(*overlay);
    *overlay = NULL;
}

size_t overlay_count(const struct overlay *overlay)
{
    return overlay == NULL ? 0 : overlay->count;
}

static const struct standing *find(const struct overlay *overlay, uint32_t serial)
{
    size_t low = 0;
    size_t high = overlay_count(overlay);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (overlay->at[middle].serial < serial)
            low = middle + 1;
        else
            high = middle;
    }
    return low < overlay_count(overlay) && overlay->at[low].serial == serial ? &overlay->at[low]
                                                                             : NULL;
}

static struct revocation revocation_of(const struct standing *standing)
{
    return (struct revocation){standing->serial, standing->at, (enum crl_reason)standing->reason};
}

int overlay_find(const struct revocation_set *set, const struct overlay *overlay, uint32_t serial,
                 struct revocation *ret, struct err *err)
{
    const struct standing *standing = find(overlay, serial);

    if (standing == NULL && set != NULL)
        return revocation_set_find(set, serial, ret, err);
    if (standing == NULL || !standing->is_revoked)
        return FAIL(err, ERR_ABSENT, "not revoked");
    *ret = revocation_of(standing);
    return 0;
}

/* ---- events onto it ---- */

static struct standing standing_below(const struct revocation_set *set, const struct overlay *old,
                                      uint32_t serial)
{
    struct revocation found;

    if (overlay_find(set, old, serial, &found, NULL) < 0)
        return (struct standing){.serial = serial};
    return (struct standing){
        .serial = serial, .at = found.at, .reason = (uint8_t)found.reason, .is_revoked = true};
}

static int apply_one(struct standing *standing, const struct event *event, struct err *err)
{
    bool is_on_hold = standing->is_revoked && standing->reason == CRL_CERTIFICATE_HOLD;

    if (event->is_release
            ? !is_on_hold
            : standing->is_revoked && (!is_on_hold || event->reason == CRL_CERTIFICATE_HOLD))
        return FAIL(err, ERR_INPUT, "an event that cannot follow the one before");
    standing->is_revoked = !event->is_release;
    standing->at = event->at;
    standing->reason = (uint8_t)event->reason;
    return 0;
}

/* Apply all events of one serial, which stand together; *next moves behind them. */
static int apply_serial(const struct revocation_set *set, const struct overlay *old,
                        const struct pending *events, size_t *next, struct standing *ret,
                        struct err *err)
{
    const struct event *event = &pending_events(events)[*next];

    *ret = standing_below(set, old, event->serial);
    for (; *next < events->count; (*next)++, event++) {
        if (event->serial != ret->serial)
            return 0;
        TRY(apply_one(ret, event, err));
    }
    return 0;
}

int overlay_apply(const struct revocation_set *set, const struct overlay *old,
                  struct pending *events, struct overlay **ret, struct err *err)
{
    size_t room = overlay_count(old) + events->count;
    CLEANUP(overlay_freep)
    struct overlay *overlay = calloc(1, sizeof *overlay + room * sizeof overlay->at[0]);
    size_t kept = 0; /* of old: how far */
    size_t next = 0;

    if (overlay == NULL)
        return FAIL_NOMEM(err);
    pending_sort(events);
    while (next < events->count) {
        struct standing standing;

        TRY(apply_serial(set, old, events, &next, &standing, err));
        while (kept < overlay_count(old) && old->at[kept].serial < standing.serial)
            overlay->at[overlay->count++] = old->at[kept++];
        if (kept < overlay_count(old) && old->at[kept].serial == standing.serial)
            kept++;
        overlay->at[overlay->count++] = standing;
    }
    while (kept < overlay_count(old))
        overlay->at[overlay->count++] = old->at[kept++];
    *ret = overlay;
    overlay = NULL;
    return 0;
}

/* ---- both layers as one ---- */

struct merge {
    struct revocation_cursor cursor; /* of the set below; .set NULL: there is none */
    struct revocation below;         /* the next of it */
    bool has_below;
    const struct overlay *overlay;
    size_t next;
};

static int step_below(struct merge *merge, struct err *err)
{
    struct revocation_source source = revocation_set_source(&merge->cursor);
    int rc;

    merge->has_below = false;
    if (merge->cursor.set == NULL)
        return 0;
    rc = source.next(source.context, &merge->below, err);
    merge->has_below = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int merge_rewind(void *context, struct err *err)
{
    struct merge *merge = context;

    merge->next = 0;
    merge->cursor.next = 0;
    return step_below(merge, err);
}

static int merge_next(void *context, struct revocation *ret, struct err *err)
{
    struct merge *merge = context;

    while (merge->next < overlay_count(merge->overlay)) {
        const struct standing *above = &merge->overlay->at[merge->next];

        if (merge->has_below && merge->below.serial < above->serial)
            break;
        if (merge->has_below && merge->below.serial == above->serial)
            TRY(step_below(merge, err));
        merge->next++;
        if (above->is_revoked) {
            *ret = revocation_of(above);
            return 0;
        }
    }
    if (!merge->has_below)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    *ret = merge->below;
    return step_below(merge, err);
}

int overlay_flatten(const struct revocation_set *set, const struct overlay *overlay,
                    struct revocation_set **ret, struct err *err)
{
    struct merge merge = {.cursor = {.set = set}, .overlay = overlay};
    const struct revocation_source source = {&merge, merge_rewind, merge_next};

    return revocation_set_new(&source, ret, err);
}
