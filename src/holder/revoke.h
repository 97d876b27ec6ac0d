/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revoking a certificate of one's own, as its holder sees it. The card signs, with the very key
 * whose certificate shall end, a message that is built here (crypto/bound.h): for one authority as
 * it was reached, one certificate, reason and moment. The certificate itself stays on the card.
 */
#pragma once

#include "base/secret.h"
#include "client/icc.h"
#include "crypto/bound.h"
#include "holder/own_cert.h"
#include "holder/remote.h"

struct revoke_wish {
    enum own_kind kind;
    const char *origin; /* of the authority, as reached: remote_origin */
    const char *reason; /* one of bound_reasons; lives as long as what is signed */
    const struct secret *pin;
    bool may_use_last_try;
    int64_t now;
};

/* A wish that the card has signed: what is sent. */
struct revoke_order {
    struct x509_cert *cert;
    const char *reason;
    int64_t at;
    uint8_t nonce[BOUND_NONCE_SIZE];
    struct buf signature;
};

#define REVOKE_ORDER_INIT                                                                          \
    {                                                                                              \
        .cert = NULL                                                                               \
    }
void revoke_order_done(struct revoke_order *order);

/*
 * Send the PIN and have the card sign, in one transaction. The signature is checked against the
 * certificate before it is returned. ERR_INPUT for a reason that is none, before any PIN.
 */
MUST_CHECK int revoke_sign(const struct revoke_wish *wish, struct icc *icc,
                           struct revoke_order *ret, struct err *err);

/* What the authority says: also about a certificate that was revoked before. */
struct revoke_answer {
    int64_t at;                         /* UTC seconds */
    char reason[REVOKE_REASON_MAX + 1]; /* letters */
};

/* ERR_INPUT for anything but a complete answer. */
MUST_CHECK int revoke_parse(const struct json *answer, struct revoke_answer *ret, struct err *err);
/*
 * Send it. ERR_UNTRUSTED if the authority does not accept it; ERR_DENIED if it does not let us;
 * ERR_REMOTE for everything else. The same order may be sent again: it revokes once.
 */
MUST_CHECK int revoke_send(const struct remote *remote, const struct revoke_order *order,
                           struct revoke_answer *ret, struct err *err);
