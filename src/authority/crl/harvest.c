/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/harvest.h"

#include "base/fault.h"

#include <stdlib.h>

struct walk {
    struct publication *publication;
    const struct ca *ca;
    struct planned *full; /* NULL: it is not due */
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
    if (list == NULL || !list->is_due || listed->not_after < list->update_before)
        return 0;
    if (spool_list_count(list->entries) == list->room)
        return FAIL(err, ERR_CONFLICT, "the list %s has more than %zu entries", list->record.name,
                    list->room);
    return spool_list_add(list->entries, &listed->entry, err);
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

static int sort_in(const struct walk *walk, const struct listed *listed, struct err *err)
{
    struct planned *list = listed->crl == 0 ? NULL : find_list(walk->publication, listed->crl);

    if (listed->crl != 0 && (list == NULL || !is_of(list, walk->ca)))
        return FAIL(err, ERR_CONFLICT,
                    "the list number %lld, which revoked certificates name, is missing: nothing "
                    "is published",
                    (long long)listed->crl);
    TRY(check_time(walk->publication, &listed->entry, err));
    TRY(add(walk->full, listed, err));
    return list == walk->full ? 0 : add(list, listed, err);
}

static int look(void *context, size_t entries, struct err *err)
{
    return crl_work_step(context, entries, err);
}

static int walk_pages(const struct walk *walk, struct listed_page *page, struct err *err)
{
    struct listed_query query = {.kind = walk->ca->kind,
                                 .generation = walk->ca->generation,
                                 .seen = walk->publication->seen};

    do {
        TRY(authority_list_entries(walk->publication->authority->store, &query, page, err));
        TRY(crl_work_step(walk->publication->work, page->count, err));
        for (size_t i = 0; i < page->count; i++) {
            TRY(sort_in(walk, &page->entries[i], err));
            query.above = page->entries[i].entry.serial;
        }
    } while (page->count == LISTED_PAGE);
    return 0;
}

static int finish_lists(struct publication *p, const struct ca *ca, struct err *err)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->lists[i].is_due && is_of(&p->lists[i], ca))
            TRY(spool_list_finish(p->lists[i].entries, err));
    return 0;
}

/* Lists for a walk; *ret_count is how many. */
static int begin_lists(struct publication *p, struct walk *walk, size_t *ret_count, struct err *err)
{
    const struct spool_watch watch = {look, p->work};

    *ret_count = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct planned *list = &p->lists[i];

        if (!list->is_due || !is_of(list, walk->ca))
            continue;
        TRY(spool_list_new(&p->spool, &watch, &list->entries, err));
        if (list->point.len == 0)
            walk->full = list;
        ++*ret_count;
    }
    return 0;
}

int harvest(struct publication *publication, const struct ca *ca, struct err *err)
{
    struct walk walk = {publication, ca, NULL};
    struct listed_page *page;
    size_t count;
    int rc;

    TRY(begin_lists(publication, &walk, &count, err));
    if (count == 0)
        return 0;
    page = malloc(sizeof *page);
    if (page == NULL)
        return FAIL_NOMEM(err);
    rc = walk_pages(&walk, page, err);
    free(page);
    return rc < 0 ? rc : finish_lists(publication, ca, err);
}
