/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_jws.h"

#include "crypto/jws.h"

#include <string.h>

enum { CLAIMS_MAX = 14 };

/* Claims in the first row have to be there, those in the second may. */
static const struct {
    const char *typ, *must[CLAIMS_MAX], *may[CLAIMS_MAX];
    enum jws_tokens of;
} types[] = {
    /* OpenID Connect Core 1.0, 2 */
    {"JWT",
     {"iss", "sub", "aud", "exp", "iat"},
     {"auth_time", "nonce", "acr", "amr", "azp", "at_hash", "sid", "person_reference"}},
    /* OpenID Connect Back-Channel Logout 1.0, 2.4 */
    {"logout+jwt", {"iss", "aud", "exp", "iat", "jti", "events"}, {"sub", "sid"}},
    /* docs/validation-report.md */
    {"verification-report+jwt",
     {"iss", "aud", "iat", "jti", "clock", "verification"},
     {NULL},
     JWS_REPORT},
    /* RFC 7523, 3; OpenID Connect Core 1.0, 9 */
    {"JWT", {"iss", "sub", "aud", "exp", "iat", "jti"}, {NULL}, JWS_ASSERTION},
};

static int check_claims(const struct json *claims, size_t type, struct err *err)
{
    const char *known[2 * CLAIMS_MAX + 1] = {NULL};
    size_t count = 0;

    for (const char *const *name = types[type].must; *name != NULL; name++) {
        if (!json_has(claims, *name))
            return FAIL(err, ERR_UNTRUSTED, "a %s without \"%s\"", types[type].typ, *name);
        known[count++] = *name;
    }
    for (const char *const *name = types[type].may; *name != NULL; name++)
        known[count++] = *name;
    if (json_only(claims, known, NULL) < 0)
        return FAIL(err, ERR_UNTRUSTED, "a %s with claims that do not belong to it",
                    types[type].typ);
    return 0;
}

/* What a report says of a verification: nothing of a certificate or a person. */
static int check_verification(const struct json *claims, struct err *err)
{
    static const char *const known[] = {"id",          "verdict", "reasons",    "purpose", "kind",
                                        "verified_at", "digest",  "signatures", NULL};
    static const char *const of_signature[] = {"verdict", "covers", NULL};
    const struct json *verification;
    const struct json *signatures;

    TRY(json_get_object(claims, "verification", &verification, err));
    if (json_only(verification, known, NULL) < 0)
        return FAIL(err, ERR_UNTRUSTED, "a report that says more than belongs to it");
    if (!json_has(verification, "signatures"))
        return 0;
    TRY(json_get_array(verification, "signatures", &signatures, err));
    for (size_t i = 0; i < json_count(signatures); i++)
        if (json_only(json_at(signatures, i), of_signature, NULL) < 0)
            return FAIL(err, ERR_UNTRUSTED, "a report that says more than belongs to it");
    return 0;
}

/* Whoever signs it is whom it speaks of. */
static int check_assertion(const struct json *claims, struct err *err)
{
    const char *issuer;
    const char *subject;

    TRY(json_get_text(claims, "iss", &issuer, err));
    TRY(json_get_text(claims, "sub", &subject, err));
    return strcmp(issuer, subject) == 0
               ? 0
               : FAIL(err, ERR_UNTRUSTED, "an assertion about somebody else");
}

static int (*const checks[JWS_TOKENS_])(const struct json *claims, struct err *err) = {
    [JWS_REPORT] = check_verification, [JWS_ASSERTION] = check_assertion};

static int check_type(const struct jws_rules *rules, const struct jws *jws, struct err *err)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].typ, jws->typ) != 0 || types[i].of != rules->tokens)
            continue;
        TRY(check_claims(jws->claims, i, err));
        return checks[rules->tokens] == NULL ? 0 : checks[rules->tokens](jws->claims, err);
    }
    return FAIL(err, ERR_UNTRUSTED, "a token of a type that is not known here");
}

static int check_times(const struct jws_rules *rules, const struct json *claims, struct err *err)
{
    int64_t issued;
    int64_t ends;

    TRY(json_get_int(claims, "iat", &issued, err));
    if (rules->tokens == JWS_REPORT)
        return issued >= 0 ? 0 : FAIL(err, ERR_UNTRUSTED, "a report of before 1970");
    TRY(json_get_int(claims, "exp", &ends, err));
    if (issued < 0 || ends <= issued || ends - issued > rules->seconds)
        return FAIL(err, ERR_UNTRUSTED, "a token that is not good for 1 to %lld seconds",
                    (long long)rules->seconds);
    return 0;
}

static int check_header(const struct jws *jws, const struct pubkey *key, struct err *err)
{
    struct jwk_thumbprint kid;
    enum jws_alg alg;

    TRY(jws_alg_of(pubkey_kind(key), &alg, err));
    if (jws->alg != alg)
        return FAIL(err, ERR_UNTRUSTED, "this key signs with %s", jws_alg_name(alg));
    TRY(jwk_thumbprint(key, &kid, err));
    if (strcmp(kid.text, jws->kid) != 0)
        return FAIL(err, ERR_UNTRUSTED, "a token that names another key");
    return 0;
}

int role_jws_check(const struct jws_rules *rules, const struct pubkey *key, struct bytes input,
                   struct err *err)
{
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    const char *issuer;
    const char *audience;

    TRY(jws_parse_input(input, &jws, err));
    TRY(check_header(&jws, key, err));
    TRY(check_type(rules, &jws, err));
    TRY(json_get_text(jws.claims, "iss", &issuer, err));
    TRY(json_get_text(jws.claims, "aud", &audience, err));
    if (strcmp(issuer, rules->issuer) != 0)
        return FAIL(err, ERR_UNTRUSTED, "a token of another issuer than %s", rules->issuer);
    if (audience[0] == '\0')
        return FAIL(err, ERR_UNTRUSTED, "a token for nobody");
    return check_times(rules, jws.claims, err);
}
