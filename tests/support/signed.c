/* SPDX-License-Identifier: Apache-2.0 */
#include "support/signed.h"

#include "base/hex.h"
#include "docsign/cms.h"
#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { HOUR = 3600, GAP = 2 * 4096, NUMBER = 10 };

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

/* Encloses what stands in whole from that place on. */
static void enclose(uint8_t tag, size_t from, struct buf *whole)
{
    CLEANUP(buf_done) struct buf inner = BUF_INIT;
    size_t mark;

    assert_int_equal(buf_copy(bytes_part(buf_bytes(whole), from, whole->len), &inner, NULL), 0);
    whole->len = from;
    assert_int_equal(der_begin(whole, tag, &mark, NULL), 0);
    assert_int_equal(buf_append(whole, buf_bytes(&inner), NULL), 0);
    assert_int_equal(der_finish(whole, mark, NULL), 0);
}

/* The detached one, taken apart as far as encapContentInfo, and put together again. */
void test_document_attach(const struct test_pki *pki, struct bytes document, int64_t signing_time,
                          struct buf *ret)
{
    CLEANUP(buf_done) struct buf detached = BUF_INIT;
    struct der outer, type, tagged, data, version, algorithms, info;
    size_t at;

    test_document_sign(pki, document, signing_time, &detached);
    assert_int_equal(der_only(buf_bytes(&detached), DER_SEQUENCE, "", &outer, NULL), 0);
    assert_int_equal(der_next(&outer.value, &type, NULL), 0);
    assert_int_equal(der_next(&outer.value, &tagged, NULL), 0);
    assert_int_equal(der_next(&tagged.value, &data, NULL), 0);
    assert_int_equal(der_next(&data.value, &version, NULL), 0);
    assert_int_equal(der_next(&data.value, &algorithms, NULL), 0);
    assert_int_equal(der_next(&data.value, &info, NULL), 0);
    assert_int_equal(buf_append(ret, type.whole, NULL), 0);
    assert_int_equal(buf_append(ret, version.whole, NULL), 0);
    assert_int_equal(buf_append(ret, algorithms.whole, NULL), 0);
    assert_int_equal(buf_append(ret, info.value, NULL), 0);
    at = ret->len;
    assert_int_equal(der_put(ret, DER_OCTET_STRING, document, NULL), 0);
    enclose(DER_CONTEXT_CONSTRUCTED(0), at, ret);
    enclose(DER_SEQUENCE, type.whole.len + version.whole.len + algorithms.whole.len, ret);
    assert_int_equal(buf_append(ret, data.value, NULL), 0);
    enclose(DER_SEQUENCE, type.whole.len, ret);
    enclose(DER_CONTEXT_CONSTRUCTED(0), type.whole.len, ret);
    enclose(DER_SEQUENCE, 0, ret);
}

/* ---- PDF ---- */

static void put(struct buf *file, const char *text)
{
    assert_int_equal(buf_append_text(file, text, NULL), 0);
}

/* A revision: the page, what else it has, a cross-reference table for nobody but readers. */
static void put_page(struct buf *file, const char *text)
{
    if (file->len == 0)
        put(file, "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
                  "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
                  "3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>\nendobj\n");
    assert_int_equal(buf_append_format(file, NULL,
                                       "4 0 obj\n<< /Length %zu >>\nstream\n%s\nendstream\n"
                                       "endobj\n",
                                       strlen(text), text),
                     0);
}

static void put_end(struct buf *file)
{
    put(file, "xref\n0 0\ntrailer\n<< /Root 1 0 R /Size 6 >>\nstartxref\n0\n%%EOF\n");
}

void test_pdf_change(const char *text, struct buf *file)
{
    put_page(file, text);
    put_end(file);
}

static void set_number(struct buf *file, size_t at, size_t number)
{
    char digits[NUMBER + 1];

    (void)snprintf(digits, sizeof digits, "%-*zu", NUMBER, number);
    memcpy(file->ptr + at, digits, NUMBER);
}

/* Over all but the gap, which stands from one place to the other. */
static void fill_gap(const struct test_pki *pki, int64_t signing_time, size_t from, size_t to,
                     struct buf *file)
{
    CLEANUP(buf_done) struct buf covered = BUF_INIT;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;

    assert_int_equal(buf_append(&covered, bytes_part(buf_bytes(file), 0, from), NULL), 0);
    assert_int_equal(buf_append(&covered, bytes_part(buf_bytes(file), to, file->len), NULL), 0);
    test_document_sign(pki, buf_bytes(&covered), signing_time, &cms);
    assert_int_equal(hex_append(&hex, buf_bytes(&cms), NULL), 0);
    assert_true(hex.len <= GAP);
    memcpy(file->ptr + from + 1, hex.ptr, hex.len);
}

void test_pdf_sign(const struct test_pki *pki, const char *text, int64_t signing_time,
                   struct buf *file)
{
    size_t numbers[4] = {0};
    size_t from, to;

    put_page(file, text);
    put(file, "5 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached\n"
              "/Reason (a test \\) with >> in it) /ByteRange [");
    for (size_t i = 0; i < 4; i++) {
        numbers[i] = file->len;
        assert_int_equal(buf_append_format(file, NULL, "%-*d ", NUMBER, 0), 0);
    }
    put(file, "] /Contents ");
    from = file->len;
    assert_int_equal(buf_append_format(file, NULL, "<%0*d>", GAP, 0), 0);
    to = file->len;
    put(file, " >>\nendobj\n");
    put_end(file);
    set_number(file, numbers[1], from);
    set_number(file, numbers[2], to);
    set_number(file, numbers[3], file->len - to);
    fill_gap(pki, signing_time, from, to, file);
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
