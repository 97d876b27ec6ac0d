/* SPDX-License-Identifier: Apache-2.0 */
/* Our revocation lists, judged by `openssl crl`. */
#include "base/file.h"
#include "revocation/crl_write.h"
#include "support/child.h"
#include "support/pki.h"
#include "support/revocations.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void openssl_reads_the_same_and_accepts_the_signature(void **state)
{
    static const struct revocation entries[] = {{5, TEST_PKI_NOW - 60, CRL_AFFILIATION_CHANGED},
                                                {0x80000001, TEST_PKI_NOW, CRL_UNSPECIFIED}};
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    struct test_revocations all = {.entries = entries, .count = 2};
    struct revocation_source source = test_revocations_source(&all);
    struct crl_sink to_tbs = crl_sink_buf(&tbs);
    struct crl_sink to_list = crl_sink_buf(&list);
    char crl_path[TEMPDIR_FILE_SIZE];
    char ca_path[TEMPDIR_FILE_SIZE];
    struct test_pki pki;
    struct digest digest;
    const char *text;

    (void)state;
    test_pki_make(&pki);
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);
    const struct crl_head head = {.issuer = ca->subject,
                                  .authority_key_id = ca->subject_key_id,
                                  .number = 200,
                                  .this_update = TEST_PKI_NOW,
                                  .next_update = TEST_PKI_NOW + 86400,
                                  .distribution_point = ca->subject,
                                  .scope = CRL_SCOPE_USERS};

    assert_int_equal(crl_write_tbs(&head, &source, &to_tbs, NULL, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN_CA], &digest, &signature, NULL), 0);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &to_list, NULL), 0);
    tempdir_file(&dir, "list.crl", crl_path);
    tempdir_file(&dir, "ca.pem", ca_path);
    assert_int_equal(file_create(crl_path, 0600, buf_bytes(&list), NULL), 0);
    assert_int_equal(x509_cert_append_pem(&pem, pki.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(file_create(ca_path, 0600, buf_bytes(&pem), NULL), 0);

    const char *const argv[] = {"openssl", "crl",   "-inform", "DER",    "-in", crl_path,
                                "-CAfile", ca_path, "-text",   "-noout", NULL};
    struct child_result result = child_run(argv, bytes_of(NULL, 0), 20000);
    assert_int_equal(result.exit_code, 0);
    assert_int_equal(buf_text(&result.err, &text, NULL), 0);
    assert_non_null(strstr(text, "verify OK"));
    assert_int_equal(buf_text(&result.out, &text, NULL), 0);
    assert_non_null(strstr(text, "Version 2 (0x1)"));
    assert_non_null(strstr(text, "X509v3 CRL Number: \n                200"));
    assert_non_null(strstr(text, "X509v3 Issuing Distribution Point: critical"));
    assert_non_null(strstr(text, "Only User Certificates"));
    assert_non_null(strstr(text, "Serial Number: 05"));
    assert_non_null(strstr(text, "Affiliation Changed"));
    assert_non_null(strstr(text, "Serial Number: 80000001"));
    child_result_done(&result);
    test_pki_done(&pki);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_reads_the_same_and_accepts_the_signature),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
