/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "audit/audit.h"

enum kiosk_act {
    KIOSK_TERMINAL_ADDED,
    KIOSK_TERMINAL_RENEWED,
    KIOSK_TERMINAL_REVOKED,
    KIOSK_REFUSED, /* an order's card: why, as the platform tells it; a certificate: facts.h */
    KIOSK_PAID,    /* an order; the kind of certificate, here and in the next one */
    KIOSK_ISSUED,
    KIOSK_PRINTED,   /* an order, here and in the next one */
    KIOSK_CANCELLED, /* the state it had */
    KIOSK_ACTS_
};
extern const struct audit_act kiosk_acts[];

MUST_CHECK int kiosk_note(struct db_txn *txn, enum kiosk_act act, const char *subject,
                          const char *outcome, const struct audit_origin *by, struct err *err);
