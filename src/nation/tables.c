/* SPDX-License-Identifier: Apache-2.0 */
#include "nation/tables.h"

#include "nation/mix.h"

#include <stddef.h>
#include <string.h>

struct place_kind {
    const char *ending;
    uint32_t weight;
};

#include "nation/nation_tables.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

_Static_assert(COUNT(age_groups) == AGE_GROUPS, "the groups of data/nation.tsv");
_Static_assert(COUNT(event_rates) == YEARLY_EVENTS, "the events of data/nation.tsv");

static const struct {
    const struct word *words;
    size_t count;
} lists[WORD_LISTS_] = {
    [WORD_SURNAME] = {surnames, COUNT(surnames)},
    [WORD_MALE] = {male_names, COUNT(male_names)},
    [WORD_FEMALE] = {female_names, COUNT(female_names)},
    [WORD_TOWN] = {towns, COUNT(towns)},
};

const struct word *draw_word(enum word_list list, uint64_t drawn)
{
    const struct word *words = lists[list].words;
    uint64_t at = mix_below(drawn, words[lists[list].count - 1].sum);

    while (words->sum <= at)
        words++;
    return words;
}

unsigned draw_age_group(uint64_t drawn)
{
    uint64_t at = mix_below(drawn, age_groups[AGE_GROUPS - 1].sum);
    unsigned group = 0;

    while (age_groups[group].sum <= at)
        group++;
    return group;
}

const struct age_group *age_group_at(unsigned group)
{
    return &age_groups[group < AGE_GROUPS ? group : AGE_GROUPS - 1];
}

uint32_t place_weight(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < COUNT(place_kinds); i++) {
        size_t ending = strlen(place_kinds[i].ending);

        if (len >= ending && strcmp(name + len - ending, place_kinds[i].ending) == 0)
            return place_kinds[i].weight;
    }
    return 0;
}

uint32_t event_rate(unsigned event)
{
    return event_rates[event];
}
