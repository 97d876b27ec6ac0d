/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the municipality's own registers have of somebody who has shown a card, besides the resident
 * record, and so which certificates can be made, and why another cannot. It is kept nowhere.
 */
#pragma once

#include "exchange/civil.h"
#include "portal/kiosk/order.h"
#include "portal/portal.h"

#define KIOSK_TAX_INFO "TM00000000000002" /* local tax, in the tables of the exchange */

/* Why a certificate that the municipality gives is refused to this person. */
enum kiosk_refusal {
    KIOSK_NOT_REFUSED,
    KIOSK_UNAVAILABLE,      /* the registers cannot be asked now */
    KIOSK_PROTECTED,        /* the person, or somebody who would stand on it (支援措置) */
    KIOSK_NO_HOUSEHOLD,     /* the registers do not have the person */
    KIOSK_NO_SEAL,          /* none is registered */
    KIOSK_NO_TAX,           /* nothing was assessed */
    KIOSK_FAMILY_ELSEWHERE, /* the family register is another municipality's */
    KIOSK_REFUSALS_
};
extern const char *const kiosk_refusals[]; /* "none", "unavailable", ..., NULL */

struct kiosk_facts {
    bool is_available;
    char body[CODE_SIZE];            /* the municipality in the exchange; "": it is none */
    const struct tables *tables;     /* for the words of what follows */
    struct household household;      /* count 0: there is none */
    const struct civil_person *self; /* in it; NULL: none */
    struct seal seal;                /* number 0: none */
    struct json *tax;                /* the records of local tax; NULL: none */
};
void kiosk_facts_done(struct kiosk_facts *facts); /* wipes it */

/* Of an order whose card was shown. What cannot be asked is no failure here, but unavailable. */
MUST_CHECK int kiosk_facts_read(const struct portal *portal, const struct kiosk_order *order,
                                struct kiosk_facts *ret, struct err *err);
/* With the items that were chosen (table.h). */
enum kiosk_refusal kiosk_facts_judge(const struct kiosk_facts *facts, enum kiosk_kind kind,
                                     unsigned items);
/* The same as a failure, for people: ERR_REMOTE if unavailable, else ERR_CONFLICT. */
MUST_CHECK int kiosk_facts_check(const struct kiosk_facts *facts, enum kiosk_kind kind,
                                 unsigned items, struct err *err);
/* The newest record of local tax; NULL: there is none. */
const struct json *kiosk_facts_tax(const struct kiosk_facts *facts);
