/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform with revocation = crl: what each list makes of a signature and of a login. Nothing is
 * ever valid because a list is missing, old, early or not the CA's.
 */
#include "platform/login/login.h"
#include "platform/verification/verification.h"

#include "base/file.h"
#include "crypto/bound.h"
#include "support/platform_site.h"
#include "support/signed.h"
#include "support/token_signer.h"
#include "verify/crl_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = TEST_PKI_NOW, HOUR = 3600, SERIAL = 2, AUTH_SERIAL = 0x8000 };

static struct test_pki pki;
static struct privkey *stranger; /* the key of a CA with the same name */
static struct privkey *token;
static struct platform_site site;
static struct signer *signer;
static struct digest document;
static struct tempdir dir; /* of the lists */

static const struct revocation revoked[] = {{SERIAL, NOW - 50, CRL_AFFILIATION_CHANGED}};
static const struct revocation held[] = {{SERIAL, NOW - 50, CRL_CERTIFICATE_HOLD}};
static const struct revocation others[] = {{SERIAL + 1, NOW - 50, CRL_SUPERSEDED}};
static const struct revocation no_login[] = {{AUTH_SERIAL, NOW - 50, CRL_KEY_COMPROMISE}};

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    assert_int_equal(privkey_generate(2048, &stranger, NULL), 0);
    assert_int_equal(privkey_generate(2048, &token, NULL), 0);
    return digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &document, NULL);
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    privkey_freep(&stranger);
    privkey_freep(&token);
    return 0;
}

/* As jpki-platformd does it with crls. */
static void use_lists(void)
{
    static const struct crl_limits limits = {16, 100};
    const struct anchors *const cas[] = {site.platform.sign_cas, site.platform.auth_cas};

    site.platform.status = NULL;
    site.platform.policy = REVOCATION_CRL;
    site.platform.ocsp.socket = "/nowhere"; /* is not asked: lists say all there is to be said */
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(crl_lists_new(cas[i], &limits, &site.platform.lists[i], NULL), 0);
        assert_int_equal(crl_lists_set_path(site.platform.lists[i], dir.path, NULL), 0);
    }
}

static int set_up(void **state)
{
    (void)state;
    token_signer = (struct token_signer){.key = token};
    dir = tempdir_make();
    platform_site_make(&site, &pki);
    use_lists();
    return signer_open("", &signer, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    platform_site_done(&site);
    tempdir_done(&dir);
    return 0;
}

/* ---- lists ---- */

static struct test_list list_of(const struct revocation *entries)
{
    struct test_list list = test_list_of(&pki, NOW);

    list.entries = entries;
    list.count = entries == NULL ? 0 : 1;
    return list;
}

/* The auth CA's list for the place of the holder's other certificate. */
static struct test_list auth_list_of(const struct revocation *entries)
{
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA]);
    struct test_list list = list_of(entries);

    list.head.issuer = ca->subject;
    list.head.authority_key_id = ca->subject_key_id;
    list.head.distribution_point = x509_cert_tbs(pki.certs[PROFILE_AUTH])->distribution_point;
    list.signer = pki.keys[PROFILE_AUTH_CA];
    return list;
}

static void save_bytes(const char *name, struct bytes der)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_replace(tempdir_file(&dir, name, path), 0600, der, NULL), 0);
}

static void save(const char *name, const struct test_list *list)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    test_list_make(list, &der);
    save_bytes(name, buf_bytes(&der));
}

/* ---- questions ---- */

static void judge(struct finding *ret)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct verification_request request = {.client_id = "bank", .digest = document};

    platform_site_encrypt(&site, pki.certs[PROFILE_SIGN], &jwe);
    assert_int_equal(buf_text(&jwe, &request.certificate, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &document, &signature, NULL), 0);
    request.signature = buf_bytes(&signature);
    assert_int_equal(verification_make(&site.platform, signer, &request, ret, NULL), 0);
}

static void assert_verdict(enum verdict verdict)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;

    judge(&finding);
    assert_int_equal(finding.report.verdict, verdict);
    assert_int_equal(finding.signer != NULL, verdict == VERDICT_VALID);
}

/* How a login ends. */
static int log_in(void)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct opened_login opened;
    struct digest digest;

    assert_int_equal(login_open(&site.platform, "bank", &opened, NULL), 0);
    const struct bound bound = {.origin = PLATFORM_SITE_ORIGIN,
                                .client_id = opened.tenant.client_id,
                                .session = opened.login.session,
                                .nonce = BYTES_ARRAY(opened.login.nonce),
                                .expires_at = opened.login.expires_at};
    struct login_answer answer = {.session = opened.login.session, .secret = opened.secret};

    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    platform_site_encrypt(&site, pki.certs[PROFILE_AUTH], &jwe);
    assert_int_equal(buf_text(&jwe, &answer.certificate, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_AUTH], &digest, &signature, NULL), 0);
    answer.signature = buf_bytes(&signature);
    return login_answer(&site.platform, signer, &answer, NULL);
}

/* ---- tests ---- */

static void without_a_list_nothing_is_known(void **state)
{
    (void)state;
    assert_verdict(VERDICT_INDETERMINATE);
    assert_int_equal(log_in(), -ERR_REMOTE);
}

/* The list of the certificate's place is missing; that of another place is there. */
static void a_missing_shard_leaves_it_open(void **state)
{
    struct test_list list = list_of(others);
    struct test_list auth = auth_list_of(NULL);
    CLEANUP(buf_done) struct buf elsewhere = BUF_INIT;

    (void)state;
    assert_int_equal(buf_copy(list.head.distribution_point, &elsewhere, NULL), 0);
    elsewhere.ptr[elsewhere.len - 1] ^= 1; /* the last letter of its name */
    list.head.distribution_point = buf_bytes(&elsewhere);
    save("other-place.crl", &list);
    save("auth.crl", &auth); /* of the other kind of certificate */
    assert_verdict(VERDICT_INDETERMINATE);
    list = list_of(others);
    save("place.crl", &list);
    assert_verdict(VERDICT_VALID);
}

static void a_list_that_is_over_leaves_it_open(void **state)
{
    struct test_list list = list_of(others);

    (void)state;
    list.head.this_update = NOW - 3 * HOUR;
    list.head.next_update = NOW - HOUR;
    save("stale.crl", &list);
    assert_verdict(VERDICT_INDETERMINATE);
    site.clock = clock_fixed(NOW - 2 * HOUR);
    assert_verdict(VERDICT_VALID); /* it was good then */
}

static void a_list_from_the_future_leaves_it_open(void **state)
{
    struct test_list list = list_of(others);

    (void)state;
    list.head.this_update = NOW + HOUR;
    list.head.next_update = NOW + 3 * HOUR;
    save("future.crl", &list);
    assert_verdict(VERDICT_INDETERMINATE);
    site.clock = clock_fixed(NOW + 2 * HOUR);
    assert_verdict(VERDICT_VALID);
}

static void a_list_of_a_look_alike_ca_says_nothing(void **state)
{
    struct test_list list = list_of(NULL);

    (void)state;
    list.signer = stranger;
    save("forged.crl", &list);
    assert_verdict(VERDICT_INDETERMINATE);
    list.head.authority_key_id = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA])->subject_key_id;
    save("foreign.crl", &list);
    assert_verdict(VERDICT_INDETERMINATE);
    list = list_of(revoked);
    save("true.crl", &list);
    assert_verdict(VERDICT_INVALID); /* and they keep nothing back */
}

static void a_list_that_was_damaged_says_nothing(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct test_list list = list_of(others);

    (void)state;
    test_list_make(&list, &der);
    save_bytes("cut.crl", bytes_part(buf_bytes(&der), 0, der.len - 1));
    der.ptr[der.len / 2] ^= 1;
    save_bytes("changed.crl", buf_bytes(&der));
    save_bytes("none.crl", BYTES_LITERAL("no list"));
    assert_verdict(VERDICT_INDETERMINATE);
}

static void who_is_revoked_is_refused_and_told_no_more(void **state)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct test_list list = list_of(revoked);
    struct test_list auth = auth_list_of(no_login);

    (void)state;
    save("sign.crl", &list);
    save("auth.crl", &auth);
    judge(&finding);
    assert_int_equal(finding.report.verdict, VERDICT_INVALID);
    assert_true(report_has(&finding.report, REASON_REVOKED));
    assert_int_equal(finding.report.reason_count, 1);
    assert_int_equal(log_in(), -ERR_UNTRUSTED);
}

/* Held and revoked are one for a provider; a newer list without the entry releases. */
static void a_hold_ends_with_a_newer_list(void **state)
{
    struct test_list list = list_of(held);

    (void)state;
    list.head.number = 2;
    save("2.crl", &list);
    assert_verdict(VERDICT_INVALID);
    list = list_of(others);
    list.head.number = 1; /* of before: says nothing against the one that is newer */
    list.head.this_update -= HOUR;
    save("1.crl", &list);
    assert_verdict(VERDICT_INVALID);
    list.head.number = 3;
    list.head.this_update = NOW - 60;
    save("3.crl", &list);
    assert_verdict(VERDICT_VALID);
}

static void who_is_not_listed_logs_in(void **state)
{
    struct test_list list = auth_list_of(others);

    (void)state;
    save("auth.crl", &list);
    assert_int_equal(log_in(), 0);
    list = auth_list_of(no_login);
    list.head.number = 2;
    list.head.this_update = NOW - 60;
    save("newer.crl", &list);
    assert_int_equal(log_in(), -ERR_UNTRUSTED);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(without_a_list_nothing_is_known),
        WITH_SITE(a_missing_shard_leaves_it_open),
        WITH_SITE(a_list_that_is_over_leaves_it_open),
        WITH_SITE(a_list_from_the_future_leaves_it_open),
        WITH_SITE(a_list_of_a_look_alike_ca_says_nothing),
        WITH_SITE(a_list_that_was_damaged_says_nothing),
        WITH_SITE(who_is_revoked_is_refused_and_told_no_more),
        WITH_SITE(a_hold_ends_with_a_newer_list),
        WITH_SITE(who_is_not_listed_logs_in),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
