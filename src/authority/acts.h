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
    ACT_PHONE_ENROLLED, /* to the card's sign certificate */
    ACT_PHONE_TRACED,   /* to the phone's auth certificate; the outcome is the answer */
    ACT_VERIFIER_ADDED,
    ACT_VERIFIER_REMOVED,
    ACT_VERIFIER_STEP,        /* the outcome is the step */
    ACT_VERIFIER_CERTIFICATE, /* the outcome is what became of it */
    ACT_CRL_REPLACED,
    ACT_CONSENT_GIVEN,
    ACT_CONSENT_WITHDRAWN,
    ACT_CONSENTS_LISTED, /* to the certificate that asked */
    ACT_LATEST_ANSWERED, /* to the certificate that was presented; the outcome is the answer */
    ACT_USAGE_COUNTED,
    ACT_LINK_ANSWERED, /* to the certificate that was presented */
    ACT_FEED_SNAPSHOT,
    ACT_FEED_FETCHED,
};

extern const struct audit_act authority_acts[];

/* What the log commits to for a certificate: "sign 12". */
struct certificate_id {
    char text[24];
};
struct certificate_id certificate_id(enum ca_kind kind, uint32_t serial);
/* For a generation of a CA: "sign generation 2". */
struct certificate_id generation_id(enum ca_kind kind, unsigned generation);
