/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to answer to a request (RFC 6960, 2.2 and 2.3): a function of it, of what is known and of
 * the time. Signing and sending are done elsewhere.
 */
#pragma once

#include "ocsp/overlay.h"
#include "ocsp/requester.h"
#include "revocation/runs.h"
#include "revocation/set.h"

struct ocsp_delegate;

/* What is known about the certificates of one CA, for the questions about one generation of it. */
struct ocsp_knowledge {
    const struct ocsp_delegate *delegate; /* who signs, where that matters; NULL: nobody */
    const struct x509_cert *ca;
    const struct x509_cert *responder; /* delegated by the CA (RFC 6960, 4.2.2.2) */
    const struct requesters *requesters;
    const struct revocation_set *revoked; /* at some time; NULL: nothing, */
    const struct overlay *recent;         /* and what has happened since; NULL: nothing */
    uint64_t version;                     /* of all this in the index */
    uint32_t issued;                      /* serials 1 to this one were issued, */
    const struct gaps *gaps;              /* but not these, */
    const struct serial_runs *runs;       /* by all generations of the CA */
    int64_t confirmed_at;                 /* UTC seconds when that was all; 0: never */
    int64_t valid_s;                      /* how long answers hold after that, at least 1 */
    int64_t refresh_s; /* confirmed at whole multiples of this, less than valid_s; 0: often */
};

/* What TLS in front of the responder says about who asks. */
struct ocsp_client {
    const char *certificate; /* as nginx escapes it (requester.h), "" for none; NULL: no such TLS */
    unsigned place;          /* where the questions of whoever is admitted count (requester.h) */
};

/*
 * Whether who asks is answered now; then client->place is set:
 *   OCSP_SUCCESSFUL    yes
 *   OCSP_SIG_REQUIRED  not signed, and nothing else says who it is
 *   OCSP_UNAUTHORIZED  somebody else than those of requester.h
 *   OCSP_TRY_LATER     nothing is known that still holds, or the responder's certificate does not
 */
MUST_CHECK int ocsp_admit(const struct ocsp_knowledge *knowledge,
                          const struct ocsp_request *request, struct ocsp_client *client,
                          int64_t now, enum ocsp_status *ret, struct err *err);

/*
 * Appended to data, the ResponseData to be signed for a request that is admitted; ret has its
 * answers. Certificates of other issuers and serials that were never issued are "unknown".
 *
 * thisUpdate is the time of the last confirmation and nextUpdate valid_s later; with refresh_s,
 * thisUpdate is the tick of that confirmation and nextUpdate the next tick, when there will be
 * newer information (RFC 6960, 2.4), or the end of what holds if that is earlier. It never is after
 * the end of the responder's certificate, with which an answer ends, too.
 */
MUST_CHECK int ocsp_build(const struct ocsp_knowledge *knowledge,
                          const struct ocsp_request *request, int64_t now,
                          struct ocsp_response *ret, struct buf *data, struct err *err);
/*
 * How a certificate of this generation of the CA stands: status, revoked_at and reason of single.
 * "unknown" for the numbers of others.
 */
void ocsp_look_up(const struct ocsp_knowledge *knowledge, uint64_t serial,
                  struct ocsp_single *single);
bool ocsp_same_status(const struct ocsp_single *a, const struct ocsp_single *b);
/* Whether answers can be given at this time. */
bool ocsp_is_current(const struct ocsp_knowledge *knowledge, int64_t now);
