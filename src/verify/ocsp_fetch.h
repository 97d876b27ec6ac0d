/* SPDX-License-Identifier: Apache-2.0 */
/* OCSP over HTTP POST (RFC 6960, A.1): the send of an ocsp_asker. */
#pragma once

#include "verify/ocsp_status.h"

/* The context of ocsp_fetch_send, or what the context of the caller begins with. */
struct ocsp_fetch {
    const char *socket; /* of the responder; NULL: TCP */
    /* "http://127.0.0.1:8080": replaces scheme and host of the certificate's URL, whose path
       stays. NULL: the URL as it is in the certificate. Not used with a socket. */
    const char *base;
    int timeout_ms; /* 0: FETCH_TIMEOUT_MS */
};

/* ERR_REMOTE and others of fetch.h; ERR_INPUT if the certificate names no http responder. */
MUST_CHECK int ocsp_fetch_send(const void *context, const struct x509_cert *cert,
                               struct bytes request, struct buf *ret, struct err *err);
