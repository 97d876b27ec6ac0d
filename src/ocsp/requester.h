/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask: requesters whose certificates are pinned. Who issued them does not matter, only
 * that they are registered, and valid when they ask.
 */
#pragma once

#include "ocsp/limits.h"
#include "x509/cert.h"
#include "x509/ocsp.h"

#include <limits.h>

struct requesters;

/* The place of one whose questions count nowhere. */
#define REQUESTER_UNCOUNTED UINT_MAX

MUST_CHECK int requesters_new(struct requesters **ret, struct err *err);
void requesters_free(struct requesters *requesters);
void requesters_freep(struct requesters **requesters);
/* One more, DER; place says where its questions count. ERR_INPUT if it is no certificate,
 * ERR_CONFLICT above REQUESTERS_MAX. */
MUST_CHECK int requesters_add(struct requesters *requesters, struct bytes certificate,
                              unsigned place, struct err *err);
/*
 * ERR_UNTRUSTED unless the request was signed, not with SHA-1, by one of these whose certificate is
 * valid now (UTC seconds) and comes with it; or, if no certificate comes with it, whose subject is
 * the requestorName (RFC 6960, 4.1.1 and 4.1.2).
 */
MUST_CHECK int requesters_check(const struct requesters *requesters,
                                const struct ocsp_request *request, int64_t now,
                                unsigned *ret_place, struct err *err);
/*
 * The same for the certificate of a TLS client that has shown that it has the key, in PEM with
 * percent-encoding: what nginx calls $ssl_client_escaped_cert.
 */
MUST_CHECK int requesters_check_tls(const struct requesters *requesters, const char *certificate,
                                    int64_t now, unsigned *ret_place, struct err *err);
