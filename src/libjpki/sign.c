/* SPDX-License-Identifier: Apache-2.0 */
/* A signature leaves only if it is by the key of the certificate beside it on the card. */
#include "client/sign.h"

#include "border/border.h"
#include "client/cert.h"
#include "crypto/pubkey.h"
#include "libjpki/data.h"
#include "libjpki/pin.h"
#include "x509/cert.h"

#include <string.h>

static const struct {
    enum jpki_hash outside;
    enum digest_alg inside;
} hashes[] = {
    {JPKI_SHA1, DIGEST_SHA1},
    {JPKI_SHA256, DIGEST_SHA256},
    {JPKI_SHA384, DIGEST_SHA384},
    {JPKI_SHA512, DIGEST_SHA512},
};

static const struct use {
    enum jpki_use use;
    enum icc_pin pin;
    enum icc_key key;
    enum icc_cert certificate;
} uses[] = {
    {JPKI_USE_SIGN, ICC_PIN_SIGN, ICC_KEY_SIGN, ICC_CERT_SIGN},
    {JPKI_USE_AUTH, ICC_PIN_AUTH, ICC_KEY_AUTH, ICC_CERT_AUTH},
};

static int use_meant(enum jpki_use use, const struct use **ret, struct err *err)
{
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        if (uses[i].use == use) {
            *ret = &uses[i];
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE, "%d is no use of a key", (int)use);
}

static int take_digest(const struct jpki_digest *given, struct digest *ret, struct err *err)
{
    struct bytes value;

    TRY(take_bytes(given->value, &value, err));
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (hashes[i].outside != given->hash)
            continue;
        if (value.len != digest_size(hashes[i].inside))
            return FAIL(err, ERR_USAGE, "a digest of %zu bytes is none by %s", value.len,
                        digest_name(hashes[i].inside));
        *ret = (struct digest){.alg = hashes[i].inside, .len = value.len};
        memcpy(ret->value, value.ptr, value.len);
        return 0;
    }
    return FAIL(err, ERR_USAGE, "%d is no hash", (int)given->hash);
}

/* In the transaction that opened the key, so that it is the same card's certificate. */
static int check(jpki_card *card, const struct use *use, const struct digest *digest,
                 struct bytes signature, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    TRY(icc_read_cert(card->icc, use->certificate, &der, err));
    TRY(x509_cert_parse(buf_bytes(&der), &certificate, err));
    if (pubkey_verify(x509_cert_pubkey(certificate), digest, signature, NULL) < 0)
        return FAIL(err, ERR_REMOTE,
                    "the card's signature is not by the key of its certificate; it was discarded");
    return 0;
}

struct job {
    const struct use *use;
    struct digest digest;
    const struct jpki_pin *pin;
};

static int sign(jpki_card *card, const struct job *job, jpki_data **ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    TRY(icc_begin(card->icc, &txn, err));
    TRY(pin_open(card, job->use->pin, job->pin, err));
    TRY(icc_sign(card->icc, job->use->key, &job->digest, &signature, err));
    TRY(check(card, job->use, &job->digest, buf_bytes(&signature), err));
    return data_new(&signature, ret, err);
}

int jpki_card_sign(jpki_card *card, enum jpki_use use, const struct jpki_digest *digest,
                   const struct jpki_pin *pin, jpki_data **ret, struct jpki_error *error)
{
    struct job job = {.pin = pin};
    struct err err = {0};
    int rc = use_meant(use, &job.use, &err);

    if (rc == 0)
        rc = take_digest(digest, &job.digest, &err);
    if (rc == 0)
        rc = sign(card, &job, ret, &err);
    return tell(rc, &err, error);
}
