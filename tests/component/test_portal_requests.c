/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a site may ask of the portal, in whatever way its library puts it, and what of that is
 * refused: requests, and questions who somebody is.
 */
#include "http/form.h"
#include "http/limits.h"
#include "support/sso_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What a site asks beside who it is and where it is answered, and the error that it gets. */
static const struct {
    const char *query, *error;
} unguarded[] = {
    {"response_type=code&scope=openid&state=s&code_challenge=C&code_challenge_method=S256",
     "invalid_request"},
    {"response_type=code&scope=openid&nonce=n&code_challenge=C&code_challenge_method=S256",
     "invalid_request"},
    {"response_type=code&scope=openid&state=s&nonce=n", "invalid_request"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=plain",
     "invalid_request"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=short"
     "&code_challenge_method=S256",
     "invalid_request"},
    /* As long as a hash in base64url, and none. */
    {"response_type=code&scope=openid&state=s&nonce=n"
     "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw~cM&code_challenge_method=S256",
     "invalid_request"},
    {"response_type=code&scope=openid&state=s&nonce=n"
     "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN&code_challenge_method=S256",
     "invalid_request"},
    {"response_type=token&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256",
     "unsupported_response_type"},
    {"response_type=code&scope=openidx%20name&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256",
     "invalid_scope"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256&request=e30",
     "request_not_supported"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256&prompt=login",
     "login_required"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256&request_uri=x",
     "request_uri_not_supported"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256&registration=x",
     "registration_not_supported"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256&response_mode=form_post",
     "invalid_request"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256&prompt=none%20login",
     "invalid_request"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256&max_age=-1",
     "invalid_request"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256&max_age=0",
     "login_required"},
    {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
     "&code_challenge_method=S256&id_token_hint=e30.e30.x",
     "login_required"},
};

static void a_request_without_its_guards_is_refused(void **state)
{
    char line[512], wanted[64];

    (void)state;
    sso_link("tax");
    for (size_t i = 0; i < sizeof unguarded / sizeof unguarded[0]; i++) {
        (void)snprintf(line, sizeof line,
                       "GET /sso/authorize?client_id=tax&redirect_uri=https%%3A%%2F%%2F"
                       "tax.openjpki.test%%2Fcallback&%s",
                       unguarded[i].query);
        (void)snprintf(wanted, sizeof wanted, SSO_BACK "?error=%s&", unguarded[i].error);
        /* A challenge of the right length in the place of C. */
        char *at = strstr(line, "code_challenge=C");
        if (at != NULL) {
            char rest[256];

            (void)snprintf(rest, sizeof rest, "%s", at + 16);
            (void)snprintf(at, sizeof line - (size_t)(at - line),
                           "code_challenge=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%s", rest);
        }
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &browser, line, NULL);

        if (answer.status != 303 || !portal_has(&answer, wanted))
            fail_msg("row %zu: %s", i, (const char *)answer.text.ptr);
    }
}

static void state_and_nonce_have_a_limit(void **state)
{
    static const struct {
        const char *name, *other;
        size_t most;
    } rows[] = {{"nonce", "state=s1", SITE_VALUE_MAX}, {"state", "nonce=n1", SITE_STATE_MAX}};
    char more[SITE_STATE_MAX + 2];

    (void)state;
    sso_link("tax");
    for (size_t i = 0; i < 4; i++) {
        char line[2048], challenge[PORTAL_SECRET_SIZE];

        memset(more, 'x', sizeof more);
        more[rows[i / 2].most + i % 2] = '\0';
        sso_challenge(challenge);
        (void)snprintf(line, sizeof line,
                       "GET /sso/authorize?client_id=tax&redirect_uri=https%%3A%%2F%%2F"
                       "tax.openjpki.test%%2Fcallback&response_type=code&scope=openid&%s"
                       "&%s=%s&code_challenge=%s&code_challenge_method=S256",
                       rows[i / 2].other, rows[i / 2].name, more, challenge);
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &browser, line, NULL);

        assert_int_equal(answer.status, 303);
        assert_true(portal_has(&answer, i % 2 == 1 ? "?error=invalid_request" : "?code="));
    }
}

/* What libraries of OpenID Connect send unless they are told otherwise. */
static void what_is_not_known_is_passed_over(void **state)
{
    static const char *const queries[] = {
        "scope=openid%20profile%20email", "scope=offline_access%20openid",
        "scope=openid&display=page",      "scope=openid&ui_locales=ja",
        "scope=openid&acr_values=aal9",   "scope=openid&claims=%7B%7D",
        "scope=openid&response_mode=",    "scope=openid&prompt=",
        "scope=openid&login_hint=x",      "scope=openid&response_mode=query"};
    char line[512], challenge[PORTAL_SECRET_SIZE];

    (void)state;
    sso_link("tax");
    sso_challenge(challenge);
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        (void)snprintf(line, sizeof line,
                       "GET /sso/authorize?client_id=tax&redirect_uri=https%%3A%%2F%%2F"
                       "tax.openjpki.test%%2Fcallback&response_type=code&state=s1&nonce=n1"
                       "&code_challenge=%s&code_challenge_method=S256&%s",
                       challenge, queries[i]);
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &browser, line, NULL);

        if (!portal_has(&answer, SSO_BACK "?code="))
            fail_msg("%s: %s", queries[i], (const char *)answer.text.ptr);
    }
}

static void a_login_that_is_too_old_is_no_login_for_the_site(void **state)
{
    char place[1024];

    (void)state;
    sso_link("tax");
    portal_site_at(&site, 60);
    for (int over = 0; over < 2; over++) {
        sso_go(&browser, "tax", over ? "&max_age=60" : "&max_age=61", place);
        assert_non_null(
            strstr(place, over ? SSO_BACK "?error=login_required&" : SSO_BACK "?code="));
    }
}

/* A form comes without the portal's cookie, as from another's page, and the link with it. */
static void a_request_by_a_form_comes_again_as_a_link(void **state)
{
    static const char *const forms[] = {"client_id=tax&client_id=tax", "client_id=%"};
    char form[512], place[1024], line[1100], challenge[PORTAL_SECRET_SIZE];
    char longer[HTTP_LOCATION_MAX + 1];
    const char *at;

    (void)state;
    sso_link("tax");
    sso_challenge(challenge);
    (void)snprintf(form, sizeof form,
                   "client_id=tax&redirect_uri=https%%3A%%2F%%2Ftax.openjpki.test%%2Fcallback"
                   "&response_type=code&scope=profile+openid&state=a%%26b&nonce=n1"
                   "&code_challenge=%s&code_challenge_method=S256",
                   challenge);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask_with(&site, NULL, "POST /sso/authorize", "",
                                                      HTTP_FORM_TYPE, form);

        assert_int_equal(answer.status, 303);
        at = strstr((const char *)answer.text.ptr, "\r\nLocation: /sso/authorize?");
        assert_non_null(at);
        (void)snprintf(place, sizeof place, "%.*s", (int)strcspn(at + 12, "\r"), at + 12);
    }
    (void)snprintf(line, sizeof line, "GET %s", place);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &browser, line, NULL);

        assert_true(portal_has(&answer, SSO_BACK "?code="));
        assert_true(portal_has(&answer, "&state=a%26b&iss="));
    }
    memset(longer, 'x', sizeof longer);
    memcpy(longer, "state=", 6);
    longer[HTTP_LOCATION_MAX] = '\0';
    for (size_t i = 0; i < 3; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask_with(&site, NULL, "POST /sso/authorize", "",
                                                      HTTP_FORM_TYPE, i < 2 ? forms[i] : longer);

        assert_true(portal_has(&answer, "Location: /#/linkage/unknown\r\n"));
    }
}

static void userinfo_is_asked_by_a_form_as_well(void **state)
{
    char code[PORTAL_SECRET_SIZE], form[128], field[128];

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = sso_redeem(code);
    (void)snprintf(form, sizeof form, "access_token=%s", portal_text(&answer, "access_token"));
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n",
                   portal_text(&answer, "access_token"));
    {
        CLEANUP(portal_answer_done)
        struct portal_answer in_form = portal_ask_with(&site, NULL, "POST /sso/userinfo", "",
                                                       HTTP_FORM_TYPE, form);
        CLEANUP(portal_answer_done)
        struct portal_answer in_header = portal_ask_with(&site, NULL, "POST /sso/userinfo", field,
                                                         HTTP_FORM_TYPE, "");
        CLEANUP(portal_answer_done)
        struct portal_answer without = portal_ask_with(&site, NULL, "POST /sso/userinfo", "",
                                                       HTTP_FORM_TYPE, "access_token=x");

        assert_int_equal(in_form.status, 200);
        assert_int_equal(in_header.status, 200);
        assert_string_equal(portal_text(&in_form, "sub"), portal_text(&in_header, "sub"));
        assert_int_equal(without.status, 401);
    }
}

/* Goes on with an ID token of before as the hint; whether that was who was meant. */
static bool is_meant(struct portal_browser *whose, const char *id, const char *hint)
{
    char more[1024], place[1024];

    (void)snprintf(more, sizeof more, "&id_token_hint=%s", hint);
    sso_go(whose, id, more, place);
    if (strstr(place, "?code=") != NULL)
        return true;
    assert_non_null(strstr(place, "?error=login_required&"));
    return false;
}

static void a_hint_is_for_one_person_at_one_site(void **state)
{
    struct portal_browser other;
    char code[PORTAL_SECRET_SIZE], hint[1024], place[1024];
    char wrong[2048];

    (void)state;
    sso_link("tax");
    sso_link("pension");
    sso_sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = sso_redeem(code);
    (void)snprintf(hint, sizeof hint, "%s", portal_text(&answer, "id_token"));
    portal_site_at(&site, SITE_TOKEN_SECONDS + 60);
    assert_true(is_meant(&browser, "tax", hint));
    assert_false(is_meant(&browser, "pension", hint));
    (void)snprintf(wrong, sizeof wrong, "%s", hint);
    wrong[strlen(wrong) - 10] = wrong[strlen(wrong) - 10] == 'A' ? 'B' : 'A';
    assert_false(is_meant(&browser, "tax", wrong));

    (void)portal_site_open(&site, &other, "sub-2", 2);
    (void)snprintf(wrong, sizeof wrong, "&id_token_hint=%s", hint);
    sso_go(&other, "tax", wrong, place);
    assert_string_equal(place, "/#/linkage/tax");
    assert_int_equal(portal_status(&site, &other, "PUT /v1/sites/tax/linkage", NULL), 204);
    assert_false(is_meant(&other, "tax", hint));
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, sso_set_up, sso_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(a_request_without_its_guards_is_refused),
        ROW(state_and_nonce_have_a_limit),
        ROW(what_is_not_known_is_passed_over),
        ROW(a_login_that_is_too_old_is_no_login_for_the_site),
        ROW(a_request_by_a_form_comes_again_as_a_link),
        ROW(userinfo_is_asked_by_a_form_as_well),
        ROW(a_hint_is_for_one_person_at_one_site),
    };

    return cmocka_run_group_tests_name("portal_requests", tests, NULL, NULL);
}
