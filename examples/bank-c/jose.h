/* SPDX-License-Identifier: Apache-2.0 */
/* The little of JOSE that a provider needs, by OpenSSL and jansson: ES256 and base64url. */
#pragma once

#include <jansson.h>
#include <stddef.h>

enum {
    JOSE_OCTETS = 32,
    JOSE_TEXT = 44
}; /* 32 octets: a SHA-256, a nonce; as base64url with NUL */

/* Base64 as it is in JSON of the platform; free() it. */
char *jose_base64(const void *data, size_t size);
/* 32 random octets, or the SHA-256 of a text, as base64url; the latter as base64. */
void jose_random(char ret[JOSE_TEXT]);
void jose_sha256url(const char *text, char ret[JOSE_TEXT]);
void jose_sha256(const char *text, char ret[JOSE_TEXT + 1]);
/* Whether "v1," and the base64 of an HMAC-SHA256 is that of a text; the secret is base64, too. */
int jose_is_hmac(const char *secret, const char *text, const char *sent);

/* A compact JWS of the claims by a private JWK on P-256; free() it, NULL if that fails. */
char *jose_sign(const json_t *jwk, const json_t *claims);
/* The claims of a token that a key of the set has signed by ES256, else NULL. */
json_t *jose_verify(const char *token, const json_t *jwks);
