/* SPDX-License-Identifier: Apache-2.0 */
#include "support/portal_provider.h"

#include "base/sock.h"
#include "http/form.h"
#include "http/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct portal_site site;

struct fake_provider provider;
struct fake_register registry;
const char *omitted;

/* ---- the provider ---- */

static int on_configuration(struct http_call *call, struct err *err)
{
    const char *host = provider.token_host == NULL ? provider.origin : provider.token_host;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (provider.is_down)
        return FAIL(err, ERR_REMOTE, "down");
    TRY(buf_append_format(&text, err,
                          "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/auth\","
                          "\"token_endpoint\":\"%s/realm/token\",\"jwks_uri\":\"%s/certs\","
                          "\"end_session_endpoint\":\"%s/logout\"}",
                          provider.issuer, provider.issuer, host, provider.issuer,
                          provider.issuer));
    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&text), err);
}

static struct json *jwk_of(const struct privkey *key)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    struct json *jwk = NULL;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwk_write(public, JWK_SIGNATURE, &jwk, NULL), 0);
    return jwk;
}

static int on_certs(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *set = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (provider.is_down)
        return FAIL(err, ERR_REMOTE, "down");
    TRY(json_add(list, jwk_of(provider.shown), err));
    TRY(json_put(set, "keys", json_steal(&list), err));
    TRY(json_write(set, &text, err));
    while (text.len < provider.padding)
        TRY(buf_append_byte(&text, ' ', err));
    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&text), err);
}

static int on_token(struct http_call *call, struct err *err)
{
    static const char refused[] = "{\"error\":\"invalid_grant\"}";
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct http_fields fields = {NULL, 0};
    const char *code;

    provider.asked++;
    (void)snprintf(provider.form, sizeof provider.form, "%.*s", (int)call->request.body.len,
                   (const char *)call->request.body.ptr);
    TRY(http_form_read(call, &fields, err));
    code = http_form_get(&fields, "code");
    if (code == NULL || strcmp(code, provider.used) == 0)
        return http_reply_bytes(&call->response, 400, "application/json", BYTES_LITERAL(refused),
                                err);
    (void)snprintf(provider.used, sizeof provider.used, "%s", code);
    TRY(buf_append_format(&text, err, "{\"access_token\":\"a\",\"id_token\":\"%.*s\"}",
                          (int)provider.id_token.len, (const char *)provider.id_token.ptr));
    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&text), err);
}

static const struct http_answer any_answers[] = {
    {200, "as it says", .type = "application/json"}, {400, "no", .type = "application/json"}, {0}};
static const struct route provider_rows[] = {
    {.method = HTTP_GET,
     .path = "/realm/.well-known/openid-configuration",
     .access = &http_anyone,
     .handle = on_configuration,
     .operation = "configuration",
     .summary = "Say",
     .answers = any_answers,
     .is_foreign = true},
    {.method = HTTP_GET,
     .path = "/realm/certs",
     .access = &http_anyone,
     .handle = on_certs,
     .operation = "certs",
     .summary = "Show",
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
    {.path = NULL},
};

/* ---- the register ---- */

static int on_codes(struct http_call *call, struct err *err)
{
    const char *reference = NULL;

    registry.asked++;
    assert_int_equal(json_get_text(call->request.json, "person_reference", &reference, NULL), 0);
    assert_string_equal(reference, "a.b.c.d.e");
    if (registry.answer == NULL)
        return FAIL(err, registry.kind, "no");
    return http_reply_bytes(&call->response, 200, "application/json", bytes_text(registry.answer),
                            err);
}

static const struct http_member codes_members[] = {
    {"person_reference", HTTP_TEXT, HTTP_REQUIRED, "r"},
    {"bodies", HTTP_ARRAY, HTTP_REQUIRED, "b"},
    {NULL},
};
static const struct http_answer codes_answers[] = {{200, "codes", .type = "application/json"}, {0}};
static const struct route register_rows[] = {
    {.method = HTTP_POST,
     .path = "/v1/exchange-codes",
     .access = &http_anyone,
     .body = codes_members,
     .handle = on_codes,
     .operation = "codes",
     .summary = "Tell",
     .answers = codes_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};

void start_register(void)
{
    const struct http_server_options options = {.routes = register_rows, .workers = 1};
    int fd;

    (void)tempdir_file(&site.dir, "register.sock", registry.path);
    assert_int_equal(sock_listen(registry.path, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &registry.server, NULL), 0);
    site.portal.register_socket = registry.path;
}

int provider_setup(void **state)
{
    const struct http_server_options options = {.routes = provider_rows, .workers = 1};
    uint16_t port;
    int fd;

    (void)state;
    omitted = NULL;
    portal_site_make(&site);
    memset(&provider, 0, sizeof provider);
    memset(&registry, 0, sizeof registry);
    assert_int_equal(privkey_generate_p256(&provider.key, NULL), 0);
    assert_int_equal(privkey_generate_p256(&provider.other, NULL), 0);
    provider.shown = provider.key;
    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &provider.server, NULL), 0);
    (void)snprintf(provider.origin, sizeof provider.origin, "http://127.0.0.1:%u", (unsigned)port);
    (void)snprintf(provider.issuer, sizeof provider.issuer, "%s/realm", provider.origin);
    site.portal.app.issuer = provider.issuer;
    return 0;
}

int provider_teardown(void **state)
{
    (void)state;
    http_server_stopp(&provider.server);
    http_server_stopp(&registry.server);
    buf_done(&provider.id_token);
    privkey_freep(&provider.key);
    privkey_freep(&provider.other);
    portal_site_done(&site);
    return 0;
}

/* ---- tokens ---- */

void sign_token(const struct privkey *key, const char *typ, const struct json *claims,
                struct buf *ret)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    struct jwk_thumbprint kid;
    struct digest digest;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwk_thumbprint(public, &kid, NULL), 0);
    assert_int_equal(jws_prepare(JWS_ES256, typ, kid.text, claims, &input, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, NULL), 0);
    assert_int_equal(privkey_sign_jws(key, &digest, &signature, NULL), 0);
    buf_done(ret);
    assert_int_equal(jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, NULL), 0);
}

/* A parameter of an address or form, as it is there. */
void value_of(const char *text, const char *name, char ret[PROVIDER_VALUE_SIZE])
{
    char needle[64];
    const char *at;

    (void)snprintf(needle, sizeof needle, "%s=", name);
    at = strstr(text, needle);
    while (at != NULL && at != text && strchr("?&", at[-1]) == NULL)
        at = strstr(at + 1, needle);
    if (at == NULL)
        fail_msg("no %s in %s", name, text);
    at += strlen(needle);
    (void)snprintf(ret, PROVIDER_VALUE_SIZE, "%.*s", (int)strcspn(at, "&\r"), at);
}

struct way set_out(struct portal_browser *browser, const char *line)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, browser, line, NULL);
    const char *text = (const char *)answer.text.ptr;
    const char *at = strstr(text, "\r\nLocation: ");
    struct way way;

    assert_int_equal(answer.status, 303);
    assert_non_null(at);
    at += strlen("\r\nLocation: ");
    (void)snprintf(way.address, sizeof way.address, "%.*s", (int)strcspn(at, "\r"), at);
    value_of(way.address, "state", way.state);
    value_of(way.address, "nonce", way.nonce);
    value_of(way.address, "code_challenge", way.challenge);
    return way;
}

void put_text(struct json *claims, const char *name, const char *text)
{
    if (omitted == NULL || strstr(omitted, name) == NULL)
        assert_int_equal(json_put_text(claims, name, text, NULL), 0);
}

void put_int(struct json *claims, const char *name, int64_t number)
{
    if (omitted == NULL || strstr(omitted, name) == NULL)
        assert_int_equal(json_put_int(claims, name, number, NULL), 0);
}

struct json *good_claims(const struct way *way)
{
    int64_t now = clock_now(&site.clock);
    struct json *claims = json_object_new();

    put_text(claims, "iss", provider.issuer);
    put_text(claims, "sub", "pseudonym");
    put_text(claims, "aud", "portal");
    put_text(claims, "nonce", way->nonce);
    put_text(claims, "acr", "aal3");
    put_text(claims, "sid", "sid-1");
    put_int(claims, "iat", now);
    put_int(claims, "exp", now + 300);
    return claims;
}

/* The browser comes back with these parameters behind its state; where it is led. */
void come_back(struct portal_browser *browser, const char *state, const char *more,
               char ret_place[PROVIDER_VALUE_SIZE])
{
    char line[PROVIDER_TEXT_SIZE];
    const char *at;

    (void)snprintf(line, sizeof line, "GET " PORTAL_CALLBACK "?state=%s%s", state, more);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, browser, line, NULL);
    assert_int_equal(answer.status, 303);
    at = strstr((const char *)answer.text.ptr, "\r\nLocation: ") + strlen("\r\nLocation: ");
    (void)snprintf(ret_place, PROVIDER_VALUE_SIZE, "%.*s", (int)strcspn(at, "\r"), at);
}

/* "&iss=...&code=..." */
const char *with_code(const char *code)
{
    static char more[256];

    (void)snprintf(more, sizeof more, "&iss=http%%3A%%2F%%2F%.40s%%2Frealm&code=%.40s",
                   provider.origin + strlen("http://"), code);
    return more;
}

void assert_led(struct portal_browser *browser, const struct way *way, const char *place)
{
    static unsigned next;
    char code[32];
    char led[PROVIDER_VALUE_SIZE];

    (void)snprintf(code, sizeof code, "code-%u", next++);
    come_back(browser, way->state, with_code(code), led);
    assert_string_equal(led, place);
}

void assert_refused(struct portal_browser *browser, const struct way *way, const char *why)
{
    observed = (struct observed){.event = ""};
    assert_led(browser, way, "/#/login/refused");
    assert_string_equal(observed.event, "login.refused");
    assert_string_equal(observed.why, why);
}

/* All of it, by claims that are given up. */
void log_in_with(struct portal_browser *browser, struct json *claims, const struct way *way,
                 const char *place)
{
    sign_token(provider.key, "JWT", claims, &provider.id_token);
    json_free(claims);
    assert_led(browser, way, place);
}

void log_in(struct portal_browser *browser)
{
    const struct way way = set_out(browser, "GET /login?page=sessions");

    log_in_with(browser, good_claims(&way), &way, "/#/sessions");
    {
        CLEANUP(portal_answer_done)
        struct portal_answer me = portal_ask(&site, browser, "GET /v1/me", NULL);
        assert_int_equal(me.status, 200);
        (void)snprintf(browser->csrf, sizeof browser->csrf, "%s", portal_text(&me, "csrf"));
    }
}
