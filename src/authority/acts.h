/* SPDX-License-Identifier: Apache-2.0 */
/* The authority's acts as its audit log names them. Inside this room only. */
#pragma once

#include "audit/audit.h"
#include "authority/store.h"

enum authority_act {
    ACT_CA_MADE,
    ACT_CERTIFICATE_ISSUED,
    ACT_RESPONDER_ISSUED,
    ACT_CERTIFICATE_REVOKED,
    ACT_CERTIFICATE_RELEASED,
    ACT_VERIFIER_ADDED,
    ACT_VERIFIER_REMOVED,
    ACT_CRL_REPLACED,
};

extern const struct audit_act authority_acts[];

/* What the log commits to for a certificate: "sign 12". */
struct certificate_id {
    char text[24];
};
struct certificate_id certificate_id(enum ca_kind kind, uint32_t serial);
