/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/party/signed.h"

#include "docsign/cms.h"
#include "x509/name.h"

#include <string.h>

static bool is_named(const struct cms *cms, const struct tbs *tbs)
{
    if (cms->signer_key_id.len > 0)
        return bytes_equal(cms->signer_key_id, tbs->subject_key_id);
    return name_equal(cms->signer_issuer, tbs->issuer) &&
           bytes_equal(cms->signer_serial, tbs->serial);
}

/* Certificates that cannot be read are not the signer's. */
static int find_named(const struct cms *cms, struct x509_cert **ret, struct err *err)
{
    for (size_t i = 0; i < cms->certificate_count; i++) {
        CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
        int rc = x509_cert_parse(cms->certificates[i], &cert, err);

        if (rc == -ERR_NOMEM)
            return rc;
        if (rc < 0 || !is_named(cms, x509_cert_tbs(cert)))
            continue;
        *ret = cert;
        cert = NULL;
        return 0;
    }
    return FAIL(err, ERR_UNTRUSTED, "the signature comes without its certificate");
}

/* signingCertificateV2, where it is, names one certificate (RFC 5035, 5.4). */
static int check_named_hash(const struct cms *cms, const struct x509_cert *cert, struct err *err)
{
    struct digest digest;

    if (cms->signer_cert_hash.len == 0)
        return 0;
    TRY(digest_compute(cms->signer_cert_alg, x509_cert_der(cert), &digest, err));
    if (!bytes_equal(digest_bytes(&digest), cms->signer_cert_hash))
        return FAIL(err, ERR_UNTRUSTED, "the signature was made for another certificate");
    return 0;
}

static int check_signature(const struct cms *cms, const struct x509_cert *cert,
                           struct bytes document, struct err *err)
{
    struct digest digest;

    if (cms->digest_alg == DIGEST_SHA1)
        return FAIL(err, ERR_UNTRUSTED, "the signature is with SHA-1");
    TRY(digest_compute(cms->digest_alg, document, &digest, err));
    if (!bytes_equal(digest_bytes(&digest), cms->message_digest))
        return FAIL(err, ERR_UNTRUSTED, "the signature is over something else");
    TRY(cms_attributes_digest(cms, &digest, err));
    return pubkey_verify_scheme(x509_cert_pubkey(cert), cms->scheme, &digest, cms->signature, err);
}

int cms_signer(struct bytes document, struct bytes der, struct x509_cert **ret, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct cms cms;

    TRY(cms_parse(der, &cms, err));
    TRY(find_named(&cms, &cert, err));
    TRY(check_named_hash(&cms, cert, err));
    TRY(check_signature(&cms, cert, document, err));
    *ret = cert;
    cert = NULL;
    return 0;
}

static int find_party(const struct authority *authority, const struct signed_message *message,
                      int64_t now, struct party *ret, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    const struct tbs *tbs;
    int rc;

    TRY(err_prefix(err, cms_signer(message->request, message->signature, &cert, err), "request"));
    rc = authority_find_party(authority->store, x509_cert_der(cert), ret, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_UNTRUSTED, "the request is by no verifier that may ask");
    TRY(rc);
    tbs = x509_cert_tbs(cert);
    if (now < tbs->not_before || now > tbs->not_after)
        return FAIL(err, ERR_UNTRUSTED, "the verifier's certificate is not valid now");
    return 0;
}

static int check_time(const struct json *json, int64_t now, struct err *err)
{
    int64_t at;

    TRY(json_get_int(json, "at", &at, err));
    /* No difference of the two: at is a stranger's number. */
    if (at < now - HOLDER_SECONDS || at > now + HOLDER_SECONDS)
        return FAIL(err, ERR_UNTRUSTED, "the request was signed more than %d seconds from now",
                    HOLDER_SECONDS);
    return 0;
}

static int check_nonce(const struct json *json, const char *party, struct digest *ret,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;

    TRY(json_get_base64(json, "nonce", &nonce, err));
    if (nonce.len != NONCE_SIZE)
        return FAIL(err, ERR_INPUT, "nonce is not %d octets", NONCE_SIZE);
    /* Each party's numbers are its own: nobody can spend those of another. */
    TRY(buf_append_text(&nonce, party, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(&nonce), ret, err);
}

/* What every request says, whatever it is about. */
static int check_frame(const struct authority *authority, const char *act, bool has_waited,
                       struct signed_request *request, struct err *err)
{
    const char *origin;
    const char *meant;

    TRY(json_get_text(request->json, "origin", &origin, err));
    TRY(json_get_text(request->json, "act", &meant, err));
    TRY(json_get_text(request->json, "request_id", &request->request_id, err));
    TRY(request_id_check(request->request_id, err));
    if (strcmp(origin, authority->verifier_origin) != 0)
        return FAIL(err, ERR_UNTRUSTED, "the request was signed for another service than %s",
                    authority->verifier_origin);
    if (strcmp(meant, act) != 0)
        return FAIL(err, ERR_UNTRUSTED, "the request was signed for another act than %s", act);
    if (!has_waited)
        TRY(check_time(request->json, request->now, err));
    return check_nonce(request->json, request->party.name, &request->digest, err);
}

void signed_request_done(struct signed_request *request)
{
    json_freep(&request->json);
}

int signed_request_read(const struct authority *authority, const struct signed_message *message,
                        const char *act, struct signed_request *ret, struct err *err)
{
    CLEANUP(signed_request_done)
    struct signed_request request = {.now = clock_now(authority->clock)};

    TRY(find_party(authority, message, request.now, &request.party, err));
    TRY(err_prefix(err, json_parse(message->request, &request.json, err), "request"));
    TRY(check_frame(authority, act, message->has_waited, &request, err));
    if (!message->has_waited)
        TRY(authority_spend_nonce(authority->store, &request.digest, request.now, err));
    *ret = request;
    request.json = NULL;
    return 0;
}
