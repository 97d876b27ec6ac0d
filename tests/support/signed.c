/* SPDX-License-Identifier: Apache-2.0 */
#include "support/signed.h"

#include "docsign/cms.h"
#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { HOUR = 3600 };

void test_document_sign(const struct test_pki *pki, struct bytes document, int64_t signing_time,
                        struct buf *ret)
{
    const struct x509_cert *signer = pki->certs[PROFILE_SIGN];
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, document, &digest, NULL), 0);
    assert_int_equal(cms_prepare(&digest, signer, signing_time, &attributes, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&attributes), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki->keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    assert_int_equal(cms_complete(buf_bytes(&attributes), buf_bytes(&signature), signer,
                                  pki->certs[PROFILE_SIGN_CA], ret, NULL),
                     0);
}

struct test_list test_list_of(const struct test_pki *pki, int64_t now)
{
    const struct tbs *ca = x509_cert_tbs(pki->certs[PROFILE_SIGN_CA]);

    return (struct test_list){
        .head = {.issuer = ca->subject,
                 .authority_key_id = ca->subject_key_id,
                 .number = 1,
                 .this_update = now - HOUR,
                 .next_update = now + HOUR,
                 .distribution_point = x509_cert_tbs(pki->certs[PROFILE_SIGN])->distribution_point,
                 .scope = CRL_SCOPE_USERS},
        .signer = pki->keys[PROFILE_SIGN_CA]};
}

void test_list_make(const struct test_list *list, struct buf *ret)
{
    struct test_revocations array = {.entries = list->entries, .count = list->count};
    struct revocation_source source = test_revocations_source(&array);
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct crl_sink sink = crl_sink_buf(&tbs);
    struct crl_sink whole = crl_sink_buf(ret);
    struct digest digest;

    assert_int_equal(crl_write_tbs(&list->head, &source, &sink, NULL, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    assert_int_equal(privkey_sign(list->signer, &digest, &signature, NULL), 0);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &whole, NULL), 0);
}
