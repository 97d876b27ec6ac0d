/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applying: by somebody who has logged in and signs, and by somebody without a login where nothing
 * is signed; what the municipality sees and does; and what is nobody else's. The platform is one
 * that opens the certificate, verifies the signature itself, and says the verdict that a test
 * wants.
 */
#include "support/portal_site.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/sock.h"
#include "crypto/jwe.h"
#include "db/list.h"
#include "docsign/xml_signature.h"
#include "portal/application/applicant.h"
#include "portal/application/file.h"
#include "portal/application/store.h"
#include "portal/municipality/key.h"
#include "support/extract.h"
#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;
static struct test_pki pki;
static struct portal_browser hanako, taro;
static char clerk[MUNICIPALITY_KEY_SIZE], neighbour[MUNICIPALITY_KEY_SIZE],
    editor[MUNICIPALITY_KEY_SIZE];

static struct {
    char path[TEMPDIR_FILE_SIZE];
    struct http_server *server;
    struct privkey *key;
    struct pubkey *shown;
    const char *verdict;
    unsigned asked;
} platform;

static int on_keys(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct json *key;

    TRY(jwk_write(platform.shown, JWK_ENCRYPTION, &key, err));
    TRY(json_add(keys, key, err));
    TRY(json_put(body, "keys", json_steal(&keys), err));
    TRY(json_write(body, &text, err));
    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&text), err);
}

/* The certificate in a JWE for the platform. */
static int open_certificate(const char *compact, struct x509_cert **ret, struct err *err)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret content_key = SECRET_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    TRY(jwe_parse(bytes_text(compact), &jwe, err));
    TRY(privkey_unwrap(platform.key, buf_bytes(&jwe.encrypted_key), &content_key, err));
    TRY(jwe_decrypt(&jwe, &content_key, &der, err));
    return x509_cert_parse(buf_bytes(&der), ret, err);
}

static int check_signature(const struct json *question, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    const struct json *object;
    struct digest digest = {.alg = DIGEST_SHA256};
    const char *compact;

    TRY(json_get_text(question, "certificate", &compact, err));
    TRY(open_certificate(compact, &cert, err));
    TRY(json_get_base64(question, "signature", &signature, err));
    TRY(json_get_object(question, "digest", &object, err));
    TRY(json_get_base64(object, "value", &value, err));
    digest.len = value.len;
    memcpy(digest.value, value.ptr, value.len);
    return pubkey_verify(x509_cert_pubkey(cert), &digest, buf_bytes(&signature), err);
}

static int on_verification(struct http_call *call, struct err *err)
{
    static const char attributes[] =
        ",\"attributes\":{\"name\":\"番号　花子\",\"address\":\"東京都千代田区\","
        "\"birth_date\":\"1990-04-15\",\"sex\":\"female\"}";
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    platform.asked++;
    assert_string_equal(http_header(&call->request, "Authorization"), "Bearer the portal");
    TRY(check_signature(call->request.json, err));
    TRY(buf_append_format(&text, err, "{\"verdict\":\"%s\"%s}", platform.verdict,
                          strcmp(platform.verdict, "valid") == 0 ? attributes : ""));
    return http_reply_bytes(&call->response, 201, "application/json", buf_bytes(&text), err);
}

static const struct http_member digest_members[] = {
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "a"}, {"value", HTTP_TEXT, HTTP_REQUIRED, "v"}, {NULL}};
static const struct http_member question_members[] = {
    {"digest", HTTP_OBJECT, HTTP_REQUIRED, "d", digest_members},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "s"},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "c"},
    {NULL},
};
static const struct http_answer any_answers[] = {
    {200, "keys", .type = "application/json"}, {201, "a verdict", .type = "application/json"}, {0}};
static const struct route platform_rows[] = {
    {.method = HTTP_GET,
     .path = "/v1/keys",
     .access = &http_anyone,
     .handle = on_keys,
     .operation = "keys",
     .summary = "Show",
     .answers = any_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = "/v1/verifications",
     .access = &http_anyone,
     .body = question_members,
     .handle = on_verification,
     .operation = "verify",
     .summary = "Say",
     .answers = any_answers,
     .is_foreign = true},
    {.path = NULL},
};

static void start_platform(void)
{
    const struct http_server_options options = {.routes = platform_rows, .workers = 1};
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    int fd;

    assert_int_equal(privkey_generate(2048, &platform.key, NULL), 0);
    assert_int_equal(privkey_spki(platform.key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &platform.shown, NULL), 0);
    (void)tempdir_file(&site.dir, "platform.sock", platform.path);
    assert_int_equal(sock_listen(platform.path, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &platform.server, NULL), 0);
    site.portal.platform.socket = platform.path;
    site.portal.platform.key = "the portal";
}

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

#define ALLOWANCE                                                                                   \
    "{\"needs_signature\":true,\"fields\":["                                                        \
    "{\"name\":\"name\",\"label\":\"氏名\",\"type\":\"text\",\"is_required\":true,"               \
    "\"prefill\":\"name\"},"                                                                        \
    "{\"name\":\"child\",\"label\":\"児童\",\"type\":\"text\",\"is_required\":true},"             \
    "{\"name\":\"apart\",\"label\":\"別居\",\"type\":\"flag\"}],"                                 \
    "\"attachments\":[{\"name\":\"proof\",\"label\":\"書類\",\"is_required\":true,\"max_files\":" \
    "2,"                                                                                            \
    "\"types\":[\"png\",\"pdf\"],\"when\":{\"field\":\"apart\",\"is\":\"yes\"}}]}"
#define RUN                                                                                        \
    "{\"needs_signature\":false,\"fields\":[{\"name\":\"runner\",\"label\":\"走る人\","         \
    "\"type\":\"text\",\"is_required\":true}]}"

/* What the text with that code asks from now on; its number. */
static int64_t put_form(const char *code, const char *form_text)
{
    static const char text[] =
        "{\"category\":\"childcare\",\"events\":[],\"name\":\"手続\",\"summary\":\"s\"}";
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(json_freep) struct json *content = NULL;
    CLEANUP(json_freep) struct json *form = NULL;
    struct procedure_text put = {.owner = "", .code = code};
    int64_t id;

    assert_int_equal(json_parse(bytes_text(text), &content, NULL), 0);
    assert_int_equal(json_parse(bytes_text(form_text), &form, NULL), 0);
    put.content = content;
    put.form = form;
    assert_int_equal(procedure_put_text(db(), &put, &by, &id, NULL), 0);
    return id;
}

static void offer(const char *code, const char *form_text, bool is_online, const char *until,
                  char ret[PSID_SIZE])
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(json_freep) struct json *contact = json_object_new();
    struct procedure_offering offering = {.municipality = "13101",
                                          .is_online = is_online,
                                          .from = "",
                                          .until = until,
                                          .department = "課",
                                          .contact = contact};

    offering.text = put_form(code, form_text);
    assert_int_equal(procedure_offer(db(), &offering, &by, ret, NULL), 0);
}

static char allowance[PSID_SIZE], run[PSID_SIZE], paper[PSID_SIZE], over[PSID_SIZE];

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
    start_platform();
    platform.verdict = "valid";
    platform.asked = 0;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(municipality_add(db(), &places[i], &by, NULL), 0);
    add_key("13101", "clerk", clerk);
    add_key("13101", "editor", editor);
    add_key("13102", "clerk", neighbour);
    offer("allowance", ALLOWANCE, true, "", allowance);
    offer("run", RUN, true, "", run);
    offer("paper", RUN, false, "", paper);
    offer("over", RUN, true, "2026-09-20", over); /* yesterday */
    (void)portal_site_open(&site, &hanako, "hanako", 1);
    (void)portal_site_open(&site, &taro, "taro", 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_server_stopp(&platform.server);
    privkey_freep(&platform.key);
    pubkey_freep(&platform.shown);
    portal_site_done(&site);
    return 0;
}

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int drop_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

/* A request with a body of JSON (NULL: none), by a browser or by whoever has a key or ticket. */
static struct portal_answer ask(struct portal_browser *browser, const char *key, const char *line,
                                const char *body)
{
    char field[96] = "";

    if (key != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", key);
    return portal_ask_with(&site, browser, line, field, body == NULL ? NULL : "application/json",
                           body);
}

static unsigned status(struct portal_browser *browser, const char *key, const char *line,
                       const char *body)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(browser, key, line, body);

    return answer.status;
}

static const char *path(const char *method, const char *id, const char *rest)
{
    static char lines[4][128];
    static unsigned next;
    char *line = lines[next++ % 4];

    (void)snprintf(line, sizeof lines[0], "%s /v1/applications/%s%s", method, id, rest);
    return line;
}

static const char *received(const char *method, const char *receipt, const char *rest)
{
    static char lines[4][128];
    static unsigned next;
    char *line = lines[next++ % 4];

    (void)snprintf(line, sizeof lines[0], "%s /v1/municipality/applications/%s%s", method, receipt,
                   rest);
    return line;
}

static void begin(struct portal_browser *browser, const char *psid, char ret_id[32],
                  char ret_ticket[64])
{
    char body[64];
    const char *ticket;

    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", psid);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(browser, NULL, "POST /v1/applications", body);
    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, 32, "%s", portal_text(&answer, "id"));
    if (ret_ticket == NULL)
        assert_false(json_has(answer.json, "ticket"));
    else {
        ticket = portal_text(&answer, "ticket");
        (void)snprintf(ret_ticket, 64, "%s", ticket);
    }
}

#define CHILD "{\"answers\":[{\"field\":\"child\",\"value\":\"番号　太郎 <&>\"}]}"
#define APART                                                                                      \
    "{\"answers\":[{\"field\":\"child\",\"value\":\"番号　太郎\"},"                           \
    "{\"field\":\"apart\",\"value\":\"yes\"}]}"
#define RUNNER "{\"answers\":[{\"field\":\"runner\",\"value\":\"走る人\"}]}"

/* A draft of Hanako's for the allowance, with its answers. */
static void draft(char ret_id[32])
{
    begin(&hanako, allowance, ret_id, NULL);
    assert_int_equal(status(&hanako, NULL, path("PUT", ret_id, "/answers"), CHILD), 200);
}

static void append_base64(struct buf *buf, struct bytes data)
{
    assert_int_equal(base64_append(buf, BASE64_PADDED, data, NULL), 0);
}

/* What the card makes of a prepared application: the body of a submission. */
static void sign(const char *id, enum profile_kind with, struct buf *ret)
{
    CLEANUP(portal_answer_done)
    struct portal_answer prepared = ask(&hanako, NULL, path("POST", id, "/preparation"), "{}");
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest = {.alg = DIGEST_SHA256, .len = 32};

    assert_int_equal(prepared.status, 200);
    assert_int_equal(json_get_base64(prepared.json, "digest", &value, NULL), 0);
    assert_int_equal(value.len, 32);
    memcpy(digest.value, value.ptr, 32);
    assert_int_equal(privkey_sign(pki.keys[with], &digest, &signature, NULL), 0);
    assert_int_equal(buf_append_text(ret, "{\"certificate\":\"", NULL), 0);
    append_base64(ret, x509_cert_der(pki.certs[with]));
    assert_int_equal(buf_append_text(ret, "\",\"signature\":\"", NULL), 0);
    append_base64(ret, buf_bytes(&signature));
    assert_int_equal(buf_append_text(ret, "\"}", NULL), 0);
}

static unsigned submit(const char *id, struct buf *body, char ret_receipt[32])
{
    const char *text;

    assert_int_equal(buf_text(body, &text, NULL), 0);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(&hanako, NULL, path("POST", id, "/submission"), text);
    if (answer.status == 200 && ret_receipt != NULL)
        (void)snprintf(ret_receipt, 32, "%s", portal_text(&answer, "receipt"));
    return answer.status;
}

/* Signed and submitted. */
static void apply(char ret_id[32], char ret_receipt[32])
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    draft(ret_id);
    sign(ret_id, PROFILE_SIGN, &body);
    assert_int_equal(submit(ret_id, &body, ret_receipt), 200);
}

static unsigned move(const char *receipt, const char *key, const char *body)
{
    return status(NULL, key, received("PUT", receipt, "/state"), body);
}

static void a_signed_application_reaches_its_municipality(void **state)
{
    char id[32], receipt[32];
    const char *at;
    CLEANUP(xml_signed_done) struct xml_signed xml = {.kind = KEY_RSA};

    (void)state;
    apply(id, receipt);
    assert_string_equal(receipt, "13101-20260921-000001");
    assert_int_equal(platform.asked, 1);
    CLEANUP(portal_answer_done)
    struct portal_answer shown = ask(NULL, clerk, received("GET", receipt, ""), NULL);
    assert_int_equal(shown.status, 200);
    assert_true(portal_has(&shown, "番号　花子")); /* of the certificate */
    assert_true(portal_has(&shown, "番号　太郎 <&>"));
    assert_false(portal_has(&shown, "ticket"));
    CLEANUP(portal_answer_done)
    struct portal_answer document = ask(NULL, clerk, received("GET", receipt, "/document"), NULL);
    assert_int_equal(document.status, 200);
    assert_true(portal_has(&document, "Content-Disposition: attachment"));
    assert_true(portal_has(&document, "番号　太郎 &lt;&amp;&gt;"));
    at = strstr((const char *)document.text.ptr, "<?xml");
    assert_non_null(at);
    assert_int_equal(xml_signature_parse(bytes_text(at), &xml, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&xml.certificate), x509_cert_der(pki.certs[PROFILE_SIGN])));
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
    draft(id);
    assert_int_equal(status(&hanako, NULL, path("GET", id, "/receipt"), NULL), 404);
    apply(id, receipt);
    assert_int_equal(status(&taro, NULL, path("GET", id, "/receipt"), NULL), 404);
    assert_int_equal(status(NULL, NULL, path("GET", id, "/receipt"), NULL), 403);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"received\"}"), 204);
    CLEANUP(portal_answer_done)
    struct portal_answer document = ask(&hanako, NULL, path("GET", id, "/document"), NULL);
    assert_int_equal(digest_compute(DIGEST_SHA256, portal_body(&document), &digest, NULL), 0);
    assert_int_equal(hex_append(&hex, digest_bytes(&digest), NULL), 0);
    assert_int_equal(buf_text(&hex, &digits, NULL), 0);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(&hanako, NULL, path("GET", id, "/receipt"), NULL);
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
    apply(id, receipt);
    apply(id, receipt);
    assert_string_equal(receipt, "13101-20260921-000002");
    portal_site_at(&site, 60); /* the sessions are of now */
    CLEANUP(portal_answer_done)
    struct portal_answer list = ask(
        NULL, clerk, "GET /v1/municipality/applications?after=13101-20260921-000001", NULL);
    assert_true(portal_has(&list, "13101-20260921-000002"));
    assert_false(portal_has(&list, "13101-20260921-000001"));
}

static void what_is_not_complete_is_not_submitted(void **state)
{
    char id[32];

    (void)state;
    begin(&hanako, allowance, id, NULL);
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/preparation"), "{}"), 400);
    assert_int_equal(status(&hanako, NULL, path("PUT", id, "/answers"), APART), 200);
    /* now the attachment is missing */
    CLEANUP(portal_answer_done)
    struct portal_answer shown = ask(&hanako, NULL, path("GET", id, ""), NULL);
    assert_true(portal_has(&shown, "{\"field\":\"proof\",\"problem\":\"missing\"}"));
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/preparation"), "{}"), 400);
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/submission"), "{}"), 400);
    assert_int_equal(platform.asked, 0);
}

static void a_signature_of_something_else_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[32];

    (void)state;
    draft(id);
    sign(id, PROFILE_SIGN, &body);
    /* answered otherwise after it was signed */
    assert_int_equal(status(&hanako, NULL, path("PUT", id, "/answers"),
                            "{\"answers\":[{\"field\":\"child\",\"value\":\"他人\"}]}"),
                     200);
    assert_int_equal(submit(id, &body, NULL), 422);
    assert_int_equal(platform.asked, 0);
    CLEANUP(portal_answer_done)
    struct portal_answer shown = ask(&hanako, NULL, path("GET", id, ""), NULL);
    assert_true(portal_has(&shown, "\"state\":\"draft\""));
}

static void only_what_the_platform_finds_valid_counts(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[32];

    (void)state;
    draft(id);
    sign(id, PROFILE_SIGN, &body);
    platform.verdict = "invalid";
    assert_int_equal(submit(id, &body, NULL), 422);
    platform.verdict = "indeterminate";
    assert_int_equal(submit(id, &body, NULL), 503);
    platform.verdict = "valid";
    http_server_stopp(&platform.server);
    assert_int_equal(submit(id, &body, NULL), 503);
    site.portal.platform.socket = NULL;
    assert_int_equal(submit(id, &body, NULL), 503);
}

static void what_is_to_be_signed_is_not_submitted_without(void **state)
{
    char id[32];

    (void)state;
    draft(id);
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/submission"), "{}"), 400);
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/submission"),
                            "{\"certificate\":\"MAA=\",\"signature\":\"AAAA\"}"),
                     400);
}

static void of_two_submissions_one_counts(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[32], receipt[32];

    (void)state;
    draft(id);
    sign(id, PROFILE_SIGN, &body);
    assert_int_equal(submit(id, &body, receipt), 200);
    assert_int_equal(submit(id, &body, NULL), 409);
    assert_int_equal(status(&hanako, NULL, path("PUT", id, "/answers"), CHILD), 409);
    CLEANUP(portal_answer_done)
    struct portal_answer list = ask(NULL, clerk, "GET /v1/municipality/applications", NULL);
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
    begin(NULL, run, id, ticket);
    assert_int_equal(applicant_of_ticket(ticket, owner, NULL), 0);
    assert_int_equal(application_get(db(), id, owner, &application, NULL), 0);
    submission.id = id;
    submission.owner = owner;
    submission.revision = application.revision;
    assert_int_equal(status(NULL, ticket, path("PUT", id, "/answers"), RUNNER), 200);
    assert_int_equal(application_submit(db(), &submission, &by, receipt, NULL), -ERR_CONFLICT);
    submission.revision++;
    assert_int_equal(application_submit(db(), &submission, &by, receipt, NULL), 0);
}

/* ---- without a login ---- */

/* The notices of an account, one after the other: topic, parameters, link. */
static int put_notice(const struct db_rows *row, struct json *list, struct err *err)
{
    char text[3][256];
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    const char *whole;

    for (int i = 0; i < 3; i++)
        TRY(db_text(row, i, text[i], sizeof text[i], err));
    TRY(buf_append_format(&line, err, "%s %s %s", text[0], text[1], text[2]));
    TRY(buf_text(&line, &whole, err));
    return json_add_text(list, whole, err);
}

static struct json *notices(void)
{
    struct json *list = NULL;

    assert_int_equal(db_list(db(), "SELECT topic, parameters, link FROM notice ORDER BY id",
                             DB_NOTHING, put_notice, &list, NULL),
                     0);
    return list;
}

static void what_is_not_signed_needs_no_login(void **state)
{
    char id[32], ticket[64], receipt[32];

    (void)state;
    begin(NULL, run, id, ticket);
    (void)put_form("run", ALLOWANCE); /* from now on; the clerk reads what was asked here */
    assert_int_equal(status(NULL, ticket, path("PUT", id, "/answers"), RUNNER), 200);
    CLEANUP(portal_answer_done)
    struct portal_answer done = ask(NULL, ticket, path("POST", id, "/submission"), "{}");
    assert_int_equal(done.status, 200);
    (void)snprintf(receipt, sizeof receipt, "%s", portal_text(&done, "receipt"));
    CLEANUP(portal_answer_done)
    struct portal_answer shown = ask(NULL, clerk, received("GET", receipt, ""), NULL);
    assert_true(portal_has(&shown, "\"label\":\"走る人\""));
    assert_false(portal_has(&shown, "別居"));
    assert_false(json_has(shown.json, "applicant"));
    assert_int_equal(status(NULL, clerk, received("GET", receipt, "/document"), NULL), 404);
    assert_int_equal(platform.asked, 0);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"received\"}"), 204);
    CLEANUP(json_freep) struct json *told = notices(); /* a ticket has none */
    assert_int_equal(json_count(told), 0);
}

static void what_is_signed_needs_one(void **state)
{
    char body[64];

    (void)state;
    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", allowance);
    assert_int_equal(status(NULL, NULL, "POST /v1/applications", body), 403);
    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", paper);
    assert_int_equal(status(&hanako, NULL, "POST /v1/applications", body), 404);
    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", over);
    assert_int_equal(status(&hanako, NULL, "POST /v1/applications", body), 409);
    assert_int_equal(status(&hanako, NULL, "POST /v1/applications", "{\"psid\":\"1\"}"), 404);
}

/* ---- states ---- */

static void a_municipality_works_on_it_and_the_owner_follows(void **state)
{
    char id[32], receipt[32];
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    (void)state;
    apply(id, receipt);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"completed\"}"), 409); /* not received */
    assert_int_equal(move(receipt, clerk, "{\"state\":\"received\"}"), 204);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"returned\"}"), 400); /* says not why */
    assert_int_equal(move(receipt, clerk, "{\"state\":\"returned\",\"note\":\"氏名を\"}"), 204);
    CLEANUP(portal_answer_done)
    struct portal_answer shown = ask(&hanako, NULL, path("GET", id, ""), NULL);
    assert_true(portal_has(&shown, "氏名を"));
    /* corrected, signed and submitted again under its number */
    assert_int_equal(status(&hanako, NULL, path("PUT", id, "/answers"),
                            "{\"answers\":[{\"field\":\"child\",\"value\":\"番号　次郎\"}]}"),
                     200);
    sign(id, PROFILE_SIGN, &body);
    {
        char again[32];

        assert_int_equal(submit(id, &body, again), 200);
        assert_string_equal(again, receipt);
    }
    assert_int_equal(move(receipt, clerk, "{\"state\":\"received\"}"), 204);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"completed\"}"), 204);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"rejected\",\"note\":\"n\"}"), 409);
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/withdrawal"), NULL), 409);
    CLEANUP(portal_answer_done)
    struct portal_answer end = ask(NULL, clerk, received("GET", receipt, ""), NULL);
    assert_true(portal_has(&end, "\"state\":\"completed\""));
    assert_true(portal_has(&end, "\"round\":2"));
    assert_true(portal_has(&end, "番号　次郎"));
}

static void owners_withdraw_until_it_is_decided(void **state)
{
    char id[32], receipt[32];

    (void)state;
    draft(id);
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/withdrawal"), NULL), 204);
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/withdrawal"), NULL), 409);
    apply(id, receipt);
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/withdrawal"), NULL), 204);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"received\"}"), 409);
    CLEANUP(portal_answer_done)
    struct portal_answer list = ask(NULL, clerk,
                                    "GET /v1/municipality/applications?state=withdrawn", NULL);
    assert_true(portal_has(&list, receipt));
}

static void a_state_is_said_in_its_limits(void **state)
{
    char id[32], receipt[32], body[APPLICATION_NOTE_MAX + 64];
    int head = snprintf(body, sizeof body, "{\"state\":\"rejected\",\"note\":\"");

    (void)state;
    apply(id, receipt);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"received\"}"), 204);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"done\"}"), 400);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"withdrawn\"}"), 409); /* the owner's */
    assert_int_equal(move(receipt, clerk, "{\"state\":\"rejected\",\"note\":\"a\\u202eb\"}"), 400);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"rejected\",\"note\":\" 　\"}"), 400);
    memset(body + head, 'n', APPLICATION_NOTE_MAX + 1);
    (void)snprintf(body + head + APPLICATION_NOTE_MAX + 1, 8, "\"}");
    assert_int_equal(move(receipt, clerk, body), 400);
    (void)snprintf(body + head + APPLICATION_NOTE_MAX, 8, "\"}");
    assert_int_equal(move(receipt, clerk, body), 204);
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
    draft(id);
    begin(NULL, run, other, ticket);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *line = path(rows[i].method, id, rows[i].rest);

        assert_int_equal(status(&taro, NULL, line, rows[i].body), 404);
        assert_int_equal(status(NULL, ticket, line, rows[i].body), 404);
        assert_int_equal(status(NULL, clerk, line, rows[i].body), 404);
        assert_int_equal(status(NULL, NULL, line, rows[i].body), 403);
        /* and not his own without the session's token */
        if (strcmp(rows[i].method, "GET") != 0) {
            struct portal_browser forged = hanako;

            forged.csrf[0] = '\0';
            assert_int_equal(status(&forged, NULL, line, rows[i].body), 403);
        }
    }
    CLEANUP(portal_answer_done)
    struct portal_answer list = ask(&taro, NULL, "GET /v1/applications", NULL);
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
    apply(id, receipt);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *line = received(rows[i].method, receipt, rows[i].rest);

        assert_int_equal(status(NULL, neighbour, line, rows[i].body), 404);
        assert_int_equal(status(NULL, editor, line, rows[i].body), 403);
        assert_int_equal(status(&hanako, NULL, line, rows[i].body), 403);
        assert_int_equal(status(NULL, NULL, line, rows[i].body), 403);
    }
    CLEANUP(portal_answer_done)
    struct portal_answer list = ask(NULL, neighbour, "GET /v1/municipality/applications", NULL);
    assert_false(portal_has(&list, receipt));
}

static void a_municipality_sees_no_drafts(void **state)
{
    char id[32];

    (void)state;
    draft(id);
    CLEANUP(portal_answer_done)
    struct portal_answer list = ask(NULL, clerk, "GET /v1/municipality/applications", NULL);
    assert_false(portal_has(&list, id));
    assert_int_equal(status(NULL, clerk, received("GET", id, ""), NULL), 404);
}

static void an_account_has_so_many_drafts(void **state)
{
    char id[32], body[64];

    (void)state;
    for (int i = 0; i < APPLICATION_OPEN_MAX; i++)
        begin(&hanako, run, id, NULL);
    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", run);
    assert_int_equal(status(&hanako, NULL, "POST /v1/applications", body), 409);
    assert_int_equal(status(&hanako, NULL, path("POST", id, "/withdrawal"), NULL), 204);
    assert_int_equal(status(&hanako, NULL, "POST /v1/applications", body), 201);
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
        assert_int_equal(
            application_begin(db(), run, &(struct beginner){.owner = owner}, &by, id, NULL), 0);
        assert_int_equal(application_submit(db(), &submission, &by, receipt, NULL), 0);
    }
    assert_int_equal(application_list(db(), &query, &first, NULL), 0);
    assert_int_equal(json_count(first), APPLICATION_PAGE_MAX);
    assert_int_equal(
        json_get_text(json_at(first, APPLICATION_PAGE_MAX - 1), "receipt", &query.after, NULL), 0);
    assert_int_equal(application_list(db(), &query, &second, NULL), 0);
    assert_int_equal(json_count(second), 1);
}

/* ---- what the owner is told ---- */

static void the_owner_is_told_what_the_municipality_did(void **state)
{
    char id[32], receipt[32], wanted[256];

    (void)state;
    apply(id, receipt);
    CLEANUP(json_freep) struct json *before = notices();
    assert_int_equal(json_count(before), 0); /* what he does himself he knows */
    assert_int_equal(move(receipt, clerk, "{\"state\":\"received\"}"), 204);
    assert_int_equal(move(receipt, clerk, "{\"state\":\"received\"}"), 409); /* nothing happened */
    assert_int_equal(move(receipt, clerk, "{\"state\":\"rejected\",\"note\":\"秘密の理由\"}"), 204);
    CLEANUP(json_freep) struct json *told = notices();
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
    apply(id, receipt);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(db(), &txn, NULL), 0);
        assert_int_equal(
            db_execute(&txn, "UPDATE application SET name = 'www.evil'", DB_NOTHING, NULL), 0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    assert_int_equal(move(receipt, clerk, "{\"state\":\"received\"}"), 204);
    CLEANUP(json_freep) struct json *told = notices();
    assert_int_equal(json_count(told), 1);
    assert_null(strstr(json_text(json_at(told, 0)), "evil"));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
        EACH(what_is_not_signed_needs_no_login),
        EACH(what_is_signed_needs_one),
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

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
