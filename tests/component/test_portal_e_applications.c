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
#include <time.h>

#include <cmocka.h>

#define FORM                                                                                       \
    "{\"needs_signature\":false,\"fields\":[{\"name\":\"reason\",\"label\":\"理由\","            \
    "\"type\":\"text\",\"is_required\":true,\"max_length\":10},{\"name\":\"count\",\"label\":"     \
    "\"部数\",\"type\":\"integer\",\"is_required\":true,\"min\":1,\"max\":5},"                   \
    "{\"name\":\"moves\",\"label\":\"転居\",\"type\":\"choice\",\"is_required\":false,"          \
    "\"options\":["                                                                                \
    "{\"value\":\"yes\",\"label\":\"はい\"},{\"value\":\"no\",\"label\":\"いいえ\"}]}],"      \
    "\"attachments\":[{\"name\":\"proof\",\"label\":\"証明\",\"types\":[\"pdf\"],"               \
    "\"max_files\":2},{\"name\":\"photo\",\"label\":\"写真\",\"types\":[\"png\"]},"              \
    "{\"name\":\"plan\",\"label\":\"計画\",\"types\":[\"pdf\"],"                                 \
    "\"when\":{\"field\":\"moves\",\"is\":\"yes\"}}]}"
#define PROOF  "kind=proof&name=a.pdf&document=other"
#define PDF    "%PDF-1.7\nof the service\n%%EOF\n"
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

static struct portal_answer attach_as(enum operator_who who, const struct grant *grant,
                                      const char *id, const char *query, const char *content)
{
    char line[256], field[96];

    (void)snprintf(line, sizeof line, "POST /v1/e-applications/%s/files?%s", id, query);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", grant->access);
    return operator_ask(&pulls.portal, who, line, field, "application/octet-stream", content);
}

static struct portal_answer take_back_as(enum operator_who who, const struct grant *grant,
                                         const char *id)
{
    char line[96], field[96];

    (void)snprintf(line, sizeof line, "DELETE /v1/e-applications/%s", id);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", grant->access);
    return operator_ask(&pulls.portal, who, line, field, NULL, NULL);
}

static void grant_to_shop(struct grant *ret)
{
    CLEANUP(portal_answer_done) struct portal_answer tokens = {.status = 0};

    pull_consent_to(pull_query(&pulls.shop, "e-application", "&period=true"), "", ret);
    tokens = pull_redeem(WHO_SHOP, &pulls.shop, ret->code, VERIFIER, BACK);
    pull_keep_tokens(&tokens, ret);
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
    char id[PORTAL_ID_SIZE], body[64];
    struct grant shop;

    (void)state;
    prepare(id);
    grant_to_shop(&shop);
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
    assert_refused(attach_as(WHO_BANK, &bank, id, PROOF, PDF), 403, "consent-over");
    assert_refused(take_back_as(WHO_BANK, &bank, id), 403, "consent-over");
    /* The draft is the person's all the same. */
    assert_int_equal(status_of(of_person(&pulls.browser, "GET", id, "", NULL)), 200);
}

/* ---- files ---- */

/* Until one more request may come: a service has OPERATOR_RATE in a second. */
static void rest(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 1000000000 / OPERATOR_RATE}, NULL);
}

static int64_t files(void)
{
    return pull_number("SELECT count(*) FROM application_file");
}

static void what_may_not_be_attached_is_refused_and_leaves_nothing(void **state)
{
    static const struct {
        const char *query, *content;
        unsigned status;
    } refused[] = {
        {"kind=proof&name=a.pdf", PDF, 400},
        {"kind=proof&document=other", PDF, 400},
        {"name=a.pdf&document=other", PDF, 400},
        {"kind=nothing&name=a.pdf&document=other", PDF, 400},
        {"kind=plan&name=a.pdf&document=other", PDF, 400}, /* not after these answers */
        {"kind=photo&name=a.png&document=other", PDF, 400},
        {PROOF, "no PDF", 400},
        {PROOF, "%PDF-1.7\nPK\005\006 and no end", 400},
        {"kind=proof&name=..%2Fa.pdf&document=other", PDF, 400},
        {"kind=proof&name=a%E2%80%AEfdp.exe&document=other", PDF, 400},
        {"kind=proof&name=a.pdf&document=number-notice", PDF, 403},
        {"kind=proof&name=a.pdf&document=card-back", PDF, 403},
        {"kind=proof&name=a.pdf&document=anything", PDF, 400},
    };
    char id[PORTAL_ID_SIZE];

    (void)state;
    prepare(id);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(
            status_of(attach_as(WHO_BANK, &bank, id, refused[i].query, refused[i].content)),
            refused[i].status);
        rest();
    }
    assert_int_equal(files(), 0);
    assert_int_equal(pull_number("SELECT revision FROM application"), 0);
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'operator.attached'"), 0);
}

static void a_file_is_as_large_as_a_persons_may_be(void **state)
{
    CLEANUP(buf_done) struct buf large = BUF_INIT;
    const char *text;
    char id[PORTAL_ID_SIZE];

    (void)state;
    prepare(id);
    assert_int_equal(buf_append_text(&large, "%PDF-1.7\n", NULL), 0);
    while (large.len < APPLICATION_FILE_MAX - strlen("%%EOF"))
        assert_int_equal(buf_append_text(&large, "x", NULL), 0);
    assert_int_equal(buf_append_text(&large, "%%EOF", NULL), 0);
    assert_int_equal(buf_text(&large, &text, NULL), 0);
    assert_int_equal(status_of(attach_as(WHO_BANK, &bank, id, PROOF, text)), 201);
    assert_int_equal(buf_append_text(&large, "\n", NULL), 0);
    assert_int_equal(buf_text(&large, &text, NULL), 0);
    assert_int_equal(status_of(attach_as(WHO_BANK, &bank, id, PROOF, text)), 413);
    assert_int_equal(files(), 1);
}

static void there_are_as_many_files_of_a_kind_as_the_form_says(void **state)
{
    char id[PORTAL_ID_SIZE];

    (void)state;
    prepare(id);
    for (int i = 0; i < 2; i++)
        assert_int_equal(status_of(attach_as(WHO_BANK, &bank, id, PROOF, PDF)), 201);
    assert_int_equal(status_of(attach_as(WHO_BANK, &bank, id, PROOF, PDF)), 400);
    assert_int_equal(files(), 2);
}

static void the_person_opens_what_was_attached_and_takes_it_away(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer attached = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer own = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer file = {.status = 0};
    char id[PORTAL_ID_SIZE];
    int64_t number;

    (void)state;
    prepare(id);
    attached = attach_as(WHO_BANK, &bank, id, PROOF, PDF);
    assert_int_equal(attached.status, 201);
    assert_int_equal(json_get_int(attached.json, "number", &number, NULL), 0);
    assert_int_equal(number, 1);
    own = of_person(&pulls.browser, "GET", id, "", NULL);
    assert_true(portal_has(&own, "\"kind\":\"proof\",\"name\":\"a.pdf\",\"type\":\"pdf\""));
    file = of_person(&pulls.browser, "GET", id, "/files/1", NULL);
    assert_int_equal(file.status, 200);
    assert_true(portal_has(&file, PDF));
    assert_int_equal(status_of(of_person(&pulls.browser, "DELETE", id, "/files/1", NULL)), 204);
    assert_int_equal(files(), 0);
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'operator.attached'"), 1);
}

/* So nothing comes into what somebody is reading, or has looked through to sign it. */
static void once_the_person_has_opened_it_nothing_is_attached(void **state)
{
    struct portal_browser stranger;
    char id[PORTAL_ID_SIZE];

    (void)state;
    prepare(id);
    /* Who sees that it is there, or asks for another's, has not opened it. */
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, "GET /v1/applications", NULL),
                     200);
    (void)portal_site_open(&pulls.portal, &stranger, "sub-2", 2);
    assert_int_equal(status_of(of_person(&stranger, "GET", id, "", NULL)), 404);
    assert_int_equal(status_of(attach_as(WHO_BANK, &bank, id, PROOF, PDF)), 201);
    assert_int_equal(status_of(of_person(&pulls.browser, "GET", id, "", NULL)), 200);
    assert_refused(attach_as(WHO_BANK, &bank, id, PROOF, PDF), 409, "application-opened");
    assert_int_equal(files(), 1);
}

/* Whatever is asked about it first. */
static void whoever_prepares_to_sign_has_opened_it(void **state)
{
    char id[PORTAL_ID_SIZE];

    (void)state;
    prepare(id);
    assert_int_equal(status_of(of_person(&pulls.browser, "POST", id, "/preparation", "{}")), 400);
    assert_refused(attach_as(WHO_BANK, &bank, id, PROOF, PDF), 409, "application-opened");
}

static void another_service_neither_attaches_nor_takes_back(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer begun = {.status = 0};
    char id[PORTAL_ID_SIZE], body[64];
    struct grant shop;
    const char *own;

    (void)state;
    prepare(id);
    grant_to_shop(&shop);
    (void)snprintf(body, sizeof body, "{\"psid\": \"%s\"}", psid);
    begun = portal_ask_with(&pulls.portal, &pulls.browser, "POST /v1/applications", "",
                            "application/json", body);
    own = portal_text(&begun, "id");
    assert_refused(attach_as(WHO_SHOP, &shop, id, PROOF, PDF), 404, "application-unknown");
    assert_refused(take_back_as(WHO_SHOP, &shop, id), 404, "application-unknown");
    assert_refused(attach_as(WHO_SHOP, &bank, id, PROOF, PDF), 403, "certificate-differs");
    assert_refused(take_back_as(WHO_SHOP, &bank, id), 403, "certificate-differs");
    assert_refused(attach_as(WHO_BANK, &bank, own, PROOF, PDF), 404, "application-unknown");
    assert_refused(take_back_as(WHO_BANK, &bank, own), 404, "application-unknown");
    assert_int_equal(files(), 0);
    assert_int_equal(pull_number("SELECT count(*) FROM application WHERE state = 'draft'"), 2);
}

/* ---- taking back ---- */

static void what_is_taken_back_is_gone_and_the_person_is_told(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer own = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer list = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer notices = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer standing = {.status = 0};
    char id[PORTAL_ID_SIZE];

    (void)state;
    prepare(id);
    assert_int_equal(status_of(attach_as(WHO_BANK, &bank, id, PROOF, PDF)), 201);
    assert_int_equal(status_of(of_person(&pulls.browser, "GET", id, "", NULL)), 200); /* opened */
    assert_int_equal(status_of(take_back_as(WHO_BANK, &bank, id)), 204);
    assert_int_equal(files(), 0);
    own = of_person(&pulls.browser, "GET", id, "", NULL);
    assert_string_equal(portal_text(&own, "state"), "withdrawn");
    assert_true(portal_has(&own, "\"taken_back_at\":"));
    list = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/applications", NULL);
    assert_true(portal_has(&list, "\"taken_back_at\":"));
    notices = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/notices", NULL);
    assert_true(portal_has(&notices, "application.taken-back"));
    standing = look_as(WHO_BANK, &bank, id);
    assert_string_equal(portal_text(&standing, "state"), "withdrawn");
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'operator.taken-back'"),
                     1);
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'operator.standing-told'"),
                     0);
    /* And nobody goes on with it. */
    assert_refused(take_back_as(WHO_BANK, &bank, id), 409, "application-closed");
    assert_refused(attach_as(WHO_BANK, &bank, id, PROOF, PDF), 409, "application-closed");
    assert_int_equal(status_of(of_person(&pulls.browser, "PUT", id, "/answers",
                                         "{\"answers\":[" REASON "," COUNT "]}")),
                     409);
    assert_int_equal(status_of(of_person(&pulls.browser, "POST", id, "/submission", "{}")), 409);
}

static void what_the_person_submitted_or_threw_away_is_not_taken_back(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer own = {.status = 0};
    char sent[PORTAL_ID_SIZE], thrown[PORTAL_ID_SIZE];

    (void)state;
    prepare(sent);
    prepare(thrown);
    assert_int_equal(status_of(of_person(&pulls.browser, "PUT", sent, "/answers",
                                         "{\"answers\":[" REASON "," COUNT "]}")),
                     200);
    assert_int_equal(status_of(of_person(&pulls.browser, "POST", sent, "/submission", "{}")), 200);
    assert_int_equal(status_of(of_person(&pulls.browser, "POST", thrown, "/withdrawal", NULL)),
                     204);
    assert_refused(take_back_as(WHO_BANK, &bank, sent), 409, "application-closed");
    assert_refused(attach_as(WHO_BANK, &bank, sent, PROOF, PDF), 409, "application-closed");
    assert_refused(take_back_as(WHO_BANK, &bank, thrown), 409, "application-closed");
    own = of_person(&pulls.browser, "GET", sent, "", NULL);
    assert_string_equal(portal_text(&own, "state"), "submitted");
    assert_false(portal_has(&own, "taken_back_at"));
    assert_int_equal(
        pull_number("SELECT count(*) FROM notice WHERE topic = 'application.taken-back'"), 0);
}

/* A service fills neither the list of somebody nor the number that he may begin by taking back. */
static void one_service_takes_back_so_many_of_a_person(void **state)
{
    char id[PORTAL_ID_SIZE];

    (void)state;
    for (int i = 0; i < APPLICATION_TAKEN_BACK_MAX; i++) {
        prepare(id);
        rest();
        assert_int_equal(status_of(take_back_as(WHO_BANK, &bank, id)), 204);
        rest();
    }
    assert_int_equal(status_of(prepare_as(WHO_BANK, &bank, psid, REASON)), 409);
    assert_int_equal(pull_number("SELECT count(*) FROM application"), APPLICATION_TAKEN_BACK_MAX);
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
        CASE(what_may_not_be_attached_is_refused_and_leaves_nothing),
        CASE(a_file_is_as_large_as_a_persons_may_be),
        CASE(there_are_as_many_files_of_a_kind_as_the_form_says),
        CASE(the_person_opens_what_was_attached_and_takes_it_away),
        CASE(once_the_person_has_opened_it_nothing_is_attached),
        CASE(whoever_prepares_to_sign_has_opened_it),
        CASE(another_service_neither_attaches_nor_takes_back),
        CASE(what_is_taken_back_is_gone_and_the_person_is_told),
        CASE(what_the_person_submitted_or_threw_away_is_not_taken_back),
        CASE(one_service_takes_back_so_many_of_a_person),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, pull_site_begin, pull_site_end);
}
