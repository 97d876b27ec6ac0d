/* SPDX-License-Identifier: Apache-2.0 */
/* What a tenant used, day by day: each thing is counted once, in Japan's days, for its tenant. */
#include "support/platform_calls.h"

#include "platform/event/store.h"
#include "platform/fee/usage.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/store.h"
#include "platform/usage/store.h"
#include "platform/verification/store.h"
#include "platform/webhook/webhook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BANK PLATFORM_SITE_KEY
#define SHOP "the bearer key of the shop"

enum { DAY = 86400 };

static struct platform_store *store(void)
{
    return calls.site.platform.store;
}

static void at(int64_t moment)
{
    calls.site.clock = clock_fixed(moment);
}

static const struct json *days_of(const struct answer *answer)
{
    const struct json *days;

    assert_int_equal(answer->status, 200);
    assert_int_equal(json_get_array(answer->json, "days", &days, NULL), 0);
    return days;
}

static int64_t number_in(const struct json *object, const char *key)
{
    int64_t number;

    assert_int_equal(json_get_int(object, key, &number, NULL), 0);
    return number;
}

static const char *text_in(const struct json *object, const char *key)
{
    const char *text;

    assert_int_equal(json_get_text(object, key, &text, NULL), 0);
    return text;
}

/* How many judgements of that kind a day of the answer has. */
static int64_t judged(const struct json *day, const char *purpose, const char *verdict)
{
    const struct json *list;

    assert_int_equal(json_get_array(day, "judgements", &list, NULL), 0);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *one = json_at(list, i);

        if (strcmp(text_in(one, "purpose"), purpose) == 0 &&
            strcmp(text_in(one, "verdict"), verdict) == 0)
            return number_in(one, "count");
    }
    return 0;
}

/* One that was judged without anybody signing. */
static int keep_one(int number, int64_t moment)
{
    const struct audit_origin by = audit_by_self(moment);
    struct verification verification = {.client_id = "bank",
                                        .at = moment,
                                        .verdict = "valid",
                                        .purpose = "signature",
                                        .kind = "signature",
                                        .method = "feed"};

    (void)snprintf(verification.id, sizeof verification.id, "%022d", number);
    return platform_keep_verification(store(), &verification, NULL, "valid", &by, NULL);
}

/* ---- refusals ---- */

static void nobody_reads_it_without_a_key(void **state)
{
    (void)state;
    assert_status("GET /v1/usage", NULL, NULL, 403);
    assert_status("GET /v1/usage", "a key that nobody has", NULL, 403);
}

static void a_day_a_limit_or_a_cursor_that_is_none_is_refused(void **state)
{
    static const char *const wrong[] = {"since=2026-13-01", "since=20261101",  "until=2026-02-30",
                                        "limit=0",          "limit=367",       "limit=-1",
                                        "limit=7x",         "cursor=tomorrow", "since="};
    char line[64];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        (void)snprintf(line, sizeof line, "GET /v1/usage?%s", wrong[i]);
        assert_status(line, BANK, NULL, 400);
    }
    (void)snprintf(line, sizeof line, "GET /v1/usage?limit=%d", USAGE_PAGE_MAX);
    assert_status(line, BANK, NULL, 200);
}

/* What is refused for its quota has used nothing. */
static void what_is_not_kept_is_not_counted(void **state)
{
    const struct tenant_rules rules = {.quota = 1};
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);

    (void)state;
    assert_int_equal(platform_set_tenant_rules(store(), "bank", &rules, &by, NULL), 0);
    assert_int_equal(keep_one(1, TEST_PKI_NOW), 0);
    assert_int_equal(keep_one(2, TEST_PKI_NOW), -ERR_REMOTE);
    CLEANUP(answer_done) struct answer answer = ask("GET /v1/usage", BANK, NULL);
    assert_int_equal(json_count(days_of(&answer)), 1);
    assert_int_equal(judged(json_at(days_of(&answer), 0), "signature", "valid"), 1);
}

/* ---- counts ---- */

static void judgements_are_counted_by_purpose_and_verdict(void **state)
{
    const struct json *day;
    const struct json *list;

    (void)state;
    CLEANUP(answer_done)
    struct answer made = ask("POST /v1/verifications", BANK, verification_body("a contract"));
    assert_int_equal(made.status, 201);
    assert_status("POST /v1/verifications", BANK, verification_body("a contract"), 201);
    assert_status("POST /v1/verifications", BANK, verification_body("another"), 201);
    assert_status("POST /v1/authentications", BANK, authentication_body("https://bank.example"),
                  201);
    CLEANUP(answer_done) struct answer answer = ask("GET /v1/usage", BANK, NULL);
    assert_int_equal(json_count(days_of(&answer)), 1);
    day = json_at(days_of(&answer), 0);
    assert_int_equal(judged(day, "signature", "valid"), 2);
    assert_int_equal(judged(day, "signature", "invalid"), 1);
    assert_int_equal(judged(day, "authentication", "valid"), 1);
    assert_int_equal(json_get_array(day, "judgements", &list, NULL), 0);
    assert_string_equal(text_in(json_at(list, 0), "method"), "online");
    assert_false(json_has(answer.json, "next"));
    CLEANUP(answer_done) struct answer others = ask("GET /v1/usage", SHOP, NULL);
    assert_int_equal(json_count(days_of(&others)), 0);
}

static void what_is_deleted_was_used_all_the_same(void **state)
{
    char line[96];

    (void)state;
    CLEANUP(answer_done)
    struct answer made = ask("POST /v1/verifications", BANK, verification_body("a contract"));
    (void)snprintf(line, sizeof line, "DELETE /v1/verifications/%s", text_of(&made, "id"));
    assert_status(line, BANK, NULL, 204);
    CLEANUP(answer_done) struct answer answer = ask("GET /v1/usage", BANK, NULL);
    assert_int_equal(judged(json_at(days_of(&answer), 0), "signature", "valid"), 1);
}

static void fees_are_counted_by_what_the_authority_bills(void **state)
{
    const struct json *fees;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(platform_count_use(store(), "bank", FEE_SIGN_CHECK, TEST_PKI_NOW, NULL),
                         0);
    assert_int_equal(platform_count_use(store(), "bank", FEE_ATTRIBUTES, TEST_PKI_NOW, NULL), 0);
    assert_int_equal(platform_count_use(store(), "shop", FEE_ATTRIBUTES, TEST_PKI_NOW, NULL), 0);
    CLEANUP(answer_done) struct answer answer = ask("GET /v1/usage", BANK, NULL);
    assert_int_equal(json_get_array(json_at(days_of(&answer), 0), "fees", &fees, NULL), 0);
    assert_int_equal(json_count(fees), 2);
    assert_string_equal(text_in(json_at(fees, 0), "item"), "attributes");
    assert_int_equal(number_in(json_at(fees, 0), "count"), 1);
    assert_string_equal(text_in(json_at(fees, 1), "item"), "sign-check");
    assert_int_equal(number_in(json_at(fees, 1), "count"), 3);
}

/* A tenant's server: what it is sent is refused as often as this says, and then taken. */
static unsigned refusals;

static int deliver(const struct fetch_request *request, struct fetch_response *ret, struct err *err)
{
    (void)request;
    (void)ret;
    if (refusals == 0)
        return 0;
    refusals--;
    return FAIL(err, ERR_REMOTE, "the tenant's server does not answer");
}

static void happen(void)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(store()->db, &txn, NULL), 0);
    assert_int_equal(
        event_put(&txn, "bank", EVENT_DATA_MAY_HAVE_CHANGED, json_object_new(), TEST_PKI_NOW, NULL),
        0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void deliveries_are_counted_and_those_in_vain(void **state)
{
    const struct json *webhooks;

    (void)state;
    calls.site.platform.webhooks = WEBHOOKS_ANY;
    calls.site.platform.deliver = deliver;
    assert_status("POST /v1/webhooks", BANK, one_member("url", "https://bank.example/hook"), 201);
    happen();
    refusals = 2;
    for (unsigned i = 0; i < 3; i++) {
        at(TEST_PKI_NOW + (int64_t)i * DAY);
        assert_int_equal(webhook_deliver_due(&calls.site.platform, "bank", NULL, NULL, NULL), 0);
    }
    CLEANUP(answer_done) struct answer answer = ask("GET /v1/usage", BANK, NULL);
    assert_int_equal(json_count(days_of(&answer)), 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(json_get_object(json_at(days_of(&answer), i), "webhooks", &webhooks, NULL),
                         0);
        assert_int_equal(number_in(webhooks, "failed"), i < 2);
        assert_int_equal(number_in(webhooks, "delivered"), i == 2);
    }
}

/* ---- days ---- */

static void days_are_japans(void **state)
{
    const int64_t last = 1798729199; /* 2026-12-31T14:59:59Z is the last second of the year there */

    (void)state;
    assert_int_equal(keep_one(1, last), 0);
    assert_int_equal(keep_one(2, last + 1), 0);
    at(last + DAY);
    CLEANUP(answer_done) struct answer answer = ask("GET /v1/usage", BANK, NULL);
    assert_int_equal(json_count(days_of(&answer)), 2);
    assert_string_equal(text_in(json_at(days_of(&answer), 0), "day"), "2026-12-31");
    assert_string_equal(text_in(json_at(days_of(&answer), 1), "day"), "2027-01-01");
}

static void without_a_period_it_is_the_last_thirty_days(void **state)
{
    (void)state;
    assert_int_equal(keep_one(1, TEST_PKI_NOW), 0);
    at(TEST_PKI_NOW + 29LL * DAY);
    CLEANUP(answer_done) struct answer answer = ask("GET /v1/usage", BANK, NULL);
    assert_int_equal(json_count(days_of(&answer)), 1);
    at(TEST_PKI_NOW + 30LL * DAY);
    CLEANUP(answer_done) struct answer later = ask("GET /v1/usage", BANK, NULL);
    assert_int_equal(json_count(days_of(&later)), 0);
}

static void pages_follow_each_other_without_a_gap(void **state)
{
    char line[96] = "GET /v1/usage?limit=2";
    char before[16] = "";
    int told = 0;

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(keep_one(i, TEST_PKI_NOW + (int64_t)i * DAY), 0);
    /* On days of its own, which must not be passed over either. */
    assert_int_equal(
        platform_count_use(store(), "bank", FEE_SIGN_CHECK, TEST_PKI_NOW + 5LL * DAY, NULL), 0);
    at(TEST_PKI_NOW + 6LL * DAY);
    for (int page = 0; page < 3; page++) {
        CLEANUP(answer_done) struct answer answer = ask(line, BANK, NULL);
        const struct json *days = days_of(&answer);

        assert_int_equal(json_count(days), 2);
        for (size_t i = 0; i < 2; i++, told++) {
            assert_true(strcmp(before, text_in(json_at(days, i), "day")) < 0);
            (void)snprintf(before, sizeof before, "%s", text_in(json_at(days, i), "day"));
        }
        assert_int_equal(json_has(answer.json, "next"), page < 2);
        if (page < 2)
            (void)snprintf(line, sizeof line, "GET /v1/usage?limit=2&cursor=%s",
                           text_of(&answer, "next"));
    }
    assert_int_equal(told, 6);
}

static void a_page_has_a_month_of_days_unless_another_limit_is_given(void **state)
{
    static const char line[] = "GET /v1/usage?since=2026-01-01";

    (void)state;
    for (int i = 0; i <= USAGE_PAGE; i++)
        assert_int_equal(keep_one(i, TEST_PKI_NOW + (int64_t)i * DAY), 0);
    at(TEST_PKI_NOW + (int64_t)USAGE_PAGE * DAY);
    CLEANUP(answer_done) struct answer answer = ask(line, BANK, NULL);
    assert_int_equal(json_count(days_of(&answer)), USAGE_PAGE);
    assert_true(json_has(answer.json, "next"));
}

static void only_the_days_of_the_period_are_told(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(keep_one(i, 1798729199 + (int64_t)i * DAY), 0);
    CLEANUP(answer_done)
    struct answer one = ask("GET /v1/usage?since=2027-01-01&until=2027-01-01", BANK, NULL);
    assert_int_equal(json_count(days_of(&one)), 1);
    assert_string_equal(text_in(json_at(days_of(&one), 0), "day"), "2027-01-01");
    CLEANUP(answer_done)
    struct answer none = ask("GET /v1/usage?since=2027-01-02&until=2027-01-01", BANK, NULL);
    assert_int_equal(json_count(days_of(&none)), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_PLATFORM(nobody_reads_it_without_a_key),
        WITH_PLATFORM(a_day_a_limit_or_a_cursor_that_is_none_is_refused),
        WITH_PLATFORM(what_is_not_kept_is_not_counted),
        WITH_PLATFORM(judgements_are_counted_by_purpose_and_verdict),
        WITH_PLATFORM(what_is_deleted_was_used_all_the_same),
        WITH_PLATFORM(fees_are_counted_by_what_the_authority_bills),
        WITH_PLATFORM(deliveries_are_counted_and_those_in_vain),
        WITH_PLATFORM(days_are_japans),
        WITH_PLATFORM(without_a_period_it_is_the_last_thirty_days),
        WITH_PLATFORM(pages_follow_each_other_without_a_gap),
        WITH_PLATFORM(a_page_has_a_month_of_days_unless_another_limit_is_given),
        WITH_PLATFORM(only_the_days_of_the_period_are_told),
    };

    return cmocka_run_group_tests(tests, platform_calls_make, platform_calls_done);
}
