/* SPDX-License-Identifier: Apache-2.0 */
/* From the relying party's request to its answer: refusals first, then a login. */
#include "support/authapp_site.h"

#include "authapp/login/store.h"
#include "authapp/store_sqlite.h"
#include "crypto/client_proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GOOD                                                                                       \
    "response_type=code&client_id=bank&redirect_uri=https%3A%2F%2Fbank.example%2Fcallback&"        \
    "scope=openid&state=s1&nonce=n1&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"   \
    "code_challenge_method=S256"

static struct authapp_site *const site = &authapp_one_site;

static struct authapp_answer ask_auth(const char *query)
{
    char target[2560];

    (void)snprintf(target, sizeof target, AUTHAPP_SITE_AUTH "?%s", query);
    return authapp_site_ask(site, "GET", target, "", NULL);
}

/* GOOD with the parameter in another way: "name=..." in its place, or one that is ignored. */
static void with(const char *name, const char *instead, char *ret, size_t size)
{
    const char *at = strstr(GOOD, name);
    size_t len;

    assert_non_null(at);
    len = strcspn(at, "&");
    (void)snprintf(ret, size, "%.*s%s%s", (int)(at - GOOD), GOOD,
                   instead[0] == '\0' ? "ignored=1" : instead, at + len);
}

/* An error goes to the relying party, with its state and our name. */
static void assert_error(const char *query, const char *code)
{
    struct authapp_answer answer = ask_auth(query);
    char error[64];

    assert_int_equal(answer.status, 303);
    authapp_answer_part(&answer, "Location: " AUTHAPP_SITE_REDIRECT "?error=", "&", error,
                        sizeof error);
    assert_string_equal(error, code);
    assert_true(authapp_answer_has(&answer, "&iss=https%3A%2F%2Fop.openjpki.test%2Fapi"));
    authapp_answer_done(&answer);
}

static void assert_page(const char *query)
{
    struct authapp_answer answer = ask_auth(query);

    assert_int_equal(answer.status, 400);
    assert_false(authapp_answer_has(&answer, "Location:"));
    assert_true(authapp_answer_has(&answer, "text/html"));
    authapp_answer_done(&answer);
}

static void nobody_is_answered_whose_address_is_not_certain(void **state)
{
    static const char *const rows[][2] = {
        {"client_id=", ""},
        {"client_id=", "client_id=stranger"},
        {"redirect_uri=", ""},
        {"redirect_uri=", "redirect_uri=https%3A%2F%2Fevil.example%2Fcallback"},
        {"redirect_uri=", "redirect_uri=https%3A%2F%2Fbank.example%2Fcallback%2F"},
        {"redirect_uri=", "redirect_uri=https%3A%2F%2Fbank.example%2Fcallback%3Fa"},
        {"redirect_uri=", "redirect_uri=https%3A%2F%2Fbank.example%2FCallback"},
        {"redirect_uri=", "redirect_uri=https%3A%2F%2Fbank.example.evil.example%2Fcallback"},
        {"redirect_uri=", "redirect_uri=https%3A%2F%2Fshop.example%2Fcb"},
        {"state=", "state=a&state=b"},
        {"state=", "state=%0d%0aSet-Cookie:a"},
    };
    char query[1024];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        with(rows[i][0], rows[i][1], query, sizeof query);
        assert_page(query);
    }
}

static void the_port_of_this_computer_is_free_and_nothing_else(void **state)
{
    char query[1024];

    (void)state;
    with("redirect_uri=", "redirect_uri=http%3A%2F%2F127.0.0.1%3A51234%2Fcb", query, sizeof query);
    struct authapp_answer answer = ask_auth(query);
    assert_int_equal(answer.status, 303);
    authapp_answer_done(&answer);
    with("redirect_uri=", "redirect_uri=http%3A%2F%2F127.0.0.1%3A51234%2Fother", query,
         sizeof query);
    assert_page(query);
    with("redirect_uri=", "redirect_uri=http%3A%2F%2F127.0.0.2%3A51234%2Fcb", query, sizeof query);
    assert_page(query);
}

static void each_parameter_has_its_rule(void **state)
{
    static const struct {
        const char *name, *instead, *error;
    } rows[] = {
        {"response_type=", "", "invalid_request"},
        {"response_type=", "response_type=token", "unsupported_response_type"},
        {"response_type=", "response_type=code%20id_token", "unsupported_response_type"},
        {"scope=", "", "invalid_scope"},
        {"scope=", "scope=name", "invalid_scope"},
        {"state=", "", "invalid_request"},
        {"nonce=", "", "invalid_request"},
        {"nonce=", "nonce=%E3%81%82", "invalid_request"},
        {"code_challenge=", "", "invalid_request"},
        {"code_challenge=", "code_challenge=a%2Fb", "invalid_request"},
        {"code_challenge=", "code_challenge=a", "invalid_request"},
        /* 42 and 44 characters, padding, a last character that no hash has, another alphabet; and
         * as long as a verifier, which is a challenge by "plain" alone. */
        {"code_challenge=", "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
         "invalid_request"},
        {"code_challenge=", "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cMa",
         "invalid_request"},
        {"code_challenge=", "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM%3D",
         "invalid_request"},
        {"code_challenge=", "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
         "invalid_request"},
        {"code_challenge=", "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw%2BcM",
         "invalid_request"},
        {"code_challenge=", "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw~cM",
         "invalid_request"},
        {"code_challenge_method=", "", "invalid_request"},
        {"code_challenge_method=", "code_challenge_method=plain", "invalid_request"},
        {"scope=", "scope=openid&acr_values=aal2", "invalid_request"},
        {"scope=", "scope=openid&prompt=none", "login_required"},
        {"scope=", "scope=openid&prompt=none%20login", "invalid_request"},
        {"scope=", "scope=openid&prompt=dance", "invalid_request"},
        {"scope=", "scope=openid&request=a.b.c", "request_not_supported"},
        {"scope=", "scope=openid&request_uri=https%3A%2F%2Fa", "request_uri_not_supported"},
        {"scope=", "scope=openid&registration=%7B%7D", "registration_not_supported"},
        {"scope=", "scope=openid&response_mode=fragment", "invalid_request"},
        {"scope=", "scope=openid%20sign&sign_transaction_id=1", "invalid_request"},
        {"scope=", "scope=openid&sign_transaction_id=123e4567-e89b-12d3-a456-426614174000",
         "invalid_scope"},
    };
    char query[1024];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        with(rows[i].name, rows[i].instead, query, sizeof query);
        assert_error(query, rows[i].error);
    }
}

static void what_may_be_ignored_is(void **state)
{
    struct authapp_answer answer = ask_auth(
        GOOD "&max_age=0&login_hint=a&ui_locales=ja&display=page&claims=%7B%7D&"
             "acr_values=aal3%20ocsp&prompt=login%20consent&unknown=1");

    (void)state;
    assert_int_equal(answer.status, 303);
    assert_true(authapp_answer_has(&answer, "Location: " AUTHAPP_SITE_ISSUER "/login/"));
    authapp_answer_done(&answer);
}

static void assert_value(const char *name, size_t len, bool is_fine)
{
    char value[AUTHAPP_VALUE_MAX + 64];
    char query[2048];

    (void)snprintf(value, sizeof value, "%s%0*d", name, (int)len, 0);
    with(name, value, query, sizeof query);
    if (!is_fine) {
        assert_error(query, "invalid_request");
        return;
    }
    struct authapp_answer answer = ask_auth(query);
    assert_true(authapp_answer_has(&answer, "Location: " AUTHAPP_SITE_ISSUER "/login/"));
    authapp_answer_done(&answer);
}

static void values_end_at_their_limits(void **state)
{
    (void)state;
    assert_value("state=", AUTHAPP_VALUE_MAX, true);
    assert_value("state=", AUTHAPP_VALUE_MAX + 1, false);
    assert_value("nonce=", AUTHAPP_VALUE_MAX, true);
    assert_value("nonce=", AUTHAPP_VALUE_MAX + 1, false);
    assert_value("code_challenge=", AUTHAPP_CHALLENGE_MAX - 1, false);
    assert_value("code_challenge=", AUTHAPP_CHALLENGE_MAX, true);
    assert_value("code_challenge=", AUTHAPP_CHALLENGE_MAX + 1, false);
    assert_value("code_challenge=", PKCE_MAX, false);
}

/* ---- the page ---- */

static void a_login_is_for_the_browser_that_opened_it(void **state)
{
    struct site_login login = authapp_site_open(site, "openid", "");
    struct site_login other = authapp_site_open(site, "openid", "");
    struct site_login fixed = login;

    (void)state;
    assert_int_equal(authapp_site_answer(site, &login, false), 204);
    /* Nobody's browser, another login's, and a cookie that somebody made up. */
    (void)snprintf(fixed.cookie, sizeof fixed.cookie, "X: y\r\n");
    struct authapp_answer without = authapp_site_page(site, &fixed);
    assert_int_equal(without.status, 403);
    authapp_answer_done(&without);
    (void)snprintf(fixed.cookie, sizeof fixed.cookie, "%s", other.cookie);
    struct authapp_answer foreign = authapp_site_page(site, &fixed);
    assert_int_equal(foreign.status, 403);
    authapp_answer_done(&foreign);
    (void)snprintf(fixed.cookie, sizeof fixed.cookie, "Cookie: __Host-login-%s=fixed\r\n",
                   login.session);
    struct authapp_answer made_up = authapp_site_page(site, &fixed);
    assert_int_equal(made_up.status, 403);
    assert_false(authapp_answer_has(&made_up, "code="));
    authapp_answer_done(&made_up);
    struct authapp_answer own = authapp_site_page(site, &login);
    assert_int_equal(own.status, 303);
    authapp_answer_done(&own);
    /* Once. */
    struct authapp_answer again = authapp_site_page(site, &login);
    assert_int_equal(again.status, 404);
    authapp_answer_done(&again);
}

static void a_cookie_is_made_anew_for_each_login_and_kept_close(void **state)
{
    struct authapp_answer answer = authapp_site_ask(
        site, "GET", AUTHAPP_SITE_AUTH "?" GOOD,
        "Cookie: __Host-login-AAAAAAAAAAAAAAAAAAAAAA=planted\r\n", NULL);

    (void)state;
    assert_true(authapp_answer_has(&answer, "Set-Cookie: __Host-login-"));
    assert_true(authapp_answer_has(&answer, "; Path=/;"));
    assert_true(authapp_answer_has(&answer, "; HttpOnly; SameSite=Lax; Secure\r\n"));
    assert_false(authapp_answer_has(&answer, "planted"));
    authapp_answer_done(&answer);
}

/* What the browser gets for its login, by the field Accept-Language and this cookie. */
static void assert_language(const char *target, const char *fields, unsigned status,
                            const char *language)
{
    char head[64];
    struct authapp_answer page = authapp_site_ask(site, "GET", target, fields, NULL);

    (void)snprintf(head, sizeof head, "<html lang=\"%s\">", language);
    assert_int_equal(page.status, status);
    assert_true(authapp_answer_has(&page, head));
    authapp_answer_done(&page);
}

/* Whoever opens the login says in which language; else the browser does. */
static void pages_are_in_the_language_that_is_asked_for(void **state)
{
    static const struct {
        const char *more, *kept, *accepts, *language;
    } rows[] = {
        {"&ui_locales=en", "en", "ja", "en"},
        {"&ui_locales=ja", "ja", "en", "ja"},
        {"&ui_locales=fr%20en-GB%20ja", "en", "ja", "en"},
        {"&ui_locales=JA-JP", "ja", "en", "ja"},
        {"&ui_locales=fr", NULL, "en", "en"},
        {"&ui_locales=eng%20jav", NULL, "ja", "ja"},
        {"&ui_locales=", NULL, "en", "en"},
        {"&ui_locales=%20%20", NULL, "en", "en"},
        {"&ui_locales=en%22%3E%3Cb%3E", NULL, "ja", "ja"},
        {"", NULL, "ja", "ja"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *kept = rows[i].kept;
        char query[1024], more[128], target[128], fields[256], session[32];

        (void)snprintf(more, sizeof more, "nonce=n%s", rows[i].more);
        with("nonce=", more, query, sizeof query);
        struct authapp_answer opened = ask_auth(query);
        authapp_answer_part(&opened, "Location: " AUTHAPP_SITE_ISSUER "/login/", "\r", session,
                            sizeof session);
        (void)snprintf(fields, sizeof fields, "Set-Cookie: __Host-locale-%s=%s;", session,
                       kept == NULL ? "" : kept);
        assert_int_equal(authapp_answer_has(&opened, fields), kept != NULL);
        assert_int_equal(authapp_answer_has(&opened, "__Host-locale-"), kept != NULL);
        authapp_answer_done(&opened);
        /* The page of a browser that has no login cookie is one of this login as well. */
        (void)snprintf(target, sizeof target, AUTHAPP_REALM "/login/%s", session);
        (void)snprintf(fields, sizeof fields,
                       "Accept-Language: %s\r\nCookie: __Host-locale-%s=%s\r\n", rows[i].accepts,
                       session, kept == NULL ? "fr" : kept);
        assert_language(target, fields, 403, rows[i].language);
    }
}

static void the_language_stays_with_its_login(void **state)
{
    struct site_login login = authapp_site_open(site, "openid", "");
    struct site_login other = authapp_site_open(site, "openid", "");
    char target[128], fields[512];
    const size_t len = strlen(login.cookie) - 2; /* without the end of the line */

    (void)state;
    (void)snprintf(target, sizeof target, AUTHAPP_REALM "/login/%s", login.session);
    (void)snprintf(fields, sizeof fields, "%.*s; __Host-locale-%s=en\r\n", (int)len, login.cookie,
                   login.session);
    assert_language(target, fields, 200, "en");
    assert_language(target, fields, 200, "en"); /* and again */
    assert_language(target, login.cookie, 200, "ja");
    (void)snprintf(fields, sizeof fields, "%.*s; __Host-locale-%s=en\r\n", (int)len, login.cookie,
                   other.session);
    assert_language(target, fields, 200, "ja");
    (void)snprintf(fields, sizeof fields, "%.*s; __Host-locale-%s=\"><b>\r\n", (int)len,
                   login.cookie, login.session);
    assert_language(target, fields, 200, "ja");
    /* The page that says that there is no such login speaks it still. */
    (void)snprintf(target, sizeof target, AUTHAPP_REALM "/login/%s", "AAAAAAAAAAAAAAAAAAAAAA");
    assert_language(target, "Cookie: __Host-locale-AAAAAAAAAAAAAAAAAAAAAA=en\r\n", 404, "en");
}

static void pages_are_strict_and_escape_what_is_not_ours(void **state)
{
    struct site_login login = authapp_site_open(site, "openid%20name", "");
    struct authapp_answer page = authapp_site_page(site, &login);

    (void)state;
    assert_int_equal(page.status, 200);
    assert_true(authapp_answer_has(&page, "frame-ancestors 'none'"));
    assert_true(authapp_answer_has(&page, "X-Frame-Options: DENY"));
    assert_true(authapp_answer_has(&page, "default-src 'none'"));
    assert_true(authapp_answer_has(&page, "Referrer-Policy: no-referrer"));
    assert_true(authapp_answer_has(&page, "Cache-Control: no-store"));
    assert_true(authapp_answer_has(&page, "見本銀行 &lt;b&gt;"));
    assert_false(authapp_answer_has(&page, "<b>"));
    assert_true(authapp_answer_has(&page, "script-src 'self'"));
    assert_false(authapp_answer_has(&page, "unsafe-inline"));
    assert_false(authapp_answer_has(&page, "<script>"));
    assert_true(authapp_answer_has(&page, "TEST"));
    assert_true(authapp_answer_has(&page, "https://bank.example</dd>"));
    authapp_answer_done(&page);
}

static void assert_denied(const struct site_login *login)
{
    struct authapp_answer page = authapp_site_page(site, login);

    assert_int_equal(page.status, 303);
    assert_true(
        authapp_answer_has(&page, "Location: " AUTHAPP_SITE_REDIRECT "?error=access_denied"));
    assert_true(authapp_answer_has(&page, "&state=s1&"));
    assert_false(authapp_answer_has(&page, "revoked"));
    authapp_answer_done(&page);
}

static void whoever_cancels_is_not_logged_in(void **state)
{
    struct site_login login = authapp_site_open(site, "openid", "");
    char target[128];

    (void)state;
    (void)snprintf(target, sizeof target, AUTHAPP_REALM "/login/%s/cancel", login.session);
    struct authapp_answer foreign = authapp_site_ask(site, "POST", target, "", "x=1");
    assert_int_equal(foreign.status, 403); /* from another site, without the cookie */
    authapp_answer_done(&foreign);
    struct authapp_answer answer = authapp_site_ask(site, "POST", target, login.cookie, "x=1");
    assert_int_equal(answer.status, 200);
    authapp_answer_done(&answer);
    assert_int_equal(authapp_site_answer(site, &login, false), 409);
    assert_denied(&login);
}

static void a_holder_may_refuse(void **state)
{
    struct site_login login = authapp_site_open(site, "openid", "");
    char target[128];
    char body[64];

    (void)state;
    (void)snprintf(target, sizeof target, "/v1/logins/%s/answer", login.session);
    (void)snprintf(body, sizeof body, "{\"denied\":true,\"code\":\"%s\"}", login.code);
    struct authapp_answer answer = authapp_site_ask(site, "POST", target, "", body);
    assert_int_equal(answer.status, 204);
    authapp_answer_done(&answer);
    assert_denied(&login);
}

/* ---- the card ---- */

static unsigned answer_with(const struct site_login *login, const char *code)
{
    struct site_login other = *login;

    (void)snprintf(other.code, sizeof other.code, "%s", code);
    return authapp_site_answer(site, &other, false);
}

static void a_forwarded_address_needs_the_code_and_few_are_tried(void **state)
{
    struct site_login login = authapp_site_open(site, "openid", "");
    const char *wrong = strcmp(login.code, "000000") == 0 ? "000001" : "000000";
    char target[128];

    (void)state;
    (void)snprintf(target, sizeof target, "/v1/logins/%s/answer", login.session);
    struct authapp_answer none = authapp_site_ask(
        site, "POST", target, "", "{\"certificate\":\"a.b.c.d.e\",\"signature\":\"AAAA\"}");
    assert_int_equal(none.status, 403);
    authapp_answer_done(&none);
    for (int i = 0; i < AUTHAPP_CODES_MAX; i++)
        assert_int_equal(answer_with(&login, wrong), 403);
    assert_int_equal(answer_with(&login, login.code), 403);
    assert_int_equal(site->asked, 0);
}

static void one_wrong_code_less_than_the_limit_is_forgiven(void **state)
{
    struct site_login login = authapp_site_open(site, "openid", "");
    const char *wrong = strcmp(login.code, "000000") == 0 ? "000001" : "000000";

    (void)state;
    for (int i = 0; i < AUTHAPP_CODES_MAX - 1; i++)
        assert_int_equal(answer_with(&login, wrong), 403);
    assert_int_equal(answer_with(&login, login.code), 204);
}

/* What a verdict does to holder and relying party: the holder learns which, the other that. */
static void a_card_that_does_not_count_is_told_its_holder_alone(void **state)
{
    static const struct {
        const char *verdict, *told;
    } rows[] = {
        {"{\"verdict\":\"invalid\",\"reasons\":[\"revoked\"]}", "was revoked"},
        {"{\"verdict\":\"invalid\",\"reasons\":[\"signature-broken\"]}", "did not sign this"},
        {"{\"verdict\":\"invalid\",\"reasons\":[\"expired\"]}", "has expired"},
        {"{\"verdict\":\"invalid\",\"reasons\":[\"holders-differ\"]}", "not one person"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site_login login = authapp_site_open(site, "openid", "");
        char target[128];
        char body[128];

        site->verdict = rows[i].verdict;
        (void)snprintf(target, sizeof target, "/v1/logins/%s/answer", login.session);
        (void)snprintf(body, sizeof body,
                       "{\"code\":\"%s\",\"certificate\":\"a.b.c.d.e\",\"signature\":\"AAAA\"}",
                       login.code);
        struct authapp_answer answer = authapp_site_ask(site, "POST", target, "", body);
        assert_int_equal(answer.status, 422);
        assert_true(authapp_answer_has(&answer, rows[i].told));
        authapp_answer_done(&answer);
        assert_denied(&login);
    }
}

static void what_cannot_be_found_out_is_never_valid_and_may_be_later(void **state)
{
    struct site_login login = authapp_site_open(site, "openid", "");

    (void)state;
    site->verdict = NULL;
    assert_int_equal(authapp_site_answer(site, &login, false), 503);
    site->verdict = "{\"verdict\":\"indeterminate\",\"reasons\":[\"revocation-not-checked\"]}";
    assert_int_equal(authapp_site_answer(site, &login, false), 503);
    site->verdict = "{\"verdict\":\"valid\",\"reasons\":[]}"; /* of whom? */
    assert_int_equal(authapp_site_answer(site, &login, false), 503);
    site->verdict = "{}";
    assert_int_equal(authapp_site_answer(site, &login, false), 503);
    struct authapp_answer page = authapp_site_page(site, &login);
    assert_int_equal(page.status, 200);
    authapp_answer_done(&page);
    site->verdict = AUTHAPP_SITE_VALID;
    assert_int_equal(authapp_site_answer(site, &login, false), 204);
    assert_int_equal(authapp_site_answer(site, &login, false), 409);
}

static void attributes_come_with_the_sign_key_and_only_if_asked_for(void **state)
{
    struct site_login plain = authapp_site_open(site, "openid", "");
    struct site_login all = authapp_site_open(site, "openid%20name", "");

    (void)state;
    assert_int_equal(authapp_site_answer(site, &plain, true), 400);
    assert_int_equal(authapp_site_answer(site, &all, false), 400);
    assert_int_equal(site->asked, 0);
    site->verdict = AUTHAPP_SITE_TOLD;
    assert_int_equal(authapp_site_answer(site, &all, true), 204);
}

static void a_login_ends_with_its_time(void **state)
{
    struct site_login late = authapp_site_open(site, "openid", "");
    struct site_login good = authapp_site_open(site, "openid", "");

    (void)state;
    site->clock.fixed += AUTHAPP_LOGIN_SECONDS;
    assert_int_equal(authapp_site_answer(site, &good, false), 204);
    site->clock.fixed++;
    assert_int_equal(authapp_site_answer(site, &late, false), 404);
    assert_denied(&late);
    /* The browser has some more time to come back, until the next login is opened. */
    site->clock.fixed += AUTHAPP_RETURN_SECONDS - 1;
    (void)authapp_site_open(site, "openid", "");
    struct authapp_answer page = authapp_site_page(site, &good);
    assert_int_equal(page.status, 303);
    authapp_answer_done(&page);
}

static void a_result_that_nobody_fetches_is_forgotten(void **state)
{
    struct site_login login = authapp_site_open(site, "openid", "");

    (void)state;
    assert_int_equal(authapp_site_answer(site, &login, false), 204);
    site->clock.fixed += AUTHAPP_LOGIN_SECONDS + AUTHAPP_RETURN_SECONDS + 1;
    (void)authapp_site_open(site, "openid", "");
    struct authapp_answer page = authapp_site_page(site, &login);
    assert_int_equal(page.status, 404);
    authapp_answer_done(&page);
}

static void the_challenge_says_what_the_card_signs(void **state)
{
    struct site_login login = authapp_site_open(site, "openid%20name%20gender", "");
    char target[64];

    (void)state;
    (void)snprintf(target, sizeof target, "/v1/logins/%s", login.session);
    struct authapp_answer answer = authapp_site_ask(site, "GET", target, "", NULL);
    assert_int_equal(answer.status, 200);
    assert_true(authapp_answer_has(&answer, "\"redirect_uri\":\"" AUTHAPP_SITE_REDIRECT "\""));
    assert_true(authapp_answer_has(&answer, "\"origin\":\"https://bank.example\""));
    assert_true(authapp_answer_has(&answer, "\"attributes\":true,\"wants\":[\"name\",\"gender\"]"));
    assert_false(authapp_answer_has(&answer, login.code));
    authapp_answer_done(&answer);
}

/* In one transaction: that is not what is tested. */
static void fill_with_logins(int count)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(site->authapp.store->db, &txn, NULL), 0);
    for (int i = 0; i < count; i++) {
        char session[AUTHAPP_ID_SIZE];

        (void)snprintf(session, sizeof session, "%022d", i);
        assert_int_equal(
            db_execute(&txn,
                       "INSERT INTO login VALUES (?, 'bank', zeroblob(32), x'7b7d',"
                       " zeroblob(32), '000000', 0, ?, 'open', 0, NULL)",
                       DB_WITH(DB_TEXT(session), DB_INT(AUTHAPP_SITE_NOW + AUTHAPP_LOGIN_SECONDS)),
                       NULL),
            0);
    }
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void logins_are_kept_up_to_their_limit(void **state)
{
    (void)state;
    fill_with_logins(AUTHAPP_LOGINS_MAX - 1);
    (void)authapp_site_open(site, "openid", "");
    struct authapp_answer answer = ask_auth(GOOD);
    assert_int_equal(answer.status, 503);
    authapp_answer_done(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_AUTHAPP_SITE(nobody_is_answered_whose_address_is_not_certain),
        WITH_AUTHAPP_SITE(the_port_of_this_computer_is_free_and_nothing_else),
        WITH_AUTHAPP_SITE(each_parameter_has_its_rule),
        WITH_AUTHAPP_SITE(what_may_be_ignored_is),
        WITH_AUTHAPP_SITE(values_end_at_their_limits),
        WITH_AUTHAPP_SITE(a_login_is_for_the_browser_that_opened_it),
        WITH_AUTHAPP_SITE(a_cookie_is_made_anew_for_each_login_and_kept_close),
        WITH_AUTHAPP_SITE(pages_are_in_the_language_that_is_asked_for),
        WITH_AUTHAPP_SITE(the_language_stays_with_its_login),
        WITH_AUTHAPP_SITE(pages_are_strict_and_escape_what_is_not_ours),
        WITH_AUTHAPP_SITE(whoever_cancels_is_not_logged_in),
        WITH_AUTHAPP_SITE(a_holder_may_refuse),
        WITH_AUTHAPP_SITE(a_forwarded_address_needs_the_code_and_few_are_tried),
        WITH_AUTHAPP_SITE(one_wrong_code_less_than_the_limit_is_forgiven),
        WITH_AUTHAPP_SITE(a_card_that_does_not_count_is_told_its_holder_alone),
        WITH_AUTHAPP_SITE(what_cannot_be_found_out_is_never_valid_and_may_be_later),
        WITH_AUTHAPP_SITE(attributes_come_with_the_sign_key_and_only_if_asked_for),
        WITH_AUTHAPP_SITE(a_login_ends_with_its_time),
        WITH_AUTHAPP_SITE(a_result_that_nobody_fetches_is_forgotten),
        WITH_AUTHAPP_SITE(the_challenge_says_what_the_card_signs),
        WITH_AUTHAPP_SITE(logins_are_kept_up_to_their_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
