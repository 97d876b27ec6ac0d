/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody came to live somewhere else, as the register tells it: the municipalities' own registers
 * (civil.h), and what the exchange is answered about the household, follow at once
 * (docs/decisions/0126).
 *
 * Who moves takes everybody along who is known by no code, unless somebody stays who has one: then
 * he goes alone. The family register stays where it is. What another municipality is told of its
 * newcomer is the household, the day and the address before; a registered seal ends, and what the
 * old one holds under other names (last year's tax) stays there.
 */
#pragma once

#include "exchange/civil.h"

struct relocation_side {
    char body[CODE_SIZE]; /* "M13101" */
    struct person_code code;
};
struct relocation {
    int64_t number; /* of the register: each is followed once, in this order */
    struct relocation_side from, to;
    struct caldate since;
    char former_address[CIVIL_PLACE_SIZE]; /* "": it cannot be shown */
};

/* The last one that was followed; 0: none yet. */
MUST_CHECK int relocation_last(struct holdings *holdings, int64_t *ret, struct err *err);
/* Follow it, in one transaction; nothing happens for one that was before, or of whom nobody here
 * knows a household. */
MUST_CHECK int relocation_follow(struct holdings *holdings, const struct relocation *relocation,
                                 const struct audit_origin *by, struct err *err);

extern const char relocation_schema_v1[]; /* a migration of the provider's database */
