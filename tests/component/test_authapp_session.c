/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a browser is known by after somebody has logged in with it: to whom, how long, and how it
 * ends. Refusals first.
 */
#include "support/authapp_site.h"

#include "authapp/client/register.h"
#include "authapp/schema.h"
#include "authapp/scope.h"
#include "authapp/store_sqlite.h"
#include "authapp/token/store.h"
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define REDIRECT "redirect_uri=https%3A%2F%2Fshop.example%2Fcb"
#define REQUEST  "?response_type=code&client_id=shop&" REDIRECT
#define BANK                                                                                       \
    "?response_type=code&client_id=bank&redirect_uri=https%3A%2F%2Fbank.example%2Fcallback&"       \
    "state=s1&nonce=n1&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"                \
    "code_challenge_method=S256"

static struct authapp_site site;
static char second_secret[CLIENT_SECRET_SIZE]; /* of "kiosk", another client of profile basic */

/* A browser at the shop, with what it got there. */
struct visit {
    char cookie[128]; /* the field; "": none */
    char sub[64], sid[64], id_token[2048];
    int64_t auth_time;
};

static int setup(void **state)
{
    static const char kiosk[] =
        "{\"client_id\":\"kiosk\",\"client_name\":\"K\",\"profile\":\"basic\","
        "\"id_token_signed_response_alg\":\"ES256\",\"scope\":\"openid\","
        "\"redirect_uris\":[\"https://kiosk.example/cb\"]}";
    const struct audit_origin by = audit_by_self(AUTHAPP_SITE_NOW);

    (void)state;
    authapp_site_make(&site);
    assert_int_equal(
        client_register(site.authapp.store, BYTES_LITERAL(kiosk), &by, second_secret, NULL), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    authapp_site_done(&site);
    return 0;
}

static struct authapp_answer request_with(const char *rest, const char *cookie)
{
    char target[3000];

    (void)snprintf(target, sizeof target, "%s%s%s", AUTHAPP_SITE_AUTH,
                   rest[0] == '?' ? "" : REQUEST "&", rest);
    return authapp_site_ask(&site, "GET", target, cookie, NULL);
}

/* What the relying party is told instead of a code; "" if a page is to be shown. */
static void assert_says(const char *rest, const char *cookie, const char *error)
{
    struct authapp_answer answer = request_with(rest, cookie);
    char said[64] = "";

    assert_int_equal(answer.status, 303);
    if (error[0] == '\0')
        assert_true(authapp_answer_has(&answer, "Location: " AUTHAPP_SITE_ISSUER "/login/"));
    else
        authapp_answer_part(&answer, "?error=", "&", said, sizeof said);
    assert_string_equal(said, error);
    authapp_answer_done(&answer);
}

static void read_id_token(const char *compact, struct visit *ret)
{
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    const char *text = NULL;

    assert_int_equal(jws_parse(bytes_text(compact), &jws, NULL), 0);
    assert_int_equal(json_get_text(jws.claims, "sub", &text, NULL), 0);
    (void)snprintf(ret->sub, sizeof ret->sub, "%s", text);
    assert_int_equal(json_get_text(jws.claims, "sid", &text, NULL), 0);
    (void)snprintf(ret->sid, sizeof ret->sid, "%s", text);
    assert_int_equal(json_get_int(jws.claims, "auth_time", &ret->auth_time, NULL), 0);
}

/* The code for tokens, as the shop does it. */
static void exchange(const char *code, struct visit *ret)
{
    CLEANUP(buf_done) struct buf pair = BUF_INIT;
    char field[160];
    char form[256];
    const char *text;

    (void)snprintf(form, sizeof form, "shop:%s", site.shop_secret);
    assert_int_equal(base64_append(&pair, BASE64_PADDED, bytes_text(form), NULL), 0);
    assert_int_equal(buf_text(&pair, &text, NULL), 0);
    (void)snprintf(field, sizeof field, "Authorization: Basic %s\r\n", text);
    (void)snprintf(form, sizeof form, "grant_type=authorization_code&code=%s&%s", code, REDIRECT);
    struct authapp_answer answer = authapp_site_ask(&site, "POST", AUTHAPP_SITE_TOKEN, field, form);
    assert_int_equal(answer.status, 200);
    authapp_answer_part(&answer, "\"id_token\":\"", "\"", ret->id_token, sizeof ret->id_token);
    authapp_answer_done(&answer);
    read_id_token(ret->id_token, ret);
}

/* The browser's way back after the card; its session's cookie, if it got one. */
static struct authapp_answer show_card(const char *rest, const char *cookie, const char *verdict)
{
    struct authapp_answer opened = request_with(rest, cookie);
    struct site_login login = {.code = ""};
    char name[64];
    char value[64];

    assert_int_equal(opened.status, 303);
    authapp_answer_part(&opened, "Location: " AUTHAPP_SITE_ISSUER "/login/", "\r", login.session,
                        sizeof login.session);
    authapp_answer_part(&opened, "Set-Cookie: ", "=", name, sizeof name);
    authapp_answer_part(&opened, login.session, ";", value, sizeof value);
    authapp_answer_done(&opened);
    (void)snprintf(login.cookie, sizeof login.cookie, "Cookie: %s%s\r\n", name, value);
    struct authapp_answer page = authapp_site_page(&site, &login);
    assert_int_equal(page.status, 200);
    authapp_answer_part(&page, "class=\"code\">", "<", login.code, sizeof login.code);
    authapp_answer_done(&page);
    site.verdict = verdict;
    assert_int_equal(authapp_site_answer(&site, &login, false), 204);
    /* The browser sends the cookie of its session, too. */
    if (cookie[0] != '\0')
        (void)snprintf(login.cookie, sizeof login.cookie, "Cookie: %s%s; %s", name, value,
                       cookie + strlen("Cookie: "));
    return authapp_site_page(&site, &login);
}

static struct visit log_in_with(const char *rest, const char *cookie)
{
    struct authapp_answer page = show_card(rest, cookie, AUTHAPP_SITE_VALID);
    struct visit visit = {.cookie = ""};
    char pair[96];
    char code[64];

    assert_int_equal(page.status, 303);
    authapp_answer_part(&page, "?code=", "&\r", code, sizeof code);
    authapp_answer_part(&page, "Set-Cookie: ", ";", pair, sizeof pair);
    assert_true(authapp_answer_has(&page, "; HttpOnly; SameSite=Lax; Secure\r\n"));
    (void)snprintf(visit.cookie, sizeof visit.cookie, "Cookie: %s\r\n", pair);
    authapp_answer_done(&page);
    exchange(code, &visit);
    return visit;
}

/* By the session, without a page; fails if a card is wanted. */
static struct visit known_again(const char *rest, const char *cookie)
{
    struct authapp_answer answer = request_with(rest, cookie);
    struct visit visit = {.cookie = ""};
    char code[64];

    assert_int_equal(answer.status, 303);
    authapp_answer_part(&answer, "Location: https://shop.example/cb?code=", "&\r", code,
                        sizeof code);
    authapp_answer_done(&answer);
    exchange(code, &visit);
    return visit;
}

/* ---- refusals ---- */

static void nobody_is_known_who_did_not_log_in(void **state)
{
    (void)state;
    assert_says("scope=openid&prompt=none", "", "login_required");
    assert_says("scope=openid&prompt=none", "Cookie: __Host-session-0=x\r\n", "login_required");
    assert_says("scope=openid&prompt=none&max_age=10000", "", "login_required");
    assert_says("scope=openid&max_age=10000", "", "");
    assert_says("scope=openid&max_age=-1", "", "invalid_request");
    assert_says("scope=openid&max_age=1x", "", "invalid_request");
    assert_says("scope=openid&max_age=99999999999", "", "invalid_request");
}

/* The cookie's name is of the client, and its value is not another one's either. */
static void another_relying_party_learns_nothing(void **state)
{
    const struct visit visit = log_in_with("scope=openid", "");
    static const char kiosk[] = "?response_type=code&client_id=kiosk&scope=openid&prompt=none&"
                                "redirect_uri=https%3A%2F%2Fkiosk.example%2Fcb";
    const char *value = strchr(visit.cookie, '=') + 1;
    char renamed[128];

    (void)state;
    assert_says(kiosk, visit.cookie, "login_required");
    /* SHA-256 of "kiosk" names the cookie there. */
    (void)snprintf(renamed, sizeof renamed, "Cookie: __Host-session-d99cff6fc8a2f1fbc39e=%s",
                   value);
    assert_says(kiosk, renamed, "login_required");
    assert_says(BANK "&scope=openid&prompt=none", visit.cookie, "login_required");
}

static void attributes_and_signatures_need_the_card(void **state)
{
    const struct visit visit = log_in_with("scope=openid", "");

    (void)state;
    assert_says("scope=openid%20name&prompt=none", visit.cookie, "interaction_required");
    assert_says("scope=openid%20name&max_age=10000", visit.cookie, "");
}

static void a_relying_party_that_asks_for_the_card_gets_it(void **state)
{
    const struct visit visit = log_in_with("scope=openid", "");

    (void)state;
    assert_says("scope=openid", visit.cookie, "");
    assert_says("scope=openid&prompt=login", visit.cookie, "");
    assert_says("scope=openid&prompt=login&max_age=10000", visit.cookie, "");
    assert_says("scope=openid&prompt=select_account&max_age=10000", visit.cookie, "");
    assert_says("scope=openid&max_age=0", visit.cookie, "");
}

/* ---- who is known again ---- */

static void a_browser_is_known_again_without_a_page(void **state)
{
    const struct visit first = log_in_with("scope=openid&nonce=n1", "");
    struct visit again;

    (void)state;
    site.clock.fixed += 100;
    again = known_again("scope=openid&prompt=none&nonce=n2", first.cookie);
    assert_string_equal(again.sub, first.sub);
    assert_string_equal(again.sid, first.sid);
    assert_string_not_equal(again.id_token, first.id_token);
    assert_int_equal(first.auth_time, AUTHAPP_SITE_NOW);
    assert_int_equal(again.auth_time, AUTHAPP_SITE_NOW);
}

static void a_login_that_is_young_enough_counts_with_its_time(void **state)
{
    const struct visit first = log_in_with("scope=openid", "");

    (void)state;
    site.clock.fixed += 100;
    assert_int_equal(known_again("scope=openid&max_age=10000", first.cookie).auth_time,
                     first.auth_time);
    assert_int_equal(known_again("scope=openid&max_age=101", first.cookie).auth_time,
                     first.auth_time);
    assert_says("scope=openid&max_age=100", first.cookie, "");
    assert_says("scope=openid&prompt=none&max_age=100", first.cookie, "login_required");
    assert_int_equal(log_in_with("scope=openid&max_age=1", first.cookie).auth_time,
                     first.auth_time + 100);
}

static void a_session_ends_unused_or_with_its_day(void **state)
{
    const struct visit visit = log_in_with("scope=openid", "");

    (void)state;
    while (site.clock.fixed + AUTHAPP_SESSION_IDLE <= AUTHAPP_SITE_NOW + AUTHAPP_SESSION_SECONDS) {
        site.clock.fixed += AUTHAPP_SESSION_IDLE;
        (void)known_again("scope=openid&prompt=none", visit.cookie);
    }
    assert_int_equal(site.clock.fixed, AUTHAPP_SITE_NOW + AUTHAPP_SESSION_SECONDS);
    site.clock.fixed += 1;
    assert_says("scope=openid&prompt=none", visit.cookie, "login_required");
    const struct visit other = log_in_with("scope=openid", "");
    site.clock.fixed += AUTHAPP_SESSION_IDLE + 1;
    assert_says("scope=openid&prompt=none", other.cookie, "login_required");
}

/* ---- fixation ---- */

static void a_cookie_of_before_a_login_is_nobody_s_after_it(void **state)
{
    const struct visit first = log_in_with("scope=openid", "");
    struct visit second;

    (void)state;
    /* Planted, or left by somebody else: the login does not take it over. */
    second = log_in_with("scope=openid&prompt=login", first.cookie);
    assert_string_not_equal(second.cookie, first.cookie);
    assert_string_not_equal(second.sid, first.sid);
    assert_says("scope=openid&prompt=none", first.cookie, "login_required");
    (void)known_again("scope=openid&prompt=none", second.cookie);
}

static void a_login_that_fails_begins_no_session(void **state)
{
    struct site_login login = authapp_site_open(&site, "openid", "");

    (void)state;
    site.verdict = "{\"verdict\":\"invalid\",\"reasons\":[\"revoked\"]}";
    assert_int_equal(authapp_site_answer(&site, &login, false), 422);
    struct authapp_answer page = authapp_site_page(&site, &login);
    assert_int_equal(page.status, 303);
    assert_false(authapp_answer_has(&page, "Set-Cookie"));
    authapp_answer_done(&page);
}

static void profile_authapp_has_no_sessions(void **state)
{
    struct authapp_answer page = show_card(BANK "&scope=openid", "", AUTHAPP_SITE_VALID);

    (void)state;
    assert_int_equal(page.status, 303);
    assert_true(authapp_answer_has(&page, "?code="));
    assert_false(authapp_answer_has(&page, "Set-Cookie"));
    authapp_answer_done(&page);
}

/* ---- who is meant ---- */

static void a_hint_is_for_one_person(void **state)
{
    const struct visit visit = log_in_with("scope=openid", "");
    char rest[2400];

    (void)state;
    (void)snprintf(rest, sizeof rest, "scope=openid&prompt=none&id_token_hint=%s", visit.id_token);
    assert_string_equal(known_again(rest, visit.cookie).sub, visit.sub);
    /* It logs nobody in by itself. */
    assert_says(rest, "", "login_required");
    (void)snprintf(rest, sizeof rest, "scope=openid&id_token_hint=%s", visit.id_token);
    assert_string_equal(log_in_with(rest, "").sub, visit.sub);
}

static void somebody_else_than_was_meant_is_not_logged_in(void **state)
{
    const struct visit visit = log_in_with("scope=openid", "");
    char rest[2400];

    (void)state;
    (void)snprintf(rest, sizeof rest, "scope=openid&id_token_hint=%s", visit.id_token);
    struct authapp_answer page = show_card(
        rest, "", "{\"id\":\"i\",\"verdict\":\"valid\",\"reasons\":[],\"holder\":\"other\"}");
    assert_int_equal(page.status, 303);
    assert_true(authapp_answer_has(&page, "/cb?error=login_required"));
    assert_false(authapp_answer_has(&page, "code="));
    assert_false(authapp_answer_has(&page, "Set-Cookie"));
    authapp_answer_done(&page);
}

static void a_hint_that_is_not_ours_is_refused(void **state)
{
    const struct visit visit = log_in_with("scope=openid", "");
    char rest[2600];

    (void)state;
    assert_says("scope=openid&id_token_hint=a.b.c", visit.cookie, "login_required");
    (void)snprintf(rest, sizeof rest, "scope=openid&id_token_hint=%.*s",
                   (int)strlen(visit.id_token) - 4, visit.id_token);
    assert_says(rest, visit.cookie, "login_required");
    (void)snprintf(rest, sizeof rest, "%s&scope=openid&id_token_hint=%s", BANK, visit.id_token);
    assert_says(rest, visit.cookie, "login_required");
    /* alg none, with the claims of a good one (RFC 7515, 3.6). */
    (void)snprintf(rest, sizeof rest, "scope=openid&id_token_hint=eyJhbGciOiJub25lIn0.%.*s.",
                   (int)strcspn(strchr(visit.id_token, '.') + 1, "."),
                   strchr(visit.id_token, '.') + 1);
    assert_says(rest, visit.cookie, "login_required");
}

/* ---- the end ---- */

static void a_logout_ends_the_session_and_all_its_grants(void **state)
{
    const struct visit first = log_in_with("scope=openid", "");
    char target[2600];

    (void)state;
    (void)known_again("scope=openid&prompt=none", first.cookie);
    (void)snprintf(target, sizeof target, AUTHAPP_OIDC "/logout?id_token_hint=%s", first.id_token);
    struct authapp_answer answer = authapp_site_ask(&site, "GET", target, first.cookie, NULL);
    assert_int_equal(answer.status, 200);
    assert_true(authapp_answer_has(&answer, "Max-Age=0; HttpOnly"));
    authapp_answer_done(&answer);
    assert_says("scope=openid&prompt=none", first.cookie, "login_required");
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t living = -1;
    assert_int_equal(db_begin_read(site.authapp.store->db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, "SELECT count(*) FROM access_grant WHERE ended = 0",
                                  DB_NOTHING, &rows, NULL),
                     0);
    assert_int_equal(db_int(&rows, 0, &living, NULL), 0);
    assert_int_equal(living, 0);
}

/* It was found before the logout, which ends what came of it by its name. */
static void a_session_that_ended_meanwhile_grants_nothing(void **state)
{
    const struct audit_origin by = audit_by_self(AUTHAPP_SITE_NOW);
    const struct visit visit = log_in_with("scope=openid", "");
    struct browser_session session = {.sid = ""};
    struct grant grant = {.id = "0123456789012345678901",
                          .client_id = "shop",
                          .scopes = SCOPE_OPENID,
                          .expires_at = AUTHAPP_SITE_NOW + 60};
    struct token token = {
        .kind = TOKEN_CODE, .scopes = SCOPE_OPENID, .expires_at = AUTHAPP_SITE_NOW + 60};
    const struct grant_start start = {&grant, &token, NULL, NULL, &session};

    (void)state;
    assert_true(strlen(visit.sid) < sizeof session.sid);
    memcpy(session.sid, visit.sid, strlen(visit.sid) + 1);
    memcpy(grant.sid, session.sid, sizeof grant.sid);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("code"), &token.hash, NULL), 0);
    assert_int_equal(authapp_make_grant(site.authapp.store, &start, &by, NULL), 0);
    assert_int_equal(authapp_end_session(site.authapp.store, visit.sid, "logout", &by, NULL), 0);
    (void)snprintf(grant.id, sizeof grant.id, "%s", "0123456789012345678902");
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("next"), &token.hash, NULL), 0);
    assert_int_equal(authapp_make_grant(site.authapp.store, &start, &by, NULL), -ERR_ABSENT);
}

static void the_database_has_no_cookie(void **state)
{
    const struct visit visit = log_in_with("scope=openid", "");
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf hash = BUF_INIT;
    struct digest digest;
    char value[64];

    (void)state;
    (void)snprintf(value, sizeof value, "%.43s", strchr(visit.cookie, '=') + 1);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(value), &digest, NULL), 0);
    assert_int_equal(db_begin_read(site.authapp.store->db, &txn, NULL), 0);
    assert_int_equal(
        db_query_one(&txn, "SELECT hash FROM browser_session", DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_blob(&rows, 0, &hash, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&hash), digest_bytes(&digest)));
}

/* A database of before there were sessions: each grant is a session by itself. */
static void grants_of_an_older_version_keep_their_names(void **state)
{
    const char *before[16] = {NULL};
    struct db_schema old = {authapp_schema.name, before};
    CLEANUP(db_closep) struct db *db = NULL;
    CLEANUP(authapp_store_closep) struct authapp_store *store = NULL;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char path[TEMPDIR_FILE_SIZE];
    struct grant grant;

    (void)state;
    for (size_t i = 0; strstr(authapp_schema.migrations[i], "browser_session") == NULL; i++)
        before[i] = authapp_schema.migrations[i];
    (void)tempdir_file(&site.dir, "old.db", path);
    assert_int_equal(db_open(path, &old, &db, NULL), 0);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn,
                                "INSERT INTO access_grant VALUES ('g1', 'shop', 's', 1, NULL, 5,"
                                " 9, 0)",
                                DB_NOTHING, NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    db_closep(&db);
    assert_int_equal(authapp_store_open(path, &store, NULL), 0);
    assert_int_equal(authapp_get_grant(store, "g1", &grant, NULL), 0);
    assert_string_equal(grant.id, "g1");
    assert_string_equal(grant.sid, "g1");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(nobody_is_known_who_did_not_log_in),
        EACH(another_relying_party_learns_nothing),
        EACH(attributes_and_signatures_need_the_card),
        EACH(a_relying_party_that_asks_for_the_card_gets_it),
        EACH(a_browser_is_known_again_without_a_page),
        EACH(a_login_that_is_young_enough_counts_with_its_time),
        EACH(a_session_ends_unused_or_with_its_day),
        EACH(a_cookie_of_before_a_login_is_nobody_s_after_it),
        EACH(a_login_that_fails_begins_no_session),
        EACH(profile_authapp_has_no_sessions),
        EACH(a_hint_is_for_one_person),
        EACH(somebody_else_than_was_meant_is_not_logged_in),
        EACH(a_hint_that_is_not_ours_is_refused),
        EACH(a_logout_ends_the_session_and_all_its_grants),
        EACH(a_session_that_ended_meanwhile_grants_nothing),
        EACH(the_database_has_no_cookie),
        EACH(grants_of_an_older_version_keep_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
