/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every message says that a card signed for an authority, whatever it is about: to whom, by
 * which certificate, when. One place, because the authority reads it in one place, too.
 */
#pragma once

#include "holder/remote.h"

struct signed_order {
    const struct x509_cert *cert; /* by its key */
    int64_t at;                   /* UTC seconds */
    struct bytes nonce, signature;
};

/* The members origin, issuer, serial, at, nonce and signature. */
MUST_CHECK int order_put(struct json *body, const struct remote *remote,
                         const struct signed_order *order, struct err *err);
