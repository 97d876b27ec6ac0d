/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which procedures are offered that have all of these words (fold.h), the ones first that have them
 * in their names. The order is the same at each question, so a page goes on where the one before
 * ended, whatever was added or taken away meanwhile.
 */
#pragma once

#include "portal/procedure/store.h"

struct procedure_query {
    const char *municipality; /* five digits; NULL: all of them */
    const char *const *words; /* NULL-terminated, each may be several with spaces; NULL: none */
    const char *event;        /* a life event; NULL: any */
    const char *category;     /* NULL: any */
    bool is_online;           /* only what may be applied for here */
    int64_t now;
    size_t limit;      /* 1 to PROCEDURE_PAGE_MAX */
    const char *after; /* a page's next; NULL: from the first one */
};

enum { PROCEDURE_CURSOR_SIZE = 48 };

struct procedure_page {
    struct procedure_item *items;
    size_t count;
    size_t hits; /* on all pages, of one municipality; 0 where all are searched */
    char next[PROCEDURE_CURSOR_SIZE]; /* empty: this is the last one */
};

void procedure_page_done(struct procedure_page *page);
/*
 * ERR_INPUT for more than PROCEDURE_KEYWORDS_MAX words or one of more than PROCEDURE_KEYWORD_MAX
 * characters, for words of punctuation only, for what is no cursor, and where all municipalities
 * are searched and too many texts have the words.
 */
MUST_CHECK int procedure_search(struct db *db, const struct procedure_query *query,
                                struct procedure_page *ret, struct err *err);
