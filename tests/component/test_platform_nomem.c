/* SPDX-License-Identifier: Apache-2.0 */
/* A platform verifies and logs in with every allocation failing once. */
#include "crypto/bound.h"
#include "platform/authentication/authentication.h"
#include "platform/login/login.h"
#include "platform/verification/verification.h"
#include "support/failalloc.h"
#include "support/platform_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct test_pki pki;
static struct privkey *token;
static struct platform_site site;
static struct digest document;
static struct buf jwe;
static struct buf signature;
static struct opened_login opened;

static int set_up(void **state)
{
    (void)state;
    test_pki_make(&pki);
    assert_int_equal(privkey_generate(2048, &token, NULL), 0);
    token_signer = (struct token_signer){.key = token};
    platform_site_make(&site, &pki);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&jwe);
    buf_done(&signature);
    platform_site_done(&site);
    test_pki_done(&pki);
    privkey_freep(&token);
    return 0;
}

/* The certificate of this kind, and its key's signature over the digest. */
static void prepare(enum profile_kind kind, const struct digest *digest)
{
    buf_done(&jwe);
    buf_done(&signature);
    platform_site_encrypt(&site, pki.certs[kind], &jwe);
    assert_int_equal(privkey_sign(pki.keys[kind], digest, &signature, NULL), 0);
}

static int verify(void *context)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct verification_request request = {
        .client_id = "bank", .digest = document, .signature = buf_bytes(&signature)};
    struct signer *signer;

    (void)context;
    TRY(buf_text(&jwe, &request.certificate, NULL));
    TRY(signer_open("", &signer, NULL));
    TRY(verification_make(&site.platform, signer, &request, &finding, NULL));
    assert_int_equal(finding.report.verdict, VERDICT_VALID);
    return 0;
}

static void a_verification_without_memory_fails_and_is_never_another_verdict(void **state)
{
    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &document, NULL),
                     0);
    prepare(PROFILE_SIGN, &document);
    assert_true(every_failed_allocation(verify, NULL) > 10);
}

static int answer(void *context)
{
    struct login_answer given = {.session = opened.login.session,
                                 .signature = buf_bytes(&signature),
                                 .secret = opened.secret};
    struct signer *signer;

    (void)context;
    TRY(buf_text(&jwe, &given.certificate, NULL));
    TRY(signer_open("", &signer, NULL));
    return login_answer(&site.platform, signer, &given, NULL);
}

static void a_login_without_memory_stays_open(void **state)
{
    struct bound bound = {.origin = PLATFORM_SITE_ORIGIN, .client_id = "bank"};
    struct digest digest;
    char subject[LOGIN_SUBJECT_SIZE];

    (void)state;
    assert_int_equal(login_open(&site.platform, "bank", &opened, NULL), 0);
    bound.session = opened.login.session;
    bound.nonce = BYTES_ARRAY(opened.login.nonce);
    bound.expires_at = opened.login.expires_at;
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    prepare(PROFILE_AUTH, &digest);
    assert_true(every_failed_allocation(answer, NULL) > 10);
    assert_int_equal(
        login_redeem(&site.platform, opened.login.session, opened.secret, NULL, subject, NULL), 0);
}

static int authenticate(void *context)
{
    static const struct tenant bank = {"bank", "Bank", "https://bank.example"};
    CLEANUP(authentication_done) struct authentication made = AUTHENTICATION_INIT;
    struct authentication_request request = {.tenant = &bank, .message = *(struct bound *)context};
    struct signer *signer;

    request.auth.signature = buf_bytes(&signature);
    TRY(buf_text(&jwe, &request.auth.certificate, NULL));
    TRY(signer_open("", &signer, NULL));
    TRY(authentication_make(&site.platform, signer, &request, &made, NULL));
    assert_int_equal(made.report.verdict, VERDICT_VALID);
    return 0;
}

static void an_authentication_without_memory_has_not_counted(void **state)
{
    static const uint8_t nonce[BOUND_NONCE_SIZE] = {1};
    struct bound bound = {.origin = "https://bank.example",
                          .client_id = "behind",
                          .session = "s",
                          .nonce = BYTES_ARRAY(nonce),
                          .expires_at = TEST_PKI_NOW};
    struct digest digest;

    (void)state;
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    prepare(PROFILE_AUTH, &digest);
    assert_true(every_failed_allocation(authenticate, &bound) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verification_without_memory_fails_and_is_never_another_verdict),
        cmocka_unit_test(a_login_without_memory_stays_open),
        cmocka_unit_test(an_authentication_without_memory_has_not_counted),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
