/* SPDX-License-Identifier: Apache-2.0 */
/* What municipalities are called in English, made of their romaji: "Chiyoda City, Tokyo". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* As DNs have them, with the endings of their kinds: "Tokyo-to", "Chiyoda-ku". */
struct place_romaji {
    const char *code; /* five digits */
    const char *prefecture, *name;
};

/* Of all municipalities, ascending by code. */
struct place_romaji_list {
    const struct place_romaji *rows;
    size_t count;
};

enum { PLACE_ENGLISH_SIZE = 128 };

struct place_english {
    char prefecture[PLACE_ENGLISH_SIZE]; /* "Tokyo" */
    char name[2 * PLACE_ENGLISH_SIZE];   /* "Chiyoda City, Tokyo" */
};

/* False if nothing is known of that code; what is too long is cut off. */
bool place_english(const struct place_romaji_list *list, const char *code,
                   struct place_english *ret);
