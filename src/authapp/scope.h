/* SPDX-License-Identifier: Apache-2.0 */
/* What a relying party may ask for: a set of words, as bits in an unsigned. */
#pragma once

#include "base/bytes.h"

enum scope {
    SCOPE_OPENID = 1 << 0,
    SCOPE_NAME = 1 << 1,
    SCOPE_ADDRESS = 1 << 2,
    SCOPE_BIRTHDATE = 1 << 3,
    SCOPE_GENDER = 1 << 4,
    SCOPE_SIGN = 1 << 5,
    SCOPE_PERSON_REFERENCE = 1 << 6, /* of clients that are marked (client/client.h) */

    SCOPE_ATTRIBUTES = SCOPE_NAME | SCOPE_ADDRESS | SCOPE_BIRTHDATE | SCOPE_GENDER,
    SCOPE_CARD = SCOPE_ATTRIBUTES | SCOPE_PERSON_REFERENCE, /* what no session gives */
};

enum { SCOPES = 7, SCOPE_TEXT_SIZE = 80 };

/* "openid", ...; NULL behind the last. Bit i has name i. */
extern const char *const scope_names[];
/* Words with blanks between; those that are not known are passed over (RFC 6749, 3.3). */
unsigned scope_of(const char *text);
/* The other direction, in the order of the table. */
void scope_text(unsigned scopes, char ret[SCOPE_TEXT_SIZE]);
