/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "audit/audit.h"

enum eligibility_act {
    ELIGIBILITY_CLINIC_ADDED,
    ELIGIBILITY_KEY_ADDED,
    ELIGIBILITY_KEY_REVOKED,
    ELIGIBILITY_KEY_BOUND, /* to a certificate */
    ELIGIBILITY_CHECKED,   /* a lookup; how: "pin", "photo" */
    ELIGIBILITY_REFUSED,   /* a lookup's card; why, as the platform tells it */
    ELIGIBILITY_READ,      /* a consent; what of */
    ELIGIBILITY_WITHDRAWN, /* a consent, by whom it is about */
    ELIGIBILITY_ACTS_
};
extern const struct audit_act eligibility_acts[];
