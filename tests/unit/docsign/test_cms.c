/* SPDX-License-Identifier: Apache-2.0 */
/* Signature files put together from pieces, of which one is wrong; then both phases. */
#include "docsign/cms.h"
#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/cms.h>

static struct test_pki pki, p384;
static struct digest document;

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make_kind(&p384, KEY_P384);
    return digest_compute(DIGEST_SHA256, bytes_text("document"), &document, NULL);
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&p384);
    return 0;
}

/* Encoded pieces; SignedData in the order of RFC 5652, 5.1, then SignerInfo in that of 5.3. */
struct draft {
    struct bytes type, version, digests, content, certificates, crls;
    struct bytes signer_version, signer_id, digest, attributes, algorithm, signature, unsigned_;
};

#define NAME           "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02JP"
#define SHA256         "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define ID_DATA        "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define DIGEST         "0123456789abcdef0123456789abcdef"
#define CONTENT_TYPE   "\x30\x18\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03\x31\x0b" ID_DATA
#define MESSAGE_DIGEST "\x30\x2f\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04\x31\x22\x04\x20" DIGEST

static struct draft good(void)
{
    return (struct draft){
        .type = BYTES_LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
        .version = BYTES_LITERAL("\x02\x01\x01"),
        .digests = BYTES_LITERAL("\x31\x0d" SHA256),
        .content = BYTES_LITERAL("\x30\x0b" ID_DATA),
        .signer_version = BYTES_LITERAL("\x02\x01\x01"),
        .signer_id = BYTES_LITERAL("\x30\x12" NAME "\x02\x01\x05"),
        .digest = BYTES_LITERAL(SHA256),
        .attributes = BYTES_LITERAL("\xa0\x4b" CONTENT_TYPE MESSAGE_DIGEST),
        .algorithm = BYTES_LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"),
        .signature = BYTES_LITERAL("\x04\x01s"),
    };
}

static void put_all(struct buf *out, uint8_t tag, const struct bytes *pieces, size_t count)
{
    size_t mark;

    assert_int_equal(der_begin(out, tag, &mark, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(buf_append(out, pieces[i], NULL), 0);
    assert_int_equal(der_finish(out, mark, NULL), 0);
}

/* The file with this many SignerInfos. */
static void build(const struct draft *d, size_t signers, struct buf *ret)
{
    const struct bytes signer_pieces[] = {d->signer_version, d->signer_id, d->digest,
                                          d->attributes,     d->algorithm, d->signature,
                                          d->unsigned_};
    CLEANUP(buf_done) struct buf signer = BUF_INIT;
    CLEANUP(buf_done) struct buf set = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf tagged = BUF_INIT;
    struct bytes infos[CMS_SIGNERS_MAX + 1];
    struct bytes pieces[6];

    put_all(&signer, DER_SEQUENCE, signer_pieces, 7);
    for (size_t i = 0; i < signers; i++)
        infos[i] = buf_bytes(&signer);
    put_all(&set, DER_SET, infos, signers);
    memcpy(pieces,
           (const struct bytes[]){d->version, d->digests, d->content, d->certificates, d->crls,
                                  buf_bytes(&set)},
           sizeof pieces);
    put_all(&data, DER_SEQUENCE, pieces, 6);
    pieces[0] = buf_bytes(&data);
    put_all(&tagged, DER_CONTEXT_CONSTRUCTED(0), pieces, 1);
    pieces[0] = d->type;
    pieces[1] = buf_bytes(&tagged);
    buf_clear(ret);
    put_all(ret, DER_SEQUENCE, pieces, 2);
}

static void assert_bytes_refused(struct bytes der, const char *why)
{
    struct cms cms = {.signing_time = 99};
    struct err err = {0};

    assert_int_equal(cms_parse(der, &cms, &err), -ERR_INPUT);
    if (strstr(err.text, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    assert_int_equal(cms.signing_time, 99);
}

static void assert_refused(const struct draft *draft, const char *why)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    build(draft, 1, &der);
    assert_bytes_refused(buf_bytes(&der), why);
}

static void assert_accepted(const struct draft *draft)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct cms cms;
    struct err err = {0};

    build(draft, 1, &der);
    if (cms_parse(buf_bytes(&der), &cms, &err) < 0)
        fail_msg("%s", err.text);
}

static void other_kinds_of_cms_are_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.type = BYTES_LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"); /* enveloped */
    assert_refused(&draft, "no signature");
    draft = good();
    draft.version = BYTES_LITERAL("\x02\x01\x05");
    assert_refused(&draft, "version 5");
    draft = good();
    draft.content = BYTES_LITERAL("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
    assert_refused(&draft, "plain data");
}

static void indefinite_lengths_are_refused_by_name(void **state)
{
    (void)state;
    assert_bytes_refused(BYTES_LITERAL("\x30\x80\x00\x00"), "indefinite");
}

static void attached_documents_are_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.content = BYTES_LITERAL("\x30\x10" ID_DATA "\xa0\x03\x04\x01x");
    assert_refused(&draft, "detached");
}

/* Each as if he were alone; one that is not read spoils all, so that none is left out. */
static void several_signers_are_read_if_they_are_asked_for(void **state)
{
    CLEANUP(buf_done) struct buf one = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct cms_signers found = {.count = 0};
    struct draft draft = good();
    struct cms alone;
    struct err err = {0};

    (void)state;
    draft.certificates = BYTES_LITERAL("\xa0\x02\x30\x00");
    build(&draft, 1, &one);
    assert_int_equal(cms_parse_any(buf_bytes(&one), &alone, NULL), 0);
    build(&draft, CMS_SIGNERS_MAX, &der);
    assert_int_equal(cms_parse_signers(buf_bytes(&der), &found, NULL), 0);
    assert_int_equal(found.count, CMS_SIGNERS_MAX);
    for (size_t i = 0; i < found.count; i++) {
        assert_int_equal(found.at[i].certificate_count, alone.certificate_count);
        assert_true(bytes_equal(found.at[i].attributes, alone.attributes));
        assert_true(bytes_equal(found.at[i].signature, alone.signature));
    }
    assert_true(found.at[0].signature.ptr < found.at[1].signature.ptr);
    build(&draft, CMS_SIGNERS_MAX + 1, &der);
    assert_int_equal(cms_parse_signers(buf_bytes(&der), &found, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "more than 8 signers"));
    build(&draft, 0, &der);
    assert_int_equal(cms_parse_signers(buf_bytes(&der), &found, &err), -ERR_INPUT);
    draft.attributes = bytes_of(NULL, 0);
    build(&draft, 2, &der);
    assert_int_equal(cms_parse_signers(buf_bytes(&der), &found, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "without signed attributes"));
}

static void none_and_several_signers_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct draft draft = good();

    (void)state;
    build(&draft, 0, &der);
    assert_bytes_refused(buf_bytes(&der), "without a signature");
    build(&draft, 2, &der);
    assert_bytes_refused(buf_bytes(&der), "several signers");
}

static void unknown_hashes_and_other_keys_are_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.digest = BYTES_LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05"); /* MD5 */
    assert_refused(&draft, "digestAlgorithm");
    draft = good();
    draft.digests = BYTES_LITERAL("\x31\x0c\x30\x0a\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05");
    assert_refused(&draft, "digestAlgorithms");
    draft = good();
    draft.algorithm = BYTES_LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02");
    assert_refused(&draft, "signatureAlgorithm");
    draft.algorithm = BYTES_LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03");
    assert_refused(&draft, "two hashes"); /* ecdsa-with-SHA384 over SHA-256 */
    draft.algorithm = BYTES_LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00");
    assert_refused(&draft, "two hashes"); /* sha384WithRSAEncryption over SHA-256 */
}

/* RFC 5652, 5.3 */
static void signer_names_and_versions_go_together(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.signer_version = BYTES_LITERAL("\x02\x01\x03");
    assert_refused(&draft, "version 3");
    draft.signer_id = BYTES_LITERAL("\x80\x02\x01\x02");
    assert_accepted(&draft);
    draft.signer_version = BYTES_LITERAL("\x02\x01\x01");
    assert_refused(&draft, "version 1");
    draft = good();
    draft.signer_id = BYTES_LITERAL("\x30\x14" NAME "\x02\x01\x05\x05\x00");
    assert_refused(&draft, "too many");
}

static void signed_attributes_must_be_there_and_complete(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.attributes = bytes_of(NULL, 0);
    assert_refused(&draft, "without signed attributes");
    draft.attributes = BYTES_LITERAL("\xa0\x1a" CONTENT_TYPE);
    assert_refused(&draft, "messageDigest");
    draft.attributes = BYTES_LITERAL("\xa0\x31" MESSAGE_DIGEST);
    assert_refused(&draft, "contentType");
}

/* RFC 5652, 11: one value, once. */
static void an_attribute_that_occurs_twice_is_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.attributes = BYTES_LITERAL("\xa0\x65" CONTENT_TYPE CONTENT_TYPE MESSAGE_DIGEST);
    assert_refused(&draft, "twice");
    draft.attributes = BYTES_LITERAL(
        "\xa0\x56\x30\x23\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03\x31\x16" ID_DATA ID_DATA
            MESSAGE_DIGEST);
    assert_refused(&draft, "contentType");
}

static void a_message_digest_of_the_wrong_length_is_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.attributes = BYTES_LITERAL(
        "\xa0\x2d" CONTENT_TYPE
        "\x30\x11\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04\x31\x04\x04\x02xy");
    assert_refused(&draft, "messageDigest");
}

/* [0] { count attributes of an unknown type, then the two that must be there } */
static void put_attributes(struct buf *out, size_t count)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;

    for (size_t i = 0; i < count; i++)
        assert_int_equal(
            buf_append(&list, BYTES_LITERAL("\x30\x08\x06\x02\x2a\x03\x31\x02\x05\x00"), NULL), 0);
    assert_int_equal(buf_append(&list, BYTES_LITERAL(CONTENT_TYPE MESSAGE_DIGEST), NULL), 0);
    buf_clear(out);
    assert_int_equal(der_put(out, DER_CONTEXT_CONSTRUCTED(0), buf_bytes(&list), NULL), 0);
}

static void attributes_and_certificates_end_at_their_limits(void **state)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    CLEANUP(buf_done) struct buf set = BUF_INIT;
    struct draft draft = good();

    (void)state;
    put_attributes(&list, CMS_ATTRIBUTES_MAX - 2);
    draft.attributes = buf_bytes(&list);
    assert_accepted(&draft);
    put_attributes(&list, CMS_ATTRIBUTES_MAX - 1);
    draft.attributes = buf_bytes(&list);
    assert_refused(&draft, "signed attributes");
    draft = good();
    buf_clear(&list);
    for (size_t i = 0; i <= CMS_CERTIFICATES_MAX; i++) {
        buf_clear(&set);
        assert_int_equal(der_put(&set, DER_CONTEXT_CONSTRUCTED(0), buf_bytes(&list), NULL), 0);
        draft.certificates = buf_bytes(&set);
        assert_accepted(&draft);
        assert_int_equal(buf_append(&list, BYTES_LITERAL("\x30\x00"), NULL), 0);
    }
    buf_clear(&set);
    assert_int_equal(der_put(&set, DER_CONTEXT_CONSTRUCTED(0), buf_bytes(&list), NULL), 0);
    draft.certificates = buf_bytes(&set);
    assert_refused(&draft, "certificates");
}

static void certificates_of_other_kinds_are_refused(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.certificates = BYTES_LITERAL("\xa0\x02\xa1\x00"); /* an attribute certificate */
    assert_refused(&draft, "X.509");
}

static void signature_files_end_at_their_limit(void **state)
{
    struct draft draft = good();
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf filler = BUF_INIT;
    uint8_t *zeros = calloc(1, CMS_MAX);
    size_t around;

    (void)state;
    assert_non_null(zeros);
    build(&draft, 1, &der);
    around = der.len;
    /* The lengths around grow too; unsigned attributes are not looked at. */
    for (size_t len = CMS_MAX - around - 64; der.len < CMS_MAX; len++) {
        buf_clear(&filler);
        assert_int_equal(der_put(&filler, DER_CONTEXT_CONSTRUCTED(1), bytes_of(zeros, len), NULL),
                         0);
        draft.unsigned_ = buf_bytes(&filler);
        build(&draft, 1, &der);
        if (der.len + 32 < CMS_MAX)
            len += CMS_MAX - der.len - 32;
    }
    assert_int_equal(der.len, CMS_MAX);
    assert_accepted(&draft);
    assert_int_equal(buf_append_byte(&der, 0, NULL), 0);
    assert_bytes_refused(buf_bytes(&der), "more than");
    free(zeros);
}

static void crls_and_unsigned_attributes_are_stepped_over(void **state)
{
    struct draft draft = good();

    (void)state;
    draft.crls = BYTES_LITERAL("\xa1\x02\x30\x00");
    draft.unsigned_ = BYTES_LITERAL("\xa1\x02\x30\x00");
    assert_accepted(&draft);
    draft.unsigned_ = BYTES_LITERAL("\xa1\x00\x05\x00");
    assert_refused(&draft, "SignerInfo");
}

static void the_pieces_are_found(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct draft draft = good();
    struct cms cms;
    struct digest digest;
    struct digest expected;
    uint8_t set[0x4d];

    (void)state;
    build(&draft, 1, &der);
    assert_int_equal(cms_parse(buf_bytes(&der), &cms, NULL), 0);
    assert_int_equal(cms.digest_alg, DIGEST_SHA256);
    assert_true(bytes_equal(cms.message_digest, bytes_text(DIGEST)));
    assert_true(bytes_equal(cms.signer_issuer, BYTES_LITERAL(NAME)));
    assert_true(bytes_equal(cms.signer_serial, BYTES_LITERAL("\x05")));
    assert_true(bytes_equal(cms.signature, bytes_text("s")));
    assert_false(cms.has_signing_time);
    assert_int_equal(cms.signer_cert_hash.len, 0);
    /* RFC 5652, 5.4: hashed as SET OF */
    memcpy(set, draft.attributes.ptr, sizeof set);
    set[0] = DER_SET;
    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_ARRAY(set), &expected, NULL), 0);
    assert_int_equal(cms_attributes_digest(&cms, &digest, NULL), 0);
    assert_true(bytes_equal(digest_bytes(&digest), digest_bytes(&expected)));
}

static void only_sha_256_is_signed(void **state)
{
    struct buf attributes = BUF_INIT;
    struct digest sha1;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA1, bytes_text("document"), &sha1, NULL), 0);
    assert_int_equal(cms_prepare(&sha1, pki.certs[PROFILE_SIGN], 0, &attributes, NULL), -ERR_USAGE);
    assert_null(attributes.ptr);
}

static void sign(const struct privkey *key, struct buf *attributes, struct buf *signature)
{
    struct digest digest;

    assert_int_equal(
        cms_prepare(&document, pki.certs[PROFILE_SIGN], TEST_PKI_NOW, attributes, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(attributes), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, signature, NULL), 0);
}

/* One hash for document and attributes: that of the signer's key (RFC 5754, 3). */
static void a_p384_signer_signs_with_sha_384_only(void **state)
{
    const struct x509_cert *signer = p384.certs[PROFILE_SIGN];
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct digest digest;
    struct cms cms;

    (void)state;
    assert_int_equal(cms_prepare(&document, signer, 0, &attributes, NULL), -ERR_USAGE);
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("document"), &digest, NULL), 0);
    assert_int_equal(cms_prepare(&digest, pki.certs[PROFILE_SIGN], 0, &attributes, NULL),
                     -ERR_USAGE);
    assert_int_equal(cms_prepare(&digest, signer, TEST_PKI_NOW, &attributes, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA384, buf_bytes(&attributes), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    assert_int_equal(
        cms_complete(buf_bytes(&attributes), buf_bytes(&signature), signer, NULL, &file, NULL),
        -ERR_UNTRUSTED); /* RSA */
    buf_done(&signature);
    assert_int_equal(privkey_sign(p384.keys[PROFILE_AUTH], &digest, &signature, NULL), 0);
    assert_int_equal(
        cms_complete(buf_bytes(&attributes), buf_bytes(&signature), signer, NULL, &file, NULL),
        -ERR_UNTRUSTED); /* another key */
    buf_done(&signature);
    assert_int_equal(privkey_sign(p384.keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    assert_int_equal(
        cms_complete(buf_bytes(&attributes), buf_bytes(&signature), signer, NULL, &file, NULL), 0);
    assert_int_equal(cms_parse(buf_bytes(&file), &cms, NULL), 0);
    assert_int_equal(cms.digest_alg, DIGEST_SHA384);
    assert_int_equal(cms.scheme, SCHEME_ECDSA);
}

static void a_signature_by_another_key_makes_no_file(void **state)
{
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct buf file = BUF_INIT;

    (void)state;
    sign(pki.keys[PROFILE_AUTH], &attributes, &signature);
    assert_int_equal(cms_complete(buf_bytes(&attributes), buf_bytes(&signature),
                                  pki.certs[PROFILE_SIGN], NULL, &file, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(cms_complete(bytes_text("x"), buf_bytes(&signature), pki.certs[PROFILE_SIGN],
                                  NULL, &file, NULL),
                     -ERR_INPUT);
    assert_null(file.ptr);
}

/* The attributes and what OpenSSL makes of them; it writes the same bytes, so they are in DER. */
static void openssl_reads_and_writes_our_file_alike(void **state)
{
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CMS_ContentInfo *judge;
    CMS_SignerInfo *signer;
    X509_ALGOR *algorithm = NULL;
    const unsigned char *p;
    unsigned char *again = NULL;
    int len;

    (void)state;
    sign(pki.keys[PROFILE_SIGN], &attributes, &signature);
    assert_int_equal(cms_complete(buf_bytes(&attributes), buf_bytes(&signature),
                                  pki.certs[PROFILE_SIGN], pki.certs[PROFILE_SIGN_CA], &file, NULL),
                     0);
    p = file.ptr;
    judge = d2i_CMS_ContentInfo(NULL, &p, (long)file.len);
    assert_non_null(judge);
    assert_ptr_equal(p, file.ptr + file.len);
    len = i2d_CMS_ContentInfo(judge, &again);
    assert_true(bytes_equal(bytes_of(again, (size_t)len), buf_bytes(&file)));
    OPENSSL_free(again);
    assert_int_equal(sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(judge)), 1);
    signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(judge), 0);
    assert_int_equal(CMS_signed_get_attr_count(signer), 4);
    assert_true(CMS_signed_get_attr_by_NID(signer, NID_id_smime_aa_signingCertificateV2, -1) >= 0);
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, NULL, &algorithm);
    assert_int_equal(OBJ_obj2nid(algorithm->algorithm), NID_sha256WithRSAEncryption);
    CMS_ContentInfo_free(judge);
}

static void what_was_prepared_is_read_back(void **state)
{
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct digest digest;
    struct cms cms;

    (void)state;
    sign(pki.keys[PROFILE_SIGN], &attributes, &signature);
    assert_int_equal(cms_complete(buf_bytes(&attributes), buf_bytes(&signature),
                                  pki.certs[PROFILE_SIGN], NULL, &file, NULL),
                     0);
    assert_int_equal(cms_parse(buf_bytes(&file), &cms, NULL), 0);
    assert_int_equal(cms.certificate_count, 1);
    assert_true(bytes_equal(cms.certificates[0], x509_cert_der(pki.certs[PROFILE_SIGN])));
    assert_true(cms.has_signing_time);
    assert_int_equal(cms.signing_time, TEST_PKI_NOW);
    assert_true(bytes_equal(cms.message_digest, digest_bytes(&document)));
    assert_true(bytes_equal(cms.signature, buf_bytes(&signature)));
    assert_int_equal(
        digest_compute(DIGEST_SHA256, x509_cert_der(pki.certs[PROFILE_SIGN]), &digest, NULL), 0);
    assert_int_equal(cms.signer_cert_alg, DIGEST_SHA256);
    assert_true(bytes_equal(cms.signer_cert_hash, digest_bytes(&digest)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_kinds_of_cms_are_refused),
        cmocka_unit_test(indefinite_lengths_are_refused_by_name),
        cmocka_unit_test(attached_documents_are_refused),
        cmocka_unit_test(several_signers_are_read_if_they_are_asked_for),
        cmocka_unit_test(none_and_several_signers_are_refused),
        cmocka_unit_test(unknown_hashes_and_other_keys_are_refused),
        cmocka_unit_test(signer_names_and_versions_go_together),
        cmocka_unit_test(signed_attributes_must_be_there_and_complete),
        cmocka_unit_test(an_attribute_that_occurs_twice_is_refused),
        cmocka_unit_test(a_message_digest_of_the_wrong_length_is_refused),
        cmocka_unit_test(attributes_and_certificates_end_at_their_limits),
        cmocka_unit_test(certificates_of_other_kinds_are_refused),
        cmocka_unit_test(signature_files_end_at_their_limit),
        cmocka_unit_test(crls_and_unsigned_attributes_are_stepped_over),
        cmocka_unit_test(the_pieces_are_found),
        cmocka_unit_test(only_sha_256_is_signed),
        cmocka_unit_test(a_p384_signer_signs_with_sha_384_only),
        cmocka_unit_test(a_signature_by_another_key_makes_no_file),
        cmocka_unit_test(openssl_reads_and_writes_our_file_alike),
        cmocka_unit_test(what_was_prepared_is_read_back),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
