/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/own_cert.h"

#include "client/pin.h"
#include "client/sign.h"
#include "crypto/pubkey.h"

static const struct {
    enum icc_cert cert;
    enum icc_pin pin;
    enum icc_key key;
} kinds[OWN_KINDS_] = {
    [OWN_AUTH] = {ICC_CERT_AUTH, ICC_PIN_AUTH, ICC_KEY_AUTH},
    [OWN_SIGN] = {ICC_CERT_SIGN, ICC_PIN_SIGN, ICC_KEY_SIGN},
};

int own_cert_read(struct icc *icc, enum icc_cert which, struct x509_cert **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    int rc;

    TRY(icc_read_cert(icc, which, &der, err));
    rc = x509_cert_parse(buf_bytes(&der), ret, err);
    if (rc == -ERR_INPUT) /* the card sent it: no file of the person is wrong */
        return FAIL(err, ERR_REMOTE, "the card's %s certificate is malformed",
                    icc_cert_name(which));
    return rc;
}

int own_cert_check_kind(const struct x509_cert *cert, struct err *err)
{
    enum key_kind kind = pubkey_kind(x509_cert_pubkey(cert));

    if (kind != KEY_RSA)
        return FAIL(err, ERR_INPUT, "the card has %s keys; logins and revocations are by RSA keys",
                    key_kind_name(kind));
    return 0;
}

int own_cert_check_times(const struct x509_cert *cert, enum own_kind kind, int64_t now,
                         struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(cert);
    char date[CALTIME_TEXT_SIZE];

    if (now >= tbs->not_before && now <= tbs->not_after)
        return 0;
    caltime_format(now > tbs->not_after ? tbs->not_after : tbs->not_before, JST_OFFSET_SECONDS,
                   date);
    if (now > tbs->not_after && kind == OWN_AUTH)
        return FAIL(err, ERR_UNTRUSTED,
                    "the authentication certificate expired at %s; your municipality renews it",
                    date);
    if (now > tbs->not_after)
        return FAIL(err, ERR_UNTRUSTED,
                    "the signature certificate expired at %s; your municipality renews it", date);
    if (kind == OWN_AUTH)
        return FAIL(err, ERR_UNTRUSTED,
                    "the authentication certificate is valid only from %s; is this "
                    "computer's clock right?",
                    date);
    return FAIL(err, ERR_UNTRUSTED,
                "the signature certificate is valid only from %s; is this computer's clock right?",
                date);
}

int own_sign_digest(struct icc *icc, enum own_kind kind, const struct x509_cert *cert,
                    const struct digest *digest, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    TRY(icc_sign(icc, kinds[kind].key, digest, &signature, err));
    if (pubkey_verify(x509_cert_pubkey(cert), digest, buf_bytes(&signature), NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the card's signature is not by the key of its certificate");
    buf_move(ret, &signature);
    return 0;
}

int own_sign(struct icc *icc, const struct own_message *message, struct x509_cert **ret_cert,
             struct buf *ret_signature, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct digest digest;

    TRY(icc_begin(icc, &txn, err));
    TRY(icc_pin_verify(icc, kinds[message->kind].pin, message->pin, message->may_use_last_try,
                       err));
    TRY(own_cert_read(icc, kinds[message->kind].cert, &cert, err));
    TRY(own_cert_check_kind(cert, err));
    TRY(message->digest(message->context, cert, &digest, err));
    TRY(own_sign_digest(icc, message->kind, cert, &digest, ret_signature, err));
    *ret_cert = cert;
    cert = NULL;
    return 0;
}
