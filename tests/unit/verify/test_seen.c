/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of certificates that were shown before, and what never is. */
#include "support/pki.h"
#include "verify/signature.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { REMEMBERED = 8, CERTIFICATES = 64, THREADS = 4, ROUNDS = 200 };

static struct test_pki pki;
static struct test_pki other; /* the same names, other keys */
static struct anchors *anchors;
static struct x509_cert *certs[CERTIFICATES]; /* of one holder, with one number after another */

static int setup(void **state)
{
    struct profile_inputs inputs;

    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    inputs = test_pki_inputs(&pki, PROFILE_SIGN);
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN);
    for (uint32_t i = 0; i < CERTIFICATES; i++) {
        inputs.serial = 100 + i;
        test_pki_issue(&pki, PROFILE_SIGN, &inputs, &certs[i]);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < CERTIFICATES; i++)
        x509_cert_freep(&certs[i]);
    test_pki_done(&pki);
    test_pki_done(&other);
    return 0;
}

static int each_setup(void **state)
{
    (void)state;
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL), 0);
    return anchors_remember(anchors, REMEMBERED, NULL);
}

static int each_teardown(void **state)
{
    (void)state;
    anchors_freep(&anchors);
    return 0;
}

static bool is_remembered(const struct x509_cert *cert)
{
    struct shown shown = {.cert = NULL};
    bool is_there = seen_find(anchors_seen(anchors), x509_cert_der(cert), &shown);

    shown_done(&shown);
    return is_there;
}

static void show(const struct x509_cert *cert)
{
    CLEANUP(shown_done) struct shown shown = {.cert = NULL};

    assert_int_equal(certificate_show(x509_cert_der(cert), anchors, &shown, NULL), 0);
    assert_true(bytes_equal(x509_cert_der(shown.cert), x509_cert_der(cert)));
}

static void more_than_the_limit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(anchors_remember(anchors, (size_t)SEEN_MAX + 1, NULL), -ERR_INPUT);
    assert_non_null(anchors_seen(anchors));
    assert_int_equal(anchors_remember(anchors, SEEN_MAX, NULL), 0);
    assert_int_equal(anchors_remember(anchors, 0, NULL), 0);
    assert_null(anchors_seen(anchors));
}

/* Whoever can make certificates without a CA must not be able to push others out. */
static void a_certificate_of_an_unlisted_ca_is_not_remembered(void **state)
{
    (void)state;
    show(other.certs[PROFILE_SIGN]);
    assert_false(is_remembered(other.certs[PROFILE_SIGN]));
    show(pki.certs[PROFILE_AUTH]);
    assert_false(is_remembered(pki.certs[PROFILE_AUTH]));
}

static void one_changed_byte_is_another_certificate(void **state)
{
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    CLEANUP(shown_done) struct shown shown = {.cert = NULL};

    (void)state;
    show(certs[0]);
    assert_true(is_remembered(certs[0]));
    assert_int_equal(buf_copy(x509_cert_der(certs[0]), &changed, NULL), 0);
    for (size_t i = 0; i < changed.len; i++) {
        changed.ptr[i] ^= 1;
        assert_false(seen_find(anchors_seen(anchors), buf_bytes(&changed), &shown));
        changed.ptr[i] ^= 1;
    }
}

static void another_ca_makes_all_forgotten(void **state)
{
    (void)state;
    show(certs[0]);
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL), 0); /* the same */
    assert_true(is_remembered(certs[0]));
    assert_int_equal(anchors_add(anchors, other.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_false(is_remembered(certs[0]));
}

/* Rows have four places, of which half are meant to be full. */
static void it_holds_no_more_than_it_has_places(void **state)
{
    size_t there = 0;

    (void)state;
    for (size_t i = 0; i < CERTIFICATES; i++) {
        show(certs[i]);
        assert_true(is_remembered(certs[i]));
    }
    for (size_t i = 0; i < CERTIFICATES; i++)
        there += is_remembered(certs[i]) ? 1 : 0;
    assert_in_range(there, REMEMBERED, 4 * (REMEMBERED / 2 + 1));
}

/* A source that says what context points to, as often as it is asked. */
static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    const enum status_answer *answer = context;

    (void)question, (void)err;
    *ret = (struct status){.answer = *answer, .reason = -1};
    status_report(ret, report);
    return 0;
}

static enum verdict judge(enum status_answer answer, enum purpose purpose, int64_t at)
{
    const struct status_source status = {look, &answer};
    const struct trust trust = {anchors, &status, at};
    CLEANUP(shown_done) struct shown shown = {.cert = NULL};
    struct report report = {.verdict = VERDICT_VALID};
    struct certificate_facts facts;

    assert_int_equal(certificate_show(x509_cert_der(certs[0]), anchors, &shown, NULL), 0);
    assert_int_equal(certificate_judge(&shown, purpose, &trust, &report, &facts, NULL), 0);
    return report.verdict;
}

static void revocation_time_and_purpose_are_asked_each_time(void **state)
{
    const int64_t now = TEST_PKI_NOW;

    (void)state;
    assert_int_equal(judge(STATUS_GOOD, PURPOSE_DOCUMENT, now), VERDICT_VALID);
    assert_true(is_remembered(certs[0]));
    assert_int_equal(judge(STATUS_REVOKED, PURPOSE_DOCUMENT, now), VERDICT_INVALID);
    assert_int_equal(judge(STATUS_GOOD, PURPOSE_LOGIN, now), VERDICT_INVALID);
    assert_int_equal(judge(STATUS_GOOD, PURPOSE_DOCUMENT, now - 1000000), VERDICT_INVALID);
    assert_int_equal(judge(STATUS_GOOD, PURPOSE_DOCUMENT, now), VERDICT_VALID);
}

/* In a thread, where cmocka must not be left by a jump. */
static void *work(void *ret_good)
{
    bool is_good = true;

    for (size_t i = 0; i < ROUNDS && is_good; i++) {
        const struct x509_cert *cert = certs[i % CERTIFICATES];
        struct shown shown = {.cert = NULL};

        is_good = certificate_show(x509_cert_der(cert), anchors, &shown, NULL) == 0 &&
                  bytes_equal(x509_cert_der(shown.cert), x509_cert_der(cert)) &&
                  shown.issuer == anchors_at(anchors, 0) && shown.issued.reason_count == 0;
        shown_done(&shown);
    }
    *(bool *)ret_good = is_good;
    return NULL;
}

static void threads_share_what_is_remembered(void **state)
{
    pthread_t threads[THREADS];
    bool are_good[THREADS] = {false};

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &are_good[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(are_good[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each_setup, each_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(more_than_the_limit_is_refused),
        TEST(a_certificate_of_an_unlisted_ca_is_not_remembered),
        TEST(one_changed_byte_is_another_certificate),
        TEST(another_ca_makes_all_forgotten),
        TEST(it_holds_no_more_than_it_has_places),
        TEST(revocation_time_and_purpose_are_asked_each_time),
        TEST(threads_share_what_is_remembered),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
