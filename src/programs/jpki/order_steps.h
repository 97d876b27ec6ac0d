/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a provider asks to be signed, step by step: by jpki sign for whoever sits at a terminal, by
 * jpki agent for a page. In order: at, document, tell, card, a password by whatever means, sign,
 * send.
 */
#pragma once

#include "holder/signing.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"

struct order {
    struct remote *remote;
    struct signing signing;
    struct buf document;
    struct buf head; /* who asks for what, made harmless; lines, each ended */
    struct buf text; /* what is said of it, the same; the last line is not ended */
    struct icc *icc;
    struct signing_proof proof;
    unsigned left; /* tries of the password */
};
void order_done(struct order *order);

/* One that is open, by its address: "https://HOST/v1/signings/SESSION". ERR_USAGE for another. */
MUST_CHECK int order_at(struct order *order, const char *url, struct err *err);
/*
 * What is signed: file is the holder's own copy, NULL: as the service hands it out. It is hashed
 * here; ERR_USAGE if there is none to be seen, ERR_UNTRUSTED if it is another one.
 */
MUST_CHECK int order_get_document(struct order *order, const char *file, struct err *err);
/* Who asks, who verifies, and what it is. */
MUST_CHECK int order_tell(struct order *order, struct err *err);
/* The time, the card and its counter: all that can be refused before the password. */
MUST_CHECK int order_card(struct order *order, const struct card_options *card,
                          const struct pin_options *pin, struct err *err);
MUST_CHECK int order_sign_by(struct order *order, const struct pin_options *pin,
                             const struct secret *password, struct err *err);
/* Send it, with the code that is shown beside the address. */
MUST_CHECK int order_send(struct order *order, const char *code, struct err *err);
