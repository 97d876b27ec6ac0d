/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of which one byte was changed before the CA signed them: what is valid to us is
 * valid to libcrypto, too, and what all certificates of a CA have in common changes no answer.
 */
#include "support/signed.h"
#include "verify/certificate.h"
#include "verify/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct test_pki pki;
static struct anchors *anchors;
static struct path_store *store;

static void add_list(enum profile_kind ca)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[ca]);
    struct test_list list = test_list_of(&pki, TEST_PKI_NOW);
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    list.head.issuer = tbs->subject;
    list.head.authority_key_id = tbs->subject_key_id;
    list.head.distribution_point = (struct bytes){NULL, 0}; /* everything */
    list.head.scope = CRL_SCOPE_ALL;
    list.signer = pki.keys[ca];
    test_list_make(&list, &der);
    assert_int_equal(path_store_add_crl(store, buf_bytes(&der), NULL), 0);
}

static int setup(void **state)
{
    static const enum profile_kind cas[] = {PROFILE_SIGN_CA, PROFILE_AUTH_CA};

    (void)state;
    test_pki_make(&pki);
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    assert_int_equal(path_store_new(&store, NULL), 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(anchors_add(anchors, pki.certs[cas[i]], NULL), 0);
        assert_int_equal(path_store_add_anchor(store, x509_cert_der(pki.certs[cas[i]]), NULL), 0);
        add_list(cas[i]);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    anchors_freep(&anchors);
    path_store_freep(&store);
    return 0;
}

static int nobody_is_revoked(const void *context, const struct status_question *question,
                             struct report *report, struct status *ret, struct err *err)
{
    (void)context, (void)question, (void)report, (void)err;
    *ret = (struct status){.answer = STATUS_GOOD, .reason = -1};
    return 0;
}

static bool is_valid_to_us(struct bytes der, enum purpose purpose)
{
    static const struct status_source status = {nobody_is_revoked, NULL};
    const struct trust trust = {anchors, &status, TEST_PKI_NOW};
    CLEANUP(shown_done) struct shown shown = {.cert = NULL};
    struct report report = {.verdict = VERDICT_VALID};
    struct certificate_facts facts;

    if (certificate_show(der, anchors, &shown, NULL) < 0)
        return false;
    assert_int_equal(certificate_judge(&shown, purpose, &trust, &report, &facts, NULL), 0);
    return report.verdict == VERDICT_VALID;
}

static void assert_valid_to_libcrypto(struct bytes der)
{
    const struct path_question question = {.cert = der, .at = TEST_PKI_NOW};
    struct err err = {0};

    if (path_verify(store, &question, &err) < 0)
        fail_msg("valid to us, but not to libcrypto: %s", err.text);
}

/* By what was built once and by building it again. */
static void compare_profiles(const struct tbs *tbs, enum profile_kind kind)
{
    const struct profile *profile = profile_of(kind);
    const struct x509_cert *ca = anchors_at(anchors, kind == PROFILE_SIGN ? 0 : 1);
    const struct profile_fixed *fixed = anchors_fixed(anchors, ca, kind);
    struct err plain = {0};
    struct err other = {0};

    assert_non_null(fixed);
    assert_int_equal(profile_check(profile, tbs, &plain), profile_check_fixed(fixed, tbs, &other));
    assert_string_equal(plain.text, other.text);
}

/* Whether it is valid with these bytes to be signed. */
static bool try(struct bytes tbs, enum profile_kind kind, enum purpose purpose)
{
    enum profile_kind ca = kind == PROFILE_SIGN ? PROFILE_SIGN_CA : PROFILE_AUTH_CA;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct tbs parsed;

    if (tbs_parse(tbs, &parsed, NULL) < 0)
        return false;
    compare_profiles(&parsed, kind);
    if (parsed.algorithm_kind != KEY_RSA || parsed.algorithm_digest != DIGEST_SHA256)
        return false;
    test_pki_sign(tbs, pki.keys[ca], &der);
    if (!is_valid_to_us(buf_bytes(&der), purpose))
        return false;
    assert_valid_to_libcrypto(buf_bytes(&der));
    return true;
}

static void change_each_byte(enum profile_kind kind, enum purpose purpose)
{
    static const uint8_t masks[] = {0x01, 0x04, 0x20, 0x80};
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    size_t valid = 0;

    assert_int_equal(buf_copy(x509_cert_tbs(pki.certs[kind])->der, &tbs, NULL), 0);
    assert_true(try(buf_bytes(&tbs), kind, purpose));
    for (size_t i = 0; i < tbs.len; i++)
        for (size_t n = 0; n < sizeof masks; n++) {
            tbs.ptr[i] ^= masks[n];
            valid += try(buf_bytes(&tbs), kind, purpose) ? 1 : 0;
            tbs.ptr[i] ^= masks[n];
        }
    /* Numbers, times and, in sign certificates, what the holder is called. */
    assert_in_range(valid, 5, 4 * tbs.len / 4);
}

static void a_changed_sign_certificate_is_not_valid_to_us_alone(void **state)
{
    (void)state;
    change_each_byte(PROFILE_SIGN, PURPOSE_DOCUMENT);
}

static void a_changed_auth_certificate_is_not_valid_to_us_alone(void **state)
{
    (void)state;
    change_each_byte(PROFILE_AUTH, PURPOSE_LOGIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_sign_certificate_is_not_valid_to_us_alone),
        cmocka_unit_test(a_changed_auth_certificate_is_not_valid_to_us_alone),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
