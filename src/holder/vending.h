/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine in a shop at a portal, which prints certificates: an order, the person's card for it,
 * the certificate, the money, the paper. What the card signs is a login's message, built here as
 * all of them are (challenge.h). Failures of all are remote_ask's.
 */
#pragma once

#include "holder/challenge.h"

enum vending_state {
    VENDING_OPEN,
    VENDING_SHOWN,
    VENDING_CHOSEN,
    VENDING_PAID,
    VENDING_ISSUED,
    VENDING_DONE,
    VENDING_CANCELLED,
    VENDING_STATES_
};
extern const char *const vending_states[]; /* "open", ..., NULL */

enum { VENDING_OFFERS_MAX = 32, VENDING_TEXT_SIZE = 512, VENDING_DOCUMENT_MAX = 4 << 20 };

/* Texts are UTF-8 from outside: make them harmless before they are shown. */
struct vending_offer {
    char kind[64];
    char name[VENDING_TEXT_SIZE], name_en[VENDING_TEXT_SIZE];
    int64_t fee; /* yen */
    bool is_open;
    char
        refused[32]; /* why this person does not get it, in a word; "": nothing speaks against it */
};
struct vending_order {
    char id[CHALLENGE_SESSION_MAX + 1];
    enum vending_state state;
    struct vending_offer offers[VENDING_OFFERS_MAX]; /* what the person's municipality gives */
    size_t offer_count;
    int64_t fee;     /* of what was chosen */
    char number[64]; /* of the certificate; "": there is none yet */
};
/* ERR_INPUT for anything but an order of a portal. */
MUST_CHECK int vending_parse(const struct json *json, struct vending_order *ret, struct err *err);

MUST_CHECK int vending_open(const struct remote *remote, struct challenge *ret, struct err *err);
MUST_CHECK int vending_show(struct remote *remote, const struct challenge *challenge,
                            const struct challenge_proof *proof, struct vending_order *ret,
                            struct err *err);
MUST_CHECK int vending_get(const struct remote *remote, const char *id, struct vending_order *ret,
                           struct err *err);
/* items: what else is to stand on it, with commas between; NULL: nothing. */
struct vending_choice {
    const char *kind, *items;
};
MUST_CHECK int vending_choose(const struct remote *remote, const struct vending_choice *choice,
                              struct vending_order *order, struct err *err);
MUST_CHECK int vending_pay(const struct remote *remote, const char *payment,
                           struct vending_order *order, struct err *err);
/* Have the document made, and read it. */
MUST_CHECK int vending_issue(const struct remote *remote, struct vending_order *order,
                             struct buf *ret_pdf, struct err *err);
MUST_CHECK int vending_finish(const struct remote *remote, struct vending_order *order,
                              struct err *err);
MUST_CHECK int vending_cancel(const struct remote *remote, struct vending_order *order,
                              struct err *err);
