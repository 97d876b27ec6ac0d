/* SPDX-License-Identifier: Apache-2.0 */
/* One verifier, several threads at once, and one report that all of them read. */
#include "border/border.h"
#include "support/signed.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <jpki/verify.h>

enum { THREADS = 4, ROUNDS = 50 };

static struct test_pki pki;
static struct buf cms, list;
static jpki_verifier *verifier;
static jpki_report *shared;

static int setup(void **state)
{
    struct test_list good;

    (void)state;
    test_pki_make(&pki);
    test_document_sign(&pki, bytes_text("document"), TEST_PKI_NOW, &cms);
    good = test_list_of(&pki, TEST_PKI_NOW);
    test_list_make(&good, &list);
    assert_int_equal(jpki_verifier_new(&verifier, NULL), 0);
    assert_int_equal(
        jpki_verifier_add_ca(verifier, give_bytes(x509_cert_der(pki.certs[PROFILE_SIGN_CA])), NULL),
        0);
    assert_int_equal(jpki_verifier_remember(verifier, 8, NULL), 0);
    assert_int_equal(jpki_verifier_add_crl(verifier, give_bytes(buf_bytes(&list)), NULL), 0);
    return jpki_verify_document(verifier, give_bytes(buf_bytes(&cms)),
                                give_bytes(bytes_text("document")), TEST_PKI_NOW, &shared, NULL);
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    buf_done(&cms);
    buf_done(&list);
    jpki_report_free(shared);
    jpki_verifier_free(verifier);
    return 0;
}

/* Whether a document gets this verdict; in a thread, where cmocka must not be left by a jump. */
static bool is_judged(const char *document, enum jpki_verdict verdict)
{
    jpki_report *report = NULL;
    bool is_so;

    if (jpki_verify_document(verifier, give_bytes(buf_bytes(&cms)),
                             give_bytes(bytes_text(document)), TEST_PKI_NOW, &report, NULL) != 0)
        return false;
    is_so = jpki_report_verdict(report) == verdict;
    jpki_report_free(report);
    return is_so;
}

static void *work(void *ret_good)
{
    bool is_good = true;

    for (int i = 0; i < ROUNDS && is_good; i++)
        is_good = is_judged("document", JPKI_VALID) && is_judged("another", JPKI_INVALID) &&
                  jpki_report_verdict(shared) == JPKI_VALID &&
                  strcmp(jpki_report_attribute(shared, JPKI_SEX), "1") == 0 &&
                  strstr(jpki_reason_text(JPKI_REASON_HELD, "ja"), "。") != NULL;
    *(bool *)ret_good = is_good;
    return NULL;
}

static void threads_verify_with_one_verifier(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_verify_with_one_verifier)};

    return cmocka_run_group_tests(tests, setup, teardown);
}
