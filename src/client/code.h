/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check codes that open a card's text and face (card.md 3.4): A is the individual number, B is
 * made of the birth date with its Japanese era year, the year of expiry and the security code
 * printed under the photo. People know dates, not codes, so they may type those.
 */
#pragma once

#include "base/caltime.h"
#include "base/secret.h"

enum { CODE_A_SIZE = 12, CODE_B_SIZE = 14, CODE_BIRTH_SIZE = 6 }; /* digits */

/*
 * The year within its era, 1 to 99, of a day since Japan counts by the Gregorian calendar
 * (1873-01-01). The first day of an era belongs to it. ERR_INPUT for an earlier day.
 */
MUST_CHECK int code_era_year(struct caldate day, int *ret, struct err *err);

/*
 * What a person typed becomes the code, in place. Blanks and hyphens may stand between digits.
 * ERR_INPUT, which never repeats what was typed, if no code can be made of it.
 *     A      "1234 5678 9018", with the check digit of a number or a test number
 *     birth  "1990-04-15", or the code's own six digits
 *     B      "1990-04-15 2035 1234": birth date, year of expiry, security code; or its 14 digits
 */
MUST_CHECK int code_a_from(struct secret *typed, struct err *err);
MUST_CHECK int code_birth_from(struct secret *typed, struct err *err);
MUST_CHECK int code_b_from(struct secret *typed, struct err *err);

/* Whether these are digits that can be such a code. */
bool code_a_is_possible(struct bytes code);
bool code_birth_is_possible(struct bytes code);
bool code_b_is_possible(struct bytes code);
