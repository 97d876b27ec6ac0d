/* SPDX-License-Identifier: Apache-2.0 */
/* Our revocation lists, judged by `openssl crl`. */
#include "base/file.h"
#include "revocation/crl_write.h"
#include "support/child.h"
#include "support/pki.h"
#include "support/revocations.h"
#include "support/tempdir.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
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

/* A list of so many entries, signed by the sign CA; date before year 2050 or behind. */
static void make_large_list(const struct test_pki *pki, uint32_t count, struct buf *ret)
{
    struct revocation *entries = calloc(count, sizeof *entries);
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct test_revocations all = {.entries = entries, .count = count};
    const struct revocation_source source = test_revocations_source(&all);
    const struct crl_sink to_tbs = crl_sink_buf(&tbs);
    const struct crl_sink to_list = crl_sink_buf(ret);
    const struct tbs *ca = x509_cert_tbs(pki->certs[PROFILE_SIGN_CA]);
    const struct crl_head head = {.issuer = ca->subject,
                                  .authority_key_id = ca->subject_key_id,
                                  .number = UINT64_MAX,
                                  .this_update = TEST_PKI_NOW,
                                  .next_update = TEST_PKI_NOW + 86400};
    struct digest digest;

    assert_non_null(entries);
    for (uint32_t i = 0; i < count; i++)
        entries[i] = (struct revocation){1 + i * (uint32_t)85899, (int64_t)i * 100003 % 3000000000,
                                         (enum crl_reason)(i % CRL_REASONS_)};
    assert_int_equal(crl_write_tbs(&head, &source, &to_tbs, NULL, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki->keys[PROFILE_SIGN_CA], &digest, &signature, NULL), 0);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &to_list, NULL), 0);
    free(entries);
}

static enum crl_reason reason_of(const X509_REVOKED *revoked)
{
    int critical = 0;
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, &critical, NULL);
    long value = reason == NULL ? CRL_UNSPECIFIED : ASN1_ENUMERATED_get(reason);

    ASN1_ENUMERATED_free(reason);
    return (enum crl_reason)value;
}

static void assert_same_entry(const X509_REVOKED *revoked, const struct revocation *entry)
{
    uint64_t serial = 0;
    time_t at = (time_t)entry->at;

    assert_int_equal(ASN1_INTEGER_get_uint64(&serial, X509_REVOKED_get0_serialNumber(revoked)), 1);
    assert_int_equal(serial, entry->serial);
    assert_int_equal(ASN1_TIME_cmp_time_t(X509_REVOKED_get0_revocationDate(revoked), at), 0);
    assert_int_equal(reason_of(revoked), entry->reason);
}

/*
 * libcrypto decodes the same entries, and encodes them to the same bytes; its own copy of them,
 * because it keeps the bytes of a list that was not changed.
 */
static void libcrypto_reads_the_same_and_writes_the_same_bytes(void **state)
{
    enum { COUNT = 50000 };
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    struct test_pki pki;
    struct crl crl;
    struct bytes rest;

    (void)state;
    test_pki_make(&pki);
    make_large_list(&pki, COUNT, &list);
    const unsigned char *at = list.ptr;
    X509_CRL *peer = d2i_X509_CRL(NULL, &at, (long)list.len);
    assert_non_null(peer);
    assert_ptr_equal(at, list.ptr + list.len);
    STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(peer);
    assert_int_equal(sk_X509_REVOKED_num(revoked), COUNT);
    assert_int_equal(crl_parse(buf_bytes(&list), list.len, &crl, NULL), 0);
    rest = crl.entries;
    for (int i = 0; i < COUNT; i++) {
        struct revocation entry;

        assert_int_equal(crl_next(&rest, &entry, NULL), 0);
        assert_same_entry(sk_X509_REVOKED_value(revoked, i), &entry);
    }
    assert_int_equal(rest.len, 0);
    unsigned char *again = NULL;
    /* X509_CRL_sort marks the encoding as old: what comes out is encoded anew. */
    assert_int_equal(X509_CRL_sort(peer), 1);
    assert_int_equal(i2d_X509_CRL(peer, &again), (int)list.len);
    assert_memory_equal(again, list.ptr, list.len);
    OPENSSL_free(again);
    X509_CRL_free(peer);
    test_pki_done(&pki);
}

/* Entries with one octet changed: what we accept, libcrypto accepts, and as the same. */
static void libcrypto_accepts_every_entry_that_we_accept(void **state)
{
    static const uint8_t whole[] = {0x30, 0x24, 0x02, 0x05, 0x00, 0x85, 0x01, 0x02, 0x03, 0x17,
                                    0x0d, '2',  '4',  '0',  '2',  '2',  '9',  '2',  '3',  '5',
                                    '9',  '5',  '9',  'Z',  0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03,
                                    0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x04};
    unsigned accepted = 0;

    (void)state;
    for (size_t place = 0; place < sizeof whole; place++)
        for (unsigned octet = 0; octet < 256; octet++) {
            uint8_t der[sizeof whole];
            struct bytes rest = BYTES_ARRAY(der);
            const unsigned char *at = der;
            struct revocation entry;

            memcpy(der, whole, sizeof der);
            der[place] = (uint8_t)octet;
            if (crl_next(&rest, &entry, NULL) < 0)
                continue;
            X509_REVOKED *revoked = d2i_X509_REVOKED(NULL, &at, sizeof der);
            assert_non_null(revoked);
            assert_ptr_equal(at, der + sizeof der - rest.len);
            assert_same_entry(revoked, &entry);
            X509_REVOKED_free(revoked);
            accepted++;
        }
    assert_true(accepted > 700); /* three octets of the serial number may be anything */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_reads_the_same_and_accepts_the_signature),
        cmocka_unit_test(libcrypto_reads_the_same_and_writes_the_same_bytes),
        cmocka_unit_test(libcrypto_accepts_every_entry_that_we_accept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
