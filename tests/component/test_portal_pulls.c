/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services fetch what people consented to, item by item, and nothing else: each way of having more,
 * of having it twice, or of having another one's is refused by its name.
 */
#include "http/limiter.h"
#include "portal/operator/courier.h"
#include "portal/outage/outage.h"
#include "support/pull_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void conduct(const char *body, const char *mode)
{
    struct json *json = json_object_new();

    assert_int_equal(json_put_text(json, "body", body, NULL), 0);
    assert_int_equal(json_put_text(json, "mode", mode, NULL), 0);
    assert_int_equal(json_put_int(json, "delay_seconds", 0, NULL), 0);
    assert_int_equal(
        portal_operate(&pulls.portal, PORTAL_SITE_OPERATOR, "POST /v1/provider/conduct", json),
        204);
}

static void a_token_is_bound_to_its_certificate_and_its_time(void **state)
{
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    assert_refused(pull_ask(WHO_BANK, "/request", own.consent, "{}"), 403, "token-unknown");
    assert_refused(pull_ask(WHO_BANK, "/request", own.refresh, "{}"), 403, "token-unknown");
    assert_refused(pull_ask(WHO_SHOP, "/request", own.access, "{}"), 403, "certificate-differs");
    assert_refused(pull_ask(WHO_NOBODY, "/request", own.access, "{}"), 403, "certificate-differs");
    assert_int_equal(operator_review(&pulls.portal, pulls.bank.id, "suspended", "a leak"), 200);
    assert_refused(pull_ask(WHO_BANK, "/request", own.access, "{}"), 403, "operator-not-approved");
    assert_int_equal(operator_review(&pulls.portal, pulls.bank.id, "approved", ""), 200);
    portal_site_at(&pulls.portal, OPERATOR_ACCESS_SECONDS);
    assert_refused(pull_ask(WHO_BANK, "/request", own.access, "{}"), 403, "token-unknown");
    portal_site_at(&pulls.portal, OPERATOR_CONSENT_SECONDS);
    assert_refused(pull_ask(WHO_BANK, "/request", own.access, "{}"), 403, "consent-over");
}

static void what_was_not_consented_to_is_not_asked_for(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer malformed = {.status = 0};
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    assert_refused(pull_ask(WHO_BANK, "/request", own.access, "{\"infos\": [\"" HOUSEHOLD "\"]}"),
                   403, "not-consented");
    assert_refused(
        pull_ask(WHO_BANK, "/request", own.access, "{\"infos\": [\"TM99999999999999\"]}"), 403,
        "not-consented");
    malformed = pull_ask(WHO_BANK, "/request", own.access, "{\"infos\": [\"TM1\"]}");
    assert_int_equal(malformed.status, 400);
}

static void items_come_as_they_were_consented_to_and_stand_in_the_log(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer waiting = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer ready = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer log = {.status = 0};
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    pull_request(&own, "{}", process);
    waiting = pull_result(&own, process);
    assert_string_equal(pull_status(&waiting), "01");
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 0);
    pull_steps();
    ready = pull_result(&own, process);
    assert_string_equal(pull_status(&ready), "03");
    assert_true(portal_has(&ready, SALARY));
    assert_false(portal_has(&ready, INCOME));
    log = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/history?what=pulled", NULL);
    assert_true(portal_has(&log, pulls.bank.id) && portal_has(&log, TAX));
    assert_true(portal_has(&log, "見本銀行") && portal_has(&log, "住宅ローンの審査"));
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'operator.pulled'"), 1);
    assert_int_equal(pull_number("SELECT count(*) FROM notice WHERE topic = 'consent.used'"), 1);
    {
        CLEANUP(portal_answer_done) struct portal_answer again = pull_result(&own, process);

        assert_string_equal(pull_status(&again), "03");
    }
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'operator.pulled'"), 2);
    assert_int_equal(pull_number("SELECT count(*) FROM notice WHERE topic = 'consent.used'"), 1);
}

static void a_process_is_one_services(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char process[PORTAL_ID_SIZE], body[64];
    struct grant own, other;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    pull_request(&own, "{}", process);
    pull_consent_to(pull_query(&pulls.shop, "self-information", ""), SALARY, &other);
    answer = pull_redeem(WHO_SHOP, &pulls.shop, other.code, VERIFIER, BACK);
    pull_keep_tokens(&answer, &other);
    (void)snprintf(body, sizeof body, "{\"process_id\": \"%s\"}", process);
    assert_refused(pull_ask(WHO_SHOP, "/result", other.access, body), 404, "process-unknown");
    assert_refused(pull_result(&own, "nothing"), 404, "process-unknown");
}

/* As an earlier version of the portal took it. */
static void a_service_whose_name_no_notice_repeats_is_told_of_by_its_id(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer notices = {.status = 0};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    assert_int_equal(db_begin(pull_db(), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn,
                                "UPDATE operator_client SET metadata = CAST(replace(CAST(metadata"
                                " AS TEXT), '見本銀行', '見本 https://evil.example') AS BLOB)",
                                DB_NOTHING, NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    pull_request(&own, "{}", process);
    pull_steps();
    {
        CLEANUP(portal_answer_done) struct portal_answer ready = pull_result(&own, process);

        assert_string_equal(pull_status(&ready), "03");
    }
    notices = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/notices", NULL);
    assert_true(portal_has(&notices, "consent.used") && portal_has(&notices, pulls.bank.id));
    assert_false(portal_has(&notices, "evil.example"));
}

static void a_consent_for_one_request_is_used_up_by_it(void **state)
{
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    pull_request(&own, "{}", process);
    assert_refused(pull_ask(WHO_BANK, "/request", own.access, "{}"), 409, "consent-used");
}

static void a_consent_that_was_withdrawn_gives_nothing(void **state)
{
    struct portal_browser stranger;
    char process[PORTAL_ID_SIZE], line[64];
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    pull_request(&own, "{}", process);
    pull_steps();
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", own.consent);
    (void)portal_site_open(&pulls.portal, &stranger, "sub-2", 2);
    assert_int_equal(portal_status(&pulls.portal, &stranger, line, NULL), 404);
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, line, NULL), 204);
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, line, NULL), 404);
    assert_refused(pull_result(&own, process), 403, "consent-over");
    assert_oauth(pull_refresh(WHO_BANK, &pulls.bank, own.refresh), 400, "invalid_grant");
}

static void each_state_has_its_digits(void **state)
{
    static const struct {
        const char *body, *mode, *item, *digits, *later;
    } rows[] = {{"M13101", "full", SALARY, "06", "06"},
                {"M13101", "silent", "\"0000100020\"", "09", "94"},
                {"HEALTHINS01", "down", MEDICINE, "09", "94"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(portal_answer_done) struct portal_answer first = {.status = 0};
        CLEANUP(portal_answer_done) struct portal_answer later = {.status = 0};
        char process[PORTAL_ID_SIZE];
        struct grant own;

        conduct(rows[i].body, rows[i].mode);
        portal_site_at(&pulls.portal, 0);
        pull_grant("self-information", "", rows[i].item, &own);
        pull_request(&own, "{}", process);
        pull_steps();
        first = pull_result(&own, process);
        if (strcmp(pull_status(&first), rows[i].digits) != 0)
            fail_msg("%s: %s", rows[i].mode, pull_status(&first));
        portal_site_at(&pulls.portal, 3599);
        pull_steps();
        portal_site_at(&pulls.portal, 3600);
        pull_steps();
        portal_site_at(&pulls.portal, 3599); /* the token counts no longer */
        later = pull_result(&own, process);
        if (strcmp(pull_status(&later), rows[i].later) != 0)
            fail_msg("%s: %s", rows[i].mode, pull_status(&later));
    }
}

static void what_is_nowhere_held_and_what_is_asked_too_often_have_their_digits(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer nothing = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer often = {.status = 0};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct holding gone = {.body = "M13101", .info = TAX};
    char process[PORTAL_ID_SIZE];
    struct grant own, other;

    (void)state;
    memset(gone.code.value, 1, sizeof gone.code.value);
    assert_int_equal(holdings_file(pulls.exchange.holdings, &gone, &by, NULL), 0);
    pulls.exchange.x.rate = 1;
    pull_grant("self-information", "", SALARY, &own);
    pull_grant("self-information", "", "\"0000100020\"", &other);
    pull_request(&own, "{}", process);
    pull_steps();
    nothing = pull_result(&own, process);
    assert_string_equal(pull_status(&nothing), "04");
    pull_request(&other, "{}", process);
    pull_steps();
    often = pull_result(&other, process);
    assert_string_equal(pull_status(&often), "92");
}

static void a_closed_exchange_and_an_unconnected_body_have_their_digits(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer closed = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer far = {.status = 0};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct exchange_outage outage = {"*", PORTAL_SITE_NOW - 1, PORTAL_SITE_NOW + 60};
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    assert_int_equal(exchange_announce(&pulls.exchange.x, &outage, &by, NULL), 0);
    pull_grant("self-information", "", SALARY, &own);
    pull_request(&own, "{}", process);
    pull_steps();
    closed = pull_result(&own, process);
    assert_string_equal(pull_status(&closed), "93");
    {
        CLEANUP(portal_answer_done)
        struct portal_answer given = pull_consent(pull_query(&pulls.bank, "self-information", ""),
                                                  SALARY, "34100");

        assert_int_equal(given.status, 201);
        pull_take(portal_text(&given, "address"), "?code=", own.code, sizeof own.code);
    }
    {
        CLEANUP(portal_answer_done)
        struct portal_answer tokens = pull_redeem(WHO_BANK, &pulls.bank, own.code, VERIFIER, BACK);

        pull_keep_tokens(&tokens, &own);
    }
    pull_request(&own, "{}", process);
    far = pull_result(&own, process);
    assert_string_equal(pull_status(&far), "91");
}

static void medicine_reaches_back_100_days_and_a_consent_90(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer first = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer late = {.status = 0};
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    pull_grant("medical-insurance", "&period=true", MEDICINE, &own);
    assert_int_equal(pull_number("SELECT ends_at - made_at FROM operator_consent"), 90 * 86400);
    pull_request(&own, "{}", process);
    pull_steps();
    first = pull_result(&own, process);
    assert_string_equal(pull_status(&first), "03");
    assert_true(portal_has(&first, "0010100010"));
    portal_site_at(&pulls.portal, 80 * 86400);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer tokens = pull_refresh(WHO_BANK, &pulls.bank, own.refresh);

        pull_keep_tokens(&tokens, &own);
    }
    late = pull_result(&own, process);
    assert_string_equal(pull_status(&late), "03");
    assert_true(late.text.len < first.text.len);
    pull_request(&own, "{}", process);
    portal_site_at(&pulls.portal, 90 * 86400);
    assert_oauth(pull_refresh(WHO_BANK, &pulls.bank, own.refresh), 400, "invalid_grant");
}

/* What it may ask now is taken as of an hour from now, so that nothing comes back meanwhile. */
static void a_service_is_told_to_wait(void **state)
{
    struct limiter *limiter = portal_store_limiter(pulls.portal.portal.store);
    CLEANUP(portal_answer_done) struct portal_answer first = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer over = {.status = 0};
    struct limiter_answer taken = {.is_over = false};
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    first = pull_result(&own, "nothing");
    assert_int_equal(first.status, 404);
    while (!taken.is_over)
        assert_int_equal(limiter_take(limiter, pulls.bank.id, OPERATOR_RATE,
                                      monotonic_us() + 3600LL * 1000000, &taken, NULL),
                         0);
    over = pull_result(&own, "nothing");
    assert_int_equal(over.status, 429);
    assert_true(portal_has(&over, "Retry-After: "));
}

static void an_interface_that_is_out_of_service_says_so(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct outage outage = {.api = "self-information",
                            .kind = OUTAGE_FAILURE,
                            .text = "障害",
                            .text_en = "An outage",
                            .begins = PORTAL_SITE_NOW};
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    assert_int_equal(outage_announce(pull_db(), &outage, &by, NULL), 0);
    assert_refused(pull_ask(WHO_BANK, "/request", own.access, "{}"), 503, "maintenance");
    assert_int_equal(outage_end(pull_db(), outage.id, &by, NULL), 0);
    pull_request(&own, "{}", process);
}

static void whoever_cannot_be_told_is_tried_again(void **state)
{
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    pull_request(&own, "{}", process);
    assert_int_equal(courier_step(&pulls.portal.portal, NULL), 0);
    assert_int_equal(pull_number("SELECT tell_at FROM operator_process"), PORTAL_SITE_NOW + 2);
    pull_steps();
    portal_site_at(&pulls.portal, 2);
    /* bank.example is nowhere. */
    assert_int_equal(courier_step(&pulls.portal.portal, NULL), 0);
    assert_int_equal(pull_number("SELECT tell_at FROM operator_process"), PORTAL_SITE_NOW + 7);
    assert_int_equal(pull_number("SELECT tries FROM operator_process"), 1);
    assert_int_equal(courier_step(&pulls.portal.portal, NULL), -ERR_ABSENT);
    assert_int_equal(operator_review(&pulls.portal, pulls.bank.id, "ended", "misuse"), 200);
    portal_site_at(&pulls.portal, 7);
    assert_int_equal(courier_step(&pulls.portal.portal, NULL), 0);
    assert_int_equal(pull_number("SELECT tell_at IS NULL FROM operator_process"), 1);
}

/* The first one is of a person whom the provider is not known to know any more. */
static void one_that_cannot_be_asked_holds_up_nobody(void **state)
{
    static const char lost[] = "SELECT tell_at FROM operator_process ORDER BY rowid LIMIT 1";
    static const char other[] = "SELECT tell_at FROM operator_process ORDER BY rowid LIMIT 1"
                                " OFFSET 1";
    struct err err = {0};
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(pull_db(), &txn, NULL), 0);
        assert_int_equal(db_execute(&txn, "UPDATE exchange_link SET body = 'ELSE' WHERE body = ?",
                                    DB_WITH(DB_TEXT("M13101")), NULL),
                         0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = pull_ask(WHO_BANK, "/request", own.access, "{}");

        assert_int_equal(answer.status, 404);
    }
    pull_grant("medical-insurance", "&period=true", MEDICINE, &own);
    {
        char process[PORTAL_ID_SIZE];

        pull_request(&own, "{}", process);
    }
    assert_int_equal(pull_number(lost), PORTAL_SITE_NOW);
    assert_int_equal(courier_step(&pulls.portal.portal, &err), -ERR_REMOTE);
    assert_int_equal(pull_number(lost), PORTAL_SITE_NOW + 5);
    assert_int_equal(courier_step(&pulls.portal.portal, NULL), 0);
    assert_int_equal(pull_number(other), PORTAL_SITE_NOW + 2);
    /* Nor is it tried without end. */
    for (int i = 0; i < 16; i++) {
        portal_site_at(&pulls.portal, (i + 1) * 57600);
        while (courier_step(&pulls.portal.portal, NULL) != -ERR_ABSENT)
            continue;
    }
    assert_int_equal(pull_number("SELECT count(*) FROM operator_process"
                                 " WHERE tell_at IS NOT NULL AND tries > 0"),
                     0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, pull_site_make, pull_site_done)
    const struct CMUnitTest tests[] = {
        CASE(a_token_is_bound_to_its_certificate_and_its_time),
        CASE(what_was_not_consented_to_is_not_asked_for),
        CASE(items_come_as_they_were_consented_to_and_stand_in_the_log),
        CASE(a_process_is_one_services),
        CASE(a_service_whose_name_no_notice_repeats_is_told_of_by_its_id),
        CASE(a_consent_for_one_request_is_used_up_by_it),
        CASE(a_consent_that_was_withdrawn_gives_nothing),
        CASE(each_state_has_its_digits),
        CASE(what_is_nowhere_held_and_what_is_asked_too_often_have_their_digits),
        CASE(a_closed_exchange_and_an_unconnected_body_have_their_digits),
        CASE(medicine_reaches_back_100_days_and_a_consent_90),
        CASE(a_service_is_told_to_wait),
        CASE(an_interface_that_is_out_of_service_says_so),
        CASE(whoever_cannot_be_told_is_tried_again),
        CASE(one_that_cannot_be_asked_holds_up_nobody),
    };

    return cmocka_run_group_tests(tests, pull_site_begin, pull_site_end);
}
