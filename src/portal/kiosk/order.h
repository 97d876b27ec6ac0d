/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders as they are kept, from a challenge for the card to paper in somebody's hand. One payment
 * is good for one document: a step is taken by one row of a table in the state before it, so of two
 * that do it at once one is refused, and what a crash leaves goes on from there.
 *
 *     open ─► shown ─► chosen ─► paid ─► issued ─► done
 *       └───────┴─────────┴────────┴───────┴────► cancelled (money goes back, paper is void)
 */
#pragma once

#include "exchange/note.h"
#include "portal/kiosk/table.h"
#include "portal/kiosk/terminal.h"
#include "portal/limits.h"

enum kiosk_state {
    KIOSK_IS_OPEN,
    KIOSK_IS_SHOWN,
    KIOSK_IS_CHOSEN,
    KIOSK_IS_PAID,
    KIOSK_IS_ISSUED,
    KIOSK_IS_DONE,
    KIOSK_IS_CANCELLED,
    KIOSK_STATES_
};
extern const char *const kiosk_states[]; /* "open", ..., NULL */

enum { KIOSK_NONCE_BYTES = 32, KIOSK_PAYMENT_SIZE = KIOSK_PAYMENT_MAX + 1, KIOSK_NUMBER_SIZE = 24 };

struct kiosk_order {
    char id[PORTAL_ID_SIZE];
    char terminal[KIOSK_ID_SIZE];
    uint8_t nonce[KIOSK_NONCE_BYTES];
    int64_t made_at;
    enum kiosk_state state;
    struct person_code code;                    /* from shown on: at the body PORTAL */
    char municipality[KIOSK_MUNICIPALITY_SIZE]; /* the same; before "" */
    bool has_local; /* then, while the order is under way: at the municipality */
    struct person_code local;
    bool has_choice; /* then: */
    enum kiosk_kind kind;
    unsigned items; /* table.h */
    int64_t fee;
    char payment[KIOSK_PAYMENT_SIZE]; /* from paid on; before "" */
    char number[KIOSK_NUMBER_SIZE];   /* from issued on; before "" */
    struct buf reference;             /* for the register, while the order is under way */
    struct buf document;              /* while it is issued */
};
#define KIOSK_ORDER_INIT                                                                           \
    {                                                                                              \
        .reference = BUF_INIT, .document = BUF_INIT                                                \
    }
void kiosk_order_done(struct kiosk_order *order);

/* A new one; ERR_CONFLICT if KIOSK_OPEN_MAX of the terminal are under way. */
MUST_CHECK int kiosk_order_open(struct db *db, const struct kiosk_terminal *terminal, int64_t now,
                                struct kiosk_order *ret, struct err *err);
/* ERR_ABSENT for another terminal's as for none. */
MUST_CHECK int kiosk_order_get(struct db *db, const char *terminal, const char *id,
                               struct kiosk_order *ret, struct err *err);

/* Steps; ERR_CONFLICT if the order is in another state than the one before. */

/* A card was shown: whose it is, for exchange, municipality and register, and where he lives. */
struct kiosk_shown {
    const struct person_code *code, *local; /* local NULL: the municipality has no code of it */
    const char *reference, *municipality;
};
MUST_CHECK int kiosk_order_show(struct db *db, const struct kiosk_order *order,
                                const struct kiosk_shown *shown, struct err *err);
/* Another certificate may be chosen until one is paid for. */
MUST_CHECK int kiosk_order_choose(struct db *db, const struct kiosk_order *order,
                                  const struct kiosk_offer *offer, unsigned items, struct err *err);
/* The same payment once more changes nothing; another order's is a conflict. */
MUST_CHECK int kiosk_order_pay(struct db *db, const struct kiosk_order *order, const char *payment,
                               const struct audit_origin *by, struct err *err);
/* Its document, with a record for the person. */
struct kiosk_issue {
    const char *number;
    struct bytes document;
    const struct note *note;
};
MUST_CHECK int kiosk_order_issue(struct db *db, const struct kiosk_order *order,
                                 const struct kiosk_issue *issue, const struct audit_origin *by,
                                 struct err *err);
/* It is in somebody's hand, and gone from here. Once more changes nothing. */
MUST_CHECK int kiosk_order_finish(struct db *db, const struct kiosk_order *order,
                                  const struct audit_origin *by, struct err *err);
/* Nothing more comes of it; a document that was issued is void. Once more changes nothing. */
MUST_CHECK int kiosk_order_cancel(struct db *db, const struct kiosk_order *order,
                                  const struct audit_origin *by, struct err *err);
/* That a card does not count, or a certificate is refused, and why: in the audit log alone. */
MUST_CHECK int kiosk_order_refuse(struct db *db, const struct kiosk_order *order, const char *why,
                                  const struct audit_origin *by, struct err *err);

/* ---- what was issued ---- */

/* {number, kind, issued_at, sha256, is_void}; ERR_ABSENT. */
MUST_CHECK int kiosk_issued_get(struct db *db, const char *number, struct json **ret,
                                struct err *err);
/* Of a municipality from a moment until before another, without what is void: an array of {kind,
 * count, fees}. */
MUST_CHECK int kiosk_issued_sum(struct db *db, const char *municipality, int64_t from,
                                int64_t until, struct json **ret, struct err *err);
