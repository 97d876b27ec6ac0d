/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pki.h"
#include "verify/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

static struct test_pki pki;
static struct test_pki other; /* the same names, other keys */
static struct anchors *anchors;
static struct digest document;
static struct buf signed_file;

static void sign_over(const struct digest *over, const struct x509_cert *signer,
                      const struct privkey *key, struct buf *ret_cms)
{
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(cms_prepare(over, signer, TEST_PKI_NOW, &attributes, NULL), 0);
    assert_int_equal(digest_compute(over->alg, buf_bytes(&attributes), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    assert_int_equal(cms_complete(buf_bytes(&attributes), buf_bytes(&signature), signer,
                                  pki.certs[PROFILE_SIGN_CA], ret_cms, NULL),
                     0);
}

static void sign_with(const struct x509_cert *signer, const struct privkey *key,
                      struct buf *ret_cms)
{
    sign_over(&document, signer, key, ret_cms);
}

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("document"), &document, NULL), 0);
    sign_with(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &signed_file);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&other);
    anchors_freep(&anchors);
    buf_done(&signed_file);
    return 0;
}

static struct document_report verify_at(struct bytes cms, const struct digest *digest, int64_t at)
{
    const struct document_inputs inputs = {cms, *digest, {anchors, NULL, at}};
    struct document_report report = DOCUMENT_REPORT_INIT;
    struct err err = {0};

    if (document_verify(&inputs, &report, &err) < 0)
        fail_msg("%s", err.text);
    return report;
}

static struct document_report verify_now(struct bytes cms)
{
    return verify_at(cms, &document, TEST_PKI_NOW);
}

/* Exactly this reason and its verdict; the report is released. */
static void assert_reason(struct document_report report, enum reason reason)
{
    assert_int_equal(report.report.reason_count, 1);
    assert_string_equal(reason_name(report.report.reasons[0]), reason_name(reason));
    assert_int_equal(report.report.verdict, reason_verdict(reason));
    document_report_done(&report);
}

/* This reason among others. */
static void assert_has_reason(struct document_report report, enum reason reason)
{
    assert_true(report_has(&report.report, reason));
    assert_true(report.report.verdict >= reason_verdict(reason));
    document_report_done(&report);
}

static void assert_malformed(struct bytes cms)
{
    const struct document_inputs inputs = {cms, document, {anchors, NULL, TEST_PKI_NOW}};
    struct document_report report = {.signing_time = 99};
    struct err err = {0};

    assert_int_equal(document_verify(&inputs, &report, &err), -ERR_INPUT);
    assert_true(err.text[0] != '\0');
    assert_int_equal(report.signing_time, 99);
    assert_null(report.signer);
}

static void a_changed_document_is_invalid(void **state)
{
    struct digest changed = document;

    (void)state;
    changed.value[31] ^= 1;
    assert_reason(verify_at(buf_bytes(&signed_file), &changed, TEST_PKI_NOW),
                  REASON_DOCUMENT_CHANGED);
}

static void a_changed_signature_byte_is_invalid(void **state)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;

    (void)state;
    assert_int_equal(buf_copy(buf_bytes(&signed_file), &copy, NULL), 0);
    copy.ptr[copy.len - 1] ^= 1; /* the signature is the last field */
    assert_reason(verify_now(buf_bytes(&copy)), REASON_SIGNATURE_BROKEN);
}

/* No single byte of the file can be changed without its being noticed. */
static void a_changed_byte_anywhere_is_never_accepted(void **state)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;

    (void)state;
    assert_int_equal(buf_copy(buf_bytes(&signed_file), &copy, NULL), 0);
    for (size_t i = 0; i < copy.len; i++) {
        const struct document_inputs inputs = {
            buf_bytes(&copy), document, {anchors, NULL, TEST_PKI_NOW}};
        CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;
        struct cms cms;
        bool is_ca_cert = false;
        bool is_good;

        copy.ptr[i] ^= 0x01;
        is_good = document_verify(&inputs, &report, NULL) == 0 && report.report.reason_count == 1 &&
                  report.report.reasons[0] == REASON_REVOCATION_NOT_CHECKED;
        /* The CA's certificate is carried along, and nobody has to believe it. */
        if (is_good && cms_parse(buf_bytes(&copy), &cms, NULL) == 0)
            for (size_t c = 0; c < cms.certificate_count; c++)
                if (!bytes_equal(cms.certificates[c], x509_cert_der(report.signer)))
                    is_ca_cert = copy.ptr + i >= cms.certificates[c].ptr &&
                                 copy.ptr + i < cms.certificates[c].ptr + cms.certificates[c].len;
        if (is_good && !is_ca_cert)
            fail_msg("byte %zu can be changed", i);
        copy.ptr[i] ^= 0x01;
    }
}

static void another_issuer_with_the_same_name_is_unknown(void **state)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;

    (void)state;
    sign_with(other.certs[PROFILE_SIGN], other.keys[PROFILE_SIGN], &cms);
    assert_has_reason(verify_now(buf_bytes(&cms)), REASON_ISSUER_UNKNOWN);
}

static void a_forged_certificate_with_the_key_id_of_a_listed_ca_is_invalid(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *forged = NULL;

    (void)state;
    test_pki_sign(x509_cert_tbs(pki.certs[PROFILE_SIGN])->der, other.keys[PROFILE_SIGN_CA], &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &forged, NULL), 0);
    sign_with(forged, pki.keys[PROFILE_SIGN], &cms);
    assert_reason(verify_now(buf_bytes(&cms)), REASON_ISSUER_FORGED);
}

static void an_expired_or_not_yet_valid_certificate_is_invalid(void **state)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    struct bytes cms = buf_bytes(&signed_file);

    (void)state;
    assert_reason(verify_at(cms, &document, tbs->not_after + 1), REASON_EXPIRED);
    assert_reason(verify_at(cms, &document, tbs->not_before - 1), REASON_NOT_YET_VALID);
    assert_reason(verify_at(cms, &document, tbs->not_after), REASON_REVOCATION_NOT_CHECKED);
    assert_reason(verify_at(cms, &document, tbs->not_before), REASON_REVOCATION_NOT_CHECKED);
}

static void an_expired_ca_is_named(void **state)
{
    int64_t at = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA])->not_after + 1;

    (void)state;
    assert_has_reason(verify_at(buf_bytes(&signed_file), &document, at), REASON_ISSUER_NOT_VALID);
}

/* A certificate like the sign certificate with one byte of its TBSCertificate changed. */
static void issue_changed(const uint8_t *where, uint8_t value, struct x509_cert **ret)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    assert_int_equal(buf_copy(tbs->der, &changed, NULL), 0);
    changed.ptr[where - tbs->der.ptr] = value;
    test_pki_sign(buf_bytes(&changed), pki.keys[PROFILE_SIGN_CA], &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), ret, NULL), 0);
}

static void another_policy_is_invalid(void **state)
{
    struct bytes policy = x509_cert_tbs(pki.certs[PROFILE_SIGN])->policies[0].oid;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;

    (void)state;
    issue_changed(policy.ptr + policy.len - 1, 0x15, &cert);
    sign_with(cert, pki.keys[PROFILE_SIGN], &cms);
    assert_has_reason(verify_now(buf_bytes(&cms)), REASON_WRONG_POLICY);
}

static void another_shape_than_the_profile_is_invalid(void **state)
{
    struct bytes url = x509_cert_tbs(pki.certs[PROFILE_SIGN])->ocsp_url;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;

    (void)state;
    issue_changed(url.ptr, 'H', &cert);
    sign_with(cert, pki.keys[PROFILE_SIGN], &cms);
    assert_reason(verify_now(buf_bytes(&cms)), REASON_WRONG_PROFILE);
}

static void an_unknown_critical_extension_is_invalid(void **state)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    struct bytes id = tbs_find(tbs, OID_CERTIFICATE_POLICIES)->oid;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;

    (void)state;
    issue_changed(id.ptr + 2, 0x7f, &cert);
    sign_with(cert, pki.keys[PROFILE_SIGN], &cms);
    assert_has_reason(verify_now(buf_bytes(&cms)), REASON_UNKNOWN_CRITICAL_EXTENSION);
}

static void an_auth_certificate_does_not_sign_documents(void **state)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    struct document_report report;

    (void)state;
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_AUTH_CA], NULL), 0);
    sign_with(pki.certs[PROFILE_AUTH], pki.keys[PROFILE_AUTH], &cms);
    report = verify_now(buf_bytes(&cms));
    assert_true(report_has(&report.report, REASON_WRONG_USAGE));
    assert_has_reason(report, REASON_WRONG_POLICY);
}

static void a_truncated_file_is_malformed(void **state)
{
    (void)state;
    for (size_t len = 0; len < signed_file.len; len += len < 64 ? 1 : 61)
        assert_malformed(bytes_of(signed_file.ptr, len));
    assert_malformed(bytes_of(signed_file.ptr, signed_file.len - 1));
}

static void bytes_behind_the_file_are_malformed(void **state)
{
    CLEANUP(buf_done) struct buf longer = BUF_INIT;

    (void)state;
    assert_int_equal(buf_copy(buf_bytes(&signed_file), &longer, NULL), 0);
    assert_int_equal(buf_append_byte(&longer, 0, NULL), 0);
    assert_malformed(buf_bytes(&longer));
}

/* The signature file again with other certificates and signerInfos (contents of the sets). */
static void rebuild(struct bytes certificates, struct bytes signers, struct buf *ret)
{
    static const uint8_t tags[] = {DER_SEQUENCE, DER_CONTEXT_CONSTRUCTED(0), DER_SEQUENCE};
    size_t marks[3];

    assert_int_equal(der_begin(ret, tags[0], &marks[0], NULL), 0);
    assert_int_equal(der_put_oid(ret, OID_CMS_SIGNED_DATA, NULL), 0);
    assert_int_equal(der_begin(ret, tags[1], &marks[1], NULL), 0);
    assert_int_equal(der_begin(ret, tags[2], &marks[2], NULL), 0);
    assert_int_equal(der_put_uint(ret, 1, NULL), 0);
    assert_int_equal(
        buf_append(ret,
                   BYTES_LITERAL("\x31\x0d\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"),
                   NULL),
        0);
    assert_int_equal(
        buf_append(ret, BYTES_LITERAL("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"),
                   NULL),
        0);
    if (certificates.len > 0)
        assert_int_equal(der_put(ret, DER_CONTEXT_CONSTRUCTED(0), certificates, NULL), 0);
    assert_int_equal(der_put(ret, DER_SET, signers, NULL), 0);
    for (size_t i = 3; i > 0; i--)
        assert_int_equal(der_finish(ret, marks[i - 1], NULL), 0);
}

/* The contents of the certificates and of the signerInfos in the signature file. */
static void take_apart(struct bytes *certificates, struct bytes *signers)
{
    struct bytes rest = buf_bytes(&signed_file);
    struct der element;

    assert_int_equal(der_take(&rest, DER_SEQUENCE, "", &element, NULL), 0);
    rest = element.value;
    assert_int_equal(der_take(&rest, DER_OID, "", &element, NULL), 0);
    assert_int_equal(der_take(&rest, DER_CONTEXT_CONSTRUCTED(0), "", &element, NULL), 0);
    rest = element.value;
    assert_int_equal(der_take(&rest, DER_SEQUENCE, "", &element, NULL), 0);
    rest = element.value;
    assert_int_equal(der_take(&rest, DER_INTEGER, "", &element, NULL), 0);
    assert_int_equal(der_take(&rest, DER_SET, "", &element, NULL), 0);
    assert_int_equal(der_take(&rest, DER_SEQUENCE, "", &element, NULL), 0);
    assert_int_equal(der_take(&rest, DER_CONTEXT_CONSTRUCTED(0), "", &element, NULL), 0);
    *certificates = element.value;
    assert_int_equal(der_take(&rest, DER_SET, "", &element, NULL), 0);
    *signers = element.value;
}

static void two_signers_and_none_are_malformed(void **state)
{
    CLEANUP(buf_done) struct buf twice = BUF_INIT;
    CLEANUP(buf_done) struct buf two = BUF_INIT;
    CLEANUP(buf_done) struct buf none = BUF_INIT;
    struct bytes certificates;
    struct bytes signers;

    (void)state;
    take_apart(&certificates, &signers);
    assert_int_equal(buf_append(&twice, signers, NULL), 0);
    assert_int_equal(buf_append(&twice, signers, NULL), 0);
    rebuild(certificates, buf_bytes(&twice), &two);
    assert_malformed(buf_bytes(&two));
    rebuild(certificates, bytes_of(NULL, 0), &none);
    assert_malformed(buf_bytes(&none));
}

static void without_the_signers_certificate_nothing_is_decided(void **state)
{
    CLEANUP(buf_done) struct buf only_ca = BUF_INIT;
    CLEANUP(buf_done) struct buf none = BUF_INIT;
    struct bytes certificates;
    struct bytes signers;

    (void)state;
    take_apart(&certificates, &signers);
    rebuild(bytes_of(NULL, 0), signers, &none);
    assert_reason(verify_now(buf_bytes(&none)), REASON_SIGNER_CERTIFICATE_MISSING);
    rebuild(x509_cert_der(pki.certs[PROFILE_SIGN_CA]), signers, &only_ca);
    assert_reason(verify_now(buf_bytes(&only_ca)), REASON_SIGNER_CERTIFICATE_MISSING);
}

/* RFC 5035, 5.4: a second certificate for the same key, issuer and serial. */
static void a_certificate_put_in_place_of_the_signers_is_invalid(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *replaced = NULL;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);
    struct bytes certificates;
    struct bytes signers;

    (void)state;
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN);
    inputs.not_after -= 86400;
    test_pki_issue(&pki, PROFILE_SIGN, &inputs, &replaced);
    take_apart(&certificates, &signers);
    rebuild(x509_cert_der(replaced), signers, &cms);
    assert_reason(verify_now(buf_bytes(&cms)), REASON_SIGNER_CERTIFICATE_REPLACED);
}

/* A signature by OpenSSL's own CMS code, with a sign certificate of our CA. */
static void sign_by_openssl(const EVP_MD *md, unsigned extra_flags, struct buf *ret)
{
    const unsigned flags = CMS_DETACHED | CMS_BINARY | extra_flags;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);
    BIO *content = BIO_new_mem_buf("document", 8);
    unsigned char *der = NULL;
    const unsigned char *p;
    CMS_ContentInfo *cms;
    X509 *x;
    int len;

    len = i2d_PUBKEY(key, &der);
    assert_int_equal(buf_append(&spki, bytes_of(der, (size_t)len), NULL), 0);
    OPENSSL_free(der);
    inputs.spki = buf_bytes(&spki);
    test_pki_issue(&pki, PROFILE_SIGN, &inputs, &cert);
    p = x509_cert_der(cert).ptr;
    x = d2i_X509(NULL, &p, (long)x509_cert_der(cert).len);
    cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
    assert_non_null(CMS_add1_signer(cms, x, key, md, flags));
    assert_int_equal(CMS_final(cms, content, NULL, flags), 1);
    der = NULL;
    len = i2d_CMS_ContentInfo(cms, &der);
    assert_int_equal(buf_append(ret, bytes_of(der, (size_t)len), NULL), 0);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    X509_free(x);
    BIO_free(content);
    EVP_PKEY_free(key);
}

static void sha_1_is_invalid(void **state)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    struct digest sha1;

    (void)state;
    sign_by_openssl(EVP_sha1(), 0, &cms);
    assert_int_equal(digest_compute(DIGEST_SHA1, bytes_text("document"), &sha1, NULL), 0);
    assert_reason(verify_at(buf_bytes(&cms), &sha1, TEST_PKI_NOW), REASON_WEAK_HASH);
}

static void a_digest_with_another_hash_is_the_callers_fault(void **state)
{
    struct document_inputs inputs = {
        buf_bytes(&signed_file), document, {anchors, NULL, TEST_PKI_NOW}};
    struct document_report report = DOCUMENT_REPORT_INIT;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA512, bytes_text("document"), &inputs.document, NULL),
                     0);
    assert_int_equal(document_verify(&inputs, &report, NULL), -ERR_USAGE);
}

static void our_own_signature_is_indeterminate_only_for_revocation(void **state)
{
    struct document_report report = verify_now(buf_bytes(&signed_file));
    enum digest_alg alg = DIGEST_SHA1;

    (void)state;
    assert_int_equal(document_digest_alg(buf_bytes(&signed_file), &alg, NULL), 0);
    assert_int_equal(alg, DIGEST_SHA256);
    assert_true(report.has_signing_time);
    assert_int_equal(report.signing_time, TEST_PKI_NOW);
    assert_true(bytes_equal(x509_cert_der(report.signer), x509_cert_der(pki.certs[PROFILE_SIGN])));
    assert_true(
        bytes_equal(x509_cert_der(report.issuer), x509_cert_der(pki.certs[PROFILE_SIGN_CA])));
    assert_reason(report, REASON_REVOCATION_NOT_CHECKED);
}

/* Signer by key identifier, other hashes, other order: what another program writes. */
static void signatures_by_openssl_are_judged_alike(void **state)
{
    CLEANUP(buf_done) struct buf sha256 = BUF_INIT;
    CLEANUP(buf_done) struct buf sha512 = BUF_INIT;
    struct digest digest;

    (void)state;
    sign_by_openssl(EVP_sha256(), CMS_USE_KEYID, &sha256);
    assert_reason(verify_now(buf_bytes(&sha256)), REASON_REVOCATION_NOT_CHECKED);
    sign_by_openssl(EVP_sha512(), CMS_CADES, &sha512);
    assert_int_equal(digest_compute(DIGEST_SHA512, bytes_text("document"), &digest, NULL), 0);
    assert_reason(verify_at(buf_bytes(&sha512), &digest, TEST_PKI_NOW),
                  REASON_REVOCATION_NOT_CHECKED);
}

/* Below an anchor with such a key it is as good as any; a byte changed, or the RSA anchors, not. */
static void p384_signatures_are_judged_alike(void **state)
{
    struct test_pki p384 = {.algorithm = KEY_P384};
    struct anchors *rsa = anchors;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct digest digest;

    (void)state;
    test_pki_make_kind(&p384, KEY_P384);
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("document"), &digest, NULL), 0);
    sign_over(&digest, p384.certs[PROFILE_SIGN], p384.keys[PROFILE_SIGN], &file);
    assert_has_reason(verify_at(buf_bytes(&file), &digest, TEST_PKI_NOW), REASON_ISSUER_UNKNOWN);
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    assert_int_equal(anchors_add(anchors, p384.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_reason(verify_at(buf_bytes(&file), &digest, TEST_PKI_NOW),
                  REASON_REVOCATION_NOT_CHECKED);
    assert_has_reason(verify_now(buf_bytes(&signed_file)), REASON_ISSUER_UNKNOWN);
    digest.value[0] ^= 1;
    assert_reason(verify_at(buf_bytes(&file), &digest, TEST_PKI_NOW), REASON_DOCUMENT_CHANGED);
    digest.value[0] ^= 1;
    file.ptr[file.len - 1] ^= 1;
    assert_reason(verify_at(buf_bytes(&file), &digest, TEST_PKI_NOW), REASON_SIGNATURE_BROKEN);
    anchors_freep(&anchors);
    anchors = rsa;
    test_pki_done(&p384);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_document_is_invalid),
        cmocka_unit_test(a_changed_signature_byte_is_invalid),
        cmocka_unit_test(a_changed_byte_anywhere_is_never_accepted),
        cmocka_unit_test(another_issuer_with_the_same_name_is_unknown),
        cmocka_unit_test(a_forged_certificate_with_the_key_id_of_a_listed_ca_is_invalid),
        cmocka_unit_test(an_expired_or_not_yet_valid_certificate_is_invalid),
        cmocka_unit_test(an_expired_ca_is_named),
        cmocka_unit_test(another_policy_is_invalid),
        cmocka_unit_test(another_shape_than_the_profile_is_invalid),
        cmocka_unit_test(an_unknown_critical_extension_is_invalid),
        cmocka_unit_test(an_auth_certificate_does_not_sign_documents),
        cmocka_unit_test(a_truncated_file_is_malformed),
        cmocka_unit_test(bytes_behind_the_file_are_malformed),
        cmocka_unit_test(two_signers_and_none_are_malformed),
        cmocka_unit_test(without_the_signers_certificate_nothing_is_decided),
        cmocka_unit_test(a_certificate_put_in_place_of_the_signers_is_invalid),
        cmocka_unit_test(sha_1_is_invalid),
        cmocka_unit_test(a_digest_with_another_hash_is_the_callers_fault),
        cmocka_unit_test(our_own_signature_is_indeterminate_only_for_revocation),
        cmocka_unit_test(signatures_by_openssl_are_judged_alike),
        cmocka_unit_test(p384_signatures_are_judged_alike),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
