/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/acts.h"

const struct audit_act kiosk_acts[] = {
    [KIOSK_TERMINAL_ADDED] = {"kiosk_terminal.added", "kiosk-terminal"},
    [KIOSK_TERMINAL_RENEWED] = {"kiosk_terminal.renewed", "kiosk-terminal"},
    [KIOSK_TERMINAL_REVOKED] = {"kiosk_terminal.revoked", "kiosk-terminal"},
    [KIOSK_REFUSED] = {"kiosk_order.refused", "kiosk-order"},
    [KIOSK_PAID] = {"kiosk_order.paid", "kiosk-order"},
    [KIOSK_ISSUED] = {"kiosk_order.issued", "kiosk-order"},
    [KIOSK_PRINTED] = {"kiosk_order.printed", "kiosk-order"},
    [KIOSK_CANCELLED] = {"kiosk_order.cancelled", "kiosk-order"},
};

int kiosk_note(struct db_txn *txn, enum kiosk_act act, const char *subject, const char *outcome,
               const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&kiosk_acts[act], bytes_text(subject), outcome};

    return audit_append(txn, by, &event, err);
}
