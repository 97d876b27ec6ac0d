/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verifier's request: JSON and a detached CMS signature over its bytes (RFC 5652) by a
 * certificate that is pinned here. Inside stands where it is sent to, for which act, when and under
 * which random number, so that it is worth nothing elsewhere, later, or a second time.
 */
#pragma once

#include "authority/authority.h"
#include "authority/party/party.h"

/* As it came. */
struct signed_message {
    struct bytes request;   /* JSON */
    struct bytes signature; /* CMS, DER, with the certificate */
    bool has_waited;        /* it was believed before: time and nonce counted then */
};

struct signed_request {
    struct json *json;      /* what was signed */
    struct party party;     /* whose certificate signed it; active */
    const char *request_id; /* in json */
    struct digest digest;   /* of the nonce */
    int64_t now;
};

void signed_request_done(struct signed_request *request);

/*
 * Believe a request for one act, or not. ERR_UNTRUSTED unless it is signed, not with SHA-1, by a
 * certificate of an active party that is valid now, for authority->verifier_origin and this act,
 * at most HOLDER_SECONDS from now, and its nonce of NONCE_SIZE octets comes for the first time;
 * ERR_INPUT for what is malformed. The nonce is spent before this returns.
 */
MUST_CHECK int signed_request_read(const struct authority *authority,
                                   const struct signed_message *message, const char *act,
                                   struct signed_request *ret, struct err *err);

/*
 * A detached CMS signature over a document: *ret becomes the certificate in it that it names.
 * ERR_UNTRUSTED if there is none, the signature is not by its key over this document, or is with
 * SHA-1. Whether the certificate may be believed is not decided here.
 */
MUST_CHECK int cms_signer(struct bytes document, struct bytes cms, struct x509_cert **ret,
                          struct err *err);

/* Keep a nonce until it would be too late anyway; ERR_UNTRUSTED if it is kept already. */
MUST_CHECK int authority_spend_nonce(struct authority_store *store, const struct digest *nonce,
                                     int64_t now, struct err *err);
