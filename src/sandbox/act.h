/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clerk when something happens to somebody, or to a card: the register records it and has
 * certificates revoked, and the card in the reader gets what it needs: new keys and certificates
 * where the old ones ended and others are due, what is written on it where that has changed, a PIN
 * that was set anew. For a renewal the new certificates are on the card before the old ones end.
 */
#pragma once

#include "sandbox/issue.h"

/* What is told; NULL: not told. */
struct act_told {
    const char *act; /* "death", "loss", ... */
    const char *name, *address, *municipality, *sex, *birth_date, *date, *stay_until;
    const char *pin;     /* which one is set anew, to the value published for the person */
    const char *control; /* socket of the card; NULL: of the one in the reader */
    bool leaves_card;    /* the card gets nothing: its holder did not bring it */
};

enum { ACT_TEXT_SIZE = 16 };

struct acted {
    struct issued card;
    /* In the register's words: what became of the certificates, what the card is now. */
    char revocation[ACT_TEXT_SIZE], state[ACT_TEXT_SIZE];
    unsigned new_certs; /* CERTS_SIGN, CERTS_AUTH: what the card got */
    bool is_rewritten;  /* what is written on it */
};

/*
 * One that was interrupted goes on where it was when it is asked for again. ERR_USAGE for an act
 * that is none, ERR_ABSENT if the card was not issued yet; ERR_REMOTE, or what the register, the
 * authority or the card refused, in their words.
 */
MUST_CHECK int act_on_persona(const struct layout *layout, const struct persona *persona,
                              const struct act_told *told, struct acted *ret, struct err *err);
