/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/client_proof.h"

#include "base/base64.h"
#include "crypto/digest.h"

#include <string.h>

#define UNRESERVED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

/* A member that is a text, or a list with it. */
static bool has_audience(const struct json *claims, const char *audience)
{
    const struct json *list = NULL;
    const char *text = NULL;

    if (json_get_text(claims, "aud", &text, NULL) == 0)
        return strcmp(text, audience) == 0;
    if (json_get_array(claims, "aud", &list, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_count(list); i++)
        if (json_text(json_at(list, i)) != NULL &&
            strcmp(json_text(json_at(list, i)), audience) == 0)
            return true;
    return false;
}

static bool has_name(const struct json *claims)
{
    const char *jti = NULL;

    return json_get_text(claims, "jti", &jti, NULL) == 0 && jti[0] != '\0';
}

enum assertion_fault assertion_judge(const struct json *claims, const char *const *audiences,
                                     int64_t now, int64_t *ret_ends)
{
    static const char *const begins[] = {"iat", "nbf"};
    int64_t at;

    if (json_get_int(claims, "exp", ret_ends, NULL) < 0 || now >= *ret_ends ||
        *ret_ends - now > ASSERTION_SECONDS + ASSERTION_SKEW)
        return ASSERTION_LATE;
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (json_has(claims, begins[i]) &&
            (json_get_int(claims, begins[i], &at, NULL) < 0 || at > now + ASSERTION_SKEW))
            return ASSERTION_EARLY;
    for (; *audiences != NULL; audiences++)
        if (has_audience(claims, *audiences))
            return has_name(claims) ? ASSERTION_FINE : ASSERTION_NAMELESS;
    return ASSERTION_FOREIGN;
}

const char *assertion_client(const struct json *claims)
{
    const char *issuer = NULL;
    const char *subject = NULL;

    if (json_get_text(claims, "iss", &issuer, NULL) < 0 ||
        json_get_text(claims, "sub", &subject, NULL) < 0 || strcmp(issuer, subject) != 0)
        return NULL;
    return issuer;
}

bool pkce_is_challenge(const char *challenge)
{
    const size_t len = strlen(challenge);

    return len > 0 && len <= PKCE_MAX && strspn(challenge, UNRESERVED) == len;
}

bool pkce_is_s256(const char *challenge)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT;

    return base64_decode(BASE64_URL, bytes_text(challenge), &hash, NULL) == 0 &&
           hash.len == digest_size(DIGEST_SHA256);
}

bool pkce_fits(const char *verifier, const char *challenge)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest hash;

    if (strlen(verifier) < PKCE_VERIFIER_MIN || !pkce_is_challenge(verifier))
        return false;
    return digest_compute(DIGEST_SHA256, bytes_text(verifier), &hash, NULL) == 0 &&
           base64_append(&text, BASE64_URL, digest_bytes(&hash), NULL) == 0 &&
           bytes_equal_secret(buf_bytes(&text), bytes_text(challenge));
}
