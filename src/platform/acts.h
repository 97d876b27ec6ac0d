/* SPDX-License-Identifier: Apache-2.0 */
/* The platform's acts as its audit log names them. Inside this room only. */
#pragma once

#include "audit/audit.h"
#include "verify/signature.h"

enum platform_act {
    ACT_TENANT_ADDED,
    ACT_TENANT_CHANGED,
    ACT_TENANT_KEY_RENEWED,
    ACT_TENANT_KEY_ADDED, /* the outcome is its role */
    ACT_TENANT_KEY_REVOKED,
    ACT_VERIFICATION_JUDGED, /* the outcome is platform_outcome, as of logins */
    ACT_VERIFICATION_DELETED,
    ACT_LOGIN_ANSWERED,
    ACT_HOLDER_LINKED, /* a new certificate of somebody known; to the login that showed it */
    ACT_LOGIN_REFUSED, /* or "wrong-codes" */
    ACT_LOGIN_REDEEMED,
    ACT_AUTHENTICATION_JUDGED, /* platform_outcome of both certificates */
    ACT_CARD_PRESENTED,        /* that signed nothing; platform_outcome of its certificate */
    ACT_CONSENT_NOTED,
    ACT_CONSENT_ENDED,
    ACT_LATEST_ASKED, /* of the holder; the outcome is the authority's answer */
    ACT_TENANT_NOTICE,
    ACT_WEBHOOK_ADDED,
    ACT_WEBHOOK_ENDED,
    ACT_WEBHOOK_ROTATED,
    ACT_WEBHOOK_REPLAYED,
    ACT_MEMBER_INVITED, /* the outcome is his role */
    ACT_MEMBER_BOUND,   /* to the card of the login before */
    ACT_MEMBER_REMOVED,
    ACT_SESSION_OPENED, /* of a member */
    ACT_SESSION_ENDED,
    ACT_TENANT_STEP, /* of its onboarding; the outcome is which */
    ACT_OPERATOR_KEY_ADDED,
    ACT_OPERATOR_KEY_REVOKED,
    ACT_HOLDER_SHOWN, /* somebody new to a tenant, or by another sign certificate than before */
    ACT_VERIFICATION_REPORTED,
    ACT_VERIFICATION_SHOWN, /* in the log, to its tenant: the verdict and the number of its record
                             */
    ACT_TENANT_VERIFIER,    /* it is a verifier itself, or no more: "begins", "ends" */
};

extern const struct audit_act platform_acts[];

/*
 * "invalid held ocsp 1795424000/1795424900": the verdict, why, and from when to when the answer
 * about revocation held (pki.md 6); more than tenants are told. Reasons are left out when there
 * are too many of them.
 */
struct platform_outcome {
    char text[AUDIT_OUTCOME_MAX + 1];
};
MUST_CHECK int platform_outcome(const struct signature_report *found, struct platform_outcome *ret,
                                struct err *err);
/* The same in parts: the verdict and why, then a certificate's answer, if there was any and there
 * is room for it. */
MUST_CHECK int platform_outcome_of(const struct report *report, struct platform_outcome *ret,
                                   struct err *err);
void platform_outcome_add(struct platform_outcome *outcome, const struct status *status);
