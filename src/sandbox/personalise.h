/* SPDX-License-Identifier: Apache-2.0 */
/* The clerk's last work on a card before it is handed over. Inside this room only. */
#pragma once

#include "base/caltime.h"
#include "sandbox/clerk.h"

/* A card on its way to its holder. */
struct issuing {
    const struct clerk *clerk;
    const struct persona *persona;
    char *path;                         /* "/v1/cards/ID": the card at the register */
    struct caldate issued_on;           /* when it was assigned, in Japan */
    bool has_sign;                      /* whether there is a sign certificate for it */
    struct fetch_response certificates; /* the register's answer */
};

/* Whether it is a card without PINs and sign certificate (pki.md 12). */
bool issuing_is_of_face(const struct issuing *issuing);
/*
 * Have keys made in the other applets and the register make their files, and write all of it and
 * the PINs on the card.
 */
MUST_CHECK int personalise(const struct issuing *issuing, struct err *err);
