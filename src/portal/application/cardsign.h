/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Having an application signed by a card, through the authentication app: what is signed is the
 * SignedInfo of its document, which the card's holder is handed as the document. An application has
 * one signing at most; a new one takes its place. Inside this sub-room.
 */
#pragma once

#include "portal/application/store.h"
#include "portal/portal.h"

enum { CARD_ID_SIZE = 37, CARD_ADDRESS_SIZE = 256, CARD_CODE_SIZE = 7 };

/* What is to be shown to whoever signs. */
struct cardsign {
    char id[CARD_ID_SIZE]; /* at the authentication app */
    char address[CARD_ADDRESS_SIZE], code[CARD_CODE_SIZE];
    int64_t expires_at;
};

extern const char *const cardsign_states[]; /* "pending", "signed", "denied", "expired", NULL */
struct cardsign_result {
    const char *state;      /* of cardsign_states */
    struct buf certificate; /* DER; the last two are empty unless it is signed */
    struct buf signature;
};
void cardsign_result_done(struct cardsign_result *result);

/* A prepared application, what of it is hashed (its SignedInfo), and what that is about. */
struct cardsign_order {
    const struct application *application;
    struct bytes info, element;
};
/*
 * Have it signed; what was to be signed of the application before is forgotten. ERR_CONFLICT where
 * its owner has APPLICATION_SIGNINGS_MAX at the app, and where it was changed or submitted since it
 * was read; ERR_REMOTE if the app does not answer, or there is none for that.
 */
MUST_CHECK int cardsign_open(const struct portal *portal, struct signer *signer,
                             const struct cardsign_order *order, struct cardsign *ret,
                             struct err *err);
/* ERR_ABSENT if there is none; ERR_CONFLICT where it went with a submission since that was read. */
MUST_CHECK int cardsign_find(const struct portal *portal, const struct application *application,
                             struct cardsign *ret, struct err *err);
/* How far it is. ERR_UNTRUSTED for a certificate that the portal cannot read. */
MUST_CHECK int cardsign_ask(const struct portal *portal, struct signer *signer,
                            const struct cardsign *signing, struct cardsign_result *ret,
                            struct err *err);
