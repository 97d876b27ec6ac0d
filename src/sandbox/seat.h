/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two clerks of a sandbox, each with a software card of their own and their real certificates:
 * the first one asks, the second one confirms what two people have to agree on. Both work for an
 * office that serves all municipalities.
 */
#pragma once

#include "clerk/order.h"
#include "sandbox/layout.h"

#include <stdbool.h>

enum seat_of { SEAT_FIRST, SEAT_SECOND, SEATS_ };

/* What each of them is called, in paths and on the card. */
struct seat_row {
    const char *folder; /* below DIR/clerks */
    const char *name;   /* in the sign certificate and in the register */
    const char *birth;  /* as certificates have it */
};
extern const struct seat_row seat_rows[SEATS_];

#define SEAT_COUNTER      "000000001"
#define SEAT_MUNICIPALITY "00000"
/* Published, as those of all fictional people. */
#define SEAT_AUTH_PIN "1234"
#define SEAT_SIGN_PIN "CLERK123"

/* A clerk at the counter; logs in when there is something to ask. */
struct seat {
    const struct layout *layout;
    enum seat_of which;
    bool is_open;
    struct clerk_session session;
};

void seat_done(struct seat *seat);

/* Log in, unless that was done before. */
MUST_CHECK int seat_open(struct seat *seat, struct err *err);
MUST_CHECK int seat_file(struct seat *seat, const char *path, const struct json *body,
                         struct clerk_outcome *ret, struct err *err);
MUST_CHECK int seat_confirm(struct seat *seat, const struct clerk_outcome *pending,
                            struct clerk_outcome *ret, struct err *err);
/* Apply to become a clerk; challenge NULL: with an administrator. */
MUST_CHECK int seat_apply(const struct seat *seat, const char *challenge, struct json **ret,
                          struct err *err);
