/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identifications by a signature that was verified: by which letter on which day, what proves them,
 * who may read that, and when it is forgotten.
 */
#include "platform/kyc/kyc.h"

#include "base/file.h"
#include "crypto/jwe.h"
#include "platform/tenant/tenant.h"
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

#define BANK PLATFORM_SITE_KEY
#define LINE "POST /v1/identifications"

enum { DAY = 86400 };

static struct kyc_store *store;
static struct kyc_methods table;
static char database[TEMPDIR_FILE_SIZE];
static struct signer *signer;

static int open_site(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    struct platform *platform = &calls.site.platform;

    assert_int_equal(platform_calls_open(state), 0);
    assert_int_equal(signer_open("", &signer, NULL), 0);
    (void)tempdir_file(&calls.site.dir, "evidence.db", database);
    assert_int_equal(kyc_store_open(database, &store, NULL), 0);
    platform->kyc.store = store;
    platform->kyc.name = "evidence";
    assert_int_equal(kyc_load_key(platform, signer, NULL), 0);
    assert_int_equal(kyc_methods_load(KYC_METHODS, &table, NULL), 0);
    platform->kyc.methods = &table;
    return platform_set_verifier(platform->store, "bank", true, &by, NULL);
}

static int close_site(void **state)
{
    kyc_store_closep(&store);
    return platform_calls_close(state);
}

static void verify(const char *document, char ret_id[VERIFICATION_ID_SIZE])
{
    CLEANUP(answer_done)
    struct answer answer = ask("POST /v1/verifications", BANK, verification_body(document));

    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, VERIFICATION_ID_SIZE, "%s", text_of(&answer, "id"));
}

/* With signature and certificate as they were sent to be verified. */
static struct json *body_of(const char *id, const char *law, const char *method, const char *letter)
{
    CLEANUP(json_freep) struct json *sent = verification_body("a contract");
    struct json *body = json_object_new();
    const char *text;

    assert_int_equal(json_put_text(body, "verification", id, NULL), 0);
    assert_int_equal(json_put_text(body, "law", law, NULL), 0);
    assert_int_equal(json_put_text(body, "method", method, NULL), 0);
    assert_int_equal(json_put_text(body, "letter", letter, NULL), 0);
    assert_int_equal(json_get_text(sent, "signature", &text, NULL), 0);
    assert_int_equal(json_put_text(body, "signature", text, NULL), 0);
    assert_int_equal(json_get_text(sent, "certificate", &text, NULL), 0);
    assert_int_equal(json_put_text(body, "certificate", text, NULL), 0);
    return body;
}

static void assert_refused(struct json *body, unsigned status, const char *name)
{
    CLEANUP(answer_done) struct answer answer = ask(LINE, BANK, body);
    CLEANUP(buf_done) struct buf type = BUF_INIT;
    const char *expected;

    assert_int_equal(buf_append_format(&type, NULL, "urn:openjpki:problem:%s", name), 0);
    assert_int_equal(buf_text(&type, &expected, NULL), 0);
    assert_int_equal(answer.status, status);
    assert_string_equal(text_of(&answer, "type"), expected);
}

static void identify(char ret_id[VERIFICATION_ID_SIZE])
{
    char id[VERIFICATION_ID_SIZE];

    verify("a contract", id);
    CLEANUP(answer_done) struct answer answer = ask(LINE, BANK, body_of(id, "aml", "jpki", "カ"));
    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, VERIFICATION_ID_SIZE, "%s", text_of(&answer, "id"));
}

static void whoever_is_no_verifier_identifies_nobody(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    char id[VERIFICATION_ID_SIZE];

    (void)state;
    verify("a contract", id);
    assert_int_equal(platform_set_verifier(calls.site.platform.store, "bank", false, &by, NULL), 0);
    assert_refused(body_of(id, "aml", "jpki", "カ"), 403, "not-a-verifier");
    assert_status(LINE, NULL, body_of(id, "aml", "jpki", "カ"), 403);
}

static void without_a_store_there_are_no_identifications(void **state)
{
    char id[VERIFICATION_ID_SIZE];

    (void)state;
    verify("a contract", id);
    calls.site.platform.kyc.store = NULL;
    assert_status(LINE, BANK, body_of(id, "aml", "jpki", "カ"), 404);
    assert_status("GET /v1/identifications", BANK, NULL, 404);
    assert_status("GET /v1/identification-methods", BANK, NULL, 404);
    assert_int_equal(kyc_forget(&calls.site.platform, NULL), 0);
}

/* The letters of before and of the next revision, and those of other methods. */
static void a_letter_of_another_day_or_method_is_refused(void **state)
{
    static const char *const letters[] = {"ワ", "ヌ", "ル", "ヘ"};
    char id[VERIFICATION_ID_SIZE];

    (void)state;
    verify("a contract", id);
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        assert_refused(body_of(id, "aml", "jpki", letters[i]), 422, "wrong-letter");
    assert_refused(body_of(id, "mobile", "jpki", "カ"), 422, "wrong-letter");
    assert_refused(body_of(id, "aml", "nothing", "カ"), 422, "wrong-letter");
    assert_refused(body_of(id, "aml", "ic-selfie", "ヘ"), 422, "other-evidence");
}

static void what_was_not_verified_proves_nothing(void **state)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    char id[VERIFICATION_ID_SIZE];
    struct json *other_signature, *other_certificate;
    struct digest digest;
    const char *text;

    (void)state;
    verify("a contract", id);
    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("another"), &digest, NULL), 0);
    assert_int_equal(privkey_sign(calls.pki.keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    other_signature = body_of(id, "aml", "jpki", "カ");
    assert_int_equal(json_put_base64(other_signature, "signature", buf_bytes(&signature), NULL), 0);
    assert_refused(other_signature, 422, "other-evidence");
    platform_site_encrypt(&calls.site, calls.auth_cert, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    other_certificate = body_of(id, "aml", "jpki", "カ");
    assert_int_equal(json_put_text(other_certificate, "certificate", text, NULL), 0);
    assert_refused(other_certificate, 422, "other-evidence");
}

static void a_verification_that_is_not_valid_or_not_ones_own_identifies_nobody(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    char invalid[VERIFICATION_ID_SIZE];
    char good[VERIFICATION_ID_SIZE];

    (void)state;
    verify("another", invalid);
    verify("a contract", good);
    assert_refused(body_of(invalid, "aml", "jpki", "カ"), 422, "not-valid");
    assert_int_equal(platform_set_verifier(calls.site.platform.store, "shop", true, &by, NULL), 0);
    assert_status(LINE, "the bearer key of the shop", body_of(good, "aml", "jpki", "カ"), 404);
    assert_status(LINE, BANK, body_of("AAAAAAAAAAAAAAAAAAAAAA", "aml", "jpki", "カ"), 404);
}

static void a_verification_counts_once_for_a_law(void **state)
{
    char id[VERIFICATION_ID_SIZE];

    (void)state;
    verify("a contract", id);
    assert_status(LINE, BANK, body_of(id, "aml", "jpki", "カ"), 201);
    assert_status(LINE, BANK, body_of(id, "aml", "jpki", "カ"), 409);
    assert_status(LINE, BANK, body_of(id, "mobile", "jpki", "ト"), 201);
}

static void an_identification_is_its_tenants_alone(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    char id[VERIFICATION_ID_SIZE];
    char line[80];

    (void)state;
    identify(id);
    assert_int_equal(platform_set_verifier(calls.site.platform.store, "shop", true, &by, NULL), 0);
    (void)snprintf(line, sizeof line, "GET /v1/identifications/%s", id);
    assert_status(line, "the bearer key of the shop", NULL, 404);
    assert_status(line, BANK, NULL, 200);
    (void)snprintf(line, sizeof line, "POST /v1/identifications/%s/end", id);
    assert_status(line, "the bearer key of the shop", one_member("ended_on", "2026-09-21"), 404);
    CLEANUP(answer_done)
    struct answer list = ask("GET /v1/identifications", "the bearer key of the shop", NULL);
    const struct json *found = NULL;
    assert_int_equal(json_get_array(list.json, "identifications", &found, NULL), 0);
    assert_int_equal(json_count(found), 0);
}

static void a_contract_ends_once_and_not_in_the_future(void **state)
{
    static const char *const wrong[] = {"2026-09-22", "2026-09-20", "2026-02-30", "yesterday", ""};
    char id[VERIFICATION_ID_SIZE];
    char line[80];

    (void)state;
    identify(id);
    (void)snprintf(line, sizeof line, "POST /v1/identifications/%s/end", id);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_status(line, BANK, one_member("ended_on", wrong[i]), 400);
    CLEANUP(answer_done)
    struct answer ended = ask(line, BANK, one_member("ended_on", "2026-09-21"));
    assert_int_equal(ended.status, 200);
    assert_string_equal(text_of(&ended, "kept_until"), "2033-09-21");
    assert_status(line, BANK, one_member("ended_on", "2026-09-21"), 409);
}

static void it_is_kept_to_the_last_second_of_seven_years(void **state)
{
    const int64_t over = kyc_delete_at((struct caldate){2026, 9, 21});
    char id[VERIFICATION_ID_SIZE];
    char line[80];
    struct json *log;

    (void)state;
    identify(id);
    (void)snprintf(line, sizeof line, "POST /v1/identifications/%s/end", id);
    assert_status(line, BANK, one_member("ended_on", "2026-09-21"), 200);
    (void)snprintf(line, sizeof line, "GET /v1/identifications/%s", id);
    calls.site.clock = clock_fixed(over - 1);
    assert_status(line, BANK, NULL, 200);
    calls.site.clock = clock_fixed(over);
    assert_status(line, BANK, NULL, 404);
    assert_int_equal(audit_list(kyc_store_db(store), NULL, &log, NULL), 0);
    assert_log(log, "identification.made tenant:bank aml jpki\n"
                    "identification.ended tenant:bank\n"
                    "identification.forgotten self\n");
}

/* Nothing ends by itself: a contract that goes on is kept for as long as it takes. */
static void without_an_end_nothing_is_forgotten(void **state)
{
    char id[VERIFICATION_ID_SIZE];
    char line[80];

    (void)state;
    identify(id);
    (void)snprintf(line, sizeof line, "GET /v1/identifications/%s", id);
    calls.site.clock = clock_fixed(TEST_PKI_NOW + (int64_t)50 * 365 * DAY);
    assert_status(line, BANK, NULL, 200);
}

static void years_end_on_the_same_day(void **state)
{
    const struct caltime day_after = {.date = {2033, 9, 22}};
    const struct caltime leap = {.date = {2031, 3, 1}};

    (void)state;
    assert_int_equal(kyc_delete_at((struct caldate){2026, 9, 21}),
                     caltime_utc(day_after, JST_OFFSET_SECONDS));
    assert_int_equal(kyc_delete_at((struct caldate){2024, 2, 29}),
                     caltime_utc(leap, JST_OFFSET_SECONDS));
}

/* On disk there is neither the certificate nor who it is. */
static void nobody_reads_the_evidence_from_the_disk(void **state)
{
    static const char *const suffixes[] = {"", "-wal"};
    char id[VERIFICATION_ID_SIZE];
    size_t looked = 0;

    (void)state;
    identify(id);
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(free_text) char *path = NULL;
        CLEANUP(buf_done) struct buf file = BUF_INIT;
        struct bytes der = x509_cert_der(calls.sign_cert);
        struct bytes name = test_pki_holder()->name;

        assert_int_equal(path_format(&path, NULL, "%s%s", database, suffixes[i]), 0);
        if (file_read(path, (size_t)1 << 24, &file, NULL) < 0)
            continue;
        assert_null(memmem(file.ptr, file.len, der.ptr + 600, 32));
        assert_null(memmem(file.ptr, file.len, name.ptr, name.len));
        looked += memmem(file.ptr, file.len, id, strlen(id)) != NULL;
    }
    assert_true(looked > 0);
}

/* What the platform calls "a contract" signed by, and what its verifier was shown. */
static struct test_pki holder_pki(void)
{
    struct test_pki pki = calls.pki;

    pki.certs[PROFILE_SIGN] = calls.sign_cert;
    return pki;
}

/* A document of that form, as it is sent to be verified and to identify. */
static struct json *document_of(const char *form, struct bytes content, const char *beside)
{
    struct json *body = json_object_new();
    struct json *member = json_object_new();
    struct digest digest;

    assert_int_equal(json_put_text(body, "form", form, NULL), 0);
    assert_int_equal(json_put_base64(body, "content", content, NULL), 0);
    if (beside == NULL) {
        json_free(member);
        return body;
    }
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(beside), &digest, NULL), 0);
    assert_int_equal(json_put_text(member, "alg", digest_name(DIGEST_SHA256), NULL), 0);
    assert_int_equal(json_put_base64(member, "value", digest_bytes(&digest), NULL), 0);
    assert_int_equal(json_put(body, "digest", member, NULL), 0);
    return body;
}

static void verify_document(struct json *body, char ret_id[VERIFICATION_ID_SIZE])
{
    CLEANUP(answer_done) struct answer answer = ask("POST /v1/document-verifications", BANK, body);

    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, VERIFICATION_ID_SIZE, "%s", text_of(&answer, "id"));
}

static struct json *by_document(const char *id, struct bytes content)
{
    struct json *body = json_object_new();

    assert_int_equal(json_put_text(body, "verification", id, NULL), 0);
    assert_int_equal(json_put_text(body, "law", "aml", NULL), 0);
    assert_int_equal(json_put_text(body, "method", "jpki", NULL), 0);
    assert_int_equal(json_put_text(body, "letter", "カ", NULL), 0);
    assert_int_equal(json_put_base64(body, "content", content, NULL), 0);
    return body;
}

/* One of the two ways, and that of the verification. */
static void a_document_is_brought_where_one_was_verified(void **state)
{
    const struct test_pki pki = holder_pki();
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    char document[VERIFICATION_ID_SIZE], signature[VERIFICATION_ID_SIZE];
    struct json *both;

    (void)state;
    test_pdf_sign(&pki, "an account", TEST_PKI_NOW - 60, &file);
    test_document_attach(&pki, BYTES_LITERAL("an account"), TEST_PKI_NOW - 60, &cms);
    verify_document(document_of("pdf", buf_bytes(&file), NULL), document);
    verify("a contract", signature);
    assert_refused(body_of(document, "aml", "jpki", "カ"), 422, "other-evidence");
    assert_refused(by_document(signature, buf_bytes(&file)), 422, "other-evidence");
    assert_refused(by_document(document, buf_bytes(&cms)), 422, "other-evidence");
    assert_refused(by_document(document, BYTES_LITERAL("%PDF-")), 422, "other-evidence");
    both = by_document(document, buf_bytes(&file));
    assert_int_equal(json_put_text(both, "signature", "AAAA", NULL), 0);
    assert_status(LINE, BANK, both, 400);
    assert_status(LINE, BANK, by_document(document, bytes_of(NULL, 0)), 400);
    file.ptr[file.len - 2] ^= 1;
    assert_refused(by_document(document, buf_bytes(&file)), 422, "other-evidence");
    file.ptr[file.len - 2] ^= 1;
    assert_status(LINE, BANK, by_document(document, buf_bytes(&file)), 201);
    assert_status(LINE, BANK, by_document(document, buf_bytes(&file)), 409);
}

/* A structure beside the document counts for that document alone. */
static void a_structure_identifies_with_and_beside_its_document(void **state)
{
    const struct test_pki pki = holder_pki();
    CLEANUP(buf_done) struct buf attached = BUF_INIT;
    CLEANUP(buf_done) struct buf detached = BUF_INIT;
    CLEANUP(buf_done) struct buf other = BUF_INIT;
    char with[VERIFICATION_ID_SIZE], beside[VERIFICATION_ID_SIZE];

    (void)state;
    test_document_attach(&pki, BYTES_LITERAL("an account"), TEST_PKI_NOW - 60, &attached);
    test_document_sign(&pki, BYTES_LITERAL("an account"), TEST_PKI_NOW - 60, &detached);
    test_document_sign(&pki, BYTES_LITERAL("another"), TEST_PKI_NOW - 60, &other);
    verify_document(document_of("cms", buf_bytes(&attached), NULL), with);
    verify_document(document_of("cms", buf_bytes(&detached), "an account"), beside);
    assert_refused(by_document(beside, buf_bytes(&other)), 422, "other-evidence");
    assert_refused(by_document(beside, buf_bytes(&attached)), 422, "other-evidence");
    assert_refused(by_document(with, buf_bytes(&detached)), 422, "other-evidence");
    assert_status(LINE, BANK, by_document(with, buf_bytes(&attached)), 201);
    assert_status(LINE, BANK, by_document(beside, buf_bytes(&detached)), 201);
}

static void a_document_of_several_signers_identifies_nobody(void **state)
{
    const struct test_pki pki = holder_pki();
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;
    char id[VERIFICATION_ID_SIZE];

    (void)state;
    test_document_attach(&pki, BYTES_LITERAL("an account"), TEST_PKI_NOW - 60, &cms);
    test_document_add_signer(&pki, BYTES_LITERAL("an account"), TEST_PKI_NOW - 60, &cms);
    verify_document(document_of("cms", buf_bytes(&cms), NULL), id);
    assert_refused(by_document(id, buf_bytes(&cms)), 422, "several-signers");
    test_pdf_sign(&pki, "an account", TEST_PKI_NOW - 60, &pdf);
    test_pdf_sign(&pki, "an account for two", TEST_PKI_NOW - 60, &pdf);
    verify_document(document_of("pdf", buf_bytes(&pdf), NULL), id);
    assert_refused(by_document(id, buf_bytes(&pdf)), 422, "several-signers");
}

/* How much of it would be kept. */
static size_t proof_size(const struct buf *cms)
{
    const struct document_file_inputs inputs = {.form = DOCUMENT_CMS, .file = buf_bytes(cms)};
    CLEANUP(buf_done) struct buf proof = BUF_INIT;

    assert_int_equal(document_file_proof(&inputs, x509_cert_der(calls.sign_cert), &proof, NULL), 0);
    return proof.len;
}

static void what_is_kept_of_a_document_has_a_limit(void **state)
{
    const struct test_pki pki = holder_pki();
    CLEANUP(buf_done) struct buf probe = BUF_INIT;
    const size_t some = KYC_PROOF_MAX / 2;
    size_t room;

    (void)state;
    test_document_attach(&pki, BYTES_LITERAL("an account"), TEST_PKI_NOW - 60, &probe);
    test_document_pad(some, &probe);
    room = some + KYC_PROOF_MAX - proof_size(&probe);
    for (size_t past = 0; past < 2; past++) {
        CLEANUP(buf_done) struct buf cms = BUF_INIT;
        char id[VERIFICATION_ID_SIZE];

        test_document_attach(&pki, BYTES_LITERAL("an account"), TEST_PKI_NOW - 60, &cms);
        test_document_pad(room + past, &cms);
        assert_int_equal(proof_size(&cms), KYC_PROOF_MAX + past);
        verify_document(document_of("cms", buf_bytes(&cms), NULL), id);
        assert_status(LINE, BANK, by_document(id, buf_bytes(&cms)), past == 0 ? 201 : 400);
    }
}

/* A login proves who somebody is, and no law of the table takes that for an identification. */
static void an_authentication_identifies_nobody(void **state)
{
    CLEANUP(answer_done)
    struct answer login = ask("POST /v1/authentications", BANK,
                              authentication_body("https://bank.example"));

    (void)state;
    assert_int_equal(login.status, 201);
    assert_string_equal(text_of(&login, "verdict"), "valid");
    assert_status(LINE, BANK, body_of(text_of(&login, "id"), "aml", "jpki", "カ"), 404);
    for (size_t i = 0; i < table.count; i++)
        assert_int_equal(table.rows[i].needs_verifier, strcmp(table.rows[i].method, "jpki") == 0);
}

static int read_evidence(const char *id, const char *client_id, const struct pubkey *key,
                         struct buf *ret)
{
    const struct audit_origin by = audit_by_role(TEST_PKI_NOW, "tenant", client_id, NULL);
    const struct kyc_reading reading = {id, client_id, key, &by};

    return kyc_read(&calls.site.platform, signer, &reading, ret, NULL);
}

/* To an owner, encrypted to the tenant's own key, and with what was verified in it. */
static void the_evidence_leaves_encrypted_to_the_tenant(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    const struct key_inputs inputs = {"bank", "developer", "developer", 0};
    const struct privkey *own = calls.pki.keys[PROFILE_AUTH_CA];
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    CLEANUP(buf_done) struct buf certificate = BUF_INIT;
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret content = SECRET_INIT;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(json_freep) struct json *package = NULL;
    struct json *jwk = NULL, *body = json_object_new();
    struct tenant_key made;
    char id[VERIFICATION_ID_SIZE], line[96], developer[TENANT_KEY_SIZE];

    (void)state;
    identify(id);
    assert_int_equal(privkey_spki(own, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &key, NULL), 0);
    assert_int_equal(read_evidence(id, "shop", key, &compact), -ERR_DENIED);
    assert_int_equal(read_evidence(id, "bank", key, &compact), 0);
    assert_int_equal(jwe_parse(buf_bytes(&compact), &jwe, NULL), 0);
    assert_int_equal(privkey_unwrap(own, buf_bytes(&jwe.encrypted_key), &content, NULL), 0);
    assert_int_equal(jwe_decrypt(&jwe, &content, &plain, NULL), 0);
    assert_int_equal(json_parse(buf_bytes(&plain), &package, NULL), 0);
    assert_int_equal(json_get_base64(package, "certificate", &certificate, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&certificate), x509_cert_der(calls.sign_cert)));
    assert_true(json_has(package, "signature"));
    /* A developer's key is not enough, and a signature key is none to encrypt to. */
    assert_int_equal(
        tenant_add_key(calls.site.platform.store, &inputs, &by, developer, &made, NULL), 0);
    (void)snprintf(line, sizeof line, "POST /v1/identifications/%s/evidence", id);
    assert_int_equal(jwk_write(key, JWK_ENCRYPTION, &jwk, NULL), 0);
    assert_int_equal(json_put(body, "key", jwk, NULL), 0);
    assert_status(line, developer, body, 403);
    body = json_object_new();
    assert_int_equal(jwk_write(key, JWK_SIGNATURE, &jwk, NULL), 0);
    assert_int_equal(json_put(body, "key", jwk, NULL), 0);
    assert_status(line, BANK, body, 400);
}

/* The package that a tenant is given, opened with its key. */
static struct json *evidence_of(const char *id)
{
    const struct privkey *own = calls.pki.keys[PROFILE_AUTH_CA];
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret content = SECRET_INIT;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct json *package = NULL;

    assert_int_equal(privkey_spki(own, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &key, NULL), 0);
    assert_int_equal(read_evidence(id, "bank", key, &compact), 0);
    assert_int_equal(jwe_parse(buf_bytes(&compact), &jwe, NULL), 0);
    assert_int_equal(privkey_unwrap(own, buf_bytes(&jwe.encrypted_key), &content, NULL), 0);
    assert_int_equal(jwe_decrypt(&jwe, &content, &plain, NULL), 0);
    assert_int_equal(json_parse(buf_bytes(&plain), &package, NULL), 0);
    return package;
}

/* Beside the document, it is a signature file like any other, with the signer's certificate. */
static void the_evidence_of_a_document_proves_it(void **state)
{
    const struct test_pki pki = holder_pki();
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    CLEANUP(buf_done) struct buf structure = BUF_INIT;
    CLEANUP(json_freep) struct json *package = NULL;
    CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;
    struct document_inputs inputs = {
        .trust = {.anchors = calls.site.platform.sign_cas, .at = TEST_PKI_NOW}};
    char id[VERIFICATION_ID_SIZE];
    const char *form = NULL;

    (void)state;
    test_document_attach(&pki, BYTES_LITERAL("an account"), TEST_PKI_NOW - 60, &cms);
    verify_document(document_of("cms", buf_bytes(&cms), NULL), id);
    {
        CLEANUP(answer_done)
        struct answer made = ask(LINE, BANK, by_document(id, buf_bytes(&cms)));

        assert_int_equal(made.status, 201);
        package = evidence_of(text_of(&made, "id"));
    }
    assert_int_equal(json_get_text(package, "form", &form, NULL), 0);
    assert_string_equal(form, "cms");
    assert_int_equal(json_get_base64(package, "structure", &structure, NULL), 0);
    inputs.cms = buf_bytes(&structure);
    assert_int_equal(
        digest_compute(DIGEST_SHA256, BYTES_LITERAL("an account"), &inputs.document, NULL), 0);
    assert_int_equal(document_verify(&inputs, &report, NULL), 0);
    assert_int_equal(report.report.reason_count, 1);
    assert_true(report_has(&report.report, REASON_REVOCATION_NOT_CHECKED));
    assert_true(bytes_equal(x509_cert_der(report.signer), x509_cert_der(calls.sign_cert)));
}

static void lists_go_on_behind_a_page(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    const struct json *found = NULL;
    char line[64];
    int64_t next;

    (void)state;
    for (int i = 0; i <= KYC_PAGE; i++) {
        struct identification made = {.law = "aml", .method = "jpki", .letter = "カ", .made_at = 1};

        (void)snprintf(made.client_id, sizeof made.client_id, "bank");
        (void)snprintf(made.id, sizeof made.id, "%022d", i);
        (void)snprintf(made.verification, sizeof made.verification, "%022d", i);
        assert_int_equal(kyc_keep(store, &made, "x", &by, NULL), 0);
    }
    CLEANUP(answer_done) struct answer first = ask("GET /v1/identifications", BANK, NULL);
    assert_int_equal(json_get_array(first.json, "identifications", &found, NULL), 0);
    assert_int_equal(json_count(found), KYC_PAGE);
    assert_int_equal(json_get_int(first.json, "next", &next, NULL), 0);
    (void)snprintf(line, sizeof line, "GET /v1/identifications?after=%lld", (long long)next);
    CLEANUP(answer_done) struct answer second = ask(line, BANK, NULL);
    assert_int_equal(json_get_array(second.json, "identifications", &found, NULL), 0);
    assert_int_equal(json_count(found), 1);
    assert_false(json_has(second.json, "next"));
    assert_status("GET /v1/identifications?after=x", BANK, NULL, 400);
}

/* ---- the table ---- */

static const char *letter_on(const char *method, int year, int month, int day)
{
    const struct kyc_method *row = kyc_methods_find(&table, "aml", method,
                                                    (struct caldate){year, month, day});

    return row == NULL ? NULL : row->letter;
}

/* Both sides of each border of portal.md 6.1. */
static void letters_change_on_their_days(void **state)
{
    static const struct {
        const char *method, *first, *second, *third;
    } cases[] = {
        {"image-selfie", "ホ", "ホ", NULL},  {"ic-selfie", "ヘ", "ヘ", "ハ"},
        {"ref-inquiry", "ト", "ト", "ニ"},   {"doc-post", "チ", "チ", "ホ"},
        {"copy-post", "リ", "リ", "カ"},     {"phone-card-record", NULL, "ル", "ト"},
        {"accredited-ca", "ヲ", "ワ", "リ"}, {"jpki", "ワ", "カ", "ヌ"},
        {"specified-ca", "カ", "ヨ", "ル"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *found[] = {
            letter_on(cases[i].method, 2025, 6, 23), letter_on(cases[i].method, 2025, 6, 24),
            letter_on(cases[i].method, 2027, 3, 31), letter_on(cases[i].method, 2027, 4, 1)};
        const char *expected[] = {cases[i].first, cases[i].second, cases[i].second, cases[i].third};

        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(found[k] == NULL, expected[k] == NULL);
            if (expected[k] != NULL)
                assert_string_equal(found[k], expected[k]);
        }
    }
}

static void the_table_of_a_day_can_be_read(void **state)
{
    const struct json *methods = NULL;
    size_t phones = 0;

    (void)state;
    CLEANUP(answer_done)
    struct answer before = ask("GET /v1/identification-methods?day=2025-06-23", BANK, NULL);
    assert_int_equal(before.status, 200);
    assert_int_equal(json_get_array(before.json, "methods", &methods, NULL), 0);
    assert_int_equal(json_count(methods), 8);
    CLEANUP(answer_done) struct answer now = ask("GET /v1/identification-methods", BANK, NULL);
    assert_int_equal(json_get_array(now.json, "methods", &methods, NULL), 0);
    for (size_t i = 0; i < json_count(methods); i++) {
        const char *text;

        assert_int_equal(json_get_text(json_at(methods, i), "method", &text, NULL), 0);
        phones += strcmp(text, "phone-card-record") == 0;
    }
    assert_int_equal(phones, 2); /* by both laws */
    assert_status("GET /v1/identification-methods?day=2025-13-01", BANK, NULL, 400);
}

#define ROW(method, letter, from, until)                                                           \
    "aml\t" method "\t" letter "\t" from "\t" until "\tno\timage\ts\n"

static void a_table_that_is_none_is_refused(void **state)
{
    static const char *const tables[] = {
        "aml\tjpki\n",
        ROW("jpki", "", "-", "-"),
        ROW("jpki", "カ", "2025-02-30", "-"),
        ROW("jpki", "カ", "-", "x"),
        "aml\tjpki\tカ\t-\t-\tperhaps\timage\ts\n",
        "aml\tjpki\tカ\t-\t-\tno\timage\ts\tmore\n",
        ROW("jpki", "カ", "-", "2025-06-24") ROW("jpki", "ヌ", "2025-06-24", "-"),
    };
    struct kyc_methods methods;

    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        assert_int_equal(kyc_methods_parse(bytes_text(tables[i]), &methods, NULL), -ERR_INPUT);
    assert_int_equal(kyc_methods_load("/nonexistent/table", &methods, NULL), -ERR_INPUT);
}

static void the_table_has_limits(void **state)
{
    CLEANUP(buf_done) struct buf rows = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct kyc_methods methods;
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    for (int i = 0; i < KYC_METHODS_MAX; i++)
        assert_int_equal(buf_append_format(&rows, NULL, ROW("m-%c%c", "カ", "-", "-"), 'a' + i / 26,
                                           'a' + i % 26),
                         0);
    assert_int_equal(kyc_methods_parse(buf_bytes(&rows), &methods, NULL), 0);
    assert_int_equal(methods.count, KYC_METHODS_MAX);
    assert_int_equal(buf_append_text(&rows, ROW("m", "カ", "-", "-"), NULL), 0);
    assert_int_equal(kyc_methods_parse(buf_bytes(&rows), &methods, NULL), -ERR_INPUT);
    (void)tempdir_file(&calls.site.dir, "table", path);
    while (file.len < KYC_FILE_MAX)
        assert_int_equal(buf_append_byte(&file, '\n', NULL), 0);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&file), NULL), 0);
    assert_int_equal(kyc_methods_load(path, &methods, NULL), 0);
    assert_int_equal(buf_append_byte(&file, '\n', NULL), 0);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&file), NULL), 0);
    assert_int_equal(kyc_methods_load(path, &methods, NULL), -ERR_INPUT);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, open_site, close_site)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(whoever_is_no_verifier_identifies_nobody),
        WITH_SITE(without_a_store_there_are_no_identifications),
        WITH_SITE(a_letter_of_another_day_or_method_is_refused),
        WITH_SITE(what_was_not_verified_proves_nothing),
        WITH_SITE(a_verification_that_is_not_valid_or_not_ones_own_identifies_nobody),
        WITH_SITE(a_verification_counts_once_for_a_law),
        WITH_SITE(an_identification_is_its_tenants_alone),
        WITH_SITE(a_contract_ends_once_and_not_in_the_future),
        WITH_SITE(it_is_kept_to_the_last_second_of_seven_years),
        WITH_SITE(without_an_end_nothing_is_forgotten),
        cmocka_unit_test(years_end_on_the_same_day),
        WITH_SITE(nobody_reads_the_evidence_from_the_disk),
        WITH_SITE(a_document_is_brought_where_one_was_verified),
        WITH_SITE(a_structure_identifies_with_and_beside_its_document),
        WITH_SITE(a_document_of_several_signers_identifies_nobody),
        WITH_SITE(what_is_kept_of_a_document_has_a_limit),
        WITH_SITE(an_authentication_identifies_nobody),
        WITH_SITE(the_evidence_leaves_encrypted_to_the_tenant),
        WITH_SITE(the_evidence_of_a_document_proves_it),
        WITH_SITE(lists_go_on_behind_a_page),
        WITH_SITE(letters_change_on_their_days),
        WITH_SITE(the_table_of_a_day_can_be_read),
        WITH_SITE(a_table_that_is_none_is_refused),
        WITH_SITE(the_table_has_limits),
    };

    return cmocka_run_group_tests(tests, platform_calls_make, platform_calls_done);
}
