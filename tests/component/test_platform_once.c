/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stays of verifications: requests that are answered once whatever happens on the way, later
 * looks at the same certificate, pages, and what is forgotten.
 */
#include "platform/verification/verification.h"

#include "platform/store_sqlite.h"
#include "support/auditlog.h"
#include "support/platform_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;
static struct privkey *token;
static struct platform_site site;
static struct signer *signer;
static struct buf jwe, signature;
static struct verification_request request;

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return privkey_generate(2048, &token, NULL);
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    privkey_freep(&token);
    return 0;
}

/* An honest request of the bank, to be changed. */
static int set_up(void **state)
{
    (void)state;
    token_signer = (struct token_signer){.key = token};
    platform_site_make(&site, &pki);
    request = (struct verification_request){.client_id = "bank"};
    assert_int_equal(
        digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &request.digest, NULL), 0);
    platform_site_encrypt(&site, pki.certs[PROFILE_SIGN], &jwe);
    assert_int_equal(buf_text(&jwe, &request.certificate, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &request.digest, &signature, NULL), 0);
    request.signature = buf_bytes(&signature);
    return signer_open("", &signer, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&jwe);
    buf_done(&signature);
    platform_site_done(&site);
    return 0;
}

static struct verification_once once_of(const char *key, const char *body)
{
    struct verification_once once = {.key = key};

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(body), &once.fingerprint, NULL), 0);
    return once;
}

static int ask(const struct verification_once *once, struct finding *ret)
{
    request.once = once;
    return verification_make(&site.platform, signer, &request, ret, NULL);
}

/* A fresh verification; its name. */
static void ask_anew(char ret[VERIFICATION_ID_SIZE])
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;

    assert_int_equal(ask(NULL, &finding), 0);
    memcpy(ret, finding.kept.id, VERIFICATION_ID_SIZE);
}

static int64_t count(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number;

    assert_int_equal(db_begin_read(site.platform.store->db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
    return number;
}

static void another_request_under_a_key_is_refused(void **state)
{
    const struct verification_once first = once_of("k", "a body"), other = once_of("k", "another");
    CLEANUP(finding_done) struct finding told = FINDING_INIT;
    CLEANUP(finding_done) struct finding refused = FINDING_INIT;

    (void)state;
    assert_int_equal(ask(&first, &told), 0);
    assert_int_equal(ask(&other, &refused), -ERR_CONFLICT);
    assert_null(refused.signer);
    assert_int_equal(count("SELECT count(*) FROM verification"), 1);
}

static void the_same_request_is_judged_once_and_tells_attributes_once(void **state)
{
    const struct verification_once once = once_of("k", "a body");
    CLEANUP(finding_done) struct finding told = FINDING_INIT;
    CLEANUP(finding_done) struct finding again = FINDING_INIT;

    (void)state;
    assert_int_equal(ask(&once, &told), 0);
    assert_non_null(told.signer);
    assert_false(told.is_replayed);
    report_add(&site.standing, REASON_REVOKED); /* judged then, not now */
    assert_int_equal(ask(&once, &again), 0);
    assert_true(again.is_replayed);
    assert_null(again.signer);
    assert_string_equal(again.kept.id, told.kept.id);
    assert_int_equal(again.report.verdict, VERDICT_VALID);
    assert_int_equal(count("SELECT count(*) FROM audit WHERE act = 'verification.judged'"), 1);
}

static void an_answer_that_is_told_again_has_its_reasons(void **state)
{
    const struct verification_once once = once_of("k", "a body");
    CLEANUP(finding_done) struct finding told = FINDING_INIT;
    CLEANUP(finding_done) struct finding again = FINDING_INIT;

    (void)state;
    report_add(&site.standing, REASON_HELD);
    request.digest.value[0] ^= 1;
    assert_int_equal(ask(&once, &told), 0);
    assert_int_equal(ask(&once, &again), 0);
    assert_int_equal(again.report.verdict, VERDICT_INVALID);
    assert_int_equal(again.report.reason_count, told.report.reason_count);
    assert_memory_equal(again.report.reasons, told.report.reasons,
                        told.report.reason_count * sizeof told.report.reasons[0]);
}

static void a_key_is_a_tenants_own_and_lasts_a_day(void **state)
{
    const struct verification_once once = once_of("k", "a body"), other = once_of("k", "another");
    CLEANUP(finding_done) struct finding banks = FINDING_INIT;
    CLEANUP(finding_done) struct finding shops = FINDING_INIT;
    CLEANUP(finding_done) struct finding last = FINDING_INIT;
    CLEANUP(finding_done) struct finding later = FINDING_INIT;

    (void)state;
    assert_int_equal(ask(&once, &banks), 0);
    request.client_id = "shop";
    assert_int_equal(ask(&other, &shops), 0);
    assert_non_null(shops.signer);
    request.client_id = "bank";
    site.clock = clock_fixed(TEST_PKI_NOW + VERIFICATION_ONCE_SECONDS);
    assert_int_equal(ask(&once, &last), 0);
    assert_true(last.is_replayed);
    site.clock = clock_fixed(TEST_PKI_NOW + VERIFICATION_ONCE_SECONDS + 1);
    assert_int_equal(ask(&other, &later), 0);
    assert_false(later.is_replayed);
    assert_int_equal(count("SELECT count(*) FROM verification_once"), 1); /* swept */
}

static void what_failed_was_not_answered_and_leaves_no_key(void **state)
{
    const struct verification_once once = once_of("k", "a body");
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;

    (void)state;
    token_signer.is_down = true;
    assert_int_equal(ask(&once, &finding), -ERR_REMOTE);
    token_signer.is_down = false;
    assert_int_equal(ask(&once, &finding), 0);
    assert_false(finding.is_replayed);
    assert_non_null(finding.signer);
}

static void a_later_look_tells_the_verdict_of_now_and_no_attributes(void **state)
{
    CLEANUP(finding_done) struct finding alive = FINDING_INIT;
    CLEANUP(finding_done) struct finding gone = FINDING_INIT;
    CLEANUP(finding_done) struct finding forged = FINDING_INIT;

    (void)state;
    request.purpose = VERIFY_LIVENESS;
    assert_int_equal(ask(NULL, &alive), 0);
    assert_int_equal(alive.report.verdict, VERDICT_VALID);
    assert_string_equal(alive.kept.purpose, "liveness");
    assert_null(alive.signer);
    report_add(&site.standing, REASON_HELD);
    assert_int_equal(ask(NULL, &gone), 0);
    assert_true(report_has(&gone.report, REASON_REVOKED));
    /* It is about what somebody signed: a certificate alone shows nothing. */
    site.standing = (struct report){.verdict = VERDICT_VALID};
    request.digest.value[0] ^= 1;
    assert_int_equal(ask(NULL, &forged), 0);
    assert_true(report_has(&forged.report, REASON_SIGNATURE_BROKEN));
}

static void a_form_is_not_tried_for_the_other(void **state)
{
    CLEANUP(finding_done) struct finding wrong = FINDING_INIT;
    CLEANUP(finding_done) struct finding bare = FINDING_INIT;
    CLEANUP(finding_done) struct finding other = FINDING_INIT;

    (void)state;
    request.form = FORM_BARE_HASH;
    assert_int_equal(ask(NULL, &wrong), 0);
    assert_true(report_has(&wrong.report, REASON_SIGNATURE_BROKEN));
    buf_done(&signature);
    assert_int_equal(
        privkey_sign_raw(pki.keys[PROFILE_SIGN], digest_bytes(&request.digest), &signature, NULL),
        0);
    request.signature = buf_bytes(&signature);
    assert_int_equal(ask(NULL, &bare), 0);
    assert_int_equal(bare.report.verdict, VERDICT_VALID);
    request.form = FORM_DIGESTINFO;
    assert_int_equal(ask(NULL, &other), 0);
    assert_true(report_has(&other.report, REASON_SIGNATURE_BROKEN));
}

static void a_way_to_check_that_is_not_offered_is_refused(void **state)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;

    (void)state;
    request.check = ASKING_CRL;
    assert_int_equal(ask(NULL, &finding), -ERR_UNTRUSTED);
    request.check = ASKING_OCSP;
    assert_int_equal(ask(NULL, &finding), -ERR_UNTRUSTED);
    /* Asked for, it is asked and nothing else is: nobody answers there. */
    site.platform.ocsp.socket = "/nonexistent/ocsp.sock";
    assert_int_equal(ask(NULL, &finding), 0);
    assert_true(report_has(&finding.report, REASON_REVOCATION_NOT_CHECKED));
    assert_int_equal(finding.report.verdict, VERDICT_INDETERMINATE);
    assert_int_equal(count("SELECT count(*) FROM verification"), 1);
}

static void what_is_deleted_is_gone_and_its_key_is_free(void **state)
{
    const struct audit_origin by = audit_by_role(TEST_PKI_NOW, "tenant", "bank", NULL);
    const struct verification_once once = once_of("k", "a body");
    struct platform_store *store = site.platform.store;
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    CLEANUP(finding_done) struct finding anew = FINDING_INIT;
    struct verification found;
    struct json *log;

    (void)state;
    assert_int_equal(ask(&once, &finding), 0);
    assert_int_equal(platform_delete_verification(store, finding.kept.id, "shop", &by, NULL),
                     -ERR_ABSENT);
    assert_int_equal(platform_get_verification(store, finding.kept.id, "bank", &found, NULL), 0);
    assert_int_equal(platform_delete_verification(store, finding.kept.id, "bank", &by, NULL), 0);
    assert_int_equal(platform_get_verification(store, finding.kept.id, "bank", &found, NULL),
                     -ERR_ABSENT);
    assert_int_equal(platform_delete_verification(store, finding.kept.id, "bank", &by, NULL),
                     -ERR_ABSENT);
    assert_int_equal(ask(&once, &anew), 0);
    assert_false(anew.is_replayed);
    assert_int_equal(audit_list(platform_store_db(store), "2", &log, NULL), 0);
    assert_log(log, "verification.judged tenant:bank valid ocsp 1700000004/1700000005\n"
                    "holder.shown tenant:bank\n"
                    "verification.deleted tenant:bank\n"
                    "verification.judged tenant:bank valid ocsp 1700000004/1700000005\n");
}

/* All of a filter's pages of that size, as one list. */
static unsigned read_pages(struct verification_filter *filter, unsigned size,
                           struct verification *ret)
{
    unsigned total = 0;
    unsigned got;

    filter->count = size;
    do {
        assert_int_equal(
            platform_list_verifications(site.platform.store, filter, ret + total, &got, NULL), 0);
        total += got;
        if (got > 0) {
            filter->before_at = ret[total - 1].at;
            filter->before_id = ret[total - 1].id;
        }
    } while (got > 0);
    return total;
}

static void pages_have_each_of_a_tenants_once_and_nobody_elses(void **state)
{
    struct verification_filter filter = {
        .client_id = "bank", .until = INT64_MAX, .before_at = INT64_MAX, .before_id = ""};
    char ids[9][VERIFICATION_ID_SIZE];
    struct verification found[16];
    char other[VERIFICATION_ID_SIZE];

    (void)state;
    for (int i = 0; i < 9; i++) { /* three at each moment */
        site.clock = clock_fixed(TEST_PKI_NOW + i / 3);
        ask_anew(ids[i]);
        request.client_id = "shop";
        ask_anew(other);
        request.client_id = "bank";
    }
    assert_int_equal(read_pages(&filter, 2, found), 9);
    for (int i = 0; i < 9; i++) {
        unsigned times = 0;

        assert_int_equal(found[i].at, TEST_PKI_NOW + 2 - i / 3);
        for (int j = 0; j < 9; j++)
            times += strcmp(found[j].id, ids[i]) == 0;
        assert_int_equal(times, 1);
    }
}

static void filters_leave_out_what_they_say(void **state)
{
    const struct verification_filter all = {
        .client_id = "bank", .until = INT64_MAX, .before_at = INT64_MAX, .before_id = ""};
    struct verification_filter filter = all;
    struct verification found[16];
    char id[VERIFICATION_ID_SIZE];

    (void)state;
    ask_anew(id);
    site.clock = clock_fixed(TEST_PKI_NOW + 10);
    request.purpose = VERIFY_LIVENESS;
    ask_anew(id);
    report_add(&site.standing, REASON_REVOKED);
    ask_anew(id);
    filter.verdict = "invalid";
    assert_int_equal(read_pages(&filter, 5, found), 1);
    assert_string_equal(found[0].reasons, "revoked");
    filter = all;
    filter.purpose = "signature";
    assert_int_equal(read_pages(&filter, 5, found), 1);
    filter = all;
    filter.since = TEST_PKI_NOW + 10;
    assert_int_equal(read_pages(&filter, 5, found), 2);
    filter = all;
    filter.until = TEST_PKI_NOW + 9;
    assert_int_equal(read_pages(&filter, 5, found), 1);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(another_request_under_a_key_is_refused),
        WITH_SITE(the_same_request_is_judged_once_and_tells_attributes_once),
        WITH_SITE(an_answer_that_is_told_again_has_its_reasons),
        WITH_SITE(a_key_is_a_tenants_own_and_lasts_a_day),
        WITH_SITE(what_failed_was_not_answered_and_leaves_no_key),
        WITH_SITE(a_later_look_tells_the_verdict_of_now_and_no_attributes),
        WITH_SITE(a_form_is_not_tried_for_the_other),
        WITH_SITE(a_way_to_check_that_is_not_offered_is_refused),
        WITH_SITE(what_is_deleted_is_gone_and_its_key_is_free),
        WITH_SITE(pages_have_each_of_a_tenants_once_and_nobody_elses),
        WITH_SITE(filters_leave_out_what_they_say),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
