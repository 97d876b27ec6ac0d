/* SPDX-License-Identifier: Apache-2.0 */
/* Notices for whoever they are for, and those that municipalities send by a rule. */
#include "exchange/exchange.h"
#include "portal/municipality/key.h"
#include "portal/notice/notice.h"
#include "portal/notice/store.h"
#include "support/portal_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;
static struct portal_browser taro, hanako;
static struct session of_taro, of_hanako;
static struct tables *tables;
static struct exchange x;
static char clerk[MUNICIPALITY_KEY_SIZE], neighbour[MUNICIPALITY_KEY_SIZE],
    editor[MUNICIPALITY_KEY_SIZE];

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static void execute(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(db(), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static int64_t count(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number = -1;

    assert_int_equal(db_begin_read(db(), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
    return number;
}

static void add_key(const char *code, const char *role, char ret[MUNICIPALITY_KEY_SIZE])
{
    const struct municipality_key_inputs inputs = {code, "n", role};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    assert_int_equal(municipality_key_add(db(), &inputs, &by, ret, NULL), 0);
}

/* Chiyoda knows hanako and nobody else: by a code of as many sevens. */
static void link_hanako(void)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct exchange_link link = {.body = "M13101"};
    int64_t person;

    memset(link.portal.value, 2, sizeof link.portal.value);
    memset(link.code.value, 7, sizeof link.code.value);
    assert_int_equal(exchange_link(&x, &link, &by, &person, NULL), 0);
}
#define HANAKO_AT_CHIYODA "BwcHBwcHBwcHBwcHBwcHBw"
#define NOBODY_AT_CHIYODA "CAgICAgICAgICAgICAgICA"

static int set_up(void **state)
{
    static const struct municipality places[] = {{"13101", "東京都", "千代田区"},
                                                 {"13103", "東京都", "港区"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    (void)state;
    portal_site_make(&site);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(municipality_add(db(), &places[i], &by, NULL), 0);
    execute("INSERT INTO procedure_text (id, owner, code, place, category, name, alias, summary,"
            " folded_name, folded_summary, version, updated_at)"
            " VALUES (1, '', 'c', 1, 'other', 'n', '', 's', x'', x'', 1, 5)");
    execute("INSERT INTO procedure_offering (psid, municipality, text, is_online, period_from,"
            " period_until, open_from, open_until, department, contact, version, updated_at)"
            " VALUES ('131010000001', '13101', 1, 0, '', '', 0, 9, 'd', '{}', 1, 5)");
    assert_int_equal(tables_load(EXCHANGE_DATA, &tables, NULL), 0);
    x = (struct exchange){.db = db(), .tables = tables, .clock = &site.clock};
    site.portal.exchange = &x;
    of_taro = portal_site_open(&site, &taro, "sub-1", 1);
    of_hanako = portal_site_open(&site, &hanako, "sub-2", 2);
    link_hanako();
    add_key("13101", "clerk", clerk);
    add_key("13103", "clerk", neighbour);
    add_key("13101", "editor", editor);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tables_freep(&tables);
    portal_site_done(&site);
    return 0;
}

static void tell(const struct session *session)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct notice_draft draft = {.account = session->account.id,
                                       .topic = "information.ready",
                                       .link = "information/x",
                                       .at = clock_now(&site.clock)};

    assert_int_equal(db_begin(db(), &txn, NULL), 0);
    assert_int_equal(notice_send(&txn, &draft, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static unsigned ask(struct portal_browser *browser, const char *line, const char *body)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask_with(&site, browser, line, "",
                                                  body == NULL ? NULL : "application/json", body);

    return answer.status;
}

static int64_t number_in(struct portal_browser *browser, const char *line, const char *member)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, browser, line, NULL);
    int64_t number;

    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_int(answer.json, member, &number, NULL), 0);
    return number;
}

static size_t listed(struct portal_browser *browser, const char *line)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, browser, line, NULL);
    const struct json *list = NULL;

    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_array(answer.json, "notices", &list, NULL), 0);
    return json_count(list);
}

/* ---- for people ---- */

static void nobody_sees_or_changes_anothers(void **state)
{
    (void)state;
    assert_int_equal(ask(NULL, "GET /v1/notices", NULL), 403);
    assert_int_equal(ask(NULL, "PUT /v1/notices/1/state", "{\"read\":true,\"archived\":true}"),
                     403);
    tell(&of_taro);
    assert_int_equal(listed(&hanako, "GET /v1/notices"), 0);
    assert_int_equal(number_in(&hanako, "GET /v1/notices/count", "unread"), 0);
    assert_int_equal(ask(&hanako, "PUT /v1/notices/1/state", "{\"read\":true,\"archived\":true}"),
                     404);
    assert_int_equal(ask(&hanako, "POST /v1/notices/read", NULL), 204);
    assert_int_equal(number_in(&taro, "GET /v1/notices/count", "unread"), 1);
    assert_int_equal(ask(&taro, "PUT /v1/notices/0/state", "{\"read\":true,\"archived\":true}"),
                     404);
    assert_int_equal(ask(&taro, "PUT /v1/notices/x/state", "{\"read\":true,\"archived\":true}"),
                     404);
    assert_int_equal(number_in(&taro, "GET /v1/notices/count", "unread"), 1);
}

static void a_notice_is_read_and_put_away(void **state)
{
    (void)state;
    tell(&of_taro);
    tell(&of_taro);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &taro, "GET /v1/notices", NULL);

        assert_true(portal_has(&answer, "自己情報の回答が届きました"));
        assert_true(portal_has(&answer, "Answers have come"));
        assert_true(portal_has(&answer, "\"link\":\"information/x\""));
    }
    assert_int_equal(ask(&taro, "PUT /v1/notices/1/state", "{\"read\":true,\"archived\":false}"),
                     204);
    assert_int_equal(number_in(&taro, "GET /v1/notices/count", "unread"), 1);
    assert_int_equal(listed(&taro, "GET /v1/notices?unread=true"), 1);
    assert_int_equal(ask(&taro, "PUT /v1/notices/2/state", "{\"read\":false,\"archived\":true}"),
                     204);
    assert_int_equal(number_in(&taro, "GET /v1/notices/count", "unread"), 0);
    assert_int_equal(listed(&taro, "GET /v1/notices"), 1);
    assert_int_equal(listed(&taro, "GET /v1/notices?archived=true"), 1);
    assert_int_equal(ask(&taro, "PUT /v1/notices/2/state", "{\"read\":false,\"archived\":false}"),
                     204);
    assert_int_equal(number_in(&taro, "GET /v1/notices/count", "unread"), 1);
    assert_int_equal(ask(&taro, "POST /v1/notices/read", NULL), 204);
    assert_int_equal(number_in(&taro, "GET /v1/notices/count", "unread"), 0);
}

static void there_is_a_page_after_each_but_the_last(void **state)
{
    char line[64];

    (void)state;
    for (int i = 0; i < NOTICE_PAGE_MAX; i++)
        tell(&of_taro);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &taro, "GET /v1/notices", NULL);

        assert_false(json_has(answer.json, "next"));
    }
    tell(&of_taro);
    assert_int_equal(listed(&taro, "GET /v1/notices"), NOTICE_PAGE_MAX);
    (void)snprintf(line, sizeof line, "GET /v1/notices?before=%lld",
                   (long long)number_in(&taro, "GET /v1/notices", "next"));
    assert_int_equal(listed(&taro, line), 1);
}

static void the_oldest_ones_go_where_there_are_too_many(void **state)
{
    (void)state;
    for (int i = 0; i < NOTICE_KEPT_MAX; i++)
        tell(&of_taro);
    tell(&of_hanako);
    assert_int_equal(count("SELECT min(id) FROM notice"), 1);
    tell(&of_taro);
    assert_int_equal(count("SELECT min(id) FROM notice"), 2);
    assert_int_equal(count("SELECT count(*) FROM notice"), NOTICE_KEPT_MAX + 1);
}

static void what_has_ended_is_gone(void **state)
{
    enum { DAYS = 90 * 86400 };

    (void)state;
    tell(&of_taro);
    execute("UPDATE session SET used_at = used_at + 7776000, made_at = made_at + 7776000");
    portal_site_at(&site, DAYS - 1);
    assert_int_equal(notice_expire(db(), clock_now(&site.clock), NULL), 0);
    assert_int_equal(listed(&taro, "GET /v1/notices"), 1);
    portal_site_at(&site, DAYS);
    assert_int_equal(listed(&taro, "GET /v1/notices"), 0);
    assert_int_equal(number_in(&taro, "GET /v1/notices/count", "unread"), 0);
    assert_int_equal(count("SELECT count(*) FROM notice"), 1);
    assert_int_equal(notice_expire(db(), clock_now(&site.clock), NULL), 0);
    assert_int_equal(count("SELECT count(*) FROM notice"), 0);
}

/* ---- for municipalities ---- */

static unsigned order(const char *key, const char *body)
{
    char field[96] = "";

    if (key != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", key);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask_with(&site, NULL, "POST /v1/municipality/notices",
                                                  field, "application/json", body);
    return answer.status;
}

#define PAYMENT                                                                                    \
    "\"topic\":\"payment.due\",\"parameters\":{\"payment\":\"住民税\",\"until\":\"2026-10-31\"}"
#define TO_HANAKO                                                                                  \
    "\"to\":\"persons\",\"codes\":[\"" HANAKO_AT_CHIYODA "\",\"" NOBODY_AT_CHIYODA                 \
    "\",\"" HANAKO_AT_CHIYODA "\"]"

static void only_clerks_send(void **state)
{
    static const char body[] = "{\"key\":\"k\"," TO_HANAKO "," PAYMENT "}";

    (void)state;
    assert_int_equal(order(NULL, body), 403);
    assert_int_equal(order(editor, body), 403);
    assert_int_equal(order("nobody", body), 403);
    assert_int_equal(count("SELECT count(*) FROM notice"), 0);
}

static void refuses_orders_that_are_none(void **state)
{
    static const char *const bad[] = {
        "{\"key\":\"k\",\"to\":\"persons\"," PAYMENT "}",
        "{\"key\":\"k\",\"to\":\"persons\",\"codes\":[]," PAYMENT "}",
        "{\"key\":\"k\",\"to\":\"persons\",\"codes\":[\"short\"]," PAYMENT "}",
        "{\"key\":\"k\",\"to\":\"everybody\"," PAYMENT "}",
        "{\"key\":\"k\",\"to\":\"subscribers\"," PAYMENT "}",
        "{\"key\":\"k\",\"to\":\"subscribers\",\"event\":\"party\"," PAYMENT "}",
        "{\"key\":\"k\",\"to\":\"applicants\"," PAYMENT "}",
        "{\"key\":\"\"," TO_HANAKO "," PAYMENT "}",
        "{\"key\":\"a b\"," TO_HANAKO "," PAYMENT "}",
        "{\"key\":\"k\"," TO_HANAKO ",\"topic\":\"application.state\"}",
        "{\"key\":\"k\"," TO_HANAKO ",\"topic\":\"payment.due\"}",
        "{\"key\":\"k\"," TO_HANAKO ",\"topic\":\"payment.due\",\"parameters\":"
        "{\"payment\":\"https://evil.test\",\"until\":\"2026-10-31\"}}",
        "{\"key\":\"k\"," TO_HANAKO ",\"event\":\"birth\"," PAYMENT "}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (order(clerk, bad[i]) != 400)
            fail_msg("%s is taken", bad[i]);
    assert_int_equal(order(clerk, "{\"key\":\"k\",\"to\":\"applicants\",\"psid\":"
                                  "\"131030000001\"," PAYMENT "}"),
                     404);
    assert_int_equal(count("SELECT count(*) FROM notice_order"), 0);
}

static void a_person_is_known_to_a_municipality_by_its_own_code(void **state)
{
    static const char body[] = "{\"key\":\"k\"," TO_HANAKO "," PAYMENT "}";

    (void)state;
    assert_int_equal(order(neighbour, body), 204); /* it knows nobody by that code */
    assert_int_equal(count("SELECT count(*) FROM notice"), 0);
    assert_int_equal(order(clerk, body), 204);
    assert_int_equal(listed(&hanako, "GET /v1/notices"), 1);
    assert_int_equal(listed(&taro, "GET /v1/notices"), 0);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, &hanako, "GET /v1/notices", NULL);
    assert_true(portal_has(&answer, "「住民税」の納付期限は2026年10月31日です。"));
    assert_true(portal_has(&answer, "\"sender\":\"東京都千代田区\""));
}

static void without_an_exchange_no_codes_are_known(void **state)
{
    (void)state;
    site.portal.exchange = NULL;
    assert_int_equal(order(clerk, "{\"key\":\"k\"," TO_HANAKO "," PAYMENT "}"), 503);
}

static void the_same_order_is_sent_once(void **state)
{
    (void)state;
    assert_int_equal(order(clerk, "{\"key\":\"k\"," TO_HANAKO "," PAYMENT "}"), 204);
    assert_int_equal(order(clerk, "{\"key\":\"k\"," TO_HANAKO "," PAYMENT "}"), 204);
    assert_int_equal(order(clerk, "{\"key\":\"k\"," TO_HANAKO ",\"topic\":\"card.renewal\","
                                  "\"parameters\":{\"until\":\"2026-10-31\"}}"),
                     409);
    assert_int_equal(listed(&hanako, "GET /v1/notices"), 1);
    assert_int_equal(order(clerk, "{\"key\":\"l\"," TO_HANAKO "," PAYMENT "}"), 204);
    assert_int_equal(listed(&hanako, "GET /v1/notices"), 2);
    assert_int_equal(count("SELECT sum(sent) FROM notice_order"), 2);
}

#define SUBSCRIBE(code, event)                                                                     \
    "{\"subscriptions\":[{\"municipality\":\"" code "\",\"event\":\"" event "\"}]}"

static void subscribers_are_who_has_said_so(void **state)
{
    static const char body[] = "{\"key\":\"k\",\"to\":\"subscribers\",\"event\":\"birth\","
                               "\"topic\":\"procedure.open\",\"psid\":\"131010000001\","
                               "\"parameters\":{\"procedure\":\"児童手当\",\"until\":"
                               "\"2026-10-31\"}}";

    (void)state;
    assert_int_equal(ask(&taro, "PUT /v1/notice-subscriptions", SUBSCRIBE("13101", "party")), 400);
    assert_int_equal(ask(&taro, "PUT /v1/notice-subscriptions", SUBSCRIBE("99999", "birth")), 404);
    assert_int_equal(ask(&taro, "PUT /v1/notice-subscriptions", SUBSCRIBE("13101", "birth")), 204);
    assert_int_equal(ask(&hanako, "PUT /v1/notice-subscriptions", SUBSCRIBE("13103", "birth")),
                     204);
    assert_int_equal(order(clerk, body), 204);
    assert_int_equal(listed(&taro, "GET /v1/notices"), 1);
    assert_int_equal(listed(&hanako, "GET /v1/notices"), 0);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &taro, "GET /v1/notices", NULL);

        assert_true(portal_has(&answer, "\"link\":\"procedures/131010000001\""));
    }
    assert_int_equal(ask(&taro, "PUT /v1/notice-subscriptions", "{\"subscriptions\":[]}"), 204);
    assert_int_equal(count("SELECT count(*) FROM notice_subscription"), 1);
}

static void applicants_are_who_has_submitted(void **state)
{
    static const char sql[] =
        "INSERT INTO application " APPLICATION_COLUMNS
        " SELECT id, 'account:' || id, '131010000001', '13101', 'n', '{}',"
        " '[]', 'received', CASE WHEN sub = 'sub-1' THEN 'r' END, 1, 1, 1, 1, 1, NULL,"
        " NULL FROM account";

    (void)state;
    execute(sql);
    assert_int_equal(order(clerk, "{\"key\":\"k\",\"to\":\"applicants\",\"psid\":"
                                  "\"131010000001\"," PAYMENT "}"),
                     204);
    assert_int_equal(listed(&taro, "GET /v1/notices"), 1);
    assert_int_equal(listed(&hanako, "GET /v1/notices"), 0); /* hers is a draft */
}

static void sends_to_so_many_codes_at_once(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    (void)state;
    for (int more = 0; more < 2; more++) {
        buf_clear(&body);
        assert_int_equal(
            buf_append_text(&body, "{\"key\":\"k\",\"to\":\"persons\",\"codes\":[", NULL), 0);
        for (int i = 0; i < NOTICE_CODES_MAX + more; i++)
            assert_int_equal(
                buf_append_format(&body, NULL, "%s\"" HANAKO_AT_CHIYODA "\"", i == 0 ? "" : ","),
                0);
        assert_int_equal(buf_append_text(&body, "]," PAYMENT "}", NULL), 0);
        assert_int_equal(buf_text(&body, &text, NULL), 0);
        assert_int_equal(order(clerk, text), more == 0 ? 204 : 400);
    }
    assert_int_equal(listed(&hanako, "GET /v1/notices"), 1);
}

static void sends_so_many_orders_in_a_day(void **state)
{
    char sql[200];

    (void)state;
    for (int i = 1; i < NOTICE_ORDERS_MAX; i++) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO notice_order VALUES ('13101', 'k%d', zeroblob(32), %d, 0)", i,
                       PORTAL_SITE_NOW);
        execute(sql);
    }
    assert_int_equal(order(clerk, "{\"key\":\"a\"," TO_HANAKO "," PAYMENT "}"), 204);
    assert_int_equal(order(clerk, "{\"key\":\"b\"," TO_HANAKO "," PAYMENT "}"), 409);
    portal_site_at(&site, 86400);
    assert_int_equal(order(clerk, "{\"key\":\"b\"," TO_HANAKO "," PAYMENT "}"), 204);
}

static void keys_of_orders_have_a_limit(void **state)
{
    char body[400], key[NOTICE_KEY_MAX + 2];

    (void)state;
    memset(key, 'k', sizeof key);
    key[NOTICE_KEY_MAX + 1] = '\0';
    (void)snprintf(body, sizeof body, "{\"key\":\"%s\"," TO_HANAKO "," PAYMENT "}", key);
    assert_int_equal(order(clerk, body), 400);
    (void)snprintf(body, sizeof body, "{\"key\":\"%s\"," TO_HANAKO "," PAYMENT "}", key + 1);
    assert_int_equal(order(clerk, body), 204);
}

static void wants_to_hear_of_so_much(void **state)
{
    static const char *const events[] = {"pregnancy", "birth",    "childcare", "schooling",
                                         "marriage",  "divorce",  "moving",    "work",
                                         "illness",   "eldercare"};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;
    char sql[120];

    (void)state;
    for (int i = 0; i < 6; i++) {
        (void)snprintf(sql, sizeof sql, "INSERT INTO municipality VALUES ('2010%d', 'p', 'n', 5)",
                       i);
        execute(sql);
    }
    for (int more = 0; more < 2; more++) {
        buf_clear(&body);
        assert_int_equal(buf_append_text(&body, "{\"subscriptions\":[", NULL), 0);
        for (int i = 0; i < NOTICE_SUBSCRIPTIONS_MAX + more; i++)
            assert_int_equal(buf_append_format(&body, NULL,
                                               "%s{\"municipality\":\"2010%d\",\"event\":\"%s\"}",
                                               i == 0 ? "" : ",", i / 10, events[i % 10]),
                             0);
        assert_int_equal(buf_append_text(&body, "]}", NULL), 0);
        assert_int_equal(buf_text(&body, &text, NULL), 0);
        assert_int_equal(ask(&taro, "PUT /v1/notice-subscriptions", text), more == 0 ? 204 : 400);
    }
    assert_int_equal(count("SELECT count(*) FROM notice_subscription"), NOTICE_SUBSCRIPTIONS_MAX);
    assert_int_equal(ask(&taro, "PUT /v1/notice-subscriptions",
                         "{\"subscriptions\":[{\"municipality\":\"13101\",\"event\":\"birth\"},"
                         "{\"municipality\":\"13101\",\"event\":\"birth\"}]}"),
                     400);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_sees_or_changes_anothers),
        TEST(a_notice_is_read_and_put_away),
        TEST(there_is_a_page_after_each_but_the_last),
        TEST(the_oldest_ones_go_where_there_are_too_many),
        TEST(what_has_ended_is_gone),
        TEST(only_clerks_send),
        TEST(refuses_orders_that_are_none),
        TEST(a_person_is_known_to_a_municipality_by_its_own_code),
        TEST(without_an_exchange_no_codes_are_known),
        TEST(the_same_order_is_sent_once),
        TEST(subscribers_are_who_has_said_so),
        TEST(applicants_are_who_has_submitted),
        TEST(sends_to_so_many_codes_at_once),
        TEST(sends_so_many_orders_in_a_day),
        TEST(keys_of_orders_have_a_limit),
        TEST(wants_to_hear_of_so_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
