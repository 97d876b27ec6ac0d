/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/validation.h"

#include "docsign/cms.h"

#include <stdio.h>
#include <string.h>

static int take_text(const struct json *object, const char *key, struct buf *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(object, key, &text, err));
    if (text[0] == '\0')
        return FAIL(err, ERR_INPUT, "%s is empty", key);
    return buf_copy(bytes_text(text), ret, err);
}

static int take_digest(const struct json *verification, struct validation *ret, struct err *err)
{
    static const enum digest_alg all[] = {DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    const struct json *digest;
    const char *alg;

    if (!json_has(verification, "digest"))
        return 0;
    TRY(json_get_object(verification, "digest", &digest, err));
    TRY(json_get_text(digest, "alg", &alg, err));
    TRY(json_get_base64(digest, "value", &value, err));
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(alg, digest_name(all[i])) != 0 || value.len != digest_size(all[i]))
            continue;
        ret->digest = (struct digest){.alg = all[i], .len = value.len};
        memcpy(ret->digest.value, value.ptr, value.len);
        ret->has_digest = true;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "a digest that is none");
}

static int take_verification(const struct json *claims, struct validation *ret, struct err *err)
{
    const struct json *verification;
    const char *kind;

    TRY(json_get_object(claims, "verification", &verification, err));
    TRY(opinion_parse(verification, &ret->opinion, err));
    TRY(json_get_int(verification, "verified_at", &ret->verified_at, err));
    TRY(json_get_text(verification, "kind", &kind, err));
    if (strlen(kind) >= sizeof ret->kind)
        return FAIL(err, ERR_INPUT, "a kind of %zu characters", strlen(kind));
    (void)snprintf(ret->kind, sizeof ret->kind, "%s", kind);
    return take_digest(verification, ret, err);
}

static int take_claims(const struct json *claims, struct validation *ret, struct err *err)
{
    TRY(take_text(claims, "iss", &ret->issuer, err));
    TRY(take_text(claims, "aud", &ret->provider, err));
    TRY(json_get_int(claims, "iat", &ret->made_at, err));
    return take_verification(claims, ret, err);
}

static int check_wish(const struct validation *read, const struct validation_wish *wish,
                      struct err *err)
{
    if (wish->issuer != NULL && !bytes_equal(buf_bytes(&read->issuer), bytes_text(wish->issuer)))
        return FAIL(err, ERR_UNTRUSTED, "the report is not of %s", wish->issuer);
    if (wish->provider != NULL &&
        !bytes_equal(buf_bytes(&read->provider), bytes_text(wish->provider)))
        return FAIL(err, ERR_UNTRUSTED, "the report was given to another provider than %s",
                    wish->provider);
    return 0;
}

int validation_read(struct bytes compact, const struct json *keys,
                    const struct validation_wish *wish, struct validation *ret, struct err *err)
{
    CLEANUP(validation_done) struct validation read = VALIDATION_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;

    TRY(jws_parse(compact, &jws, err));
    if (strcmp(jws.typ, VALIDATION_TYPE) != 0)
        return FAIL(err, ERR_INPUT, "a JWS that is no report of a verification");
    TRY(jws_verify_set(&jws, keys, err));
    TRY(take_claims(jws.claims, &read, err));
    TRY(check_wish(&read, wish, err));
    *ret = read;
    read = (struct validation)VALIDATION_INIT;
    return 0;
}

void validation_done(struct validation *validation)
{
    opinion_done(&validation->opinion);
    buf_done(&validation->issuer);
    buf_done(&validation->provider);
}

int validation_digest_alg(const struct validation *validation, enum digest_alg *ret,
                          struct err *err)
{
    if (!validation->has_digest)
        return FAIL(err, ERR_UNTRUSTED, "the report does not say which document it is about");
    *ret = validation->digest.alg;
    return 0;
}

static bool is_digest(const struct validation *validation, const struct digest *digest)
{
    return validation->has_digest && digest->alg == validation->digest.alg &&
           bytes_equal(digest_bytes(digest), digest_bytes(&validation->digest));
}

/* The structure's attributes were verified, and they name the document. */
static bool is_named(const struct validation *validation,
                     const struct validation_document *document)
{
    struct digest attributes;
    struct cms cms;

    return cms_parse(document->cms, &cms, NULL) == 0 &&
           cms_attributes_digest(&cms, &attributes, NULL) == 0 &&
           is_digest(validation, &attributes) && document->of_cms.alg == cms.digest_alg &&
           bytes_equal(cms.message_digest, digest_bytes(&document->of_cms));
}

int validation_check_document(const struct validation *validation,
                              const struct validation_document *document, struct err *err)
{
    if (is_digest(validation, &document->document))
        return 0;
    if (document->cms.len > 0 && strcmp(validation->kind, "signature") == 0 &&
        is_named(validation, document))
        return 0;
    return FAIL(err, ERR_UNTRUSTED, "the report is about another document");
}
