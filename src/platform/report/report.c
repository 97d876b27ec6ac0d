/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/report/report.h"

#include "base/random_text.h"
#include "crypto/jws.h"
#include "platform/report/store.h"
#include "platform/verification/told.h"
#include "platform/verification/verification.h"

enum { ID_SIZE = 23 };

int report_load_key(struct platform *platform, struct signer *signer, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf jwk = BUF_INIT;
    CLEANUP(json_freep) struct json *object = NULL;
    struct jwk_thumbprint kid;
    const char *text;

    TRY(signer_public(signer, platform->report.name, &spki, err));
    TRY(pubkey_from_spki_jws(buf_bytes(&spki), &platform->report.key, err));
    TRY(jwk_thumbprint(platform->report.key, &kid, err));
    TRY(jwk_write(platform->report.key, JWK_SIGNATURE, &object, err));
    TRY(json_write(object, &jwk, err));
    TRY(buf_text(&jwk, &text, err));
    return platform_note_report_key(platform->store, kid.text, text, clock_now(platform->clock),
                                    err);
}

static int put_digest(struct json *object, const struct digest *digest, struct err *err)
{
    CLEANUP(json_freep) struct json *member = json_object_new();

    TRY(json_put_text(member, "alg", digest_name(digest->alg), err));
    TRY(json_put_base64(member, "value", digest_bytes(digest), err));
    return json_put(object, "digest", json_steal(&member), err);
}

/* So that sixteen of them fit, their reasons are among those of the whole. */
static int put_signatures(struct json *object, const struct verification_part *parts, size_t count,
                          struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *signature = json_object_new();

        TRY(json_put_text(signature, "verdict", parts[i].verdict, err));
        TRY(json_put_text(signature, "covers", parts[i].covers, err));
        TRY(json_add(array, json_steal(&signature), err));
    }
    return json_put(object, "signatures", json_steal(&array), err);
}

static int put_verification(const struct platform *platform, const struct verification *found,
                            struct json *claims, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    const struct report report = verification_report(found);
    struct verification_part parts[VERIFICATION_PARTS_MAX];
    size_t count;

    TRY(platform_list_parts(platform->store, found->id, parts, &count, err));
    TRY(told_put_verification(object, found, &report, err));
    if (found->digest.len > 0)
        TRY(put_digest(object, &found->digest, err));
    if (count > 0)
        TRY(put_signatures(object, parts, count, err));
    return json_put(claims, "verification", json_steal(&object), err);
}

static int put_claims(const struct platform *platform, const struct report_wish *wish,
                      struct json *claims, struct err *err)
{
    struct verification found;
    char id[ID_SIZE];

    TRY(platform_get_verification(platform->store, wish->id, wish->client_id, &found, err));
    TRY(random_text(id, sizeof id, err));
    TRY(json_put_text(claims, "iss", platform->origin, err));
    TRY(json_put_text(claims, "aud", wish->client_id, err));
    TRY(json_put_int(claims, "iat", clock_now(platform->clock), err));
    TRY(json_put_text(claims, "jti", id, err));
    /* Whose word the times are: no timestamp authority has confirmed them. */
    TRY(json_put_text(claims, "clock", "platform", err));
    return put_verification(platform, &found, claims, err);
}

static int sign(const struct platform *platform, struct signer *signer, const struct json *claims,
                struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct jwk_thumbprint kid;
    enum jws_alg alg;
    int rc;

    TRY(jwk_thumbprint(platform->report.key, &kid, err));
    TRY(jws_alg_of(pubkey_kind(platform->report.key), &alg, err));
    TRY(jws_prepare(alg, REPORT_TYPE, kid.text, claims, &input, err));
    rc = signer_sign(signer, platform->report.name, SIGNER_TOKEN, buf_bytes(&input), &signature,
                     err);
    if (rc < 0 && rc != -ERR_REMOTE && rc != -ERR_NOMEM)
        return FAIL(err, ERR_SYSTEM, "signerd does not sign a report with key \"%s\"",
                    platform->report.name);
    TRY(rc);
    return jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, err);
}

int report_make(const struct platform *platform, struct signer *signer,
                const struct report_wish *wish, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(buf_done) struct buf made = BUF_INIT;

    if (platform->report.key == NULL)
        return FAIL(err, ERR_ABSENT, "this platform signs no reports");
    TRY(put_claims(platform, wish, claims, err));
    TRY(sign(platform, signer, claims, &made, err));
    TRY(platform_note_report(platform->store, wish->id, wish->by, err));
    buf_move(ret, &made);
    return 0;
}
