/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every reader that is meant and has a card in it is asked by SELECT of our application, which is
 * the only command a card that is not ours ever gets from us.
 */
#include "client/find.h"

#include "client/icc.h"

#include <string.h>

struct search {
    const struct icc_find *find;
    struct icc *found[ICC_CARDS_MAX];
    size_t count;
    size_t readers, cards; /* that were looked at */
    struct err last;       /* why the last card was not taken */
};

static void search_done(struct search *search)
{
    for (size_t i = 0; i < search->count; i++)
        icc_free(search->found[i]);
    search->count = 0;
}

static int open_reader(const struct icc_find *find, const char *name, struct icc **ret,
                       struct err *err)
{
    struct reader *reader = NULL;

    TRY(reader_connect(name, &reader, err));
    reader_trace(reader, find->trace, find->trace_context);
    return icc_open(reader, ret, err);
}

/* A card that cannot be used is no reason to stop: another reader may have the right one. */
static int look_at(struct search *search, const struct reader_entry *entry, struct err *err)
{
    int rc;

    search->readers++;
    if (!entry->has_card)
        return 0;
    search->cards++;
    if (search->count == ICC_CARDS_MAX)
        return FAIL(err, ERR_USAGE, "more than %d My Number Cards are there", ICC_CARDS_MAX);
    rc = open_reader(search->find, entry->name, &search->found[search->count], &search->last);
    if (rc == -ERR_NOMEM || rc == -ERR_SYSTEM) {
        *err = search->last;
        return rc;
    }
    search->count += rc == 0;
    return 0;
}

static int fail_none(const struct search *search, struct err *err)
{
    if (search->cards == 1)
        return err_set(err, search->last.kind, search->last.detail, __func__, "%s",
                       search->last.text);
    if (search->cards > 1)
        return FAIL(err, ERR_ABSENT, "none of the %zu cards is a My Number Card", search->cards);
    if (search->readers > 0)
        return FAIL(err, ERR_ABSENT, "no card is in the reader; put one in and try again");
    if (search->find->reader != NULL)
        return FAIL(err, ERR_ABSENT, "no reader has '%s' in its name", search->find->reader);
    return FAIL(err, ERR_ABSENT, "no card reader is connected");
}

static int fail_several(const struct search *search, struct err *err)
{
    CLEANUP(buf_done) struct buf names = BUF_INIT;
    const char *text;

    for (size_t i = 0; i < search->count; i++)
        TRY(buf_append_format(&names, err, "%s'%s'", i == 0 ? "" : ", ",
                              icc_reader_name(search->found[i])));
    TRY(buf_text(&names, &text, err));
    return FAIL(err, ERR_USAGE, "%zu cards are there: %s", search->count, text);
}

int icc_find(const struct icc_find *find, struct icc **ret, struct err *err)
{
    CLEANUP(search_done) struct search search = {.find = find};
    struct reader_list list;
    struct err ignored;

    if (err == NULL)
        err = &ignored;
    if (find->reader != NULL && reader_name_is_special(find->reader))
        return open_reader(find, find->reader, ret, err);
    TRY(reader_list(&list, err));
    for (size_t i = 0; i < list.count; i++)
        if (find->reader == NULL || strcasestr(list.entries[i].name, find->reader) != NULL)
            TRY(look_at(&search, &list.entries[i], err));
    if (search.count == 0)
        return fail_none(&search, err);
    if (search.count > 1)
        return fail_several(&search, err);
    *ret = search.found[0];
    search.count = 0;
    return 0;
}
