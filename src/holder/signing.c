/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/signing.h"

#include "client/pin.h"
#include "client/sign.h"
#include "crypto/bound.h"
#include "crypto/pubkey.h"
#include "holder/answer.h"
#include "holder/own_cert.h"

#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = sizeof "/v1/signings//document" + CHALLENGE_SESSION_MAX };

static int take_provider(const struct json *answer, struct signing *ret, struct err *err)
{
    const struct json *provider;

    TRY(json_get_object(answer, "provider", &provider, err));
    TRY(answer_take_name(provider, "client_id", ret->client_id, sizeof ret->client_id, err));
    TRY(answer_take_text(provider, "name", ret->provider_name, sizeof ret->provider_name, err));
    return answer_take_text(provider, "origin", ret->provider_origin, sizeof ret->provider_origin,
                            err);
}

static int take_platform(const struct json *answer, struct signing *ret, struct err *err)
{
    const char *url, *path;

    TRY(json_get_text(answer, "platform", &url, err));
    TRY(origin_parse(url, &ret->platform, &path, err));
    if (path[0] != '\0')
        return FAIL(err, ERR_INPUT, "a platform is an origin, without a path");
    return 0;
}

static int take_digest(const struct json *answer, struct signing *ret, struct err *err)
{
    static const char *const forms[] = {"digestinfo", "hash"};
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    const char *form;

    TRY(json_get_text(answer, "form", &form, err));
    TRY(json_get_base64(answer, "digest", &value, err));
    ret->is_bare = strcmp(form, forms[1]) == 0;
    if (!ret->is_bare && strcmp(form, forms[0]) != 0)
        return FAIL(err, ERR_INPUT, "a digest is signed as digestinfo or as hash");
    if (value.len != digest_size(DIGEST_SHA256))
        return FAIL(err, ERR_INPUT, "what is signed is no SHA-256 digest");
    ret->digest = (struct digest){.alg = DIGEST_SHA256, .len = value.len};
    memcpy(ret->digest.value, value.ptr, value.len);
    return 0;
}

int signing_parse(const struct json *answer, struct signing *ret, struct err *err)
{
    struct signing signing = {.session = ""};

    TRY(answer_take_name(answer, "session", signing.session, sizeof signing.session, err));
    TRY(take_provider(answer, &signing, err));
    TRY(answer_take_text(answer, "title", signing.title, sizeof signing.title, err));
    if (json_has(answer, "text"))
        TRY(answer_take_text(answer, "text", signing.text, sizeof signing.text, err));
    TRY(take_platform(answer, &signing, err));
    TRY(take_digest(answer, &signing, err));
    TRY(json_get_bool(answer, "document", &signing.has_document, err));
    TRY(json_get_int(answer, "expires_at", &signing.expires_at, err));
    if (signing.expires_at < 0)
        return FAIL(err, ERR_INPUT, "the expiry is before 1970");
    *ret = signing;
    return 0;
}

/* "/v1/signings/SESSION" and what is below it. */
static void path_of(const char *session, const char *below, char ret[PATH_SIZE])
{
    (void)snprintf(ret, PATH_SIZE, "/v1/signings/%s%s", session, below);
}

static int translate(const struct remote *remote, const struct err *why, struct err *err)
{
    if (why->kind == ERR_ABSENT)
        return FAIL(err, ERR_REMOTE,
                    "%s has no such signing, or its time is over; begin again where you began",
                    remote_origin(remote));
    if (why->kind == ERR_CONFLICT)
        return FAIL(err, ERR_REMOTE,
                    "this signing was answered already; if that was not you, tell whoever runs %s",
                    remote_origin(remote));
    return err_copy(err, why);
}

int signing_get(const struct remote *remote, const char *session, struct signing *ret,
                struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    struct signing signing;
    char path[PATH_SIZE];
    struct err why = {0};
    int rc;

    if (!remote_is_name(session, CHALLENGE_SESSION_MAX))
        return FAIL(err, ERR_INPUT, "this is no address of a signing");
    path_of(session, "", path);
    if (remote_ask(remote, path, NULL, &answer, &why) < 0)
        return translate(remote, &why, err);
    if (answer == NULL)
        return remote_fail_answer(err, remote);
    rc = signing_parse(answer, &signing, &why);
    if (rc == -ERR_INPUT || rc == -ERR_UNTRUSTED)
        return FAIL(err, ERR_REMOTE, "%s asks for a signature that cannot be made: %s",
                    remote_origin(remote), why.text);
    if (rc < 0)
        return err_copy(err, &why);
    if (strcmp(signing.session, session) != 0)
        return FAIL(err, ERR_UNTRUSTED, "%s gave another signing", remote_origin(remote));
    *ret = signing;
    return 0;
}

int signing_check_time(const struct signing *signing, int64_t now, struct err *err)
{
    if (now > signing->expires_at)
        return FAIL(err, ERR_REMOTE,
                    "the time of this signing is over, or this computer's clock is wrong; nothing "
                    "was sent to the card");
    if (signing->expires_at - now > SIGNING_SECONDS_MAX)
        return FAIL(err, ERR_UNTRUSTED,
                    "this signing would be open for longer than %d seconds, or this computer's "
                    "clock is wrong",
                    SIGNING_SECONDS_MAX);
    return 0;
}

int signing_fetch(const struct signing *signing, const struct remote *remote, struct buf *ret,
                  struct err *err)
{
    char path[PATH_SIZE];
    struct err why = {0};

    path_of(signing->session, "/document", path);
    if (remote_read(remote, path, SIGNING_DOCUMENT_MAX, ret, &why) < 0)
        return translate(remote, &why, err);
    return 0;
}

static bool is_digest_of(const struct signing *signing, struct bytes document)
{
    struct digest digest;

    return digest_compute(DIGEST_SHA256, document, &digest, NULL) == 0 &&
           bytes_equal(digest_bytes(&digest), digest_bytes(&signing->digest));
}

bool signing_is_text(const struct signing *signing)
{
    return signing->text[0] != '\0' && is_digest_of(signing, bytes_text(signing->text));
}

int signing_check_document(const struct signing *signing, struct bytes document, struct err *err)
{
    if (bound_is_message(document))
        return FAIL(err, ERR_UNTRUSTED,
                    "this is no document but a login or an order to an authority, which a card "
                    "signs for nobody else");
    if (!is_digest_of(signing, document))
        return FAIL(err, ERR_UNTRUSTED,
                    "the document is another one than the one to be signed; nothing was sent to "
                    "the card");
    return 0;
}

void signing_proof_done(struct signing_proof *proof)
{
    x509_cert_freep(&proof->cert);
    buf_done(&proof->signature);
}

static int use_key(const struct signing *signing, struct icc *icc, struct signing_proof *proof,
                   struct err *err)
{
    if (!signing->is_bare)
        return own_sign_digest(icc, OWN_SIGN, proof->cert, &signing->digest, &proof->signature,
                               err);
    TRY(icc_sign_bare(icc, ICC_KEY_SIGN, &signing->digest, &proof->signature, err));
    if (pubkey_verify_bare(x509_cert_pubkey(proof->cert), digest_bytes(&signing->digest),
                           buf_bytes(&proof->signature), NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the card's signature is not by the key of its certificate");
    return 0;
}

int signing_sign(const struct signing *signing, struct icc *icc, const struct signing_wish *wish,
                 struct signing_proof *ret, struct err *err)
{
    CLEANUP(signing_proof_done) struct signing_proof proof = {.cert = NULL};
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(signing_check_time(signing, wish->now, err));
    TRY(icc_begin(icc, &txn, err));
    TRY(icc_pin_verify(icc, ICC_PIN_SIGN, wish->password, wish->may_use_last_try, err));
    TRY(own_cert_read(icc, ICC_CERT_SIGN, &proof.cert, err));
    TRY(own_cert_check_kind(proof.cert, err));
    TRY(own_cert_check_times(proof.cert, OWN_SIGN, wish->now, err));
    TRY(use_key(signing, icc, &proof, err));
    *ret = proof;
    proof = (struct signing_proof){.cert = NULL};
    return 0;
}

static int send_answer(const struct signing *signing, const struct remote *remote,
                       const struct json *body, struct err *err)
{
    char path[PATH_SIZE];
    struct err why = {0};

    path_of(signing->session, "/answer", path);
    return remote_ask(remote, path, body, NULL, &why) < 0 ? translate(remote, &why, err) : 0;
}

int signing_answer(const struct signing *signing, const struct remote *remote,
                   const struct signing_proof *proof, const char *code, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(remote_freep) struct remote *platform = NULL;

    TRY(remote_new(&signing->platform, &platform, err));
    TRY(json_put_text(body, "code", code, err));
    TRY(remote_put_certificate(platform, body, proof->cert, err));
    TRY(json_put_base64(body, "signature", buf_bytes(&proof->signature), err));
    return send_answer(signing, remote, body, err);
}

int signing_refuse(const struct signing *signing, const struct remote *remote, const char *code,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "code", code, err));
    TRY(json_put_bool(body, "denied", true, err));
    return send_answer(signing, remote, body, err);
}
