/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/token/idtoken.h"

#include "authapp/powers.h"
#include "base/base64.h"
#include "base/random_text.h"

enum { HASH_HALF = 16 };

#define LOGOUT_EVENT "http://schemas.openid.net/event/backchannel-logout"

/* What both kinds begin with. */
static int put_frame(const struct authapp *authapp, const struct id_token *about,
                     struct json *claims, struct err *err)
{
    int64_t now = clock_now(authapp->clock);

    TRY(json_put_text(claims, "iss", authapp->issuer, err));
    TRY(json_put_text(claims, "sub", about->grant->sub, err));
    TRY(json_put_text(claims, "aud", about->client->id, err));
    TRY(json_put_int(claims, "iat", now, err));
    TRY(json_put_int(claims, "exp", now + AUTHAPP_ID_TOKEN_SECONDS, err));
    return json_put_text(claims, "sid", about->grant->sid, err);
}

/* Left half of the hash, SHA-256 with both algorithms (Core 1.0, 3.1.3.6). */
static int put_hash(struct json *claims, const char *access_token, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest hash;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(access_token), &hash, err));
    TRY(base64_append(&text, BASE64_URL, bytes_part(digest_bytes(&hash), 0, HASH_HALF), err));
    return json_put_bytes(claims, "at_hash", buf_bytes(&text), err);
}

/* A smart card and its PIN (RFC 8176, 2). */
static int put_methods(struct json *claims, struct err *err)
{
    CLEANUP(json_freep) struct json *methods = json_array_new();

    TRY(json_add_text(methods, "sc", err));
    TRY(json_add_text(methods, "pin", err));
    return json_put(claims, "amr", json_steal(&methods), err);
}

int id_token_make(const struct authapp *authapp, struct signer *signer,
                  const struct id_token *about, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    const struct token_wish wish = {about->client->id_token_alg, "JWT", claims};
    const struct grant *grant = about->grant;

    TRY(put_frame(authapp, about, claims, err));
    TRY(json_put_int(claims, "auth_time", grant->auth_time, err));
    TRY(json_put_text(claims, "acr", "aal3", err));
    TRY(put_methods(claims, err));
    TRY(put_hash(claims, about->access_token, err));
    if (about->is_first && grant->nonce[0] != '\0')
        TRY(json_put_text(claims, "nonce", grant->nonce, err));
    if (about->reference != NULL)
        TRY(json_put_text(claims, "person_reference", about->reference, err));
    if (authapp->powers == NULL)
        return token_keys_sign(&authapp->keys, signer, &wish, ret, err);
    TRY(authapp->powers->change_claims(claims, err));
    TRY(token_keys_sign(&authapp->keys, signer, &wish, ret, err));
    return authapp->powers->change_token(ret, err);
}

int logout_token_make(const struct authapp *authapp, struct signer *signer,
                      const struct id_token *about, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(json_freep) struct json *events = json_object_new();
    const struct token_wish wish = {about->client->id_token_alg, "logout+jwt", claims};
    char jti[AUTHAPP_ID_SIZE];

    TRY(put_frame(authapp, about, claims, err));
    TRY(random_text(jti, sizeof jti, err));
    TRY(json_put_text(claims, "jti", jti, err));
    TRY(json_put(events, LOGOUT_EVENT, json_object_new(), err));
    TRY(json_put(claims, "events", json_steal(&events), err));
    return token_keys_sign(&authapp->keys, signer, &wish, ret, err);
}
