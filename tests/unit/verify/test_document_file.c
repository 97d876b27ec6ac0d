/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that carry their signatures, and what was done to them since. */
#include "verify/document_file.h"

#include "support/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { SIGNED_AT = TEST_PKI_NOW - 60 };

static struct test_pki pki;
static struct anchors *anchors;
static struct report standing; /* what revocation says */
static unsigned looks;

static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    (void)context;
    (void)question;
    (void)err;
    looks++;
    report_merge(report, &standing);
    *ret = (struct status){.answer = STATUS_GOOD, .revoked_at = STATUS_NO_TIME, .reason = -1};
    return 0;
}

static const struct status_source source = {look, NULL};

static int setup(void **state)
{
    (void)state;
    test_pki_make_some(&pki, 1U << PROFILE_SIGN_CA | 1U << PROFILE_SIGN);
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    return anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL);
}

static int teardown(void **state)
{
    (void)state;
    anchors_free(anchors);
    test_pki_done(&pki);
    return 0;
}

static int open_test(void **state)
{
    (void)state;
    standing = (struct report){.verdict = VERDICT_VALID};
    looks = 0;
    return 0;
}

static int verify(enum document_form form, struct bytes file, const struct digest *document,
                  struct document_file_report *ret)
{
    const struct document_file_inputs inputs = {
        form, file, document, {.anchors = anchors, .status = &source, .at = TEST_PKI_NOW}};

    return document_file_verify(&inputs, ret, NULL);
}

static void verify_pdf(const struct buf *file, size_t count, struct document_file_report *ret)
{
    assert_int_equal(verify(DOCUMENT_PDF, buf_bytes(file), NULL, ret), 0);
    assert_int_equal(ret->count, count);
}

static void assert_part(const struct document_part *part, enum document_coverage covers,
                        enum verdict verdict)
{
    assert_int_equal(part->covers, covers);
    assert_int_equal(part->found.report.verdict, verdict);
}

static void assert_whole(const struct document_file_report *found, enum verdict verdict,
                         enum reason reason)
{
    assert_int_equal(found->report.verdict, verdict);
    assert_true(report_has(&found->report, reason));
}

static uint8_t *find(struct buf *file, const char *text)
{
    uint8_t *hit = memmem(file->ptr, file->len, text, strlen(text));

    assert_non_null(hit);
    return hit;
}

static void what_carries_no_signature_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;

    (void)state;
    test_pdf_change("a contract", &file);
    assert_int_equal(verify(DOCUMENT_PDF, buf_bytes(&file), NULL, &found), -ERR_INPUT);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&file), NULL, &found), -ERR_INPUT);
    assert_int_equal(verify(DOCUMENT_CMS, BYTES_LITERAL(""), NULL, &found), -ERR_INPUT);
}

static void a_changed_page_is_another_document(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;

    (void)state;
    test_pdf_sign(&pki, "pay 100 yen", SIGNED_AT, &file);
    find(&file, "100 yen")[0] = '9';
    verify_pdf(&file, 1, &found);
    assert_part(&found.parts[0], COVERS_DOCUMENT, VERDICT_INVALID);
    assert_whole(&found, VERDICT_INVALID, REASON_DOCUMENT_CHANGED);
    assert_int_equal(looks, 0);
}

/* Shadow attacks: the signed octets are untouched, what is added makes the page say another thing.
 */
static void a_page_replaced_by_a_later_revision_is_never_valid(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;

    (void)state;
    test_pdf_sign(&pki, "pay 100 yen", SIGNED_AT, &file);
    test_pdf_change("pay 900 yen", &file);
    verify_pdf(&file, 1, &found);
    assert_part(&found.parts[0], COVERS_REVISION, VERDICT_VALID);
    assert_whole(&found, VERDICT_INDETERMINATE, REASON_ADDED_LATER);
    assert_int_equal(found.report.reason_count, 1);
}

/* One octet is enough, and so is a table alone that makes hidden objects seen. */
static void whatever_is_added_is_noticed(void **state)
{
    static const char *const added[] = {
        "\n", "%", "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"};

    (void)state;
    for (size_t i = 0; i < sizeof added / sizeof added[0]; i++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT;
        CLEANUP(document_file_report_done)
        struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;

        test_pdf_sign(&pki, "pay 100 yen", SIGNED_AT, &file);
        assert_int_equal(buf_append_text(&file, added[i], NULL), 0);
        verify_pdf(&file, 1, &found);
        assert_whole(&found, VERDICT_INDETERMINATE, REASON_ADDED_LATER);
    }
}

/* Signature wrapping: the second part moved behind what was put in, the numbers adapted. */
static void a_signature_that_was_wrapped_is_broken(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;
    CLEANUP(pdf_signatures_done) struct pdf_signatures parts = {.count = 0};
    const char *evil = " >> endobj 4 0 obj << /Length 11 >> stream\npay 900 yen\nendstream ";
    struct bytes first, gap, second;
    char number[11];
    uint8_t *range;

    (void)state;
    test_pdf_sign(&pki, "pay 100 yen", SIGNED_AT, &file);
    assert_int_equal(pdf_parse(buf_bytes(&file), &parts, NULL), 0);
    first = parts.at[0].parts[0];
    second = parts.at[0].parts[1];
    gap = bytes_part(buf_bytes(&file), first.len, file.len - first.len - second.len);
    assert_int_equal(buf_append(&wrapped, first, NULL), 0);
    assert_int_equal(buf_append(&wrapped, gap, NULL), 0);
    assert_int_equal(buf_append_text(&wrapped, evil, NULL), 0);
    assert_int_equal(buf_append(&wrapped, second, NULL), 0);
    range = find(&wrapped, "/ByteRange [");
    (void)snprintf(number, sizeof number, "%-10zu", first.len + gap.len + strlen(evil));
    memcpy(range + strlen("/ByteRange [") + 2 * strlen("0         ") + 2, number, 10);
    verify_pdf(&wrapped, 1, &found);
    assert_part(&found.parts[0], COVERS_NOTHING, VERDICT_INVALID);
    assert_whole(&found, VERDICT_INVALID, REASON_COVERAGE_BROKEN);
}

static void of_two_signatures_each_has_its_own_verdict(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report good = DOCUMENT_FILE_REPORT_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report bad = DOCUMENT_FILE_REPORT_INIT;

    (void)state;
    test_pdf_sign(&pki, "first", SIGNED_AT, &file);
    test_pdf_sign(&pki, "second", SIGNED_AT, &file);
    verify_pdf(&file, 2, &good);
    assert_part(&good.parts[0], COVERS_REVISION, VERDICT_VALID);
    assert_part(&good.parts[1], COVERS_DOCUMENT, VERDICT_VALID);
    assert_int_equal(good.report.verdict, VERDICT_VALID);
    /* What was added between both is in the second alone. */
    find(&file, "second")[0] = 'S';
    verify_pdf(&file, 2, &bad);
    assert_part(&bad.parts[0], COVERS_REVISION, VERDICT_VALID);
    assert_part(&bad.parts[1], COVERS_DOCUMENT, VERDICT_INVALID);
    assert_whole(&bad, VERDICT_INVALID, REASON_DOCUMENT_CHANGED);
}

/* Its digits are no CMS structure: the other signature is judged all the same. */
static void a_signature_of_another_form_leaves_the_document_indeterminate(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;
    uint8_t *contents;

    (void)state;
    test_pdf_sign(&pki, "first", SIGNED_AT, &file);
    contents = find(&file, "/Contents <") + strlen("/Contents <");
    memcpy(contents, "04", 2);
    test_pdf_sign(&pki, "second", SIGNED_AT, &file);
    verify_pdf(&file, 2, &found);
    assert_part(&found.parts[0], COVERS_REVISION, VERDICT_INDETERMINATE);
    assert_true(report_has(&found.parts[0].found.report, REASON_FORM_NOT_READ));
    assert_part(&found.parts[1], COVERS_DOCUMENT, VERDICT_VALID);
    assert_whole(&found, VERDICT_INDETERMINATE, REASON_FORM_NOT_READ);
}

static void a_revoked_signer_counts_for_each_signature(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;

    (void)state;
    report_add(&standing, REASON_REVOKED);
    test_pdf_sign(&pki, "first", SIGNED_AT, &file);
    test_pdf_sign(&pki, "second", SIGNED_AT, &file);
    verify_pdf(&file, 2, &found);
    assert_part(&found.parts[0], COVERS_REVISION, VERDICT_INVALID);
    assert_part(&found.parts[1], COVERS_DOCUMENT, VERDICT_INVALID);
    assert_whole(&found, VERDICT_INVALID, REASON_REVOKED);
    assert_int_equal(looks, 2);
}

static void a_signature_with_its_document_is_verified_alone(void **state)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report good = DOCUMENT_FILE_REPORT_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report bad = DOCUMENT_FILE_REPORT_INIT;

    (void)state;
    test_document_attach(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &cms);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&cms), NULL, &good), 0);
    assert_int_equal(good.report.verdict, VERDICT_VALID);
    assert_part(&good.parts[0], COVERS_DOCUMENT, VERDICT_VALID);
    assert_int_equal(good.parts[0].found.signing_time, SIGNED_AT);
    find(&cms, "a contract")[0] = 'A';
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&cms), NULL, &bad), 0);
    assert_whole(&bad, VERDICT_INVALID, REASON_DOCUMENT_CHANGED);
}

/* Of each signer his own verdict, and of the document the worst. */
static void of_several_signers_each_has_his_own_verdict(void **state)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report good = DOCUMENT_FILE_REPORT_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report bad = DOCUMENT_FILE_REPORT_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report strange = DOCUMENT_FILE_REPORT_INIT;

    (void)state;
    test_document_attach(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &cms);
    test_document_add_signer(&pki, BYTES_LITERAL("a contract"), SIGNED_AT + 1, &cms);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&cms), NULL, &good), 0);
    assert_int_equal(good.count, 2);
    assert_int_equal(good.report.verdict, VERDICT_VALID);
    assert_int_equal(good.parts[0].found.signing_time, SIGNED_AT);
    assert_int_equal(good.parts[1].found.signing_time, SIGNED_AT + 1);
    test_document_add_signer(&pki, BYTES_LITERAL("another contract"), SIGNED_AT, &cms);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&cms), NULL, &bad), 0);
    assert_int_equal(bad.count, 3);
    assert_part(&bad.parts[1], COVERS_DOCUMENT, VERDICT_VALID);
    assert_part(&bad.parts[2], COVERS_DOCUMENT, VERDICT_INVALID);
    assert_whole(&bad, VERDICT_INVALID, REASON_DOCUMENT_CHANGED);
    cms.ptr[cms.len - 1] ^= 1;
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&cms), NULL, &strange), 0);
    assert_false(report_has(&strange.parts[1].found.report, REASON_SIGNATURE_BROKEN));
    assert_true(report_has(&strange.parts[2].found.report, REASON_SIGNATURE_BROKEN));
}

/* The digest of the document goes for all signers or for none. */
static void signers_beside_the_document_share_its_digest(void **state)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;
    struct digest digest, other;

    (void)state;
    test_document_sign(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &cms);
    test_document_add_signer(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &cms);
    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &digest, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA512, BYTES_LITERAL("a contract"), &other, NULL), 0);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&cms), NULL, &found), -ERR_INPUT);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&cms), &other, &found), -ERR_USAGE);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&cms), &digest, &found), 0);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.report.verdict, VERDICT_VALID);
}

static void a_document_is_in_the_signature_or_beside_it(void **state)
{
    CLEANUP(buf_done) struct buf attached = BUF_INIT;
    CLEANUP(buf_done) struct buf detached = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;
    struct digest digest, other;

    (void)state;
    test_document_attach(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &attached);
    test_document_sign(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &detached);
    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &digest, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA512, BYTES_LITERAL("a contract"), &other, NULL), 0);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&attached), &digest, &found), -ERR_INPUT);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&detached), NULL, &found), -ERR_INPUT);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&detached), &other, &found), -ERR_USAGE);
    assert_int_equal(verify(DOCUMENT_CMS, buf_bytes(&detached), &digest, &found), 0);
    assert_int_equal(found.report.verdict, VERDICT_VALID);
}

static void a_signed_pdf_is_valid(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(document_file_report_done)
    struct document_file_report found = DOCUMENT_FILE_REPORT_INIT;

    (void)state;
    test_pdf_sign(&pki, "a contract", SIGNED_AT, &file);
    verify_pdf(&file, 1, &found);
    assert_part(&found.parts[0], COVERS_DOCUMENT, VERDICT_VALID);
    assert_int_equal(found.report.verdict, VERDICT_VALID);
    assert_int_equal(found.report.reason_count, 0);
    assert_non_null(found.parts[0].found.signer);
}

#define TEST(test) cmocka_unit_test_setup(test, open_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_carries_no_signature_is_refused),
        TEST(a_changed_page_is_another_document),
        TEST(a_page_replaced_by_a_later_revision_is_never_valid),
        TEST(whatever_is_added_is_noticed),
        TEST(a_signature_that_was_wrapped_is_broken),
        TEST(of_two_signatures_each_has_its_own_verdict),
        TEST(a_signature_of_another_form_leaves_the_document_indeterminate),
        TEST(a_revoked_signer_counts_for_each_signature),
        TEST(a_signature_with_its_document_is_verified_alone),
        TEST(of_several_signers_each_has_his_own_verdict),
        TEST(signers_beside_the_document_share_its_digest),
        TEST(a_document_is_in_the_signature_or_beside_it),
        TEST(a_signed_pdf_is_valid),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
