/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consents of one's own as an authority keeps them: what is there, what was handed out because of
 * it, and its end. The card signs a message that is built here (crypto/bound.h), by either key.
 */
#pragma once

#include "crypto/bound.h"
#include "holder/own_cert.h"
#include "holder/remote.h"

struct consent_wish {
    enum own_kind kind;
    const char *origin;     /* of the authority, as reached: remote_origin */
    const char *withdrawal; /* id of the consent that shall end; NULL: all are listed */
    const struct secret *pin;
    bool may_use_last_try;
    int64_t now;
};

/* A wish that the card has signed. It counts once. */
struct consent_order {
    struct x509_cert *cert;
    const char *withdrawal;
    int64_t at;
    uint8_t nonce[BOUND_NONCE_SIZE];
    struct buf signature;
};

#define CONSENT_ORDER_INIT                                                                         \
    {                                                                                              \
        .cert = NULL                                                                               \
    }
void consent_order_done(struct consent_order *order);

/* ERR_INPUT, before any PIN, for an id that is not CONSENT_ID_DIGITS hexadecimal digits. */
MUST_CHECK int consent_sign(const struct consent_wish *wish, struct icc *icc,
                            struct consent_order *ret, struct err *err);

/* One consent of an answer; texts live as long as it, and may hold anything. */
struct own_consent {
    const char *id, *provider_title, *service_title, *verifier_title;
    const struct json *attributes; /* texts */
    int64_t valid_from, valid_until;
    int64_t withdrawn_at; /* 0: not */
};
/* ERR_INPUT for anything but a complete one. */
MUST_CHECK int own_consent_read(const struct json *json, struct own_consent *ret, struct err *err);

/*
 * Send it. *ret becomes the answer: for a list consents and disclosures, each consent complete; for
 * a withdrawal withdrawn_at. ERR_UNTRUSTED if the authority does not accept it, ERR_ABSENT if there
 * is no such consent, ERR_REMOTE for everything else.
 */
MUST_CHECK int consent_send(const struct remote *remote, const struct consent_order *order,
                            struct json **ret, struct err *err);
