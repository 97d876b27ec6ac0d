/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a library of OpenID Connect does where there is one, for the profile of jpki-authappd:
 * state, nonce and PKCE at each login, private_key_jwt, ID tokens by ES256. One provider and one
 * client.
 */
#pragma once

#include "jose.h"
#include "kit.h"

struct oidc_client {
    const char *id, *callback;
    const json_t *key; /* the private JWK */
};
/* Read the provider's discovery document; 0 if it does not answer. */
int oidc_start(const char *issuer, struct oidc_client client);

/* A login of somebody, to be kept under the cookie of his browser. */
struct oidc_login {
    char state[JOSE_TEXT], nonce[JOSE_TEXT], verifier[JOSE_TEXT];
};
/* Where the browser is to be sent. */
const char *oidc_begin(struct oidc_login *login, const char *scope);
/* Whether a visit is the answer to this login, for the first time, and from this provider. */
int oidc_comes_back(struct oidc_login *login, const struct visit *visit);
/* The claims of whoever has logged in, by the code of that visit; NULL if the login does not hold.
 */
const json_t *oidc_claims(const struct oidc_login *login, const char *code);
/* The claims of a logout token for us (Back-Channel Logout 1.0, 2.6), else NULL: who is out. */
const json_t *oidc_ended(const char *logout_token);
/* The userinfo of whoever has logged in, by the code of that visit; NULL if the login does not
 * hold. */
const json_t *oidc_person(const struct oidc_login *login, const char *code);
/* The field Authorization with a token of our own (client_credentials) for a scope. */
const char *oidc_own_token(const char *scope);
