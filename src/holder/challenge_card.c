/* SPDX-License-Identifier: Apache-2.0 */
/* The card's part of a login. */
#include "client/pin.h"
#include "holder/challenge.h"
#include "holder/own_cert.h"

static int check_cert(const struct challenge *challenge, const struct x509_cert *cert, int64_t now,
                      struct err *err)
{
    TRY(own_cert_check_kind(cert, err));
    TRY(challenge_check_issuer(challenge, x509_cert_tbs(cert)->authority_key_id, err));
    return own_cert_check_times(cert, OWN_AUTH, now, err);
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

int challenge_digest(const struct challenge *challenge, const char *origin, struct digest *ret,
                     struct err *err)
{
    const struct bound bound = {
        .origin = origin,
        .client_id = challenge->client_id,
        .redirect_uri = challenge->redirect_uri,
        .session = challenge->session,
        .nonce = BYTES_ARRAY(challenge->nonce),
        .expires_at = challenge->expires_at,
    };

    return bound_digest(&bound, ret, err);
}

_Static_assert((int)CHALLENGE_URI_MAX == (int)BOUND_FIELD_MAX,
               "an address that is read can be signed");

void challenge_proof_done(struct challenge_proof *proof)
{
    x509_cert_freep(&proof->cert);
    x509_cert_freep(&proof->sign_cert);
    buf_done(&proof->signature);
    buf_done(&proof->sign_signature);
}

/* The same message by the sign key, whose certificate says what is wished for. */
static int sign_attributes(struct icc *icc, const struct challenge_signing *with,
                           const struct digest *digest, struct challenge_proof *ret,
                           struct err *err)
{
    TRY(icc_pin_verify(icc, ICC_PIN_SIGN, with->sign_pin, with->may_use_last_try, err));
    TRY(own_cert_read(icc, ICC_CERT_SIGN, &ret->sign_cert, err));
    TRY(own_cert_check_kind(ret->sign_cert, err));
    TRY(own_cert_check_times(ret->sign_cert, OWN_SIGN, with->now, err));
    return own_sign_digest(icc, OWN_SIGN, ret->sign_cert, digest, &ret->sign_signature, err);
}

int challenge_sign(const struct challenge *challenge, struct icc *icc,
                   const struct challenge_signing *with, struct challenge_proof *ret,
                   struct err *err)
{
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    struct digest digest;

    if (challenge->wants != 0 && with->sign_pin == NULL)
        return FAIL(err, ERR_USAGE, "this login needs the signature password as well");
    TRY(challenge_check_time(challenge, with->now, err));
    TRY(challenge_digest(challenge, with->origin, &digest, err));
    TRY(icc_begin(icc, &txn, err));
    TRY(icc_pin_verify(icc, ICC_PIN_AUTH, with->pin, with->may_use_last_try, err));
    TRY(own_cert_read(icc, ICC_CERT_AUTH, &proof.cert, err));
    TRY(check_cert(challenge, proof.cert, with->now, err));
    TRY(own_sign_digest(icc, OWN_AUTH, proof.cert, &digest, &proof.signature, err));
    if (challenge->wants != 0)
        TRY(sign_attributes(icc, with, &digest, &proof, err));
    *ret = proof;
    proof = (struct challenge_proof){.cert = NULL};
    return 0;
}
