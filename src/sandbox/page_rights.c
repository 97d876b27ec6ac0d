/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock and what is set are files that stay the same, mapped by whoever reads them; the others
 * are replaced, so their folders are named.
 */
#include "sandbox/page_rights.h"

#include "base/file.h"

static const struct {
    const char *below; /* NULL: our data files */
    int access;
} rows[PAGE_RIGHTS] = {
    {NULL, CONFINE_READ},       {"state", CONFINE_READ},  {"trace", CONFINE_READ},
    {"personas", CONFINE_READ}, {"clock", CONFINE_WRITE}, {"powers", CONFINE_WRITE},
};

void page_rights_done(struct page_rights *rights)
{
    for (size_t i = 0; i < PAGE_RIGHTS; i++)
        free_text(&rights->paths[i]);
}

int page_rights_of(const struct layout *layout, const char *share, struct page_rights *ret,
                   struct err *err)
{
    CLEANUP(page_rights_done) struct page_rights rights = {.paths = {NULL}};

    for (size_t i = 0; i < PAGE_RIGHTS; i++) {
        if (rows[i].below == NULL)
            TRY(path_format(&rights.paths[i], err, "%s", share));
        else
            TRY(layout_path(layout, rows[i].below, &rights.paths[i], err));
        rights.list[i].path = rights.paths[i];
        rights.list[i].access = rows[i].access == CONFINE_WRITE ? CONFINE_WRITE : CONFINE_READ;
    }
    *ret = rights;
    rights = (struct page_rights){.paths = {NULL}};
    return 0;
}
