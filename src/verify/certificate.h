/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a holder's certificate on its own: chain, profile, policy, validity, revocation.
 * Documents, raw signatures and logins share all of it.
 */
#pragma once

#include "verify/anchors.h"
#include "verify/seen.h"
#include "verify/status.h"
#include "verify/verdict.h"

enum purpose {
    PURPOSE_DOCUMENT, /* a sign certificate */
    PURPOSE_LOGIN,    /* an auth certificate */
};

/* What the verifier believes, and for which time the question is asked. */
struct trust {
    const struct anchors *anchors;
    const struct status_source *status; /* NULL: revocation is not looked up */
    int64_t at;                         /* UTC seconds */
};

struct certificate_facts {
    const struct x509_cert *issuer; /* the anchor that signed it, or NULL; lives with anchors */
    struct status status;
};

/*
 * Parse a certificate (DER) that somebody shows and find who issued it, or remember both, if the
 * anchors do (anchors_remember). ERR_INPUT if it is malformed; that somebody unknown issued it is
 * no failure.
 */
MUST_CHECK int certificate_show(struct bytes der, const struct anchors *anchors, struct shown *ret,
                                struct err *err);
/*
 * Add to report what is wrong with it for this purpose, at that time. Revocation is looked up only
 * if nothing in the report speaks against the certificate already.
 */
MUST_CHECK int certificate_judge(const struct shown *shown, enum purpose purpose,
                                 const struct trust *trust, struct report *report,
                                 struct certificate_facts *ret, struct err *err);
/* Both for one that is parsed already. */
MUST_CHECK int certificate_verify(struct x509_cert *cert, enum purpose purpose,
                                  const struct trust *trust, struct report *report,
                                  struct certificate_facts *ret, struct err *err);
