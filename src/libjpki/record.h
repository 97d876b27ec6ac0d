/* SPDX-License-Identifier: Apache-2.0 */
/* What was read from a card, and how it was judged. */
#pragma once

#include "client/authenticity.h"

#include <jpki/jpki.h>

struct record_field {
    enum jpki_field field;
    struct bytes value; /* empty: the card has it not */
};

/*
 * Copies what it takes: nothing of what is forged. fields ends with a row of zeros. ERR_INPUT for a
 * text with a NUL in it.
 */
MUST_CHECK int record_new(const struct authenticity *found, const struct record_field *fields,
                          jpki_record **ret, struct err *err);
