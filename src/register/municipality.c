/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list is cut into lines and columns in place. Names in romaji end up in certificates, so
 * their form is checked against the kind of place, which is the last character of its name.
 */
#include "register/municipality.h"

#include "base/file.h"
#include "base/utf8.h"
#include "register/limits.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 7, PREFECTURES = 47 };

struct municipalities {
    struct buf text; /* what the rows point into */
    struct municipality *rows;
    size_t count;
};

/* A kind of place and how its name ends in romaji. */
struct ending {
    const char *kanji;
    const char *romaji[2];
};

static const struct ending prefecture_endings[] = {
    {"都", {"-to", NULL}},
    {"府", {"-fu", NULL}},
    {"県", {"-ken", NULL}},
    {"北海道", {"Hokkaido", NULL}},
};
static const struct ending municipality_endings[] = {
    {"市", {"-shi", NULL}},
    {"区", {"-ku", NULL}},
    {"町", {"-cho", "-machi"}},
    {"村", {"-son", "-mura"}},
};

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text);
    size_t tail = strlen(ending);

    return len >= tail && strcmp(text + len - tail, ending) == 0;
}

static bool is_romaji(const char *text)
{
    if (text[0] < 'A' || text[0] > 'Z')
        return false;
    return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'-")] == '\0';
}

static bool ending_fits(const struct ending *endings, size_t count, const char *name,
                        const char *romaji)
{
    for (size_t i = 0; i < count; i++) {
        const struct ending *e = &endings[i];

        if (ends_with(name, e->kanji))
            return ends_with(romaji, e->romaji[0]) ||
                   (e->romaji[1] != NULL && ends_with(romaji, e->romaji[1]));
    }
    return false;
}

static bool is_code(const char *code)
{
    return strlen(code) == MUNICIPALITY_CODE_LEN && strspn(code, "0123456789") == strlen(code);
}

/* The sixth digit of a municipality's code: weights 6 to 2, modulus 11. */
static bool check_digit_fits(const char *code, const char *digit)
{
    int sum = 0;

    for (int i = 0; i < MUNICIPALITY_CODE_LEN; i++)
        sum += (code[i] - '0') * (6 - i);
    return strlen(digit) == 1 && digit[0] - '0' == (11 - sum % 11) % 10;
}

static int row_check(const struct municipality *row, const char *digit,
                     const struct municipality *before, struct err *err)
{
    int prefecture;

    if (!is_code(row->code))
        return FAIL(err, ERR_INPUT, "the code is not five digits");
    prefecture = (row->code[0] - '0') * 10 + row->code[1] - '0';
    if (prefecture < 1 || prefecture > PREFECTURES)
        return FAIL(err, ERR_INPUT, "there is no prefecture %02d", prefecture);
    if (!check_digit_fits(row->code, digit))
        return FAIL(err, ERR_INPUT, "the check digit of %s is wrong", row->code);
    if (before != NULL && strcmp(before->code, row->code) >= 0)
        return FAIL(err, ERR_INPUT, "the code %s is not above the one before", row->code);
    if (before != NULL && strncmp(before->code, row->code, 2) == 0 &&
        (strcmp(before->prefecture, row->prefecture) != 0 ||
         strcmp(before->prefecture_romaji, row->prefecture_romaji) != 0))
        return FAIL(err, ERR_INPUT, "prefecture %02d has two names", prefecture);
    if (!is_romaji(row->prefecture_romaji) ||
        !ending_fits(prefecture_endings, sizeof prefecture_endings / sizeof prefecture_endings[0],
                     row->prefecture, row->prefecture_romaji))
        return FAIL(err, ERR_INPUT, "the prefecture's romaji have not the ending of its kind");
    if (!is_romaji(row->romaji) ||
        !ending_fits(municipality_endings,
                     sizeof municipality_endings / sizeof municipality_endings[0], row->name,
                     row->romaji))
        return FAIL(err, ERR_INPUT, "the romaji have not the ending of the municipality's kind");
    return 0;
}

/* Cut one line at its tabs. */
static int row_cut(char *line, const char *columns[COLUMNS], struct err *err)
{
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = strsep(&line, "\t");
        if (columns[i] == NULL)
            return FAIL(err, ERR_INPUT, "%d columns instead of %d", i, COLUMNS);
        if (columns[i][0] == '\0')
            return FAIL(err, ERR_INPUT, "column %d is empty", i + 1);
        if (strlen(columns[i]) > MUNICIPALITY_FIELD_MAX)
            return FAIL(err, ERR_INPUT, "column %d is longer than %d bytes", i + 1,
                        MUNICIPALITY_FIELD_MAX);
    }
    return line == NULL ? 0 : FAIL(err, ERR_INPUT, "more than %d columns", COLUMNS);
}

static int row_add(struct municipalities *list, char *line, struct err *err)
{
    struct municipality *row = &list->rows[list->count];
    const char *columns[COLUMNS];

    TRY(row_cut(line, columns, err));
    *row = (struct municipality){columns[0], columns[2], columns[3],
                                 columns[4], columns[5], columns[6]};
    TRY(row_check(row, columns[1], list->count == 0 ? NULL : row - 1, err));
    list->count++;
    return 0;
}

static int rows_parse(struct municipalities *list, char *text, struct err *err)
{
    size_t number = 0;
    char *line;

    while ((line = strsep(&text, "\n")) != NULL && text != NULL) {
        number++;
        if (line[0] == '#' && list->count == 0)
            continue;
        if (list->count == MUNICIPALITY_MAX)
            return FAIL(err, ERR_INPUT, "more than %d municipalities", MUNICIPALITY_MAX);
        TRY(err_prefix(err, row_add(list, line, err), "line %zu", number));
    }
    if (line != NULL && line[0] != '\0')
        return FAIL(err, ERR_INPUT, "the last line does not end");
    if (list->count == 0)
        return FAIL(err, ERR_INPUT, "there are no municipalities in it");
    return 0;
}

int municipalities_parse(struct bytes text, struct municipalities **ret, struct err *err)
{
    CLEANUP(municipalities_freep) struct municipalities *list = NULL;
    const char *terminated;

    if (text.len > MUNICIPALITY_FILE_MAX)
        return FAIL(err, ERR_INPUT, "longer than %d bytes", MUNICIPALITY_FILE_MAX);
    if (!utf8_is_valid(text))
        return FAIL(err, ERR_INPUT, "not UTF-8");
    list = calloc(1, sizeof *list);
    if (list == NULL)
        return FAIL_NOMEM(err);
    list->rows = calloc(MUNICIPALITY_MAX, sizeof *list->rows);
    if (list->rows == NULL)
        return FAIL_NOMEM(err);
    TRY(buf_append(&list->text, text, err));
    TRY(buf_text(&list->text, &terminated, err));
    TRY(rows_parse(list, (char *)list->text.ptr, err));
    *ret = list;
    list = NULL;
    return 0;
}

int municipalities_load(const char *path, struct municipalities **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(file_read(path, MUNICIPALITY_FILE_MAX, &text, err));
    return err_prefix(err, municipalities_parse(buf_bytes(&text), ret, err), "%s", path);
}

void municipalities_free(struct municipalities *list)
{
    if (list == NULL)
        return;
    buf_done(&list->text);
    free(list->rows);
    free(list);
}

void municipalities_freep(struct municipalities **list)
{
    municipalities_free(*list);
    *list = NULL;
}

size_t municipalities_count(const struct municipalities *list)
{
    return list->count;
}

const struct municipality *municipality_at(const struct municipalities *list, size_t index)
{
    return &list->rows[index];
}

static int compare_code(const void *key, const void *row)
{
    return strcmp(key, ((const struct municipality *)row)->code);
}

int municipality_find(const struct municipalities *list, const char *code,
                      const struct municipality **ret, struct err *err)
{
    const struct municipality *found;

    if (!is_code(code))
        return FAIL(err, ERR_INPUT, "a municipality's code is five digits");
    found = bsearch(code, list->rows, list->count, sizeof *list->rows, compare_code);
    if (found == NULL)
        return FAIL(err, ERR_INPUT, "there is no municipality with the code %s", code);
    *ret = found;
    return 0;
}
