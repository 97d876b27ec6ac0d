/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Having an application signed through the authentication app, where that app is away, says
 * something else than it should, or hands on what is not for this portal. The app is a server of
 * the test; what a real one does is in tests/system/test_portal_sign.py.
 */
#include "support/portal_site.h"

#include "base/base64.h"
#include "base/file.h"
#include "crypto/jwe.h"
#include "http/form.h"
#include "http/server.h"
#include "portal/application/cardsign.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID "01234567-89ab-4cde-8f01-23456789abcd"

static struct portal_site site;
static struct portal_browser hanako;
static struct privkey *seal, *other;
static char psid[PSID_SIZE], owner[APPLICATION_OWNER_SIZE];

/* What the app says next, and what it was told. */
static struct {
    struct http_server *server;
    char origin[64], issuer[80];
    const char *opened, *result; /* answers; NULL: it fails */
    char certificate[8192];      /* in place of the first "%s" of result */
    unsigned tokens, questions;
    void (*meanwhile)(void); /* what happens while the app is asked, once; NULL: nothing */
    char form[2048], hash[128], document[8192], platform[64], text[1024];
} app;

/* ---- the app ---- */

static int reply(struct http_call *call, unsigned status, const char *text, struct err *err)
{
    return http_reply_bytes(&call->response, status, "application/json", bytes_text(text), err);
}

static int on_configuration(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(buf_append_format(&text, err,
                          "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/auth\","
                          "\"token_endpoint\":\"%s/token\",\"jwks_uri\":\"%s/certs\","
                          "\"end_session_endpoint\":\"%s/logout\"}",
                          app.issuer, app.issuer, app.issuer, app.issuer, app.issuer));
    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&text), err);
}

static int on_token(struct http_call *call, struct err *err)
{
    app.tokens++;
    (void)snprintf(app.form, sizeof app.form, "%.*s", (int)call->request.body.len,
                   (const char *)call->request.body.ptr);
    return reply(call, 200, "{\"access_token\":\"the token\",\"expires_in\":300}", err);
}

static int on_open(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;

    app.questions++;
    if (app.meanwhile != NULL)
        app.meanwhile();
    app.meanwhile = NULL;
    assert_string_equal(http_header(&call->request, "Authorization"), "Bearer the token");
    TRY(json_copy_text(json, "hash", app.hash, sizeof app.hash, err));
    TRY(json_copy_text(json, "document", app.document, sizeof app.document, err));
    TRY(json_copy_text(json, "platform", app.platform, sizeof app.platform, err));
    TRY(json_copy_text(json, "text", app.text, sizeof app.text, err));
    return app.opened == NULL ? FAIL(err, ERR_REMOTE, "not now")
                              : reply(call, 201, app.opened, err);
}

static int on_result(struct http_call *call, struct err *err)
{
    CLEANUP(free_text) char *text = NULL;
    const char *hole = app.result == NULL ? NULL : strchr(app.result, '%');

    assert_string_equal(http_param(&call->request, "id"), ID);
    if (app.result == NULL)
        return FAIL(err, ERR_REMOTE, "not now");
    if (hole == NULL)
        return reply(call, 200, app.result, err);
    TRY(path_format(&text, err, "%.*s%s%s", (int)(hole - app.result), app.result, app.certificate,
                    hole + 1));
    return reply(call, 200, text, err);
}

static const struct http_member open_members[] = {{"client_id", HTTP_TEXT, HTTP_REQUIRED, "c"},
                                                  {"hash", HTTP_TEXT, HTTP_REQUIRED, "h"},
                                                  {"title", HTTP_TEXT, HTTP_REQUIRED, "t"},
                                                  {"text", HTTP_TEXT, HTTP_REQUIRED, "x"},
                                                  {"document", HTTP_TEXT, HTTP_REQUIRED, "d"},
                                                  {"platform", HTTP_TEXT, HTTP_REQUIRED, "p"},
                                                  {NULL}};
static const struct http_answer any_answers[] = {
    {200, "a", .type = "application/json"}, {201, "a", .type = "application/json"}, {0}};
static const struct route rows[] = {
    {.method = HTTP_GET,
     .path = "/realm/.well-known/openid-configuration",
     .access = &http_anyone,
     .handle = on_configuration,
     .operation = "configuration",
     .summary = "Say",
     .answers = any_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = "/realm/token",
     .access = &http_anyone,
     .handle = on_token,
     .body_type = HTTP_FORM_TYPE,
     .operation = "token",
     .summary = "Give",
     .answers = any_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = "/api/sign-transactions",
     .access = &http_anyone,
     .body = open_members,
     .handle = on_open,
     .operation = "open",
     .summary = "Open",
     .answers = any_answers,
     .is_foreign = true},
    {.method = HTTP_GET,
     .path = "/api/sign-transactions/:id/result",
     .access = &http_anyone,
     .handle = on_result,
     .operation = "result",
     .summary = "Say",
     .answers = any_answers,
     .is_foreign = true},
    {.path = NULL},
};

#define OPENED                                                                                     \
    "{\"sign_transaction_id\":\"" ID "\",\"address\":\"http://127.0.0.1:1/v1/signings/x\","        \
    "\"code\":\"123456\",\"expires_at\":1790000600}"
#define SIGNED                                                                                     \
    "{\"sign_transaction_id\":\"" ID "\",\"status\":\"signed\",\"certificate\":\"%\","             \
    "\"signature\":\"AAAA\"}"

static int set_up(void **state)
{
    static const char form[] = "{\"needs_signature\":true,\"fields\":[{\"name\":\"child\","
                               "\"label\":\"l\",\"type\":\"text\"}]}";
    const struct http_server_options options = {.routes = rows, .workers = 1};
    uint16_t port;
    int fd;

    (void)state;
    portal_site_make(&site);
    portal_site_offer(&site, form, psid);
    memset(&app, 0, sizeof app);
    app.opened = OPENED;
    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &app.server, NULL), 0);
    (void)snprintf(app.origin, sizeof app.origin, "http://127.0.0.1:%u", (unsigned)port);
    (void)snprintf(app.issuer, sizeof app.issuer, "%s/realm", app.origin);
    site.portal.app.issuer = app.issuer;
    token_signer.key = seal;
    site.portal.seal.signer = "/nowhere";
    site.portal.seal.key = "seal";
    assert_int_equal(portal_load(&site.portal, NULL), 0);
    const struct session session = portal_site_open(&site, &hanako, "hanako", 1);

    (void)snprintf(owner, sizeof owner, "account:%s", session.account.id);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_server_stopp(&app.server);
    portal_site_done(&site);
    return 0;
}

static int make_keys(void **state)
{
    (void)state;
    assert_int_equal(privkey_generate(2048, &seal, NULL), 0);
    return privkey_generate(2048, &other, NULL);
}

static int release_keys(void **state)
{
    (void)state;
    privkey_freep(&seal);
    privkey_freep(&other);
    return 0;
}

/* ---- asking ---- */

static unsigned status(const char *method, const char *id, const char *rest, const char *body)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s /v1/applications/%s%s", method, id, rest);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask_with(&site, &hanako, line, "", "application/json",
                                                  body);
    return answer.status;
}

static void begin(char ret_id[APPLICATION_ID_SIZE])
{
    struct json *body = json_object_new();

    assert_int_equal(json_put_text(body, "psid", psid, NULL), 0);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, &hanako, "POST /v1/applications", body);
    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, APPLICATION_ID_SIZE, "%s", portal_text(&answer, "id"));
}

/* What a signer hands on: something encrypted to somebody. */
static void hand_on(const struct privkey *to, const char *plain)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    const char *text;

    assert_int_equal(privkey_spki(to, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwe_encrypt(public, bytes_text(plain), &compact, NULL), 0);
    assert_int_equal(buf_text(&compact, &text, NULL), 0);
    (void)snprintf(app.certificate, sizeof app.certificate, "%s", text);
}

/* ---- tests ---- */

static void where_the_app_is_away_nothing_is_opened(void **state)
{
    static const char *const answers[] = {
        NULL, "{}", "x",
        "{\"sign_transaction_id\":\"../../x\",\"address\":\"a\",\"code\":\"1\",\"expires_at\":1}",
        "{\"sign_transaction_id\":\"" ID "\",\"address\":\"a\",\"code\":\"12345678\","
        "\"expires_at\":1}"};
    char id[APPLICATION_ID_SIZE];

    (void)state;
    begin(id);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        app.opened = answers[i];
        assert_int_equal(status("POST", id, "/signing", NULL), 503);
    }
    assert_int_equal(status("GET", id, "/signing", NULL), 404);
    site.portal.seal.key = NULL;
    assert_int_equal(status("POST", id, "/signing", NULL), 503);
    assert_int_equal(app.questions, 5);
}

static void the_app_is_told_what_is_hashed_and_who_reads_the_certificate(void **state)
{
    static const char submitted_to[] = "提出先 東京都千代田区（13101）\n申請 ";
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct digest made, told;
    char id[APPLICATION_ID_SIZE];

    (void)state;
    begin(id);
    assert_int_equal(status("POST", id, "/signing", NULL), 201);
    assert_int_equal(base64_decode(BASE64_PADDED, bytes_text(app.document), &info, NULL), 0);
    assert_int_equal(base64_decode(BASE64_PADDED, bytes_text(app.hash), &der, NULL), 0);
    assert_int_equal(digestinfo_parse(buf_bytes(&der), &told, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&info), &made, NULL), 0);
    assert_true(bytes_equal(digest_bytes(&made), digest_bytes(&told)));
    assert_string_equal(app.platform, PORTAL_SITE_ORIGIN);
    assert_int_equal(strncmp(app.text, submitted_to, strlen(submitted_to)), 0);
    assert_non_null(strstr(app.form, "grant_type=client_credentials&scope=sign&"));
}

static void a_token_is_used_as_long_as_it_is_good(void **state)
{
    char id[APPLICATION_ID_SIZE];

    (void)state;
    begin(id);
    assert_int_equal(status("POST", id, "/signing", NULL), 201);
    portal_site_at(&site, 300 - PORTAL_ASSERTION_SECONDS - 1);
    assert_int_equal(status("POST", id, "/signing", NULL), 201);
    assert_int_equal(app.tokens, 1);
    portal_site_at(&site, 300 - PORTAL_ASSERTION_SECONDS);
    assert_int_equal(status("POST", id, "/signing", NULL), 201);
    assert_int_equal(app.tokens, 2);
    portal_site_at(&site, 0); /* a clock that was set back */
    assert_int_equal(status("POST", id, "/signing", NULL), 201);
    assert_int_equal(app.tokens, 3);
}

static void a_result_that_makes_no_sense_is_none(void **state)
{
    static const char *const results[] = {NULL, "{}", "x", "{\"status\":\"perhaps\"}",
                                          "{\"status\":1}"};
    char id[APPLICATION_ID_SIZE];

    (void)state;
    begin(id);
    assert_int_equal(status("POST", id, "/signing", NULL), 201);
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        app.result = results[i];
        assert_int_equal(status("GET", id, "/signing", NULL), 503);
        assert_int_equal(status("POST", id, "/submission", "{}"), 503);
    }
    app.result = "{\"status\":\"signed\"}"; /* without what was signed */
    assert_int_equal(status("POST", id, "/submission", "{}"), 400);
}

static void a_certificate_for_somebody_else_or_changed_is_not_read(void **state)
{
    char id[APPLICATION_ID_SIZE], *changed;

    (void)state;
    begin(id);
    assert_int_equal(status("POST", id, "/signing", NULL), 201);
    app.result = SIGNED;
    hand_on(other, "a certificate");
    assert_int_equal(status("GET", id, "/signing", NULL), 422);
    assert_int_equal(status("POST", id, "/submission", "{}"), 422);
    hand_on(seal, "a certificate");
    changed = strrchr(app.certificate, '.') - 3;
    *changed = *changed == 'A' ? 'B' : 'A'; /* base64url still */
    assert_int_equal(status("POST", id, "/submission", "{}"), 422);
    hand_on(seal, "no certificate"); /* it can be read, and is none */
    assert_int_equal(status("GET", id, "/signing", NULL), 200);
    assert_int_equal(status("POST", id, "/submission", "{}"), 400);
    token_signer.refusal = ERR_UNTRUSTED; /* signerd cannot open it: said in the same way */
    assert_int_equal(status("GET", id, "/signing", NULL), 422);
    token_signer.refusal = ERR_NONE;
    assert_int_equal(status("GET", id, "", NULL), 200);
}

static void end_signings(int64_t at)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, "UPDATE application_signing SET expires_at = ?",
                                DB_WITH(DB_INT(at)), NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* The app keeps so many of the portal: none of its people takes the room of all the others. */
static void one_person_has_so_many_at_the_app(void **state)
{
    char id[APPLICATION_ID_SIZE], other_id[APPLICATION_ID_SIZE];

    (void)state;
    begin(id);
    begin(other_id);
    for (int i = 0; i < APPLICATION_SIGNINGS_MAX / 2; i++) {
        assert_int_equal(status("POST", id, "/signing", NULL), 201);
        assert_int_equal(status("POST", other_id, "/signing", NULL), 201);
    }
    assert_int_equal(status("POST", id, "/signing", NULL), 409);
    assert_int_equal(status("POST", other_id, "/withdrawal", NULL), 204); /* makes no room */
    assert_int_equal(status("POST", id, "/signing", NULL), 409);
    assert_int_equal(app.questions, APPLICATION_SIGNINGS_MAX);
    end_signings(PORTAL_SITE_NOW - APPLICATION_SIGNING_KEPT + 1);
    assert_int_equal(status("POST", id, "/signing", NULL), 409);
    end_signings(PORTAL_SITE_NOW - APPLICATION_SIGNING_KEPT); /* the app has let go of them */
    for (int i = 0; i < APPLICATION_SIGNINGS_MAX; i++)
        assert_int_equal(status("POST", id, "/signing", NULL), 201);
    assert_int_equal(status("POST", id, "/signing", NULL), 409);
}

/* ---- two requests at once ---- */

static char drafted[APPLICATION_ID_SIZE];

static void submit_drafted(void)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct submission submission = {.id = drafted, .owner = owner};
    char receipt[APPLICATION_RECEIPT_SIZE];

    assert_int_equal(
        application_submit(portal_store_db(site.portal.store), &submission, &by, receipt, NULL), 0);
}

static void change_all(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_WITH(DB_INT(APPLICATION_SIGNINGS_MAX)), NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void fill_room(void)
{
    change_all("UPDATE application_signing SET opened = ?");
}

static void prepare_later(void)
{
    change_all("UPDATE application SET prepared_at = prepared_at + ?");
}

/* Another request of the same person was between the reading and the finding. */
static void what_was_submitted_meanwhile_is_a_conflict(void **state)
{
    CLEANUP(application_done) struct application read = {.form = NULL};
    struct db *db = portal_store_db(site.portal.store);
    struct cardsign signing;

    (void)state;
    begin(drafted);
    assert_int_equal(status("POST", drafted, "/preparation", "{}"), 200);
    assert_int_equal(application_get(db, drafted, owner, &read, NULL), 0);
    assert_int_equal(cardsign_find(&site.portal, &read, &signing, NULL), -ERR_ABSENT);
    assert_int_equal(status("POST", drafted, "/signing", NULL), 201);
    assert_int_equal(cardsign_find(&site.portal, &read, &signing, NULL), 0);
    submit_drafted();
    assert_int_equal(cardsign_find(&site.portal, &read, &signing, NULL), -ERR_CONFLICT);
    assert_int_equal(status("GET", drafted, "/signing", NULL), 404);
}

static void nothing_is_opened_of_what_has_gone_on_meanwhile(void **state)
{
    (void)state;
    begin(drafted);
    app.meanwhile = prepare_later;
    assert_int_equal(status("POST", drafted, "/signing", NULL), 409);
    assert_int_equal(status("GET", drafted, "/signing", NULL), 404);
    app.meanwhile = submit_drafted;
    assert_int_equal(status("POST", drafted, "/signing", NULL), 409);
    assert_int_equal(status("GET", drafted, "/signing", NULL), 404);
}

static void the_room_of_one_person_is_kept_by_many_requests_at_once(void **state)
{
    char id[APPLICATION_ID_SIZE];

    (void)state;
    begin(id);
    assert_int_equal(status("POST", id, "/signing", NULL), 201);
    begin(drafted);
    app.meanwhile = fill_room;
    assert_int_equal(status("POST", drafted, "/signing", NULL), 409);
    assert_int_equal(status("GET", drafted, "/signing", NULL), 404);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(where_the_app_is_away_nothing_is_opened),
        EACH(the_app_is_told_what_is_hashed_and_who_reads_the_certificate),
        EACH(a_token_is_used_as_long_as_it_is_good),
        EACH(a_result_that_makes_no_sense_is_none),
        EACH(a_certificate_for_somebody_else_or_changed_is_not_read),
        EACH(one_person_has_so_many_at_the_app),
        EACH(what_was_submitted_meanwhile_is_a_conflict),
        EACH(nothing_is_opened_of_what_has_gone_on_meanwhile),
        EACH(the_room_of_one_person_is_kept_by_many_requests_at_once),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
