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

/* A structure as we make them; the last two without what encloses them. */
struct pieces {
    struct bytes type, version, algorithms, content, certificates, signers;
};

static struct bytes next_value(struct bytes *rest)
{
    struct der element;

    assert_int_equal(der_next(rest, &element, NULL), 0);
    return element.value;
}

static struct bytes next_whole(struct bytes *rest)
{
    struct der element;

    assert_int_equal(der_next(rest, &element, NULL), 0);
    return element.whole;
}

static struct pieces take_apart(struct bytes cms)
{
    struct bytes outer = next_value(&cms);
    struct pieces pieces = {.type = next_whole(&outer)};
    struct bytes tagged = next_value(&outer);
    struct bytes data = next_value(&tagged);

    pieces.version = next_whole(&data);
    pieces.algorithms = next_whole(&data);
    pieces.content = next_whole(&data);
    pieces.certificates = next_value(&data);
    pieces.signers = next_value(&data);
    return pieces;
}

static void put_together(const struct pieces *pieces, struct buf *ret)
{
    const size_t head = pieces->type.len;

    assert_int_equal(buf_append(ret, pieces->type, NULL), 0);
    assert_int_equal(buf_append(ret, pieces->version, NULL), 0);
    assert_int_equal(buf_append(ret, pieces->algorithms, NULL), 0);
    assert_int_equal(buf_append(ret, pieces->content, NULL), 0);
    assert_int_equal(der_put(ret, DER_CONTEXT_CONSTRUCTED(0), pieces->certificates, NULL), 0);
    assert_int_equal(der_put(ret, DER_SET, pieces->signers, NULL), 0);
    enclose(DER_SEQUENCE, head, ret);
    enclose(DER_CONTEXT_CONSTRUCTED(0), head, ret);
    enclose(DER_SEQUENCE, 0, ret);
}

void test_document_attach(const struct test_pki *pki, struct bytes document, int64_t signing_time,
                          struct buf *ret)
{
    CLEANUP(buf_done) struct buf detached = BUF_INIT;
    CLEANUP(buf_done) struct buf content = BUF_INIT;
    struct pieces pieces;
    size_t at;

    test_document_sign(pki, document, signing_time, &detached);
    pieces = take_apart(buf_bytes(&detached));
    assert_int_equal(buf_append(&content, next_value(&pieces.content), NULL), 0);
    at = content.len;
    assert_int_equal(der_put(&content, DER_OCTET_STRING, document, NULL), 0);
    enclose(DER_CONTEXT_CONSTRUCTED(0), at, &content);
    enclose(DER_SEQUENCE, 0, &content);
    pieces.content = buf_bytes(&content);
    put_together(&pieces, ret);
}

/* Not in the order of a SET OF, which nobody checks. */
void test_document_add_signer(const struct test_pki *pki, struct bytes document,
                              int64_t signing_time, struct buf *cms)
{
    CLEANUP(buf_done) struct buf one = BUF_INIT;
    CLEANUP(buf_done) struct buf certificates = BUF_INIT;
    CLEANUP(buf_done) struct buf signers = BUF_INIT;
    CLEANUP(buf_done) struct buf both = BUF_INIT;
    struct pieces added, pieces = take_apart(buf_bytes(cms));

    test_document_sign(pki, document, signing_time, &one);
    added = take_apart(buf_bytes(&one));
    assert_int_equal(buf_append(&certificates, pieces.certificates, NULL), 0);
    assert_int_equal(buf_append(&certificates, added.certificates, NULL), 0);
    assert_int_equal(buf_append(&signers, pieces.signers, NULL), 0);
    assert_int_equal(buf_append(&signers, added.signers, NULL), 0);
    pieces.certificates = buf_bytes(&certificates);
    pieces.signers = buf_bytes(&signers);
    put_together(&pieces, &both);
    buf_done(cms);
    buf_move(cms, &both);
}

void test_document_pad(size_t octets, struct buf *cms)
{
    CLEANUP(buf_done) struct buf zeros = BUF_INIT;
    CLEANUP(buf_done) struct buf values = BUF_INIT;
    CLEANUP(buf_done) struct buf signer = BUF_INIT;
    CLEANUP(buf_done) struct buf padded = BUF_INIT;
    struct pieces pieces = take_apart(buf_bytes(cms));
    size_t at;

    assert_int_equal(buf_reserve(&zeros, octets, NULL), 0);
    memset(zeros.ptr, 0, octets);
    zeros.len = octets;
    assert_int_equal(der_put(&values, DER_OCTET_STRING, buf_bytes(&zeros), NULL), 0);
    enclose(DER_SET, 0, &values);
    assert_int_equal(buf_append(&signer, next_value(&pieces.signers), NULL), 0);
    at = signer.len;
    assert_int_equal(buf_append(&signer, BYTES_LITERAL("\x06\x02\x2a\x03"), NULL), 0);
    assert_int_equal(buf_append(&signer, buf_bytes(&values), NULL), 0);
    enclose(DER_SEQUENCE, at, &signer);
    enclose(DER_CONTEXT_CONSTRUCTED(1), at, &signer);
    enclose(DER_SEQUENCE, 0, &signer);
    pieces.signers = buf_bytes(&signer);
    put_together(&pieces, &padded);
    buf_done(cms);
    buf_move(cms, &padded);
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
