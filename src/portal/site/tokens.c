/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/site/tokens.h"

#include "base/base64.h"
#include "base/random_text.h"
#include "fetch/fetch.h"

enum { HASH_HALF = 16, NOTICE_MS = 5000 };

#define LOGOUT_EVENT "http://schemas.openid.net/event/backchannel-logout"
#define FORM_TYPE    "application/x-www-form-urlencoded"

static int put_frame(const struct portal *portal, const char *sub, const char *site,
                     struct json *claims, struct err *err)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    int64_t now = clock_now(portal->clock);

    TRY(buf_append_format(&issuer, err, "%s" SITE_ISSUER, portal->origin));
    TRY(json_put_bytes(claims, "iss", buf_bytes(&issuer), err));
    TRY(json_put_text(claims, "sub", sub, err));
    TRY(json_put_text(claims, "aud", site, err));
    TRY(json_put_int(claims, "iat", now, err));
    return json_put_int(claims, "exp", now + SITE_TOKEN_SECONDS, err);
}

static int sign(const struct portal *portal, const char *typ, const struct json *claims,
                struct buf *ret, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    TRY(signer_open(portal->sites.signer, &signer, err));
    TRY(jws_prepare(portal->token.alg, typ, portal->token.kid.text, claims, &input, err));
    TRY(signer_sign(signer, portal->sites.key, SIGNER_TOKEN, buf_bytes(&input), &signature, err));
    return jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, err);
}

/* ---- ID tokens ---- */

/* Left half of the hash (Core 1.0, 3.1.3.6). */
static int put_hash(struct json *claims, const char *access_token, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest hash;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(access_token), &hash, err));
    TRY(base64_append(&text, BASE64_URL, bytes_part(digest_bytes(&hash), 0, HASH_HALF), err));
    return json_put_bytes(claims, "at_hash", buf_bytes(&text), err);
}

/* The portal's own login was with a card and its PIN (RFC 8176, 2), however long ago. */
static int put_methods(struct json *claims, struct err *err)
{
    CLEANUP(json_freep) struct json *methods = json_array_new();

    TRY(json_add_text(methods, "sc", err));
    TRY(json_add_text(methods, "pin", err));
    TRY(json_put_text(claims, "acr", "aal3", err));
    return json_put(claims, "amr", json_steal(&methods), err);
}

int site_id_token(const struct portal *portal, const struct site_login *login,
                  const char *access_token, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();

    TRY(put_frame(portal, login->sub, login->site, claims, err));
    TRY(json_put_text(claims, "sid", login->sid, err));
    TRY(json_put_int(claims, "auth_time", login->auth_time, err));
    TRY(json_put_text(claims, "nonce", login->nonce, err));
    TRY(put_methods(claims, err));
    TRY(put_hash(claims, access_token, err));
    return sign(portal, "JWT", claims, ret, err);
}

/* For one site, from here, with a name that it may know. */
static int read_hint(const struct portal *portal, const char *site, const struct json *claims,
                     char ret_sub[PORTAL_ID_SIZE], struct err *err)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *iss = NULL, *aud = NULL;

    TRY(buf_append_format(&issuer, err, "%s" SITE_ISSUER, portal->origin));
    TRY(json_get_text(claims, "iss", &iss, err));
    TRY(json_get_text(claims, "aud", &aud, err));
    if (!bytes_equal(bytes_text(iss), buf_bytes(&issuer)) || strcmp(aud, site) != 0)
        return FAIL(err, ERR_UNTRUSTED, "a token for somebody else");
    return json_copy_text(claims, "sub", ret_sub, PORTAL_ID_SIZE, err);
}

int site_hint_read(const struct portal *portal, const char *site, const char *text,
                   char ret_sub[PORTAL_ID_SIZE], struct err *err)
{
    CLEANUP(jws_done) struct jws jws = JWS_INIT;

    /* A logout token has the same issuer and another type. */
    if (jws_parse(bytes_text(text), &jws, NULL) < 0 || strcmp(jws.typ, "JWT") != 0 ||
        jws_verify(&jws, portal->token.public, NULL) < 0 ||
        read_hint(portal, site, jws.claims, ret_sub, NULL) < 0)
        return FAIL(err, ERR_UNTRUSTED, "this is no ID token for this site");
    return 0;
}

/* ---- logout tokens ---- */

static int site_logout_token(const struct portal *portal, const struct site_telling *telling,
                             struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(json_freep) struct json *events = json_object_new();
    char jti[PORTAL_ID_SIZE];

    TRY(put_frame(portal, telling->sub, telling->site, claims, err));
    if (telling->sid[0] != '\0')
        TRY(json_put_text(claims, "sid", telling->sid, err));
    TRY(random_text(jti, sizeof jti, err));
    TRY(json_put_text(claims, "jti", jti, err));
    TRY(json_put(events, LOGOUT_EVENT, json_object_new(), err));
    TRY(json_put(claims, "events", json_steal(&events), err));
    return sign(portal, "logout+jwt", claims, ret, err);
}

/* A site that is no longer in the file has nobody to be told. */
static int tell(const struct portal *portal, const struct site_telling *telling, bool *ret_is_told,
                struct err *err)
{
    const struct site_row *site = sites_find(portal->sites.list, telling->site);
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    struct fetch_content content = {FORM_TYPE, {NULL, 0}};
    struct fetch_request request = {
        .content = &content, .timeout_ms = NOTICE_MS, .is_public = portal_is_public(portal)};

    *ret_is_told = true;
    if (site == NULL)
        return 0;
    TRY(site_logout_token(portal, telling, &token, err));
    TRY(buf_append_text(&form, "logout_token=", err));
    TRY(buf_append(&form, buf_bytes(&token), err));
    content.data = buf_bytes(&form);
    request.url = site->logout_uri;
    *ret_is_told = fetch(&request, &response, NULL) == 0;
    return 0;
}

int site_tell_one(const struct portal *portal, struct err *err)
{
    struct site_telling telling;
    bool is_told;

    TRY(site_telling_next(portal->store, clock_now(portal->clock), &telling, err));
    TRY(tell(portal, &telling, &is_told, err));
    return site_telling_done(portal->store, &telling, is_told, clock_now(portal->clock), err);
}
