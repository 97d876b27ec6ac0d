/* SPDX-License-Identifier: Apache-2.0 */
/* What of a provider's tokens a portal believes: those that open sessions, and those that end them.
 */
#include "support/portal_provider.h"

#include "base/base64.h"
#include "fetch/limits.h"
#include "http/form.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- ID tokens ---- */

#define ELSEWHERE   "a token of another provider"
#define FOR_OTHERS  "a token for somebody else"
#define OTHER_LOGIN "a token of another login"
#define NO_CARD     "a login without a card"
#define NO_TIME     "a token without its time"
#define NOT_NOW     "a token that does not count now"

/* Operators learn what it was. */
static void claims_that_do_not_fit_open_nothing(void **state)
{
    static const struct {
        const char *name, *text, *why;
    } changes[] = {
        {"iss", "https://evil.example", ELSEWHERE},
        {"aud", "another-client", FOR_OTHERS},
        {"nonce", "another-nonce", OTHER_LOGIN},
        {"azp", "another-client", FOR_OTHERS},
        {"sub", "", "a token without its \"sub\""},
        {"sid", "", "a token without its \"sid\""},
        {"acr", "aal1", NO_CARD},
    };
    static const struct {
        const char *name, *why;
    } missing[] = {
        {"iss", ELSEWHERE},
        {"aud", FOR_OTHERS},
        {"nonce", OTHER_LOGIN},
        {"sub", "a token without its \"sub\""},
        {"sid", "a token without its \"sid\""},
        {"acr", NO_CARD},
        {"iat", NO_TIME},
        {"exp", NO_TIME},
    };
    struct portal_browser browser = {.cookie = ""};

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const struct way way = set_out(&browser, "GET /login");
        struct json *claims = good_claims(&way);

        assert_int_equal(json_put_text(claims, changes[i].name, changes[i].text, NULL), 0);
        sign_token(provider.key, "JWT", claims, &provider.id_token);
        json_free(claims);
        assert_refused(&browser, &way, changes[i].why);
    }
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        const struct way way = set_out(&browser, "GET /login");

        struct json *claims;

        omitted = missing[i].name;
        claims = good_claims(&way);
        sign_token(provider.key, "JWT", claims, &provider.id_token);
        json_free(claims);
        assert_refused(&browser, &way, missing[i].why);
        omitted = NULL;
    }
    assert_string_equal(browser.cookie, "");
}

static void try_times(int64_t begins, int64_t ends, const char *place)
{
    struct portal_browser browser = {.cookie = ""};
    const struct way way = set_out(&browser, "GET /login");
    struct json *claims = good_claims(&way);

    assert_int_equal(json_put_int(claims, "iat", PORTAL_SITE_NOW + begins, NULL), 0);
    assert_int_equal(json_put_int(claims, "exp", PORTAL_SITE_NOW + ends, NULL), 0);
    log_in_with(&browser, claims, &way, place);
    if (strcmp(place, "/#/") != 0)
        assert_string_equal(observed.why, NOT_NOW);
}

static void a_token_counts_in_its_time_alone(void **state)
{
    (void)state;
    try_times(PORTAL_SKEW_SECONDS, 300, "/#/");
    try_times(PORTAL_SKEW_SECONDS + 1, 300, "/#/login/refused");
    try_times(-60, -PORTAL_SKEW_SECONDS + 1, "/#/");
    try_times(-60, -PORTAL_SKEW_SECONDS, "/#/login/refused");
    try_times(-PORTAL_TOKEN_AGE, 300, "/#/");
    try_times(-PORTAL_TOKEN_AGE - 1, 300, "/#/login/refused");
}

static void names_end_at_their_limit(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    char text[PORTAL_CLAIM_MAX + 2];

    (void)state;
    for (int more = 0; more <= 1; more++) {
        const struct way way = set_out(&browser, "GET /login");
        struct json *claims = good_claims(&way);

        memset(text, 'x', sizeof text);
        text[PORTAL_CLAIM_MAX + more] = '\0';
        assert_int_equal(json_put_text(claims, "sub", text, NULL), 0);
        log_in_with(&browser, claims, &way, more == 0 ? "/#/" : "/#/login/refused");
    }
}

static void a_token_that_the_provider_has_not_signed_opens_nothing(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    struct way way = set_out(&browser, "GET /login");
    struct json *claims = good_claims(&way);
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    sign_token(provider.other, "JWT", claims, &provider.id_token);
    assert_refused(&browser, &way, "no key of this set made the signature");
    way = set_out(&browser, "GET /login");
    json_free(claims);
    claims = good_claims(&way);
    sign_token(provider.key, "logout+jwt", claims,
               &provider.id_token); /* signed, and no ID token */
    assert_refused(&browser, &way, "this is no token of that kind");
    way = set_out(&browser, "GET /login");
    json_free(claims);
    claims = good_claims(&way);
    sign_token(provider.key, "JWT", claims, &provider.id_token);
    provider.id_token.ptr[provider.id_token.len - 8] =
        provider.id_token.ptr[provider.id_token.len - 8] == 'A' ? 'B' : 'A';
    assert_refused(&browser, &way, "no key of this set made the signature");
    way = set_out(&browser, "GET /login");
    json_free(claims);
    claims = good_claims(&way);
    buf_clear(&provider.id_token); /* alg none */
    assert_int_equal(base64_append(&provider.id_token, BASE64_URL,
                                   BYTES_LITERAL("{\"alg\":\"none\",\"typ\":\"JWT\"}"), NULL),
                     0);
    assert_int_equal(buf_append_byte(&provider.id_token, '.', NULL), 0);
    assert_int_equal(json_write(claims, &text, NULL), 0);
    assert_int_equal(base64_append(&provider.id_token, BASE64_URL, buf_bytes(&text), NULL), 0);
    assert_int_equal(buf_append_byte(&provider.id_token, '.', NULL), 0);
    assert_refused(&browser, &way,
                   "this is no token: a JWS whose \"alg\" is none of RS256, PS256 and ES256");
    json_free(claims);
    assert_string_equal(browser.cookie, "");
}

static void keys_that_follow_each_other_are_fetched_again(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    struct privkey *first = provider.key;
    struct way way;

    (void)state;
    log_in(&browser);
    provider.key = provider.other;
    provider.other = first;
    provider.shown = provider.key;
    portal_site_at(&site, FETCH_JWKS_PAUSE - 1);
    way = set_out(&browser, "GET /login");
    log_in_with(&browser, good_claims(&way), &way, "/#/login/refused");
    portal_site_at(&site, FETCH_JWKS_PAUSE);
    way = set_out(&browser, "GET /login");
    log_in_with(&browser, good_claims(&way), &way, "/#/");
    /* The old one is not published any more. */
    provider.key = first;
    provider.other = (struct privkey *)(uintptr_t)provider.shown;
    portal_site_at(&site, 3 * FETCH_JWKS_PAUSE);
    way = set_out(&browser, "GET /login");
    log_in_with(&browser, good_claims(&way), &way, "/#/login/refused");
}

static void a_set_of_keys_ends_at_its_limit(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    struct way way = set_out(&browser, "GET /login");

    (void)state;
    provider.padding = FETCH_JWKS_MAX + 1;
    log_in_with(&browser, good_claims(&way), &way, "/#/login/unavailable");
    provider.padding = FETCH_JWKS_MAX;
    way = set_out(&browser, "GET /login");
    log_in_with(&browser, good_claims(&way), &way, "/#/");
}

static void without_signerd_nobody_logs_in(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    const struct way way = set_out(&browser, "GET /login");
    char line[PROVIDER_TEXT_SIZE];

    (void)state;
    token_signer.is_down = true;
    (void)snprintf(line, sizeof line, "GET " PORTAL_CALLBACK "?state=%s%s", way.state,
                   with_code("c"));
    assert_int_equal(portal_status(&site, &browser, line, NULL), 503);
    assert_int_equal(provider.asked, 0);
}

/* ---- ends ---- */

static void a_logout_leads_to_the_provider(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    struct portal_browser before;

    (void)state;
    log_in(&browser);
    before = browser;
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, &browser, "POST /v1/logout", NULL);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(portal_text(&answer, "address"), "/realm/logout?id_token_hint=eyJ"));
    assert_non_null(strstr(portal_text(&answer, "address"),
                           "&post_logout_redirect_uri=https%3A%2F%2Fportal.openjpki.test%2F"));
    assert_string_equal(browser.cookie, "");
    assert_int_equal(portal_status(&site, &before, "GET /v1/me", NULL), 403);
}

static void a_logout_is_one_without_the_provider_too(void **state)
{
    struct portal_browser browser = {.cookie = ""};

    (void)state;
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    provider.is_down = true;
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, &browser, "POST /v1/logout", NULL);
    assert_int_equal(answer.status, 200);
    assert_true(portal_has(&answer, "\"address\":null"));
}

static struct json *logout_claims(void)
{
    int64_t now = clock_now(&site.clock);
    struct json *claims = json_object_new();
    struct json *events = json_object_new();

    assert_int_equal(json_put(events, "http://schemas.openid.net/event/backchannel-logout",
                              json_object_new(), NULL),
                     0);
    put_text(claims, "iss", provider.issuer);
    put_text(claims, "sub", "pseudonym");
    put_text(claims, "aud", "portal");
    put_text(claims, "sid", "sid-1");
    put_text(claims, "jti", "j");
    put_int(claims, "iat", now);
    put_int(claims, "exp", now + 300);
    if (omitted != NULL && strstr(omitted, "events") != NULL)
        json_free(events);
    else
        assert_int_equal(json_put(claims, "events", events, NULL), 0);
    return claims;
}

static unsigned tell(const struct privkey *key, const char *typ, struct json *claims)
{
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    char form[PROVIDER_TEXT_SIZE];

    sign_token(key, typ, claims, &token);
    json_free(claims);
    (void)snprintf(form, sizeof form, "logout_token=%.*s", (int)token.len, (const char *)token.ptr);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask_with(&site, NULL, "POST /login/ended", "",
                                                  HTTP_FORM_TYPE, form);
    return answer.status;
}

static void what_is_no_logout_token_ends_nothing(void **state)
{
    static const char *const missing[] = {"iss", "aud", "iat", "exp", "events", "sid,sub"};
    struct portal_browser browser = {.cookie = ""};
    struct json *claims;

    (void)state;
    log_in(&browser);
    assert_int_equal(tell(provider.other, "logout+jwt", logout_claims()), 400);
    assert_int_equal(tell(provider.key, "JWT", logout_claims()), 400);
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        omitted = missing[i];
        assert_int_equal(tell(provider.key, "logout+jwt", logout_claims()), 400);
        omitted = NULL;
    }
    claims = logout_claims();
    assert_int_equal(json_put_text(claims, "aud", "another-client", NULL), 0);
    assert_int_equal(tell(provider.key, "logout+jwt", claims), 400);
    claims = logout_claims();
    assert_int_equal(json_put_text(claims, "nonce", "n", NULL), 0);
    assert_int_equal(tell(provider.key, "logout+jwt", claims), 400);
    CLEANUP(portal_answer_done)
    struct portal_answer empty = portal_ask_with(&site, NULL, "POST /login/ended", "",
                                                 HTTP_FORM_TYPE, "a=b");
    assert_int_equal(empty.status, 400);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 200);
}

static void a_logout_token_ends_what_it_names(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    struct portal_browser other;
    struct json *claims;

    (void)state;
    log_in(&browser);
    (void)portal_site_open(&site, &other, "sub-2", 0);
    claims = logout_claims(); /* of another session */
    assert_int_equal(json_put_text(claims, "sid", "sid-9", NULL), 0);
    assert_int_equal(tell(provider.key, "logout+jwt", claims), 204);
    claims = logout_claims(); /* of this session, and of somebody else */
    assert_int_equal(json_put_text(claims, "sub", "somebody", NULL), 0);
    assert_int_equal(tell(provider.key, "logout+jwt", claims), 204);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 200);
    assert_int_equal(tell(provider.key, "logout+jwt", logout_claims()), 204);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 403);
    assert_int_equal(tell(provider.key, "logout+jwt", logout_claims()), 204);
    assert_int_equal(portal_status(&site, &other, "GET /v1/me", NULL), 200);
}

static void the_key_of_the_portal_is_published(void **state)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, NULL, "GET /login/keys", NULL);
    const struct json *keys = NULL;
    const char *kid = NULL;

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_array(answer.json, "keys", &keys, NULL), 0);
    assert_int_equal(json_count(keys), 1);
    assert_int_equal(json_get_text(json_at(keys, 0), "kid", &kid, NULL), 0);
    assert_string_equal(kid, site.portal.assertion.kid.text);
    assert_int_equal(jwk_check_public(json_at(keys, 0), NULL), 0);
}

int main(void)
{
#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, provider_setup, provider_teardown)
    const struct CMUnitTest tests[] = {
        WITH_SITE(the_key_of_the_portal_is_published),
        WITH_SITE(claims_that_do_not_fit_open_nothing),
        WITH_SITE(a_token_counts_in_its_time_alone),
        WITH_SITE(names_end_at_their_limit),
        WITH_SITE(a_token_that_the_provider_has_not_signed_opens_nothing),
        WITH_SITE(keys_that_follow_each_other_are_fetched_again),
        WITH_SITE(a_set_of_keys_ends_at_its_limit),
        WITH_SITE(without_signerd_nobody_logs_in),
        WITH_SITE(a_logout_leads_to_the_provider),
        WITH_SITE(a_logout_is_one_without_the_provider_too),
        WITH_SITE(what_is_no_logout_token_ends_nothing),
        WITH_SITE(a_logout_token_ends_what_it_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
