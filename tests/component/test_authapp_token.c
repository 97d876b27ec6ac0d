/* SPDX-License-Identifier: Apache-2.0 */
/* Codes, tokens and what they give; how all of it ends. */
#include "support/authapp_site.h"

#include "authapp/client/register.h"
#include "authapp/token/idtoken.h"
#include "base/file.h"
#include "base/random_text.h"
#include "http/oauth.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct authapp_site *const site = &authapp_one_site;

struct tokens {
    char access[64], refresh[64], id[2048];
};

static struct tokens read_tokens(struct authapp_answer answer)
{
    struct tokens tokens;

    assert_int_equal(answer.status, 200);
    authapp_answer_part(&answer, "\"access_token\":\"", "\"", tokens.access, sizeof tokens.access);
    authapp_answer_part(&answer, "\"refresh_token\":\"", "\"", tokens.refresh,
                        sizeof tokens.refresh);
    authapp_answer_part(&answer, "\"id_token\":\"", "\"", tokens.id, sizeof tokens.id);
    assert_true(authapp_answer_has(&answer, "Cache-Control: no-store"));
    assert_true(authapp_answer_has(&answer, "Pragma: no-cache"));
    authapp_answer_done(&answer);
    return tokens;
}

static struct tokens log_in(const char *scope)
{
    char code[64];

    authapp_site_code(site, scope, code);
    return read_tokens(authapp_site_exchange(site, code));
}

/* A form of the bank; its assertion is added. */
static struct authapp_answer post(const char *path, const char *form)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&body, NULL, "%s&", form), 0);
    authapp_site_assertion(site, AUTHAPP_SITE_ISSUER, &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    return authapp_site_ask(site, "POST", path, "", text);
}

static void assert_error(struct authapp_answer answer, const char *code)
{
    char error[64];

    assert_int_equal(answer.status, 400);
    authapp_answer_part(&answer, "\"error\":\"", "\"", error, sizeof error);
    assert_string_equal(error, code);
    authapp_answer_done(&answer);
}

static struct authapp_answer userinfo(const char *token)
{
    char field[128];

    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", token);
    return authapp_site_ask(site, "GET", AUTHAPP_OIDC "/userinfo", field, NULL);
}

static unsigned userinfo_status(const char *token)
{
    struct authapp_answer answer = userinfo(token);
    unsigned status = answer.status;

    assert_true(status == 200 || authapp_answer_has(&answer, "WWW-Authenticate: Bearer "));
    authapp_answer_done(&answer);
    return status;
}

static struct authapp_answer refresh(const char *token, const char *more)
{
    char form[256];

    (void)snprintf(form, sizeof form, "grant_type=refresh_token&refresh_token=%s%s", token, more);
    return post(AUTHAPP_SITE_TOKEN, form);
}

/* ---- codes ---- */

static void a_code_is_for_its_client_address_and_verifier(void **state)
{
    static const struct {
        const char *before, *uri, *verifier;
    } rows[] = {
        {"", "", "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
        {"", "callback", ""},
        {"", "callback", "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"},
        {"", "callback", "&code_verifier=short"},
        {"x", "callback", "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
    };
    char code[64];
    char form[512];

    (void)state;
    authapp_site_code(site, "openid", code);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(form, sizeof form,
                       "grant_type=authorization_code&code=%s%s&redirect_uri=https%%3A%%2F%%2F"
                       "bank.example%%2F%s%s",
                       rows[i].before, code, rows[i].uri, rows[i].verifier);
        assert_error(post(AUTHAPP_SITE_TOKEN, form), "invalid_grant");
    }
    (void)read_tokens(authapp_site_exchange(site, code));
}

static void a_code_ends_with_its_time(void **state)
{
    char code[64];

    (void)state;
    authapp_site_code(site, "openid", code);
    site->clock.fixed += AUTHAPP_CODE_SECONDS + 1;
    assert_error(authapp_site_exchange(site, code), "invalid_grant");
    authapp_site_code(site, "openid", code);
    site->clock.fixed += AUTHAPP_CODE_SECONDS;
    (void)read_tokens(authapp_site_exchange(site, code));
}

static void a_code_used_twice_ends_what_it_gave(void **state)
{
    char code[64];
    struct tokens tokens;

    (void)state;
    authapp_site_code(site, "openid", code);
    tokens = read_tokens(authapp_site_exchange(site, code));
    assert_int_equal(userinfo_status(tokens.access), 200);
    assert_error(authapp_site_exchange(site, code), "invalid_grant");
    assert_int_equal(userinfo_status(tokens.access), 401);
    assert_error(refresh(tokens.refresh, ""), "invalid_grant");
}

static void a_code_is_not_spent_while_nobody_can_sign(void **state)
{
    char code[64];

    (void)state;
    authapp_site_code(site, "openid", code);
    token_signer.is_down = true;
    struct authapp_answer answer = authapp_site_exchange(site, code);
    assert_int_equal(answer.status, 503);
    authapp_answer_done(&answer);
    token_signer.is_down = false;
    (void)read_tokens(authapp_site_exchange(site, code));
}

static void what_the_endpoint_does_not_know_is_refused(void **state)
{
    (void)state;
    assert_error(post(AUTHAPP_SITE_TOKEN, "x=1"), "invalid_request");
    assert_error(post(AUTHAPP_SITE_TOKEN, "grant_type=password"), "unsupported_grant_type");
    assert_error(post(AUTHAPP_SITE_TOKEN, "grant_type=authorization_code"), "invalid_request");
    assert_error(post(AUTHAPP_SITE_TOKEN, "grant_type=refresh_token"), "invalid_request");
    assert_error(post(AUTHAPP_SITE_TOKEN, "grant_type=a&grant_type=b"), "invalid_request");
    assert_error(post(AUTHAPP_SITE_TOKEN, "grant_type=client_credentials&scope=openid"),
                 "invalid_scope");
}

static void a_clients_own_token_is_for_signing_alone(void **state)
{
    struct authapp_answer answer = post(AUTHAPP_SITE_TOKEN,
                                        "grant_type=client_credentials&scope=sign");
    char token[64];

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_false(authapp_answer_has(&answer, "refresh_token"));
    assert_false(authapp_answer_has(&answer, "id_token"));
    authapp_answer_part(&answer, "\"access_token\":\"", "\"", token, sizeof token);
    authapp_answer_done(&answer);
    assert_int_equal(userinfo_status(token), 403);
}

/* ---- refresh tokens ---- */

static void a_refresh_token_counts_once_and_a_thief_ends_it_for_all(void **state)
{
    struct tokens first = log_in("openid");
    struct tokens second;

    (void)state;
    second = read_tokens(refresh(first.refresh, ""));
    assert_string_not_equal(second.refresh, first.refresh);
    assert_int_equal(userinfo_status(second.access), 200);
    assert_error(refresh(first.refresh, ""), "invalid_grant");
    assert_int_equal(userinfo_status(second.access), 401);
    assert_error(refresh(second.refresh, ""), "invalid_grant");
}

static void tokens_end_with_their_time(void **state)
{
    struct tokens tokens = log_in("openid");

    (void)state;
    site->clock.fixed += AUTHAPP_ACCESS_SECONDS;
    assert_int_equal(userinfo_status(tokens.access), 200);
    site->clock.fixed += 1;
    assert_int_equal(userinfo_status(tokens.access), 401);
    site->clock.fixed += AUTHAPP_REFRESH_SECONDS - AUTHAPP_ACCESS_SECONDS - 1;
    tokens = read_tokens(refresh(tokens.refresh, ""));
    site->clock.fixed += AUTHAPP_REFRESH_SECONDS + 1;
    assert_error(refresh(tokens.refresh, ""), "invalid_grant");
}

static void nothing_outlives_the_grant(void **state)
{
    struct tokens tokens = log_in("openid");
    const int64_t end = site->clock.fixed + AUTHAPP_GRANT_SECONDS;

    (void)state;
    while (site->clock.fixed + AUTHAPP_REFRESH_SECONDS < end) {
        site->clock.fixed += AUTHAPP_REFRESH_SECONDS;
        tokens = read_tokens(refresh(tokens.refresh, ""));
    }
    site->clock.fixed = end;
    tokens = read_tokens(refresh(tokens.refresh, ""));
    assert_int_equal(userinfo_status(tokens.access), 200);
    site->clock.fixed = end + 1;
    assert_int_equal(userinfo_status(tokens.access), 401);
    assert_error(refresh(tokens.refresh, ""), "invalid_grant");
}

static void a_scope_can_only_become_less(void **state)
{
    struct tokens tokens = log_in("openid%20name");

    (void)state;
    assert_error(refresh(tokens.refresh, "&scope=openid%20gender"), "invalid_scope");
    tokens = read_tokens(refresh(tokens.refresh, "&scope=openid"));
    struct authapp_answer answer = userinfo(tokens.access);
    assert_int_equal(answer.status, 200);
    assert_false(authapp_answer_has(&answer, "\"name\""));
    authapp_answer_done(&answer);
}

/* ---- claims ---- */

static void claims_are_those_that_were_asked_for(void **state)
{
    struct tokens tokens = log_in("openid%20name%20birthdate%20gender");
    struct authapp_answer answer = userinfo(tokens.access);

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_true(authapp_answer_has(&answer, "\"name\":\"番号　花子\""));
    assert_true(authapp_answer_has(&answer, "\"birthdate\":\"19900415\",\"gender\":\"2\""));
    assert_false(authapp_answer_has(&answer, "address"));
    authapp_answer_done(&answer);
    assert_int_equal(userinfo_status("nonsense"), 401);
    struct authapp_answer none = authapp_site_ask(site, "GET", AUTHAPP_OIDC "/userinfo", "", NULL);
    assert_int_equal(none.status, 401);
    authapp_answer_done(&none);
    assert_int_equal(userinfo_status(tokens.refresh), 401);
}

static void an_id_token_verifies_and_has_no_attribute(void **state)
{
    struct tokens tokens = log_in("openid%20name");
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    const char *text;
    int64_t number;
    int64_t exp;

    (void)state;
    assert_int_equal(jws_parse(bytes_text(tokens.id), &jws, NULL), 0);
    assert_int_equal(jws.alg, JWS_ES256);
    assert_int_equal(token_keys_verify(&site->authapp.keys, &jws, NULL), 0);
    assert_int_equal(json_get_text(jws.claims, "iss", &text, NULL), 0);
    assert_string_equal(text, AUTHAPP_SITE_ISSUER);
    assert_int_equal(json_get_text(jws.claims, "aud", &text, NULL), 0);
    assert_string_equal(text, "bank");
    assert_int_equal(json_get_text(jws.claims, "nonce", &text, NULL), 0);
    assert_string_equal(text, "n1");
    assert_int_equal(json_get_int(jws.claims, "auth_time", &number, NULL), 0);
    assert_int_equal(number, AUTHAPP_SITE_NOW);
    assert_int_equal(json_get_int(jws.claims, "exp", &exp, NULL), 0);
    assert_int_equal(exp, AUTHAPP_SITE_NOW + AUTHAPP_ID_TOKEN_SECONDS);
    assert_false(json_has(jws.claims, "name"));
}

static void pseudonyms_differ_by_sector_and_by_person(void **state)
{
    char one[SUBJECT_SIZE];
    char other[SUBJECT_SIZE];

    (void)state;
    assert_int_equal(subject_make(&site->authapp, "bank.example", "H", one, NULL), 0);
    assert_int_equal(subject_make(&site->authapp, "bank.example", "H", other, NULL), 0);
    assert_string_equal(one, other);
    assert_int_equal(subject_make(&site->authapp, "shop.example", "H", other, NULL), 0);
    assert_string_not_equal(one, other);
    assert_int_equal(subject_make(&site->authapp, "bank.example", "I", other, NULL), 0);
    assert_string_not_equal(one, other);
}

/* Neither a token nor an attribute lies in the database, and no log has a chance to have them. */
static void the_database_has_no_token_and_no_attribute(void **state)
{
    struct tokens tokens = log_in("openid%20name");
    CLEANUP(free_text) char *wal = NULL;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf more = BUF_INIT;

    (void)state;
    assert_int_equal(path_format(&wal, NULL, "%s-wal", site->database), 0);
    assert_int_equal(file_read(site->database, 1 << 24, &file, NULL), 0);
    assert_int_equal(file_read(wal, 1 << 24, &more, NULL), 0);
    assert_int_equal(buf_append(&file, buf_bytes(&more), NULL), 0);
    assert_null(memmem(file.ptr, file.len, tokens.access, strlen(tokens.access)));
    assert_null(memmem(file.ptr, file.len, tokens.refresh, strlen(tokens.refresh)));
    assert_null(memmem(file.ptr, file.len, "番号", strlen("番号")));
    assert_null(memmem(file.ptr, file.len, site->shop_secret, strlen(site->shop_secret)));
    assert_non_null(memmem(file.ptr, file.len, "bank", 4));
}

/* ---- the end ---- */

static void revoke(const char *token)
{
    char form[128];

    (void)snprintf(form, sizeof form, "token=%s", token);
    struct authapp_answer answer = post(AUTHAPP_OIDC "/revoke", form);
    assert_int_equal(answer.status, 200);
    authapp_answer_done(&answer);
}

static void a_client_ends_its_tokens(void **state)
{
    struct tokens tokens = log_in("openid");

    (void)state;
    revoke("unknown");
    revoke(tokens.access);
    assert_int_equal(userinfo_status(tokens.access), 401);
    tokens = read_tokens(refresh(tokens.refresh, ""));
    revoke(tokens.refresh);
    assert_int_equal(userinfo_status(tokens.access), 401);
    assert_error(refresh(tokens.refresh, ""), "invalid_grant");
}

static struct authapp_answer log_out(const char *query)
{
    char target[4096];

    (void)snprintf(target, sizeof target, AUTHAPP_OIDC "/logout?%s", query);
    return authapp_site_ask(site, "GET", target, "", NULL);
}

static void a_logout_leads_only_where_the_client_is_registered(void **state)
{
    struct tokens tokens = log_in("openid");
    char query[3000];

    (void)state;
    (void)snprintf(query, sizeof query,
                   "id_token_hint=%s&post_logout_redirect_uri=https%%3A%%2F%%2Fevil.example%%2F",
                   tokens.id);
    struct authapp_answer evil = log_out(query);
    assert_int_equal(evil.status, 400);
    assert_false(authapp_answer_has(&evil, "Location:"));
    authapp_answer_done(&evil);
    struct authapp_answer nobody = log_out(
        "post_logout_redirect_uri=https%3A%2F%2Fbank.example%2Fbye");
    assert_int_equal(nobody.status, 400);
    authapp_answer_done(&nobody);
    struct authapp_answer forged = log_out(
        "id_token_hint=eyJhbGciOiJub25lIn0.e30.&client_id=bank&post_logout_redirect_uri=https%3A%"
        "2F%2Fbank.example%2Fbye");
    assert_int_equal(forged.status, 400);
    authapp_answer_done(&forged);
    assert_int_equal(userinfo_status(tokens.access), 200);
    (void)snprintf(query, sizeof query,
                   "id_token_hint=%s&state=a%%20b&post_logout_redirect_uri=https%%3A%%2F%%2Fbank."
                   "example%%2Fbye",
                   tokens.id);
    struct authapp_answer good = log_out(query);
    assert_int_equal(good.status, 303);
    assert_true(authapp_answer_has(&good, "Location: https://bank.example/bye?state=a%20b\r\n"));
    authapp_answer_done(&good);
    assert_int_equal(userinfo_status(tokens.access), 401);
    struct authapp_answer page = log_out("");
    assert_int_equal(page.status, 200);
    authapp_answer_done(&page);
}

/* ---- behind the browser's back ---- */

static char notice[4096];

static int take_notice(struct http_call *call, struct err *err)
{
    (void)err;
    (void)snprintf(notice, sizeof notice, "%.*s", (int)call->request.body.len,
                   (const char *)call->request.body.ptr);
    http_reply_empty(&call->response, 200);
    return 0;
}

static const struct http_answer noticed[] = {{200, "noted"}, {0}};
static const struct route notice_rows[] = {{.method = HTTP_POST,
                                            .path = "/out",
                                            .access = &http_anyone,
                                            .body_type = HTTP_FORM_TYPE,
                                            .handle = take_notice,
                                            .operation = "note",
                                            .summary = "Note",
                                            .answers = noticed},
                                           {.path = NULL}};

/* What was granted to a client that has such an address; the ID token's subject and its "sid". */
static void assert_notice(const char *sid)
{
    static const char start[] = "logout_token=";
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    const struct json *events = NULL;
    const char *text = NULL;

    assert_memory_equal(notice, start, strlen(start));
    assert_int_equal(jws_parse(bytes_text(notice + strlen(start)), &jws, NULL), 0);
    assert_string_equal(jws.typ, "logout+jwt");
    assert_int_equal(token_keys_verify(&site->authapp.keys, &jws, NULL), 0);
    assert_int_equal(json_get_text(jws.claims, "aud", &text, NULL), 0);
    assert_string_equal(text, "told");
    assert_int_equal(json_get_text(jws.claims, "sid", &text, NULL), 0);
    assert_string_equal(text, sid);
    assert_int_equal(json_get_object(jws.claims, "events", &events, NULL), 0);
    assert_true(json_has(events, "http://schemas.openid.net/event/backchannel-logout"));
    assert_true(json_has(jws.claims, "jti"));
    assert_false(json_has(jws.claims, "nonce"));
}

/* An ID token of a grant of that client, as if somebody had logged in there. */
static void grant_and_token(uint16_t port, struct grant *ret, struct buf *ret_token)
{
    const struct audit_origin by = audit_by_self(AUTHAPP_SITE_NOW);
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    CLEANUP(buf_done) struct buf metadata = BUF_INIT;
    CLEANUP(new_token_done) struct new_token access = {.row = {.kind = TOKEN_ACCESS}};
    const struct grant_start start = {ret, &access.row, NULL, NULL, NULL};
    struct id_token about = {&client, ret, "a", true};
    struct signer *signer = NULL;
    char secret[CLIENT_SECRET_SIZE];

    assert_int_equal(buf_append_format(&metadata, NULL,
                                       "{\"client_id\":\"told\",\"client_name\":\"T\",\"profile\":"
                                       "\"basic\",\"id_token_signed_response_alg\":\"ES256\","
                                       "\"scope\":\"openid\",\"redirect_uris\":[\"https://"
                                       "t.example/cb\"],\"backchannel_logout_uri\":"
                                       "\"http://127.0.0.1:%u/out\"}",
                                       (unsigned)port),
                     0);
    assert_int_equal(client_register(site->authapp.store, buf_bytes(&metadata), &by, secret, NULL),
                     0);
    assert_int_equal(authapp_get_client(site->authapp.store, "told", &client, NULL), 0);
    *ret = (struct grant){.client_id = "told", .sub = "s", .expires_at = AUTHAPP_SITE_NOW + 60};
    assert_int_equal(random_text(ret->id, sizeof ret->id, NULL), 0);
    memcpy(ret->sid, ret->id, sizeof ret->sid);
    assert_int_equal(token_make(TOKEN_ACCESS, 0, AUTHAPP_SITE_NOW + 60, NULL, &access, NULL), 0);
    assert_int_equal(authapp_make_grant(site->authapp.store, &start, &by, NULL), 0);
    assert_int_equal(signer_open("", &signer, NULL), 0);
    assert_int_equal(id_token_make(&site->authapp, signer, &about, ret_token, NULL), 0);
}

static void a_logout_is_told_behind_the_browsers_back_once(void **state)
{
    const struct http_server_options options = {.routes = notice_rows, .workers = 1};
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    struct http_server *server = NULL;
    struct grant grant;
    char query[3000];
    const char *text;
    uint16_t port;
    int fd;

    (void)state;
    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &server, NULL), 0);
    site->authapp.origin = "http://127.0.0.1:1"; /* so that this computer may be told */
    grant_and_token(port, &grant, &token);
    assert_int_equal(buf_text(&token, &text, NULL), 0);
    (void)snprintf(query, sizeof query, "id_token_hint=%s", text);
    for (int i = 0; i < 2; i++) {
        notice[0] = '\0';
        struct authapp_answer page = log_out(query);
        assert_int_equal(page.status, 200);
        authapp_answer_done(&page);
        if (i == 0)
            assert_notice(grant.id);
        else
            assert_string_equal(notice, "");
    }
    http_server_stop(server);
}

static void what_was_granted_to_a_client_that_is_removed_is_over(void **state)
{
    const struct audit_origin by = audit_by_self(AUTHAPP_SITE_NOW);
    struct tokens tokens = log_in("openid");

    (void)state;
    assert_int_equal(authapp_remove_client(site->authapp.store, "bank", &by, NULL), 0);
    assert_int_equal(authapp_remove_client(site->authapp.store, "bank", &by, NULL), -ERR_ABSENT);
    assert_int_equal(userinfo_status(tokens.access), 401);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_AUTHAPP_SITE(a_code_is_for_its_client_address_and_verifier),
        WITH_AUTHAPP_SITE(a_code_ends_with_its_time),
        WITH_AUTHAPP_SITE(a_code_used_twice_ends_what_it_gave),
        WITH_AUTHAPP_SITE(a_code_is_not_spent_while_nobody_can_sign),
        WITH_AUTHAPP_SITE(what_the_endpoint_does_not_know_is_refused),
        WITH_AUTHAPP_SITE(a_clients_own_token_is_for_signing_alone),
        WITH_AUTHAPP_SITE(a_refresh_token_counts_once_and_a_thief_ends_it_for_all),
        WITH_AUTHAPP_SITE(tokens_end_with_their_time),
        WITH_AUTHAPP_SITE(nothing_outlives_the_grant),
        WITH_AUTHAPP_SITE(a_scope_can_only_become_less),
        WITH_AUTHAPP_SITE(claims_are_those_that_were_asked_for),
        WITH_AUTHAPP_SITE(an_id_token_verifies_and_has_no_attribute),
        WITH_AUTHAPP_SITE(pseudonyms_differ_by_sector_and_by_person),
        WITH_AUTHAPP_SITE(the_database_has_no_token_and_no_attribute),
        WITH_AUTHAPP_SITE(a_client_ends_its_tokens),
        WITH_AUTHAPP_SITE(a_logout_leads_only_where_the_client_is_registered),
        WITH_AUTHAPP_SITE(a_logout_is_told_behind_the_browsers_back_once),
        WITH_AUTHAPP_SITE(what_was_granted_to_a_client_that_is_removed_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
