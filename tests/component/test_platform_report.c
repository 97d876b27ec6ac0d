/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of verdicts: whose they are, what is in them, and with which keys they were signed. */
#include "platform/report/report.h"

#include "crypto/jws.h"
#include "platform/report/store.h"
#include "platform/schema.h"
#include "platform/verification/store.h"
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

static struct privkey *first_key, *second_key;
static struct signer *signer;

static int make_keys(void **state)
{
    assert_int_equal(privkey_generate_p256(&first_key, NULL), 0);
    assert_int_equal(privkey_generate_p256(&second_key, NULL), 0);
    return platform_calls_make(state);
}

static int release_keys(void **state)
{
    privkey_freep(&first_key);
    privkey_freep(&second_key);
    return platform_calls_done(state);
}

static void use_key(const struct privkey *key)
{
    struct platform *platform = &calls.site.platform;

    pubkey_freep(&platform->report.key);
    token_signer.jws = key;
    platform->report.name = "jws-report";
    assert_int_equal(signer_open("", &signer, NULL), 0);
    assert_int_equal(report_load_key(platform, signer, NULL), 0);
}

static int open_site(void **state)
{
    assert_int_equal(platform_calls_open(state), 0);
    use_key(first_key);
    return 0;
}

static void verify(const char *document, char ret_id[VERIFICATION_ID_SIZE])
{
    CLEANUP(answer_done)
    struct answer answer = ask("POST /v1/verifications", BANK, verification_body(document));

    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, VERIFICATION_ID_SIZE, "%s", text_of(&answer, "id"));
}

static int make_report(const char *id, const char *client_id, struct buf *ret)
{
    const struct audit_origin by = audit_by_role(TEST_PKI_NOW, "tenant", client_id, NULL);
    const struct report_wish wish = {id, client_id, &by};

    return report_make(&calls.site.platform, signer, &wish, ret, NULL);
}

/* Taken apart and verified with the platform's published keys. */
static void open_report(const struct buf *report, struct jws *ret)
{
    CLEANUP(json_freep) struct json *keys = NULL;

    assert_int_equal(platform_list_report_keys(calls.site.platform.store, &keys, NULL), 0);
    assert_int_equal(jws_parse(buf_bytes(report), ret, NULL), 0);
    assert_int_equal(jws_verify_set(ret, keys, NULL), 0);
    assert_string_equal(ret->typ, REPORT_TYPE);
}

static void a_report_is_its_tenants_alone(void **state)
{
    CLEANUP(buf_done) struct buf report = BUF_INIT;
    char id[VERIFICATION_ID_SIZE];
    char line[80];

    (void)state;
    verify("a contract", id);
    assert_int_equal(make_report(id, "shop", &report), -ERR_ABSENT);
    assert_int_equal(make_report("AAAAAAAAAAAAAAAAAAAAAA", "bank", &report), -ERR_ABSENT);
    (void)snprintf(line, sizeof line, "GET /v1/verifications/%s/report", id);
    assert_status(line, "the bearer key of the shop", NULL, 404);
    assert_status(line, NULL, NULL, 403);
}

static void a_platform_without_a_key_gives_none(void **state)
{
    char id[VERIFICATION_ID_SIZE];
    char line[80];

    (void)state;
    verify("a contract", id);
    (void)snprintf(line, sizeof line, "GET /v1/verifications/%s/report", id);
    pubkey_freep(&calls.site.platform.report.key);
    assert_status(line, BANK, NULL, 404);
}

static void without_signerd_there_is_no_report_and_none_is_noted(void **state)
{
    CLEANUP(buf_done) struct buf report = BUF_INIT;
    char id[VERIFICATION_ID_SIZE];
    struct json *log;

    (void)state;
    report_add(&calls.site.standing, REASON_HELD);
    verify("a contract", id);
    token_signer.is_down = true;
    assert_int_equal(make_report(id, "bank", &report), -ERR_REMOTE);
    token_signer.is_down = false;
    assert_int_equal(make_report(id, "bank", &report), 0);
    assert_int_equal(audit_list(platform_store_db(calls.site.platform.store), "2", &log, NULL), 0);
    assert_log(log, "verification.judged tenant:bank invalid held ocsp 1700000004/1700000005\n"
                    "verification.reported tenant:bank\n");
}

/* Suspended is told as revoked here, too, and nothing of the certificate. */
static void a_report_says_what_the_tenant_was_told_and_no_more(void **state)
{
    static const char *const frame[] = {"iss", "aud", "iat", "jti", "clock", "verification", NULL};
    static const char *const members[] = {"id",   "verdict",     "reasons", "purpose",
                                          "kind", "verified_at", "digest",  NULL};
    CLEANUP(buf_done) struct buf report = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    const struct json *verification, *reasons;
    char id[VERIFICATION_ID_SIZE];
    const char *text;

    (void)state;
    report_add(&calls.site.standing, REASON_HELD);
    verify("a contract", id);
    assert_int_equal(make_report(id, "bank", &report), 0);
    open_report(&report, &jws);
    assert_int_equal(json_only(jws.claims, frame, NULL), 0);
    assert_int_equal(json_get_text(jws.claims, "aud", &text, NULL), 0);
    assert_string_equal(text, "bank");
    assert_int_equal(json_get_text(jws.claims, "iss", &text, NULL), 0);
    assert_string_equal(text, PLATFORM_SITE_ORIGIN);
    assert_int_equal(json_get_text(jws.claims, "clock", &text, NULL), 0);
    assert_string_equal(text, "platform");
    assert_int_equal(json_get_object(jws.claims, "verification", &verification, NULL), 0);
    assert_int_equal(json_only(verification, members, NULL), 0);
    assert_int_equal(json_get_array(verification, "reasons", &reasons, NULL), 0);
    assert_int_equal(json_count(reasons), 1);
    assert_string_equal(json_text(json_at(reasons, 0)), "revoked");
}

/* With as many signatures as there may be, it is no longer than what signerd takes. */
static void the_largest_report_fits(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    CLEANUP(buf_done) struct buf report = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    struct verification_part parts[VERIFICATION_PARTS_MAX];
    struct verification kept = {.id = "AAAAAAAAAAAAAAAAAAAAAA",
                                .at = TEST_PKI_NOW,
                                .verdict = "indeterminate",
                                .purpose = "signature",
                                .kind = "pdf",
                                .digest = {.alg = DIGEST_SHA512, .len = DIGEST_MAX},
                                .parts = parts,
                                .part_count = VERIFICATION_PARTS_MAX};
    const struct json *verification, *signatures;

    (void)state;
    (void)snprintf(kept.client_id, sizeof kept.client_id, "bank");
    for (unsigned i = 0; i < REASONS_; i++) {
        size_t len = strlen(kept.reasons);

        if (len + strlen(reason_name((enum reason)i)) + 2 < sizeof kept.reasons)
            (void)snprintf(kept.reasons + len, sizeof kept.reasons - len, "%s%s",
                           len == 0 ? "" : " ", reason_name((enum reason)i));
    }
    for (size_t i = 0; i < VERIFICATION_PARTS_MAX; i++) {
        parts[i] = (struct verification_part){.verdict = "indeterminate", .covers = "document"};
        (void)snprintf(parts[i].reasons, sizeof parts[i].reasons, "%s", kept.reasons);
    }
    assert_int_equal(platform_keep_verification(calls.site.platform.store, &kept, NULL,
                                                "indeterminate", &by, NULL),
                     0);
    assert_int_equal(make_report(kept.id, "bank", &report), 0);
    assert_true(report.len <= JWS_MAX);
    open_report(&report, &jws);
    assert_int_equal(json_get_object(jws.claims, "verification", &verification, NULL), 0);
    assert_int_equal(json_get_array(verification, "signatures", &signatures, NULL), 0);
    assert_int_equal(json_count(signatures), VERIFICATION_PARTS_MAX);
}

/* A report outlives its key: what was signed with the one before is verified as before. */
static void keys_of_before_stay_known(void **state)
{
    CLEANUP(buf_done) struct buf before = BUF_INIT;
    CLEANUP(buf_done) struct buf after = BUF_INIT;
    CLEANUP(jws_done) struct jws old = JWS_INIT;
    CLEANUP(jws_done) struct jws new = JWS_INIT;
    const struct json *keys = NULL;
    char id[VERIFICATION_ID_SIZE];

    (void)state;
    verify("a contract", id);
    assert_int_equal(make_report(id, "bank", &before), 0);
    use_key(second_key);
    use_key(second_key); /* as at each start */
    assert_int_equal(make_report(id, "bank", &after), 0);
    open_report(&before, &old);
    open_report(&after, &new);
    assert_string_not_equal(old.kid, new.kid);
    CLEANUP(answer_done) struct answer answer = ask("GET /v1/report-keys", NULL, NULL);
    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_array(answer.json, "keys", &keys, NULL), 0);
    assert_int_equal(json_count(keys), 2);
}

static void a_database_of_before_has_no_keys(void **state)
{
    const char *scripts[32] = {NULL};
    const struct db_schema old = {platform_schema.name, scripts};
    CLEANUP(json_freep) struct json *keys = NULL;
    const struct json *list;
    struct db *db = NULL;

    (void)state;
    for (size_t i = 0; strstr(platform_schema.migrations[i], "report_key") == NULL; i++)
        scripts[i] = platform_schema.migrations[i];
    platform_store_closep(&calls.site.platform.store);
    assert_int_equal(remove(calls.site.database), 0);
    assert_int_equal(db_open(calls.site.database, &old, &db, NULL), 0);
    db_closep(&db);
    assert_int_equal(platform_store_open(calls.site.database, &calls.site.platform.store, NULL), 0);
    assert_int_equal(platform_list_report_keys(calls.site.platform.store, &keys, NULL), 0);
    assert_int_equal(json_get_array(keys, "keys", &list, NULL), 0);
    assert_int_equal(json_count(list), 0);
}

static void a_documents_signatures_are_in_its_report(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf report = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    struct json *body = json_object_new();
    const struct json *verification, *signatures, *digest;
    const char *covers;

    (void)state;
    assert_int_equal(platform_set_verifier(calls.site.platform.store, "bank", true, &by, NULL), 0);
    test_pdf_sign(&calls.pki, "first", TEST_PKI_NOW, &file);
    test_pdf_sign(&calls.pki, "second", TEST_PKI_NOW, &file);
    assert_int_equal(json_put_text(body, "form", "pdf", NULL), 0);
    assert_int_equal(json_put_base64(body, "content", buf_bytes(&file), NULL), 0);
    CLEANUP(answer_done)
    struct answer answer = ask("POST /v1/document-verifications", BANK, body);
    assert_int_equal(make_report(text_of(&answer, "id"), "bank", &report), 0);
    open_report(&report, &jws);
    assert_int_equal(json_get_object(jws.claims, "verification", &verification, NULL), 0);
    assert_int_equal(json_get_object(verification, "digest", &digest, NULL), 0);
    assert_int_equal(json_get_array(verification, "signatures", &signatures, NULL), 0);
    assert_int_equal(json_count(signatures), 2);
    assert_int_equal(json_get_text(json_at(signatures, 0), "covers", &covers, NULL), 0);
    assert_string_equal(covers, "revision");
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, open_site, platform_calls_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(a_report_is_its_tenants_alone),
        WITH_SITE(a_platform_without_a_key_gives_none),
        WITH_SITE(without_signerd_there_is_no_report_and_none_is_noted),
        WITH_SITE(a_report_says_what_the_tenant_was_told_and_no_more),
        WITH_SITE(the_largest_report_fits),
        WITH_SITE(keys_of_before_stay_known),
        WITH_SITE(a_database_of_before_has_no_keys),
        WITH_SITE(a_documents_signatures_are_in_its_report),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
