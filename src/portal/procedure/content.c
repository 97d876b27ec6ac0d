/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/procedure/content.h"

#include "base/utf8.h"
#include "portal/procedure/fold.h"
#include "portal/procedure/limits.h"

#include <stdlib.h>
#include <string.h>

const char *const procedure_sections[] = {[SECTION_BODY] = "body",
                                          [SECTION_TARGET] = "target",
                                          [SECTION_ELIGIBLE] = "eligible",
                                          [SECTION_ALLOWANCE] = "allowance",
                                          [SECTION_MONEY] = "money",
                                          [SECTION_GOODS] = "goods",
                                          [SECTION_FEE] = "fee",
                                          [SECTION_METHOD] = "method",
                                          [SECTION_REQUIREMENTS] = "requirements",
                                          [SECTIONS_] = NULL};
const char *const procedure_english_sections[] = {[SECTION_BODY] = "body_en",
                                                  [SECTION_TARGET] = "target_en",
                                                  [SECTION_ELIGIBLE] = "eligible_en",
                                                  [SECTION_ALLOWANCE] = "allowance_en",
                                                  [SECTION_MONEY] = "money_en",
                                                  [SECTION_GOODS] = "goods_en",
                                                  [SECTION_FEE] = "fee_en",
                                                  [SECTION_METHOD] = "method_en",
                                                  [SECTION_REQUIREMENTS] = "requirements_en",
                                                  [SECTIONS_] = NULL};
const char *const procedure_categories[] = {"childcare", "eldercare", "disaster", "other", NULL};
const char *const procedure_events[] = {
    "pregnancy", "birth",      "childcare", "schooling", "marriage", "divorce", "moving", "work",
    "illness",   "disability", "eldercare", "disaster",  "death",    "leisure", NULL};
const char *const procedure_link_kinds[] = {"related", "municipality", "form", NULL};

static const struct http_form url_form = {"^https://.+$", "an address of https"};

static const struct http_member cell_members[] = {
    {"text", HTTP_TEXT, HTTP_REQUIRED, "what stands in it"},
    {"is_heading", HTTP_BOOL, HTTP_OPTIONAL, "whether it names its row or column"},
    {"columns", HTTP_INT, HTTP_OPTIONAL, "how many columns it is wide; missing: 1"},
    {"rows", HTTP_INT, HTTP_OPTIONAL, "how many rows it is high; missing: 1"},
    {NULL},
};
static const struct http_member row_members[] = {
    {"cells", HTTP_ARRAY, HTTP_REQUIRED, "those that begin in this row, from the left",
     cell_members},
    {NULL},
};
static const struct http_member block_members[] = {
    {"paragraph", HTTP_TEXT, HTTP_OPTIONAL, "a paragraph; a block is one of these three"},
    {"list", HTTP_ARRAY, HTTP_OPTIONAL, "items of a list"},
    {"table", HTTP_ARRAY, HTTP_OPTIONAL, "rows of a table", row_members},
    {NULL},
};
static const struct http_member age_members[] = {
    {"from_years", HTTP_INT, HTTP_OPTIONAL, "the youngest, in completed years"},
    {"from_months", HTTP_INT, HTTP_OPTIONAL, "and months beside them"},
    {"to_years", HTTP_INT, HTTP_OPTIONAL, "the oldest, in completed years"},
    {"to_months", HTTP_INT, HTTP_OPTIONAL, "and months beside them"},
    {"condition", HTTP_TEXT, HTTP_OPTIONAL, "the same in words"},
    {"condition_en", HTTP_TEXT, HTTP_OPTIONAL, "these words in English"},
    {NULL},
};
static const struct http_member link_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "where it leads", .values = procedure_link_kinds},
    {"title", HTTP_TEXT, HTTP_REQUIRED, "what is there"},
    {"title_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {"url", HTTP_TEXT, HTTP_REQUIRED, "its address", .form = &url_form},
    {NULL},
};
#define SECTION(name, words)                                                                       \
    {name, HTTP_ARRAY, HTTP_OPTIONAL, words, block_members},                                       \
    {                                                                                              \
        name "_en", HTTP_ARRAY, HTTP_OPTIONAL, "the same in English", block_members                \
    }
const struct http_member procedure_content_members[] = {
    {"category", HTTP_TEXT, HTTP_REQUIRED, "the field of life", .values = procedure_categories},
    {"events", HTTP_ARRAY, HTTP_REQUIRED, "life events that lead to it",
     .values = procedure_events},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its official name"},
    {"alias", HTTP_TEXT, HTTP_OPTIONAL, "what people call it"},
    {"summary", HTTP_TEXT, HTTP_REQUIRED, "what it is, in short"},
    PROCEDURE_ENGLISH_MEMBERS,
    SECTION("body", "what it is about"),
    SECTION("target", "whom it is for"),
    SECTION("eligible", "who may apply"),
    SECTION("allowance", "what is given"),
    SECTION("money", "how much money"),
    SECTION("goods", "which goods or services"),
    SECTION("fee", "what it costs"),
    SECTION("method", "how it is done"),
    SECTION("requirements", "what is needed for it"),
    {"age", HTTP_OBJECT, HTTP_OPTIONAL, "which age the person has whom it is for", age_members},
    {"links", HTTP_ARRAY, HTTP_OPTIONAL, "where more is said", link_members},
    {NULL},
};

static int check_text(const char *text, size_t most, const char *what, struct err *err)
{
    const size_t count = utf8_count(bytes_text(text));

    if (count == 0 || count > most)
        return FAIL(err, ERR_INPUT, "%s has 1 to %zu characters", what, most);
    if (!utf8_is_shown(bytes_text(text)))
        return FAIL(err, ERR_INPUT, "%s has characters that cannot be seen", what);
    return 0;
}

static int check_member(const struct json *object, const char *name, size_t most, struct err *err)
{
    const char *text;

    if (!json_has(object, name))
        return 0;
    TRY(json_get_text(object, name, &text, err));
    return check_text(text, most, name, err);
}

static int check_count(const struct json *array, size_t least, size_t most, const char *what,
                       struct err *err)
{
    if (json_count(array) < least || json_count(array) > most)
        return FAIL(err, ERR_INPUT, "%zu to %zu %s", least, most, what);
    return 0;
}

static int get_span(const struct json *cell, const char *name, size_t most, size_t *ret,
                    struct err *err)
{
    int64_t span = 1;

    if (json_has(cell, name))
        TRY(json_get_int(cell, name, &span, err));
    if (span < 1 || (uint64_t)span > most)
        return FAIL(err, ERR_INPUT, "a cell reaches out of its table");
    *ret = (size_t)span;
    return 0;
}

void table_shape_done(struct table_shape *shape)
{
    free(shape->at);
    *shape = (struct table_shape){.at = NULL};
}

/* In columns, by the first row, into which nothing reaches from above. */
static int width_of(const struct json *table, size_t *ret, struct err *err)
{
    const struct json *cells;
    size_t width = 0;

    TRY(json_get_array(json_at(table, 0), "cells", &cells, err));
    for (size_t i = 0; i < json_count(cells); i++) {
        size_t columns;

        TRY(get_span(json_at(cells, i), "columns", PROCEDURE_COLUMNS_MAX, &columns, err));
        width += columns;
    }
    if (width == 0 || width > PROCEDURE_COLUMNS_MAX)
        return FAIL(err, ERR_INPUT, "a table has 1 to %d columns", PROCEDURE_COLUMNS_MAX);
    *ret = width;
    return 0;
}

static int put_cell(struct table_shape *shape, size_t row, size_t column, const struct json *cell,
                    struct err *err)
{
    size_t columns, rows;

    TRY(get_span(cell, "columns", shape->columns - column, &columns, err));
    TRY(get_span(cell, "rows", shape->rows - row, &rows, err));
    for (size_t y = 0; y < rows; y++) {
        for (size_t x = 0; x < columns; x++) {
            struct table_place *place = &shape->at[(row + y) * shape->columns + column + x];

            if (place->cell != NULL)
                return FAIL(err, ERR_INPUT, "two cells of a table are at one place");
            place->cell = cell;
            place->kind = y > 0 ? PLACE_FROM_ABOVE : x > 0 ? PLACE_FROM_LEFT : PLACE_CELL;
        }
    }
    return 0;
}

static int put_row(struct table_shape *shape, size_t row, const struct json *cells, struct err *err)
{
    size_t column = 0;

    for (size_t i = 0; i < json_count(cells); i++) {
        while (column < shape->columns && shape->at[row * shape->columns + column].cell != NULL)
            column++;
        if (column == shape->columns)
            return FAIL(err, ERR_INPUT, "a row of a table is wider than its first one");
        TRY(put_cell(shape, row, column, json_at(cells, i), err));
    }
    for (column = 0; column < shape->columns; column++)
        if (shape->at[row * shape->columns + column].cell == NULL)
            return FAIL(err, ERR_INPUT, "a row of a table is narrower than its first one");
    return 0;
}

int table_shape_of(const struct json *table, struct table_shape *ret, struct err *err)
{
    CLEANUP(table_shape_done) struct table_shape shape = {.rows = json_count(table)};
    const struct json *cells;

    TRY(check_count(table, 1, PROCEDURE_ITEMS_MAX, "rows of a table", err));
    TRY(width_of(table, &shape.columns, err));
    shape.at = calloc(shape.rows * shape.columns, sizeof *shape.at);
    if (shape.at == NULL)
        return FAIL_NOMEM(err);
    for (size_t row = 0; row < shape.rows; row++) {
        TRY(json_get_array(json_at(table, row), "cells", &cells, err));
        TRY(put_row(&shape, row, cells, err));
    }
    *ret = shape;
    shape.at = NULL;
    return 0;
}

static int check_table(const struct json *table, struct err *err)
{
    CLEANUP(table_shape_done) struct table_shape shape = {.at = NULL};

    TRY(table_shape_of(table, &shape, err));
    for (size_t i = 0; i < shape.rows * shape.columns; i++) {
        const char *text;

        if (shape.at[i].kind != PLACE_CELL)
            continue;
        TRY(json_get_text(shape.at[i].cell, "text", &text, err));
        if (text[0] != '\0') /* an empty cell is fine */
            TRY(check_text(text, PROCEDURE_TEXT_MAX, "a cell", err));
    }
    return 0;
}

static int check_list(const struct json *list, struct err *err)
{
    TRY(check_count(list, 1, PROCEDURE_ITEMS_MAX, "items of a list", err));
    for (size_t i = 0; i < json_count(list); i++)
        TRY(check_text(json_text(json_at(list, i)), PROCEDURE_TEXT_MAX, "an item", err));
    return 0;
}

static int check_block(const struct json *block, struct err *err)
{
    const struct json *array;
    const bool has_list = json_has(block, "list");
    const bool has_table = json_has(block, "table");

    if (json_has(block, "paragraph") + has_list + has_table != 1)
        return FAIL(err, ERR_INPUT, "a block is a paragraph, a list or a table");
    TRY(check_member(block, "paragraph", PROCEDURE_TEXT_MAX, err));
    if (has_list) {
        TRY(json_get_array(block, "list", &array, err));
        return check_list(array, err);
    }
    if (!has_table)
        return 0;
    TRY(json_get_array(block, "table", &array, err));
    return check_table(array, err);
}

static int check_section(const struct json *content, const char *name, struct err *err)
{
    const struct json *blocks;

    if (!json_has(content, name))
        return 0;
    TRY(json_get_array(content, name, &blocks, err));
    TRY(check_count(blocks, 1, PROCEDURE_BLOCKS_MAX, "blocks of a section", err));
    for (size_t i = 0; i < json_count(blocks); i++)
        TRY(check_block(json_at(blocks, i), err));
    return 0;
}

/* Nobody reads in English what is not said in Japanese, which is what counts. */
static int check_english(const struct json *object, const char *japanese, const char *english,
                         struct err *err)
{
    if (json_has(object, english) && !json_has(object, japanese))
        return FAIL(err, ERR_INPUT, "%s: there is no %s that it translates", english, japanese);
    return 0;
}

static int check_sections(const struct json *content, struct err *err)
{
    for (size_t i = 0; i < SECTIONS_; i++) {
        const char *japanese = procedure_sections[i];
        const char *english = procedure_english_sections[i];

        TRY(check_english(content, japanese, english, err));
        TRY(err_prefix(err, check_section(content, japanese, err), "%s", japanese));
        TRY(err_prefix(err, check_section(content, english, err), "%s", english));
    }
    return 0;
}

static int check_age(const struct json *content, struct err *err)
{
    static const struct {
        const char *name;
        int64_t most;
    } parts[] = {{"from_years", 150}, {"from_months", 11}, {"to_years", 150}, {"to_months", 11}};
    const struct json *age;

    if (!json_has(content, "age"))
        return 0;
    TRY(json_get_object(content, "age", &age, err));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int64_t number = 0;

        if (json_has(age, parts[i].name))
            TRY(json_get_int(age, parts[i].name, &number, err));
        if (number < 0 || number > parts[i].most)
            return FAIL(err, ERR_INPUT, "%s is 0 to %d", parts[i].name, (int)parts[i].most);
    }
    TRY(check_english(age, "condition", "condition_en", err));
    TRY(check_member(age, "condition", PROCEDURE_TEXT_MAX, err));
    return check_member(age, "condition_en", PROCEDURE_TEXT_MAX, err);
}

/* Whose page it is, is all that stands before the path: no name of a user, no letter like another.
 */
static bool has_host(const char *behind_scheme)
{
    const size_t len = strspn(behind_scheme, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789.-:");

    return len > 0 && strchr("/?#", behind_scheme[len]) != NULL; /* its NUL as well */
}

int procedure_check_url(const char *url, struct err *err)
{
    static const char scheme[] = "https://";

    if (strncmp(url, scheme, strlen(scheme)) != 0 || strlen(url) > PROCEDURE_URL_MAX ||
        !has_host(url + strlen(scheme)) || strpbrk(url, " \"<>|\\^`{};") != NULL ||
        !utf8_is_shown(bytes_text(url)))
        return FAIL(err, ERR_INPUT, "an address is https://HOST/PATH and has up to %d bytes",
                    PROCEDURE_URL_MAX);
    return 0;
}

static int check_links(const struct json *content, struct err *err)
{
    const struct json *links;

    if (!json_has(content, "links"))
        return 0;
    TRY(json_get_array(content, "links", &links, err));
    TRY(check_count(links, 0, PROCEDURE_LINKS_MAX, "links", err));
    for (size_t i = 0; i < json_count(links); i++) {
        const char *url;

        TRY(check_member(json_at(links, i), "title", PROCEDURE_NAME_MAX, err));
        TRY(check_member(json_at(links, i), "title_en", PROCEDURE_ENGLISH_NAME_MAX, err));
        TRY(json_get_text(json_at(links, i), "url", &url, err));
        TRY(procedure_check_url(url, err));
    }
    return 0;
}

static int check_size(const struct json *content, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_write(content, &text, err));
    if (text.len > PROCEDURE_CONTENT_MAX)
        return FAIL(err, ERR_INPUT, "a procedure is at most %d bytes", PROCEDURE_CONTENT_MAX);
    return 0;
}

int procedure_content_check(const struct json *content, struct err *err)
{
    const struct json *events;

    TRY(http_members_check(content, procedure_content_members, err));
    TRY(check_size(content, err));
    TRY(check_member(content, "name", PROCEDURE_NAME_MAX, err));
    TRY(check_member(content, "alias", PROCEDURE_NAME_MAX, err));
    TRY(check_member(content, "summary", PROCEDURE_SUMMARY_MAX, err));
    TRY(check_member(content, "name_en", PROCEDURE_ENGLISH_NAME_MAX, err));
    TRY(check_member(content, "alias_en", PROCEDURE_ENGLISH_NAME_MAX, err));
    TRY(check_member(content, "summary_en", PROCEDURE_ENGLISH_SUMMARY_MAX, err));
    TRY(json_get_array(content, "events", &events, err));
    TRY(check_count(events, 0, PROCEDURE_EVENTS_MAX, "life events", err));
    TRY(check_sections(content, err));
    TRY(check_age(content, err));
    return check_links(content, err);
}

void procedure_folded_done(struct procedure_folded *folded)
{
    for (size_t i = 0; i < FIELDS_; i++)
        buf_done(&folded->fields[i]);
}

/* Words of different texts never stand together. */
static int fold_more(const char *text, struct buf *field, struct err *err)
{
    if (field->len > 0)
        TRY(buf_append_byte(field, ' ', err));
    return fold_text(bytes_text(text), field, err);
}

static int fold_member(const struct json *object, const char *name, struct buf *field,
                       struct err *err)
{
    const char *text;

    if (!json_has(object, name))
        return 0;
    TRY(json_get_text(object, name, &text, err));
    return fold_more(text, field, err);
}

static int fold_table(const struct json *table, struct buf *field, struct err *err)
{
    for (size_t row = 0; row < json_count(table); row++) {
        const struct json *cells;

        TRY(json_get_array(json_at(table, row), "cells", &cells, err));
        for (size_t i = 0; i < json_count(cells); i++)
            TRY(fold_member(json_at(cells, i), "text", field, err));
    }
    return 0;
}

static int fold_block(const struct json *block, struct buf *field, struct err *err)
{
    const struct json *array;

    if (json_has(block, "table")) {
        TRY(json_get_array(block, "table", &array, err));
        return fold_table(array, field, err);
    }
    if (!json_has(block, "list"))
        return fold_member(block, "paragraph", field, err);
    TRY(json_get_array(block, "list", &array, err));
    for (size_t i = 0; i < json_count(array); i++)
        TRY(fold_more(json_text(json_at(array, i)), field, err));
    return 0;
}

static int fold_section(const struct json *content, const char *name, struct buf *field,
                        struct err *err)
{
    const struct json *blocks;

    if (!json_has(content, name))
        return 0;
    TRY(json_get_array(content, name, &blocks, err));
    for (size_t i = 0; i < json_count(blocks); i++)
        TRY(fold_block(json_at(blocks, i), field, err));
    return 0;
}

int procedure_content_fold(const struct json *content, struct procedure_folded *ret,
                           struct err *err)
{
    CLEANUP(procedure_folded_done) struct procedure_folded folded = {.fields = {BUF_INIT}};

    TRY(fold_member(content, "name", &folded.fields[FIELD_NAME], err));
    TRY(fold_member(content, "alias", &folded.fields[FIELD_NAME], err));
    TRY(fold_member(content, "name_en", &folded.fields[FIELD_NAME], err));
    TRY(fold_member(content, "alias_en", &folded.fields[FIELD_NAME], err));
    TRY(fold_member(content, "summary", &folded.fields[FIELD_SUMMARY], err));
    TRY(fold_member(content, "summary_en", &folded.fields[FIELD_SUMMARY], err));
    for (size_t i = 0; i < SECTIONS_; i++) {
        TRY(fold_section(content, procedure_sections[i], &folded.fields[FIELD_REST], err));
        TRY(fold_section(content, procedure_english_sections[i], &folded.fields[FIELD_REST], err));
    }
    *ret = folded;
    folded = (struct procedure_folded){.fields = {BUF_INIT}};
    return 0;
}
