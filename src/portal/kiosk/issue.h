/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kiosk's order with all that takes part: the card is judged by the platform, the register says
 * whose it is and what it has of that person, the municipality what its own registers have, the
 * paper is made here (docs/decisions/0100, 0105).
 */
#pragma once

#include "portal/kiosk/order.h"
#include "portal/portal.h"

/*
 * A card's signature for an order. ERR_ABSENT if the time is over; ERR_UNTRUSTED if the card does
 * not count, with the platform's reason; ERR_CONFLICT if one was shown before or the register does
 * not take it; ERR_REMOTE.
 */
struct kiosk_proof {
    const char *certificate; /* compact JWE for the platform */
    const char *signature;   /* base64 */
};
MUST_CHECK int kiosk_show(const struct portal *portal, const struct kiosk_order *order,
                          const struct kiosk_proof *proof, const struct audit_origin *by,
                          struct err *err);
/*
 * ERR_ABSENT if the municipality does not give it; ERR_CONFLICT outside of its hours, and if it is
 * refused to this person (facts.h), which is in the audit log then; ERR_INPUT for items on what has
 * none.
 */
struct kiosk_choice {
    enum kiosk_kind kind;
    unsigned items; /* table.h */
};
MUST_CHECK int kiosk_choose(const struct portal *portal, const struct kiosk_order *order,
                            const struct kiosk_choice *choice, const struct audit_origin *by,
                            struct err *err);
/* Make the document of a paid order; ERR_CONFLICT if there is one, nothing was paid, or it is
 * refused to this person by now. */
MUST_CHECK int kiosk_issue(const struct portal *portal, const struct kiosk_order *order,
                           const struct audit_origin *by, struct err *err);
