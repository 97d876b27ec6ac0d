/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that people give and prove, and mails to them: one for each notice, whatever happens.
 */
#include "portal/mail/office.h"
#include "portal/mail/queue.h"
#include "portal/notice/notice.h"
#include "support/mail_site.h"
#include "support/portal_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SHORT_MS = 1500 };

static struct portal_site site;
static struct mail_site server;
static struct portal_browser taro, other;
static struct session session;
static struct mail_office office;

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static int set_up(void **state)
{
    (void)state;
    portal_site_make(&site);
    mail_site_start(&server, false);
    site.portal.sends_mail = true;
    session = portal_site_open(&site, &taro, "sub-1", 1);
    (void)portal_site_open(&site, &other, "sub-2", 2);
    office = (struct mail_office){.db = db(),
                                  .clock = &site.clock,
                                  .origin = PORTAL_SITE_ORIGIN,
                                  .server = server.server,
                                  .from = "portal@portal.test"};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mail_site_done(&server);
    portal_site_done(&site);
    return 0;
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

static unsigned ask(struct portal_browser *browser, const char *line, const char *body)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask_with(&site, browser, line, "",
                                                  body == NULL ? NULL : "application/json", body);

    return answer.status;
}

static unsigned give(struct portal_browser *browser, const char *address)
{
    char body[400];

    (void)snprintf(body, sizeof body, "{\"address\":\"%s\",\"language\":\"ja\",\"consent\":true}",
                   address);
    return ask(browser, "PUT /v1/mail", body);
}

static unsigned show(struct portal_browser *browser, const char *code)
{
    char body[64];

    (void)snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    return ask(browser, "POST /v1/mail/code", body);
}

/* The number in the last mail. */
static void read_code(char ret[MAIL_CODE_SIZE])
{
    CLEANUP(json_freep) struct json *mail = mail_site_get(&server, mail_site_count(&server));
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    mail_site_body(mail, &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    text = strpbrk(text, "0123456789");
    assert_non_null(text);
    (void)snprintf(ret, MAIL_CODE_SIZE, "%s", text);
    assert_int_equal(strspn(ret, "0123456789"), MAIL_CODE_SIZE - 1);
}

static void have_address(const char *address)
{
    char code[MAIL_CODE_SIZE];

    assert_int_equal(give(&taro, address), 204);
    assert_int_equal(mail_step(&office, NULL), 0);
    read_code(code);
    assert_int_equal(show(&taro, code), 204);
}

/* As have_address, for a name at which the server would not take the code. */
static void have_difficult_address(const char *address)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    have_address("taro@example.test");
    assert_int_equal(db_begin(db(), &txn, NULL), 0);
    assert_int_equal(db_execute_one(&txn, "UPDATE mail_address SET address = ?",
                                    DB_WITH(DB_TEXT(address)), NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void tell(void)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct notice_draft draft = {
        .account = session.account.id, .topic = "information.ready", .at = clock_now(&site.clock)};

    assert_int_equal(db_begin(db(), &txn, NULL), 0);
    assert_int_equal(notice_send(&txn, &draft, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

#define NOTICE_MAIL(state)                                                                         \
    "SELECT count(*) FROM mail WHERE notice IS NOT NULL AND state = '" state "'"

/* ---- addresses ---- */

static void refuses_addresses_that_are_none_or_without_consent(void **state)
{
    (void)state;
    assert_int_equal(ask(NULL, "GET /v1/mail", NULL), 403);
    assert_int_equal(give(&taro, "no address"), 400);
    assert_int_equal(give(&taro, "a@b.test\\r\\nBcc: c@d.test"), 400);
    assert_int_equal(ask(&taro, "PUT /v1/mail",
                         "{\"address\":\"a@b.test\",\"language\":\"ja\",\"consent\":false}"),
                     400);
    assert_int_equal(ask(&taro, "PUT /v1/mail",
                         "{\"address\":\"a@b.test\",\"language\":\"fr\",\"consent\":true}"),
                     400);
    site.portal.sends_mail = false;
    assert_int_equal(give(&taro, "a@b.test"), 404);
    assert_int_equal(count("SELECT count(*) FROM mail_address"), 0);
}

static void an_address_counts_when_its_code_was_shown(void **state)
{
    char code[MAIL_CODE_SIZE], wrong[MAIL_CODE_SIZE];

    (void)state;
    assert_int_equal(give(&taro, "taro@example.test"), 204);
    assert_int_equal(mail_step(&office, NULL), 0);
    read_code(code);
    (void)snprintf(wrong, sizeof wrong, "%s", code);
    wrong[0] = wrong[0] == '9' ? '0' : '9';
    assert_int_equal(show(&other, code), 404);
    assert_int_equal(show(&taro, wrong), 422);
    assert_int_equal(count("SELECT count(*) FROM mail_address WHERE confirmed_at > 0"), 0);
    assert_int_equal(show(&taro, code), 204);
    assert_int_equal(show(&taro, code), 404);
    assert_int_equal(count("SELECT count(*) FROM mail_address WHERE confirmed_at > 0"), 1);
    /* It was sent, so nobody keeps it any more. */
    assert_int_equal(count("SELECT count(*) FROM mail WHERE code IS NOT NULL"), 0);
}

static void a_code_is_tried_a_few_times_only(void **state)
{
    char code[MAIL_CODE_SIZE], wrong[MAIL_CODE_SIZE];

    (void)state;
    assert_int_equal(give(&taro, "taro@example.test"), 204);
    assert_int_equal(mail_step(&office, NULL), 0);
    read_code(code);
    (void)snprintf(wrong, sizeof wrong, "%s", code);
    wrong[0] = wrong[0] == '9' ? '0' : '9';
    for (int i = 0; i < MAIL_CODE_TRIES_MAX; i++)
        assert_int_equal(show(&taro, wrong), 422);
    assert_int_equal(show(&taro, code), 409);
}

static void a_code_counts_for_a_time(void **state)
{
    char code[MAIL_CODE_SIZE];

    (void)state;
    assert_int_equal(give(&taro, "taro@example.test"), 204);
    assert_int_equal(mail_step(&office, NULL), 0);
    read_code(code);
    portal_site_at(&site, MAIL_CODE_S / 2); /* or the session is over */
    assert_int_equal(ask(&taro, "GET /v1/mail", NULL), 200);
    portal_site_at(&site, MAIL_CODE_S - 1);
    assert_int_equal(ask(&taro, "GET /v1/mail", NULL), 200);
    portal_site_at(&site, MAIL_CODE_S + 1);
    assert_int_equal(show(&taro, code), 409);
    portal_site_at(&site, MAIL_CODE_S);
    assert_int_equal(show(&taro, code), 204);
}

/* Nobody has the portal write to others as often as he likes. */
static void so_many_codes_are_sent_in_a_day(void **state)
{
    (void)state;
    for (int i = 0; i < MAIL_CODES_MAX; i++)
        assert_int_equal(give(&taro, "taro@example.test"), 204);
    assert_int_equal(ask(&taro, "DELETE /v1/mail", NULL), 204);
    assert_int_equal(give(&taro, "taro@example.test"), 409);
    assert_int_equal(give(&other, "taro@example.test"), 204);
}

static void an_address_goes_when_its_owner_says_so(void **state)
{
    (void)state;
    have_address("taro@example.test");
    tell();
    assert_int_equal(ask(&other, "DELETE /v1/mail", NULL), 404);
    assert_int_equal(ask(&taro, "DELETE /v1/mail", NULL), 204);
    assert_int_equal(count("SELECT count(*) FROM mail_address"), 0);
    assert_int_equal(mail_step(&office, NULL), -ERR_ABSENT);
    assert_int_equal(mail_site_count(&server), 1);
}

/* Notices of before are not told where nobody has proved to be. */
static void a_new_address_is_written_to_once_it_is_proved(void **state)
{
    char code[MAIL_CODE_SIZE];

    (void)state;
    have_address("taro@example.test");
    tell();
    assert_int_equal(give(&taro, "elsewhere@example.test"), 204);
    assert_int_equal(mail_step(&office, NULL), 0);
    assert_int_equal(mail_step(&office, NULL), -ERR_ABSENT);
    read_code(code);
    assert_int_equal(show(&taro, code), 204);
    assert_int_equal(mail_step(&office, NULL), 0);
    assert_int_equal(mail_site_count(&server), 3);
}

/* ---- mails ---- */

static void a_mail_says_that_there_is_a_notice_and_nothing_of_it(void **state)
{
    CLEANUP(json_freep) struct json *mail = NULL;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    (void)state;
    have_address("taro@example.test");
    tell();
    assert_int_equal(mail_step(&office, NULL), 0);
    assert_int_equal(mail_step(&office, NULL), -ERR_ABSENT);
    assert_int_equal(mail_site_count(&server), 2);
    mail = mail_site_get(&server, 2);
    mail_site_body(mail, &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    assert_non_null(strstr(text, PORTAL_SITE_ORIGIN "/#/notices"));
    assert_null(strstr(text, "自己情報"));
    assert_int_equal(count(NOTICE_MAIL("sent")), 1);
}

static void a_server_that_is_not_there_is_tried_ever_later(void **state)
{
    int64_t at = 0, pause = MAIL_RETRY_FIRST_S;

    (void)state;
    have_address("taro@example.test");
    tell();
    mail_site_stop(&server);
    for (int i = 1; i < MAIL_TRIES_MAX; i++) {
        assert_int_equal(mail_step(&office, NULL), -ERR_REMOTE);
        assert_int_equal(count(NOTICE_MAIL("waiting")), 1);
        portal_site_at(&site, at + pause - 1);
        assert_int_equal(mail_step(&office, NULL), -ERR_ABSENT);
        at += pause;
        pause = 2 * pause < MAIL_RETRY_MAX_S ? 2 * pause : MAIL_RETRY_MAX_S;
        portal_site_at(&site, at);
    }
    assert_int_equal(mail_step(&office, NULL), -ERR_REMOTE);
    assert_int_equal(count(NOTICE_MAIL("dead")), 1);
    portal_site_at(&site, at + 2 * (int64_t)MAIL_RETRY_MAX_S);
    assert_int_equal(mail_step(&office, NULL), -ERR_ABSENT);
}

static void what_is_refused_for_now_arrives_later_and_once(void **state)
{
    (void)state;
    have_address("taro@example.test");
    tell();
    mail_site_say(&server, "full", true);
    assert_int_equal(mail_step(&office, NULL), -ERR_REMOTE);
    mail_site_say(&server, "full", false);
    portal_site_at(&site, MAIL_RETRY_FIRST_S);
    assert_int_equal(mail_step(&office, NULL), 0);
    portal_site_at(&site, MAIL_RETRY_MAX_S);
    assert_int_equal(mail_step(&office, NULL), -ERR_ABSENT);
    assert_int_equal(mail_site_count(&server), 2);
}

static void what_is_refused_for_good_is_not_tried_again(void **state)
{
    (void)state;
    have_difficult_address("refused@example.test");
    tell();
    assert_int_equal(mail_step(&office, NULL), -ERR_REMOTE);
    assert_int_equal(count(NOTICE_MAIL("dead")), 1);
    assert_int_equal(count("SELECT count(*) FROM mail WHERE why LIKE '%it said 550'"), 1);
}

static void a_mail_that_may_have_arrived_is_not_sent_again(void **state)
{
    (void)state;
    have_difficult_address("cut@example.test");
    tell();
    assert_int_equal(mail_step(&office, NULL), -ERR_REMOTE);
    assert_int_equal(mail_site_count(&server), 2); /* it had arrived, which nobody here can know */
    assert_int_equal(count(NOTICE_MAIL("dead")), 1);
    portal_site_at(&site, MAIL_RETRY_MAX_S);
    assert_int_equal(mail_step(&office, NULL), -ERR_ABSENT);
}

/* Whoever dies between handing over and settling leaves this. */
static void what_was_handed_over_by_a_process_that_died_is_given_up(void **state)
{
    struct mail_job job;

    (void)state;
    have_address("taro@example.test");
    tell();
    assert_int_equal(mail_next(db(), clock_now(&site.clock), &job, NULL), 0);
    assert_int_equal(mail_hand(db(), &job, NULL), 0);
    assert_int_equal(mail_hand(db(), &job, NULL), -ERR_ABSENT);
    assert_int_equal(mail_step(&office, NULL), -ERR_ABSENT);
    assert_int_equal(mail_recover(db(), NULL), 0);
    assert_int_equal(mail_step(&office, NULL), -ERR_ABSENT);
    assert_int_equal(count(NOTICE_MAIL("dead")), 1);
    assert_int_equal(mail_site_count(&server), 1);
}

/* A server that is slow, and then takes it not: meanwhile its owner did something. */
static void what_is_not_wanted_any_more_is_not_tried_again(void **state)
{
    struct mail_job job;

    (void)state;
    assert_int_equal(give(&taro, "taro@example.test"), 204);
    assert_int_equal(mail_next(db(), PORTAL_SITE_NOW, &job, NULL), 0);
    assert_int_equal(mail_hand(db(), &job, NULL), 0);
    assert_int_equal(give(&taro, "taro@another.test"), 204); /* another code */
    assert_int_equal(mail_settle(db(), &job, MAIL_LATER, "full", PORTAL_SITE_NOW, NULL), 0);
    assert_int_equal(count("SELECT count(*) FROM mail WHERE state = 'waiting'"), 1);
    assert_int_equal(count("SELECT count(*) FROM mail WHERE state = 'dead' AND code IS NULL"), 1);
    assert_int_equal(mail_next(db(), PORTAL_SITE_NOW, &job, NULL), 0);
    assert_int_equal(mail_hand(db(), &job, NULL), 0);
    assert_int_equal(mail_settle(db(), &job, MAIL_LATER, "full", PORTAL_SITE_NOW, NULL), 0);
    assert_int_equal(count("SELECT count(*) FROM mail WHERE state = 'waiting'"), 1);
    assert_int_equal(mail_next(db(), PORTAL_SITE_NOW + MAIL_RETRY_MAX_S, &job, NULL), 0);
    assert_int_equal(mail_hand(db(), &job, NULL), 0);
    assert_int_equal(ask(&taro, "DELETE /v1/mail", NULL), 204);
    assert_int_equal(mail_settle(db(), &job, MAIL_LATER, "full", PORTAL_SITE_NOW, NULL), 0);
    assert_int_equal(count("SELECT count(*) FROM mail WHERE state = 'waiting'"), 0);
}

static void what_became_of_mails_is_forgotten(void **state)
{
    (void)state;
    have_address("taro@example.test");
    assert_int_equal(mail_forget(db(), PORTAL_SITE_NOW + MAIL_KEPT_S, NULL), 0);
    assert_int_equal(count("SELECT count(*) FROM mail"), 1);
    assert_int_equal(mail_forget(db(), PORTAL_SITE_NOW + MAIL_KEPT_S + 1, NULL), 0);
    assert_int_equal(count("SELECT count(*) FROM mail"), 0);
}

/* ---- for operators ---- */

static void operators_see_what_was_given_up_and_try_it_again(void **state)
{
    CLEANUP(json_freep) struct json *counts = NULL;
    CLEANUP(json_freep) struct json *dead = NULL;
    int64_t number;
    char line[64];

    (void)state;
    have_difficult_address("refused@example.test");
    tell();
    assert_int_equal(mail_step(&office, NULL), -ERR_REMOTE);
    assert_int_equal(mail_tell(db(), 0, &counts, &dead, NULL), 0);
    assert_int_equal(json_get_int(counts, "dead", &number, NULL), 0);
    assert_int_equal(number, 1);
    assert_int_equal(json_count(dead), 1);
    assert_int_equal(json_get_int(json_at(dead, 0), "id", &number, NULL), 0);
    (void)snprintf(line, sizeof line, "POST /v1/mails/%lld/again", (long long)number);
    assert_int_equal(ask(&taro, line, NULL), 403);
    assert_int_equal(portal_operate(&site, PORTAL_SITE_OPERATOR + 1, line, NULL), 403);
    assert_int_equal(portal_operate(&site, PORTAL_SITE_OPERATOR, line, NULL), 204);
    assert_int_equal(portal_operate(&site, PORTAL_SITE_OPERATOR, line, NULL), 404);
    assert_int_equal(count(NOTICE_MAIL("waiting")), 1);
}

static void operators_see_a_page_of_them(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t numbers[2];

    (void)state;
    assert_int_equal(db_begin(db(), &txn, NULL), 0);
    for (int i = 0; i <= MAIL_DEAD_PAGE_MAX; i++)
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO mail (account, state, tries, due_at, made_at, why)"
                                    " VALUES (?, 'dead', 1, 5, 5, 'x')",
                                    DB_WITH(DB_TEXT(session.account.id)), NULL),
                         0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    for (int i = 0; i < 2; i++) {
        CLEANUP(json_freep) struct json *counts = NULL;
        CLEANUP(json_freep) struct json *dead = NULL;

        assert_int_equal(mail_tell(db(), i == 0 ? 0 : numbers[0], &counts, &dead, NULL), 0);
        assert_int_equal(json_count(dead), i == 0 ? MAIL_DEAD_PAGE_MAX : 1);
        assert_int_equal(json_get_int(json_at(dead, json_count(dead) - 1), "id", &numbers[i], NULL),
                         0);
    }
    assert_true(numbers[1] > numbers[0]);
}

/* ---- the thread ---- */

static void the_thread_sends_what_is_due_and_cleans_up(void **state)
{
    struct mail_worker worker = {.office = &office};

    (void)state;
    have_address("taro@example.test");
    tell();
    assert_int_equal(mail_worker_start(&worker, NULL), 0);
    for (int i = 0; i < 6000 && count(NOTICE_MAIL("sent")) == 0; i++)
        assert_true(chore_rest(&worker.chore, 10));
    mail_worker_stop(&worker);
    assert_int_equal(count(NOTICE_MAIL("sent")), 1);
    assert_int_equal(mail_site_count(&server), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refuses_addresses_that_are_none_or_without_consent),
        TEST(an_address_counts_when_its_code_was_shown),
        TEST(a_code_is_tried_a_few_times_only),
        TEST(a_code_counts_for_a_time),
        TEST(so_many_codes_are_sent_in_a_day),
        TEST(an_address_goes_when_its_owner_says_so),
        TEST(a_new_address_is_written_to_once_it_is_proved),
        TEST(a_mail_says_that_there_is_a_notice_and_nothing_of_it),
        TEST(a_server_that_is_not_there_is_tried_ever_later),
        TEST(what_is_refused_for_now_arrives_later_and_once),
        TEST(what_is_refused_for_good_is_not_tried_again),
        TEST(a_mail_that_may_have_arrived_is_not_sent_again),
        TEST(what_was_handed_over_by_a_process_that_died_is_given_up),
        TEST(what_is_not_wanted_any_more_is_not_tried_again),
        TEST(what_became_of_mails_is_forgotten),
        TEST(operators_see_what_was_given_up_and_try_it_again),
        TEST(operators_see_a_page_of_them),
        TEST(the_thread_sends_what_is_due_and_cleans_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
