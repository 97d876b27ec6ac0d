/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_jws.h"

#include "base/base64.h"
#include "crypto/jws.h"
#include "crypto/privkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ISSUER "https://op.example/api/realms/main"
#define FRAME  "\"iss\":\"" ISSUER "\",\"aud\":\"bank\",\"iat\":1000,\"exp\":1300"
#define ID     FRAME ",\"sub\":\"s\""
#define LOGOUT FRAME ",\"jti\":\"j\",\"events\":{}"

static const struct jws_rules rules = {ISSUER, 300};
static struct pubkey *key, *rsa;
static struct jwk_thumbprint kid;

static struct pubkey *public_of(const struct privkey *private)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct pubkey *ret = NULL;

    assert_int_equal(privkey_spki(private, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &ret, NULL), 0);
    return ret;
}

static int set_up(void **state)
{
    CLEANUP(privkey_freep) struct privkey *point = NULL;
    CLEANUP(privkey_freep) struct privkey *old = NULL;

    (void)state;
    assert_int_equal(privkey_generate_p256(&point, NULL), 0);
    assert_int_equal(privkey_generate(2048, &old, NULL), 0);
    key = public_of(point);
    rsa = public_of(old);
    return jwk_thumbprint(key, &kid, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    pubkey_freep(&key);
    pubkey_freep(&rsa);
    return 0;
}

static int check_input(const char *header, const char *claims, struct err *err)
{
    CLEANUP(buf_done) struct buf input = BUF_INIT;

    assert_int_equal(base64_append(&input, BASE64_URL, bytes_text(header), NULL), 0);
    assert_int_equal(buf_append_byte(&input, '.', NULL), 0);
    assert_int_equal(base64_append(&input, BASE64_URL, bytes_text(claims), NULL), 0);
    return role_jws_check(&rules, key, buf_bytes(&input), err);
}

/* These claims under the header of an honest provider. */
static int check(const char *typ, const char *claims, struct err *err)
{
    char header[256];
    char object[512];

    (void)snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%s\"}", typ,
                   kid.text);
    (void)snprintf(object, sizeof object, "{%s}", claims);
    return check_input(header, object, err);
}

static void assert_refused(const char *typ, const char *claims, const char *why)
{
    struct err err = {.text = ""};

    assert_int_equal(check(typ, claims, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, why);
}

static void what_is_no_signing_input_is_refused(void **state)
{
    (void)state;
    assert_int_equal(role_jws_check(&rules, key, BYTES_LITERAL(""), NULL), -ERR_INPUT);
    assert_int_equal(role_jws_check(&rules, key, BYTES_LITERAL("e30.e30.AA"), NULL), -ERR_INPUT);
    assert_int_equal(check_input("{\"alg\":\"none\"}", "{" ID "}", NULL), -ERR_INPUT);
    assert_int_equal(check("JWT", ID ",\"iat\":1", NULL), -ERR_INPUT); /* a member twice */
    assert_int_equal(check("JWT", "", NULL), -ERR_UNTRUSTED);
}

static void another_key_algorithm_or_type_is_refused(void **state)
{
    char header[256];

    (void)state;
    assert_int_equal(check_input("{\"alg\":\"ES256\",\"typ\":\"JWT\"}", "{" ID "}", NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(
        check_input("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"x\"}", "{" ID "}", NULL),
        -ERR_UNTRUSTED);
    (void)snprintf(header, sizeof header, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"%s\"}",
                   kid.text);
    assert_int_equal(check_input(header, "{" ID "}", NULL), -ERR_UNTRUSTED);
    assert_refused("at+jwt", ID, "a token of a type that is not known here");
    assert_refused("", ID, "a token of a type that is not known here");
}

static void claims_of_another_token_are_refused(void **state)
{
    static const char other[] = "a JWT with claims that do not belong to it";

    (void)state;
    assert_refused("JWT", ID ",\"name\":\"somebody\"", other);
    assert_refused("JWT", ID ",\"scope\":\"openid\"", other);
    assert_refused("JWT", ID ",\"events\":{}", other);
    assert_refused("JWT", FRAME, "a JWT without \"sub\"");
    /* Back-Channel Logout 1.0, 2.4: a logout token is never an ID token. */
    assert_refused("logout+jwt", LOGOUT ",\"nonce\":\"n\"",
                   "a logout+jwt with claims that do not belong to it");
    assert_refused("logout+jwt", FRAME ",\"jti\":\"j\"", "a logout+jwt without \"events\"");
}

static void another_issuer_nobody_and_no_end_are_refused(void **state)
{
    static const char times[] = "a token that is not good for 1 to 300 seconds";
    static const char start[] = "\"iss\":\"" ISSUER "\",\"aud\":\"b\",\"sub\":\"s\",";
    char claims[256];

    (void)state;
    assert_refused("JWT",
                   "\"iss\":\"https://op.example\",\"aud\":\"b\",\"sub\":\"s\",\"iat\":1,\"exp\":2",
                   "a token of another issuer than " ISSUER);
    assert_refused("JWT", "\"iss\":\"" ISSUER "\",\"aud\":\"\",\"sub\":\"s\",\"iat\":1,\"exp\":2",
                   "a token for nobody");
    (void)snprintf(claims, sizeof claims, "%s\"iat\":1000,\"exp\":1301", start);
    assert_refused("JWT", claims, times);
    (void)snprintf(claims, sizeof claims, "%s\"iat\":1000,\"exp\":1000", start);
    assert_refused("JWT", claims, times);
    (void)snprintf(claims, sizeof claims, "%s\"iat\":-1,\"exp\":10", start);
    assert_refused("JWT", claims, times);
}

/* A report has no end, so its key must sign nothing that lets somebody in. */
static const struct jws_rules reports = {ISSUER, 300, JWS_REPORT};
static const struct jws_rules assertions = {ISSUER, 300, JWS_ASSERTION};
#define REPORT                                                                                     \
    "\"iss\":\"" ISSUER "\",\"aud\":\"bank\",\"iat\":1000,\"jti\":\"j\",\"clock\":\"platform\""
#define VERDICT "\"id\":\"v\",\"verdict\":\"valid\""

static int check_by(const struct jws_rules *by, const char *typ, const char *claims)
{
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    char header[256];

    (void)snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%s\"}", typ,
                   kid.text);
    assert_int_equal(base64_append(&input, BASE64_URL, bytes_text(header), NULL), 0);
    assert_int_equal(buf_append_byte(&input, '.', NULL), 0);
    assert_int_equal(base64_append(&input, BASE64_URL, bytes_text(claims), NULL), 0);
    return role_jws_check(by, key, buf_bytes(&input), NULL);
}

static int check_report(const char *typ, const char *claims)
{
    return check_by(&reports, typ, claims);
}

static void a_key_for_reports_signs_nothing_else_and_nothing_more(void **state)
{
    static const char typ[] = "verification-report+jwt";

    (void)state;
    assert_int_equal(check_report("JWT", "{" ID "}"), -ERR_UNTRUSTED);
    assert_int_equal(check_report("logout+jwt", "{" LOGOUT "}"), -ERR_UNTRUSTED);
    assert_int_equal(check_report(typ, "{" REPORT "}"), -ERR_UNTRUSTED);
    assert_int_equal(check_report(typ, "{" REPORT ",\"sub\":\"s\",\"verification\":{" VERDICT "}}"),
                     -ERR_UNTRUSTED);
    assert_int_equal(check_report(typ, "{" REPORT ",\"verification\":{" VERDICT ",\"serial\":1}}"),
                     -ERR_UNTRUSTED);
    assert_int_equal(check_report(typ, "{" REPORT ",\"verification\":{" VERDICT
                                       ",\"signatures\":[{\"verdict\":"
                                       "\"valid\",\"attributes\":{}}]}}"),
                     -ERR_UNTRUSTED);
    assert_int_equal(check_report(typ, "{" REPORT ",\"verification\":1}"), -ERR_INPUT);
    assert_refused(typ, REPORT ",\"verification\":{" VERDICT "}",
                   "a token of a type that is not known here");
    assert_int_equal(check_report(typ, "{" REPORT ",\"verification\":{" VERDICT "}}"), 0);
}

static void a_key_for_assertions_says_who_it_is_and_nothing_else(void **state)
{
#define ASSERTION "\"iss\":\"" ISSUER "\",\"aud\":\"op\",\"iat\":1000,\"exp\":1060"
    static const char *const refused[] = {
        "{" ID "}",
        "{" ASSERTION ",\"jti\":\"j\"}",
        "{" ASSERTION ",\"sub\":\"" ISSUER "\"}",
        "{" ASSERTION ",\"jti\":\"j\",\"sub\":\"somebody\"}",
        "{" ASSERTION ",\"jti\":\"j\",\"sub\":\"" ISSUER "\",\"nonce\":\"n\"}",
        "{\"iss\":\"" ISSUER "\",\"sub\":\"" ISSUER
        "\",\"aud\":\"op\",\"iat\":1000,\"exp\":1301,\"jti\":\"j\"}",
        "{\"iss\":\"x\",\"sub\":\"x\",\"aud\":\"op\",\"iat\":1000,\"exp\":1060,\"jti\":\"j\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_int_equal(check_by(&assertions, "JWT", refused[i]), -ERR_UNTRUSTED);
    assert_int_equal(check_by(&assertions, "logout+jwt", "{" LOGOUT "}"), -ERR_UNTRUSTED);
    assert_int_equal(
        check_by(&assertions, "JWT", "{" ASSERTION ",\"jti\":\"j\",\"sub\":\"" ISSUER "\"}"), 0);
}

static void tokens_of_both_types_are_approved(void **state)
{
    (void)state;
    assert_int_equal(check("JWT", ID ",\"nonce\":\"n\",\"auth_time\":999,\"acr\":\"aal3\"", NULL),
                     0);
    assert_int_equal(check("logout+jwt", LOGOUT ",\"sid\":\"x\"", NULL), 0);
}

static void an_rsa_key_signs_by_its_own_algorithm(void **state)
{
    CLEANUP(json_freep) struct json *claims = NULL;
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    struct jwk_thumbprint name;

    (void)state;
    assert_int_equal(json_parse(BYTES_LITERAL("{" ID "}"), &claims, NULL), 0);
    assert_int_equal(jwk_thumbprint(rsa, &name, NULL), 0);
    assert_int_equal(jws_prepare(JWS_RS256, "JWT", name.text, claims, &input, NULL), 0);
    assert_int_equal(role_jws_check(&rules, rsa, buf_bytes(&input), NULL), 0);
    assert_int_equal(role_jws_check(&rules, key, buf_bytes(&input), NULL), -ERR_UNTRUSTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_signing_input_is_refused),
        cmocka_unit_test(another_key_algorithm_or_type_is_refused),
        cmocka_unit_test(claims_of_another_token_are_refused),
        cmocka_unit_test(another_issuer_nobody_and_no_end_are_refused),
        cmocka_unit_test(a_key_for_reports_signs_nothing_else_and_nothing_more),
        cmocka_unit_test(a_key_for_assertions_says_who_it_is_and_nothing_else),
        cmocka_unit_test(tokens_of_both_types_are_approved),
        cmocka_unit_test(an_rsa_key_signs_by_its_own_algorithm),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
