/* SPDX-License-Identifier: Apache-2.0 */
/* The platform's own keys, and what clients encrypt to it. */
#include "platform/platform.h"

#include "crypto/timestamp.h"

#include "http/pages.h"
#include "platform/kyc/kyc.h"
#include "platform/report/report.h"
#include "rpc/content_key.h"
#include "rpc/kept_secret.h"
#include "verify/crl_status.h"

#include <string.h>

static int load_pseudonym_key(struct platform *platform, struct signer *signer, struct err *err)
{
    const struct kept_secret which = {platform_store_db(platform->store), platform->token_key,
                                      "pseudonyms"};

    return kept_secret_load(&which, signer, &platform->pseudonym_key, err);
}

static int load_exchange_key(struct platform *platform, struct signer *signer, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    TRY(signer_public(signer, platform->token_key, &spki, err));
    TRY(pubkey_from_spki_rsa(buf_bytes(&spki), &platform->exchange_key, err));
    return jwk_thumbprint(platform->exchange_key, &platform->exchange_kid, err);
}

static int load_agreement_key(struct platform *platform, struct signer *signer, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    if (platform->agreement.name == NULL)
        return 0;
    TRY(signer_public(signer, platform->agreement.name, &spki, err));
    TRY(pubkey_from_spki_jws(buf_bytes(&spki), &platform->agreement.key, err));
    if (pubkey_kind(platform->agreement.key) != KEY_P256)
        return FAIL(err, ERR_INPUT, "signerd's key %s is not on P-256", platform->agreement.name);
    return jwk_thumbprint(platform->agreement.key, &platform->agreement.kid, err);
}

int platform_load_keys(struct platform *platform, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;

    TRY(signer_open(platform->signer, &signer, err));
    TRY(load_exchange_key(platform, signer, err));
    TRY(load_agreement_key(platform, signer, err));
    if (platform->report.name != NULL)
        TRY(report_load_key(platform, signer, err));
    if (platform->kyc.name != NULL)
        TRY(kyc_load_key(platform, signer, err));
    return load_pseudonym_key(platform, signer, err);
}

static int check_certificate(const struct platform *platform, struct signer *signer,
                             const char *key, const struct x509_cert *certificate, struct err *err)
{
    const struct tbs *tbs;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    int64_t now = clock_now(platform->clock);

    if (certificate == NULL)
        return 0;
    tbs = x509_cert_tbs(certificate);
    if (now < tbs->not_before || now > tbs->not_after)
        return FAIL(err, ERR_UNTRUSTED, "the certificate for signerd's key %s is not of today",
                    key);
    TRY(signer_public(signer, key, &spki, err));
    if (!bytes_equal(buf_bytes(&spki), tbs->spki))
        return FAIL(err, ERR_UNTRUSTED, "a certificate is not for signerd's key %s", key);
    return 0;
}

int platform_check_certificates(const struct platform *platform, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;

    TRY(signer_open(platform->signer, &signer, err));
    TRY(check_certificate(platform, signer, platform->ocsp.key, platform->ocsp.certificate, err));
    return check_certificate(platform, signer, platform->door.key, platform->door.certificate, err);
}

void platform_tell_judged(const struct platform *platform, const struct judged *judged)
{
    if (platform->judged != NULL)
        platform->judged(platform, judged);
}

void platform_done(struct platform *platform)
{
    pubkey_freep(&platform->reference.key);
    for (size_t i = 0; i < 2; i++)
        crl_lists_freep(&platform->lists[i]);
    anchors_freep(&platform->sign_cas);
    anchors_freep(&platform->auth_cas);
    x509_cert_freep(&platform->ocsp.certificate);
    x509_cert_freep(&platform->door.certificate);
    pubkey_freep(&platform->exchange_key);
    pubkey_freep(&platform->agreement.key);
    pubkey_freep(&platform->report.key);
    timestamp_roots_freep(&platform->report.timestamp_roots);
    pubkey_freep(&platform->kyc.key);
    secret_done(&platform->pseudonym_key);
    http_pages_freep(&platform->console);
}

/* The name at signerd of the key that it is encrypted to; NULL: none of ours. */
static const char *key_of(const struct platform *platform, const struct jwe *jwe)
{
    if (strcmp(jwe->kid.text, platform->exchange_kid.text) == 0)
        return platform->token_key;
    if (platform->agreement.name != NULL &&
        strcmp(jwe->kid.text, platform->agreement.kid.text) == 0)
        return platform->agreement.name;
    return NULL;
}

int platform_open_certificate(const struct platform *platform, struct signer *signer,
                              const char *compact, struct buf *ret, struct err *err)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    const char *name;

    TRY(err_prefix(err, jwe_parse(bytes_text(compact), &jwe, err), "certificate"));
    name = key_of(platform, &jwe);
    if (name == NULL)
        return FAIL(err, ERR_UNTRUSTED,
                    "the certificate is encrypted to another key; fetch /v1/keys again");
    TRY(content_key_get(signer, name, &jwe, &key, err));
    return err_prefix(err, jwe_decrypt(&jwe, &key, ret, err), "certificate");
}
