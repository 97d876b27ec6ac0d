/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate of the card's holder, and messages that are signed by its key. */
#pragma once

#include "base/secret.h"
#include "client/cert.h"
#include "client/icc.h"
#include "crypto/digest.h"
#include "x509/cert.h"

enum own_kind { OWN_AUTH, OWN_SIGN, OWN_KINDS_ };

/* Failures as icc_read_cert; ERR_REMOTE for what is no certificate: no file of the person's. */
MUST_CHECK int own_cert_read(struct icc *icc, enum icc_cert which, struct x509_cert **ret,
                             struct err *err);
/*
 * ERR_INPUT if its key is of a kind that what is sent to services is not signed by: the message is
 * a SHA-256 digest for an RSA key (crypto/bound.h).
 */
MUST_CHECK int own_cert_check_kind(const struct x509_cert *cert, struct err *err);

/* ERR_UNTRUSTED if it is not valid at this time: UTC seconds. */
MUST_CHECK int own_cert_check_times(const struct x509_cert *cert, enum own_kind kind, int64_t now,
                                    struct err *err);
/*
 * Have the card sign, in the transaction in which the key's PIN was verified. ERR_REMOTE if what
 * comes back is not by the key of the certificate.
 */
MUST_CHECK int own_sign_digest(struct icc *icc, enum own_kind kind, const struct x509_cert *cert,
                               const struct digest *digest, struct buf *ret, struct err *err);

/* A message about a certificate, to be signed by its own key. */
struct own_message {
    enum own_kind kind;
    const struct secret *pin;
    bool may_use_last_try;
    /* Makes the digest, once the certificate is known. */
    int (*digest)(const void *context, const struct x509_cert *cert, struct digest *ret,
                  struct err *err);
    const void *context;
};

/*
 * Send the PIN and have the card sign, in one transaction. The signature is checked against the
 * certificate before it is returned: ERR_REMOTE if it is not by its key.
 */
MUST_CHECK int own_sign(struct icc *icc, const struct own_message *message,
                        struct x509_cert **ret_cert, struct buf *ret_signature, struct err *err);
