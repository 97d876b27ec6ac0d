/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two OCSP responders as HTTP endpoints (RFC 6960, A.1), one below /sign, one below /auth.
 * Keys are signerd's. Refusals are OCSP answers with HTTP status 200, as clients expect them.
 */
#pragma once

#include "base/clock.h"
#include "http/server.h"
#include "ocsp/index.h"
#include "rpc/signer_client.h"

/* One CA's responder. */
struct ocsp_delegate {
    const char *key; /* its name at signerd */
    struct x509_cert *ca, *certificate;
};

/* Only the index changes while it serves. */
struct ocsp_responder {
    struct ocsp_delegate delegates[OCSP_CAS_];
    struct ocsp_index index;
    const struct clock *clock;
    const char *signer; /* path of signerd's socket */
    int64_t valid_s;    /* how long answers hold after the authority's last confirmation */
    int64_t refresh_s;  /* confirmations come at whole multiples of this; 0: often (answer.h) */
    /* Told about every answer that could not be made, by any thread; may be NULL. */
    void (*report)(const struct err *failure);
};

/*
 * ERR_UNTRUSTED unless the CA issued this certificate, for OCSP signing, with no need to check it
 * further (RFC 6960, 4.2.2.2.1).
 */
MUST_CHECK int ocsp_delegate_check(const struct ocsp_delegate *delegate, struct err *err);

/* The server's context is the struct ocsp_responder. */
extern const struct route ocsp_routes[];
extern const struct http_about ocsp_about;
MUST_CHECK int ocsp_worker_open(void *context, void **ret, struct err *err);
void ocsp_worker_close(void *context, void *worker);
/* For /readyz: what is known is current, and signerd answers. */
MUST_CHECK int ocsp_ready(struct http_call *call, struct err *err);
