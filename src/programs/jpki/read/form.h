/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form of a page that is filled from the card: by jpki read attrs for whoever sits at a terminal,
 * by jpki agent for a page. In order: at, card, tell, a PIN by whatever means, read, send.
 */
#pragma once

#include "holder/prefill.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"

struct form {
    struct remote *remote;
    struct prefill prefill;
    struct icc *icc;
    struct data_roots *roots;
    struct buf text; /* for the person, made harmless; lines, the last one not ended */
    struct buf sealed;
    unsigned left; /* tries of the PIN */
};
void form_done(struct form *form);

/* One that waits, by its address: "https://HOST/v1/readings/SESSION". ERR_USAGE for another. */
MUST_CHECK int form_at(struct form *form, const char *url, struct err *err);
/*
 * The time, the card, whose it is, the PIN's counter, and by whom card data is believed (anchors
 * NULL: $JPKI_CARD_ANCHORS): all that can be refused before the PIN.
 */
MUST_CHECK int form_card(struct form *form, const struct card_options *card,
                         const struct pin_options *pin, const char *anchors, struct err *err);
/* Which page asks, for what, and what is handed over. */
MUST_CHECK int form_tell(struct form *form, struct err *err);
/* Read it, judge it, and encrypt it to the page. */
MUST_CHECK int form_read(struct form *form, const struct pin_options *pin,
                         const struct secret *typed, struct err *err);
/* Send it, with the code that the page shows. */
MUST_CHECK int form_send(struct form *form, const char *code, struct err *err);

/* ---- at a terminal ---- */

struct form_options {
    const struct card_options *card;
    const struct pin_options *pin;
    const char *url, *anchors;
    const char *code; /* NULL: none */
    bool yes, deny;
};
MUST_CHECK int form_fill(const struct form_options *options, struct err *err);
