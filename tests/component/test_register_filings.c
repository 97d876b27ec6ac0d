/* SPDX-License-Identifier: Apache-2.0 */
/* What clerks sign: refusals, each for one thing that is wrong, then two people, then doing once.
 */
#include "register/refusal.h"
#include "register/routes.h"
#include "register/store_sqlite.h"
#include "support/clerk_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOVE_PATH   "/v1/cards/A-1/acts"
#define RETURN_BODY "{\"request_id\":\"r-1\",\"act\":\"return\"}"
#define RESET_BODY  "{\"request_id\":\"p-1\",\"act\":\"pin-reset\",\"pin\":\"sign\"}"
#define LOSS_BODY   "{\"request_id\":\"l-1\",\"act\":\"loss\"}"

static struct test_clerk first, clerk, issuer, second;

static int set_up(void **state)
{
    (void)desks_set_up(state);
    first = who_first();
    clerk = who_added(&first, "[\"registrar\"]", "13101");
    issuer = who_added(&first, "[\"issuer\",\"approver\"]", "13101");
    second = who_added(&first, "[\"approver\"]", "13101");
    return 0;
}

static int tear_down(void **state)
{
    struct test_clerk *const all[] = {&first, &clerk, &issuer, &second};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        who_done(all[i]);
    return desks_tear_down(state);
}

static int64_t count(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number;

    assert_int_equal(db_begin_read(site.store->db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
    return number;
}

static void run_sql(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(site.store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void assert_not_done(const struct told *told, unsigned status, enum refusal refusal)
{
    CLEANUP(json_freep) struct json *problem = NULL;
    int64_t before = count("SELECT count(*) FROM filing");

    assert_int_equal(who_file(&clerk, told, &problem), status);
    assert_refused(problem, refusal);
    assert_int_equal(count("SELECT count(*) FROM filing"), before);
    assert_card_state("A-1", CARD_ACTIVE);
}

/* Each is right but for one thing. */
static void what_was_signed_for_elsewhere_or_by_another_is_refused(void **state)
{
    char late[32], early[32], other_session[64];
    int64_t now = clock_now(&site.clock);
    const struct {
        struct told told;
        unsigned status;
        enum refusal refusal;
    } rows[] = {
        {{.changes = "{\"origin\":\"https://other.example\"}"}, 422, REFUSED_ORIGIN},
        {{.changes = other_session}, 422, REFUSED_SESSION},
        {{.changes = "{\"counter\":\"131010002\"}"}, 422, REFUSED_COUNTER},
        {{.changes = late}, 422, REFUSED_STALE},
        {{.changes = early}, 422, REFUSED_STALE},
        {{.other_document = "{}"}, 422, REFUSED_SIGNATURE},
        {{.signer = &second}, 422, REFUSED_SIGNER},
    };

    (void)state;
    (void)snprintf(late, sizeof late, "{\"at\":%lld}", (long long)(now - FILING_SECONDS - 1));
    (void)snprintf(early, sizeof early, "{\"at\":%lld}", (long long)(now + FILING_SECONDS + 1));
    (void)snprintf(other_session, sizeof other_session, "{\"session\":\"%s\"}", second.session);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct told told = rows[i].told;

        told.path = MOVE_PATH;
        told.body = RETURN_BODY;
        assert_not_done(&told, rows[i].status, rows[i].refusal);
    }
    (void)snprintf(late, sizeof late, "{\"at\":%lld}", (long long)(now - FILING_SECONDS));
    assert_int_equal(
        who_file(&clerk, &(struct told){.path = MOVE_PATH, .body = RETURN_BODY, .changes = late},
                 NULL),
        201);
}

static void a_revoked_certificate_signs_nothing_more(void **state)
{
    (void)state;
    desks_revoke(&clerk, CERT_SIGN);
    assert_not_done(&(struct told){.path = MOVE_PATH, .body = RETURN_BODY}, 422, REFUSED_REVOKED);
}

/* The authority's last good word counts for a quarter of an hour, and no longer. */
static void without_the_authority_the_last_word_counts_for_a_while(void **state)
{
    (void)state;
    desks_stop_authority();
    site.clock.fixed += STATUS_KEPT_SECONDS + 1;
    assert_not_done(&(struct told){.path = MOVE_PATH, .body = RETURN_BODY}, 503, REFUSED_STATUS);
    site.clock.fixed -= 1;
    assert_int_equal(who_order(&clerk, MOVE_PATH, RETURN_BODY, NULL), 201);
    assert_card_state("A-1", CARD_RETURNED);
}

static void what_is_none_of_the_orders_is_refused(void **state)
{
    static const struct {
        const char *path, *body, *changes;
        unsigned status;
    } rows[] = {
        {"/v1/nothing", "{}", NULL, 404},
        {"/v1/cards/A-1", NULL, NULL, 404},
        {"relative", "{}", NULL, 400},
        {MOVE_PATH, NULL, NULL, 400},
        {MOVE_PATH, "{\"request_id\":\"r-1\",\"act\":\"return\",\"more\":1}", NULL, 400},
        {MOVE_PATH, RETURN_BODY, "{\"request_id\":\"_\"}", 400},
        {MOVE_PATH, RETURN_BODY, "{\"extra\":\"x\"}", 400},
        {"/v1/cards/A-2/acts", RETURN_BODY, NULL, 404},
        {"/v1/cards/A-1/activation", "{}", NULL, 400},
    };
    CLEANUP(json_freep) struct json *problem = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct told told = {
            .path = rows[i].path, .body = rows[i].body, .changes = rows[i].changes};

        assert_int_equal(who_file(&clerk, &told, &problem), rows[i].status);
    }
    assert_int_equal(count("SELECT count(*) FROM filing WHERE operation = 'actOnCard'"), 0);
}

#define DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

static void who_has_no_role_for_it_may_not(void **state)
{
    (void)state;
    assert_not_done(&(struct told){.path = MOVE_PATH, .body = RESET_BODY}, 403, REFUSED_ROLE);
    assert_not_done(&(struct told){.path = "/v1/cards/A-1/activation"}, 403, REFUSED_ROLE);
    assert_not_done(
        &(struct told){.path = "/v1/filings/x/confirmation", .body = "{\"digest\":\"" DIGEST "\"}"},
        403, REFUSED_ROLE);
}

static void a_clerk_acts_for_the_municipality_where_he_sits(void **state)
{
    CLEANUP(who_done) struct test_clerk far = who_added(&first, "[\"registrar\"]", "13102");
    CLEANUP(json_freep) struct json *told = NULL;
    char path[96];

    (void)state;
    assert_int_equal(who_order(&far, MOVE_PATH, RETURN_BODY, &told), 403);
    assert_refused(told, REFUSED_PLACE);
    (void)snprintf(path, sizeof path, "/v1/residents/%s/acts", site.resident);
    assert_int_equal(who_order(&far, path, "{\"request_id\":\"d\",\"act\":\"death\"}", &told), 403);
    assert_refused(told, REFUSED_PLACE);
    /* Who moves there is recorded there. */
    assert_int_equal(who_order(&clerk, path,
                               "{\"request_id\":\"o\",\"act\":\"move-out\","
                               "\"date\":\"2026-11-23\"}",
                               &told),
                     201);
    assert_int_equal(who_order(&far, path,
                               "{\"request_id\":\"i\",\"act\":\"move-in\",\"date\":\"2026-11-23\","
                               "\"address\":\"東京都中央区見本町一丁目\","
                               "\"municipality\":\"13102\"}",
                               &told),
                     201);
    assert_int_equal(who_order(&clerk, path, "{\"request_id\":\"d\",\"act\":\"death\"}", &told),
                     403);
}

static void a_filing_counts_once_and_its_id_is_its_own(void **state)
{
    const struct told told = {.path = MOVE_PATH, .body = RETURN_BODY};
    const struct told other = {.path = MOVE_PATH,
                               .body = "{\"request_id\":\"r-2\",\"act\":\"keep\"}",
                               .changes = "{\"request_id\":\"same\"}"};
    struct told same = told;
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    CLEANUP(json_freep) struct json *reply = NULL;
    char path[64];

    (void)state;
    same.changes = other.changes;
    who_write(&clerk, &same, &document);
    assert_int_equal(who_send(&clerk, buf_bytes(&document), &told, &reply), 201);
    assert_string_equal(site_text(reply, "state"), "done");
    assert_int_equal(who_send(&clerk, buf_bytes(&document), &told, &reply), 409);
    assert_refused(reply, REFUSED_REPLAYED);
    assert_int_equal(who_file(&clerk, &other, &reply), 409);
    assert_refused(reply, REFUSED_ID_REUSED);
    (void)snprintf(path, sizeof path, "GET /v1/filings/same");
    assert_int_equal(desk_ask(&clerk, path, NULL, &reply), 200);
    assert_string_equal(site_text(reply, "state"), "done");
    assert_non_null(strstr(site_text(reply, "answer"), "returned"));
    assert_int_equal(count("SELECT count(*) FROM act"), 1);
}

static void file_reset(struct json **ret)
{
    assert_int_equal(who_order(&issuer, MOVE_PATH, RESET_BODY, ret), 202);
    assert_string_equal(site_text(*ret, "state"), "pending");
    assert_int_equal(count("SELECT count(*) FROM act"), 0);
}

static void assert_unconfirmed(const struct test_clerk *who, const struct json *pending,
                               unsigned status, enum refusal refusal)
{
    CLEANUP(json_freep) struct json *told = NULL;

    assert_int_equal(who_confirm(who, pending, &told), status);
    assert_refused(told, refusal);
    assert_int_equal(count("SELECT count(*) FROM act"), 0);
}

static void whoever_asked_does_not_confirm(void **state)
{
    CLEANUP(json_freep) struct json *pending = NULL;

    (void)state;
    file_reset(&pending);
    assert_unconfirmed(&issuer, pending, 403, REFUSED_SAME_CLERK);
    assert_unconfirmed(&clerk, pending, 403, REFUSED_ROLE);
}

/* The second one was given the card that the first one signed with. */
static void the_card_that_asked_does_not_confirm(void **state)
{
    CLEANUP(who_done) struct test_clerk renewed = who_new();
    CLEANUP(json_freep) struct json *pending = NULL;
    CLEANUP(json_freep) struct json *a = who_apply(&renewed, &(struct applying){.name = NULL});
    CLEANUP(json_freep) struct json *b = who_apply(&issuer, &(struct applying){.name = NULL});
    struct json *const applications[] = {a, b};
    const struct test_clerk *const clerks[] = {&issuer, &second};
    struct test_clerk borrower = issuer;

    (void)state;
    file_reset(&pending);
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        const char *application;
        char path[64];

        assert_int_equal(json_write(applications[i], &text, NULL), 0);
        assert_int_equal(buf_text(&text, &application, NULL), 0);
        (void)snprintf(path, sizeof path, "/v1/clerks/%s/card", clerks[i]->id);
        assert_int_equal(who_order(&first, path, application, NULL), 201);
    }
    assert_int_equal(who_log_in(&borrower, DESK_COUNTER, NULL), 201);
    assert_string_equal(borrower.id, second.id);
    assert_unconfirmed(&borrower, pending, 403, REFUSED_SAME_CARD);
}

static void somebody_of_another_municipality_does_not_confirm(void **state)
{
    CLEANUP(who_done) struct test_clerk far = who_added(&first, "[\"approver\"]", "13102");
    CLEANUP(json_freep) struct json *pending = NULL;
    CLEANUP(json_freep) struct json *list = NULL;
    const struct json *filings;

    (void)state;
    file_reset(&pending);
    assert_unconfirmed(&far, pending, 403, REFUSED_PLACE);
    assert_int_equal(desk_ask(&far, "GET /v1/filings", NULL, &list), 200);
    assert_int_equal(json_get_array(list, "filings", &filings, NULL), 0);
    assert_int_equal(json_count(filings), 0);
}

static void another_request_than_the_one_that_waits_is_not_confirmed(void **state)
{
    CLEANUP(json_freep) struct json *pending = NULL;
    CLEANUP(json_freep) struct json *other = json_object_new();
    char digest[65];

    (void)state;
    file_reset(&pending);
    (void)snprintf(digest, sizeof digest, "%s", site_text(pending, "digest"));
    digest[0] = digest[0] == '0' ? '1' : '0';
    assert_int_equal(json_put_text(other, "request_id", site_text(pending, "request_id"), NULL), 0);
    assert_int_equal(json_put_text(other, "digest", digest, NULL), 0);
    assert_unconfirmed(&second, other, 422, REFUSED_DIGEST);
}

static void what_waited_too_long_is_not_confirmed(void **state)
{
    CLEANUP(json_freep) struct json *pending = NULL;
    CLEANUP(json_freep) struct json *told = NULL;
    char path[96];

    (void)state;
    file_reset(&pending);
    site.clock.fixed += FILING_WAIT_SECONDS + 1;
    assert_int_equal(who_log_in(&second, DESK_COUNTER, NULL), 201);
    assert_unconfirmed(&second, pending, 409, REFUSED_EXPIRED);
    (void)snprintf(path, sizeof path, "GET /v1/filings/%s", site_text(pending, "request_id"));
    assert_int_equal(desk_ask(&second, path, NULL, &told), 200);
    assert_string_equal(site_text(told, "state"), "expired");
    site.clock.fixed -= 1;
    assert_int_equal(who_confirm(&second, pending, NULL), 201);
}

static void what_was_withdrawn_is_not_confirmed(void **state)
{
    CLEANUP(json_freep) struct json *pending = NULL;
    CLEANUP(json_freep) struct json *told = NULL;
    CLEANUP(who_done) struct test_clerk other = who_added(&first, "[\"issuer\"]", "13101");
    char path[96];

    (void)state;
    file_reset(&pending);
    (void)snprintf(path, sizeof path, "/v1/filings/%s/withdrawal",
                   site_text(pending, "request_id"));
    assert_int_equal(who_order(&other, path, NULL, &told), 403);
    assert_refused(told, REFUSED_STRANGER);
    assert_int_equal(who_order(&issuer, path, NULL, &told), 201);
    assert_unconfirmed(&second, pending, 409, REFUSED_OVER);
    assert_int_equal(who_order(&issuer, path, NULL, &told), 409);
    assert_refused(told, REFUSED_OVER);
}

/* Who lost the role, or was blocked, meanwhile. */
static void what_its_clerk_may_no_longer_ask_for_is_not_confirmed(void **state)
{
    CLEANUP(json_freep) struct json *pending = NULL;
    char path[64];

    (void)state;
    file_reset(&pending);
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/roles", issuer.id);
    assert_int_equal(who_order(&first, path, "{\"roles\":[]}", NULL), 201);
    assert_unconfirmed(&second, pending, 403, REFUSED_ROLE);
    (void)snprintf(path, sizeof path, "/v1/clerks/%s/block", issuer.id);
    assert_int_equal(who_order(&first, path, "{\"blocked\":true}", NULL), 201);
    assert_unconfirmed(&second, pending, 403, REFUSED_BLOCKED);
}

static void two_clerks_have_a_pin_reset_once(void **state)
{
    CLEANUP(json_freep) struct json *pending = NULL;
    CLEANUP(json_freep) struct json *told = NULL;
    CLEANUP(json_freep) struct json *list = NULL;
    const struct json *filings;

    (void)state;
    file_reset(&pending);
    assert_int_equal(desk_ask(&second, "GET /v1/filings", NULL, &list), 200);
    assert_int_equal(json_get_array(list, "filings", &filings, NULL), 0);
    assert_int_equal(json_count(filings), 1);
    assert_string_equal(site_text(json_at(filings, 0), "digest"), site_text(pending, "digest"));
    assert_int_equal(who_confirm(&second, pending, &told), 201);
    assert_int_equal(count("SELECT count(*) FROM act WHERE name = 'pin-reset'"), 1);
    assert_int_equal(who_confirm(&second, pending, &told), 409);
    assert_refused(told, REFUSED_OVER);
    assert_int_equal(count("SELECT count(*) FROM filing WHERE confirmed_by IS NOT NULL"), 1);
}

/* The loss line stops a card by itself, also of another municipality; a counter needs two. */
static void a_lost_card_is_stopped_by_one_at_the_telephone_and_by_two_at_a_counter(void **state)
{
    CLEANUP(who_done) struct test_clerk line = who_added(&first, "[\"loss-line\"]", "13102");
    CLEANUP(json_freep) struct json *pending = NULL;
    CLEANUP(json_freep) struct json *told = NULL;

    (void)state;
    assert_int_equal(who_order(&line, MOVE_PATH, "{\"request_id\":\"f\",\"act\":\"found\"}", &told),
                     403);
    assert_refused(told, REFUSED_ROLE);
    assert_int_equal(who_order(&clerk, MOVE_PATH, LOSS_BODY, &pending), 202);
    assert_card_state("A-1", CARD_ACTIVE);
    assert_int_equal(
        who_order(&line, MOVE_PATH, "{\"request_id\":\"l-2\",\"act\":\"loss\"}", &told), 201);
    assert_card_state("A-1", CARD_SUSPENDED);
    assert_int_equal(who_confirm(&second, pending, &told), 409); /* it is suspended already */
}

static void two_at_a_counter_suspend_a_card(void **state)
{
    CLEANUP(json_freep) struct json *pending = NULL;
    CLEANUP(json_freep) struct json *told = NULL;
    const struct json *steps;
    int64_t serial;

    (void)state;
    assert_int_equal(who_order(&clerk, MOVE_PATH, LOSS_BODY, &pending), 202);
    assert_int_equal(who_confirm(&second, pending, &told), 201);
    assert_card_state("A-1", CARD_SUSPENDED);
    /* Its history says who signed for it. */
    assert_int_equal(desk_ask(&clerk, "GET /v1/cards/A-1/history", NULL, &told), 200);
    assert_int_equal(json_get_array(told, "steps", &steps, NULL), 0);
    assert_int_equal(json_count(steps), 4);
    assert_string_equal(site_text(json_at(steps, 3), "clerk"), clerk.id);
    serial = site_number(json_at(steps, 3), "clerk_serial");
    assert_int_equal(serial, clerk.serials[CERT_SIGN]);
    assert_false(json_has(json_at(steps, 2), "clerk"));
}

/* As the register is found after a kill between the act and its note, and between both notes. */
static void what_was_cut_off_goes_on_when_it_is_sent_again(void **state)
{
    const struct told told = {.path = MOVE_PATH, .body = RETURN_BODY};
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    CLEANUP(json_freep) struct json *reply = NULL;

    (void)state;
    who_write(&clerk, &told, &document);
    assert_int_equal(who_send(&clerk, buf_bytes(&document), &told, &reply), 201);
    run_sql("UPDATE filing SET state = 'received', status = NULL, answer = NULL, ended_at = NULL"
            " WHERE operation = 'actOnCard'");
    assert_int_equal(who_send(&clerk, buf_bytes(&document), &told, &reply), 201);
    assert_int_equal(count("SELECT count(*) FROM act"), 1);
    assert_int_equal(count("SELECT count(*) FROM card_step WHERE state = 'returned'"), 1);
    assert_int_equal(who_send(&clerk, buf_bytes(&document), &told, &reply), 409);
}

static void what_was_confirmed_and_cut_off_goes_on_when_it_is_confirmed_again(void **state)
{
    CLEANUP(json_freep) struct json *pending = NULL;
    CLEANUP(json_freep) struct json *told = NULL;

    (void)state;
    assert_int_equal(who_order(&clerk, MOVE_PATH, LOSS_BODY, &pending), 202);
    assert_int_equal(who_confirm(&second, pending, &told), 201);
    run_sql("UPDATE filing SET state = 'confirmed', status = NULL, answer = NULL, ended_at = NULL"
            " WHERE operation = 'actOnCard'");
    assert_int_equal(who_confirm(&second, pending, &told), 201);
    assert_int_equal(count("SELECT count(*) FROM act"), 1);
    assert_int_equal(count("SELECT count(*) FROM card_step WHERE state = 'suspended'"), 1);
}

/* Neither a withdrawal nor anything else undoes what two have agreed on. */
static void what_was_confirmed_is_not_withdrawn(void **state)
{
    const struct audit_origin by = site_clerk();
    CLEANUP(json_freep) struct json *pending = NULL;
    struct filing_end end = {.state = FILING_WITHDRAWN};
    struct confirmation confirmation = {.clerk = second.id, .filing = "x"};

    (void)state;
    file_reset(&pending);
    end.request_id = confirmation.request_id = site_text(pending, "request_id");
    assert_int_equal(register_confirm_filing(site.store, &confirmation, &by, NULL), 0);
    assert_int_equal(register_end_filing(site.store, &end, &by, NULL), -ERR_CONFLICT);
    assert_int_equal(who_confirm(&second, pending, NULL), 201);
}

/* An individual number stands in its own table alone, not in what a clerk signed. */
static void a_filing_with_an_individual_number_is_not_kept_as_it_came(void **state)
{
    CLEANUP(json_freep) struct json *told = NULL;

    (void)state;
    assert_int_equal(who_order(&clerk, "/v1/residents",
                               "{\"name\":\"見本　太郎\",\"address\":\"東京都千代田区見本町\","
                               "\"birth_date\":\"1980-01-01\",\"sex\":\"male\","
                               "\"municipality\":\"13101\",\"mynumber\":\"900000000015\"}",
                               &told),
                     201);
    assert_int_equal(count("SELECT count(*) FROM filing WHERE operation = 'addResident'"
                           " AND request IS NULL AND answer IS NULL AND state = 'done'"),
                     1);
    assert_int_equal(count("SELECT count(*) FROM filing WHERE instr(request, '900000000015')"), 0);
}

static void a_filing_has_a_largest_size_and_so_has_its_path(void **state)
{
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    CLEANUP(json_freep) struct json *problem = NULL;
    const struct told told = {.path = "/"};
    char path[FILING_PATH_MAX + 2];

    (void)state;
    for (size_t i = 0; i < FILING_BYTES_MAX; i++)
        assert_int_equal(buf_append_byte(&document, ' ', NULL), 0);
    assert_int_equal(who_send(&clerk, buf_bytes(&document), &told, &problem), 400);
    assert_null(strstr(site_text(problem, "detail"), "more than"));
    assert_int_equal(buf_append_byte(&document, ' ', NULL), 0);
    assert_int_equal(who_send(&clerk, buf_bytes(&document), &told, &problem), 400);
    assert_non_null(strstr(site_text(problem, "detail"), "more than"));
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[FILING_PATH_MAX] = '\0';
    assert_int_equal(who_order(&clerk, path, NULL, &problem), 404);
    path[FILING_PATH_MAX] = 'a';
    path[FILING_PATH_MAX + 1] = '\0';
    assert_int_equal(who_order(&clerk, path, NULL, &problem), 400);
}

static bool has_right(const char *operation)
{
    for (const struct right *right = rights; right->operation != NULL; right++) {
        if (strcmp(right->operation, operation) == 0)
            return true;
    }
    return false;
}

static bool has_order(const char *operation)
{
    for (const struct route *const *table = register_orders; *table != NULL; table++) {
        for (const struct route *row = *table; row->path != NULL; row++) {
            if (strcmp(row->operation, operation) == 0)
                return true;
        }
    }
    return false;
}

static void each_order_has_somebody_who_may_and_each_right_an_order(void **state)
{
    (void)state;
    for (const struct route *const *table = register_orders; *table != NULL; table++) {
        for (const struct route *row = *table; row->path != NULL; row++)
            assert_true(has_right(row->operation));
    }
    for (const struct right *right = rights; right->operation != NULL; right++)
        assert_true(has_order(right->operation));
}

static void issue_pin_reset_and_suspension_need_two(void **state)
{
    static const struct {
        const char *operation, *body;
        enum clerk_role role;
    } rows[] = {
        {"issue", "{}", ROLE_ISSUER},
        {"actOnCard", "{\"act\":\"pin-reset\"}", ROLE_ISSUER},
        {"actOnCard", "{\"act\":\"loss\"}", ROLE_REGISTRAR},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(json_freep) struct json *body = NULL;
        const struct right *right;

        assert_int_equal(json_parse(bytes_text(rows[i].body), &body, NULL), 0);
        assert_int_equal(
            right_find(rows[i].operation, body, CLERK_ROLE_BIT(rows[i].role), &right, NULL), 0);
        assert_true(right->needs_second);
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_was_signed_for_elsewhere_or_by_another_is_refused),
        EACH(a_revoked_certificate_signs_nothing_more),
        EACH(without_the_authority_the_last_word_counts_for_a_while),
        EACH(what_is_none_of_the_orders_is_refused),
        EACH(who_has_no_role_for_it_may_not),
        EACH(a_clerk_acts_for_the_municipality_where_he_sits),
        EACH(a_filing_counts_once_and_its_id_is_its_own),
        EACH(whoever_asked_does_not_confirm),
        EACH(the_card_that_asked_does_not_confirm),
        EACH(somebody_of_another_municipality_does_not_confirm),
        EACH(another_request_than_the_one_that_waits_is_not_confirmed),
        EACH(what_waited_too_long_is_not_confirmed),
        EACH(what_was_withdrawn_is_not_confirmed),
        EACH(what_its_clerk_may_no_longer_ask_for_is_not_confirmed),
        EACH(two_clerks_have_a_pin_reset_once),
        EACH(a_lost_card_is_stopped_by_one_at_the_telephone_and_by_two_at_a_counter),
        EACH(two_at_a_counter_suspend_a_card),
        EACH(what_was_cut_off_goes_on_when_it_is_sent_again),
        EACH(what_was_confirmed_and_cut_off_goes_on_when_it_is_confirmed_again),
        EACH(what_was_confirmed_is_not_withdrawn),
        EACH(a_filing_with_an_individual_number_is_not_kept_as_it_came),
        EACH(a_filing_has_a_largest_size_and_so_has_its_path),
        cmocka_unit_test(each_order_has_somebody_who_may_and_each_right_an_order),
        cmocka_unit_test(issue_pin_reset_and_suspension_need_two),
    };

    return cmocka_run_group_tests(tests, desks_make, desks_release);
}
