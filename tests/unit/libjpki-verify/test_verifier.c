/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a verifier is told to believe: what it takes, and what it refuses. */
#include "base/file.h"
#include "border/border.h"
#include "support/signed.h"
#include "support/tempdir.h"
#include "verify/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <jpki/verify.h>

static struct test_pki pki;
static jpki_verifier *verifier;
static struct jpki_error error;

static int setup_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int teardown_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    error = (struct jpki_error){0};
    return jpki_verifier_new(&verifier, NULL);
}

static int teardown(void **state)
{
    (void)state;
    jpki_verifier_free(verifier);
    verifier = NULL;
    return 0;
}

static struct jpki_bytes ca_der(void)
{
    return give_bytes(x509_cert_der(pki.certs[PROFILE_SIGN_CA]));
}

static struct jpki_bytes text(const char *text)
{
    return give_bytes(bytes_text(text));
}

static void assert_refused(int rc, enum jpki_error_kind kind)
{
    assert_int_equal(rc, -(int)kind);
    assert_int_equal(error.kind, kind);
    assert_int_not_equal(strlen(error.text), 0);
}

static void nothing_with_a_size_is_refused(void **state)
{
    const struct jpki_bytes nowhere = {NULL, 1};

    (void)state;
    assert_refused(jpki_verifier_add_ca(verifier, nowhere, &error), JPKI_ERROR_USAGE);
    assert_refused(jpki_verifier_add_crl(verifier, nowhere, &error), JPKI_ERROR_USAGE);
    assert_refused(jpki_verifier_set_ocsp_signer(verifier, nowhere, NULL, NULL, &error),
                   JPKI_ERROR_USAGE);
}

static void what_is_no_ca_is_refused(void **state)
{
    (void)state;
    assert_refused(jpki_verifier_add_ca(verifier, text("garbage"), &error), JPKI_ERROR_INPUT);
    assert_refused(jpki_verifier_add_ca(verifier, text(""), &error), JPKI_ERROR_INPUT);
    assert_refused(
        jpki_verifier_add_ca(verifier, give_bytes(x509_cert_der(pki.certs[PROFILE_SIGN])), &error),
        JPKI_ERROR_UNTRUSTED);
    assert_int_equal(jpki_verifier_add_ca(verifier, text("garbage"), NULL), -JPKI_ERROR_INPUT);
}

static void a_file_ends_at_its_limit(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    assert_int_equal(buf_copy(x509_cert_der(pki.certs[PROFILE_SIGN_CA]), &file, NULL), 0);
    while (file.len <= JPKI_CA_FILE_MAX)
        assert_int_equal(buf_append_byte(&file, ' ', NULL), 0);
    assert_refused(jpki_verifier_add_ca(verifier, give_bytes(buf_bytes(&file)), &error),
                   JPKI_ERROR_INPUT);
    assert_non_null(strstr(error.text, "65536 bytes"));
    file.len = JPKI_CA_FILE_MAX; /* short enough to be looked at, and then no certificate */
    assert_refused(jpki_verifier_add_ca(verifier, give_bytes(buf_bytes(&file)), &error),
                   JPKI_ERROR_INPUT);
    assert_null(strstr(error.text, "65536 bytes"));
}

static void a_path_that_is_not_there_or_holds_no_ca_is_named(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    (void)tempdir_file(&dir, "bad.pem", path);
    assert_refused(jpki_verifier_load_cas(verifier, path, &error), JPKI_ERROR_ABSENT);
    assert_int_equal(file_replace(path, 0600, bytes_text("garbage"), NULL), 0);
    assert_refused(jpki_verifier_load_cas(verifier, dir.path, &error), JPKI_ERROR_INPUT);
    assert_non_null(strstr(error.text, "bad.pem"));
}

static void what_is_no_list_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct test_list list = test_list_of(&pki, TEST_PKI_NOW);

    (void)state;
    test_list_make(&list, &der);
    assert_refused(jpki_verifier_add_crl(verifier, text("garbage"), &error), JPKI_ERROR_INPUT);
    assert_int_equal(buf_append_byte(&der, 0, NULL), 0);
    assert_refused(jpki_verifier_add_crl(verifier, give_bytes(buf_bytes(&der)), &error),
                   JPKI_ERROR_INPUT);
}

static void lists_end_at_their_number(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct test_list list = test_list_of(&pki, TEST_PKI_NOW);

    (void)state;
    test_list_make(&list, &der);
    for (int i = 0; i < CRL_MEMORY_MAX; i++)
        assert_int_equal(jpki_verifier_add_crl(verifier, give_bytes(buf_bytes(&der)), NULL), 0);
    assert_refused(jpki_verifier_add_crl(verifier, give_bytes(buf_bytes(&der)), &error),
                   JPKI_ERROR_INPUT);
}

static void certificates_are_remembered_up_to_the_limit(void **state)
{
    (void)state;
    assert_refused(jpki_verifier_remember(verifier, (size_t)JPKI_REMEMBERED_MAX + 1, &error),
                   JPKI_ERROR_INPUT);
    assert_int_equal(jpki_verifier_remember(verifier, JPKI_REMEMBERED_MAX, NULL), 0);
    assert_int_equal(jpki_verifier_remember(verifier, 0, NULL), 0);
}

static void a_signer_of_questions_without_certificate_is_refused(void **state)
{
    (void)state;
    assert_refused(jpki_verifier_set_ocsp_signer(verifier, text("garbage"), NULL, NULL, &error),
                   JPKI_ERROR_INPUT);
}

static void a_ca_is_taken_in_either_form_and_from_files(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(x509_cert_append_pem(&pem, pki.certs[PROFILE_AUTH_CA], NULL), 0);
    (void)tempdir_file(&dir, "ca.pem", path);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&pem), NULL), 0);
    assert_int_equal(jpki_verifier_add_ca(verifier, ca_der(), NULL), 0);
    assert_int_equal(jpki_verifier_add_ca(verifier, ca_der(), NULL), 0);
    assert_int_equal(jpki_verifier_add_ca(verifier, give_bytes(buf_bytes(&pem)), NULL), 0);
    assert_int_equal(jpki_verifier_load_cas(verifier, path, NULL), 0);
    assert_int_equal(jpki_verifier_load_cas(verifier, dir.path, NULL), 0);
}

static void nothing_is_released_twice_or_not_at_all(void **state)
{
    const struct jpki_bytes requestor = give_bytes(x509_cert_der(pki.certs[PROFILE_AUTH]));

    (void)state;
    jpki_verifier_free(NULL);
    jpki_report_free(NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(jpki_verifier_set_crl_path(verifier, "/nowhere", NULL), 0);
        assert_int_equal(jpki_verifier_set_ocsp_signer(verifier, requestor, NULL, NULL, NULL), 0);
    }
    assert_int_equal(jpki_verifier_set_crl_path(verifier, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_with_a_size_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_ca_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_ends_at_its_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(a_path_that_is_not_there_or_holds_no_ca_is_named, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_no_list_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_end_at_their_number, setup, teardown),
        cmocka_unit_test_setup_teardown(certificates_are_remembered_up_to_the_limit, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_signer_of_questions_without_certificate_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_ca_is_taken_in_either_form_and_from_files, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nothing_is_released_twice_or_not_at_all, setup, teardown),
    };

    return cmocka_run_group_tests(tests, setup_pki, teardown_pki);
}
