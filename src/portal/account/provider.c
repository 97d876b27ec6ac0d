/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/account/provider.h"

#include "base/random_text.h"
#include "fetch/fetch.h"
#include "fetch/jwks.h"
#include "fetch/uri.h"
#include "http/form.h"
#include "portal/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 10000, ANSWER_MAX = 64 * 1024 };

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* ---- what it says of itself ---- */

struct provider_cache {
    pthread_mutex_t lock;
    struct provider provider;
    int64_t read_at;
    bool has_any;
    struct buf token; /* of the portal's own; empty: none */
    int64_t token_from, token_until;
};

int provider_cache_new(struct provider_cache **ret, struct err *err)
{
    struct provider_cache *cache = calloc(1, sizeof *cache);

    if (cache == NULL)
        return FAIL_NOMEM(err);
    if (pthread_mutex_init(&cache->lock, NULL) != 0) {
        free(cache);
        return FAIL_NOMEM(err);
    }
    *ret = cache;
    return 0;
}

void provider_cache_freep(struct provider_cache **cache)
{
    if (*cache == NULL)
        return;
    (void)pthread_mutex_destroy(&(*cache)->lock);
    buf_done(&(*cache)->token);
    free(*cache);
    *cache = NULL;
}

/* Where an address is asked: at the socket its path alone. */
static const char *target_of(const struct portal *portal, const char *url)
{
    const char *path;

    if (portal->app.socket == NULL)
        return url;
    path = strchr(strstr(url, "://") + strlen("://"), '/');
    return path == NULL ? "/" : path;
}

/* Nothing of the portal's goes to another host because the provider says so. */
static int copy_address(const struct json *body, const char *member, struct bytes origin, char *ret,
                        struct err *err)
{
    const char *text = NULL;
    struct uri uri;

    TRY(json_get_text(body, member, &text, err));
    TRY(uri_parse(text, &uri, err));
    if (strncmp(text, (const char *)origin.ptr, origin.len) != 0 || text[origin.len] != '/')
        return FAIL(err, ERR_INPUT, "\"%s\" is not at the issuer's origin", member);
    memcpy(ret, text, strlen(text) + 1);
    return 0;
}

static int read_configuration(const struct portal *portal, const struct json *body,
                              struct provider *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf origin = BUF_INIT;
    const char *issuer = NULL;
    struct uri uri;

    TRY(json_get_text(body, "issuer", &issuer, err));
    if (strcmp(issuer, portal->app.issuer) != 0)
        return FAIL(err, ERR_INPUT, "it calls itself by another name");
    TRY(uri_parse(issuer, &uri, err));
    TRY(uri_origin(&uri, &origin, err));
    TRY(copy_address(body, "authorization_endpoint", buf_bytes(&origin), ret->authorization, err));
    TRY(copy_address(body, "token_endpoint", buf_bytes(&origin), ret->token, err));
    TRY(copy_address(body, "jwks_uri", buf_bytes(&origin), ret->keys, err));
    return copy_address(body, "end_session_endpoint", buf_bytes(&origin), ret->logout, err);
}

static int ask_configuration(const struct portal *portal, struct provider *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    struct fetch_request request = {
        .socket = portal->app.socket, .timeout_ms = TIMEOUT_MS, .limit = ANSWER_MAX};
    const char *text;
    int rc;

    TRY(buf_append_format(&url, err, "%s/.well-known/openid-configuration", portal->app.issuer));
    TRY(buf_text(&url, &text, err));
    request.url = target_of(portal, text);
    rc = fetch(&request, &response, err);
    if (rc == 0 && response.json == NULL)
        rc = FAIL(err, ERR_INPUT, "no JSON");
    if (rc == 0)
        rc = read_configuration(portal, response.json, ret, err);
    return rc < 0 && rc != -ERR_NOMEM
               ? FAIL(err, ERR_REMOTE, "the provider of logins does not say where to log in")
               : rc;
}

int provider_get(const struct portal *portal, struct provider *ret, struct err *err)
{
    struct provider_cache *cache = portal->kept->provider;
    int64_t now = clock_now(portal->clock);
    struct provider fresh;
    bool is_fresh;

    (void)pthread_mutex_lock(&cache->lock);
    is_fresh = cache->has_any && now >= cache->read_at &&
               now - cache->read_at <= PORTAL_PROVIDER_SECONDS;
    if (is_fresh)
        *ret = cache->provider;
    (void)pthread_mutex_unlock(&cache->lock);
    if (is_fresh)
        return 0;
    TRY(ask_configuration(portal, &fresh, err));
    (void)pthread_mutex_lock(&cache->lock);
    cache->provider = fresh;
    cache->read_at = now;
    cache->has_any = true;
    (void)pthread_mutex_unlock(&cache->lock);
    *ret = fresh;
    return 0;
}

/* ---- codes ---- */

/* Who the portal is (RFC 7523, 3): once, for a minute, for this provider alone. */
static int make_assertion(const struct portal *portal, struct signer *signer, struct buf *ret,
                          struct err *err)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    int64_t now = clock_now(portal->clock);
    char jti[PORTAL_ID_SIZE];

    TRY(random_text(jti, sizeof jti, err));
    TRY(json_put_text(claims, "iss", portal->app.client_id, err));
    TRY(json_put_text(claims, "sub", portal->app.client_id, err));
    TRY(json_put_text(claims, "aud", portal->app.issuer, err));
    TRY(json_put_text(claims, "jti", jti, err));
    TRY(json_put_int(claims, "iat", now, err));
    TRY(json_put_int(claims, "exp", now + PORTAL_ASSERTION_SECONDS, err));
    TRY(jws_prepare(portal->assertion.alg, "JWT", portal->assertion.kid.text, claims, &input, err));
    TRY(signer_sign(signer, portal->app.key, SIGNER_TOKEN, buf_bytes(&input), &signature, err));
    return jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, err);
}

static int add(struct buf *form, const char *name, const char *value, struct err *err)
{
    TRY(buf_append_format(form, err, "%s%s=", form->len == 0 ? "" : "&", name));
    return fetch_escape(form, value, err);
}

static int add_client(struct buf *form, const char *assertion, struct err *err)
{
    TRY(add(form, "client_assertion_type", ASSERTION_TYPE, err));
    return add(form, "client_assertion", assertion, err);
}

static int make_form(const struct portal *portal, const char *assertion, const char *code,
                     const char *verifier, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf redirect = BUF_INIT;
    const char *text;

    TRY(buf_append_format(&redirect, err, "%s" PORTAL_CALLBACK, portal->origin));
    TRY(buf_text(&redirect, &text, err));
    TRY(add(ret, "grant_type", "authorization_code", err));
    TRY(add(ret, "code", code, err));
    TRY(add(ret, "redirect_uri", text, err));
    TRY(add(ret, "code_verifier", verifier, err));
    return add_client(ret, assertion, err);
}

static int ask_tokens(const struct portal *portal, const char *url, const struct buf *form,
                      struct fetch_response *ret, struct err *err)
{
    const struct fetch_content content = {HTTP_FORM_TYPE, buf_bytes(form)};
    const struct fetch_request request = {.socket = portal->app.socket,
                                          .url = target_of(portal, url),
                                          .content = &content,
                                          .timeout_ms = TIMEOUT_MS,
                                          .limit = ANSWER_MAX};
    struct err why = {0};
    int rc = fetch(&request, ret, &why);

    if (rc == -ERR_INPUT || rc == -ERR_DENIED)
        return FAIL(err, ERR_UNTRUSTED, "the provider of logins does not know this code");
    if (rc == -ERR_NOMEM)
        return err_copy(err, &why);
    if (rc < 0 || ret->json == NULL)
        return FAIL(err, ERR_REMOTE, "the provider of logins does not answer");
    return 0;
}

int provider_redeem(const struct portal *portal, struct signer *signer, const char *code,
                    const char *verifier, struct buf *ret_id_token, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf assertion = BUF_INIT;
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    struct provider provider;
    const char *text;

    TRY(provider_get(portal, &provider, err));
    TRY(make_assertion(portal, signer, &assertion, err));
    TRY(buf_text(&assertion, &text, err));
    TRY(make_form(portal, text, code, verifier, &form, err));
    TRY(ask_tokens(portal, provider.token, &form, &response, err));
    if (json_get_text(response.json, "id_token", &text, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the provider of logins gave no ID token");
    return buf_copy(bytes_text(text), ret_id_token, err);
}

/* ---- the portal's own token ---- */

int provider_address(const struct portal *portal, const char *path, struct buf *ret,
                     struct err *err)
{
    struct uri uri;

    if (portal->app.socket != NULL)
        return buf_append_text(ret, path, err);
    TRY(uri_parse(portal->app.issuer, &uri, err));
    TRY(uri_origin(&uri, ret, err));
    return buf_append_text(ret, path, err);
}

static int ask_token(const struct portal *portal, struct signer *signer, struct fetch_response *ret,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf assertion = BUF_INIT;
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    struct provider provider;
    struct err why = {0};
    const char *text;

    TRY(provider_get(portal, &provider, err));
    TRY(make_assertion(portal, signer, &assertion, err));
    TRY(buf_text(&assertion, &text, err));
    TRY(add(&form, "grant_type", "client_credentials", err));
    TRY(add(&form, "scope", "sign", err));
    TRY(add_client(&form, text, err));
    if (ask_tokens(portal, provider.token, &form, ret, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the authentication app gives the portal no token");
    return 0;
}

/* One that is good for a while longer than it takes to use it. */
static int kept_token(struct provider_cache *cache, int64_t now, struct buf *ret, struct err *err)
{
    int rc = -ERR_ABSENT;

    (void)pthread_mutex_lock(&cache->lock);
    if (cache->token.len > 0 && now >= cache->token_from && now < cache->token_until)
        rc = buf_copy(buf_bytes(&cache->token), ret, err);
    (void)pthread_mutex_unlock(&cache->lock);
    return rc;
}

int provider_token(const struct portal *portal, struct signer *signer, struct buf *ret,
                   struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct provider_cache *cache = portal->kept->provider;
    const int64_t now = clock_now(portal->clock);
    int rc = kept_token(cache, now, ret, err);
    const char *text;
    int64_t seconds;

    if (rc != -ERR_ABSENT)
        return rc;
    TRY(ask_token(portal, signer, &response, err));
    if (json_get_text(response.json, "access_token", &text, NULL) < 0 ||
        json_get_int(response.json, "expires_in", &seconds, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authentication app gave the portal no token");
    TRY(buf_copy(bytes_text(text), ret, err));
    (void)pthread_mutex_lock(&cache->lock);
    buf_done(&cache->token);
    rc = buf_copy(bytes_text(text), &cache->token, err);
    cache->token_from = now;
    cache->token_until = now + seconds - PORTAL_ASSERTION_SECONDS;
    (void)pthread_mutex_unlock(&cache->lock);
    return rc;
}

/* ---- ends ---- */

int provider_end(const struct portal *portal, const char *id_token, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    struct fetch_content content = {HTTP_FORM_TYPE, {NULL, 0}};
    struct fetch_request request = {.socket = portal->app.socket,
                                    .content = &content,
                                    .accept = "text/html",
                                    .timeout_ms = TIMEOUT_MS,
                                    .limit = ANSWER_MAX};
    struct provider provider;

    TRY(provider_get(portal, &provider, err));
    TRY(add(&form, "id_token_hint", id_token, err));
    TRY(add(&form, "client_id", portal->app.client_id, err));
    content.data = buf_bytes(&form);
    request.url = target_of(portal, provider.logout);
    return fetch(&request, &response, NULL) < 0
               ? FAIL(err, ERR_REMOTE, "the provider of logins does not end it")
               : 0;
}

/* ---- tokens ---- */

static bool has_text(const struct json *claims, const char *name, const char *wanted)
{
    const char *text = NULL;

    return json_get_text(claims, name, &text, NULL) == 0 && strcmp(text, wanted) == 0;
}

static int check_frame(const struct portal *portal, const struct json *claims, struct err *err)
{
    int64_t now = clock_now(portal->clock);
    int64_t begins;
    int64_t ends;

    if (!has_text(claims, "iss", portal->app.issuer))
        return FAIL(err, ERR_UNTRUSTED, "a token of another provider");
    if (!has_text(claims, "aud", portal->app.client_id) ||
        (json_has(claims, "azp") && !has_text(claims, "azp", portal->app.client_id)))
        return FAIL(err, ERR_UNTRUSTED, "a token for somebody else");
    if (json_get_int(claims, "iat", &begins, NULL) < 0 ||
        json_get_int(claims, "exp", &ends, NULL) < 0)
        return FAIL(err, ERR_UNTRUSTED, "a token without its time");
    if (begins > now + PORTAL_SKEW_SECONDS || now >= ends + PORTAL_SKEW_SECONDS ||
        now - begins > PORTAL_TOKEN_AGE)
        return FAIL(err, ERR_UNTRUSTED, "a token that does not count now");
    return 0;
}

int provider_check(const struct portal *portal, const char *token, const char *typ,
                   struct json **ret_claims, struct err *err)
{
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    CLEANUP(json_freep) struct json *keys = NULL;
    struct jwks_place place = {.socket = portal->app.socket};
    struct provider provider;
    struct err why = {0};

    if (jws_parse(bytes_text(token), &jws, &why) < 0)
        return FAIL(err, ERR_UNTRUSTED, "this is no token: %s", why.text);
    if (strcmp(jws.typ, typ) != 0)
        return FAIL(err, ERR_UNTRUSTED, "this is no token of that kind");
    TRY(provider_get(portal, &provider, err));
    place.url = target_of(portal, provider.keys);
    if (jwks_cache_get(portal->kept->jwks, &place, jws.kid, clock_now(portal->clock), &keys, NULL) <
        0)
        return FAIL(err, ERR_REMOTE, "the provider of logins does not show its keys");
    TRY(jws_verify_set(&jws, keys, err));
    TRY(check_frame(portal, jws.claims, err));
    *ret_claims = json_steal(&jws.claims);
    return 0;
}
