/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services read the notices that somebody lets them read, of the kinds that the consent has, and
 * change nothing: each way of reading more, longer, or another one's is refused by its name.
 */
#include "http/limiter.h"
#include "portal/gateway/api.h"
#include "portal/notice/notice.h"
#include "portal/notice/store.h"
#include "portal/operator/pull.h"
#include "portal/outage/outage.h"
#include "support/pull_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PERIOD "&period=true"
#define DAYS   INT64_C(86400)

/* ---- what is there to read ---- */

static int64_t tell(const char *account, const char *topic, const char *parameters)
{
    CLEANUP(json_freep) struct json *object = NULL;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct notice_draft draft = {.account = account, .topic = topic, .at = PORTAL_SITE_NOW};

    if (parameters != NULL)
        assert_int_equal(json_parse(bytes_text(parameters), &object, NULL), 0);
    draft.parameters = object;
    assert_int_equal(db_begin(pull_db(), &txn, NULL), 0);
    assert_int_equal(notice_send(&txn, &draft, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    return pull_number("SELECT max(id) FROM notice");
}

static const char *owner(void)
{
    static char id[PORTAL_ID_SIZE];
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    assert_int_equal(db_begin_read(pull_db(), &txn, NULL), 0);
    assert_int_equal(
        db_query_one(&txn, "SELECT id FROM account WHERE sub = 'sub-1'", DB_NOTHING, &rows, NULL),
        0);
    assert_int_equal(db_text(&rows, 0, id, sizeof id, NULL), 0);
    return id;
}

static int64_t tell_payment(void)
{
    return tell(owner(), "payment.due", "{\"payment\": \"住民税\", \"until\": \"2026-10-31\"}");
}

static int64_t tell_checkup(void)
{
    return tell(owner(), "checkup.due",
                "{\"checkup\": \"特定健診\", \"from\": \"2026-10-01\", \"until\": \"2026-12-31\"}");
}

static void change(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(pull_db(), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* ---- reading ---- */

static struct portal_answer get(enum operator_who who, const char *token, const char *path)
{
    char line[64], field[96];

    (void)snprintf(line, sizeof line, "GET /v1/notices%s", path);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", token);
    return operator_ask(&pulls.portal, who, line, field, NULL, NULL);
}

static struct portal_answer get_one(const struct grant *of, int64_t id)
{
    char path[32];

    (void)snprintf(path, sizeof path, "/%lld", (long long)id);
    return get(WHO_BANK, of->access, path);
}

/* How many a page has; *ret_next is 0 after the last, *ret_last the number of its last one. */
static size_t count_page(const struct grant *of, int64_t before, int64_t *ret_next,
                         int64_t *ret_last)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    const struct json *list;
    char path[48] = "";

    if (before != 0)
        (void)snprintf(path, sizeof path, "?before=%lld", (long long)before);
    answer = get(WHO_BANK, of->access, path);
    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_array(answer.json, "notices", &list, NULL), 0);
    *ret_next = 0;
    if (json_has(answer.json, "next"))
        assert_int_equal(json_get_int(answer.json, "next", ret_next, NULL), 0);
    if (json_count(list) > 0)
        assert_int_equal(json_get_int(json_at(list, json_count(list) - 1), "id", ret_last, NULL),
                         0);
    return json_count(list);
}

/* ---- what it may ---- */

static void notices_come_as_they_were_consented_to_and_stand_in_the_log(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer read = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer again = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer log = {.status = 0};
    struct grant own;

    (void)state;
    (void)tell_payment();
    (void)tell(owner(), "mandate.given", NULL);
    pull_grant("notices", PERIOD, "", &own);
    read = get(WHO_BANK, own.access, "");
    assert_int_equal(read.status, 200);
    assert_true(portal_has(&read, "payment.due") && portal_has(&read, "住民税"));
    assert_true(portal_has(&read, "A payment is due"));
    assert_false(portal_has(&read, "mandate.given"));
    assert_false(portal_has(&read, "read_at") || portal_has(&read, "archived_at"));
    log = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/history?what=pulled", NULL);
    assert_true(portal_has(&log, pulls.bank.id) &&
                portal_has(&log, "「お知らせ」が取得されました"));
    assert_true(portal_has(&log, "見本銀行") && portal_has(&log, "住宅ローンの審査"));
    assert_false(portal_has(&log, "住民税"));
    again = get(WHO_BANK, own.access, "");
    assert_int_equal(again.status, 200);
    assert_false(portal_has(&again, "consent.used"));
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = "
                                 "'operator.notices-pulled'"),
                     2);
    assert_int_equal(pull_number("SELECT count(*) FROM notice WHERE topic = 'consent.used'"), 1);
}

static void pages_follow_one_another(void **state)
{
    int64_t next, last = 0, first_of_all = 0;
    struct grant own;

    (void)state;
    pull_grant("notices", PERIOD, "", &own);
    assert_int_equal(count_page(&own, 0, &next, &last), 0);
    for (int i = 0; i < NOTICE_PAGE_MAX; i++) {
        const int64_t id = tell_payment();

        first_of_all = first_of_all == 0 ? id : first_of_all;
    }
    assert_int_equal(count_page(&own, 0, &next, &last), NOTICE_PAGE_MAX);
    assert_int_equal(next, 0);
    assert_int_equal(last, first_of_all);
    (void)tell_payment();
    assert_int_equal(count_page(&own, 0, &next, &last), NOTICE_PAGE_MAX);
    assert_int_equal(next, last);
    assert_int_equal(count_page(&own, next, &next, &last), 1);
    assert_int_equal(next, 0);
    assert_int_equal(last, first_of_all);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer wrong = get(WHO_BANK, own.access, "?before=x");

        assert_int_equal(wrong.status, 400);
    }
}

static void one_notice_is_read_by_its_number(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    const int64_t id = tell_checkup();
    struct grant own;

    (void)state;
    pull_grant("notices", PERIOD, "", &own);
    answer = get_one(&own, id);
    assert_int_equal(answer.status, 200);
    assert_string_equal(portal_text(&answer, "topic"), "checkup.due");
    assert_true(portal_has(&answer, "特定健診"));
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = "
                                 "'operator.notices-pulled'"),
                     1);
}

/* ---- what it may not ---- */

static void what_is_not_there_for_a_service_is_unknown(void **state)
{
    struct portal_browser stranger;
    const struct session other = portal_site_open(&pulls.portal, &stranger, "sub-2", 2);
    const int64_t of_another = tell(other.account.id, "card.renewal",
                                    "{\"until\": \"2026-12-31\"}");
    const int64_t of_the_portal = tell(owner(), "information.ready", NULL);
    const int64_t put_away = tell_checkup();
    const int64_t ended = tell_payment();
    struct grant own;
    int64_t next, last;

    (void)state;
    change("UPDATE notice SET archived_at = 5 WHERE topic = 'checkup.due'");
    change("UPDATE notice SET ends_at = 5 WHERE topic = 'payment.due'");
    pull_grant("notices", PERIOD, "", &own);
    assert_refused(get_one(&own, of_another), 404, "notice-unknown");
    assert_refused(get_one(&own, of_the_portal), 404, "notice-unknown");
    assert_refused(get_one(&own, put_away), 404, "notice-unknown");
    assert_refused(get_one(&own, ended), 404, "notice-unknown");
    assert_refused(get_one(&own, 0), 404, "notice-unknown");
    assert_refused(get_one(&own, -1), 404, "notice-unknown");
    assert_refused(get(WHO_BANK, own.access, "/99999999999999999999999"), 404, "notice-unknown");
    assert_refused(get(WHO_BANK, own.access, "/4x"), 404, "notice-unknown");
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = "
                                 "'operator.notices-pulled'"),
                     0);
    assert_int_equal(count_page(&own, 0, &next, &last), 0);
}

static void a_kind_that_the_consent_lacks_is_not_read(void **state)
{
    const int64_t payment = tell_payment();
    const int64_t checkup = tell_checkup();
    struct grant own;
    int64_t next, last = 0;

    (void)state;
    pull_grant("notices", PERIOD, "", &own);
    assert_int_equal(count_page(&own, 0, &next, &last), 2);
    change("UPDATE operator_consent SET items = ' payment.due '"); /* as given before the others */
    assert_int_equal(count_page(&own, 0, &next, &last), 1);
    assert_int_equal(last, payment);
    assert_refused(get_one(&own, checkup), 404, "notice-unknown");
}

static void the_kinds_are_those_that_offices_send(void **state)
{
    const struct gateway_api *api = gateway_api_find("notices");
    size_t count = 0;

    (void)state;
    for (size_t i = 0; api->topics[i] != NULL; i++) {
        const struct notice_topic *topic = notice_topic_find(api->topics[i]);

        assert_non_null(topic);
        assert_int_equal(topic->author, NOTICE_BY_OFFICE);
    }
    for (const struct notice_topic *topic = notice_topics; topic->code != NULL; topic++)
        count += topic->author == NOTICE_BY_OFFICE ? 1 : 0;
    for (size_t i = 0; api->topics[i] != NULL; i++)
        count--;
    assert_int_equal(count, 0);
}

static void a_service_marks_nothing(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer read = {.status = 0};
    const int64_t id = tell_payment();
    char line[64], field[96];
    struct grant own;

    (void)state;
    pull_grant("notices", PERIOD, "", &own);
    read = get_one(&own, id);
    assert_int_equal(read.status, 200);
    (void)snprintf(line, sizeof line, "PUT /v1/notices/%lld/state", (long long)id);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", own.access);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer marked = operator_ask(&pulls.portal, WHO_BANK, line, field,
                                                   "application/json",
                                                   "{\"read\": true, \"archived\": true}");

        assert_int_equal(marked.status, 404);
    }
    assert_int_equal(pull_number("SELECT max(read_at + archived_at) FROM notice"), 0);
}

static void a_token_is_one_services_for_one_interface(void **state)
{
    struct grant own, other;

    (void)state;
    (void)tell_payment();
    pull_grant("notices", PERIOD, "", &own);
    pull_grant("self-information", "", SALARY, &other);
    assert_refused(get(WHO_BANK, own.refresh, ""), 403, "token-unknown");
    assert_refused(get(WHO_BANK, own.consent, ""), 403, "token-unknown");
    assert_refused(get(WHO_SHOP, own.access, ""), 403, "certificate-differs");
    assert_refused(get(WHO_NOBODY, own.access, ""), 403, "certificate-differs");
    assert_refused(get(WHO_BANK, other.access, ""), 403, "not-consented");
    assert_refused(get(WHO_BANK, other.access, "/1"), 403, "not-consented");
    assert_refused(pull_ask(WHO_BANK, "/request", own.access, "{}"), 403, "not-consented");
    assert_int_equal(operator_review(&pulls.portal, pulls.bank.id, "suspended", "a leak"), 200);
    assert_refused(get(WHO_BANK, own.access, ""), 403, "operator-not-approved");
}

static void a_consent_that_was_withdrawn_shows_no_notice(void **state)
{
    const int64_t id = tell_payment();
    struct operator_access access;
    const struct operator_handed handed = {.items = {"a", "a"}};
    struct operator_pull pull = {&access.consent, OPERATOR_ACT_NOTICES, "x", &handed, 1};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char line[64];
    struct grant own;

    (void)state;
    pull_grant("notices", PERIOD, "", &own);
    assert_int_equal(operator_token_find(pull_db(), own.access, &access, NULL), 0);
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", own.consent);
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, line, NULL), 204);
    assert_refused(get(WHO_BANK, own.access, ""), 403, "consent-over");
    assert_refused(get_one(&own, id), 403, "consent-over");
    assert_oauth(pull_refresh(WHO_BANK, &pulls.bank, own.refresh), 400, "invalid_grant");
    /* What was let in just before is not handed over either. */
    assert_int_equal(operator_pull_note(&pulls.portal.portal, &pull, &by, NULL), -ERR_DENIED);
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = "
                                 "'operator.notices-pulled'"),
                     0);
}

static void a_consent_ends_after_90_days(void **state)
{
    struct grant own;
    int64_t next, last;

    (void)state;
    pull_grant("notices", PERIOD, "", &own);
    assert_int_equal(pull_number("SELECT ends_at - made_at FROM operator_consent"), 90 * DAYS);
    portal_site_at(&pulls.portal, 90 * DAYS - 1);
    assert_refused(get(WHO_BANK, own.access, ""), 403, "token-unknown");
    {
        CLEANUP(portal_answer_done)
        struct portal_answer tokens = pull_refresh(WHO_BANK, &pulls.bank, own.refresh);

        pull_keep_tokens(&tokens, &own);
    }
    assert_int_equal(count_page(&own, 0, &next, &last), 0);
    portal_site_at(&pulls.portal, 90 * DAYS);
    assert_refused(get(WHO_BANK, own.access, ""), 403, "consent-over");
}

static void during_maintenance_no_notice_is_read(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct outage outage = {.api = "notices",
                            .kind = OUTAGE_MAINTENANCE,
                            .text = "保守",
                            .text_en = "Maintenance",
                            .begins = PORTAL_SITE_NOW,
                            .ends = PORTAL_SITE_NOW + 60};
    const int64_t id = tell_payment();
    struct grant own;
    int64_t next, last;

    (void)state;
    pull_grant("notices", PERIOD, "", &own);
    assert_int_equal(outage_announce(pull_db(), &outage, &by, NULL), 0);
    assert_refused(get(WHO_BANK, own.access, ""), 503, "maintenance");
    assert_refused(get_one(&own, id), 503, "maintenance");
    portal_site_at(&pulls.portal, 60);
    assert_int_equal(count_page(&own, 0, &next, &last), 1);
}

/* What it may ask now is taken as of an hour from now, so that nothing comes back meanwhile. */
static void reading_counts_in_the_services_limit(void **state)
{
    struct limiter *limiter = portal_store_limiter(pulls.portal.portal.store);
    CLEANUP(portal_answer_done) struct portal_answer over = {.status = 0};
    struct limiter_answer taken = {.is_over = false};
    struct grant own;

    (void)state;
    pull_grant("notices", PERIOD, "", &own);
    while (!taken.is_over)
        assert_int_equal(limiter_take(limiter, pulls.bank.id, OPERATOR_RATE,
                                      monotonic_us() + 3600LL * 1000000, &taken, NULL),
                         0);
    over = get(WHO_BANK, own.access, "");
    assert_int_equal(over.status, 429);
    assert_true(portal_has(&over, "Retry-After: "));
}

/* ---- consenting ---- */

static void assert_led_back(const struct operator_service *service, const char *more,
                            const char *error)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char line[1200], place[128];

    (void)snprintf(line, sizeof line, "GET /authorize?%s", pull_query(service, "notices", more));
    (void)snprintf(place, sizeof place, "Location: " BACK "?error=%s&", error);
    answer = portal_ask(&pulls.portal, NULL, line, NULL);
    assert_int_equal(answer.status, 303);
    assert_true(portal_has(&answer, place));
}

static void consent_is_for_a_period_and_by_an_approved_interface(void **state)
{
    struct operator_service plain;

    (void)state;
    assert_int_equal(operator_review(&pulls.portal, pulls.shop.id, "ended", "as agreed"), 200);
    operator_service_add(&pulls.portal, WHO_SHOP, "\"apis\": [\"self-information\"]",
                         OPERATOR_APPROVED, &plain);
    assert_led_back(&pulls.bank, "", "invalid_request");
    assert_led_back(&pulls.bank, PERIOD "&infos=" TAX, "invalid_request");
    assert_led_back(&plain, PERIOD, "invalid_scope");
}

static void people_are_told_the_kinds(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer asked = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer listed = {.status = 0};
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    const char *query = pull_query(&pulls.bank, "notices", PERIOD), *text;
    struct grant own;

    (void)state;
    assert_int_equal(buf_append_text(&line, "GET /v1/consent-request?request=", NULL), 0);
    for (const char *c = query; *c != '\0'; c++)
        assert_int_equal(buf_append_format(&line, NULL, "%%%02X", (unsigned char)*c), 0);
    assert_int_equal(buf_text(&line, &text, NULL), 0);
    asked = portal_ask(&pulls.portal, &pulls.browser, text, NULL);
    assert_int_equal(asked.status, 200);
    assert_true(portal_has(&asked, "\"period_days\":90") && portal_has(&asked, "健診のお知らせ"));
    assert_true(portal_has(&asked, "お知らせ情報取得API"));
    pull_grant("notices", PERIOD, "", &own);
    change("UPDATE operator_consent SET items = ' payment.due '");
    listed = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/consents", NULL);
    assert_true(portal_has(&listed, "納付期限のお知らせ"));
    assert_false(portal_has(&listed, "健診のお知らせ"));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, pull_site_make, pull_site_done)
    const struct CMUnitTest tests[] = {
        CASE(notices_come_as_they_were_consented_to_and_stand_in_the_log),
        CASE(pages_follow_one_another),
        CASE(one_notice_is_read_by_its_number),
        CASE(what_is_not_there_for_a_service_is_unknown),
        CASE(a_kind_that_the_consent_lacks_is_not_read),
        CASE(the_kinds_are_those_that_offices_send),
        CASE(a_service_marks_nothing),
        CASE(a_token_is_one_services_for_one_interface),
        CASE(a_consent_that_was_withdrawn_shows_no_notice),
        CASE(a_consent_ends_after_90_days),
        CASE(during_maintenance_no_notice_is_read),
        CASE(reading_counts_in_the_services_limit),
        CASE(consent_is_for_a_period_and_by_an_approved_interface),
        CASE(people_are_told_the_kinds),
    };

    return cmocka_run_group_tests(tests, pull_site_begin, pull_site_end);
}
