/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With whom a fictional person lives, drawn by chance out of the person's seed (making.h), so the
 * same each time: alone, as one of a couple, with children, as a child. Everybody around is as
 * fictional, and known to the municipality by no code. Inside this room only.
 */
#pragma once

#include "exchange/civil.h"

struct family_wish {
    const struct making_person *person; /* with a name */
    const char *body;                   /* the municipality */
    const struct person_code *code;     /* which knows the person by it */
};
/* It passes household_check if the person's name does. */
MUST_CHECK int family_make(const struct family_wish *wish, struct household *ret, struct err *err);
/* The person's seal; ERR_ABSENT: there is none. */
MUST_CHECK int family_make_seal(const struct making_person *person, struct seal *ret,
                                struct err *err);
