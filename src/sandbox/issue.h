/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clerk at the counter (F1 of the design): registers a persona, has the keys made in the card
 * in the reader, has certificates and personal files made, writes them on the card and activates
 * it.
 *
 * Each step may be repeated, so an interrupted issue goes on where it was.
 */
#pragma once

#include "sandbox/layout.h"
#include "sandbox/persona.h"

enum { ISSUED_SERIAL_SIZE = 32 };

struct issued {
    char serial[ISSUED_SERIAL_SIZE]; /* of the card */
    bool is_new;                     /* false: it had been issued before */
    bool has_sign;                   /* whether it carries a sign certificate */
    bool is_further;                 /* one beside the card that goes into the reader */
};

/*
 * control is the control socket of a further card, NULL: the card in the reader. ERR_REMOTE, or
 * what the register, the authority or the card refused, in their words.
 */
MUST_CHECK int issue_card(const struct layout *layout, const char *control,
                          const struct persona *persona, struct issued *ret, struct err *err);
/* The person's own card, wherever it is. */
MUST_CHECK int issue_own_card(const struct layout *layout, const char *control,
                              const struct persona *persona, struct issued *ret, struct err *err);
