/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The municipalities of Japan by code, from data/municipalities.tsv. The list is read once and
 * then only looked at, by any thread.
 */
#pragma once

#include "base/bytes.h"

enum { MUNICIPALITY_CODE_LEN = 5 };

struct municipality {
    const char *code; /* JIS X 0401 and 0402, five digits */
    const char *prefecture;
    const char *prefecture_romaji; /* for DNs: "Aomori-ken", "Tokyo-to", "Hokkaido" */
    const char *name;
    const char *kana;
    const char *romaji; /* for DNs: "Aomori-shi" */
};

struct municipalities;

/*
 * Read and check the whole list: seven columns, codes ascending with right check digits, one
 * prefecture per first two digits, romaji in ASCII with the ending of the place's kind. ERR_INPUT
 * names the line.
 */
MUST_CHECK int municipalities_load(const char *path, struct municipalities **ret, struct err *err);
MUST_CHECK int municipalities_parse(struct bytes text, struct municipalities **ret,
                                    struct err *err);
void municipalities_free(struct municipalities *list);
void municipalities_freep(struct municipalities **list);

size_t municipalities_count(const struct municipalities *list);
/* In the order of their codes; index is less than the count. Lives as long as the list. */
const struct municipality *municipality_at(const struct municipalities *list, size_t index);
/* ERR_INPUT if code is not five digits or no municipality has it. Lives as long as the list. */
MUST_CHECK int municipality_find(const struct municipalities *list, const char *code,
                                 const struct municipality **ret, struct err *err);
