/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole documents: for tenants that are verifiers themselves. What is in them is in the clear, and
 * nothing of it is in an answer (support/platform_calls.h looks through each).
 */
#include "platform/schema.h"
#include "platform/verification/document.h"
#include "platform/verification/verifier.h"
#include "support/auditlog.h"
#include "support/platform_calls.h"
#include "support/signed.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LINE "POST /v1/document-verifications"
#define BANK PLATFORM_SITE_KEY

enum { SIGNED_AT = TEST_PKI_NOW - 60 };

static struct test_pki pki; /* the site's, with the certificate that nothing else looks like */

static int open_site(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);

    assert_int_equal(platform_calls_open(state), 0);
    pki = calls.pki;
    pki.certs[PROFILE_SIGN] = calls.sign_cert;
    return platform_set_verifier(calls.site.platform.store, "bank", true, &by, NULL);
}

static struct json *body_of(const char *form, struct bytes content)
{
    struct json *body = json_object_new();

    assert_int_equal(json_put_text(body, "form", form, NULL), 0);
    assert_int_equal(json_put_base64(body, "content", content, NULL), 0);
    return body;
}

static struct json *beside(struct json *body, enum digest_alg alg, const char *document)
{
    struct json *member = json_object_new();
    struct digest digest;

    assert_int_equal(digest_compute(alg, bytes_text(document), &digest, NULL), 0);
    assert_int_equal(json_put_text(member, "alg", digest_name(alg), NULL), 0);
    assert_int_equal(json_put_base64(member, "value", digest_bytes(&digest), NULL), 0);
    assert_int_equal(json_put(body, "digest", member, NULL), 0);
    return body;
}

static const struct json *signature_of(const struct answer *answer, size_t place)
{
    const struct json *signatures = NULL;

    assert_int_equal(json_get_array(answer->json, "signatures", &signatures, NULL), 0);
    assert_true(place < json_count(signatures));
    return json_at(signatures, place);
}

static void assert_text(const struct json *object, const char *key, const char *expected)
{
    const char *text = NULL;

    assert_int_equal(json_get_text(object, key, &text, NULL), 0);
    assert_string_equal(text, expected);
}

static void assert_reasons(const struct json *object, const char *expected)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct json *reasons = NULL;
    const char *joined;

    assert_int_equal(json_get_array(object, "reasons", &reasons, NULL), 0);
    for (size_t i = 0; i < json_count(reasons); i++)
        assert_int_equal(buf_append_format(&text, NULL, "%s%s", i == 0 ? "" : " ",
                                           json_text(json_at(reasons, i))),
                         0);
    assert_int_equal(buf_text(&text, &joined, NULL), 0);
    assert_string_equal(joined, expected);
}

static void assert_signature(const struct answer *answer, size_t place, const char *verdict,
                             const char *covers)
{
    assert_text(signature_of(answer, place), "verdict", verdict);
    assert_text(signature_of(answer, place), "covers", covers);
}

/* Whoever is none must send the digest and an encrypted certificate, and is told so. */
static void a_tenant_that_is_no_verifier_is_refused_by_name(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    test_pdf_sign(&pki, "a contract", SIGNED_AT, &file);
    CLEANUP(answer_done)
    struct answer shop = ask(LINE, "the bearer key of the shop", body_of("pdf", buf_bytes(&file)));
    assert_int_equal(shop.status, 403);
    assert_string_equal(text_of(&shop, "type"), "urn:openjpki:problem:not-a-verifier");
    assert_int_equal(platform_set_verifier(calls.site.platform.store, "bank", false, &by, NULL), 0);
    CLEANUP(answer_done) struct answer bank = ask(LINE, BANK, body_of("pdf", buf_bytes(&file)));
    assert_int_equal(bank.status, 403);
    assert_status(LINE, NULL, body_of("pdf", buf_bytes(&file)), 403);
    assert_int_equal(platform_set_verifier(calls.site.platform.store, "nobody", true, &by, NULL),
                     -ERR_ABSENT);
}

static void what_is_no_such_document_is_the_senders_fault(void **state)
{
    CLEANUP(buf_done) struct buf detached = BUF_INIT;
    CLEANUP(buf_done) struct buf attached = BUF_INIT;
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;

    (void)state;
    test_document_sign(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &detached);
    test_document_attach(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &attached);
    test_pdf_change("nothing signed", &pdf);
    assert_status(LINE, BANK, body_of("pdf", BYTES_LITERAL("")), 400);
    assert_status(LINE, BANK, body_of("pdf", buf_bytes(&pdf)), 400);
    assert_status(LINE, BANK, body_of("pdf", buf_bytes(&attached)), 400);
    assert_status(LINE, BANK, body_of("cms", buf_bytes(&pdf)), 400);
    assert_status(LINE, BANK, body_of("cms", buf_bytes(&detached)), 400);
    assert_status(LINE, BANK, body_of("xml", buf_bytes(&attached)), 400);
    assert_status(LINE, BANK,
                  beside(body_of("cms", buf_bytes(&attached)), DIGEST_SHA256, "a contract"), 400);
    assert_status(LINE, BANK,
                  beside(body_of("cms", buf_bytes(&detached)), DIGEST_SHA512, "a contract"), 400);
    assert_status(LINE, BANK, beside(body_of("pdf", buf_bytes(&pdf)), DIGEST_SHA256, "x"), 400);
}

static void a_document_has_a_limit(void **state)
{
    (void)state;
    for (size_t past = 0; past < 2; past++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT;
        const char *page = "%PDF-";

        /* Without a signature: refused for that at the limit, and for its size past it. */
        assert_int_equal(buf_append_text(&file, page, NULL), 0);
        assert_int_equal(buf_reserve(&file, DOCUMENT_MAX, NULL), 0);
        memset(file.ptr + file.len, ' ', DOCUMENT_MAX);
        file.len = DOCUMENT_MAX + past;
        CLEANUP(answer_done)
        struct answer answer = ask(LINE, BANK, body_of("pdf", buf_bytes(&file)));
        assert_int_equal(answer.status, 400);
        assert_non_null(strstr(text_of(&answer, "detail"),
                               past == 0 ? "no signature" : "more than 3000000 bytes"));
    }
}

/* As many signatures as are read are kept, each. */
static void all_signatures_that_are_read_are_kept(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    assert_int_equal(buf_append_text(&file, "%PDF-1.7\n", NULL), 0);
    for (size_t i = 0; i <= VERIFICATION_PARTS_MAX; i++) {
        if (i == VERIFICATION_PARTS_MAX) {
            CLEANUP(answer_done)
            struct answer answer = ask(LINE, BANK, body_of("pdf", buf_bytes(&file)));

            assert_int_equal(answer.status, 201);
            assert_signature(&answer, VERIFICATION_PARTS_MAX - 1, "invalid", "nothing");
        }
        assert_int_equal(buf_append_text(&file, "<< /ByteRange [0 1 2 3] >>\n", NULL), 0);
    }
    assert_status(LINE, BANK, body_of("pdf", buf_bytes(&file)), 400);
}

static void a_changed_document_is_invalid_and_tells_nobody(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    uint8_t *text;

    (void)state;
    test_pdf_sign(&pki, "pay 100 yen", SIGNED_AT, &file);
    text = memmem(file.ptr, file.len, "100 yen", 7);
    text[0] = '9';
    CLEANUP(answer_done) struct answer answer = ask(LINE, BANK, body_of("pdf", buf_bytes(&file)));
    assert_int_equal(answer.status, 201);
    assert_string_equal(text_of(&answer, "verdict"), "invalid");
    assert_reasons(answer.json, "document-changed");
    assert_signature(&answer, 0, "invalid", "document");
    assert_false(json_has(signature_of(&answer, 0), "attributes"));
    assert_false(json_has(signature_of(&answer, 0), "holder"));
}

/* The signature holds for what was signed; nobody's attributes are told for what is seen now. */
static void a_document_that_was_added_to_is_not_valid(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    test_pdf_sign(&pki, "pay 100 yen", SIGNED_AT, &file);
    test_pdf_change("pay 900 yen", &file);
    CLEANUP(answer_done) struct answer answer = ask(LINE, BANK, body_of("pdf", buf_bytes(&file)));
    assert_string_equal(text_of(&answer, "verdict"), "indeterminate");
    assert_reasons(answer.json, "added-later");
    assert_signature(&answer, 0, "valid", "revision");
    assert_false(json_has(signature_of(&answer, 0), "attributes"));
    assert_false(json_has(signature_of(&answer, 0), "holder"));
}

static void a_suspended_signer_looks_revoked_in_each_signature(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    report_add(&calls.site.standing, REASON_HELD);
    test_pdf_sign(&pki, "first", SIGNED_AT, &file);
    test_pdf_sign(&pki, "second", SIGNED_AT, &file);
    CLEANUP(answer_done) struct answer answer = ask(LINE, BANK, body_of("pdf", buf_bytes(&file)));
    assert_string_equal(text_of(&answer, "verdict"), "invalid");
    for (size_t i = 0; i < 2; i++) {
        assert_reasons(signature_of(&answer, i), "revoked");
        assert_false(json_has(signature_of(&answer, i), "attributes"));
    }
}

static void without_revocation_data_a_document_is_indeterminate(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    report_add(&calls.site.standing, REASON_CRL_EXPIRED);
    test_document_attach(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &file);
    CLEANUP(answer_done) struct answer answer = ask(LINE, BANK, body_of("cms", buf_bytes(&file)));
    assert_string_equal(text_of(&answer, "verdict"), "indeterminate");
    assert_reasons(signature_of(&answer, 0), "revocation-not-checked");
}

static void a_document_is_judged_once_under_one_key(void **state)
{
    static const char field[] = "Idempotency-Key: k-1";
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf other = BUF_INIT;

    (void)state;
    test_pdf_sign(&pki, "a contract", SIGNED_AT, &file);
    test_pdf_sign(&pki, "another", SIGNED_AT, &other);
    CLEANUP(answer_done)
    struct answer first = ask_with(LINE, BANK, field, body_of("pdf", buf_bytes(&file)));
    CLEANUP(answer_done)
    struct answer again = ask_with(LINE, BANK, field, body_of("pdf", buf_bytes(&file)));
    CLEANUP(answer_done)
    struct answer changed = ask_with(LINE, BANK, field, body_of("pdf", buf_bytes(&other)));
    assert_int_equal(first.status, 201);
    assert_string_equal(text_of(&first, "id"), text_of(&again, "id"));
    assert_true(json_has(signature_of(&first, 0), "attributes"));
    assert_false(json_has(signature_of(&again, 0), "attributes"));
    assert_false(json_has(signature_of(&again, 0), "holder"));
    assert_signature(&again, 0, "valid", "document");
    assert_int_equal(changed.status, 409);
}

static void a_later_look_tells_no_attributes(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct json *body;

    (void)state;
    test_pdf_sign(&pki, "a contract", SIGNED_AT, &file);
    body = body_of("pdf", buf_bytes(&file));
    assert_int_equal(json_put_text(body, "purpose", "liveness", NULL), 0);
    CLEANUP(answer_done) struct answer answer = ask(LINE, BANK, body);
    assert_string_equal(text_of(&answer, "verdict"), "valid");
    assert_string_equal(text_of(&answer, "purpose"), "liveness");
    assert_false(json_has(signature_of(&answer, 0), "attributes"));
}

static void what_is_kept_is_the_verdicts_alone(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(answer_done) struct answer later = {.json = NULL};
    char line[64];

    (void)state;
    test_pdf_sign(&pki, "pay 100 yen", SIGNED_AT, &file);
    test_pdf_change("pay 900 yen", &file);
    CLEANUP(answer_done) struct answer made = ask(LINE, BANK, body_of("pdf", buf_bytes(&file)));
    (void)snprintf(line, sizeof line, "GET /v1/verifications/%s", text_of(&made, "id"));
    assert_status(line, "the bearer key of the shop", NULL, 404);
    later = ask(line, BANK, NULL);
    assert_int_equal(later.status, 200);
    assert_string_equal(text_of(&later, "kind"), "pdf");
    assert_signature(&later, 0, "valid", "revision");
    assert_false(json_has(signature_of(&later, 0), "claimed_time"));
    CLEANUP(answer_done) struct answer list = ask("GET /v1/verifications", BANK, NULL);
    assert_int_equal(list.status, 200);
    (void)snprintf(line, sizeof line, "DELETE /v1/verifications/%s", text_of(&made, "id"));
    assert_status(line, BANK, NULL, 204);
}

static void the_log_says_who_is_a_verifier_and_what_was_judged(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct json *log;

    (void)state;
    test_pdf_sign(&pki, "a contract", SIGNED_AT, &file);
    report_add(&calls.site.standing, REASON_HELD);
    assert_status(LINE, BANK, body_of("pdf", buf_bytes(&file)), 201);
    /* The same again is no act. */
    assert_int_equal(platform_set_verifier(calls.site.platform.store, "bank", true, &by, NULL), 0);
    assert_int_equal(platform_set_verifier(calls.site.platform.store, "bank", false, &by, NULL), 0);
    assert_int_equal(audit_list(platform_store_db(calls.site.platform.store), "2", &log, NULL), 0);
    assert_log(log, "tenant.verifier self begins\n"
                    "verification.judged tenant:bank invalid held ocsp 1700000004/1700000005\n"
                    "tenant.verifier self ends\n");
}

/* What a database of before has, a signature beside its document each, stays what it is. */
static void a_database_of_before_keeps_its_verdicts(void **state)
{
    const char *scripts[32] = {NULL};
    const struct db_schema old = {platform_schema.name, scripts};
    struct verification_part parts[VERIFICATION_PARTS_MAX];
    struct verification found;
    struct db *db = NULL;
    size_t count;

    (void)state;
    for (size_t i = 0; strstr(platform_schema.migrations[i], "tenant_verifier") == NULL; i++)
        scripts[i] = platform_schema.migrations[i];
    platform_store_closep(&calls.site.platform.store);
    assert_int_equal(remove(calls.site.database), 0);
    assert_int_equal(db_open(calls.site.database, &old, &db, NULL), 0);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO tenant (client_id, name, origin, key)"
                                    " VALUES ('bank', 'B', 'https://b', x'00')",
                                    DB_NOTHING, NULL),
                         0);
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO verification (id, client_id, at, verdict)"
                                    " VALUES ('v', 'bank', 7, 'valid')",
                                    DB_NOTHING, NULL),
                         0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    db_closep(&db);
    assert_int_equal(platform_store_open(calls.site.database, &calls.site.platform.store, NULL), 0);
    assert_int_equal(
        platform_get_verification(calls.site.platform.store, "v", "bank", &found, NULL), 0);
    assert_string_equal(found.kind, "signature");
    assert_int_equal(platform_list_parts(calls.site.platform.store, "v", parts, &count, NULL), 0);
    assert_int_equal(count, 0);
}

static void each_signer_of_a_valid_document_is_told(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    int64_t claimed;

    (void)state;
    test_pdf_sign(&pki, "first", SIGNED_AT, &file);
    test_pdf_sign(&pki, "second", SIGNED_AT, &file);
    CLEANUP(answer_done) struct answer answer = ask(LINE, BANK, body_of("pdf", buf_bytes(&file)));
    assert_string_equal(text_of(&answer, "verdict"), "valid");
    assert_string_equal(text_of(&answer, "kind"), "pdf");
    assert_signature(&answer, 0, "valid", "revision");
    assert_signature(&answer, 1, "valid", "document");
    for (size_t i = 0; i < 2; i++) {
        const struct json *attributes;

        assert_int_equal(json_get_object(signature_of(&answer, i), "attributes", &attributes, NULL),
                         0);
        assert_text(attributes, "birth_date", "1990-02-17");
        assert_true(json_has(signature_of(&answer, i), "holder"));
    }
    assert_int_equal(json_get_int(signature_of(&answer, 1), "claimed_time", &claimed, NULL), 0);
    assert_int_equal(claimed, SIGNED_AT);
}

/* What streaming programs write: octets that another reader may take for another document. */
static void a_structure_in_ber_is_refused_by_name(void **state)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;

    (void)state;
    CLEANUP(answer_done)
    struct answer answer = ask(LINE, BANK, body_of("cms", BYTES_LITERAL("\x30\x80\x00\x00")));
    assert_int_equal(answer.status, 400);
    assert_string_equal(text_of(&answer, "type"), "urn:openjpki:problem:not-der");
    test_document_attach(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &cms);
    cms.len -= 1;
    CLEANUP(answer_done) struct answer cut = ask(LINE, BANK, body_of("cms", buf_bytes(&cms)));
    assert_int_equal(cut.status, 400);
    assert_string_equal(text_of(&cut, "type"), "about:blank");
}

/* One who did not sign this document, and nobody's attributes are told; else each signer's are. */
static void each_signer_of_a_structure_is_judged(void **state)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;

    (void)state;
    test_document_attach(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &cms);
    test_document_add_signer(&pki, BYTES_LITERAL("a contract"), SIGNED_AT - 1, &cms);
    CLEANUP(answer_done) struct answer good = ask(LINE, BANK, body_of("cms", buf_bytes(&cms)));
    assert_string_equal(text_of(&good, "verdict"), "valid");
    for (size_t i = 0; i < 2; i++) {
        assert_signature(&good, i, "valid", "document");
        assert_true(json_has(signature_of(&good, i), "attributes"));
    }
    test_document_add_signer(&pki, BYTES_LITERAL("another"), SIGNED_AT, &cms);
    CLEANUP(answer_done) struct answer bad = ask(LINE, BANK, body_of("cms", buf_bytes(&cms)));
    assert_string_equal(text_of(&bad, "verdict"), "invalid");
    assert_signature(&bad, 1, "valid", "document");
    assert_signature(&bad, 2, "invalid", "document");
    for (size_t i = 0; i < 3; i++)
        assert_false(json_has(signature_of(&bad, i), "attributes"));
}

static void a_cms_structure_is_valid_with_and_beside_its_document(void **state)
{
    CLEANUP(buf_done) struct buf attached = BUF_INIT;
    CLEANUP(buf_done) struct buf detached = BUF_INIT;

    (void)state;
    test_document_attach(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &attached);
    test_document_sign(&pki, BYTES_LITERAL("a contract"), SIGNED_AT, &detached);
    CLEANUP(answer_done) struct answer with = ask(LINE, BANK, body_of("cms", buf_bytes(&attached)));
    CLEANUP(answer_done)
    struct answer without = ask(
        LINE, BANK, beside(body_of("cms", buf_bytes(&detached)), DIGEST_SHA256, "a contract"));
    CLEANUP(answer_done)
    struct answer other = ask(
        LINE, BANK, beside(body_of("cms", buf_bytes(&detached)), DIGEST_SHA256, "another"));
    assert_string_equal(text_of(&with, "verdict"), "valid");
    assert_string_equal(text_of(&without, "verdict"), "valid");
    assert_signature(&without, 0, "valid", "document");
    assert_string_equal(text_of(&other, "verdict"), "invalid");
    assert_reasons(other.json, "document-changed");
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, open_site, platform_calls_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(a_tenant_that_is_no_verifier_is_refused_by_name),
        WITH_SITE(what_is_no_such_document_is_the_senders_fault),
        WITH_SITE(a_document_has_a_limit),
        WITH_SITE(all_signatures_that_are_read_are_kept),
        WITH_SITE(a_changed_document_is_invalid_and_tells_nobody),
        WITH_SITE(a_document_that_was_added_to_is_not_valid),
        WITH_SITE(a_suspended_signer_looks_revoked_in_each_signature),
        WITH_SITE(without_revocation_data_a_document_is_indeterminate),
        WITH_SITE(a_document_is_judged_once_under_one_key),
        WITH_SITE(a_later_look_tells_no_attributes),
        WITH_SITE(what_is_kept_is_the_verdicts_alone),
        WITH_SITE(the_log_says_who_is_a_verifier_and_what_was_judged),
        WITH_SITE(a_database_of_before_keeps_its_verdicts),
        WITH_SITE(each_signer_of_a_valid_document_is_told),
        WITH_SITE(a_structure_in_ber_is_refused_by_name),
        WITH_SITE(each_signer_of_a_structure_is_judged),
        WITH_SITE(a_cms_structure_is_valid_with_and_beside_its_document),
    };

    return cmocka_run_group_tests(tests, platform_calls_make, platform_calls_done);
}
