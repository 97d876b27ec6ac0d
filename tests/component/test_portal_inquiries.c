/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A municipality asks other bodies for an application: what is refused, what is answered, and that
 * the applicant finds it all in the log.
 */
#include "portal/account/codes.h"
#include "portal/municipality/key.h"
#include "support/portal_exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PENSION   "{\"info\":\"TM99000000000124\"}"
#define INSURANCE "{\"info\":\"TM99000000000104\"}"
#define TREATMENT "{\"info\":\"TM99000000000101\"}"
#define TAX       "{\"info\":\"TM00000000000002\"}"
#define RECEIVED  "{\"state\":\"received\"}"

static struct portal_site site;
static struct portal_exchange exchange;
static struct portal_browser hanako;
static char clerk[MUNICIPALITY_KEY_SIZE], neighbour[MUNICIPALITY_KEY_SIZE],
    editor[MUNICIPALITY_KEY_SIZE];
static char claim[PSID_SIZE], another[PSID_SIZE];
static bool register_is_down;
static const char *overtaken_by; /* another question for an application, asked at the same time */
static char overtaken[32];       /* that application */

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err);
int __wrap_exchange_list_asked(const struct exchange *x, const char *asker, const char *prefix,
                               const struct exchange_taking *taking, struct err *err);
int __real_exchange_list_asked(const struct exchange *x, const char *asker, const char *prefix,
                               const struct exchange_taking *taking, struct err *err);

/* Takes the place of the register: each body knows hanako by one octet many times. */
int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err)
{
    (void)portal;
    (void)person_reference;
    (void)bodies;
    if (register_is_down)
        return FAIL(err, ERR_REMOTE, "nobody is there");
    for (size_t i = 0; i < count; i++)
        memset(ret[i], 1, PORTAL_CODE_SIZE);
    return 0;
}

/* ---- what there is ---- */

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static void offer(const char *code, char ret[PSID_SIZE])
{
    static const char text[] =
        "{\"category\":\"childcare\",\"events\":[],\"name\":\"手続\",\"summary\":\"s\"}";
    static const char form_text[] = "{\"needs_signature\":false,\"fields\":[{\"name\":\"a\","
                                    "\"label\":\"l\",\"type\":\"text\"}]}";
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(json_freep) struct json *content = NULL;
    CLEANUP(json_freep) struct json *form = NULL;
    CLEANUP(json_freep) struct json *contact = json_object_new();
    struct procedure_text put = {.owner = "", .code = code};
    struct procedure_offering offering = {.municipality = "13101",
                                          .is_online = true,
                                          .from = "",
                                          .until = "",
                                          .department = "課",
                                          .contact = contact};

    assert_int_equal(json_parse(bytes_text(text), &content, NULL), 0);
    assert_int_equal(json_parse(bytes_text(form_text), &form, NULL), 0);
    put.content = content;
    put.form = form;
    assert_int_equal(procedure_put_text(db(), &put, &by, &offering.text, NULL), 0);
    assert_int_equal(procedure_offer(db(), &offering, &by, ret, NULL), 0);
}

static void add_key(const char *code, const char *role, char ret[MUNICIPALITY_KEY_SIZE])
{
    const struct municipality_key_inputs inputs = {code, "n", role};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    assert_int_equal(municipality_key_add(db(), &inputs, &by, ret, NULL), 0);
}

static int set_up(void **state)
{
    static const struct municipality places[] = {{"13101", "東京都", "千代田区"},
                                                 {"13102", "東京都", "中央区"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    (void)state;
    portal_site_make(&site);
    portal_exchange_open(&exchange, &site);
    portal_exchange_fill(&exchange, "PENSION01", 1, NULL);
    portal_exchange_fill(&exchange, "HEALTHINS01", 1, NULL);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(municipality_add(db(), &places[i], &by, NULL), 0);
    add_key("13101", "clerk", clerk);
    add_key("13101", "editor", editor);
    add_key("13102", "clerk", neighbour);
    offer("child-allowance-claim", claim);
    offer("child-allowance-end", another);
    (void)portal_site_open(&site, &hanako, "hanako", 1);
    register_is_down = false;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_exchange_close(&exchange);
    portal_site_done(&site);
    return 0;
}

/* ---- asking ---- */

/* With a key or a ticket, unless it is NULL. */
static struct portal_answer ask(struct portal_browser *browser, const char *key, const char *line,
                                const char *body)
{
    char field[128] = "";

    if (key != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", key);
    return portal_ask_with(&site, browser, line, field, body == NULL ? NULL : "application/json",
                           body);
}

static unsigned status(const char *key, const char *receipt, const char *body)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s /v1/municipality/applications/%s/inquiries",
                   body == NULL ? "GET" : "POST", receipt);
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(NULL, key, line, body);
    return answer.status;
}

static struct portal_answer inquiries(const char *receipt)
{
    char line[128];

    (void)snprintf(line, sizeof line, "GET /v1/municipality/applications/%s/inquiries", receipt);
    return ask(NULL, clerk, line, NULL);
}

static size_t count(const struct portal_answer *answer, const char *list)
{
    const struct json *rows;

    assert_int_equal(json_get_array(answer->json, list, &rows, NULL), 0);
    return json_count(rows);
}

/* Another clerk asks behind the look at what was asked. */
int __wrap_exchange_list_asked(const struct exchange *x, const char *asker, const char *prefix,
                               const struct exchange_taking *taking, struct err *err)
{
    const int rc = __real_exchange_list_asked(x, asker, prefix, taking, err);
    const char *other = overtaken_by;

    overtaken_by = NULL;
    if (other != NULL)
        assert_int_equal(status(clerk, overtaken, other), 201);
    return rc;
}

/* Submitted by hanako or, with a ticket, by nobody known, and taken by the clerk if that is so. */
static void apply(const char *psid, bool by_hanako, bool is_taken, char ret_receipt[32])
{
    struct portal_browser *browser = by_hanako ? &hanako : NULL;
    char line[128], body[64];

    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", psid);
    CLEANUP(portal_answer_done)
    struct portal_answer begun = ask(browser, NULL, "POST /v1/applications", body);
    assert_int_equal(begun.status, 201);
    (void)snprintf(line, sizeof line, "POST /v1/applications/%s/submission",
                   portal_text(&begun, "id"));
    CLEANUP(portal_answer_done)
    struct portal_answer done = ask(browser, by_hanako ? NULL : portal_text(&begun, "ticket"), line,
                                    "{}");
    assert_int_equal(done.status, 200);
    (void)snprintf(ret_receipt, 32, "%s", portal_text(&done, "receipt"));
    if (!is_taken)
        return;
    (void)snprintf(line, sizeof line, "PUT /v1/municipality/applications/%s/state", ret_receipt);
    CLEANUP(portal_answer_done) struct portal_answer moved = ask(NULL, clerk, line, RECEIVED);
    assert_int_equal(moved.status, 204);
}

/* ---- refusals ---- */

static void nobody_else_asks_for_an_application(void **state)
{
    char receipt[32];

    (void)state;
    apply(claim, true, true, receipt);
    assert_int_equal(status(NULL, receipt, PENSION), 403);
    assert_int_equal(status(editor, receipt, PENSION), 403);
    assert_int_equal(status(neighbour, receipt, PENSION), 404);
    assert_int_equal(status(neighbour, receipt, NULL), 404);
    assert_int_equal(status(clerk, "13101-20260921-000009", PENSION), 404);
    assert_int_equal(status(clerk, receipt, "{\"info\":\"TM1\"}"), 400);
    assert_int_equal(status(clerk, receipt, "{\"info\":\"TM99000000000999\"}"), 400);
    assert_int_equal(status(clerk, receipt, TAX), 400); /* which it holds itself */
}

static void it_is_asked_while_it_is_worked_on(void **state)
{
    char receipt[32];

    (void)state;
    apply(claim, true, false, receipt);
    assert_int_equal(status(clerk, receipt, PENSION), 409);
}

static void nothing_is_asked_where_no_duty_needs_it(void **state)
{
    char receipt[32];

    (void)state;
    apply(another, true, true, receipt);
    assert_int_equal(status(clerk, receipt, PENSION), 409);
    CLEANUP(portal_answer_done) struct portal_answer answer = inquiries(receipt);
    assert_int_equal(count(&answer, "may_ask"), 0);
    assert_true(json_is_null_member(answer.json, "procedure"));
}

static void of_who_did_not_log_in_nobody_is_asked(void **state)
{
    char receipt[32];
    bool is_known = true;

    (void)state;
    apply(claim, false, true, receipt);
    assert_int_equal(status(clerk, receipt, PENSION), 409);
    CLEANUP(portal_answer_done) struct portal_answer answer = inquiries(receipt);
    assert_int_equal(json_get_bool(answer.json, "is_known", &is_known, NULL), 0);
    assert_false(is_known);
}

/* It was submitted all the same. */
static void a_register_that_was_down_leaves_nobody_to_ask_about(void **state)
{
    char receipt[32];

    (void)state;
    register_is_down = true;
    apply(claim, true, true, receipt);
    assert_int_equal(status(clerk, receipt, PENSION), 409);
}

static void what_is_not_permitted_is_refused_and_the_applicant_sees_it(void **state)
{
    char receipt[32];

    (void)state;
    apply(claim, true, true, receipt);
    assert_int_equal(status(clerk, receipt, TREATMENT), 403);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, &hanako, "GET /v1/history?what=refused", NULL);
    assert_int_equal(count(&answer, "records"), 1);
    assert_true(portal_has(&answer, "M13101"));
    assert_true(portal_has(&answer, "TM99000000000101"));
}

/* ---- answers ---- */

static void what_is_answered_is_seen_by_the_clerk_and_in_the_log(void **state)
{
    char receipt[32];

    (void)state;
    apply(claim, true, true, receipt);
    CLEANUP(portal_answer_done) struct portal_answer before = inquiries(receipt);
    assert_int_equal(before.status, 200);
    assert_int_equal(count(&before, "may_ask"), 2); /* pension and insurance, of others alone */
    assert_int_equal(count(&before, "inquiries"), 0);
    assert_true(portal_has(&before, "JT99000000000101"));
    assert_int_equal(status(clerk, receipt, PENSION), 201);
    assert_int_equal(status(clerk, receipt, PENSION), 201); /* the same, which is open */
    portal_exchange_steps(&exchange);
    assert_int_equal(status(clerk, receipt, INSURANCE), 201);
    CLEANUP(portal_answer_done) struct portal_answer after = inquiries(receipt);
    assert_int_equal(count(&after, "inquiries"), 2);
    assert_true(portal_has(&after, "\"ready\""));
    assert_true(portal_has(&after, "\"requested\""));
    assert_true(portal_has(&after, "0012400010")); /* an item of the answer */
    CLEANUP(portal_answer_done)
    struct portal_answer log = portal_ask(&site, &hanako, "GET /v1/history?what=given", NULL);
    assert_int_equal(count(&log, "records"), 1);
    assert_true(portal_has(&log, "M13101"));
    assert_true(portal_has(&log, "PENSION01"));
    assert_true(portal_has(&log, "JM99000000000010"));
}

/* It would be in the list of neither, or of the wrong one. */
static void what_is_open_for_another_application_is_not_asked_again(void **state)
{
    char first[32], second[32];

    (void)state;
    apply(claim, true, true, first);
    apply(claim, true, true, second);
    assert_int_equal(status(clerk, first, PENSION), 201);
    assert_int_equal(status(clerk, second, PENSION), 409);
    portal_exchange_steps(&exchange);
    assert_int_equal(status(clerk, second, PENSION), 201);
    CLEANUP(portal_answer_done) struct portal_answer answer = inquiries(second);
    assert_int_equal(count(&answer, "inquiries"), 1);
}

static void of_two_who_ask_at_once_neither_is_refused(void **state)
{
    (void)state;
    apply(claim, true, true, overtaken);
    overtaken_by = INSURANCE;
    assert_int_equal(status(clerk, overtaken, PENSION), 201);
    CLEANUP(portal_answer_done) struct portal_answer both = inquiries(overtaken);
    assert_int_equal(count(&both, "inquiries"), 2);
    portal_exchange_steps(&exchange);
    overtaken_by = PENSION;
    assert_int_equal(status(clerk, overtaken, PENSION), 201); /* one question, for both */
    CLEANUP(portal_answer_done) struct portal_answer again = inquiries(overtaken);
    assert_int_equal(count(&again, "inquiries"), 3);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(nobody_else_asks_for_an_application),
        CASE(it_is_asked_while_it_is_worked_on),
        CASE(nothing_is_asked_where_no_duty_needs_it),
        CASE(of_who_did_not_log_in_nobody_is_asked),
        CASE(a_register_that_was_down_leaves_nobody_to_ask_about),
        CASE(what_is_not_permitted_is_refused_and_the_applicant_sees_it),
        CASE(what_is_answered_is_seen_by_the_clerk_and_in_the_log),
        CASE(what_is_open_for_another_application_is_not_asked_again),
        CASE(of_two_who_ask_at_once_neither_is_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
