/* SPDX-License-Identifier: Apache-2.0 */
/* The counter's door for clerks' browsers: sessions as cookies, what is signed there, who finds
 * whom. */
#include "http/engine.h"
#include "register/routes.h"
#include "register/search.h"
#include "support/clerk_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DOOR_ORIGIN "https://counter.example"
#define BORN        "/v1/residents?birth_date=1990-04-15"

/* What a browser has, and what its page was told. */
struct browser {
    char cookie[SESSION_TOKEN_LEN + 1], csrf[REGISTER_CSRF_SIZE];
    const char *field; /* one more line of a header; NULL: none */
};

struct answer {
    unsigned status;
    struct buf text;
    struct json *json; /* NULL: none */
};

static void answer_done(struct answer *answer)
{
    buf_done(&answer->text);
    json_freep(&answer->json);
}

static bool says(const struct answer *answer, const char *text)
{
    return memmem(answer->text.ptr, answer->text.len, text, strlen(text)) != NULL;
}

static void append_head(const struct browser *browser, const char *request, const struct buf *body,
                        struct buf *ret)
{
    assert_int_equal(buf_append_format(ret, NULL, "%s HTTP/1.1\r\nHost: x\r\n", request), 0);
    if (browser->cookie[0] != '\0')
        assert_int_equal(
            buf_append_format(ret, NULL, "Cookie: " DOOR_COOKIE "=%s\r\n", browser->cookie), 0);
    if (browser->csrf[0] != '\0')
        assert_int_equal(buf_append_format(ret, NULL, "X-CSRF-Token: %s\r\n", browser->csrf), 0);
    if (browser->field != NULL)
        assert_int_equal(buf_append_format(ret, NULL, "%s\r\n", browser->field), 0);
    if (body->len > 0)
        assert_int_equal(buf_append_format(ret, NULL,
                                           "Content-Type: application/json\r\n"
                                           "Content-Length: %zu\r\n",
                                           body->len),
                         0);
    assert_int_equal(buf_append_text(ret, "\r\n", NULL), 0);
}

/* Takes body, which may be NULL. */
static struct answer ask(const struct browser *browser, const char *request, struct json *body)
{
    const struct http_server_options options = {.tables = register_door_routes,
                                                .context = &site.counter};
    const struct http_peer peer = {.is_unix = false};
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    struct answer answer = {.text = BUF_INIT};
    const char *text, *rest;

    if (body != NULL)
        assert_int_equal(json_write(body, &written, NULL), 0);
    json_free(body);
    append_head(browser, request, &written, &bytes);
    assert_int_equal(buf_append(&bytes, buf_bytes(&written), NULL), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&bytes), &answer.text, NULL), 0);
    assert_int_equal(buf_text(&answer.text, &text, NULL), 0);
    answer.status = (unsigned)strtoul(text + strlen("HTTP/1.1 "), NULL, 10);
    rest = strstr(text, "\r\n\r\n");
    if (rest != NULL && rest[4] == '{')
        assert_int_equal(json_parse(bytes_text(rest + 4), &answer.json, NULL), 0);
    return answer;
}

static unsigned status(const struct browser *browser, const char *request, const char *body)
{
    struct json *json = NULL;

    if (body != NULL)
        assert_int_equal(json_parse(bytes_text(body), &json, NULL), 0);
    CLEANUP(answer_done) struct answer answer = ask(browser, request, json);
    return answer.status;
}

static void copy(const struct json *json, const char *key, char *ret, size_t size)
{
    (void)snprintf(ret, size, "%s", site_text(json, key));
}

/* The cookie is behind its name. */
static void take_cookie(const struct answer *answer, struct browser *browser)
{
    static const char name[] = "Set-Cookie: " DOOR_COOKIE "=";
    const char *at = memmem(answer->text.ptr, answer->text.len, name, strlen(name));

    assert_non_null(at);
    (void)snprintf(browser->cookie, sizeof browser->cookie, "%.*s", SESSION_TOKEN_LEN,
                   at + strlen(name));
}

/* The clerk's session is the browser's from then on. */
static struct answer log_in(struct test_clerk *who, const char *counter, struct browser *browser)
{
    struct json *place = json_object_new();

    *browser = (struct browser){.field = NULL};
    assert_int_equal(json_put_text(place, "counter", counter, NULL), 0);
    CLEANUP(answer_done) struct answer challenge = ask(browser, "POST /v1/challenges", place);
    assert_int_equal(challenge.status, 201);
    assert_string_equal(site_text(challenge.json, "origin"), DOOR_ORIGIN);
    if (counter != who->counter)
        (void)snprintf(who->counter, sizeof who->counter, "%s", counter);
    struct answer opened = ask(browser, "POST /v1/sessions", who_answer(who, challenge.json));
    if (opened.status == 201) {
        take_cookie(&opened, browser);
        copy(opened.json, "csrf", browser->csrf, sizeof browser->csrf);
        copy(opened.json, "session", who->session, sizeof who->session);
    }
    return opened;
}

static void enter(struct test_clerk *who, struct browser *browser)
{
    CLEANUP(answer_done) struct answer opened = log_in(who, who->counter, browser);

    assert_int_equal(opened.status, 201);
}

static struct answer send(const struct test_clerk *who, const struct browser *browser,
                          struct bytes document)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct json *message = json_object_new();

    who_sign(who, document, &signature);
    assert_int_equal(json_put_base64(message, "request", document, NULL), 0);
    assert_int_equal(json_put_base64(message, "signature", buf_bytes(&signature), NULL), 0);
    return ask(browser, "POST /v1/filings", message);
}

#define AT_DOOR "{\"origin\":\"" DOOR_ORIGIN "\"}"

static void write_move(const struct test_clerk *who, const char *id, const char *changes,
                       struct buf *ret)
{
    char path[96], body[256];
    const struct told told = {.path = path, .body = body, .changes = changes};

    (void)snprintf(path, sizeof path, "/v1/residents/%s/moves", site.resident);
    (void)snprintf(body, sizeof body,
                   "{\"request_id\":\"%s\",\"address\":\"東京都千代田区見本町九丁目\","
                   "\"municipality\":\"13101\"}",
                   id);
    who_write(who, &told, ret);
}

static int set_up(void **state)
{
    const int rc = desks_set_up(state);

    desks.desk->door_origin = DOOR_ORIGIN;
    return rc;
}

/* By an administrator, without roles. */
static unsigned add_clerk(const struct test_clerk *by, struct json *application, struct json **ret)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *body;

    if (!json_has(application, "roles"))
        assert_int_equal(json_put(application, "roles", json_array_new(), NULL), 0);
    assert_int_equal(json_write(application, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &body, NULL), 0);
    return who_order(by, "/v1/clerks", body, ret);
}

static void nothing_is_told_without_a_session(void **state)
{
    static const char *const lines[] = {"GET /v1/sessions/own", ("GET " BORN), "GET /v1/filings",
                                        "GET /v1/cards/A-1", "DELETE /v1/sessions/own"};
    const struct browser nobody = {.field = NULL};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(status(&nobody, lines[i], NULL), 403);
}

static void what_programs_and_operators_ask_is_not_there(void **state)
{
    static const char *const paths[] = {"GET /v1/audit", "GET /metrics", "POST /v1/exchange-codes"};
    CLEANUP(who_done) struct test_clerk who = who_first();
    struct browser browser;

    (void)state;
    enter(&who, &browser);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_int_equal(status(&browser, paths[i], NULL), 404);
}

static void clerks_are_listed_for_administrators_alone(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk far = who_added(&first, "[\"administrator\"]", "13102");
    CLEANUP(who_done) struct test_clerk who = who_added(&first, "[\"registrar\"]", "13101");
    const struct browser nobody = {.field = NULL};
    struct browser here, there, without;
    char history[96];

    (void)state;
    (void)snprintf(history, sizeof history, "GET /v1/clerks/%s/history", who.id);
    enter(&first, &here);
    enter(&far, &there);
    enter(&who, &without);
    assert_int_equal(status(&nobody, "GET /v1/clerks", NULL), 403);
    assert_int_equal(status(&without, "GET /v1/clerks", NULL), 403);
    assert_int_equal(status(&without, history, NULL), 403);
    assert_int_equal(status(&there, history, NULL), 403);
    assert_int_equal(status(&here, history, NULL), 200);
    CLEANUP(answer_done) struct answer own = ask(&here, "GET /v1/clerks", NULL);
    assert_true(says(&own, who.id));
    CLEANUP(answer_done) struct answer others = ask(&there, "GET /v1/clerks", NULL);
    assert_int_equal(others.status, 200);
    assert_true(says(&others, far.id));
    assert_false(says(&others, who.id));
}

/* An application is signed for the register, by a program or in a browser. */
static void who_applies_in_a_browser_is_added_as_who_does_by_a_program(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk other = who_new();
    CLEANUP(who_done) struct test_clerk who = who_new();
    struct applying with = {.origin = "https://elsewhere.example"};
    CLEANUP(json_freep) struct json *strange = who_apply(&other, &with);
    CLEANUP(json_freep) struct json *body = NULL;
    CLEANUP(json_freep) struct json *told = NULL;

    (void)state;
    with.origin = DOOR_ORIGIN;
    body = who_apply(&who, &with);
    assert_int_equal(add_clerk(&first, strange, &told), 422);
    assert_refused(told, REFUSED_ORIGIN);
    assert_int_equal(add_clerk(&first, body, NULL), 201);
    assert_int_equal(add_clerk(&first, body, NULL), 201); /* sent again: one clerk */
    assert_int_equal(who_log_in(&who, DESK_COUNTER, NULL), 201);
}

static void a_session_is_a_cookie_that_no_script_reads(void **state)
{
    CLEANUP(who_done) struct test_clerk who = who_first();
    struct browser browser;

    (void)state;
    CLEANUP(answer_done) struct answer opened = log_in(&who, DESK_COUNTER, &browser);
    assert_int_equal(opened.status, 201);
    assert_false(json_has(opened.json, "token"));
    assert_true(says(&opened, "HttpOnly"));
    assert_true(says(&opened, "Secure"));
    assert_true(says(&opened, "SameSite=Strict"));
    assert_string_not_equal(browser.cookie, browser.csrf);
    CLEANUP(answer_done) struct answer own = ask(&browser, "GET /v1/sessions/own", NULL);
    assert_int_equal(own.status, 200);
    assert_string_equal(site_text(own.json, "csrf"), browser.csrf);
    assert_string_equal(site_text(own.json, "origin"), DOOR_ORIGIN);
    assert_false(json_has(own.json, "token"));
    CLEANUP(answer_done) struct answer closed = ask(&browser, "DELETE /v1/sessions/own", NULL);
    assert_int_equal(closed.status, 204);
    assert_true(says(&closed, DOOR_COOKIE "=;"));
    assert_int_equal(status(&browser, "GET /v1/sessions/own", NULL), 403);
}

static void sessions_of_programs_and_browsers_are_apart(void **state)
{
    CLEANUP(who_done) struct test_clerk who = who_first(); /* logged in on the socket */
    char bearer[96];
    struct browser stolen = {.field = bearer};
    struct browser browser;

    (void)state;
    (void)snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", who.token);
    assert_int_equal(status(&stolen, "GET " BORN, NULL), 403);
    (void)snprintf(stolen.cookie, sizeof stolen.cookie, "%s", who.token);
    assert_int_equal(status(&stolen, "GET " BORN, NULL), 403);
    enter(&who, &browser);
    (void)snprintf(who.token, sizeof who.token, "%s", browser.cookie);
    assert_int_equal(desk_ask(&who, "GET /v1/filings", NULL, NULL), 403);
    (void)snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", browser.cookie);
    stolen.cookie[0] = '\0';
    assert_int_equal(status(&stolen, "GET " BORN, NULL), 403);
}

static void a_change_shows_the_token_of_the_session(void **state)
{
    CLEANUP(who_done) struct test_clerk who = who_first();
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    struct browser browser, without;

    (void)state;
    enter(&who, &browser);
    without = browser;
    without.csrf[0] = '\0';
    write_move(&who, "m-1", AT_DOOR, &document);
    CLEANUP(answer_done) struct answer refused = send(&who, &without, buf_bytes(&document));
    assert_int_equal(refused.status, 403);
    without.csrf[0] = browser.csrf[0] == '0' ? '1' : '0';
    assert_int_equal(status(&without, "DELETE /v1/sessions/own", NULL), 403);
    assert_int_equal(status(&without, "GET /v1/sessions/own", NULL), 200); /* changes nothing */
}

/* Gives the second one the role that is needed. */
static struct test_clerk registrar(struct test_clerk *first, const char *municipality)
{
    return who_added(first, "[\"registrar\",\"issuer\"]", municipality);
}

static void what_is_signed_is_for_this_door_and_this_session(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk who = registrar(&first, "13101");
    CLEANUP(buf_done) struct buf elsewhere = BUF_INIT;
    CLEANUP(buf_done) struct buf before = BUF_INIT;
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    struct browser browser;

    (void)state;
    enter(&who, &browser);
    write_move(&who, "m-1", NULL, &elsewhere);
    CLEANUP(answer_done) struct answer other = send(&who, &browser, buf_bytes(&elsewhere));
    assert_refused(other.json, REFUSED_ORIGIN);
    write_move(&who, "m-1", AT_DOOR, &before);
    enter(&who, &browser);
    CLEANUP(answer_done) struct answer late = send(&who, &browser, buf_bytes(&before));
    assert_refused(late.json, REFUSED_SESSION);
    write_move(&who, "m-1", AT_DOOR, &document);
    CLEANUP(answer_done) struct answer done = send(&who, &browser, buf_bytes(&document));
    assert_int_equal(done.status, 201);
    CLEANUP(answer_done) struct answer again = send(&who, &browser, buf_bytes(&document));
    assert_refused(again.json, REFUSED_REPLAYED);
}

static void a_clerk_whose_card_or_time_is_over_does_nothing(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk who = registrar(&first, "13101");
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    struct browser browser, again;

    (void)state;
    enter(&who, &browser);
    desks_revoke(&who, CERT_SIGN);
    write_move(&who, "m-1", AT_DOOR, &document);
    CLEANUP(answer_done) struct answer refused = send(&who, &browser, buf_bytes(&document));
    assert_refused(refused.json, REFUSED_REVOKED);
    CLEANUP(answer_done) struct answer login = log_in(&who, who.counter, &again);
    assert_refused(login.json, REFUSED_REVOKED);
    site_set_time(DAY(2026, 11, 24), 23, 0, 0);
    assert_int_equal(status(&browser, "GET " BORN, NULL), 403);
}

static void only_the_municipality_of_the_counter_is_found(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk own = registrar(&first, "13101");
    CLEANUP(who_done) struct test_clerk other = registrar(&first, "13102");
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    struct browser here, there;
    char cards[96];

    (void)state;
    (void)snprintf(cards, sizeof cards, "GET /v1/residents/%s/cards", site.resident);
    enter(&own, &here);
    enter(&other, &there);
    CLEANUP(answer_done) struct answer found = ask(&here, "GET " BORN, NULL);
    assert_true(says(&found, site.resident));
    assert_int_equal(status(&here, "GET " BORN "&name=%E3%81%AA%E3%81%84", NULL), 200);
    CLEANUP(answer_done)
    struct answer nobody = ask(&here, "GET " BORN "&name=%E3%81%AA%E3%81%84", NULL);
    assert_true(says(&nobody, "{\"residents\":[]}"));
    assert_int_equal(status(&here, "GET /v1/residents", NULL), 400);
    assert_int_equal(status(&here, "GET /v1/residents?birth_date=1990", NULL), 400);
    CLEANUP(answer_done) struct answer owned = ask(&here, cards, NULL);
    assert_true(says(&owned, "\"serial\":\"A-1\""));

    CLEANUP(answer_done) struct answer away = ask(&there, "GET " BORN, NULL);
    assert_true(says(&away, "{\"residents\":[]}"));
    CLEANUP(answer_done) struct answer refused = ask(&there, cards, NULL);
    assert_refused(refused.json, REFUSED_PLACE);
    write_move(&other, "m-1", AT_DOOR, &document); /* into 13101, which is not his */
    CLEANUP(answer_done) struct answer move = send(&other, &there, buf_bytes(&document));
    assert_refused(move.json, REFUSED_PLACE);
}

static int64_t uses(const char *purpose)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count = -1;

    assert_int_equal(db_begin_read(register_store_db(site.store), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn,
                                  "SELECT count(*) FROM mynumber_use WHERE purpose = ?"
                                  " AND actor LIKE 'clerk:%' AND body = 'municipality'",
                                  DB_WITH(DB_TEXT(purpose)), &rows, NULL),
                     0);
    assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    return count;
}

#define BY_NUMBER "POST /v1/residents/by-number"
#define NUMBER(digits, purpose, identified)                                                        \
    "{\"mynumber\":\"" digits "\",\"purpose\":\"" purpose "\",\"is_identified\":" identified "}"

static void a_number_is_looked_up_for_a_purpose_that_is_recorded(void **state)
{
    CLEANUP(who_done) struct test_clerk first = who_first();
    CLEANUP(who_done) struct test_clerk own = registrar(&first, "13101");
    CLEANUP(who_done) struct test_clerk other = registrar(&first, "13102");
    CLEANUP(who_done) struct test_clerk approver = who_added(&first, "[\"approver\"]", "13101");
    struct browser here, there, without;
    const char *const good = NUMBER("123456789018", "tax", "true");

    (void)state;
    enter(&own, &here);
    enter(&other, &there);
    enter(&approver, &without);
    assert_int_equal(status(&without, BY_NUMBER, good), 403);
    assert_int_equal(status(&there, BY_NUMBER, good), 404);
    assert_int_equal(status(&here, BY_NUMBER, NUMBER("123456789018", "tax", "false")), 403);
    assert_int_equal(status(&here, BY_NUMBER, NUMBER("123456789018", "card", "true")), 400);
    assert_int_equal(status(&here, BY_NUMBER, NUMBER("123456789012", "tax", "true")), 400);
    assert_int_equal(uses("tax"), 0);
    assert_int_equal(status(&here, BY_NUMBER, NUMBER("123456789018", "disaster", "false")), 200);
    assert_int_equal(status(&here, BY_NUMBER, good), 200);
    assert_int_equal(uses("tax"), 1);
    assert_int_equal(uses("disaster"), 1);
}

static int count_one(void *context, const struct resident *resident, struct err *err)
{
    (void)err;
    assert_int_equal(resident->birth.year, 1955);
    ++*(size_t *)context;
    return 0;
}

/* With what a search looks at. */
static void add_person(int number)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char id[RESIDENT_ID_LEN + 1];

    (void)snprintf(id, sizeof id, "%032d", number);
    assert_int_equal(db_begin(register_store_db(site.store), &txn, NULL), 0);
    assert_int_equal(
        db_execute(&txn,
                   "INSERT INTO resident (id, name, name_substitutes, address,"
                   " address_substitutes, birth, sex, municipality, registered_at, subject)"
                   " VALUES (?1, 'N', '0', 'A', '0', '1955-05-05', 1, '13101', 5, ?1)",
                   DB_WITH(DB_TEXT(id)), NULL),
        0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void a_search_tells_so_many_and_no_more(void **state)
{
    const struct resident_search search = {
        .municipality = "13101", .birth = DAY(1955, 5, 5), .name = ""};
    size_t count = 0;

    (void)state;
    for (int i = 0; i < SEARCH_RESULTS_MAX; i++)
        add_person(i);
    assert_int_equal(register_search(site.store, &search, count_one, &count, NULL), 0);
    assert_int_equal(count, SEARCH_RESULTS_MAX);
    add_person(SEARCH_RESULTS_MAX);
    count = 0;
    assert_int_equal(register_search(site.store, &search, count_one, &count, NULL), 0);
    assert_int_equal(count, SEARCH_RESULTS_MAX);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, desks_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(nothing_is_told_without_a_session),
        EACH(what_programs_and_operators_ask_is_not_there),
        EACH(clerks_are_listed_for_administrators_alone),
        EACH(who_applies_in_a_browser_is_added_as_who_does_by_a_program),
        EACH(a_session_is_a_cookie_that_no_script_reads),
        EACH(sessions_of_programs_and_browsers_are_apart),
        EACH(a_change_shows_the_token_of_the_session),
        EACH(what_is_signed_is_for_this_door_and_this_session),
        EACH(a_clerk_whose_card_or_time_is_over_does_nothing),
        EACH(only_the_municipality_of_the_counter_is_found),
        EACH(a_number_is_looked_up_for_a_purpose_that_is_recorded),
        EACH(a_search_tells_so_many_and_no_more),
    };

    return cmocka_run_group_tests(tests, desks_make, desks_release);
}
