/* SPDX-License-Identifier: Apache-2.0 */
/* data/nation.tsv, to be drawn from. Inside this room only. */
#pragma once

#include <stdint.h>

/* A weight is the sum of the weights up to this word, this one included. */
struct word {
    const char *written, *kana;
    uint32_t sum;
};

struct age_group {
    uint32_t sum;    /* of 1000 people */
    uint32_t women;  /* of 1000 of the group */
    uint32_t deaths; /* a year of 10000 of the group */
};

enum { AGE_STEP = 5, AGE_GROUPS = 20, YEARLY_EVENTS = 4 };

enum word_list { WORD_SURNAME, WORD_MALE, WORD_FEMALE, WORD_TOWN, WORD_LISTS_ };

/* drawn is a whole number of mix(). */
const struct word *draw_word(enum word_list list, uint64_t drawn);
/* The number of a group of five years. */
unsigned draw_age_group(uint64_t drawn);
/* Whoever is older than all groups belongs to the last. */
const struct age_group *age_group_at(unsigned group);
/* The weight of a municipality, by the last character of its name; 0 for none of the kinds. */
uint32_t place_weight(const char *name);
/* How often a year, of 100000 people; event is less than YEARLY_EVENTS. */
uint32_t event_rate(unsigned event);
