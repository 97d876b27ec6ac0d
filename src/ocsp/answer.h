/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to answer to a request (RFC 6960, 2.2 and 2.3): a function of its bytes, of what is known
 * and of the time. Signing and sending are done elsewhere.
 */
#pragma once

#include "ocsp/overlay.h"
#include "ocsp/requester.h"
#include "revocation/gaps.h"
#include "revocation/set.h"

/* What is known about the certificates of one CA. */
struct ocsp_knowledge {
    const struct x509_cert *ca;
    const struct x509_cert *responder; /* delegated by the CA (RFC 6960, 4.2.2.2) */
    const struct requesters *requesters;
    const struct revocation_set *revoked; /* at some time; NULL: nothing, */
    const struct overlay *recent;         /* and what has happened since; NULL: nothing */
    uint64_t version;                     /* of all this in the index */
    uint32_t issued;                      /* serials 1 to this one were issued, */
    const struct gaps *gaps;              /* but not these */
    int64_t confirmed_at;                 /* UTC seconds when that was all; 0: never */
    int64_t valid_s;                      /* how long answers hold after that, at least 1 */
    int64_t refresh_s; /* confirmed at whole multiples of this, less than valid_s; 0: often */
};

/*
 * The status, and appended to data the ResponseData to be signed if it is OCSP_SUCCESSFUL:
 *   OCSP_MALFORMED_REQUEST  no OCSPRequest as x509/ocsp.h reads them
 *   OCSP_SIG_REQUIRED       not signed
 *   OCSP_UNAUTHORIZED       signed, but not as requester.h wants it
 *   OCSP_TRY_LATER          nothing is known that still holds, or the responder's certificate
 *                           does not
 * Certificates of other issuers and serials that were never issued are "unknown".
 *
 * thisUpdate is the time of the last confirmation and nextUpdate valid_s later; with refresh_s,
 * thisUpdate is the tick of that confirmation and nextUpdate the next tick, when there will be
 * newer information (RFC 6960, 2.4), or the end of what holds if that is earlier.
 */
MUST_CHECK int ocsp_answer(const struct ocsp_knowledge *knowledge, struct bytes request,
                           int64_t now, enum ocsp_status *ret, struct buf *data, struct err *err);
/* Whether answers can be given at this time. */
bool ocsp_is_current(const struct ocsp_knowledge *knowledge, int64_t now);
