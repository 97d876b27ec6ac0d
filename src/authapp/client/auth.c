/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/client/auth.h"

#include "authapp/client/jwks.h"
#include "authapp/client/store.h"
#include "base/base64.h"
#include "crypto/client_proof.h"
#include "http/syntax.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* How a client tried to prove itself. */
struct attempt {
    enum client_auth auth;
    const char *id; /* as it says; NULL: an assertion says it */
    const char *secret;
    const char *assertion;
};

static const struct oauth_error wrong = {"invalid_client",
                                         "this is no client, or not the way it proves itself"};
static const struct oauth_error twice = {"invalid_request",
                                         "a client proves itself in one way only"};

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* "id:secret", each percent-encoded (RFC 6749, 2.3.1). */
static bool read_basic(const struct http_call *call, const char *text, struct attempt *ret)
{
    CLEANUP(buf_done) struct buf pair = BUF_INIT;
    CLEANUP(buf_done) struct buf query = BUF_INIT;
    struct http_fields fields = {NULL, 0};
    const uint8_t *colon;

    if (base64_decode(BASE64_PADDED, bytes_text(text), &pair, NULL) < 0)
        return false;
    colon = memchr(pair.ptr, ':', pair.len);
    if (colon == NULL)
        return false;
    if (buf_append_text(&query, "i=", NULL) < 0 ||
        buf_append(&query, bytes_of(pair.ptr, (size_t)(colon - pair.ptr)), NULL) < 0 ||
        buf_append_text(&query, "&s=", NULL) < 0 ||
        buf_append(&query, bytes_part(buf_bytes(&pair), (size_t)(colon - pair.ptr) + 1, pair.len),
                   NULL) < 0)
        return false;
    if (http_query_decode(call->request.arena, buf_bytes(&query), &fields, NULL) < 0 ||
        fields.count != 2)
        return false;
    *ret = (struct attempt){CLIENT_SECRET_BASIC, fields.at[0].value, fields.at[1].value, NULL};
    return true;
}

/* What is there; two ways at once are none. */
static struct oauth_error read_attempt(const struct http_call *call,
                                       const struct http_fields *fields, struct attempt *ret)
{
    static const char scheme[] = "Basic ";
    const char *header = http_header(&call->request, "Authorization");
    const char *id = http_form_get(fields, "client_id");
    const char *secret = http_form_get(fields, "client_secret");
    const char *assertion = http_form_get(fields, "client_assertion");
    const char *type = http_form_get(fields, "client_assertion_type");

    if ((header != NULL) + (secret != NULL) + (assertion != NULL) > 1)
        return twice;
    if (header != NULL) {
        if (strncasecmp(header, scheme, strlen(scheme)) != 0 ||
            !read_basic(call, header + strlen(scheme), ret))
            return wrong;
        return id == NULL || strcmp(id, ret->id) == 0 ? OAUTH_NO_ERROR : wrong;
    }
    if (assertion != NULL && (type == NULL || strcmp(type, ASSERTION_TYPE) != 0))
        return (struct oauth_error){"invalid_client", "client_assertion_type is not that of a JWT"};
    if (assertion == NULL && (id == NULL || secret == NULL))
        return wrong;
    *ret = (struct attempt){assertion == NULL ? CLIENT_SECRET_POST : CLIENT_PRIVATE_KEY_JWT, id,
                            secret, assertion};
    return OAUTH_NO_ERROR;
}

static bool is_secret(const struct client *client, const char *secret)
{
    struct digest hash;

    return client->has_secret &&
           digest_compute(DIGEST_SHA256, bytes_text(secret), &hash, NULL) == 0 &&
           bytes_equal_secret(digest_bytes(&hash), digest_bytes(&client->secret));
}

/* ---- assertions ---- */

/* The endpoint, or the issuer (RFC 7523, 3; draft-ietf-oauth-rfc7523bis). */
static struct oauth_error judge(const struct http_call *call, const struct json *claims,
                                int64_t *ret_ends)
{
    static const struct oauth_error faults[] = {
        [ASSERTION_FINE] = {NULL, NULL},
        [ASSERTION_LATE] = {"invalid_client",
                            "the assertion is late, or good for more than 10 minutes"},
        [ASSERTION_EARLY] = {"invalid_client", "the assertion is from the future"},
        [ASSERTION_FOREIGN] = {"invalid_client", "the assertion is for somebody else"},
        [ASSERTION_NAMELESS] = {"invalid_client", "the assertion has no jti"},
    };
    const struct authapp *authapp = call->context;
    char endpoint[2 * FETCH_URI_MAX];
    const char *const audiences[] = {endpoint, authapp->issuer, NULL};

    (void)snprintf(endpoint, sizeof endpoint, "%s%s", authapp->origin, call->request.path);
    return faults[assertion_judge(claims, audiences, clock_now(authapp->clock), ret_ends)];
}

/* Who it says it is, said alike in all places. */
static const char *name_in(const struct jws *jws, const struct attempt *attempt)
{
    const char *name = assertion_client(jws->claims);

    return attempt->id == NULL || (name != NULL && strcmp(attempt->id, name) == 0) ? name : NULL;
}

static int use_once(const struct authapp *authapp, const struct client *client,
                    const struct json *claims, int64_t ends, struct err *err)
{
    const char *jti = NULL;
    struct digest hash;

    TRY(json_get_text(claims, "jti", &jti, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(jti), &hash, err));
    return authapp_use_assertion(authapp->store, client->id, &hash, ends, clock_now(authapp->clock),
                                 err);
}

static int check_assertion(const struct http_call *call, const struct attempt *attempt,
                           const struct client *client, struct oauth_error *ret_error,
                           struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    CLEANUP(json_freep) struct json *keys = NULL;
    int64_t ends = 0;
    int rc;

    TRY(jws_parse(bytes_text(attempt->assertion), &jws, err));
    *ret_error = judge(call, jws.claims, &ends);
    if (ret_error->code != NULL)
        return 0;
    rc = client_keys(authapp, client, &jws, &keys, err);
    if (rc == 0)
        rc = jws_verify_set(&jws, keys, err);
    if (rc == 0)
        rc = use_once(authapp, client, jws.claims, ends, err);
    if (rc == -ERR_UNTRUSTED || rc == -ERR_INPUT || rc == -ERR_CONFLICT) {
        *ret_error = (struct oauth_error){
            "invalid_client", "the assertion is not signed by this client, or was used before"};
        return 0;
    }
    return rc;
}

static int find(const struct http_call *call, const struct attempt *attempt, struct client *ret,
                struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    const char *id = attempt->id;

    if (attempt->assertion != NULL) {
        if (jws_parse(bytes_text(attempt->assertion), &jws, NULL) < 0)
            return FAIL(err, ERR_ABSENT, "no assertion");
        id = name_in(&jws, attempt);
    }
    if (id == NULL)
        return FAIL(err, ERR_ABSENT, "an assertion of nobody");
    return authapp_get_client(authapp->store, id, ret, err);
}

int client_authenticate(const struct http_call *call, const struct http_fields *fields,
                        struct client *ret, struct oauth_error *ret_error, struct err *err)
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    struct attempt attempt = {.id = NULL};
    int rc;

    *ret_error = read_attempt(call, fields, &attempt);
    if (ret_error->code != NULL)
        return 0;
    rc = find(call, &attempt, &client, err);
    if (rc == -ERR_ABSENT || (rc == 0 && client.auth != attempt.auth)) {
        *ret_error = wrong;
        return 0;
    }
    TRY(rc);
    if (attempt.assertion != NULL)
        TRY(check_assertion(call, &attempt, &client, ret_error, err));
    else if (!is_secret(&client, attempt.secret))
        *ret_error = wrong;
    if (ret_error->code != NULL)
        return 0;
    *ret = client;
    client.metadata = NULL;
    return 0;
}
