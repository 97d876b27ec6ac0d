/* SPDX-License-Identifier: Apache-2.0 */
#include "support/authapp_site.h"

#include "authapp/client/register.h"
#include "http/engine.h"
#include "http/oauth.h"
#include "rpc/signer_worker.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* RFC 7636, appendix B. */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

/* ---- the platform ---- */

static int judge(struct http_call *call, struct err *err)
{
    struct authapp_site *site = call->context;

    site->asked++;
    if (site->verdict == NULL)
        return FAIL(err, ERR_REMOTE, "the authority does not answer");
    return http_reply_bytes(&call->response, 201, "application/json", bytes_text(site->verdict),
                            err);
}

static const struct http_answer judged[] = {{201, "a verdict", .type = "application/json"}, {0}};
static const struct http_member message_members[] = {
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "o"},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "c"},
    {"redirect_uri", HTTP_TEXT, HTTP_REQUIRED, "r"},
    {"session", HTTP_TEXT, HTTP_REQUIRED, "s"},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "n"},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "e"},
    {NULL}};
static const struct http_member sign_members[] = {{"signature", HTTP_TEXT, HTTP_REQUIRED, "s"},
                                                  {"certificate", HTTP_TEXT, HTTP_REQUIRED, "c"},
                                                  {NULL}};
static const struct http_member judge_members[] = {
    {"message", HTTP_OBJECT, HTTP_REQUIRED, "m", message_members},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "s"},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "c"},
    {"sign", HTTP_OBJECT, HTTP_OPTIONAL, "s", sign_members},
    {NULL}};
static const struct route platform_rows[] = {{.method = HTTP_POST,
                                              .path = "/v1/authentications",
                                              .access = &http_anyone,
                                              .body = judge_members,
                                              .handle = judge,
                                              .operation = "authenticate",
                                              .summary = "Judge",
                                              .answers = judged},
                                             {.path = NULL}};

static void start_platform(struct authapp_site *site)
{
    const struct http_server_options options = {
        .routes = platform_rows, .context = site, .workers = 1};
    uint16_t port;
    int fd;

    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &site->platform, NULL), 0);
    (void)snprintf(site->url, sizeof site->url, "http://127.0.0.1:%u", (unsigned)port);
}

/* ---- the provider ---- */

static void add_clients(struct authapp_site *site)
{
    static const char bank[] =
        "{\"client_id\":\"bank\",\"client_name\":\"見本銀行 <b>\",\"profile\":\"authapp\","
        "\"redirect_uris\":[\"" AUTHAPP_SITE_REDIRECT "\",\"http://127.0.0.1/cb\"],"
        "\"sector_identifier_uri\":\"https://bank.example/sector\","
        "\"post_logout_redirect_uris\":[\"https://bank.example/bye\"],"
        "\"grant_types\":[\"authorization_code\",\"refresh_token\",\"client_credentials\"],"
        "\"scope\":\"openid name address birthdate gender sign\",\"jwks\":{\"keys\":[%s]}}";
    static const char shop[] =
        "{\"client_id\":\"shop\",\"client_name\":\"Shop\",\"profile\":\"basic\","
        "\"id_token_signed_response_alg\":\"ES256\","
        "\"redirect_uris\":[\"https://shop.example/cb\"],\"scope\":\"openid name\"}";
    const struct audit_origin by = audit_by_self(AUTHAPP_SITE_NOW);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf metadata = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(json_freep) struct json *jwk = NULL;
    const char *jwk_text;
    char secret[CLIENT_SECRET_SIZE];

    assert_int_equal(privkey_spki(site->client, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwk_write(public, JWK_SIGNATURE, &jwk, NULL), 0);
    assert_int_equal(json_write(jwk, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &jwk_text, NULL), 0);
    assert_int_equal(buf_append_format(&metadata, NULL, bank, jwk_text), 0);
    assert_int_equal(client_register(site->authapp.store, buf_bytes(&metadata), &by, secret, NULL),
                     0);
    assert_string_equal(secret, "");
    assert_int_equal(
        client_register(site->authapp.store, BYTES_LITERAL(shop), &by, site->shop_secret, NULL), 0);
}

void authapp_site_make(struct authapp_site *site)
{
    *site = (struct authapp_site){.dir = tempdir_make(),
                                  .clock = clock_fixed(AUTHAPP_SITE_NOW),
                                  .verdict = AUTHAPP_SITE_VALID};
    (void)tempdir_file(&site->dir, "a.db", site->database);
    assert_int_equal(privkey_generate(2048, &site->rsa, NULL), 0);
    assert_int_equal(privkey_generate_p256(&site->point, NULL), 0);
    assert_int_equal(privkey_generate_p256(&site->client, NULL), 0);
    token_signer = (struct token_signer){.key = site->rsa, .jws = site->point};
    http_bell_init(&site->bell);
    start_platform(site);
    site->authapp = (struct authapp){.kept = &site->kept,
                                     .clock = &site->clock,
                                     .bell = &site->bell,
                                     .origin = AUTHAPP_SITE_ORIGIN,
                                     .signer = "/nowhere",
                                     .seal_key = "seal",
                                     .token_keys = "jws-1",
                                     .platform = {.url = site->url, .key = "key"}};
    assert_int_equal(anchors_new(&site->authapp.auth_cas, NULL), 0);
    assert_int_equal(authapp_store_open(site->database, &site->authapp.store, NULL), 0);
    assert_int_equal(authapp_load(&site->authapp, NULL), 0);
    add_clients(site);
}

void authapp_site_done(struct authapp_site *site)
{
    http_server_stopp(&site->platform);
    authapp_store_closep(&site->authapp.store);
    authapp_done(&site->authapp);
    authapp_kept_done(&site->kept);
    http_bell_done(&site->bell);
    privkey_freep(&site->rsa);
    privkey_freep(&site->point);
    privkey_freep(&site->client);
    tempdir_done(&site->dir);
}

void authapp_answer_done(struct authapp_answer *answer)
{
    buf_done(&answer->text);
}

struct authapp_answer authapp_site_ask(struct authapp_site *site, const char *method,
                                       const char *target, const char *fields, const char *body)
{
    static const struct http_peer peer = {.is_unix = false};
    const struct http_server_options options = {.tables = authapp_routes,
                                                .context = &site->authapp,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close};
    struct authapp_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&request, NULL, "%s %s HTTP/1.1\r\nHost: op\r\n%s", method,
                                       target, fields),
                     0);
    if (body != NULL)
        assert_int_equal(buf_append_format(&request, NULL,
                                           "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                                           body[0] == '{' ? "application/json" : HTTP_FORM_TYPE,
                                           strlen(body), body),
                         0);
    else
        assert_int_equal(buf_append_text(&request, "\r\n", NULL), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&request), &answer.text, NULL), 0);
    assert_int_equal(buf_text(&answer.text, &text, NULL), 0);
    assert_int_equal(sscanf(text, "HTTP/1.1 %u", &answer.status), 1);
    return answer;
}

bool authapp_answer_has(const struct authapp_answer *answer, const char *text)
{
    return strstr((const char *)answer->text.ptr, text) != NULL;
}

void authapp_answer_part(const struct authapp_answer *answer, const char *start, const char *ends,
                         char *ret, size_t size)
{
    const char *at = strstr((const char *)answer->text.ptr, start);
    size_t len;

    assert_non_null(at);
    at += strlen(start);
    len = strcspn(at, ends);
    assert_true(len < size);
    memcpy(ret, at, len);
    ret[len] = '\0';
}

/* ---- clients ---- */

static void make_claims(struct authapp_site *site, const char *audience, struct json *claims)
{
    char jti[16];

    (void)snprintf(jti, sizeof jti, "j%u", site->assertions++);
    assert_int_equal(json_put_text(claims, "iss", "bank", NULL), 0);
    assert_int_equal(json_put_text(claims, "sub", "bank", NULL), 0);
    assert_int_equal(json_put_text(claims, "aud", audience, NULL), 0);
    assert_int_equal(json_put_text(claims, "jti", jti, NULL), 0);
    assert_int_equal(json_put_int(claims, "exp", clock_now(&site->clock) + 60, NULL), 0);
}

void authapp_site_assertion(struct authapp_site *site, const char *audience, struct buf *ret)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    struct jwk_thumbprint kid;
    struct digest digest;

    make_claims(site, audience, claims);
    assert_int_equal(privkey_spki(site->client, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwk_thumbprint(public, &kid, NULL), 0);
    assert_int_equal(jws_prepare(JWS_ES256, "JWT", kid.text, claims, &input, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, NULL), 0);
    assert_int_equal(privkey_sign_jws(site->client, &digest, &signature, NULL), 0);
    assert_int_equal(jws_complete(buf_bytes(&input), buf_bytes(&signature), &compact, NULL), 0);
    assert_int_equal(buf_append_text(ret,
                                     "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-"
                                     "assertion-type%3Ajwt-bearer&client_assertion=",
                                     NULL),
                     0);
    assert_int_equal(buf_append(ret, buf_bytes(&compact), NULL), 0);
}

/* ---- logins ---- */

struct site_login authapp_site_open(struct authapp_site *site, const char *scope, const char *more)
{
    struct site_login login = {.code = ""};
    char target[1024];
    char value[64];

    (void)snprintf(target, sizeof target,
                   AUTHAPP_SITE_AUTH
                   "?response_type=code&client_id=bank&redirect_uri=https%%3A%%2F%%2Fbank.example"
                   "%%2Fcallback&scope=%s&state=s1&nonce=n1&code_challenge=" CHALLENGE
                   "&code_challenge_method=S256%s",
                   scope, more);
    struct authapp_answer opened = authapp_site_ask(site, "GET", target, "", NULL);
    assert_int_equal(opened.status, 303);
    authapp_answer_part(&opened, "Location: " AUTHAPP_SITE_ISSUER "/login/", "\r", login.session,
                        sizeof login.session);
    authapp_answer_part(&opened, "Set-Cookie: ", "=", value, sizeof value);
    (void)snprintf(login.cookie, sizeof login.cookie, "Cookie: %s=", value);
    authapp_answer_part(&opened, login.session, ";", value, sizeof value);
    (void)snprintf(login.cookie + strlen(login.cookie), sizeof login.cookie - strlen(login.cookie),
                   "%s\r\n", value + 1);
    authapp_answer_done(&opened);
    struct authapp_answer page = authapp_site_page(site, &login);
    if (page.status == 200)
        authapp_answer_part(&page, "class=\"code\">", "<", login.code, sizeof login.code);
    authapp_answer_done(&page);
    return login;
}

unsigned authapp_site_answer(struct authapp_site *site, const struct site_login *login,
                             bool with_sign)
{
    char target[128];
    char body[256];

    (void)snprintf(target, sizeof target, "/v1/logins/%s/answer", login->session);
    (void)snprintf(
        body, sizeof body,
        "{\"code\":\"%s\",\"certificate\":\"a.b.c.d.e\",\"signature\":\"AAAA\"%s}", login->code,
        with_sign ? ",\"sign\":{\"certificate\":\"a.b.c.d.e\",\"signature\":\"AAAA\"}" : "");
    struct authapp_answer answer = authapp_site_ask(site, "POST", target, "", body);
    unsigned status = answer.status;
    authapp_answer_done(&answer);
    return status;
}

struct authapp_answer authapp_site_page(struct authapp_site *site, const struct site_login *login)
{
    char target[128];

    (void)snprintf(target, sizeof target, AUTHAPP_REALM "/login/%s", login->session);
    return authapp_site_ask(site, "GET", target, login->cookie, NULL);
}

void authapp_site_code(struct authapp_site *site, const char *scope, char ret[64])
{
    struct site_login login = authapp_site_open(site, scope, "");
    bool has_attributes = strstr(scope, "name") != NULL;

    site->verdict = has_attributes ? AUTHAPP_SITE_TOLD : AUTHAPP_SITE_VALID;
    assert_int_equal(authapp_site_answer(site, &login, has_attributes), 204);
    struct authapp_answer page = authapp_site_page(site, &login);
    assert_int_equal(page.status, 303);
    authapp_answer_part(&page, "?code=", "&\r", ret, 64);
    authapp_answer_done(&page);
}

struct authapp_answer authapp_site_exchange(struct authapp_site *site, const char *code)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&body, NULL,
                                       "grant_type=authorization_code&code=%s&redirect_uri=https%%"
                                       "3A%%2F%%2Fbank.example%%2Fcallback&code_verifier=" VERIFIER
                                       "&",
                                       code),
                     0);
    authapp_site_assertion(site, AUTHAPP_SITE_ORIGIN AUTHAPP_SITE_TOKEN, &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    return authapp_site_ask(site, "POST", AUTHAPP_SITE_TOKEN, "", text);
}

/* ---- for cmocka ---- */

struct authapp_site authapp_one_site;

int authapp_site_set_up(void **state)
{
    (void)state;
    authapp_site_make(&authapp_one_site);
    return 0;
}

int authapp_site_tear_down(void **state)
{
    (void)state;
    authapp_site_done(&authapp_one_site);
    return 0;
}
