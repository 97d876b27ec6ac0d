/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do what, where, and alone or with a second clerk: one table. What is in no row nobody
 * may do.
 */
#pragma once

#include "base/json.h"
#include "register/clerk.h"

/* What an order is about, whose municipality has to be that of the counter. */
enum place {
    PLACE_ANY,
    PLACE_RESIDENT,    /* the resident in the path; where it moves to counts as well */
    PLACE_CARD,        /* the holder of the card in the path */
    PLACE_HOLDER,      /* the resident in the body */
    PLACE_NEW,         /* the municipality in the body */
    PLACE_CLERK,       /* the clerk in the path, who is somebody else */
    PLACE_APPLICATION, /* somebody who becomes a clerk: the handler looks */
};

struct right {
    const char *operation; /* of a row of register_orders */
    const char *act;       /* member act of the body; NULL: whatever it is, or has none */
    enum clerk_role role;
    bool needs_second;
    enum place place;
    bool is_private; /* body or answer hold an individual number: neither is kept as it came */
};

/* Ended by a row without an operation. */
extern const struct right rights[];

/*
 * What gives roles (bits) the right to an order; of several the one that needs no second clerk.
 * Rows that name the act come before those that do not: they leave these no say. Refused with
 * clerk-role.
 */
MUST_CHECK int right_find(const char *operation, const struct json *body, unsigned roles,
                          const struct right **ret, struct err *err);
