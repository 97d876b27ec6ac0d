/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a certificate is revoked, and where that is looked up: in a directory of lists
 * (crl_status.h), in a copy of a feed (feed_status.h), or by asking a responder (ocsp_status.h).
 */
#pragma once

#include "verify/verdict.h"
#include "x509/cert.h"

enum status_answer {
    STATUS_NOT_KNOWN, /* nothing that may be believed was said */
    STATUS_GOOD,
    STATUS_REVOKED, /* or held */
};

#define STATUS_NO_TIME INT64_MIN

/* For verifiers only: a provider learns the verdict and nothing of this (design 6, rule 5). */
struct status {
    enum status_answer answer;
    int64_t revoked_at;               /* UTC seconds; revoked only. STATUS_NO_TIME: not given */
    int reason;                       /* CRLReason; -1: not given */
    int64_t this_update, next_update; /* of what was said; 0: not given */
};

/* A certificate whose chain holds, the CA that signed it, and the time that is asked about. */
struct status_question {
    const struct x509_cert *cert;
    const struct x509_cert *issuer;
    int64_t at; /* UTC seconds */
};

struct status_source {
    /*
     * Add to report what keeps the certificate from being valid, REASON_REVOKED or why nothing is
     * known, and fill *ret. Fails only for trouble of this machine.
     */
    int (*look)(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err);
    const void *context;
};

/* What a believable answer means for the report. */
void status_report(const struct status *status, struct report *report);

/* Failures that say nothing about a certificate but about this machine or program. */
bool status_is_our_trouble(int rc);
