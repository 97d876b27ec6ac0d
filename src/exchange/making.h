/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fictional person has in the registers of bodies (data/exchange/samples.tsv): drawn by
 * chance out of the person's seed, so the same each time; what hangs together comes from one place
 * (situation.h). For sandboxes and measurements.
 */
#pragma once

#include "exchange/answer.h"

struct making;

/* ERR_INPUT names the line. Each name has one row of who, and its items behind it, in their order.
 */
MUST_CHECK int making_parse(const struct tables *tables, struct bytes text, struct making **ret,
                            struct err *err);
/* From a folder; NULL: the one that comes with the programs. tables outlive it. */
MUST_CHECK int making_load(const struct tables *tables, const char *folder, struct making **ret,
                           struct err *err);
void making_free(struct making *making);
void making_freep(struct making **making);

struct making_person {
    const char *seed; /* at most MAKING_SEED_MAX bytes: a persona's name, a number */
    struct caldate birth;
    bool is_female;
    const char *place; /* name of the area of the body, for items that tell it */
    struct caldate today;
    /* Names of what the person has, whatever chance and age say: texts of an array, or NULL. */
    const struct json *holds;
    const char *name; /* surname, a blank, given name; NULL: no household is made around it */
    bool is_protected;
};
enum { MAKING_SEED_MAX = 64 };

/* Whether a name is among what the person has in any case. */
bool making_holds(const struct making_person *person, const char *info);
/* An answer under a name (answer.h); ERR_ABSENT if this person has nothing under it. */
MUST_CHECK int making_answer(const struct making *making, const struct making_person *person,
                             const char *info, struct json **ret, struct err *err);
