/* SPDX-License-Identifier: Apache-2.0 */
#include "support/ocsp_question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void sign(const struct test_pki *pki, const struct test_question *question, struct bytes tbs,
                 struct buf *ret)
{
    const struct privkey *key = question->key;
    struct digest digest;

    if (question->is_unsigned)
        return;
    assert_int_equal(digest_compute(DIGEST_SHA256, tbs, &digest, NULL), 0);
    assert_int_equal(privkey_sign(key == NULL ? pki->keys[PROFILE_AUTH] : key, &digest, ret, NULL),
                     0);
}

void test_question_make(const struct test_pki *pki, const struct test_question *question,
                        struct buf *ret)
{
    const struct x509_cert *issuer = question->issuer == NULL ? pki->certs[PROFILE_SIGN_CA]
                                                              : question->issuer;
    const struct x509_cert *cert = question->cert == NULL ? pki->certs[PROFILE_AUTH]
                                                          : question->cert;
    struct buf ids[OCSP_SINGLES_MAX] = {BUF_INIT};
    struct bytes der[OCSP_SINGLES_MAX];
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct ocsp_question built = {.cert_ids = der,
                                        .count = question->count,
                                        .nonce = question->nonce,
                                        .requestor = question->requestor};

    assert_true(question->count <= OCSP_SINGLES_MAX);
    for (size_t i = 0; i < question->count; i++) {
        assert_int_equal(ocsp_cert_id_build(question->alg, x509_cert_tbs(issuer),
                                            question->serials[i], &ids[i], NULL),
                         0);
        der[i] = buf_bytes(&ids[i]);
    }
    assert_int_equal(ocsp_request_build(&built, &tbs, NULL), 0);
    sign(pki, question, buf_bytes(&tbs), &signature);
    assert_int_equal(ocsp_request_assemble(buf_bytes(&tbs), buf_bytes(&signature),
                                           x509_cert_der(cert), ret, NULL),
                     0);
    for (size_t i = 0; i < question->count; i++)
        buf_done(&ids[i]);
}
