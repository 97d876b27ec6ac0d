/* SPDX-License-Identifier: Apache-2.0 */
#include "support/applying_site.h"

#include "base/base64.h"
#include "base/sock.h"
#include "crypto/jwe.h"
#include "db/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct applying_site applying;

static int on_keys(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct json *key;

    TRY(jwk_write(applying.platform.shown, JWK_ENCRYPTION, &key, err));
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
    TRY(privkey_unwrap(applying.platform.key, buf_bytes(&jwe.encrypted_key), &content_key, err));
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

    applying.platform.asked++;
    assert_string_equal(http_header(&call->request, "Authorization"), "Bearer the portal");
    TRY(check_signature(call->request.json, err));
    TRY(buf_append_format(&text, err, "{\"verdict\":\"%s\"%s}", applying.platform.verdict,
                          strcmp(applying.platform.verdict, "valid") == 0 ? attributes : ""));
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
    int fd;

    (void)tempdir_file(&applying.site.dir, "platform.sock", applying.platform.path);
    assert_int_equal(sock_listen(applying.platform.path, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &applying.platform.server, NULL), 0);
    applying.site.portal.platform.socket = applying.platform.path;
    applying.site.portal.platform.key = "the portal";
}

struct db *applying_db(void)
{
    return portal_store_db(applying.site.portal.store);
}

const char applying_allowance_form[] =
    "{\"needs_signature\":true,\"fields\":["
    "{\"name\":\"name\",\"label\":\"氏名\",\"type\":\"text\",\"is_required\":true,"
    "\"prefill\":\"name\"},"
    "{\"name\":\"child\",\"label\":\"児童\",\"type\":\"text\",\"is_required\":true},"
    "{\"name\":\"apart\",\"label\":\"別居\",\"type\":\"flag\"}],"
    "\"attachments\":[{\"name\":\"proof\",\"label\":\"書類\",\"is_required\":true,\"max_files\":"
    "2,"
    "\"types\":[\"png\",\"pdf\"],\"when\":{\"field\":\"apart\",\"is\":\"yes\"}}]}";
static const char run_form[] =
    "{\"needs_signature\":false,\"fields\":[{\"name\":\"runner\",\"label\":\"走る人\","
    "\"type\":\"text\",\"is_required\":true}]}";

/* What the text with that code asks from now on; its number. */
int64_t applying_put_form(const char *code, const char *form_text)
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
    assert_int_equal(procedure_put_text(applying_db(), &put, &by, &id, NULL), 0);
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

    offering.text = applying_put_form(code, form_text);
    assert_int_equal(procedure_offer(applying_db(), &offering, &by, ret, NULL), 0);
}

static void add_key(const char *code, const char *role, char ret[MUNICIPALITY_KEY_SIZE])
{
    const struct municipality_key_inputs inputs = {code, "n", role};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    assert_int_equal(municipality_key_add(applying_db(), &inputs, &by, ret, NULL), 0);
}

int applying_set_up(void **state)
{
    static const struct municipality places[] = {{"13101", "東京都", "千代田区"},
                                                 {"13102", "東京都", "中央区"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    (void)state;
    portal_site_make(&applying.site);
    start_platform();
    applying.platform.verdict = "valid";
    applying.platform.asked = 0;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(municipality_add(applying_db(), &places[i], &by, NULL), 0);
    add_key("13101", "clerk", applying.clerk);
    add_key("13101", "editor", applying.editor);
    add_key("13102", "clerk", applying.neighbour);
    offer("allowance", applying_allowance_form, true, "", applying.allowance);
    offer("run", run_form, true, "", applying.run);
    offer("paper", run_form, false, "", applying.paper);
    offer("over", run_form, true, "2026-09-20", applying.over); /* yesterday */
    (void)portal_site_open(&applying.site, &applying.hanako, "hanako", 1);
    (void)portal_site_open(&applying.site, &applying.taro, "taro", 2);
    return 0;
}

int applying_tear_down(void **state)
{
    (void)state;
    http_server_stopp(&applying.platform.server);
    portal_site_done(&applying.site);
    return 0;
}

int applying_make_keys(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    (void)state;
    test_pki_make(&applying.pki);
    assert_int_equal(privkey_generate(2048, &applying.platform.key, NULL), 0);
    assert_int_equal(privkey_spki(applying.platform.key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &applying.platform.shown, NULL), 0);
    return 0;
}

int applying_drop_keys(void **state)
{
    (void)state;
    test_pki_done(&applying.pki);
    privkey_freep(&applying.platform.key);
    pubkey_freep(&applying.platform.shown);
    return 0;
}

/* A request with a body of JSON (NULL: none), by a browser or by whoever has a key or ticket. */
struct portal_answer applying_ask(struct portal_browser *browser, const char *key, const char *line,
                                  const char *body)
{
    char field[96] = "";

    if (key != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", key);
    return portal_ask_with(&applying.site, browser, line, field,
                           body == NULL ? NULL : "application/json", body);
}

unsigned applying_status(struct portal_browser *browser, const char *key, const char *line,
                         const char *body)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = applying_ask(browser, key, line, body);

    return answer.status;
}

const char *applying_path(const char *method, const char *id, const char *rest)
{
    static char lines[4][128];
    static unsigned next;
    char *line = lines[next++ % 4];

    (void)snprintf(line, sizeof lines[0], "%s /v1/applications/%s%s", method, id, rest);
    return line;
}

const char *applying_received(const char *method, const char *receipt, const char *rest)
{
    static char lines[4][128];
    static unsigned next;
    char *line = lines[next++ % 4];

    (void)snprintf(line, sizeof lines[0], "%s /v1/municipality/applications/%s%s", method, receipt,
                   rest);
    return line;
}

void applying_begin(struct portal_browser *browser, const char *psid, char ret_id[32],
                    char ret_ticket[64])
{
    char body[64];
    const char *ticket;

    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", psid);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = applying_ask(browser, NULL, "POST /v1/applications", body);
    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, 32, "%s", portal_text(&answer, "id"));
    if (ret_ticket == NULL)
        assert_false(json_has(answer.json, "ticket"));
    else {
        ticket = portal_text(&answer, "ticket");
        (void)snprintf(ret_ticket, 64, "%s", ticket);
    }
}

/* A draft of Hanako's for the applying.allowance, with its answers. */
void applying_draft(char ret_id[32])
{
    applying_begin(&applying.hanako, applying.allowance, ret_id, NULL);
    assert_int_equal(
        applying_status(&applying.hanako, NULL, applying_path("PUT", ret_id, "/answers"), CHILD),
        200);
}

static void append_base64(struct buf *buf, struct bytes data)
{
    assert_int_equal(base64_append(buf, BASE64_PADDED, data, NULL), 0);
}

/* What the card makes of a prepared application: the body of a submission. */
void applying_sign(const char *id, enum profile_kind with, struct buf *ret)
{
    CLEANUP(portal_answer_done)
    struct portal_answer prepared = applying_ask(&applying.hanako, NULL,
                                                 applying_path("POST", id, "/preparation"), "{}");
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest = {.alg = DIGEST_SHA256, .len = 32};

    assert_int_equal(prepared.status, 200);
    assert_int_equal(json_get_base64(prepared.json, "digest", &value, NULL), 0);
    assert_int_equal(value.len, 32);
    memcpy(digest.value, value.ptr, 32);
    assert_int_equal(privkey_sign(applying.pki.keys[with], &digest, &signature, NULL), 0);
    assert_int_equal(buf_append_text(ret, "{\"certificate\":\"", NULL), 0);
    append_base64(ret, x509_cert_der(applying.pki.certs[with]));
    assert_int_equal(buf_append_text(ret, "\",\"signature\":\"", NULL), 0);
    append_base64(ret, buf_bytes(&signature));
    assert_int_equal(buf_append_text(ret, "\"}", NULL), 0);
}

unsigned applying_submit(const char *id, struct buf *body, char ret_receipt[32])
{
    const char *text;

    assert_int_equal(buf_text(body, &text, NULL), 0);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = applying_ask(&applying.hanako, NULL,
                                               applying_path("POST", id, "/submission"), text);
    if (answer.status == 200 && ret_receipt != NULL)
        (void)snprintf(ret_receipt, 32, "%s", portal_text(&answer, "receipt"));
    return answer.status;
}

/* Signed and submitted. */
void applying_apply(char ret_id[32], char ret_receipt[32])
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    applying_draft(ret_id);
    applying_sign(ret_id, PROFILE_SIGN, &body);
    assert_int_equal(applying_submit(ret_id, &body, ret_receipt), 200);
}

unsigned applying_move(const char *receipt, const char *key, const char *body)
{
    return applying_status(NULL, key, applying_received("PUT", receipt, "/state"), body);
}

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

struct json *applying_notices(void)
{
    struct json *list = NULL;

    assert_int_equal(db_list(applying_db(),
                             "SELECT topic, parameters, link FROM notice ORDER BY id", DB_NOTHING,
                             put_notice, &list, NULL),
                     0);
    return list;
}
