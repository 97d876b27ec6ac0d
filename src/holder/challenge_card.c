/* SPDX-License-Identifier: Apache-2.0 */
/* The card's part of a login. */
#include "client/pin.h"
#include "client/sign.h"
#include "holder/challenge.h"
#include "holder/own_cert.h"

static int check_cert(const struct challenge *challenge, const struct x509_cert *cert, int64_t now,
                      struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(cert);
    char date[CALTIME_TEXT_SIZE];

    TRY(own_cert_check_kind(cert, err));
    TRY(challenge_check_issuer(challenge, tbs->authority_key_id, err));
    if (now > tbs->not_after) {
        caltime_format(tbs->not_after, JST_OFFSET_SECONDS, date);
        return FAIL(err, ERR_UNTRUSTED,
                    "the authentication certificate expired at %s; your municipality renews it",
                    date);
    }
    if (now < tbs->not_before) {
        caltime_format(tbs->not_before, JST_OFFSET_SECONDS, date);
        return FAIL(err, ERR_UNTRUSTED,
                    "the authentication certificate is valid only from %s; is this computer's "
                    "clock right?",
                    date);
    }
    return 0;
}

int challenge_check_card(const struct challenge *challenge, struct icc *icc, int64_t now,
                         struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct err why = {0};
    int rc = own_cert_read(icc, ICC_CERT_AUTH, &cert, &why);

    if (rc == 0)
        return check_cert(challenge, cert, now, err);
    if (rc != -ERR_DENIED)
        return err_copy(err, &why);
    /* On phones the certificate is behind the PIN, its authority's is not (card.md 3.1). */
    TRY(own_cert_read(icc, ICC_CERT_AUTH_CA, &cert, err));
    return challenge_check_issuer(challenge, x509_cert_tbs(cert)->subject_key_id, err);
}

/* The message is made here and nowhere else; no part of it comes from the platform as bytes. */
static int message_digest(const struct challenge *challenge, const char *origin, struct digest *ret,
                          struct err *err)
{
    const struct bound bound = {
        .origin = origin,
        .client_id = challenge->client_id,
        .session = challenge->session,
        .nonce = BYTES_ARRAY(challenge->nonce),
        .expires_at = challenge->expires_at,
    };

    return bound_digest(&bound, ret, err);
}

int challenge_sign(const struct challenge *challenge, struct icc *icc,
                   const struct challenge_signing *with, struct x509_cert **ret_cert,
                   struct buf *ret_signature, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    struct digest digest;

    TRY(challenge_check_time(challenge, with->now, err));
    TRY(message_digest(challenge, with->origin, &digest, err));
    TRY(icc_begin(icc, &txn, err));
    TRY(icc_pin_verify(icc, ICC_PIN_AUTH, with->pin, with->may_use_last_try, err));
    TRY(own_cert_read(icc, ICC_CERT_AUTH, &cert, err));
    TRY(check_cert(challenge, cert, with->now, err));
    TRY(icc_sign(icc, ICC_KEY_AUTH, &digest, &signature, err));
    if (pubkey_verify(x509_cert_pubkey(cert), &digest, buf_bytes(&signature), NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the card's signature is not by the key of its certificate");
    *ret_cert = cert;
    cert = NULL;
    buf_move(ret_signature, &signature);
    return 0;
}
