/* SPDX-License-Identifier: Apache-2.0 */
/* How long a holder's certificate lives (pki.md 1.3 and 4). Days are days in Japan. */
#pragma once

#include "base/caltime.h"

struct validity {
    struct caldate birth;  /* the holder's; must be a real date */
    int64_t issued;        /* UTC seconds */
    int64_t card_expiry;   /* UTC seconds, the last second of the card */
    int64_t old_not_after; /* of the certificate that is renewed, or 0 */
};

/*
 * The end: 23:59:59 JST of the fifth birthday after the day of issue; of the sixth when an old
 * certificate is renewed in its last three months, before its own last birthday; never past the
 * card. ERR_CONFLICT if the card has expired by then, ERR_USAGE for a date that is none.
 */
MUST_CHECK int validity_not_after(const struct validity *validity, int64_t *ret, struct err *err);
/* The first second at which renewal is early but allowed: three months before the end. */
int64_t validity_renewal_opens(int64_t not_after);
