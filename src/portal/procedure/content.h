/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a procedure says, as data: paragraphs, lists, tables and links, no mark-up of any kind, so
 * that nothing in it can be taken for something else by a page. Texts are the municipality's or
 * those that all share.
 *
 * A content is an object of procedure_content_members: names and a summary, sections (each an array
 * of blocks), ages, links. A block is one paragraph, one list or one table; a table's cell may be
 * as wide or high as several. Any of it may be there in English too ("NAME_en"), beside what is
 * said in Japanese and for whoever reads no Japanese: that is a help and binds nobody.
 */
#pragma once

#include "http/member.h"

/* Sections, in the order they are read. */
enum procedure_section {
    SECTION_BODY,
    SECTION_TARGET,
    SECTION_ELIGIBLE,
    SECTION_ALLOWANCE,
    SECTION_MONEY,
    SECTION_GOODS,
    SECTION_FEE,
    SECTION_METHOD,
    SECTION_REQUIREMENTS,
    SECTIONS_
};
extern const char *const procedure_sections[];         /* "body", ..., NULL */
extern const char *const procedure_english_sections[]; /* "body_en", ..., NULL */
extern const char *const procedure_categories[];       /* "childcare", ..., NULL */
extern const char *const procedure_events[];           /* "birth", ..., NULL */
extern const char *const procedure_link_kinds[];       /* "related", "municipality", "form", NULL */

extern const struct http_member procedure_content_members[];
/* What of a content a list of contents tells in English as well. */
#define PROCEDURE_ENGLISH_MEMBERS                                                                  \
    {"name_en", HTTP_TEXT, HTTP_OPTIONAL, "its name in English"},                                  \
        {"alias_en", HTTP_TEXT, HTTP_OPTIONAL, "what people call it, in English"},                 \
    {                                                                                              \
        "summary_en", HTTP_TEXT, HTTP_OPTIONAL, "what it is, in English"                           \
    }

/* ERR_INPUT for an address that texts do not lead to: other than https, or whose host may deceive.
 */
MUST_CHECK int procedure_check_url(const char *url, struct err *err);

/*
 * ERR_INPUT, saying where, for a content that is not of these members, that is larger than
 * limits.h says, that has invisible characters, other addresses than https, a table whose rows are
 * not equally wide, or something in English that it does not have in Japanese.
 */
MUST_CHECK int procedure_content_check(const struct json *content, struct err *err);

/* What a content is found by, folded (fold.h): the nearer to its name a word stands, the better. */
enum procedure_field { FIELD_REST, FIELD_SUMMARY, FIELD_NAME, FIELDS_ };
struct procedure_folded {
    struct buf fields[FIELDS_];
};

void procedure_folded_done(struct procedure_folded *folded);
MUST_CHECK int procedure_content_fold(const struct json *content, struct procedure_folded *ret,
                                      struct err *err);
/*
 * The width of a table in columns, with what stands at each of its places: the cell there, or what
 * reaches there from the left or from above. ERR_INPUT unless each place has exactly one cell.
 */
enum { PLACE_CELL, PLACE_FROM_LEFT, PLACE_FROM_ABOVE };
struct table_place {
    uint8_t kind;
    const struct json *cell;
};
struct table_shape {
    size_t rows, columns;
    struct table_place *at; /* row by row */
};

void table_shape_done(struct table_shape *shape);
MUST_CHECK int table_shape_of(const struct json *table, struct table_shape *ret, struct err *err);
