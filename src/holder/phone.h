/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A phone beside the card, as its holder sees it: the card's sign key asks the authority to certify
 * the keys of a phone, or to put that phone on hold. The message is built here (crypto/bound.h);
 * the card's certificate, with what it says of its holder, is not sent.
 */
#pragma once

#include "base/secret.h"
#include "client/icc.h"
#include "crypto/bound.h"
#include "holder/remote.h"

struct phone_wish {
    const char *origin;        /* of the authority, as reached: remote_origin */
    struct bytes sign_request; /* PKCS#10 for the phone's keys; both empty to suspend it */
    struct bytes auth_request;
    const struct secret *pin; /* the card's sign password */
    bool may_use_last_try;
    int64_t now;
};

/* A wish that the card has signed: what is sent. */
struct phone_order {
    struct x509_cert *cert; /* the card's */
    struct bytes sign_request, auth_request;
    int64_t at;
    uint8_t nonce[BOUND_NONCE_SIZE];
    struct buf signature;
};

#define PHONE_ORDER_INIT                                                                           \
    {                                                                                              \
        .cert = NULL                                                                               \
    }
void phone_order_done(struct phone_order *order);

/* ERR_INPUT unless both are requests, each with proof of possession, for two RSA keys. */
MUST_CHECK int phone_check_requests(struct bytes sign_request, struct bytes auth_request,
                                    struct err *err);
/* Send the password and have the card sign, in one transaction, as revoke_sign. */
MUST_CHECK int phone_sign(const struct phone_wish *wish, struct icc *icc, struct phone_order *ret,
                          struct err *err);

/* The certificates of a phone, and of the CAs that issued them. */
struct phone_certs {
    struct x509_cert *sign, *auth, *sign_ca, *auth_ca;
};
void phone_certs_done(struct phone_certs *certs);

/*
 * Send it. ERR_UNTRUSTED if the authority does not accept it, for whatever reason; else as
 * revoke_send. The same order may be sent
 * again: it enrols one phone.
 */
MUST_CHECK int phone_enrol(const struct remote *remote, const struct phone_order *order,
                           struct phone_certs *ret, struct err *err);
/* The same for a hold; *ret is since when. ERR_UNTRUSTED if there is no phone in force. */
MUST_CHECK int phone_suspend(const struct remote *remote, const struct phone_order *order,
                             int64_t *ret, struct err *err);
