/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A software card with everything on it, as an issuer makes one: certificates of a test PKI, and
 * the personal files of the person in support/cardholder.h.
 */
#pragma once

#include "card/issue.h"

#include "support/cardholder.h"
#include "support/pki.h"

#define PERSONAL_AUTH_PIN "1234"
#define PERSONAL_SIGN_PIN "ABC123"
#define PERSONAL_TEXT_PIN "2345"
#define PERSONAL_JUKI_PIN "3456"
#define PERSONAL_NUMBER   "123456789018"
#define PERSONAL_CODE_B   "02041520352285"
#define PERSONAL_BIRTH    "020415"

struct personal_card {
    struct test_pki pki;
    struct test_cardholder person;
    struct carddata_files files; /* as they were written */
};

/* Everything in here fails the running test instead of returning. */
void personal_card_make(struct personal_card *made);
void personal_card_done(struct personal_card *made);
/* A certificate of this kind over the card's own key; the card is blank. */
void personal_card_issue(struct personal_card *made, struct card *card, enum profile_kind kind,
                         enum card_key key);
enum personal_kind {
    PERSONAL_GENUINE,
    PERSONAL_COPY,    /* the files of a card with other keys */
    PERSONAL_CHANGED, /* number, address, birth date and photo are not what was signed */
};
/* Write all of it on a blank card whose two certificates were issued. */
void personal_card_write(struct personal_card *made, struct card *card, enum personal_kind kind);
