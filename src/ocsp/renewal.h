/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Responders' certificates that follow others while answers are given: out of files, or from the
 * authority, which is asked before one ends (jpki-authorityd(8), POST /v1/responders/renewals).
 * Keys stay where they are, so an answer that was signed before ends with the new certificate, too.
 */
#pragma once

#include "base/clock.h"
#include "ocsp/index.h"

/* What happened; failure is NULL unless it did not work. */
enum renewal_event { RENEWAL_DONE, RENEWAL_FAILED, RENEWAL_ENDS_SOON };

struct renewal_options {
    struct ocsp_index *index;
    const struct clock *clock;
    const char *signer;    /* path of signerd's socket */
    const char *authority; /* and of the authority's */
    int64_t renew_s;       /* before its end a certificate is to be followed; 0: never */
    int64_t warn_s;        /* before its end it is told that none has followed yet; 0: never */
    /* Told by the thread, RENEWAL_ENDS_SOON once for each certificate; may be NULL. */
    void (*report)(enum renewal_event event, const struct ocsp_delegate *delegate,
                   const struct err *failure);
};

/*
 * Have others answer, out of files, after ocsp_delegates_check and with certificates that were
 * fetched meanwhile (ocsp_delegates_merge). On failure nothing changes.
 */
MUST_CHECK int renewal_take(const struct renewal_options *options, struct ocsp_delegates *others,
                            struct err *err);
/* Whether a certificate ends within so many seconds. */
bool renewal_is_near(const struct ocsp_delegate *delegate, int64_t now, int64_t within_s);
/*
 * Fetch the certificate that follows a delegate's and have it answer with that. ERR_CONFLICT if the
 * authority has none or refuses to make one; ERR_UNTRUSTED for one that does not fit.
 */
MUST_CHECK int renewal_fetch(const struct renewal_options *options,
                             const struct ocsp_delegate *delegate, struct err *err);

struct renewal;

/* Have a thread see to all of them, each second; after a failure with longer and longer pauses. */
MUST_CHECK int renewal_start(const struct renewal_options *options, struct renewal **ret,
                             struct err *err);
void renewal_stopp(struct renewal **renewal);
/* How many fetches worked and failed. */
void renewal_counts(const struct renewal *renewal, uint64_t *ret_done, uint64_t *ret_failed);
