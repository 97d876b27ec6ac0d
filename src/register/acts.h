/* SPDX-License-Identifier: Apache-2.0 */
/* The register's acts as its audit log names them. Inside this room only. */
#pragma once

#include "audit/audit.h"

enum register_act {
    ACT_RESIDENT_REGISTERED,
    ACT_MYNUMBER_READ, /* the outcome is the purpose, here and in the next one */
    ACT_MYNUMBER_REFUSED,
    ACT_CARD_REGISTERED,
    ACT_CARD_ACTIVATED,
    ACT_CERTIFICATE_REQUESTED, /* the outcome is the kind, here and in the next two */
    ACT_CERTIFICATE_RECEIVED,
    ACT_CERTIFICATE_REFUSED,
    ACT_RESIDENT_CHANGED, /* the outcome is the act of lifecycle.h, here and in the next one */
    ACT_CARD_CHANGED,
    ACT_CLERK_CHANGED,   /* the outcome is what happened: added, blocked, ... */
    ACT_CLERK_LOGIN,     /* the outcome is the counter */
    ACT_FILING_RECEIVED, /* the outcome is the operation, here and in the next ones */
    ACT_FILING_CONFIRMED,
    ACT_FILING_ENDED,         /* the outcome is the state */
    ACT_CODES_TOLD,           /* to a body of the exchange; the outcome is the purpose */
    ACT_CODES_REFUSED,        /* the outcome is why */
    ACT_LOSS_TOLD,            /* somebody called the loss line, and was found */
    ACT_LOSS_MISSED,          /* or was not; the outcome is why */
    ACT_EXTRACT_TOLD,         /* what stands in the register, for its owner; how much of it */
    ACT_REVOCATION_DELIVERED, /* what an act ordered; the outcome is the authority's answer */
};

extern const struct audit_act register_acts[];
