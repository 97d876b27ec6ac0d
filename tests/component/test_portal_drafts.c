/* SPDX-License-Identifier: Apache-2.0 */
/* How many drafts there may be, how long they are kept, an owner's list of what he has, and what a
 * submission leaves in the log of whoever signed it. */
#include "support/portal_site.h"

#include "exchange/log.h"
#include "portal/application/applicant.h"
#include "portal/application/drafts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;
static struct portal_browser hanako, taro;
static char owner_of_hanako[APPLICATION_OWNER_SIZE], run[PSID_SIZE];

#define RUNNER "{\"answers\":[{\"field\":\"runner\",\"value\":\"走る人\"}]}"

static int set_up(void **state)
{
    static const char form[] =
        "{\"needs_signature\":false,\"fields\":[{\"name\":\"runner\",\"label\":\"走る人\","
        "\"type\":\"text\",\"is_required\":true}]}";
    struct session session;

    (void)state;
    portal_site_make(&site);
    portal_site_offer(&site, form, run);
    session = portal_site_open(&site, &hanako, "hanako", 1);
    (void)portal_site_open(&site, &taro, "taro", 2);
    (void)snprintf(owner_of_hanako, sizeof owner_of_hanako, "account:%s", session.account.id);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static struct portal_answer ask(struct portal_browser *browser, const char *ticket,
                                const char *line, const char *body)
{
    char field[96] = "";

    if (ticket != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", ticket);
    return portal_ask_with(&site, browser, line, field, "application/json", body);
}

static unsigned status(struct portal_browser *browser, const char *ticket, const char *method,
                       const char *id, const char *rest, const char *body)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s /v1/applications/%s%s", method, id, rest);
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(browser, ticket, line, body);
    return answer.status;
}

/* One is begun: its id, and with it the ticket of somebody who has not logged in. */
static struct portal_answer try_to_begin(struct portal_browser *browser)
{
    char body[64];

    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", run);
    return ask(browser, NULL, "POST /v1/applications", body);
}

static void begin(struct portal_browser *browser, char ret_id[32], char ret_ticket[64])
{
    CLEANUP(portal_answer_done) struct portal_answer answer = try_to_begin(browser);

    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, 32, "%s", portal_text(&answer, "id"));
    if (browser == NULL)
        (void)snprintf(ret_ticket, 64, "%s", portal_text(&answer, "ticket"));
}

/* ---- how many drafts, and how long ---- */

static void execute(const char *sql, const struct db_value *values)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(db(), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, values, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* So many drafts of people who have not logged in, beside those that there are. */
static void fill_tickets(int64_t count)
{
    execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)"
            " INSERT INTO application " APPLICATION_COLUMNS
            " SELECT 'filled' || i, 'ticket:' || i, ?1, '13101', 'n', '{}',"
            " '[]', 'draft', NULL, 0, 0, 0, ?3, ?3, NULL, NULL FROM n",
            DB_WITH(DB_TEXT(run), DB_INT(count), DB_INT(PORTAL_SITE_NOW)));
}

static void drafts_without_a_login_are_limited_as_a_whole(void **state)
{
    char id[32], ticket[64];

    (void)state;
    fill_tickets(APPLICATION_TICKETS_MAX - 1);
    begin(NULL, id, ticket); /* the last one that there is room for */
    CLEANUP(portal_answer_done) struct portal_answer full = try_to_begin(NULL);
    assert_int_equal(full.status, 503);
    assert_true(portal_has(&full, "without a login"));
    begin(&hanako, id, NULL); /* of no concern to who has logged in */
    /* One that was withdrawn makes no room, as it is kept; one that was submitted does. */
    execute("UPDATE application SET state = 'withdrawn' WHERE id = 'filled1'", DB_NOTHING);
    CLEANUP(portal_answer_done) struct portal_answer kept = try_to_begin(NULL);
    assert_int_equal(kept.status, 503);
    execute("UPDATE application SET state = 'submitted', receipt = 'r' WHERE id = 'filled1'",
            DB_NOTHING);
    begin(NULL, id, ticket);
    CLEANUP(portal_answer_done) struct portal_answer again = try_to_begin(NULL);
    assert_int_equal(again.status, 503);
}

static void whoever_begins_and_withdraws_without_end_is_told_to_wait(void **state)
{
    char id[32];

    (void)state;
    begin(&hanako, id, NULL);
    execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)"
            " INSERT INTO application " APPLICATION_COLUMNS
            " SELECT 'w' || i, ?1, ?4, '13101', 'n', '{}', '[]',"
            " 'withdrawn', NULL, 0, 0, 0, ?3, ?3, NULL, NULL FROM n",
            DB_WITH(DB_TEXT(owner_of_hanako), DB_INT(APPLICATION_BEGUN_MAX - 2),
                    DB_INT(PORTAL_SITE_NOW), DB_TEXT(run)));
    begin(&hanako, id, NULL); /* the last one that there is room for */
    CLEANUP(portal_answer_done) struct portal_answer full = try_to_begin(&hanako);
    assert_int_equal(full.status, 409);
    assert_true(portal_has(&full, "begun and withdrawn"));
    begin(&taro, id, NULL);
}

static unsigned forget(int64_t after)
{
    unsigned count = 0;

    assert_int_equal(drafts_forget(db(), PORTAL_SITE_NOW + after, &count, NULL), 0);
    return count;
}

static int64_t left_of(const char *id, const char *table)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char sql[96];
    int64_t count;

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE application = ?", table);
    assert_int_equal(db_begin_read(db(), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_WITH(DB_TEXT(id)), &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    return count;
}

static void drafts_are_forgotten_after_their_time(void **state)
{
    char of_account[32], of_ticket[32], ticket[64], sent[32];

    (void)state;
    begin(&hanako, sent, NULL);
    assert_int_equal(status(&hanako, NULL, "PUT", sent, "/answers", RUNNER), 200);
    assert_int_equal(status(&hanako, NULL, "POST", sent, "/submission", "{}"), 200);
    begin(&hanako, of_account, NULL);
    begin(NULL, of_ticket, ticket);
    assert_int_equal(forget(APPLICATION_TICKET_SECONDS), 0);
    assert_int_equal(forget(APPLICATION_TICKET_SECONDS + 1), 1);
    assert_int_equal(status(NULL, ticket, "GET", of_ticket, "", NULL), 404);
    assert_int_equal(left_of(of_ticket, "application_step"), 0);
    assert_int_equal(forget(APPLICATION_DRAFT_SECONDS), 0);
    assert_int_equal(status(&hanako, NULL, "GET", of_account, "", NULL), 200);
    assert_int_equal(forget(APPLICATION_DRAFT_SECONDS + 1), 1);
    assert_int_equal(status(&hanako, NULL, "GET", of_account, "", NULL), 404);
    /* So is what was withdrawn without having been sent. */
    begin(NULL, of_ticket, ticket);
    assert_int_equal(status(NULL, ticket, "POST", of_ticket, "/withdrawal", NULL), 204);
    assert_int_equal(status(NULL, ticket, "GET", of_ticket, "", NULL), 200);
    assert_int_equal(forget(APPLICATION_TICKET_SECONDS + 1), 1);
    assert_int_equal(status(NULL, ticket, "GET", of_ticket, "", NULL), 404);
    assert_int_equal(left_of(of_ticket, "application_step"), 0);
    /* What was sent stays. */
    assert_int_equal(forget(100 * (int64_t)APPLICATION_DRAFT_SECONDS), 0);
    assert_int_equal(left_of(sent, "application_submission"), 1);
}

static void a_change_of_a_draft_keeps_it_longer(void **state)
{
    char id[32], ticket[64];

    (void)state;
    begin(NULL, id, ticket);
    portal_site_at(&site, APPLICATION_TICKET_SECONDS);
    assert_int_equal(status(NULL, ticket, "PUT", id, "/answers", RUNNER), 200);
    assert_int_equal(forget(2 * APPLICATION_TICKET_SECONDS), 0);
    assert_int_equal(forget(2 * APPLICATION_TICKET_SECONDS + 1), 1);
}

/* ---- lists ---- */

static void an_owner_s_list_comes_in_pages(void **state)
{
    char line[96];
    const struct json *first, *second;
    const char *last;

    (void)state;
    execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)"
            " INSERT INTO application " APPLICATION_COLUMNS
            " SELECT printf('a%021d', i), ?1, ?4, '13101', 'n',"
            " '{}', '[]', 'withdrawn', NULL, 0, 0, 0, ?3 + i / 3, ?3, NULL, NULL FROM n",
            DB_WITH(DB_TEXT(owner_of_hanako), DB_INT(APPLICATION_PAGE_MAX + 1),
                    DB_INT(PORTAL_SITE_NOW), DB_TEXT(run)));
    CLEANUP(portal_answer_done)
    struct portal_answer page = ask(&hanako, NULL, "GET /v1/applications", NULL);
    assert_int_equal(json_get_array(page.json, "applications", &first, NULL), 0);
    assert_int_equal(json_count(first), APPLICATION_PAGE_MAX);
    last = portal_text(&page, "next");
    (void)snprintf(line, sizeof line, "GET /v1/applications?after=%s", last);
    CLEANUP(portal_answer_done) struct portal_answer rest = ask(&hanako, NULL, line, NULL);
    assert_int_equal(json_get_array(rest.json, "applications", &second, NULL), 0);
    assert_int_equal(json_count(second), 1);
    assert_false(json_has(rest.json, "next"));
    assert_false(portal_has(&page, "a000000000000000000002\"") &&
                 portal_has(&rest, "a000000000000000000002\""));
    /* A place in somebody else's list is none in his own. */
    CLEANUP(portal_answer_done) struct portal_answer other = ask(&taro, NULL, line, NULL);
    assert_true(portal_has(&other, "{\"applications\":[]}"));
}

/* ---- in the log of whoever signs ---- */

/* How many identity checks the log has, and of the last one who received, in which words. */
static void assert_noted(int64_t count, const char *receiver, const char *words)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char got[LOG_RECEIVER_LEN + 1], told[LOG_TOLD_SIZE];
    int64_t number;

    assert_int_equal(db_begin_read(db(), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn,
                                  "SELECT count(*) OVER (), receiver, told FROM exchange_log"
                                  " WHERE what = ? ORDER BY id DESC LIMIT 1",
                                  DB_WITH(DB_INT(LOG_IDENTITY)), &rows, NULL),
                     0);
    assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
    assert_int_equal(db_text(&rows, 1, got, sizeof got, NULL), 0);
    assert_int_equal(db_text(&rows, 2, told, sizeof told, NULL), 0);
    assert_int_equal(number, count);
    assert_string_equal(got, receiver);
    assert_non_null(strstr(told, words));
    assert_null(strstr(told, "花子")); /* kinds of things alone */
}

/* Whoever signs is told who learned it; without a signature nobody learned anything. */
static void a_signature_stands_in_the_log(void **state)
{
    static const struct {
        bool signs;
        const char *body, *receiver, *words; /* of the last one that was noted */
        int64_t count;
    } rows[] = {
        {true, NULL, "13101", "portal|東京都千代田区|Chiyoda City, Tokyo|あなたが署名した申請|", 1},
        {true, "M13101", "M13101", "portal|||あなたが署名した申請|", 2},
        {false, "M13101", "M13101", "portal|||あなたが署名した申請|", 2},
    };
    static const struct place_romaji chiyoda = {"13101", "Tokyo-to", "Chiyoda-ku"};
    static const struct place_romaji_list romaji = {&chiyoda, 1};
    const struct person_code signer = {{1, 2, 3}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char id[32], receipt[APPLICATION_RECEIPT_SIZE], owner[APPLICATION_OWNER_SIZE], ticket[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(NULL, id, ticket);
        assert_int_equal(applicant_of_ticket(ticket, owner, NULL), 0);
        const struct submission submission = {.id = id,
                                              .owner = owner,
                                              .signer = rows[i].signs ? &signer : NULL,
                                              .body = rows[i].body,
                                              .romaji = &romaji};
        assert_int_equal(application_submit(db(), &submission, &by, receipt, NULL), 0);
        assert_noted(rows[i].count, rows[i].receiver, rows[i].words);
    }
}

/* Of whom no English name is known, or one that no note has room for, the Japanese one stands
 * there. */
static void without_an_english_name_the_other_one_is_told(void **state)
{
    char longest[PLACE_ENGLISH_SIZE];
    const struct place_romaji others = {"13102", "Tokyo-to", "Chuo-ku"},
                              barred = {"13101", "To|kyo", "Chiyoda-ku"},
                              long_one = {"13101", longest, longest};
    const struct place_romaji *const known[] = {NULL, &others, &barred, &long_one};
    const struct person_code signer = {{1, 2, 3}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char id[32], receipt[APPLICATION_RECEIPT_SIZE], owner[APPLICATION_OWNER_SIZE], ticket[64];

    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct place_romaji_list romaji = {known[i], 1};

        begin(NULL, id, ticket);
        assert_int_equal(applicant_of_ticket(ticket, owner, NULL), 0);
        const struct submission submission = {.id = id,
                                              .owner = owner,
                                              .signer = &signer,
                                              .romaji = known[i] == NULL ? NULL : &romaji};
        assert_int_equal(application_submit(db(), &submission, &by, receipt, NULL), 0);
        assert_noted((int64_t)i + 1, "13101",
                     "portal|東京都千代田区|東京都千代田区|あなたが署名した申請|");
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(drafts_without_a_login_are_limited_as_a_whole),
        EACH(whoever_begins_and_withdraws_without_end_is_told_to_wait),
        EACH(drafts_are_forgotten_after_their_time),
        EACH(a_change_of_a_draft_keeps_it_longer),
        EACH(an_owner_s_list_comes_in_pages),
        EACH(a_signature_stands_in_the_log),
        EACH(without_an_english_name_the_other_one_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
