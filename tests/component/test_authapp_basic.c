/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenID Connect demands of a provider at least, with a client that has a secret. */
#include "support/authapp_site.h"

#include "authapp/client/register.h"
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define REDIRECT "redirect_uri=https%3A%2F%2Fshop.example%2Fcb"
#define REQUEST  "response_type=code&client_id=shop&" REDIRECT

static struct authapp_site *const site = &authapp_one_site;

/* The login that a request opened; fails if it opened none. */
static struct site_login opened_by(struct authapp_answer answer)
{
    struct site_login login = {.code = ""};
    char value[64];
    char name[64];

    assert_int_equal(answer.status, 303);
    authapp_answer_part(&answer, "Location: " AUTHAPP_SITE_ISSUER "/login/", "\r", login.session,
                        sizeof login.session);
    authapp_answer_part(&answer, "Set-Cookie: ", "=", name, sizeof name);
    authapp_answer_part(&answer, "=" /* of the cookie */, ";", value, sizeof value);
    authapp_answer_part(&answer, name, ";", value, sizeof value);
    (void)snprintf(login.cookie, sizeof login.cookie, "Cookie: %s%s\r\n", name, value);
    authapp_answer_done(&answer);
    struct authapp_answer page = authapp_site_page(site, &login);
    authapp_answer_part(&page, "class=\"code\">", "<", login.code, sizeof login.code);
    authapp_answer_done(&page);
    return login;
}

static struct site_login open_with(const char *query)
{
    char target[1024];

    (void)snprintf(target, sizeof target, "%s?%s&%s", AUTHAPP_SITE_AUTH, REQUEST, query);
    return opened_by(authapp_site_ask(site, "GET", target, "", NULL));
}

static void finish(const struct site_login *login, bool with_sign, char ret_code[64])
{
    site->verdict = with_sign ? AUTHAPP_SITE_TOLD : AUTHAPP_SITE_VALID;
    assert_int_equal(authapp_site_answer(site, login, with_sign), 204);
    struct authapp_answer page = authapp_site_page(site, login);
    assert_int_equal(page.status, 303);
    authapp_answer_part(&page, "Location: https://shop.example/cb?code=", "&\r", ret_code, 64);
    authapp_answer_done(&page);
}

static void authorization(char ret[160])
{
    CLEANUP(buf_done) struct buf field = BUF_INIT;
    char pair[64];
    const char *text;

    (void)snprintf(pair, sizeof pair, "shop:%s", site->shop_secret);
    assert_int_equal(base64_append(&field, BASE64_PADDED, bytes_text(pair), NULL), 0);
    assert_int_equal(buf_text(&field, &text, NULL), 0);
    (void)snprintf(ret, 160, "Authorization: Basic %s\r\n", text);
}

static struct authapp_answer exchange(const char *code)
{
    char field[160];
    char form[256];

    authorization(field);
    (void)snprintf(form, sizeof form, "grant_type=authorization_code&code=%s&%s", code, REDIRECT);
    return authapp_site_ask(site, "POST", AUTHAPP_SITE_TOKEN, field, form);
}

static void log_in(const char *query, bool with_sign, char ret_access[64])
{
    struct site_login login = open_with(query);
    char code[64];

    finish(&login, with_sign, code);
    struct authapp_answer answer = exchange(code);
    assert_int_equal(answer.status, 200);
    authapp_answer_part(&answer, "\"access_token\":\"", "\"", ret_access, 64);
    authapp_answer_done(&answer);
}

static void a_request_without_nonce_state_and_challenge_succeeds(void **state)
{
    struct site_login login = open_with("scope=openid");
    char code[64];

    (void)state;
    finish(&login, false, code);
    struct authapp_answer answer = exchange(code);
    assert_int_equal(answer.status, 200);
    assert_true(authapp_answer_has(&answer, "\"id_token\":\""));
    assert_false(authapp_answer_has(&answer, "refresh_token")); /* not registered for it */
    authapp_answer_done(&answer);
}

/* ASP.NET Core, for one, keeps where its user was in the state, sealed. */
static void a_state_is_as_long_as_libraries_make_it(void **state)
{
    static const char ask[] = AUTHAPP_SITE_AUTH "?" REQUEST "&scope=openid&state=";
    char target[AUTHAPP_STATE_MAX + 512];
    char came_back[AUTHAPP_STATE_MAX + 2];
    char code[64];

    (void)state;
    (void)snprintf(target, sizeof target, "%s%0*d", ask, AUTHAPP_STATE_MAX, 7);
    struct site_login login = opened_by(authapp_site_ask(site, "GET", target, "", NULL));
    site->verdict = AUTHAPP_SITE_VALID;
    assert_int_equal(authapp_site_answer(site, &login, false), 204);
    struct authapp_answer page = authapp_site_page(site, &login);
    authapp_answer_part(&page, "cb?code=", "&", code, sizeof code);
    authapp_answer_part(&page, "&state=", "&", came_back, sizeof came_back);
    authapp_answer_done(&page);
    assert_int_equal(strspn(came_back, "0"), AUTHAPP_STATE_MAX - 1);
    assert_string_equal(came_back + AUTHAPP_STATE_MAX - 1, "7");
    (void)snprintf(target, sizeof target, "%s%0*d", ask, AUTHAPP_STATE_MAX + 1, 7);
    struct authapp_answer none = authapp_site_ask(site, "GET", target, "", NULL);
    assert_true(authapp_answer_has(&none, "error=invalid_request"));
    authapp_answer_done(&none);
}

static void a_request_by_post_succeeds(void **state)
{
    struct site_login login = opened_by(
        authapp_site_ask(site, "POST", AUTHAPP_SITE_AUTH, "", REQUEST "&scope=openid"));
    char code[64];

    (void)state;
    finish(&login, false, code);
    assert_true(strlen(code) == 43);
}

static void other_scopes_orders_and_parameters_succeed(void **state)
{
    static const char *const queries[] = {
        "scope=profile%20openid%20email%20phone",
        "scope=name+openid",
        "scope=openid&display=page",
        "scope=openid&display=popup",
        "scope=openid&prompt=login",
        "scope=openid&max_age=1",
        "scope=openid&max_age=10000",
        "scope=openid&extra=foobar",
        "scope=openid&login_hint=bob",
        "scope=openid&ui_locales=se",
        "scope=openid&claims_locales=se",
        "scope=openid&acr_values=1%202",
        "scope=openid&claims=%7B%22userinfo%22%3A%7B%22name%22%3Anull%7D%7D",
    };

    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
        (void)open_with(queries[i]);
}

static void claims_are_spelled_as_the_standard_has_them(void **state)
{
    char token[64];
    char field[128];
    char form[128];

    (void)state;
    log_in("scope=openid%20name", true, token);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", token);
    (void)snprintf(form, sizeof form, "access_token=%s", token);
    struct authapp_answer answers[] = {
        authapp_site_ask(site, "GET", AUTHAPP_OIDC "/userinfo", field, NULL),
        authapp_site_ask(site, "POST", AUTHAPP_OIDC "/userinfo", field, "x=1"),
        authapp_site_ask(site, "POST", AUTHAPP_OIDC "/userinfo", "", form),
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        assert_int_equal(answers[i].status, 200);
        assert_true(authapp_answer_has(&answers[i], "\"sub\":\""));
        assert_true(authapp_answer_has(&answers[i], "\"name\":\"番号　花子\""));
        authapp_answer_done(&answers[i]);
    }
}

static void a_birth_date_and_a_sex_are_words_for_this_profile(void **state)
{
    static const char metadata[] =
        "{\"client_id\":\"clinic\",\"client_name\":\"C\",\"profile\":\"basic\","
        "\"id_token_signed_response_alg\":\"ES256\","
        "\"token_endpoint_auth_method\":\"client_secret_post\",\"scope\":\"openid address "
        "birthdate "
        "gender\",\"redirect_uris\":[\"https://shop.example/cb\"]}";
    const struct audit_origin by = audit_by_self(AUTHAPP_SITE_NOW);
    char secret[CLIENT_SECRET_SIZE];
    char code[64];
    char form[384];
    char token[64];

    (void)state;
    assert_int_equal(
        client_register(site->authapp.store, BYTES_LITERAL(metadata), &by, secret, NULL), 0);
    struct site_login login = opened_by(
        authapp_site_ask(site, "GET",
                         AUTHAPP_SITE_AUTH "?response_type=code&client_id=clinic&" REDIRECT
                                           "&scope=openid%20address%20birthdate%20gender",
                         "", NULL));
    finish(&login, true, code);
    (void)snprintf(form, sizeof form,
                   "grant_type=authorization_code&code=%s&%s&client_id=clinic&client_secret=%s",
                   code, REDIRECT, secret);
    struct authapp_answer answer = authapp_site_ask(site, "POST", AUTHAPP_SITE_TOKEN, "", form);
    assert_int_equal(answer.status, 200);
    authapp_answer_part(&answer, "\"access_token\":\"", "\"", token, sizeof token);
    authapp_answer_done(&answer);
    (void)snprintf(form, sizeof form, "Authorization: Bearer %s\r\n", token);
    struct authapp_answer claims = authapp_site_ask(site, "GET", AUTHAPP_OIDC "/userinfo", form,
                                                    NULL);
    assert_true(authapp_answer_has(&claims, "\"address\":{\"formatted\":\"見本町\"}"));
    assert_true(authapp_answer_has(&claims, "\"birthdate\":\"1990-04-15\",\"gender\":\"female\""));
    authapp_answer_done(&claims);
}

static void discovery_names_each_endpoint_and_the_keys_are_there(void **state)
{
    static const char *const members[] = {
        "\"issuer\":\"" AUTHAPP_SITE_ISSUER "\"",
        "\"token_endpoint\":\"" AUTHAPP_SITE_ISSUER "/protocol/openid-connect/token\"",
        "\"jwks_uri\":\"" AUTHAPP_SITE_ISSUER "/protocol/openid-connect/certs\"",
        "\"subject_types_supported\":[\"pairwise\"]",
        "\"response_types_supported\":[\"code\"]",
        "\"code_challenge_methods_supported\":[\"S256\"]",
    };
    struct authapp_answer answer = authapp_site_ask(
        site, "GET", AUTHAPP_REALM "/.well-known/openid-configuration", "", NULL);

    (void)state;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        assert_true(authapp_answer_has(&answer, members[i]));
    authapp_answer_done(&answer);
    struct authapp_answer keys = authapp_site_ask(site, "GET", AUTHAPP_OIDC "/certs", "", NULL);
    assert_true(authapp_answer_has(&keys, "\"kid\":\""));
    assert_false(authapp_answer_has(&keys, "\"d\":"));
    authapp_answer_done(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_AUTHAPP_SITE(a_request_without_nonce_state_and_challenge_succeeds),
        WITH_AUTHAPP_SITE(a_state_is_as_long_as_libraries_make_it),
        WITH_AUTHAPP_SITE(a_request_by_post_succeeds),
        WITH_AUTHAPP_SITE(other_scopes_orders_and_parameters_succeed),
        WITH_AUTHAPP_SITE(claims_are_spelled_as_the_standard_has_them),
        WITH_AUTHAPP_SITE(a_birth_date_and_a_sex_are_words_for_this_profile),
        WITH_AUTHAPP_SITE(discovery_names_each_endpoint_and_the_keys_are_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
