/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a client was believed, or not, at an endpoint for clients: how it came and how it is
 * registered, and each thing that an assertion is held against (authapp/client/auth.c), with what
 * was expected and what was seen. Nothing of a secret, and no signature, is among it.
 */
#include "programs/jpki-authappd/powers_parts.h"

#include "authapp/client/jwks.h"
#include "authapp/client/store.h"
#include "base/file.h"
#include "http/form.h"

#include <string.h>

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* What is told about one assertion. */
struct explained {
    const struct http_call *call;
    const struct authapp *authapp;
    const struct http_fields *fields;
    const struct client *client; /* NULL: there is none of that name */
    struct jws jws;
    struct json *checks; /* an array */
    bool holds;          /* all so far */
};

static void explained_done(struct explained *explained)
{
    jws_done(&explained->jws);
    json_free(explained->checks);
}

/* As it was sent; null if it is not there. */
static int put_seen(struct json *row, const struct json *claims, const char *claim, struct err *err)
{
    const struct json *list = NULL;
    const char *text = NULL;
    struct json *copy = NULL;
    int64_t number = 0;

    if (json_get_text(claims, claim, &text, NULL) == 0)
        return json_put_text(row, "seen", text, err);
    if (json_get_int(claims, claim, &number, NULL) == 0)
        return json_put_int(row, "seen", number, err);
    if (json_get_array(claims, claim, &list, NULL) < 0)
        return json_put_optional(row, "seen", json_has(claims, claim) ? "of another type" : NULL,
                                 err);
    TRY(json_duplicate(list, &copy, err));
    return json_put(row, "seen", copy, err);
}

/* A row without what was seen. */
static int row_new(struct explained *explained, const char *claim, const char *expected, bool holds,
                   struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *row = json_object_new();

    explained->holds = explained->holds && holds;
    TRY(json_put_text(row, "claim", claim, err));
    TRY(json_put_text(row, "expected", expected, err));
    TRY(json_put_bool(row, "holds", holds, err));
    *ret = json_steal(&row);
    return 0;
}

static int add_claim(struct explained *explained, const char *claim, const char *expected,
                     bool holds, struct err *err)
{
    CLEANUP(json_freep) struct json *row = NULL;

    TRY(row_new(explained, claim, expected, holds, &row, err));
    TRY(put_seen(row, explained->jws.claims, claim, err));
    return json_add(explained->checks, json_steal(&row), err);
}

/* What stands elsewhere than in the claims; seen may be NULL. */
static int add_text(struct explained *explained, const char *claim, const char *expected,
                    const char *seen, bool holds, struct err *err)
{
    CLEANUP(json_freep) struct json *row = NULL;

    TRY(row_new(explained, claim, expected, holds, &row, err));
    TRY(json_put_optional(row, "seen", seen, err));
    return json_add(explained->checks, json_steal(&row), err);
}

static int check_names(struct explained *explained, struct err *err)
{
    const struct json *claims = explained->jws.claims;
    const char *id = http_form_get(explained->fields, "client_id");
    const char *issuer = NULL;
    const char *subject = NULL;
    bool has_issuer = json_get_text(claims, "iss", &issuer, NULL) == 0;
    bool is_alike = has_issuer && json_get_text(claims, "sub", &subject, NULL) == 0 &&
                    strcmp(issuer, subject) == 0;

    TRY(add_claim(explained, "iss", "the id of a registered client", explained->client != NULL,
                  err));
    TRY(add_claim(explained, "sub", "the same as iss", is_alike, err));
    return id == NULL ? 0
                      : add_text(explained, "client_id", "the same as iss", id,
                                 has_issuer && strcmp(id, issuer) == 0, err);
}

/* A member that is this text, or a list with it. */
static bool is_audience(const struct json *claims, const char *audience)
{
    const struct json *list = NULL;
    const char *text = NULL;

    if (json_get_text(claims, "aud", &text, NULL) == 0)
        return strcmp(text, audience) == 0;
    if (json_get_array(claims, "aud", &list, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_count(list); i++) {
        text = json_text(json_at(list, i));
        if (text != NULL && strcmp(text, audience) == 0)
            return true;
    }
    return false;
}

static int check_audience(struct explained *explained, struct err *err)
{
    const struct authapp *authapp = explained->authapp;
    const struct json *claims = explained->jws.claims;
    CLEANUP(free_text) char *endpoint = NULL;
    CLEANUP(free_text) char *expected = NULL;

    TRY(path_format(&endpoint, err, "%s%s", authapp->origin, explained->call->request.path));
    TRY(path_format(&expected, err, "%s or %s", endpoint, authapp->issuer));
    return add_claim(explained, "aud", expected,
                     is_audience(claims, endpoint) || is_audience(claims, authapp->issuer), err);
}

static int check_times(struct explained *explained, struct err *err)
{
    static const char *const begins[] = {"iat", "nbf"};
    const struct json *claims = explained->jws.claims;
    int64_t now = clock_now(explained->authapp->clock);
    int64_t last = now + AUTHAPP_ASSERTION_SECONDS + AUTHAPP_SKEW_SECONDS;
    CLEANUP(free_text) char *ends = NULL;
    CLEANUP(free_text) char *begun = NULL;
    int64_t at = 0;

    TRY(path_format(&ends, err, "after %lld and at most %lld", (long long)now, (long long)last));
    TRY(path_format(&begun, err, "at most %lld", (long long)(now + AUTHAPP_SKEW_SECONDS)));
    bool holds = json_get_int(claims, "exp", &at, NULL) == 0 && at > now && at <= last;
    TRY(add_claim(explained, "exp", ends, holds, err));
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        if (!json_has(claims, begins[i]))
            continue;
        holds = json_get_int(claims, begins[i], &at, NULL) == 0 && at <= now + AUTHAPP_SKEW_SECONDS;
        TRY(add_claim(explained, begins[i], begun, holds, err));
    }
    return 0;
}

/* Key ids that the client registered or publishes, with commas between. */
static int list_kids(const struct json *set, struct buf *ret, struct err *err)
{
    const struct json *keys = NULL;
    const char *kid = NULL;

    if (json_get_array(set, "keys", &keys, NULL) < 0)
        return 0;
    for (size_t i = 0; i < json_count(keys); i++)
        if (json_get_text(json_at(keys, i), "kid", &kid, NULL) == 0)
            TRY(buf_append_format(ret, err, "%s%s", ret->len == 0 ? "" : ", ", kid));
    return 0;
}

static int check_signature(struct explained *explained, struct err *err)
{
    const struct jws *jws = &explained->jws;
    CLEANUP(json_freep) struct json *keys = NULL;
    CLEANUP(buf_done) struct buf kids = BUF_INIT;
    const char *text = "";
    struct err why = {0};
    int rc;

    if (explained->client == NULL)
        return 0;
    rc = client_keys(explained->authapp, explained->client, jws, &keys, &why);
    if (rc < 0)
        return add_text(explained, "signature", "by a key of the client's", why.text, false, err);
    TRY(list_kids(keys, &kids, err));
    TRY(buf_text(&kids, &text, err));
    TRY(add_text(explained, "kid", text, jws->kid[0] == '\0' ? NULL : jws->kid,
                 jws->kid[0] == '\0' || strstr(text, jws->kid) != NULL, err));
    rc = jws_verify_set(jws, keys, &why);
    return add_text(explained, "signature", "by a key of the client's",
                    rc == 0 ? jws_alg_name(jws->alg) : why.text, rc == 0, err);
}

/* Only what held in everything else is noted as used; so what was refused all the same was. */
static int check_once(struct explained *explained, struct err *err)
{
    const char *jti = NULL;
    bool is_there = json_get_text(explained->jws.claims, "jti", &jti, NULL) == 0 && jti[0] != '\0';
    bool was_used = is_there && explained->holds && explained->call->response.status == 401;

    return add_text(explained, "jti", "one that was not used before",
                    was_used ? "used before" : jti, is_there && !was_used, err);
}

static int put_parsed(const struct jws *jws, struct json *object, struct err *err)
{
    CLEANUP(json_freep) struct json *header = json_object_new();
    struct json *claims = NULL;

    TRY(json_put_text(header, "alg", jws_alg_name(jws->alg), err));
    TRY(json_put_optional(header, "kid", jws->kid[0] == '\0' ? NULL : jws->kid, err));
    TRY(json_put_optional(header, "typ", jws->typ[0] == '\0' ? NULL : jws->typ, err));
    TRY(json_put(object, "header", json_steal(&header), err));
    TRY(json_duplicate(jws->claims, &claims, err));
    return json_put(object, "claims", claims, err);
}

static int check_all(struct explained *explained, const char *assertion, struct json *object,
                     struct err *err)
{
    const char *type = http_form_get(explained->fields, "client_assertion_type");
    struct err why = {0};

    TRY(add_text(explained, "client_assertion_type", ASSERTION_TYPE, type,
                 type != NULL && strcmp(type, ASSERTION_TYPE) == 0, err));
    if (jws_parse(bytes_text(assertion), &explained->jws, &why) < 0)
        return add_text(explained, "client_assertion", "a JWT with alg, kid and typ alone",
                        why.text, false, err);
    TRY(put_parsed(&explained->jws, object, err));
    TRY(check_names(explained, err));
    TRY(check_times(explained, err));
    TRY(check_audience(explained, err));
    TRY(check_signature(explained, err));
    return check_once(explained, err);
}

static int explain_assertion(struct explained *explained, const char *assertion, struct json *debug,
                             struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    explained->checks = json_array_new();
    TRY(check_all(explained, assertion, object, err));
    TRY(json_put_int(object, "now", clock_now(explained->authapp->clock), err));
    TRY(json_put(object, "checks", json_steal(&explained->checks), err));
    return json_put(debug, "assertion", json_steal(&object), err);
}

/* Every way that the request tries. */
static int put_ways(const struct http_call *call, const struct http_fields *fields,
                    struct json *debug, struct err *err)
{
    const bool is_there[CLIENT_AUTHS_] = {
        [CLIENT_PRIVATE_KEY_JWT] = http_form_get(fields, "client_assertion") != NULL,
        [CLIENT_SECRET_BASIC] = http_header(&call->request, "Authorization") != NULL,
        [CLIENT_SECRET_POST] = http_form_get(fields, "client_secret") != NULL,
    };
    CLEANUP(json_freep) struct json *ways = json_array_new();

    for (size_t i = 0; i < CLIENT_AUTHS_; i++)
        if (is_there[i])
            TRY(json_add_text(ways, client_auth_names[i], err));
    return json_put(debug, "came_with", json_steal(&ways), err);
}

/* As it says itself: in its assertion, or beside it. */
static const char *name_of(const char *assertion, const struct http_fields *fields, struct jws *jws)
{
    const char *name = NULL;

    if (assertion != NULL && jws_parse(bytes_text(assertion), jws, NULL) == 0 &&
        json_get_text(jws->claims, "iss", &name, NULL) == 0)
        return name;
    return http_form_get(fields, "client_id");
}

int debug_client(const struct http_call *call, const struct http_fields *fields, struct json *debug,
                 struct err *err)
{
    const struct authapp *authapp = call->context;
    const char *assertion = http_form_get(fields, "client_assertion");
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    CLEANUP(explained_done)
    struct explained explained = {.call = call,
                                  .authapp = authapp,
                                  .fields = fields,
                                  .client = &client,
                                  .jws = JWS_INIT,
                                  .holds = true};
    const char *name = name_of(assertion, fields, &jws);

    TRY(put_ways(call, fields, debug, err));
    if (name == NULL || authapp_get_client(authapp->store, name, &client, NULL) < 0)
        explained.client = NULL;
    TRY(json_put_optional(debug, "registered_for",
                          explained.client == NULL ? NULL : client_auth_names[client.auth], err));
    return assertion == NULL ? 0 : explain_assertion(&explained, assertion, debug, err);
}
