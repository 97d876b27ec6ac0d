/* SPDX-License-Identifier: Apache-2.0 */
/* Our OCSP requests and responses, judged by `openssl ocsp`. */
#include "base/file.h"
#include "support/child.h"
#include "support/pki.h"
#include "support/tempdir.h"
#include "x509/ocsp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct place {
    struct tempdir dir;
    char ca[TEMPDIR_FILE_SIZE];
    char request[TEMPDIR_FILE_SIZE];
    char response[TEMPDIR_FILE_SIZE];
};

static void save(const char *path, const struct buf *data)
{
    assert_int_equal(file_replace(path, 0600, buf_bytes(data), NULL), 0);
}

static void sign_by_ca(const struct test_pki *pki, struct bytes tbs, struct buf *ret)
{
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, tbs, &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki->keys[PROFILE_SIGN_CA], &digest, ret, NULL), 0);
}

/* A request with a nonce that asks for one serial; the CertID stays in *ret_id. */
static void make_request(const struct test_pki *pki, struct buf *ret_id, struct buf *ret)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct tbs *ca = x509_cert_tbs(pki->certs[PROFILE_SIGN_CA]);
    struct bytes id;

    assert_int_equal(ocsp_cert_id_build(DIGEST_SHA256, ca, BYTES_LITERAL("\x77"), ret_id, NULL), 0);
    id = buf_bytes(ret_id);
    struct ocsp_question question = {.cert_ids = &id,
                                     .count = 1,
                                     .nonce = BYTES_LITERAL("0123456789abcdef"),
                                     .requestor = ca->subject};
    assert_int_equal(ocsp_request_build(&question, &tbs, NULL), 0);
    sign_by_ca(pki, buf_bytes(&tbs), &signature);
    assert_int_equal(ocsp_request_assemble(buf_bytes(&tbs), buf_bytes(&signature),
                                           x509_cert_der(pki->certs[PROFILE_SIGN_CA]), ret, NULL),
                     0);
}

/* The CA answers by itself, as RFC 6960, 2.2 allows. */
static void make_response(const struct test_pki *pki, const struct buf *id, struct buf *ret)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct tbs *ca = x509_cert_tbs(pki->certs[PROFILE_SIGN_CA]);
    int64_t now = time(NULL);
    struct ocsp_response response = {.responder_key_hash = ca->subject_key_id,
                                     .produced_at = now,
                                     .count = 1,
                                     .nonce = BYTES_LITERAL("0123456789abcdef")};

    response.singles[0] = (struct ocsp_single){.id = {.der = buf_bytes(id)},
                                               .status = OCSP_REVOKED,
                                               .revoked_at = now - 3600,
                                               .reason = 3,
                                               .this_update = now - 1,
                                               .next_update = now + 900};
    assert_int_equal(ocsp_response_build_data(&response, &data, NULL), 0);
    sign_by_ca(pki, buf_bytes(&data), &signature);
    assert_int_equal(ocsp_response_assemble(buf_bytes(&data), buf_bytes(&signature),
                                            x509_cert_der(pki->certs[PROFILE_SIGN_CA]), ret, NULL),
                     0);
}

static void openssl_reads_the_request(const struct place *place)
{
    const char *const argv[] = {"openssl", "ocsp", "-reqin", place->request, "-req_text", NULL};
    struct child_result result = child_run(argv, bytes_of(NULL, 0), 20000);
    const char *text;

    assert_int_equal(buf_text(&result.out, &text, NULL), 0);
    assert_non_null(strstr(text, "Requestor Name: DirName:"));
    assert_non_null(strstr(text, "Hash Algorithm: sha256"));
    assert_non_null(strstr(text, "Serial Number: 77"));
    assert_non_null(strstr(text, "OCSP Nonce"));
    assert_non_null(strstr(text, "Signature Algorithm: sha256WithRSAEncryption"));
    child_result_done(&result);
}

static void openssl_accepts_the_response(const struct place *place)
{
    const char *const argv[] = {"openssl", "ocsp",          "-reqin",     place->request,
                                "-respin", place->response, "-CAfile",    place->ca,
                                "-issuer", place->ca,       "-resp_text", NULL};
    struct child_result result = child_run(argv, bytes_of(NULL, 0), 20000);
    const char *text;

    assert_int_equal(result.exit_code, 0);
    assert_int_equal(buf_text(&result.err, &text, NULL), 0);
    assert_non_null(strstr(text, "Response verify OK"));
    assert_null(strstr(text, "Nonce"));
    assert_int_equal(buf_text(&result.out, &text, NULL), 0);
    assert_non_null(strstr(text, "Cert Status: revoked"));
    assert_non_null(strstr(text, "Revocation Reason: affiliationChanged (0x3)"));
    assert_non_null(strstr(text, "Responder Id: "));
    child_result_done(&result);
}

static void openssl_reads_what_is_asked_and_believes_the_answer(void **state)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    struct place place = {.dir = tempdir_make()};
    struct test_pki pki;

    (void)state;
    test_pki_make(&pki);
    make_request(&pki, &id, &request);
    make_response(&pki, &id, &response);
    assert_int_equal(x509_cert_append_pem(&pem, pki.certs[PROFILE_SIGN_CA], NULL), 0);
    save(tempdir_file(&place.dir, "ca.pem", place.ca), &pem);
    save(tempdir_file(&place.dir, "request", place.request), &request);
    save(tempdir_file(&place.dir, "response", place.response), &response);
    openssl_reads_the_request(&place);
    openssl_accepts_the_response(&place);
    test_pki_done(&pki);
    tempdir_done(&place.dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_reads_what_is_asked_and_believes_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
