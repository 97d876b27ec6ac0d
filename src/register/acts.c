/* SPDX-License-Identifier: Apache-2.0 */
#include "register/acts.h"

const struct audit_act register_acts[] = {
    [ACT_RESIDENT_REGISTERED] = {"resident.registered", "resident"},
    [ACT_MYNUMBER_READ] = {"mynumber.read", "resident"},
    [ACT_MYNUMBER_REFUSED] = {"mynumber.refused", "resident"},
    [ACT_CARD_REGISTERED] = {"card.registered", "card"},
    [ACT_CARD_ACTIVATED] = {"card.activated", "card"},
    [ACT_CERTIFICATE_REQUESTED] = {"certificate.requested", "request"},
    [ACT_CERTIFICATE_RECEIVED] = {"certificate.received", "request"},
    [ACT_CERTIFICATE_REFUSED] = {"certificate.refused", "request"},
    [ACT_RESIDENT_CHANGED] = {"resident.changed", "resident"},
    [ACT_CARD_CHANGED] = {"card.changed", "card"},
    [ACT_CLERK_CHANGED] = {"clerk.changed", "clerk"},
    [ACT_CLERK_LOGIN] = {"clerk.login", "clerk"},
    [ACT_FILING_RECEIVED] = {"filing.received", "filing"},
    [ACT_FILING_CONFIRMED] = {"filing.confirmed", "filing"},
    [ACT_FILING_ENDED] = {"filing.ended", "filing"},
    [ACT_CODES_TOLD] = {"codes.told", "resident"},
    [ACT_CODES_REFUSED] = {"codes.refused", "resident"},
    [ACT_LOSS_TOLD] = {"loss.told", "resident"},
    [ACT_LOSS_MISSED] = {"loss.missed", "clerk"},
    [ACT_EXTRACT_TOLD] = {"extract.told", "resident"},
    [ACT_REVOCATION_DELIVERED] = {"revocation.delivered", "act"},
};
