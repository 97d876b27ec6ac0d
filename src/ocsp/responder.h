/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two OCSP responders as HTTP endpoints (RFC 6960, A.1), one below /sign, one below /auth.
 * Keys are signerd's. Refusals are OCSP answers with HTTP status 200, as clients expect them.
 */
#pragma once

#include "base/clock.h"
#include "http/server.h"
#include "ocsp/cache.h"
#include "ocsp/lists.h"
#include "ocsp/meter.h"
#include "ocsp/renewal.h"
#include "rpc/signer_client.h"

/* Only index and cache change while it serves. */
struct ocsp_responder {
    struct ocsp_index index; /* what is known, and who answers */
    const struct clock *clock;
    const char *signer; /* path of signerd's socket */
    int64_t valid_s;    /* how long answers hold after the authority's last confirmation */
    int64_t refresh_s;  /* confirmations come at whole multiples of this; 0: often (answer.h) */
    int64_t keep_s;     /* how long a signed answer is given again, within what holds */
    struct ocsp_cache *cache; /* NULL: answers are not kept */
    struct lists *lists;      /* NULL: there are none to be fetched */
    const uid_t *proxies;     /* who may say which certificate a TLS client has shown */
    size_t proxy_count;
    struct ocsp_meter *meter; /* NULL: answers are not counted */
    int64_t warn_s;           /* a certificate that ends sooner is a metric of its own; 0: none */
    struct renewal *renewal;  /* NULL: certificates are not renewed */
    /* Told about every answer that could not be made, by any thread; may be NULL. */
    void (*report)(const struct err *failure);
};

/* The server's context is the struct ocsp_responder. */
extern const struct route ocsp_routes[];
/* These, and what was counted (http/metrics.h), ended by NULL. */
extern const struct route *const ocsp_tables[];
/*
 * The same for a proxy that ends TLS: a Unix socket of its own, on which the header field
 * OCSP_CLIENT_FIELD counts, and nobody is answered but the responder's proxies.
 */
extern const struct route ocsp_proxy_routes[];
#define OCSP_CLIENT_FIELD "X-SSL-Client-Cert"
extern const struct http_about ocsp_about;
MUST_CHECK int ocsp_worker_open(void *context, void **ret, struct err *err);
void ocsp_worker_close(void *context, void *worker);
/* For /readyz: what is known is current, and signerd answers. */
MUST_CHECK int ocsp_ready(struct http_call *call, struct err *err);

/* ---- between responder.c and endpoint.c ---- */

/* A question and its answer. */
struct ocsp_exchange {
    enum ocsp_ca ca;
    struct bytes request;
    struct ocsp_client client;
    int64_t now;
    enum ocsp_status status;
    size_t questions; /* that were answered */
    struct buf body;
    bool may_be_kept; /* kept says until when */
    struct ocsp_kept kept;
};

/* Whether answers can be given at this time, about both CAs. */
bool ocsp_responder_is_current(struct ocsp_responder *responder, int64_t now);
void ocsp_exchange_done(struct ocsp_exchange *exchange);
struct ocsp_worker;

/* The worker's connection to signerd. */
MUST_CHECK int ocsp_worker_signer(const struct ocsp_responder *responder,
                                  struct ocsp_worker *worker, struct signer **ret, struct err *err);
/* Up to HTTP_COMPANY_MAX, with one round trip to signerd; the outcomes are zeroed before. */
void ocsp_respond_all(struct ocsp_responder *responder, struct ocsp_worker *worker,
                      struct ocsp_exchange *const *exchanges, struct http_outcome *outcomes,
                      size_t count);
MUST_CHECK int ocsp_respond(struct ocsp_responder *responder, struct ocsp_worker *worker,
                            struct ocsp_exchange *exchange, struct err *err);
/* Only what is kept, for somebody whom TLS has identified: never blocks. */
MUST_CHECK bool ocsp_recall(struct ocsp_responder *responder, struct ocsp_exchange *exchange);
