/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody came to live somewhere else, or lives in a municipality no more, as the register tells
 * it: the municipalities' own registers (civil.h), and what the exchange is answered about the
 * household, follow (docs/decisions/0126).
 *
 * Who moves takes everybody along who is known by no code, unless somebody stays who has one: then
 * he goes alone. The family register stays where it is. What another municipality is told of its
 * newcomer is the household, the day and the address before; a registered seal ends, and what the
 * old one holds under other names (last year's tax) stays there.
 *
 * Who has left for a place where nobody has arrived yet, moved abroad or died is in no household
 * from that day on, and has no seal; asked about the household, the municipality tells that day and
 * why. Whoever went with that person is kept apart until they arrive somewhere.
 */
#pragma once

#include "exchange/civil.h"

struct relocation_side {
    char body[CODE_SIZE]; /* "M13101" */
    struct person_code code;
};
/* Where the person is: "here", "leaving", ..., as the register calls it. */
enum relocation_kind {
    RELOCATION_HERE, /* arrived at the new place */
    RELOCATION_LEAVING,
    RELOCATION_ABROAD,
    RELOCATION_DEAD,
    RELOCATION_KINDS_
};
extern const char *const relocation_kinds[RELOCATION_KINDS_ + 1]; /* ended by NULL */
struct relocation {
    int64_t number; /* of the register: each is followed once, in this order */
    enum relocation_kind kind;
    struct relocation_side from, to;       /* to: of who has arrived */
    struct caldate since;                  /* may be to come, of who leaves */
    char former_address[CIVIL_PLACE_SIZE]; /* "": it cannot be shown */
};

/* The last one that was followed; 0: none yet. */
MUST_CHECK int relocation_last(struct holdings *holdings, int64_t *ret, struct err *err);
/* Follow it, in one transaction; nothing happens for one that was before, or of whom nobody here
 * knows a household. That somebody leaves is noted, for relocation_leave. */
MUST_CHECK int relocation_follow(struct holdings *holdings, const struct relocation *relocation,
                                 const struct audit_origin *by, struct err *err);
/* Who leaves by today, one of them, in one transaction; ERR_ABSENT: nobody any more. */
MUST_CHECK int relocation_leave(struct holdings *holdings, struct caldate today,
                                const struct audit_origin *by, struct err *err);

/* Migrations of the provider's database. */
extern const char relocation_schema_v1[], relocation_schema_v2[];
