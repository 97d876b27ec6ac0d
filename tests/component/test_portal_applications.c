/* SPDX-License-Identifier: Apache-2.0 */
/* Applying: signed, and by somebody without a login where nothing is; until there is a receipt. */
#include "base/hex.h"
#include "docsign/xml_signature.h"
#include "portal/application/applicant.h"
#include "portal/application/store.h"
#include "support/applying_site.h"
#include "support/extract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_signed_application_reaches_its_municipality(void **state)
{
    char id[32], receipt[32];
    const char *at;
    CLEANUP(xml_signed_done) struct xml_signed xml = {.kind = KEY_RSA};

    (void)state;
    applying_apply(id, receipt);
    assert_string_equal(receipt, "13101-20260921-000001");
    assert_int_equal(applying.platform.asked, 1);
    CLEANUP(portal_answer_done)
    struct portal_answer shown = applying_ask(NULL, applying.clerk,
                                              applying_received("GET", receipt, ""), NULL);
    assert_int_equal(shown.status, 200);
    assert_true(portal_has(&shown, "番号　花子")); /* of the certificate */
    assert_true(portal_has(&shown, "番号　太郎 <&>"));
    assert_false(portal_has(&shown, "ticket"));
    CLEANUP(portal_answer_done)
    struct portal_answer document = applying_ask(
        NULL, applying.clerk, applying_received("GET", receipt, "/document"), NULL);
    assert_int_equal(document.status, 200);
    assert_true(portal_has(&document, "Content-Disposition: attachment"));
    assert_true(portal_has(&document, "番号　太郎 &lt;&amp;&gt;"));
    at = strstr((const char *)document.text.ptr, "<?xml");
    assert_non_null(at);
    assert_int_equal(xml_signature_parse(bytes_text(at), &xml, NULL), 0);
    assert_true(
        bytes_equal(buf_bytes(&xml.certificate), x509_cert_der(applying.pki.certs[PROFILE_SIGN])));
}

/* It proves what was submitted by its hash, and says nothing of whoever it is about. */
static void a_receipt_is_for_who_submitted(void **state)
{
    char id[32], receipt[32];
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;
    const char *digits;

    (void)state;
    applying_draft(id);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("GET", id, "/receipt"), NULL), 404);
    applying_apply(id, receipt);
    assert_int_equal(
        applying_status(&applying.taro, NULL, applying_path("GET", id, "/receipt"), NULL), 404);
    assert_int_equal(applying_status(NULL, NULL, applying_path("GET", id, "/receipt"), NULL), 403);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"), 204);
    CLEANUP(portal_answer_done)
    struct portal_answer document = applying_ask(&applying.hanako, NULL,
                                                 applying_path("GET", id, "/document"), NULL);
    assert_int_equal(digest_compute(DIGEST_SHA256, portal_body(&document), &digest, NULL), 0);
    assert_int_equal(hex_append(&hex, digest_bytes(&digest), NULL), 0);
    assert_int_equal(buf_text(&hex, &digits, NULL), 0);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = applying_ask(&applying.hanako, NULL,
                                               applying_path("GET", id, "/receipt"), NULL);
    assert_int_equal(answer.status, 200);
    assert_true(portal_has(&answer, "attachment; filename=\"receipt-13101-20260921-000001.pdf\""));
    extract_text(portal_body(&answer), &text);
    assert_int_equal(extract_count(&text, receipt), 2); /* in it and at its foot */
    assert_int_equal(extract_count(&text, digits), 1);
    assert_true(extract_count(&text, "東京都千代田区") > 0);
    assert_int_equal(extract_count(&text, "提出済み"), 1);
    assert_int_equal(extract_count(&text, "処理中"), 2); /* now, and a step */
    assert_int_equal(extract_count(&text, "花子") + extract_count(&text, "太郎"), 0);
}

static void numbers_of_a_day_follow_each_other(void **state)
{
    char id[32], receipt[32];

    (void)state;
    applying_apply(id, receipt);
    applying_apply(id, receipt);
    assert_string_equal(receipt, "13101-20260921-000002");
    portal_site_at(&applying.site, 60); /* the sessions are of now */
    CLEANUP(portal_answer_done)
    struct portal_answer list = applying_ask(
        NULL, applying.clerk, "GET /v1/municipality/applications?after=13101-20260921-000001",
        NULL);
    assert_true(portal_has(&list, "13101-20260921-000002"));
    assert_false(portal_has(&list, "13101-20260921-000001"));
}

static void what_is_not_complete_is_not_submitted(void **state)
{
    char id[32];

    (void)state;
    applying_begin(&applying.hanako, applying.allowance, id, NULL);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("POST", id, "/preparation"), "{}"),
        400);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("PUT", id, "/answers"), APART), 200);
    /* now the attachment is missing */
    CLEANUP(portal_answer_done)
    struct portal_answer shown = applying_ask(&applying.hanako, NULL, applying_path("GET", id, ""),
                                              NULL);
    assert_true(portal_has(&shown, "{\"field\":\"proof\",\"problem\":\"missing\"}"));
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("POST", id, "/preparation"), "{}"),
        400);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("POST", id, "/submission"), "{}"),
        400);
    assert_int_equal(applying.platform.asked, 0);
}

static void a_signature_of_something_else_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[32];

    (void)state;
    applying_draft(id);
    applying_sign(id, PROFILE_SIGN, &body);
    /* answered otherwise after it was signed */
    assert_int_equal(applying_status(&applying.hanako, NULL, applying_path("PUT", id, "/answers"),
                                     "{\"answers\":[{\"field\":\"child\",\"value\":\"他人\"}]}"),
                     200);
    assert_int_equal(applying_submit(id, &body, NULL), 422);
    assert_int_equal(applying.platform.asked, 0);
    CLEANUP(portal_answer_done)
    struct portal_answer shown = applying_ask(&applying.hanako, NULL, applying_path("GET", id, ""),
                                              NULL);
    assert_true(portal_has(&shown, "\"state\":\"draft\""));
}

static void only_what_the_platform_finds_valid_counts(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[32];

    (void)state;
    applying_draft(id);
    applying_sign(id, PROFILE_SIGN, &body);
    applying.platform.verdict = "invalid";
    assert_int_equal(applying_submit(id, &body, NULL), 422);
    applying.platform.verdict = "indeterminate";
    assert_int_equal(applying_submit(id, &body, NULL), 503);
    applying.platform.verdict = "valid";
    http_server_stopp(&applying.platform.server);
    assert_int_equal(applying_submit(id, &body, NULL), 503);
    applying.site.portal.platform.socket = NULL;
    assert_int_equal(applying_submit(id, &body, NULL), 503);
}

static void what_is_to_be_signed_is_not_submitted_without(void **state)
{
    char id[32];

    (void)state;
    applying_draft(id);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("POST", id, "/submission"), "{}"),
        400);
    assert_int_equal(applying_status(&applying.hanako, NULL,
                                     applying_path("POST", id, "/submission"),
                                     "{\"certificate\":\"MAA=\",\"signature\":\"AAAA\"}"),
                     400);
}

static void of_two_submissions_one_counts(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[32], receipt[32];

    (void)state;
    applying_draft(id);
    applying_sign(id, PROFILE_SIGN, &body);
    assert_int_equal(applying_submit(id, &body, receipt), 200);
    assert_int_equal(applying_submit(id, &body, NULL), 409);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("PUT", id, "/answers"), CHILD), 409);
    CLEANUP(portal_answer_done)
    struct portal_answer list = applying_ask(NULL, applying.clerk,
                                             "GET /v1/municipality/applications", NULL);
    assert_false(portal_has(&list, "-000002"));
}

/* What was changed while the platform was thinking is not what was signed. */
static void a_change_in_between_is_a_conflict(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(application_done) struct application application = {.form = NULL};
    struct submission submission = {.revision = 0};
    char id[32], receipt[APPLICATION_RECEIPT_SIZE], owner[APPLICATION_OWNER_SIZE], ticket[64];

    (void)state;
    applying_begin(NULL, applying.run, id, ticket);
    assert_int_equal(applicant_of_ticket(ticket, owner, NULL), 0);
    assert_int_equal(application_get(applying_db(), id, owner, &application, NULL), 0);
    submission.id = id;
    submission.owner = owner;
    submission.revision = application.revision;
    assert_int_equal(applying_status(NULL, ticket, applying_path("PUT", id, "/answers"), RUNNER),
                     200);
    assert_int_equal(application_submit(applying_db(), &submission, &by, receipt, NULL),
                     -ERR_CONFLICT);
    submission.revision++;
    assert_int_equal(application_submit(applying_db(), &submission, &by, receipt, NULL), 0);
}

/* It was submitted by another call, taken and returned while the platform was thinking of this. */
static void what_was_returned_in_between_is_not_submitted_as_it_was(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct submission submission = {.round = 0};
    char id[32], receipt[APPLICATION_RECEIPT_SIZE], owner[APPLICATION_OWNER_SIZE], ticket[64];

    (void)state;
    applying_begin(NULL, applying.run, id, ticket);
    assert_int_equal(applicant_of_ticket(ticket, owner, NULL), 0);
    submission.id = id;
    submission.owner = owner;
    assert_int_equal(application_submit(applying_db(), &submission, &by, receipt, NULL), 0);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"), 204);
    assert_int_equal(
        applying_move(receipt, applying.clerk, "{\"state\":\"returned\",\"note\":\"n\"}"), 204);
    assert_int_equal(application_submit(applying_db(), &submission, &by, receipt, NULL),
                     -ERR_CONFLICT);
    submission.round++;
    assert_int_equal(application_submit(applying_db(), &submission, &by, receipt, NULL), 0);
}

static void what_is_not_signed_needs_no_login(void **state)
{
    char id[32], ticket[64], receipt[32];

    (void)state;
    applying_begin(NULL, applying.run, id, ticket);
    (void)applying_put_form(
        "run",
        applying_allowance_form); /* from now on; the applying.clerk reads what was asked here */
    assert_int_equal(applying_status(NULL, ticket, applying_path("PUT", id, "/answers"), RUNNER),
                     200);
    CLEANUP(portal_answer_done)
    struct portal_answer done = applying_ask(NULL, ticket, applying_path("POST", id, "/submission"),
                                             "{}");
    assert_int_equal(done.status, 200);
    (void)snprintf(receipt, sizeof receipt, "%s", portal_text(&done, "receipt"));
    CLEANUP(portal_answer_done)
    struct portal_answer shown = applying_ask(NULL, applying.clerk,
                                              applying_received("GET", receipt, ""), NULL);
    assert_true(portal_has(&shown, "\"label\":\"走る人\""));
    assert_false(portal_has(&shown, "別居"));
    assert_false(json_has(shown.json, "applicant"));
    assert_int_equal(
        applying_status(NULL, applying.clerk, applying_received("GET", receipt, "/document"), NULL),
        404);
    assert_int_equal(applying.platform.asked, 0);
    assert_int_equal(applying_move(receipt, applying.clerk, "{\"state\":\"received\"}"), 204);
    CLEANUP(json_freep) struct json *told = applying_notices(); /* a ticket has none */
    assert_int_equal(json_count(told), 0);
}

static void what_is_signed_needs_one(void **state)
{
    char body[64];

    (void)state;
    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", applying.allowance);
    assert_int_equal(applying_status(NULL, NULL, "POST /v1/applications", body), 403);
    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", applying.paper);
    assert_int_equal(applying_status(&applying.hanako, NULL, "POST /v1/applications", body), 404);
    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", applying.over);
    assert_int_equal(applying_status(&applying.hanako, NULL, "POST /v1/applications", body), 409);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, "POST /v1/applications", "{\"psid\":\"1\"}"), 404);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, applying_set_up, applying_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_signed_application_reaches_its_municipality),
        EACH(a_receipt_is_for_who_submitted),
        EACH(numbers_of_a_day_follow_each_other),
        EACH(what_is_not_complete_is_not_submitted),
        EACH(a_signature_of_something_else_is_refused),
        EACH(only_what_the_platform_finds_valid_counts),
        EACH(what_is_to_be_signed_is_not_submitted_without),
        EACH(of_two_submissions_one_counts),
        EACH(a_change_in_between_is_a_conflict),
        EACH(what_was_returned_in_between_is_not_submitted_as_it_was),
        EACH(what_is_not_signed_needs_no_login),
        EACH(what_is_signed_needs_one),
    };

    return cmocka_run_group_tests(tests, applying_make_keys, applying_drop_keys);
}
