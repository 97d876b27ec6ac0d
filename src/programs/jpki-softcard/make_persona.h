/* SPDX-License-Identifier: Apache-2.0 */
/* A card for a person of a running sandbox, issued by its register and its authority. */
#pragma once

#include "card/store.h"

struct make_persona {
    const struct store_paths *paths; /* where the card is to be */
    const struct image *blank;       /* what it is before it is issued */
    const char *name;                /* of the persona */
    const char *sandbox;             /* its directory; NULL: the one jpki-sandbox takes, too */
};

/*
 * Make the card and have it issued, beside any card that the persona has already. ERR_ABSENT if no
 * sandbox runs there or it has no such persona, else as issue_card; the card is then not there
 * either.
 */
MUST_CHECK int make_persona(const struct make_persona *make, struct err *err);
