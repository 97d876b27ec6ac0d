/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/harvest.h"

#include "base/fault.h"

#include <stdlib.h>

struct walk {
    struct publication *publication;
    struct planned *full; /* NULL: lists of places */
};

static struct planned *find_list(const struct publication *p, int64_t id)
{
    size_t low = 0;
    size_t high = p->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (p->lists[middle].record.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->count && p->lists[low].record.id == id ? &p->lists[low] : NULL;
}

/*
 * An entry stays until it has been in a list that was made after its certificate was over
 * (RFC 5280, 3.3).
 */
static int add(struct planned *list, const struct listed *listed, struct err *err)
{
    if (listed->not_after < list->update_before)
        return 0;
    if (revocation_set_count(list->entries) == list->room)
        return FAIL(err, ERR_CONFLICT, "the list %s has more than %zu entries", list->record.name,
                    list->room);
    return revocation_set_add(list->entries, &listed->entry, err);
}

/* The list would be older than what is on it, and nobody would believe it. */
static int check_time(const struct publication *p, const struct revocation *entry, struct err *err)
{
    if (entry->at <= p->at)
        return 0;
    fault_note(FAULT_CLOCK_BACK);
    return FAIL(err, ERR_REMOTE,
                "the clock is %lld seconds before the revocation of serial number %u: it went "
                "back, or was ahead; nothing is published until it is right",
                (long long)(entry->at - p->at), (unsigned)entry->serial);
}

static bool is_of(const struct planned *list, const struct ca *ca)
{
    return list->record.kind == ca->kind && list->record.generation == ca->generation;
}

static int sort_in(const struct walk *walk, const struct ca *ca, const struct listed *listed,
                   struct err *err)
{
    struct planned *list = listed->crl == 0 ? NULL : find_list(walk->publication, listed->crl);

    if (listed->crl != 0 && (list == NULL || !is_of(list, ca)))
        return FAIL(err, ERR_CONFLICT,
                    "the list number %lld, which revoked certificates name, is missing: nothing "
                    "is published",
                    (long long)listed->crl);
    if (walk->full != NULL)
        list = walk->full;
    if (list == NULL || !list->is_due)
        return 0;
    TRY(check_time(walk->publication, &listed->entry, err));
    return add(list, listed, err);
}

static int walk_pages(const struct walk *walk, const struct ca *ca, struct listed_page *page,
                      struct err *err)
{
    struct listed_query query = {
        .kind = ca->kind, .generation = ca->generation, .seen = walk->publication->seen};

    do {
        TRY(authority_list_entries(walk->publication->authority->store, &query, page, err));
        for (size_t i = 0; i < page->count; i++) {
            TRY(sort_in(walk, ca, &page->entries[i], err));
            query.above = page->entries[i].entry.serial;
        }
    } while (page->count == LISTED_PAGE);
    return 0;
}

static bool is_wanted(const struct planned *list, const struct ca *ca, bool is_full)
{
    return list->is_due && is_of(list, ca) && (list->point.len == 0) == is_full;
}

int harvest(struct publication *publication, const struct ca *ca, bool is_full, struct err *err)
{
    struct walk walk = {publication, NULL};
    struct listed_page *page;
    size_t wanted = 0;
    int rc;

    for (size_t i = 0; i < publication->count; i++) {
        struct planned *list = &publication->lists[i];

        if (!is_wanted(list, ca, is_full))
            continue;
        TRY(revocation_set_begin(list->room, &list->entries, err));
        walk.full = is_full ? list : NULL;
        wanted++;
    }
    if (wanted == 0)
        return 0;
    page = malloc(sizeof *page);
    if (page == NULL)
        return FAIL_NOMEM(err);
    rc = walk_pages(&walk, ca, page, err);
    free(page);
    for (size_t i = 0; rc == 0 && i < publication->count; i++)
        if (is_wanted(&publication->lists[i], ca, is_full))
            rc = revocation_set_finish(publication->lists[i].entries, err);
    return rc;
}
