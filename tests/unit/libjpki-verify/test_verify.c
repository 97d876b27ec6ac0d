/* SPDX-License-Identifier: Apache-2.0 */
/* The verdicts of the public library, and what a report tells and does not tell. */
#include "base/file.h"
#include "border/border.h"
#include "support/signed.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpki/verify.h>
#include <openssl/err.h>

enum { YEAR = 365 * 86400 };

static struct test_pki pki;
static struct test_pki other; /* the same names, other keys */
static struct buf cms, foreign_cms;
static struct buf good_list, revoking_list;
static jpki_verifier *verifier; /* trusts pki, has the good list */
static jpki_verifier *bare;     /* trusts pki, knows no revocation */
static const struct revocation moved[] = {{2, TEST_PKI_NOW - 50, CRL_AFFILIATION_CHANGED}};

static struct jpki_bytes the_document(void)
{
    return give_bytes(bytes_text("document"));
}

static jpki_verifier *make_verifier(struct bytes list)
{
    jpki_verifier *made = NULL;

    assert_int_equal(jpki_verifier_new(&made, NULL), 0);
    assert_int_equal(
        jpki_verifier_add_ca(made, give_bytes(x509_cert_der(pki.certs[PROFILE_SIGN_CA])), NULL), 0);
    assert_int_equal(
        jpki_verifier_add_ca(made, give_bytes(x509_cert_der(pki.certs[PROFILE_AUTH_CA])), NULL), 0);
    if (list.len > 0)
        assert_int_equal(jpki_verifier_add_crl(made, give_bytes(list), NULL), 0);
    return made;
}

static int setup(void **state)
{
    struct test_list list;

    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    test_document_sign(&pki, bytes_text("document"), TEST_PKI_NOW - 5, &cms);
    test_document_sign(&other, bytes_text("document"), TEST_PKI_NOW, &foreign_cms);
    list = test_list_of(&pki, TEST_PKI_NOW);
    test_list_make(&list, &good_list);
    list.entries = moved;
    list.count = 1;
    list.head.this_update++;
    test_list_make(&list, &revoking_list);
    verifier = make_verifier(buf_bytes(&good_list));
    bare = make_verifier(bytes_of(NULL, 0));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&other);
    buf_done(&cms);
    buf_done(&foreign_cms);
    buf_done(&good_list);
    buf_done(&revoking_list);
    jpki_verifier_free(verifier);
    jpki_verifier_free(bare);
    return 0;
}

static jpki_report *verify_at(const jpki_verifier *by, int64_t at)
{
    jpki_report *report = NULL;

    assert_int_equal(
        jpki_verify_document(by, give_bytes(buf_bytes(&cms)), the_document(), at, &report, NULL),
        0);
    return report;
}

/* Exactly this reason, which also is the verdict's; the report is released. */
static void assert_reason(jpki_report *report, enum jpki_reason reason)
{
    assert_string_equal(jpki_reason_name(jpki_report_reason(report, 0)), jpki_reason_name(reason));
    assert_int_equal(jpki_report_reason(report, 1), JPKI_REASON_NONE);
    assert_int_equal(jpki_report_verdict(report), jpki_reason_verdict(reason));
    jpki_report_free(report);
}

static void assert_no_attribute(const jpki_report *report)
{
    for (int i = -1; i <= 8; i++)
        assert_null(jpki_report_attribute(report, (enum jpki_attribute)i));
}

static void a_failure_leaves_everything_as_it_was(void **state)
{
    const struct jpki_bytes garbage = give_bytes(bytes_text("garbage"));
    const struct jpki_bytes nowhere = {NULL, 1};
    jpki_report *report = NULL;
    struct jpki_error error = {0};

    (void)state;
    assert_int_equal(
        jpki_verify_document(verifier, garbage, the_document(), TEST_PKI_NOW, &report, &error),
        -JPKI_ERROR_INPUT);
    assert_int_equal(error.kind, JPKI_ERROR_INPUT);
    assert_int_not_equal(strlen(error.text), 0);
    assert_int_equal(jpki_verify_document(verifier, give_bytes(buf_bytes(&cms)), nowhere,
                                          TEST_PKI_NOW, &report, NULL),
                     -JPKI_ERROR_USAGE);
    assert_int_equal(jpki_verify_document_fd(verifier, give_bytes(buf_bytes(&cms)), -1,
                                             TEST_PKI_NOW, &report, NULL),
                     -JPKI_ERROR_USAGE);
    assert_int_equal(jpki_verify_document_fd(verifier, give_bytes(buf_bytes(&cms)), 9999,
                                             TEST_PKI_NOW, &report, &error),
                     -JPKI_ERROR_SYSTEM);
    assert_int_equal(
        jpki_verify_certificate(verifier, garbage, JPKI_USE_SIGN, TEST_PKI_NOW, &report, NULL),
        -JPKI_ERROR_INPUT);
    assert_int_equal(jpki_verify_certificate(verifier,
                                             give_bytes(x509_cert_der(pki.certs[PROFILE_SIGN])),
                                             (enum jpki_use)0, TEST_PKI_NOW, &report, NULL),
                     -JPKI_ERROR_USAGE);
    assert_null(report);
}

static void a_changed_document_is_invalid_and_names_nobody(void **state)
{
    jpki_report *report = NULL;

    (void)state;
    assert_int_equal(jpki_verify_document(verifier, give_bytes(buf_bytes(&cms)),
                                          give_bytes(bytes_text("documents")), TEST_PKI_NOW,
                                          &report, NULL),
                     0);
    assert_no_attribute(report);
    assert_reason(report, JPKI_REASON_DOCUMENT_CHANGED);
}

static void a_ca_of_the_same_name_is_unknown_and_names_nobody(void **state)
{
    jpki_report *report = NULL;

    (void)state;
    assert_int_equal(jpki_verify_document(verifier, give_bytes(buf_bytes(&foreign_cms)),
                                          the_document(), TEST_PKI_NOW, &report, NULL),
                     0);
    assert_int_equal(jpki_report_verdict(report), JPKI_INDETERMINATE);
    assert_int_equal(jpki_report_reason(report, 0), JPKI_REASON_ISSUER_UNKNOWN);
    assert_no_attribute(report);
    assert_int_equal(jpki_report_serial(report).size, 0);
    assert_int_equal(jpki_report_issuer_key_id(report).size, 0);
    assert_int_not_equal(jpki_report_certificate(report).size, 0);
    jpki_report_free(report);
}

static void time_decides(void **state)
{
    (void)state;
    assert_reason(verify_at(verifier, TEST_PKI_NOW - YEAR / 2), JPKI_REASON_NOT_YET_VALID);
    assert_reason(verify_at(verifier, TEST_PKI_NOW + 5LL * YEAR), JPKI_REASON_EXPIRED);
    assert_reason(verify_at(verifier, TEST_PKI_NOW + 7200), JPKI_REASON_CRL_EXPIRED);
    assert_reason(verify_at(verifier, TEST_PKI_NOW - 7200), JPKI_REASON_CRL_FROM_FUTURE);
}

static void without_revocation_it_is_indeterminate_and_names_the_holder(void **state)
{
    jpki_report *report = verify_at(bare, TEST_PKI_NOW);

    (void)state;
    assert_non_null(jpki_report_attribute(report, JPKI_NAME));
    assert_true(jpki_report_status_time(report) == JPKI_NO_TIME);
    assert_reason(report, JPKI_REASON_REVOCATION_NOT_CHECKED);
}

static void revoked_is_invalid_and_tells_the_verifier_more(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    jpki_verifier *by = make_verifier(buf_bytes(&good_list));
    char path[TEMPDIR_FILE_SIZE];
    jpki_report *report;

    (void)state;
    (void)tempdir_file(&dir, "a.crl", path);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&revoking_list), NULL), 0);
    assert_int_equal(jpki_verifier_set_crl_path(by, dir.path, NULL), 0);
    report = verify_at(by, TEST_PKI_NOW);
    jpki_verifier_free(by); /* a report does not need it */
    assert_no_attribute(report);
    assert_true(jpki_report_revoked_at(report) == TEST_PKI_NOW - 50);
    assert_int_equal(jpki_report_revocation_reason(report), CRL_AFFILIATION_CHANGED);
    assert_true(jpki_report_status_time(report) == TEST_PKI_NOW - 3600 + 1);
    assert_int_equal(jpki_report_serial(report).size, 1);
    assert_int_equal(jpki_report_serial(report).data[0], 2);
    assert_reason(report, JPKI_REASON_REVOKED);
}

static struct jpki_raw_signature raw_of(const struct digest *digest, const struct buf *value)
{
    return (struct jpki_raw_signature){
        .use = JPKI_USE_SIGN,
        .form = JPKI_FORM_DIGESTINFO,
        .hash = JPKI_SHA256,
        .digest = give_bytes(digest_bytes(digest)),
        .value = give_bytes(buf_bytes(value)),
        .certificate = give_bytes(x509_cert_der(pki.certs[PROFILE_SIGN])),
    };
}

static jpki_report *verify_raw(const struct jpki_raw_signature *raw)
{
    jpki_report *report = NULL;

    assert_int_equal(jpki_verify_signature(verifier, raw, TEST_PKI_NOW, &report, NULL), 0);
    return report;
}

static void assert_raw_refused(const struct jpki_raw_signature *raw, enum jpki_error_kind kind)
{
    jpki_report *report = NULL;

    assert_int_equal(jpki_verify_signature(verifier, raw, TEST_PKI_NOW, &report, NULL), -(int)kind);
    assert_null(report);
}

static void half_a_raw_signature_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    struct jpki_raw_signature raw;
    struct digest digest;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("m"), &digest, NULL), 0);
    raw = raw_of(&digest, &value);
    raw.use = (enum jpki_use)3;
    assert_raw_refused(&raw, JPKI_ERROR_USAGE);
    raw = raw_of(&digest, &value);
    raw.form = (enum jpki_form)0;
    assert_raw_refused(&raw, JPKI_ERROR_USAGE);
    raw = raw_of(&digest, &value);
    raw.hash = (enum jpki_hash)0;
    assert_raw_refused(&raw, JPKI_ERROR_USAGE);
    raw.hash = (enum jpki_hash)5;
    assert_raw_refused(&raw, JPKI_ERROR_USAGE);
    raw.hash = JPKI_SHA512;
    assert_raw_refused(&raw, JPKI_ERROR_USAGE);
    raw = raw_of(&digest, &value);
    raw.digest.size--;
    assert_raw_refused(&raw, JPKI_ERROR_USAGE);
    raw = raw_of(&digest, &value);
    raw.certificate.size--;
    assert_raw_refused(&raw, JPKI_ERROR_INPUT);
    raw = raw_of(&digest, &value);
    assert_reason(verify_raw(&raw), JPKI_REASON_SIGNATURE_BROKEN); /* an empty one is none */
}

static void a_raw_signature_holds_in_its_own_form_only(void **state)
{
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(buf_done) struct buf naked = BUF_INIT;
    struct jpki_raw_signature raw;
    struct digest digest;
    jpki_report *report;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("m"), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &digest, &wrapped, NULL), 0);
    assert_int_equal(privkey_sign_raw(pki.keys[PROFILE_SIGN], digest_bytes(&digest), &naked, NULL),
                     0);
    raw = raw_of(&digest, &naked);
    assert_reason(verify_raw(&raw), JPKI_REASON_SIGNATURE_BROKEN);
    raw.form = JPKI_FORM_BARE_HASH;
    report = verify_raw(&raw);
    assert_int_equal(jpki_report_verdict(report), JPKI_VALID);
    assert_true(jpki_report_signing_time(report) == JPKI_NO_TIME);
    jpki_report_free(report);
    raw.value = give_bytes(buf_bytes(&wrapped));
    assert_reason(verify_raw(&raw), JPKI_REASON_SIGNATURE_BROKEN);
    raw.form = JPKI_FORM_DIGESTINFO;
    report = verify_raw(&raw);
    assert_int_equal(jpki_report_verdict(report), JPKI_VALID);
    jpki_report_free(report);
    raw.use = JPKI_USE_AUTH;
    assert_reason(verify_raw(&raw), JPKI_REASON_WRONG_POLICY);
}

static void pss_and_ecdsa_are_taken_where_they_are_named(void **state)
{
    CLEANUP(buf_done) struct buf pss = BUF_INIT;
    struct jpki_raw_signature raw;
    struct digest digest;
    jpki_report *report;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("m"), &digest, NULL), 0);
    assert_int_equal(privkey_sign_pss(pki.keys[PROFILE_SIGN], &digest, 32, &pss, NULL), 0);
    raw = raw_of(&digest, &pss);
    assert_reason(verify_raw(&raw), JPKI_REASON_SIGNATURE_BROKEN);
    raw.form = JPKI_FORM_ECDSA; /* the key is RSA's */
    assert_raw_refused(&raw, JPKI_ERROR_INPUT);
    raw.form = (enum jpki_form)(JPKI_FORM_ECDSA + 1);
    assert_raw_refused(&raw, JPKI_ERROR_USAGE);
    raw.form = JPKI_FORM_PSS;
    report = verify_raw(&raw);
    assert_int_equal(jpki_report_verdict(report), JPKI_VALID);
    jpki_report_free(report);
}

static void a_certificate_is_judged_by_its_use(void **state)
{
    const struct jpki_bytes sign = give_bytes(x509_cert_der(pki.certs[PROFILE_SIGN]));
    const struct jpki_bytes auth = give_bytes(x509_cert_der(pki.certs[PROFILE_AUTH]));
    jpki_report *report = NULL;

    (void)state;
    assert_int_equal(
        jpki_verify_certificate(verifier, sign, JPKI_USE_AUTH, TEST_PKI_NOW, &report, NULL), 0);
    assert_reason(report, JPKI_REASON_WRONG_POLICY);
    assert_int_equal(
        jpki_verify_certificate(verifier, auth, JPKI_USE_AUTH, TEST_PKI_NOW, &report, NULL), 0);
    assert_no_attribute(report);
    assert_reason(report, JPKI_REASON_CRL_MISSING); /* the list is of the sign CA */
    assert_int_equal(
        jpki_verify_certificate(verifier, sign, JPKI_USE_SIGN, TEST_PKI_NOW, &report, NULL), 0);
    assert_int_equal(jpki_report_verdict(report), JPKI_VALID);
    assert_int_equal(jpki_report_certificate(report).size, sign.size);
    assert_memory_equal(jpki_report_certificate(report).data, sign.data, sign.size);
    jpki_report_free(report);
}

static void a_document_is_the_same_in_memory_in_a_file_and_in_a_pipe(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(fd_done) int fd = -1;
    char path[TEMPDIR_FILE_SIZE];
    jpki_report *report = NULL;
    int ends[2];

    (void)state;
    (void)tempdir_file(&dir, "document", path);
    assert_int_equal(file_replace(path, 0600, bytes_text("xdocument"), NULL), 0);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(lseek(fd, 1, SEEK_SET), 1); /* from where it stands */
    assert_int_equal(jpki_verify_document_fd(verifier, give_bytes(buf_bytes(&cms)), fd,
                                             TEST_PKI_NOW, &report, NULL),
                     0);
    assert_int_equal(jpki_report_verdict(report), JPKI_VALID);
    jpki_report_free(report);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "document", 8), 8);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(jpki_verify_document_fd(verifier, give_bytes(buf_bytes(&cms)), ends[0],
                                             TEST_PKI_NOW, &report, NULL),
                     0);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(jpki_report_verdict(report), JPKI_VALID);
    jpki_report_free(report);
}

static void a_valid_document_tells_who_signed_and_when(void **state)
{
    const struct bytes ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA])->subject_key_id;
    jpki_report *report = verify_at(verifier, TEST_PKI_NOW);

    (void)state;
    assert_int_equal(jpki_report_verdict(report), JPKI_VALID);
    assert_int_equal(jpki_report_reason(report, 0), JPKI_REASON_NONE);
    assert_true(jpki_report_signing_time(report) == TEST_PKI_NOW - 5);
    assert_string_equal(jpki_report_attribute(report, JPKI_NAME), "試験　太郎");
    assert_string_equal(jpki_report_attribute(report, JPKI_ADDRESS),
                        "兵庫県神戸市中央区見本町1丁目1番1号");
    assert_string_equal(jpki_report_attribute(report, JPKI_BIRTH), "419900217");
    assert_string_equal(jpki_report_attribute(report, JPKI_SEX), "1");
    assert_string_equal(jpki_report_attribute(report, JPKI_NAME_SUBSTITUTES), "00000");
    assert_string_equal(jpki_report_attribute(report, JPKI_ADDRESS_SUBSTITUTES),
                        "0000000000000000000");
    assert_null(jpki_report_attribute(report, (enum jpki_attribute)7));
    assert_true(jpki_report_revoked_at(report) == JPKI_NO_TIME);
    assert_int_equal(jpki_report_revocation_reason(report), -1);
    assert_true(jpki_report_status_time(report) == TEST_PKI_NOW - 3600);
    assert_int_equal(jpki_report_issuer_key_id(report).size, ca.len);
    assert_memory_equal(jpki_report_issuer_key_id(report).data, ca.ptr, ca.len);
    jpki_report_free(report);
}

static int no_error_of_openssl_is_left(void **state)
{
    (void)state;
    return ERR_peek_error() == 0 ? 0 : -1;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, no_error_of_openssl_is_left)
    const struct CMUnitTest tests[] = {
        TEST(a_failure_leaves_everything_as_it_was),
        TEST(a_changed_document_is_invalid_and_names_nobody),
        TEST(a_ca_of_the_same_name_is_unknown_and_names_nobody),
        TEST(time_decides),
        TEST(without_revocation_it_is_indeterminate_and_names_the_holder),
        TEST(revoked_is_invalid_and_tells_the_verifier_more),
        TEST(half_a_raw_signature_is_refused),
        TEST(a_raw_signature_holds_in_its_own_form_only),
        TEST(pss_and_ecdsa_are_taken_where_they_are_named),
        TEST(a_certificate_is_judged_by_its_use),
        TEST(a_document_is_the_same_in_memory_in_a_file_and_in_a_pipe),
        TEST(a_valid_document_tells_who_signed_and_when),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
