/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that the openssl program signed, in ways that we take and ways that we refuse. */
#include "base/file.h"
#include "support/child.h"
#include "support/pki.h"
#include "support/tempdir.h"
#include "verify/document_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { OPENSSL_MS = 20000, FILE_LIMIT = 65536, OPTIONS = 5 };

struct way {
    enum key_kind key;
    const char *hash;
    const char *options[OPTIONS]; /* of -keyopt */
    enum digest_alg document;
    int rc;             /* of document_verify or document_digest_alg */
    enum reason reason; /* REASONS_: none but that revocation was not looked up */
};

#define PSS "rsa_padding_mode:pss"

static const struct way ways[] = {
    {KEY_RSA, "sha1", {NULL}, DIGEST_SHA1, 0, REASON_WEAK_HASH},
    {KEY_RSA, "sha1", {PSS, "rsa_pss_saltlen:digest"}, DIGEST_SHA1, -ERR_INPUT, REASONS_},
    {KEY_RSA, "sha256", {PSS, "rsa_pss_saltlen:max"}, DIGEST_SHA256, -ERR_INPUT, REASONS_},
    {KEY_RSA, "sha256", {PSS, "rsa_pss_saltlen:20"}, DIGEST_SHA256, -ERR_INPUT, REASONS_},
    {KEY_RSA, "sha256", {PSS, "rsa_pss_saltlen:0"}, DIGEST_SHA256, -ERR_INPUT, REASONS_},
    {KEY_RSA,
     "sha256",
     {PSS, "rsa_pss_saltlen:digest", "rsa_mgf1_md:sha1"},
     DIGEST_SHA256,
     -ERR_INPUT,
     REASONS_},
    {KEY_RSA,
     "sha256",
     {PSS, "rsa_pss_saltlen:digest", "rsa_mgf1_md:sha512"},
     DIGEST_SHA256,
     -ERR_INPUT,
     REASONS_},
    {KEY_P384, "sha256", {NULL}, DIGEST_SHA256, -ERR_INPUT, REASONS_},
    {KEY_P384, "sha512", {NULL}, DIGEST_SHA512, -ERR_INPUT, REASONS_},
    {KEY_RSA, "sha256", {NULL}, DIGEST_SHA256, 0, REASONS_},
    {KEY_RSA, "sha512", {NULL}, DIGEST_SHA512, 0, REASONS_},
    {KEY_RSA, "sha256", {PSS, "rsa_pss_saltlen:digest"}, DIGEST_SHA256, 0, REASONS_},
    {KEY_RSA, "sha384", {PSS, "rsa_pss_saltlen:digest"}, DIGEST_SHA384, 0, REASONS_},
    {KEY_RSA, "sha512", {PSS, "rsa_pss_saltlen:digest"}, DIGEST_SHA512, 0, REASONS_},
    {KEY_P384, "sha384", {NULL}, DIGEST_SHA384, 0, REASONS_},
};

enum { WAYS = sizeof ways / sizeof ways[0] };

static struct test_pki pkis[KEY_KINDS_];
static struct anchors *anchors;
static struct tempdir dir;
static struct buf signatures[WAYS];

static void write_file(const char *name, struct bytes contents)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_replace(tempdir_file(&dir, name, path), 0600, contents, NULL), 0);
}

static void write_pki(const struct test_pki *pki)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    assert_int_equal(privkey_export(pki->keys[PROFILE_SIGN], &key, NULL), 0);
    write_file("key.der", bytes_of(key.ptr, key.len));
    assert_int_equal(x509_cert_append_pem(&pem, pki->certs[PROFILE_SIGN], NULL), 0);
    write_file("cert.pem", buf_bytes(&pem));
}

static void move_file(const char *name, const char *to)
{
    char from[TEMPDIR_FILE_SIZE];

    assert_int_equal(rename(tempdir_file(&dir, name, from), to), 0);
}

static void sign(const struct way *way, struct buf *ret)
{
    char document[TEMPDIR_FILE_SIZE];
    char cert[TEMPDIR_FILE_SIZE];
    char key[TEMPDIR_FILE_SIZE];
    char out[TEMPDIR_FILE_SIZE];
    const char *argv[32] = {"openssl", "cms",     "-sign",    "-binary", "-nosmimecap",
                            "-md",     way->hash, "-keyform", "DER",     "-outform",
                            "DER",     "-in",     document,   "-signer", cert,
                            "-inkey",  key,       "-out",     out};
    size_t count = 19;
    struct child_result result;

    (void)tempdir_file(&dir, "document", document);
    (void)tempdir_file(&dir, "cert.pem", cert);
    (void)tempdir_file(&dir, "key.der", key);
    (void)tempdir_file(&dir, "document.p7s", out);
    for (size_t i = 0; i < OPTIONS && way->options[i] != NULL; i++) {
        argv[count++] = "-keyopt";
        argv[count++] = way->options[i];
    }
    write_pki(&pkis[way->key]);
    result = child_run(argv, bytes_of(NULL, 0), OPENSSL_MS);
    assert_int_equal(result.exit_code, 0);
    child_result_done(&result);
    assert_int_equal(file_read(out, FILE_LIMIT, ret, NULL), 0);
}

/* By a holder with an RSA key and one with a P-384 key, the document in it. */
static void sign_by_both(bool is_streamed, struct buf *ret)
{
    char document[TEMPDIR_FILE_SIZE], out[TEMPDIR_FILE_SIZE];
    char cert[KEY_KINDS_][TEMPDIR_FILE_SIZE], key[KEY_KINDS_][TEMPDIR_FILE_SIZE];
    const char *argv[] = {
        "openssl",     "cms",          "-sign",       "-binary",     "-nodetach",
        "-nosmimecap", "-md",          "sha384",      "-keyform",    "DER",
        "-outform",    "DER",          "-in",         document,      "-out",
        out,           "-signer",      cert[KEY_RSA], "-inkey",      key[KEY_RSA],
        "-signer",     cert[KEY_P384], "-inkey",      key[KEY_P384], is_streamed ? "-stream" : NULL,
        NULL};
    struct child_result result;

    (void)tempdir_file(&dir, "document", document);
    (void)tempdir_file(&dir, "both.p7s", out);
    for (unsigned i = 0; i < KEY_KINDS_; i++) {
        write_pki(&pkis[i]);
        (void)tempdir_file(&dir, i == KEY_RSA ? "rsa.pem" : "p384.pem", cert[i]);
        (void)tempdir_file(&dir, i == KEY_RSA ? "rsa.der" : "p384.der", key[i]);
        move_file("cert.pem", cert[i]);
        move_file("key.der", key[i]);
    }
    result = child_run(argv, bytes_of(NULL, 0), OPENSSL_MS);
    assert_int_equal(result.exit_code, 0);
    child_result_done(&result);
    assert_int_equal(file_read(out, FILE_LIMIT, ret, NULL), 0);
}

/* The second holder's certificate with a number of its own: both CAs have one name. */
static void number_apart(void)
{
    struct profile_inputs inputs = test_pki_inputs(&pkis[KEY_P384], PROFILE_SIGN);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_spki(pkis[KEY_P384].keys[PROFILE_SIGN], &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    inputs.serial += 1000;
    x509_cert_freep(&pkis[KEY_P384].certs[PROFILE_SIGN]);
    test_pki_issue(&pkis[KEY_P384], PROFILE_SIGN, &inputs, &pkis[KEY_P384].certs[PROFILE_SIGN]);
}

static int setup(void **state)
{
    (void)state;
    dir = tempdir_make();
    write_file("document", bytes_text("document"));
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    for (unsigned i = 0; i < KEY_KINDS_; i++) {
        test_pki_make_kind(&pkis[i], (enum key_kind)i);
        assert_int_equal(anchors_add(anchors, pkis[i].certs[PROFILE_SIGN_CA], NULL), 0);
    }
    number_apart();
    for (size_t i = 0; i < WAYS; i++)
        sign(&ways[i], &signatures[i]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++)
        buf_done(&signatures[i]);
    for (unsigned i = 0; i < KEY_KINDS_; i++)
        test_pki_done(&pkis[i]);
    anchors_freep(&anchors);
    tempdir_done(&dir);
    return 0;
}

static int verify(size_t i, const char *document, struct document_report *ret)
{
    struct document_inputs inputs = {.cms = buf_bytes(&signatures[i]),
                                     .trust = {anchors, NULL, TEST_PKI_NOW}};

    assert_int_equal(digest_compute(ways[i].document, bytes_text(document), &inputs.document, NULL),
                     0);
    return document_verify(&inputs, ret, NULL);
}

static void each_way_is_taken_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;
        bool has_reason = ways[i].rc == 0 && ways[i].reason != REASONS_;

        if (verify(i, "document", &report) != ways[i].rc)
            fail_msg("%zu: %s %s", i, ways[i].hash, ways[i].options[0]);
        if (ways[i].rc < 0)
            continue;
        assert_int_equal(report.report.reason_count, 1);
        assert_int_equal(report.report.reasons[0],
                         has_reason ? ways[i].reason : REASON_REVOCATION_NOT_CHECKED);
    }
}

static void another_document_is_invalid_in_each_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;

        if (ways[i].rc < 0)
            continue;
        assert_int_equal(verify(i, "Document", &report), 0);
        assert_true(report_has(&report.report, REASON_DOCUMENT_CHANGED));
        assert_int_equal(report.report.verdict, VERDICT_INVALID);
    }
}

/* The signature is the last thing in the file, as there are no unsigned attributes. */
static void a_changed_signature_is_broken_in_each_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;
        uint8_t *last = &signatures[i].ptr[signatures[i].len - 1];

        if (ways[i].rc < 0)
            continue;
        *last ^= 1;
        assert_int_equal(verify(i, "document", &report), 0);
        assert_true(report_has(&report.report, REASON_SIGNATURE_BROKEN));
        *last ^= 1;
    }
}

static int verify_file(const struct buf *file, struct document_file_report *ret, struct err *err)
{
    const struct document_file_inputs inputs = {
        DOCUMENT_CMS, buf_bytes(file), NULL, {anchors, NULL, TEST_PKI_NOW}};

    return document_file_verify(&inputs, ret, err);
}

/* Streaming, openssl writes indefinite lengths and the document in pieces. */
static void what_openssl_streams_is_refused_as_ber(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;
    struct err err = {0};

    (void)state;
    sign_by_both(true, &file);
    assert_int_equal(verify_file(&file, &found, &err), -ERR_INPUT);
    assert_int_equal(err.detail, DER_IS_BER);
}

static void two_signers_with_keys_of_two_kinds_are_judged_each(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report good = DOCUMENT_FILE_REPORT_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report bad = DOCUMENT_FILE_REPORT_INIT;

    (void)state;
    sign_by_both(false, &file);
    assert_int_equal(verify_file(&file, &good, NULL), 0);
    assert_int_equal(good.count, 2);
    for (size_t i = 0; i < good.count; i++) {
        assert_int_equal(good.parts[i].found.report.reason_count, 1);
        assert_true(report_has(&good.parts[i].found.report, REASON_REVOCATION_NOT_CHECKED));
    }
    assert_false(bytes_equal(x509_cert_der(good.parts[0].found.signer),
                             x509_cert_der(good.parts[1].found.signer)));
    file.ptr[file.len - 1] ^= 1;
    assert_int_equal(verify_file(&file, &bad, NULL), 0);
    assert_false(report_has(&bad.parts[0].found.report, REASON_SIGNATURE_BROKEN));
    assert_true(report_has(&bad.parts[1].found.report, REASON_SIGNATURE_BROKEN));
    assert_int_equal(bad.report.verdict, VERDICT_INVALID);
}

static int openssl_verifies(struct bytes structure, const char *content)
{
    char file[TEMPDIR_FILE_SIZE], beside[TEMPDIR_FILE_SIZE];
    const char *argv[] = {"openssl", "cms", "-verify",  "-noverify", "-binary", "-inform",   "DER",
                          "-in",     file,  "-content", beside,      "-out",    "/dev/null", NULL};
    struct child_result result;
    int code;

    write_file("proof.p7s", structure);
    write_file("beside", bytes_text(content));
    (void)tempdir_file(&dir, "proof.p7s", file);
    (void)tempdir_file(&dir, "beside", beside);
    result = child_run(argv, bytes_of(NULL, 0), OPENSSL_MS);
    code = result.exit_code;
    child_result_done(&result);
    return code;
}

/* Whatever form it was found in, openssl takes it beside the document, and beside no other. */
static void each_signature_alone_is_verified_by_openssl(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    const enum key_kind kinds[] = {KEY_RSA, KEY_P384};
    struct cms_signers found;

    (void)state;
    sign_by_both(false, &file);
    assert_int_equal(cms_parse_signers(buf_bytes(&file), &found, NULL), 0);
    for (size_t i = 0; i < found.count; i++) {
        CLEANUP(buf_done) struct buf proof = BUF_INIT;
        bool is_first = bytes_equal(found.at[i].signer_serial,
                                    x509_cert_tbs(pkis[KEY_RSA].certs[PROFILE_SIGN])->serial);
        const struct x509_cert *cert = pkis[kinds[is_first ? 0 : 1]].certs[PROFILE_SIGN];
        struct cms alone;

        assert_int_equal(cms_detach(&found.at[i], x509_cert_der(cert), &proof, NULL), 0);
        assert_int_equal(cms_parse(buf_bytes(&proof), &alone, NULL), 0);
        assert_int_equal(alone.certificate_count, 1);
        assert_int_equal(openssl_verifies(buf_bytes(&proof), "document"), 0);
        assert_int_not_equal(openssl_verifies(buf_bytes(&proof), "Document"), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signature_alone_is_verified_by_openssl),
        cmocka_unit_test(what_openssl_streams_is_refused_as_ber),
        cmocka_unit_test(two_signers_with_keys_of_two_kinds_are_judged_each),
        cmocka_unit_test(another_document_is_invalid_in_each_way),
        cmocka_unit_test(a_changed_signature_is_broken_in_each_way),
        cmocka_unit_test(each_way_is_taken_or_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
