/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of an application: what the municipality sees and does, and the owner is told; and
 * what is nobody else's.
 */
#include "portal/application/store.h"
#include "support/applying_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- states ---- */

static void a_municipality_works_on_it_and_the_owner_follows(void **state)
{
    char id[32], receipt[32];
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    (void)state;
    applying_apply(id, receipt);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"completed\"}"),
                     409); /* not received */
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"), 204);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"returned\"}"),
                     400); /* says not why */
    assert_int_equal(applying_move(receipt, applying.clerk,
                                   "{\"state\":\"returned\",\"note\":\"児童の氏名を正しく\"}"),
                     204);
    CLEANUP(portal_answer_done)
    struct portal_answer shown = applying_ask(&applying.hanako, NULL, applying_path("GET", id, ""),
                                              NULL);
    assert_true(portal_has(&shown, "児童の氏名を正しく"));
    /* corrected, signed and submitted again under its number */
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("PUT", id, "/answers"),
                        "{\"answers\":[{\"field\":\"child\",\"value\":\"番号　次郎\"}]}"),
        200);
    applying_sign(id, PROFILE_SIGN, &body);
    {
        char again[32];

        assert_int_equal(applying_submit(id, &body, again), 200);
        assert_string_equal(again, receipt);
    }
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"), 204);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"completed\"}"), 204);
    assert_int_equal(
        applying_move(receipt, applying.clerk, "{\"state\":\"rejected\",\"note\":\"n\"}"), 409);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("POST", id, "/withdrawal"), NULL),
        409);
    CLEANUP(portal_answer_done)
    struct portal_answer end = applying_ask(NULL, applying.clerk,
                                            applying_received("GET", receipt, ""), NULL);
    assert_true(portal_has(&end, "\"state\":\"completed\""));
    assert_true(portal_has(&end, "\"round\":2"));
    assert_true(portal_has(&end, "番号　次郎"));
}

static void owners_withdraw_until_it_is_decided(void **state)
{
    char id[32], receipt[32];

    (void)state;
    applying_draft(id);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("POST", id, "/withdrawal"), NULL),
        204);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("POST", id, "/withdrawal"), NULL),
        409);
    applying_apply(id, receipt);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("POST", id, "/withdrawal"), NULL),
        204);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"), 409);
    CLEANUP(portal_answer_done)
    struct portal_answer list = applying_ask(
        NULL, applying.clerk, "GET /v1/municipality/applications?state=withdrawn", NULL);
    assert_true(portal_has(&list, receipt));
}

static void a_state_is_said_in_its_limits(void **state)
{
    char id[32], receipt[32], body[APPLICATION_NOTE_MAX + 64];
    int head = snprintf(body, sizeof body, "{\"state\":\"rejected\",\"note\":\"");

    (void)state;
    applying_apply(id, receipt);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"), 204);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"done\"}"), 400);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"withdrawn\"}"),
                     409); /* the owner's */
    assert_int_equal(
        applying_move(receipt, applying.clerk, "{\"state\":\"rejected\",\"note\":\"a\\u202eb\"}"),
        400);
    assert_int_equal(
        applying_move(receipt, applying.clerk, "{\"state\":\"rejected\",\"note\":\" 　\"}"), 400);
    memset(body + head, 'n', APPLICATION_NOTE_MAX + 1);
    (void)snprintf(body + head + APPLICATION_NOTE_MAX + 1, 8, "\"}");
    assert_int_equal(applying_move(receipt, applying.clerk, body), 400);
    (void)snprintf(body + head + APPLICATION_NOTE_MAX, 8, "\"}");
    assert_int_equal(applying_move(receipt, applying.clerk, body), 204);
}

/* ---- whose it is ---- */

static void nobody_else_finds_it(void **state)
{
    static const struct {
        const char *method, *rest, *body;
    } rows[] = {
        {"GET", "", NULL},
        {"PUT", "/answers", CHILD},
        {"POST", "/preparation", "{}"},
        {"POST", "/submission", "{}"},
        {"POST", "/withdrawal", NULL},
        {"GET", "/document", NULL},
        {"GET", "/files/1", NULL},
        {"DELETE", "/files/1", NULL},
    };
    char id[32], other[32], ticket[64];

    (void)state;
    applying_draft(id);
    applying_begin(NULL, applying.run, other, ticket);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *line = applying_path(rows[i].method, id, rows[i].rest);

        assert_int_equal(applying_status(&applying.taro, NULL, line, rows[i].body), 404);
        assert_int_equal(applying_status(NULL, ticket, line, rows[i].body), 404);
        assert_int_equal(applying_status(NULL, applying.clerk, line, rows[i].body), 404);
        assert_int_equal(applying_status(NULL, NULL, line, rows[i].body), 403);
        /* and not his own without the session's token */
        if (strcmp(rows[i].method, "GET") != 0) {
            struct portal_browser forged = applying.hanako;

            forged.csrf[0] = '\0';
            assert_int_equal(applying_status(&forged, NULL, line, rows[i].body), 403);
        }
    }
    CLEANUP(portal_answer_done)
    struct portal_answer list = applying_ask(&applying.taro, NULL, "GET /v1/applications", NULL);
    assert_string_equal(strstr((const char *)list.text.ptr, "{\"app"), "{\"applications\":[]}");
}

static void no_other_municipality_sees_it(void **state)
{
    static const struct {
        const char *method, *rest, *body;
    } rows[] = {
        {"GET", "", NULL},
        {"GET", "/document", NULL},
        {"GET", "/files/1", NULL},
        {"PUT", "/state", "{\"state\":\"received\"}"},
    };
    char id[32], receipt[32];

    (void)state;
    applying_apply(id, receipt);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *line = applying_received(rows[i].method, receipt, rows[i].rest);

        assert_int_equal(applying_status(NULL, applying.neighbour, line, rows[i].body), 404);
        assert_int_equal(applying_status(NULL, applying.editor, line, rows[i].body), 403);
        assert_int_equal(applying_status(&applying.hanako, NULL, line, rows[i].body), 403);
        assert_int_equal(applying_status(NULL, NULL, line, rows[i].body), 403);
    }
    CLEANUP(portal_answer_done)
    struct portal_answer list = applying_ask(NULL, applying.neighbour,
                                             "GET /v1/municipality/applications", NULL);
    assert_false(portal_has(&list, receipt));
}

static void a_municipality_sees_no_drafts(void **state)
{
    char id[32];

    (void)state;
    applying_draft(id);
    CLEANUP(portal_answer_done)
    struct portal_answer list = applying_ask(NULL, applying.clerk,
                                             "GET /v1/municipality/applications", NULL);
    assert_false(portal_has(&list, id));
    assert_int_equal(applying_status(NULL, applying.clerk, applying_received("GET", id, ""), NULL),
                     404);
}

static void an_account_has_so_many_drafts(void **state)
{
    char id[32], body[64];

    (void)state;
    for (int i = 0; i < APPLICATION_OPEN_MAX; i++)
        applying_begin(&applying.hanako, applying.run, id, NULL);
    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", applying.run);
    assert_int_equal(applying_status(&applying.hanako, NULL, "POST /v1/applications", body), 409);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("POST", id, "/withdrawal"), NULL),
        204);
    assert_int_equal(applying_status(&applying.hanako, NULL, "POST /v1/applications", body), 201);
}

static void a_list_ends_where_it_is_full(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct application_query query = {.municipality = "13101"};
    CLEANUP(json_freep) struct json *first = NULL;
    CLEANUP(json_freep) struct json *second = NULL;
    char id[APPLICATION_ID_SIZE], owner[APPLICATION_OWNER_SIZE], receipt[APPLICATION_RECEIPT_SIZE];

    (void)state;
    for (int i = 0; i <= APPLICATION_PAGE_MAX; i++) {
        struct submission submission = {.id = id, .owner = owner};

        (void)snprintf(owner, sizeof owner, "account:%d", i);
        assert_int_equal(application_begin(applying_db(), applying.run,
                                           &(struct beginner){.owner = owner}, &by, id, NULL),
                         0);
        assert_int_equal(application_submit(applying_db(), &submission, &by, receipt, NULL), 0);
    }
    assert_int_equal(application_list(applying_db(), &query, &first, NULL), 0);
    assert_int_equal(json_count(first), APPLICATION_PAGE_MAX);
    assert_int_equal(
        json_get_text(json_at(first, APPLICATION_PAGE_MAX - 1), "receipt", &query.after, NULL), 0);
    assert_int_equal(application_list(applying_db(), &query, &second, NULL), 0);
    assert_int_equal(json_count(second), 1);
}

/* ---- what the owner is told ---- */

static void the_owner_is_told_what_the_municipality_did(void **state)
{
    char id[32], receipt[32], wanted[256];

    (void)state;
    applying_apply(id, receipt);
    CLEANUP(json_freep) struct json *before = applying_notices();
    assert_int_equal(json_count(before), 0); /* what he does himself he knows */
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"), 204);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"),
                     409); /* nothing happened */
    assert_int_equal(
        applying_move(receipt, applying.clerk, "{\"state\":\"rejected\",\"note\":\"秘密の理由\"}"),
        204);
    CLEANUP(json_freep) struct json *told = applying_notices();
    assert_int_equal(json_count(told), 2);
    (void)snprintf(wanted, sizeof wanted,
                   "application.state {\"procedure\":\"手続\",\"state\":\"rejected\"} apply/%s",
                   id);
    assert_string_equal(json_text(json_at(told, 1)), wanted); /* and nothing of why */
}

static void a_name_that_no_notice_repeats_hinders_nobody(void **state)
{
    char id[32], receipt[32];

    (void)state;
    applying_apply(id, receipt);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(applying_db(), &txn, NULL), 0);
        assert_int_equal(
            db_execute(&txn, "UPDATE application SET name = 'www.evil'", DB_NOTHING, NULL), 0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"), 204);
    CLEANUP(json_freep) struct json *told = applying_notices();
    assert_int_equal(json_count(told), 1);
    assert_null(strstr(json_text(json_at(told, 0)), "evil"));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, applying_set_up, applying_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_municipality_works_on_it_and_the_owner_follows),
        EACH(owners_withdraw_until_it_is_decided),
        EACH(a_state_is_said_in_its_limits),
        EACH(nobody_else_finds_it),
        EACH(no_other_municipality_sees_it),
        EACH(a_municipality_sees_no_drafts),
        EACH(an_account_has_so_many_drafts),
        EACH(a_list_ends_where_it_is_full),
        EACH(the_owner_is_told_what_the_municipality_did),
        EACH(a_name_that_no_notice_repeats_hinders_nobody),
    };

    return cmocka_run_group_tests(tests, applying_make_keys, applying_drop_keys);
}
