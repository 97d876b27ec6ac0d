/* SPDX-License-Identifier: Apache-2.0 */
/* The register's acts as its audit log names them. Inside this room only. */
#pragma once

#include "audit/audit.h"

enum register_act {
    ACT_RESIDENT_REGISTERED,
    ACT_MYNUMBER_READ, /* the outcome is the purpose */
    ACT_CARD_REGISTERED,
    ACT_CARD_ACTIVATED,
    ACT_CERTIFICATE_REQUESTED, /* the outcome is the kind, here and in the next two */
    ACT_CERTIFICATE_RECEIVED,
    ACT_CERTIFICATE_REFUSED,
    ACT_MOVE_RECORDED,
    ACT_REVOCATION_DELIVERED, /* what a move ordered; the outcome is the authority's answer */
};

extern const struct audit_act register_acts[];
