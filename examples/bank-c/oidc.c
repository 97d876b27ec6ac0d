/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc.h"

#include <string.h>
#include <time.h>

#define LOGOUT "http://schemas.openid.net/event/backchannel-logout"
#define PROOF  "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static json_t *provider; /* the discovery document */
static struct oidc_client own;

int oidc_start(const char *issuer, struct oidc_client client)
{
    own = client;
    provider = json_incref(
        ask(200, format("%s/.well-known/openid-configuration", issuer), NULL, NULL, NULL));
    return provider != NULL;
}

const char *oidc_begin(struct oidc_login *login, const char *scope)
{
    char challenge[JOSE_TEXT];

    jose_random(login->state);
    jose_random(login->nonce);
    jose_random(login->verifier);
    jose_sha256url(login->verifier, challenge);
    return format("%s?%s", text(provider, "authorization_endpoint"),
                  form("response_type", "code", "client_id", own.id, "redirect_uri", own.callback,
                       "scope", scope, "acr_values", "aal3 crl", "state", login->state, "nonce",
                       login->nonce, "code_challenge", challenge, "code_challenge_method", "S256",
                       "ui_locales", "ja", NULL));
}

/* The issuer is told since answers of two providers could be mixed up (RFC 9207). */
int oidc_comes_back(struct oidc_login *login, const struct visit *visit)
{
    int is_answer = strcmp(query(visit, "state"), login->state) == 0 &&
                    strcmp(query(visit, "iss"), text(provider, "issuer")) == 0;

    if (is_answer)
        jose_random(login->state);
    return is_answer;
}

/* What a grant gives; the client proves itself by a signature of its key (RFC 7523, 2.2). */
static const json_t *ask_tokens(const char *grant)
{
    const char *endpoint = text(provider, "token_endpoint");
    const json_int_t now = time(NULL);
    char jti[JOSE_TEXT];
    json_t *claims;

    jose_random(jti);
    claims = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "iss", own.id, "sub", own.id, "aud",
                       endpoint, "jti", jti, "iat", now, "exp", now + 60);
    return ask(200, endpoint, NULL, FORM,
               format("%s&%s", grant,
                      form("client_assertion_type", PROOF, "client_assertion",
                           keep(jose_sign(own.key, keep_json(claims))), NULL)));
}

static const char *bearer(const json_t *tokens)
{
    return format("Authorization: Bearer %s", text(tokens, "access_token"));
}

/* The claims of an ID token that is this provider's, for this client and this login, and counts. */
static const json_t *claims_of(const struct oidc_login *login, const char *id_token)
{
    const json_t *keys = ask(200, text(provider, "jwks_uri"), NULL, NULL, NULL);
    const json_t *claims = keep_json(jose_verify(id_token, keys));

    return strcmp(text(claims, "iss"), text(provider, "issuer")) == 0 &&
                   strcmp(text(claims, "aud"), own.id) == 0 &&
                   strcmp(text(claims, "nonce"), login->nonce) == 0 &&
                   json_integer_value(json_object_get(claims, "exp")) > time(NULL)
               ? claims
               : NULL;
}

static const json_t *redeem(const struct oidc_login *login, const char *code)
{
    return ask_tokens(form("grant_type", "authorization_code", "code", code, "redirect_uri",
                           own.callback, "code_verifier", login->verifier, NULL));
}

const json_t *oidc_claims(const struct oidc_login *login, const char *code)
{
    return claims_of(login, text(redeem(login, code), "id_token"));
}

const json_t *oidc_person(const struct oidc_login *login, const char *code)
{
    const json_t *tokens = redeem(login, code);
    const json_t *claims = claims_of(login, text(tokens, "id_token")), *person;

    if (claims == NULL)
        return NULL;
    person = ask(200, text(provider, "userinfo_endpoint"), bearer(tokens), NULL, NULL);
    return person != NULL && strcmp(text(person, "sub"), text(claims, "sub")) == 0 ? person : NULL;
}

const json_t *oidc_ended(const char *logout_token)
{
    const json_t *keys = ask(200, text(provider, "jwks_uri"), NULL, NULL, NULL);
    const json_t *claims = keep_json(jose_verify(logout_token, keys));

    return strcmp(text(claims, "iss"), text(provider, "issuer")) == 0 &&
                   strcmp(text(claims, "aud"), own.id) == 0 &&
                   json_object_get(json_object_get(claims, "events"), LOGOUT) != NULL &&
                   json_object_get(claims, "nonce") == NULL &&
                   json_integer_value(json_object_get(claims, "exp")) > time(NULL)
               ? claims
               : NULL;
}

const char *oidc_own_token(const char *scope)
{
    return bearer(ask_tokens(form("grant_type", "client_credentials", "scope", scope, NULL)));
}
