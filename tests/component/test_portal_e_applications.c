/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A service prepares applications for whoever consents to that: they are drafts of that person, who
 * alone reads and submits them; the service learns how its own stand, and nothing else.
 */
#include "portal/application/prepared.h"
#include "portal/operator/process.h"
#include "support/pull_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FORM                                                                                       \
    "{\"needs_signature\":false,\"fields\":[{\"name\":\"reason\",\"label\":\"理由\","            \
    "\"type\":\"text\",\"is_required\":true,\"max_length\":10},{\"name\":\"count\",\"label\":"     \
    "\"部数\",\"type\":\"integer\",\"is_required\":true,\"min\":1,\"max\":5}]}"
#define REASON "{\"field\":\"reason\",\"value\":\"転職\"}"
#define COUNT  "{\"field\":\"count\",\"value\":\"2\"}"

static char psid[PSID_SIZE];
static struct grant bank; /* of the first person */

static int set_up(void **state)
{
    (void)pull_site_make(state);
    portal_site_offer(&pulls.portal, FORM, psid);
    pull_grant("e-application", "&period=true", "", &bank);
    return 0;
}

static struct portal_answer prepare_as(enum operator_who who, const struct grant *grant,
                                       const char *procedure, const char *answers)
{
    char body[512];

    (void)snprintf(body, sizeof body, "{\"psid\": \"%s\", \"answers\": [%s]}", procedure, answers);
    return pull_ask(who, "/v1/e-applications", grant->access, body);
}

static void prepare(char ret_id[PORTAL_ID_SIZE])
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = prepare_as(WHO_BANK, &bank, psid, REASON);

    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, PORTAL_ID_SIZE, "%s", portal_text(&answer, "id"));
}

static struct portal_answer look_as(enum operator_who who, const struct grant *grant,
                                    const char *id)
{
    char line[96], field[96];

    (void)snprintf(line, sizeof line, "GET /v1/e-applications/%s", id);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", grant->access);
    return operator_ask(&pulls.portal, who, line, field, NULL, NULL);
}

static struct portal_answer of_person(struct portal_browser *browser, const char *method,
                                      const char *id, const char *what, const char *body)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s /v1/applications/%s%s", method, id, what);
    return portal_ask_with(&pulls.portal, browser, line, "", "application/json", body);
}

static unsigned status_of(struct portal_answer answer)
{
    const unsigned status = answer.status;

    portal_answer_done(&answer);
    return status;
}

static void what_cannot_be_prepared_is_refused_and_leaves_nothing(void **state)
{
    struct grant other;

    (void)state;
    assert_refused(prepare_as(WHO_BANK, &bank, "990000000001", REASON), 404, "procedure-unknown");
    assert_int_equal(status_of(prepare_as(WHO_BANK, &bank, psid,
                                          "{\"field\":\"reason\",\"value\":\"12345678901\"}")),
                     400);
    assert_int_equal(status_of(prepare_as(WHO_BANK, &bank, psid, REASON ", " REASON)), 400);
    assert_int_equal(
        status_of(prepare_as(WHO_BANK, &bank, psid, "{\"field\":\"other\",\"value\":\"x\"}")), 400);
    /* A consent to something else, and one of which another shows the token. */
    pull_grant("notices", "&period=true", "", &other);
    assert_refused(prepare_as(WHO_BANK, &other, psid, REASON), 403, "not-consented");
    assert_refused(prepare_as(WHO_SHOP, &bank, psid, REASON), 403, "certificate-differs");
    assert_int_equal(pull_number("SELECT count(*) FROM application"), 0);
    assert_int_equal(pull_number("SELECT count(*) FROM notice WHERE topic LIKE 'application.%'"),
                     0);
}

static void without_a_consent_for_a_period_nobody_prepares(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char line[1100];

    (void)state;
    (void)snprintf(line, sizeof line, "GET /authorize?%s",
                   pull_query(&pulls.bank, "e-application", ""));
    answer = portal_ask(&pulls.portal, NULL, line, NULL);
    assert_true(portal_has(&answer, "error=invalid_request"));
}

static void what_is_prepared_is_the_persons_draft(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer own = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer list = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer log = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer notices = {.status = 0};
    struct portal_browser stranger;
    char id[PORTAL_ID_SIZE];
    int64_t total;

    (void)state;
    prepare(id);
    own = of_person(&pulls.browser, "GET", id, "", NULL);
    assert_int_equal(own.status, 200);
    assert_string_equal(portal_text(&own, "state"), "draft");
    assert_true(portal_has(&own, "転職") && portal_has(&own, "\"prepared_by\":{\"client_id\":"));
    assert_true(portal_has(&own, "見本銀行"));
    list = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/applications", NULL);
    assert_true(portal_has(&list, id) && portal_has(&list, "見本銀行"));
    notices = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/notices", NULL);
    assert_true(portal_has(&notices, "application.prepared") && portal_has(&notices, id));
    log = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/history?what=prepared", NULL);
    assert_int_equal(json_get_int(log.json, "total", &total, NULL), 0);
    assert_int_equal(total, 1);
    (void)portal_site_open(&pulls.portal, &stranger, "sub-2", 2);
    assert_int_equal(status_of(of_person(&stranger, "GET", id, "", NULL)), 404);
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'operator.prepared'"), 1);
}

static void the_person_corrects_and_submits_it(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer before = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer after = {.status = 0};
    char id[PORTAL_ID_SIZE];

    (void)state;
    prepare(id);
    before = look_as(WHO_BANK, &bank, id);
    assert_int_equal(before.status, 200);
    assert_string_equal(portal_text(&before, "state"), "draft");
    assert_true(portal_has(&before, "\"receipt\":null"));
    /* Not before it is complete. */
    assert_int_equal(status_of(of_person(&pulls.browser, "POST", id, "/submission", "{}")), 400);
    assert_int_equal(status_of(of_person(&pulls.browser, "PUT", id, "/answers",
                                         "{\"answers\":[" REASON "," COUNT "]}")),
                     200);
    assert_int_equal(status_of(of_person(&pulls.browser, "POST", id, "/submission", "{}")), 200);
    after = look_as(WHO_BANK, &bank, id);
    assert_string_equal(portal_text(&after, "state"), "submitted");
    assert_true(strncmp(portal_text(&after, "receipt"), "13101-", 6) == 0);
    assert_false(portal_has(&after, "転職"));
}

/* How it stands is in the person's log when it is new to the service, and once. */
static void the_service_learns_a_state_with_a_record(void **state)
{
    const char *const told = "SELECT count(*) FROM audit WHERE act = 'operator.standing-told'";
    char id[PORTAL_ID_SIZE];

    (void)state;
    prepare(id);
    assert_int_equal(status_of(look_as(WHO_BANK, &bank, id)), 200);
    assert_int_equal(pull_number(told), 0);
    assert_int_equal(status_of(of_person(&pulls.browser, "POST", id, "/withdrawal", NULL)), 204);
    for (int i = 0; i < 2; i++) {
        CLEANUP(portal_answer_done) struct portal_answer answer = look_as(WHO_BANK, &bank, id);

        assert_string_equal(portal_text(&answer, "state"), "withdrawn");
    }
    assert_int_equal(pull_number(told), 1);
}

static void what_another_prepared_or_the_person_began_is_not_told(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer begun = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer tokens = {.status = 0};
    char id[PORTAL_ID_SIZE], body[64];
    struct grant shop;

    (void)state;
    prepare(id);
    pull_consent_to(pull_query(&pulls.shop, "e-application", "&period=true"), "", &shop);
    tokens = pull_redeem(WHO_SHOP, &pulls.shop, shop.code, VERIFIER, BACK);
    pull_keep_tokens(&tokens, &shop);
    assert_refused(look_as(WHO_SHOP, &shop, id), 404, "application-unknown");
    (void)snprintf(body, sizeof body, "{\"psid\": \"%s\"}", psid);
    begun = portal_ask_with(&pulls.portal, &pulls.browser, "POST /v1/applications", "",
                            "application/json", body);
    assert_int_equal(begun.status, 201);
    assert_refused(look_as(WHO_BANK, &bank, portal_text(&begun, "id")), 404, "application-unknown");
    assert_refused(look_as(WHO_BANK, &bank, "nothing"), 404, "application-unknown");
}

static void one_service_has_so_many_drafts_with_a_person(void **state)
{
    char id[PORTAL_ID_SIZE];

    (void)state;
    for (int i = 0; i < APPLICATION_PREPARED_MAX; i++)
        prepare(id);
    assert_int_equal(status_of(prepare_as(WHO_BANK, &bank, psid, REASON)), 409);
    assert_int_equal(pull_number("SELECT count(*) FROM application"), APPLICATION_PREPARED_MAX);
    assert_int_equal(status_of(of_person(&pulls.browser, "POST", id, "/withdrawal", NULL)), 204);
    prepare(id);
}

static void a_consent_that_was_taken_back_ends_both(void **state)
{
    char id[PORTAL_ID_SIZE], line[96];

    (void)state;
    prepare(id);
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", bank.consent);
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, line, NULL), 204);
    assert_refused(prepare_as(WHO_BANK, &bank, psid, REASON), 403, "consent-over");
    assert_refused(look_as(WHO_BANK, &bank, id), 403, "consent-over");
    /* The draft is the person's all the same. */
    assert_int_equal(status_of(of_person(&pulls.browser, "GET", id, "", NULL)), 200);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, pull_site_done)
    const struct CMUnitTest tests[] = {
        CASE(what_cannot_be_prepared_is_refused_and_leaves_nothing),
        CASE(without_a_consent_for_a_period_nobody_prepares),
        CASE(what_is_prepared_is_the_persons_draft),
        CASE(the_person_corrects_and_submits_it),
        CASE(the_service_learns_a_state_with_a_record),
        CASE(what_another_prepared_or_the_person_began_is_not_told),
        CASE(one_service_has_so_many_drafts_with_a_person),
        CASE(a_consent_that_was_taken_back_ends_both),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, pull_site_begin, pull_site_end);
}
