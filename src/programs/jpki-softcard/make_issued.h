/* SPDX-License-Identifier: Apache-2.0 */
/* A card that the register and the authority of a running sandbox issue. */
#pragma once

#include "card/store.h"
#include "programs/jpki-softcard/wish.h"

struct make_issued {
    const struct store_paths *paths; /* where the card is to be */
    const struct image *blank;       /* what it is before it is issued */
    const struct wish *wish;         /* whose card; NULL: that of a persona */
    const char *who;                 /* the persona's name, or the file that the wish is from */
    const char *sandbox;             /* its directory; NULL: the one jpki-sandbox takes, too */
};

/*
 * Make the card and have it issued, beside any card that the person has already. ERR_ABSENT if no
 * sandbox runs there or it has no such persona, ERR_INPUT for a wish that it cannot grant, else as
 * issue_card; the card is then not there either.
 */
MUST_CHECK int make_issued(const struct make_issued *make, struct err *err);
