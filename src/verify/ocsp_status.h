/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation by OCSP (RFC 6960): the question is built here, signed and sent by the caller, and
 * its answer judged here. Nothing that was not signed by the CA or the responder it appointed, for
 * this question and this certificate, is believed.
 */
#pragma once

#include "verify/limits.h"
#include "verify/status.h"
#include "x509/ocsp.h"

enum { OCSP_QUESTION_NONCE = 32 }; /* octets; RFC 9654, 2.1 */

/* How to reach a responder. */
struct ocsp_asker {
    const void *context;
    /* Sign a TBSRequest with SHA-256 and RSA; NULL: questions are not signed. */
    int (*sign)(const void *context, struct bytes tbs, struct buf *ret, struct err *err);
    const struct x509_cert *requestor; /* of the key behind sign */
    /*
     * Send a request (DER) to the responder of cert (x509_cert_tbs(cert)->ocsp_url) and give its
     * response, at most OCSP_RESPONSE_MAX bytes.
     */
    int (*send)(const void *context, const struct x509_cert *cert, struct bytes request,
                struct buf *ret, struct err *err);
};

/* asker must outlive the source. */
struct status_source ocsp_status_source(const struct ocsp_asker *asker);

/* As status_source.look, with an answer (DER) to the question that had this nonce. */
MUST_CHECK int ocsp_status_judge(const struct status_question *question, struct bytes nonce,
                                 struct bytes response, struct report *report, struct status *ret,
                                 struct err *err);
