/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/procedure/english.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The wards of Tokyo call themselves cities; of towns and villages there are two readings each. */
static const struct {
    const char *romaji, *english;
} kinds[] = {
    {"-shi", " City"},   {"-ku", " City"},     {"-cho", " Town"},
    {"-machi", " Town"}, {"-son", " Village"}, {"-mura", " Village"},
    {"-to", ""},         {"-fu", ""},          {"-ken", ""},
};

static void say(const char *romaji, char *ret, size_t size)
{
    const char *ending = strrchr(romaji, '-');

    for (size_t i = 0; ending != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(ending, kinds[i].romaji) == 0) {
            (void)snprintf(ret, size, "%.*s%s", (int)(ending - romaji), romaji, kinds[i].english);
            return;
        }
    }
    (void)snprintf(ret, size, "%s", romaji);
}

static int compare(const void *code, const void *row)
{
    const struct place_romaji *place = row;

    return strcmp(code, place->code);
}

bool place_english(const struct place_romaji_list *list, const char *code,
                   struct place_english *ret)
{
    const struct place_romaji *row = list->count == 0 ? NULL
                                                      : bsearch(code, list->rows, list->count,
                                                                sizeof list->rows[0], compare);
    char name[PLACE_ENGLISH_SIZE - 2];

    if (row == NULL)
        return false;
    say(row->prefecture, ret->prefecture, sizeof ret->prefecture);
    say(row->name, name, sizeof name);
    (void)snprintf(ret->name, sizeof ret->name, "%s, %s", name, ret->prefecture);
    return true;
}
