/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our certificates and signatures before the openssl program, which knows nothing of us: all of it
 * with RSA, then with P-384.
 */
#include "base/file.h"
#include "docsign/cms.h"
#include "support/child.h"
#include "support/pki.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { OPENSSL_MS = 20000 };

struct site {
    struct test_pki pki;
    struct test_pki other; /* the same names, other keys */
};

static struct site sites[KEY_KINDS_];
static const struct site *site; /* of the running test */
static struct tempdir dir;
static char at[32];

struct paths {
    char document[TEMPDIR_FILE_SIZE];
    char signature[TEMPDIR_FILE_SIZE];
    char anchors[TEMPDIR_FILE_SIZE];
    char cert[TEMPDIR_FILE_SIZE];
};

static struct paths paths;

static void write_file(const char *path, struct bytes contents)
{
    assert_int_equal(file_replace(path, 0600, contents, NULL), 0);
}

static void write_pem(const char *path, const struct x509_cert *cert)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    assert_int_equal(x509_cert_append_pem(&pem, cert, NULL), 0);
    write_file(path, buf_bytes(&pem));
}

static void sign_document(void)
{
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct digest digest;

    assert_int_equal(
        digest_compute(key_kind_digest(site->pki.algorithm), bytes_text("document"), &digest, NULL),
        0);
    assert_int_equal(
        cms_prepare(&digest, site->pki.certs[PROFILE_SIGN], TEST_PKI_NOW, &attributes, NULL), 0);
    assert_int_equal(digest_compute(digest.alg, buf_bytes(&attributes), &digest, NULL), 0);
    assert_int_equal(privkey_sign(site->pki.keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    assert_int_equal(cms_complete(buf_bytes(&attributes), buf_bytes(&signature),
                                  site->pki.certs[PROFILE_SIGN], site->pki.certs[PROFILE_SIGN_CA],
                                  &file, NULL),
                     0);
    write_file(paths.signature, buf_bytes(&file));
}

static int setup(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KEY_KINDS_; i++) {
        test_pki_make_kind(&sites[i].pki, (enum key_kind)i);
        test_pki_make_kind(&sites[i].other, (enum key_kind)i);
    }
    dir = tempdir_make();
    (void)snprintf(at, sizeof at, "%lld", (long long)TEST_PKI_NOW);
    (void)tempdir_file(&dir, "document", paths.document);
    (void)tempdir_file(&dir, "document.p7s", paths.signature);
    (void)tempdir_file(&dir, "anchors.pem", paths.anchors);
    (void)tempdir_file(&dir, "cert.pem", paths.cert);
    return 0;
}

/* The state is one of sites. */
static int choose(void **state)
{
    site = *state;
    write_pem(paths.anchors, site->pki.certs[PROFILE_SIGN_CA]);
    sign_document();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KEY_KINDS_; i++) {
        test_pki_done(&sites[i].pki);
        test_pki_done(&sites[i].other);
    }
    tempdir_done(&dir);
    return 0;
}

/* 0 if openssl says yes, else its exit code; says is part of what it prints. */
static int openssl(const char *const argv[], const char *says)
{
    struct child_result result = child_run(argv, bytes_of(NULL, 0), OPENSSL_MS);
    const char *out = "";
    const char *err = "";
    int code = result.exit_code;

    assert_int_equal(buf_text(&result.out, &out, NULL), 0);
    assert_int_equal(buf_text(&result.err, &err, NULL), 0);
    if (strstr(out, says) == NULL && strstr(err, says) == NULL)
        fail_msg("openssl says: %s%s", out, err);
    child_result_done(&result);
    return code;
}

static int verify_document(const char *says)
{
    const char *const argv[] = {"openssl",       "cms",
                                "-verify",       "-binary",
                                "-inform",       "DER",
                                "-in",           paths.signature,
                                "-content",      paths.document,
                                "-CAfile",       paths.anchors,
                                "-attime",       at,
                                "-no-CApath",    "-x509_strict",
                                "-policy_check", NULL};

    return openssl(argv, says);
}

static int verify_cert(const struct x509_cert *cert, const struct x509_cert *ca, const char *says)
{
    const char *const argv[] = {"openssl",       "verify",        "-no-CApath", "-CAfile",
                                paths.anchors,   "-attime",       at,           "-x509_strict",
                                "-policy_check", "-check_ss_sig", paths.cert,   NULL};
    int code;

    write_pem(paths.cert, cert);
    write_pem(paths.anchors, ca);
    code = openssl(argv, says);
    write_pem(paths.anchors, site->pki.certs[PROFILE_SIGN_CA]);
    return code;
}

static void a_changed_document_is_refused(void **state)
{
    (void)state;
    write_file(paths.document, bytes_text("Document"));
    assert_int_not_equal(verify_document("Verification failure"), 0);
}

static void a_ca_of_the_same_name_is_refused(void **state)
{
    (void)state;
    write_file(paths.document, bytes_text("document"));
    write_pem(paths.anchors, site->other.certs[PROFILE_SIGN_CA]);
    assert_int_not_equal(verify_document("Verification failure"), 0);
    write_pem(paths.anchors, site->pki.certs[PROFILE_SIGN_CA]);
    assert_int_not_equal(
        verify_cert(site->pki.certs[PROFILE_SIGN], site->other.certs[PROFILE_SIGN_CA], "error"), 0);
}

static void our_signature_is_accepted(void **state)
{
    (void)state;
    write_file(paths.document, bytes_text("document"));
    assert_int_equal(verify_document("Verification successful"), 0);
}

static void every_certificate_satisfies_a_strict_verifier(void **state)
{
    (void)state;
    for (int i = 0; i < PROFILES_; i++) {
        const struct profile *issuer = profile_issuer(profile_of((enum profile_kind)i));

        assert_int_equal(
            verify_cert(site->pki.certs[i], site->pki.certs[profile_kind_of(issuer)], ": OK"), 0);
    }
}

#define WITH(test, kind) cmocka_unit_test_prestate_setup_teardown(test, choose, NULL, &sites[kind])
#define WITH_BOTH(test)  WITH(test, KEY_RSA), WITH(test, KEY_P384)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BOTH(a_changed_document_is_refused),
        WITH_BOTH(a_ca_of_the_same_name_is_refused),
        WITH_BOTH(our_signature_is_accepted),
        WITH_BOTH(every_certificate_satisfies_a_strict_verifier),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
