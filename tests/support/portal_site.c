/* SPDX-License-Identifier: Apache-2.0 */
#include "support/portal_site.h"

#include "base/random_text.h"
#include "http/engine.h"
#include "paper/font.h"
#include "rpc/signer_worker.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct observed observed;

static void observe(const char *event, const struct err *why)
{
    (void)snprintf(observed.event, sizeof observed.event, "%s", event);
    (void)snprintf(observed.why, sizeof observed.why, "%s", why->text);
}

void portal_site_make(struct portal_site *site)
{
    observed = (struct observed){.event = ""};
    *site = (struct portal_site){.dir = tempdir_make(), .clock = clock_fixed(PORTAL_SITE_NOW)};
    (void)tempdir_file(&site->dir, "portal.db", site->database);
    assert_int_equal(privkey_generate_p256(&site->key, NULL), 0);
    token_signer = (struct token_signer){.key = site->key, .jws = site->key};
    site->portal = (struct portal){
        .kept = &site->kept,
        .clock = &site->clock,
        .observe = observe,
        .origin = PORTAL_SITE_ORIGIN,
        .signer = "/nowhere",
        .app = {.issuer = PORTAL_SITE_ISSUER, .client_id = "portal", .key = "jws-1"}};
    assert_int_equal(portal_store_open(site->database, &site->portal.store, NULL), 0);
    site->portal.desk.db = portal_store_db(site->portal.store);
    assert_int_equal(paper_font_open(NULL, &site->portal.font, NULL), 0);
    assert_int_equal(kiosk_table_load(KIOSK_TABLE, &site->kiosk, NULL), 0);
    site->portal.kiosk = site->kiosk;
    assert_int_equal(portal_load(&site->portal, NULL), 0);
}

void portal_site_done(struct portal_site *site)
{
    portal_store_closep(&site->portal.store);
    portal_done(&site->portal);
    paper_font_freep(&site->portal.font);
    kiosk_table_freep(&site->kiosk);
    portal_kept_done(&site->kept);
    privkey_freep(&site->key);
    tempdir_done(&site->dir);
}

void portal_site_at(struct portal_site *site, int64_t after)
{
    site->clock = clock_fixed(PORTAL_SITE_NOW + after);
}

struct session portal_site_open(struct portal_site *site, struct portal_browser *browser,
                                const char *sub, uint8_t code)
{
    const struct audit_origin by = audit_by_self(clock_now(&site->clock));
    struct session session = {.browser = "Firefox, Linux"};
    uint8_t octets[PORTAL_CODE_SIZE];
    struct opening opening = {.sub = sub,
                              .session = &session,
                              .sid = "sid",
                              .id_token = "token",
                              .person_reference = "reference",
                              .code = code == 0 ? NULL : octets,
                              .is_new_fine = true};

    memset(octets, code, sizeof octets);
    *browser = (struct portal_browser){.cookie = ""};
    assert_int_equal(random_text(browser->cookie, sizeof browser->cookie, NULL), 0);
    assert_int_equal(random_text(session.id, sizeof session.id, NULL), 0);
    assert_int_equal(random_text(session.csrf, sizeof session.csrf, NULL), 0);
    memcpy(browser->csrf, session.csrf, sizeof browser->csrf);
    assert_int_equal(
        digest_compute(DIGEST_SHA256, bytes_text(browser->cookie), &session.hash, NULL), 0);
    assert_int_equal(portal_open_session(site->portal.store, &opening, &by, &session, NULL), 0);
    return session;
}

void portal_site_offer(struct portal_site *site, const char *form_text, char ret_psid[PSID_SIZE])
{
    struct db *db = portal_store_db(site->portal.store);
    static const struct municipality chiyoda = {"13101", "東京都", "千代田区"};
    static const char content_text[] =
        "{\"category\":\"other\",\"events\":[],\"name\":\"手続\",\"summary\":\"s\"}";
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(json_freep) struct json *content = NULL;
    CLEANUP(json_freep) struct json *form = NULL;
    CLEANUP(json_freep) struct json *contact = json_object_new();
    struct procedure_text text = {.owner = "", .code = "c"};
    struct procedure_offering offering = {.municipality = "13101",
                                          .is_online = true,
                                          .from = "",
                                          .until = "",
                                          .department = "課",
                                          .contact = contact};

    assert_int_equal(json_parse(bytes_text(content_text), &content, NULL), 0);
    assert_int_equal(json_parse(bytes_text(form_text), &form, NULL), 0);
    text.content = content;
    text.form = form;
    assert_int_equal(municipality_add(db, &chiyoda, &by, NULL), 0);
    assert_int_equal(procedure_put_text(db, &text, &by, &offering.text, NULL), 0);
    assert_int_equal(procedure_offer(db, &offering, &by, ret_psid, NULL), 0);
}

/* ---- asking ---- */

void portal_answer_done(struct portal_answer *answer)
{
    buf_done(&answer->text);
    json_freep(&answer->json);
}

static void take_cookie(const char *text, const char *name, char *ret, size_t size)
{
    char needle[64];
    const char *at;

    (void)snprintf(needle, sizeof needle, "\r\nSet-Cookie: %s=", name);
    at = strstr(text, needle);
    if (at == NULL)
        return;
    at += strlen(needle);
    (void)snprintf(ret, size, "%.*s", (int)strcspn(at, ";\r"), at);
}

static void put_browser(struct buf *request, const struct portal_browser *browser)
{
    const char *separator = "";

    assert_int_equal(buf_append_text(request, "Cookie: ", NULL), 0);
    if (browser->cookie[0] != '\0') {
        assert_int_equal(buf_append_format(request, NULL, PORTAL_COOKIE "=%s", browser->cookie), 0);
        separator = "; ";
    }
    if (browser->login[0] != '\0')
        assert_int_equal(buf_append_format(request, NULL, "%s" PORTAL_LOGIN_COOKIE "=%s", separator,
                                           browser->login),
                         0);
    assert_int_equal(buf_append_text(request, "\r\n", NULL), 0);
    if (browser->csrf[0] != '\0')
        assert_int_equal(buf_append_format(request, NULL, "X-CSRF-Token: %s\r\n", browser->csrf),
                         0);
}

static void read_body(struct portal_answer *answer, const char *text)
{
    const char *body = strstr(text, "\r\n\r\n");

    if (body != NULL && body[4] == '{')
        assert_int_equal(json_parse(bytes_text(body + 4), &answer->json, NULL), 0);
}

struct portal_answer portal_ask_with(struct portal_site *site, struct portal_browser *browser,
                                     const char *line, const char *fields, const char *type,
                                     const char *body)
{
    static const struct http_peer peer = {.is_unix = false};
    const struct http_server_options options = {.tables = portal_routes,
                                                .context = &site->portal,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close};
    struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const char *text;

    assert_int_equal(
        buf_append_format(&request, NULL, "%s HTTP/1.1\r\nHost: portal\r\n%s", line, fields), 0);
    if (browser != NULL)
        put_browser(&request, browser);
    if (body != NULL)
        assert_int_equal(buf_append_format(&request, NULL,
                                           "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                                           type, strlen(body), body),
                         0);
    else
        assert_int_equal(buf_append_text(&request, "\r\n", NULL), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&request), &answer.text, NULL), 0);
    assert_int_equal(buf_append_byte(&answer.text, 0, NULL), 0); /* a PDF has such octets, too */
    answer.text.len--;
    text = (const char *)answer.text.ptr;
    assert_int_equal(sscanf(text, "HTTP/1.1 %u", &answer.status), 1);
    read_body(&answer, text);
    if (browser != NULL) {
        take_cookie(text, PORTAL_COOKIE, browser->cookie, sizeof browser->cookie);
        take_cookie(text, PORTAL_LOGIN_COOKIE, browser->login, sizeof browser->login);
    }
    return answer;
}

struct portal_answer portal_ask(struct portal_site *site, struct portal_browser *browser,
                                const char *line, struct json *body)
{
    CLEANUP(json_freep) struct json *taken = body;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *sent = NULL;

    if (taken != NULL) {
        assert_int_equal(json_write(taken, &text, NULL), 0);
        assert_int_equal(buf_text(&text, &sent, NULL), 0);
    }
    return portal_ask_with(site, browser, line, "", "application/json", sent);
}

unsigned portal_status(struct portal_site *site, struct portal_browser *browser, const char *line,
                       struct json *body)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = portal_ask(site, browser, line, body);

    return answer.status;
}

struct portal_answer portal_ask_as_process(struct portal_site *site, uid_t uid, const char *line,
                                           const char *type, const char *body)
{
    static const uid_t operators[] = {PORTAL_SITE_OPERATOR};
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = uid}};
    const struct http_server_options options = {.tables = portal_routes,
                                                .context = &site->portal,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close};
    struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const char *text;

    site->portal.desk.operators = operators;
    site->portal.desk.operator_count = 1;
    assert_int_equal(buf_append_format(&request, NULL, "%s HTTP/1.1\r\nHost: portal\r\n", line), 0);
    if (body != NULL)
        assert_int_equal(buf_append_format(&request, NULL,
                                           "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                                           type, strlen(body), body),
                         0);
    else
        assert_int_equal(buf_append_text(&request, "\r\n", NULL), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&request), &answer.text, NULL), 0);
    assert_int_equal(buf_text(&answer.text, &text, NULL), 0);
    assert_int_equal(sscanf(text, "HTTP/1.1 %u", &answer.status), 1);
    read_body(&answer, text);
    return answer;
}

unsigned portal_operate(struct portal_site *site, uid_t uid, const char *line, struct json *body)
{
    CLEANUP(json_freep) struct json *taken = body;
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf sent = BUF_INIT;
    const char *text = NULL;

    if (taken != NULL) {
        assert_int_equal(json_write(taken, &sent, NULL), 0);
        assert_int_equal(buf_text(&sent, &text, NULL), 0);
    }
    answer = portal_ask_as_process(site, uid, line, "application/json", text);
    return answer.status;
}

const char *portal_text(const struct portal_answer *answer, const char *key)
{
    const char *text = NULL;

    assert_non_null(answer->json);
    assert_int_equal(json_get_text(answer->json, key, &text, NULL), 0);
    return text;
}

struct bytes portal_body(const struct portal_answer *answer)
{
    static const char end[] = "\r\n\r\n";
    const uint8_t *at = memmem(answer->text.ptr, answer->text.len, end, strlen(end));

    assert_non_null(at);
    return bytes_part(buf_bytes(&answer->text), (size_t)(at - answer->text.ptr) + strlen(end),
                      answer->text.len);
}

bool portal_has(const struct portal_answer *answer, const char *text)
{
    return strstr((const char *)answer->text.ptr, text) != NULL;
}
