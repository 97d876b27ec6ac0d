/* SPDX-License-Identifier: Apache-2.0 */
/* What procedures are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    PROCEDURE_NAME_MAX = 80,             /* characters of a name */
    PROCEDURE_SUMMARY_MAX = 300,         /* characters of a summary */
    PROCEDURE_ENGLISH_NAME_MAX = 160,    /* and of one in English, which takes more of them */
    PROCEDURE_ENGLISH_SUMMARY_MAX = 600, /* the same of a summary */
    PROCEDURE_TEXT_MAX = 2000,           /* characters of a paragraph, an item or a cell */
    PROCEDURE_URL_MAX = 512,             /* bytes of an address */
    PROCEDURE_BLOCKS_MAX = 32,           /* paragraphs, lists and tables of a section */
    PROCEDURE_ITEMS_MAX = 64,            /* items of a list, rows of a table */
    PROCEDURE_COLUMNS_MAX = 12,          /* columns of a table */
    PROCEDURE_LINKS_MAX = 16,            /* links of a text */
    PROCEDURE_EVENTS_MAX = 8,            /* life events of a text */
    PROCEDURE_CONTENT_MAX = 65536,       /* bytes of a text as JSON */
    PROCEDURE_KEYWORDS_MAX = 8,          /* words of a search */
    PROCEDURE_KEYWORD_MAX = 64,          /* characters of one of them */
    PROCEDURE_PAGE_MAX = 100,            /* results of a page */
    PROCEDURE_OFFERINGS_MAX = 1000,      /* procedures of a municipality */
    PROCEDURE_MUNICIPALITIES_MAX = 2000,
};
