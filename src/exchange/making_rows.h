/* SPDX-License-Identifier: Apache-2.0 */
/* The samples of making.h as they are read. Inside this room only. */
#pragma once

#include "exchange/situation.h"

enum { MAKING_PER_MILLE = 1000 };

enum sample_kind {
    SAMPLE_PICK,
    SAMPLE_NUMBER,
    SAMPLE_DAY,
    SAMPLE_YEAR,
    SAMPLE_BEFORE,
    SAMPLE_AFTER,
    SAMPLE_PLACE,
    SAMPLE_FACT,
    SAMPLE_DUE,   /* a word of the plan's row */
    SAMPLE_ENDED, /* before the next record's day; of the newest one nothing */
    SAMPLE_KINDS_
};

struct sample {
    const struct item *item;
    enum sample_kind kind;
    char *choices; /* of pick: "A|B" */
    int64_t from, to, step;
    enum fact fact;
};

/* What is done at a certain age: a record, unless the day is still to come. */
struct plan {
    int64_t months, within; /* on one of so many days from that age on */
    char *words;            /* what a due item tells: "A|B" */
};

enum sample_sex { SEX_ANY, SEX_FEMALE, SEX_MALE };
enum suited_home { SUITS_ANY, SUITS_PARENT, SUITS_SINGLE_PARENT };

struct group {
    const struct info *info;
    int64_t age_from, age_to; /* of a record's day, in years, or in school, if is_school */
    int64_t of_1000, times, every;
    enum sample_sex sex;
    enum suited_home home;
    bool is_school;
    bool tells_facts;              /* some sample does */
    size_t first, count;           /* of samples */
    size_t plan_first, plan_count; /* of plans; none: records lie every days apart */
};

struct making {
    const struct tables *tables;
    struct buf text;
    struct group *groups; /* ascending, by name and by age */
    struct sample *samples;
    struct plan *plans;
    size_t group_count, sample_count, plan_count;
};

/* The days on which a record of somebody may be. */
struct making_window {
    struct caldate from, until;
};
struct making_window making_window(const struct group *group, struct caldate birth);
