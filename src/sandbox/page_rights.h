/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the start page opens while it serves, beside the folder of its own socket; nothing else can
 * be opened, and nothing executed.
 */
#pragma once

#include "base/confine.h"
#include "sandbox/layout.h"

enum { PAGE_RIGHTS = 6 };

struct page_rights {
    char *paths[PAGE_RIGHTS];
    struct confine_path list[PAGE_RIGHTS + 1]; /* ends with one that is NULL */
};

/* share is the folder of our data files; the list lives as long as *ret. */
MUST_CHECK int page_rights_of(const struct layout *layout, const char *share,
                              struct page_rights *ret, struct err *err);
void page_rights_done(struct page_rights *rights);
