/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of OAuth prove: the example of RFC 7636, and assertions that are wrong. */
#include "crypto/client_proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1790000000 };

/* RFC 7636, appendix B. */
static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char challenge[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

static void a_verifier_is_of_one_challenge(void **state)
{
    char text[PKCE_MAX + 2];

    (void)state;
    assert_true(pkce_fits(verifier, challenge));
    assert_false(pkce_fits(verifier, verifier));
    assert_false(pkce_fits("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX", challenge));
    assert_false(pkce_fits("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX ", challenge));
    assert_false(pkce_is_challenge(""));
    memset(text, 'a', sizeof text);
    text[PKCE_MAX] = '\0';
    assert_true(pkce_is_challenge(text));
    text[PKCE_MAX] = 'a';
    text[PKCE_MAX + 1] = '\0';
    assert_false(pkce_is_challenge(text));
}

static void a_challenge_of_s256_is_a_hash(void **state)
{
    static const char *const wrong[] = {
        "",
        "a",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",   /* 42 */
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cMa", /* 44 */
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN", /* bits that are none of the hash */
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw.cM",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (pkce_is_s256(wrong[i]))
            fail_msg("%s", wrong[i]);
    assert_true(pkce_is_s256(challenge));
}

static enum assertion_fault judge(const char *text)
{
    static const char *const audiences[] = {"https://op/token", "https://op", NULL};
    CLEANUP(json_freep) struct json *claims = NULL;
    int64_t ends;

    assert_int_equal(json_parse(bytes_text(text), &claims, NULL), 0);
    return assertion_judge(claims, audiences, NOW, &ends);
}

#define JTI "\"jti\": \"1\", "

static void an_assertion_has_times_an_audience_and_a_name(void **state)
{
    static const struct {
        const char *claims;
        enum assertion_fault fault;
    } rows[] = {
        {"{" JTI "\"exp\": 1790000000, \"aud\": \"https://op\"}", ASSERTION_LATE},
        {"{" JTI "\"exp\": 1790000001, \"aud\": \"https://op\"}", ASSERTION_FINE},
        {"{" JTI "\"exp\": 1790000630, \"aud\": \"https://op\"}", ASSERTION_FINE},
        {"{" JTI "\"exp\": 1790000631, \"aud\": \"https://op\"}", ASSERTION_LATE},
        {"{" JTI "\"aud\": \"https://op\"}", ASSERTION_LATE},
        {"{" JTI "\"exp\": \"soon\", \"aud\": \"https://op\"}", ASSERTION_LATE},
        {"{" JTI "\"exp\": 1790000060, \"iat\": 1790000030, \"aud\": \"https://op\"}",
         ASSERTION_FINE},
        {"{" JTI "\"exp\": 1790000060, \"iat\": 1790000031, \"aud\": \"https://op\"}",
         ASSERTION_EARLY},
        {"{" JTI "\"exp\": 1790000060, \"nbf\": 1790000031, \"aud\": \"https://op\"}",
         ASSERTION_EARLY},
        {"{" JTI "\"exp\": 1790000060}", ASSERTION_FOREIGN},
        {"{" JTI "\"exp\": 1790000060, \"aud\": \"https://other\"}", ASSERTION_FOREIGN},
        {"{" JTI "\"exp\": 1790000060, \"aud\": [1, \"https://op/token\"]}", ASSERTION_FINE},
        {"{" JTI "\"exp\": 1790000060, \"aud\": [\"https://other\"]}", ASSERTION_FOREIGN},
        {"{\"exp\": 1790000060, \"aud\": \"https://op\"}", ASSERTION_NAMELESS},
        {"{\"exp\": 1790000060, \"aud\": \"https://op\", \"jti\": \"\"}", ASSERTION_NAMELESS},
        {"{\"exp\": 1790000060, \"aud\": \"https://op\", \"jti\": 1}", ASSERTION_NAMELESS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (judge(rows[i].claims) != rows[i].fault)
            fail_msg("%s", rows[i].claims);
}

static void it_is_from_whom_it_is_about(void **state)
{
    CLEANUP(json_freep) struct json *own = NULL;
    CLEANUP(json_freep) struct json *other = NULL;

    (void)state;
    assert_int_equal(json_parse(bytes_text("{\"iss\": \"a\", \"sub\": \"a\"}"), &own, NULL), 0);
    assert_int_equal(json_parse(bytes_text("{\"iss\": \"a\", \"sub\": \"b\"}"), &other, NULL), 0);
    assert_string_equal(assertion_client(own), "a");
    assert_null(assertion_client(other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verifier_is_of_one_challenge),
        cmocka_unit_test(a_challenge_of_s256_is_a_hash),
        cmocka_unit_test(an_assertion_has_times_an_audience_and_a_name),
        cmocka_unit_test(it_is_from_whom_it_is_about),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
