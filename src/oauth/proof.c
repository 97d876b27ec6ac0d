/* SPDX-License-Identifier: Apache-2.0 */
/* What proves a code or a client. */
#include "oauth/oauth.h"

#include "base/base64.h"

#include <string.h>

enum { VERIFIER_MIN = 43, VERIFIER_MAX = 128 };

#define UNRESERVED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

bool oauth_verifier_fits(const char *verifier, const char *challenge)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest hash;

    if (challenge[0] == '\0' || verifier == NULL)
        return challenge[0] == '\0' && verifier == NULL;
    if (strlen(verifier) < VERIFIER_MIN || strlen(verifier) > VERIFIER_MAX ||
        strspn(verifier, UNRESERVED) != strlen(verifier))
        return false;
    return digest_compute(DIGEST_SHA256, bytes_text(verifier), &hash, NULL) == 0 &&
           base64_append(&text, BASE64_URL, digest_bytes(&hash), NULL) == 0 &&
           bytes_equal_secret(buf_bytes(&text), bytes_text(challenge));
}

const char *oauth_assertion_name(const struct jws *jws)
{
    const char *issuer = NULL;
    const char *subject = NULL;

    if (json_get_text(jws->claims, "iss", &issuer, NULL) < 0 ||
        json_get_text(jws->claims, "sub", &subject, NULL) < 0 || strcmp(issuer, subject) != 0)
        return NULL;
    return issuer;
}

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

static struct oauth_error check_times(const struct json *claims,
                                      const struct oauth_assertion_rules *rules, int64_t *ret_ends)
{
    static const char *const begins[] = {"iat", "nbf"};
    int64_t at;

    if (json_get_int(claims, "exp", ret_ends, NULL) < 0 || rules->now >= *ret_ends ||
        *ret_ends - rules->now > rules->seconds + rules->skew)
        return (struct oauth_error){"invalid_client",
                                    "the assertion is late, or good for more than 10 minutes"};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (json_has(claims, begins[i]) &&
            (json_get_int(claims, begins[i], &at, NULL) < 0 || at > rules->now + rules->skew))
            return (struct oauth_error){"invalid_client", "the assertion is from the future"};
    return OAUTH_NO_ERROR;
}

struct oauth_error oauth_assertion_check(const struct json *claims,
                                         const struct oauth_assertion_rules *rules,
                                         int64_t *ret_ends)
{
    const struct oauth_error error = check_times(claims, rules, ret_ends);

    if (error.code != NULL)
        return error;
    for (const char *const *audience = rules->audiences; *audience != NULL; audience++)
        if (has_audience(claims, *audience))
            return OAUTH_NO_ERROR;
    return (struct oauth_error){"invalid_client", "the assertion is for somebody else"};
}

int oauth_assertion_once(const struct json *claims, struct digest *ret, struct err *err)
{
    const char *jti = NULL;

    if (json_get_text(claims, "jti", &jti, NULL) < 0 || jti[0] == '\0')
        return FAIL(err, ERR_CONFLICT, "the assertion has no jti");
    return digest_compute(DIGEST_SHA256, bytes_text(jti), ret, err);
}
