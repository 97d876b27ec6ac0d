/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate may have several events: a hold, its release, a revocation. What counts is the
 * last, against what the state says.
 */
#include "authority/feed/change.h"

#include "authority/feed/store.h"
#include "revocation/limits.h"

#include <stdlib.h>
#include <string.h>

/* Events of one CA, in the order of their numbers. */
struct event {
    uint32_t serial;
    uint32_t order;
    bool is_release;
};

struct events {
    struct event *at;
    size_t count, room;
};

static void events_done(struct events *events)
{
    free(events->at);
}

static void page_freep(struct revocation_page **page)
{
    free(*page);
}

static int grow(struct events *events, struct err *err)
{
    size_t room = events->room == 0 ? FEED_PAGE_MAX : 2 * events->room;
    struct event *at;

    if (events->count == FEED_CHANGES_MAX)
        return FAIL(err, ERR_CONFLICT, "more events than a delta of the feed can have");
    if (events->count < events->room)
        return 0;
    at = calloc(room, sizeof *at);
    if (at == NULL)
        return FAIL_NOMEM(err);
    if (events->count > 0)
        memcpy(at, events->at, events->count * sizeof *at);
    free(events->at);
    events->at = at;
    events->room = room;
    return 0;
}

static bool is_of(const struct revoked *entry, const struct revocation_page *page,
                  const struct ca *ca)
{
    return entry->kind == ca->kind &&
           serial_runs_find(&page->runs[ca->kind], entry->serial) == ca->generation;
}

/* Which numbers of the page the generation has issued: all others are gaps. */
static void view_of(const struct revocation_page *page, const struct ca *ca,
                    struct serial_view *ret)
{
    const struct serial_view all = {page->issued[ca->kind], page->gaps[ca->kind]};

    serial_runs_view(&page->runs[ca->kind], ca->generation, &all, ret);
}

static int add_events(const struct revocation_page *page, const struct ca *ca,
                      struct events *events, struct err *err)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct revoked *entry = &page->entries[i];

        if (!is_of(entry, page, ca))
            continue;
        TRY(grow(events, err));
        events->at[events->count] = (struct event){entry->serial, (uint32_t)events->count,
                                                   entry->is_release};
        events->count++;
    }
    return 0;
}

/* By serial number, the last event of each first. */
static int by_serial(const void *a, const void *b)
{
    const struct event *left = a;
    const struct event *right = b;

    if (left->serial != right->serial)
        return left->serial < right->serial ? -1 : 1;
    return left->order > right->order ? -1 : 1;
}

static bool is_new(const struct events *events, size_t i)
{
    return i == 0 || events->at[i].serial != events->at[i - 1].serial;
}

/* Which events say something else than the state does. */
static int sort_out(struct events *events, const struct feed_state *state,
                    struct feed_change *change, struct err *err)
{
    change->added = calloc(events->count + 1, sizeof *change->added);
    change->released = calloc(events->count + 1, sizeof *change->released);
    if (change->added == NULL || change->released == NULL)
        return FAIL_NOMEM(err);
    if (events->count > 0)
        qsort(events->at, events->count, sizeof *events->at, by_serial);
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->at[i];
        bool was_revoked = serial_set_has(state->revoked, event->serial);

        if (!is_new(events, i) || event->serial < change->first)
            continue;
        if (!event->is_release && !was_revoked)
            change->added[change->added_count++] = event->serial;
        else if (event->is_release && was_revoked)
            change->released[change->released_count++] = event->serial;
    }
    return 0;
}

/* Those from first on, cut where it lies in one. */
static void cut_gaps(const struct gaps *gaps, uint32_t first, struct gaps *ret)
{
    ret->count = 0;
    for (size_t i = 0; i < gaps->count; i++) {
        struct gap gap = gaps->ranges[i];

        if (gap.last < first)
            continue;
        if (gap.first < first)
            gap.first = first;
        ret->ranges[ret->count++] = gap;
    }
}

static bool same_gaps(const struct gaps *a, const struct gaps *b)
{
    return a->count == b->count && bytes_equal(bytes_of(a->ranges, a->count * sizeof a->ranges[0]),
                                               bytes_of(b->ranges, b->count * sizeof b->ranges[0]));
}

/* Everything behind the state; numbers, issued and gaps are those of the last page. */
static int read_events(const struct authority *authority, const struct ca *ca,
                       const struct feed_state *state, struct feed_change *change,
                       struct events *events, struct err *err)
{
    CLEANUP(page_freep) struct revocation_page *page = malloc(sizeof *page);
    struct serial_view view;
    int rc;

    if (page == NULL)
        return FAIL_NOMEM(err);
    change->number = state->number;
    do {
        rc = authority_list_revocations(authority->store, change->number, page, err);
        if (rc == -ERR_CONFLICT)
            return FAIL(err, ERR_UNTRUSTED, "the database knows less than was told before");
        TRY(rc);
        TRY(add_events(page, ca, events, err));
        change->number = page->last;
    } while (!page->is_last_page);
    view_of(page, ca, &view);
    change->issued = view.issued;
    cut_gaps(&view.gaps, change->first, &change->gaps);
    change->has_gaps = !same_gaps(&change->gaps, &state->gaps);
    return 0;
}

int feed_change_since(const struct authority *authority, const struct ca *ca,
                      const struct feed_state *state, struct feed_change *ret,
                      bool *ret_has_changed, struct err *err)
{
    CLEANUP(events_done) struct events events = {NULL, 0, 0};
    struct feed_change change = {.first = state->first};
    int rc = read_events(authority, ca, state, &change, &events, err);

    if (rc == 0 && change.issued < state->issued)
        rc = FAIL(err, ERR_UNTRUSTED, "the database knows less than was told before");
    if (rc == 0)
        rc = sort_out(&events, state, &change, err);
    if (rc < 0) {
        feed_change_done(&change);
        return rc;
    }
    *ret_has_changed = change.issued != state->issued || change.has_gaps ||
                       change.added_count + change.released_count > 0;
    *ret = change;
    return 0;
}

/* Off the front of an ascending list. */
static void drop_below(uint32_t *list, size_t *count, uint32_t first)
{
    size_t below = 0;

    while (below < *count && list[below] < first)
        below++;
    memmove(list, list + below, (*count - below) * sizeof *list);
    *count -= below;
}

int feed_change_raise_first(const struct authority *authority, const struct ca *ca, int64_t now,
                            struct feed_change *change, bool *has_changed, struct err *err)
{
    const struct alive_query query = {ca->kind, ca->generation, change->first, change->issued, now};
    struct gaps gaps;
    uint32_t alive;
    uint32_t first;
    int rc = authority_first_alive(authority->store, &query, &alive, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    first = alive - alive % SERIAL_PAGE_SIZE;
    if (first <= change->first || first > change->issued)
        return 0;
    gaps = change->gaps;
    cut_gaps(&gaps, first, &change->gaps);
    drop_below(change->added, &change->added_count, first);
    drop_below(change->released, &change->released_count, first);
    change->has_gaps = true;
    change->first = first;
    *has_changed = true;
    return 0;
}

int feed_state_of(const struct authority *authority, const struct ca *ca, struct feed_state *ret,
                  struct err *err)
{
    CLEANUP(page_freep) struct revocation_page *page = malloc(sizeof *page);
    CLEANUP(feed_state_done) struct feed_state state = {.revoked = NULL};
    struct serial_view view;

    if (page == NULL)
        return FAIL_NOMEM(err);
    TRY(feed_state_init(&state, err));
    do {
        TRY(authority_list_revocations(authority->store, state.number, page, err));
        for (size_t i = 0; i < page->count; i++) {
            const struct revoked *entry = &page->entries[i];
            bool is_revoked = serial_set_has(state.revoked, entry->serial);

            if (!is_of(entry, page, ca) || is_revoked != entry->is_release)
                continue;
            TRY(entry->is_release ? serial_set_remove(state.revoked, entry->serial, err)
                                  : serial_set_add(state.revoked, entry->serial, err));
        }
        state.number = page->last;
    } while (!page->is_last_page);
    view_of(page, ca, &view);
    state.issued = view.issued;
    state.gaps = view.gaps;
    *ret = state;
    state.revoked = NULL;
    return 0;
}
