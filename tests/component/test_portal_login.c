/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in to a portal as a browser does it: which one is taken back, and whose account it opens.
 * The real provider is in tests/system/test_portald.py.
 */
#include "support/portal_provider.h"

#include "base/base64.h"
#include "portal/account/browser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- setting out ---- */

static void a_page_that_is_none_is_refused(void **state)
{
    char line[256];
    char page[PORTAL_PAGE_MAX + 2];

    (void)state;
    assert_int_equal(portal_status(&site, NULL, "GET /login?page=//evil.example", NULL), 400);
    assert_int_equal(portal_status(&site, NULL, "GET /login?page=A", NULL), 400);
    assert_int_equal(portal_status(&site, NULL, "GET /login?page=%0d%0aSet-Cookie:a", NULL), 400);
    memset(page, 'a', sizeof page);
    page[PORTAL_PAGE_MAX + 1] = '\0';
    (void)snprintf(line, sizeof line, "GET /login?page=%s", page);
    assert_int_equal(portal_status(&site, NULL, line, NULL), 400);
    page[PORTAL_PAGE_MAX] = '\0';
    (void)snprintf(line, sizeof line, "GET /login?page=%s", page);
    assert_int_equal(portal_status(&site, NULL, line, NULL), 303);
}

/* As the portal's page is read; what the provider would not know does not go there. */
static void the_language_goes_on_to_the_provider(void **state)
{
    static const struct {
        const char *line, *sent;
    } rows[] = {{"GET /login?ui_locales=en", "&ui_locales=en\r\n"},
                {"GET /login?page=start&ui_locales=ja", "&ui_locales=ja\r\n"},
                {"GET /login", NULL},
                {"GET /login?ui_locales=", NULL},
                {"GET /login?ui_locales=fr", NULL},
                {"GET /login?ui_locales=en%26prompt=none", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, NULL, rows[i].line, NULL);

        assert_int_equal(answer.status, 303);
        assert_int_equal(portal_has(&answer, "ui_locales"), rows[i].sent != NULL);
        if (rows[i].sent != NULL)
            assert_true(portal_has(&answer, rows[i].sent));
        assert_false(portal_has(&answer, "prompt"));
    }
    assert_int_equal(portal_status(&site, NULL, "GET /login?ui_locales=en%0d%0aX:y", NULL), 400);
}

static void each_browser_sets_out_with_values_of_its_own(void **state)
{
    struct portal_browser first = {.cookie = ""};
    struct portal_browser second = {.cookie = ""};
    const struct way one = set_out(&first, "GET /login");
    const struct way two = set_out(&second, "GET /login");

    (void)state;
    assert_non_null(strstr(one.address, "response_type=code"));
    assert_non_null(strstr(one.address, "code_challenge_method=S256"));
    assert_non_null(strstr(one.address, "scope=openid&"));
    assert_string_not_equal(one.state, two.state);
    assert_string_not_equal(one.nonce, two.nonce);
    assert_string_not_equal(one.challenge, two.challenge);
    assert_string_not_equal(one.state, one.nonce);
    assert_null(strstr(one.address, first.login)); /* its secret stays in the browser */
}

static void a_provider_that_says_other_things_is_none(void **state)
{
    (void)state;
    provider.is_down = true;
    assert_int_equal(portal_status(&site, NULL, "GET /login", NULL), 503);
    provider.is_down = false;
    provider.token_host = "https://evil.example";
    assert_int_equal(portal_status(&site, NULL, "GET /login", NULL), 503);
    provider.token_host = NULL;
    (void)snprintf(provider.issuer, sizeof provider.issuer, "%s/other", provider.origin);
    assert_int_equal(portal_status(&site, NULL, "GET /login", NULL), 503);
}

static void what_a_provider_says_is_read_again_in_time(void **state)
{
    (void)state;
    assert_int_equal(portal_status(&site, NULL, "GET /login", NULL), 303);
    provider.is_down = true;
    portal_site_at(&site, PORTAL_PROVIDER_SECONDS);
    assert_int_equal(portal_status(&site, NULL, "GET /login", NULL), 303);
    portal_site_at(&site, PORTAL_PROVIDER_SECONDS + 1);
    assert_int_equal(portal_status(&site, NULL, "GET /login", NULL), 503);
}

static void what_a_browser_keeps_is_for_this_host_and_a_while(void **state)
{
    char attributes[128];

    (void)state;
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, NULL, "GET /login", NULL);
    (void)snprintf(attributes, sizeof attributes,
                   "; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax; Secure\r\n",
                   PORTAL_LOGIN_SECONDS);
    assert_true(portal_has(&answer, "Set-Cookie: __Host-jpki_portal_login="));
    assert_true(portal_has(&answer, attributes));
}

/* ---- coming back ---- */

/* Somebody has a victim's browser come back with a login of his own (login CSRF). */
static void another_browsers_login_is_not_taken(void **state)
{
    struct portal_browser attacker = {.cookie = ""};
    struct portal_browser victim = {.cookie = ""};
    const struct way way = set_out(&attacker, "GET /login");
    struct json *claims = good_claims(&way);
    char place[PROVIDER_VALUE_SIZE];

    (void)state;
    sign_token(provider.key, "JWT", claims, &provider.id_token);
    json_free(claims);
    come_back(&victim, way.state, with_code("c"), place);
    assert_string_equal(place, "/#/login/other-browser");
    const struct way own = set_out(&victim, "GET /login");
    come_back(&victim, way.state, with_code("c"), place);
    assert_string_equal(place, "/#/login/other-browser");
    assert_int_equal(provider.asked, 0);
    assert_string_equal(victim.cookie, "");
    /* And his own login goes on. */
    log_in_with(&victim, good_claims(&own), &own, "/#/");
}

static void an_answer_of_another_provider_is_not_taken(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    struct way way = set_out(&browser, "GET /login");
    char place[PROVIDER_VALUE_SIZE];

    (void)state;
    come_back(&browser, way.state, "&code=c", place); /* RFC 9207: no iss */
    assert_string_equal(place, "/#/login/refused");
    way = set_out(&browser, "GET /login");
    come_back(&browser, way.state, "&code=c&iss=https%3A%2F%2Fevil.example", place);
    assert_string_equal(place, "/#/login/refused");
    assert_int_equal(provider.asked, 0);
}

static void a_login_that_was_cancelled_is_told_as_such(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    struct way way = set_out(&browser, "GET /login");
    char more[256];
    char place[PROVIDER_VALUE_SIZE];

    (void)state;
    (void)snprintf(more, sizeof more, "%.200s&error=access_denied", with_code(""));
    come_back(&browser, way.state, more, place);
    assert_string_equal(place, "/#/login/cancelled");
    assert_string_equal(browser.login, "");
    way = set_out(&browser, "GET /login");
    (void)snprintf(more, sizeof more, "%.200s&error=server_error", with_code(""));
    come_back(&browser, way.state, more, place);
    assert_string_equal(place, "/#/login/refused");
    assert_int_equal(provider.asked, 0);
}

static void a_code_counts_once(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    const struct way way = set_out(&browser, "GET /login");
    struct portal_browser before = browser;
    struct json *claims = good_claims(&way);
    char place[PROVIDER_VALUE_SIZE];

    (void)state;
    sign_token(provider.key, "JWT", claims, &provider.id_token);
    json_free(claims);
    come_back(&browser, way.state, with_code("once"), place);
    assert_string_equal(place, "/#/");
    come_back(&browser, way.state, with_code("once"), place); /* its cookie is gone */
    assert_string_equal(place, "/#/login/other-browser");
    come_back(&before, way.state, with_code("once"), place); /* somebody kept it */
    assert_string_equal(place, "/#/login/refused");
}

/* What a session began with is what nobody had before it (fixation), and the one before is over. */
static void a_login_gives_another_session(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    struct portal_browser before;

    (void)state;
    memset(browser.cookie, 'A', sizeof browser.cookie - 1); /* that somebody has put there */
    log_in(&browser);
    assert_int_not_equal(
        browser.cookie[0] == 'A' && browser.cookie[1] == 'A' && browser.cookie[2] == 'A', true);
    before = browser;
    log_in(&browser);
    assert_string_not_equal(before.cookie, browser.cookie);
    assert_int_equal(portal_status(&site, &before, "GET /v1/me", NULL), 403);
}

static void the_code_goes_with_its_verifier_and_who_the_portal_is(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    const struct way way = set_out(&browser, "GET /login?page=a/b-1");
    CLEANUP(buf_done) struct buf challenge = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    char verifier[PROVIDER_VALUE_SIZE];
    char *assertion;
    const char *text = NULL;
    struct digest digest;
    int64_t ends;

    (void)state;
    log_in_with(&browser, good_claims(&way), &way, "/#/a/b-1");
    value_of(provider.form, "code_verifier", verifier);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(verifier), &digest, NULL), 0);
    assert_int_equal(base64_append(&challenge, BASE64_URL, digest_bytes(&digest), NULL), 0);
    assert_true(bytes_equal(buf_bytes(&challenge), bytes_text(way.challenge)));
    assertion = strstr(provider.form, "client_assertion=");
    assert_non_null(assertion);
    assertion += strlen("client_assertion=");
    assert_int_equal(jws_parse(bytes_text(assertion), &jws, NULL), 0);
    assert_int_equal(privkey_spki(site.key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jws_verify(&jws, public, NULL), 0);
    assert_int_equal(json_get_text(jws.claims, "aud", &text, NULL), 0);
    assert_string_equal(text, provider.issuer);
    assert_int_equal(json_get_int(jws.claims, "exp", &ends, NULL), 0);
    assert_int_equal(ends, PORTAL_SITE_NOW + PORTAL_ASSERTION_SECONDS);
}

/* ---- the register ---- */

#define CODE "{\"codes\":[{\"body\":\"PORTAL\",\"code\":\"AAAAAAAAAAAAAAAAAAAAAQ\"}]}"

static void log_in_by_reference(struct portal_browser *browser, const char *sub, const char *place)
{
    const struct way way = set_out(browser, "GET /login");
    struct json *claims = good_claims(&way);

    assert_non_null(strstr(way.address, "scope=openid%20person_reference&"));
    assert_int_equal(json_put_text(claims, "sub", sub, NULL), 0);
    assert_int_equal(json_put_text(claims, "person_reference", "a.b.c.d.e", NULL), 0);
    log_in_with(browser, claims, &way, place);
}

static void an_account_is_whose_the_register_says(void **state)
{
    struct portal_browser browser = {.cookie = ""};
    char account[PORTAL_ID_SIZE];

    (void)state;
    start_register();
    registry.answer = CODE;
    log_in_by_reference(&browser, "pseudonym", "/#/");
    assert_int_equal(registry.asked, 1);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer me = portal_ask(&site, &browser, "GET /v1/me", NULL);
        (void)snprintf(account, sizeof account, "%s", portal_text(&me, "account"));
        assert_false(portal_has(&me, "AAAAAAAAAAAAAAAAAAAAAQ"));
    }
    log_in_by_reference(&browser, "another-pseudonym", "/#/");
    CLEANUP(portal_answer_done)
    struct portal_answer me = portal_ask(&site, &browser, "GET /v1/me", NULL);
    assert_string_equal(portal_text(&me, "account"), account);
}

static int64_t count(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number = -1;

    assert_int_equal(db_begin_read(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
    return number;
}

/* In the transaction of the login; whoever has no code has no log. */
static void a_login_is_in_the_log_of_whose_card_it_was(void **state)
{
    struct portal_browser browser = {.cookie = ""};

    (void)state;
    log_in(&browser);
    assert_int_equal(count("SELECT count(*) FROM exchange_log"), 0);
    start_register();
    registry.answer = CODE;
    log_in_by_reference(&browser, "another", "/#/");
    log_in_by_reference(&browser, "another", "/#/");
    registry.answer = NULL;
    registry.kind = ERR_UNTRUSTED;
    log_in_by_reference(&browser, "another", "/#/login/refused");
    assert_int_equal(count("SELECT count(*) FROM exchange_log WHERE what = 4"
                           " AND receiver = 'PORTAL'"),
                     2);
    assert_int_equal(count("SELECT count(DISTINCT person) FROM exchange_log"), 1);
}

static void a_register_that_is_away_keeps_out_strangers_alone(void **state)
{
    struct portal_browser browser = {.cookie = ""};

    (void)state;
    start_register();
    registry.kind = ERR_REMOTE;
    log_in_by_reference(&browser, "pseudonym", "/#/login/unavailable");
    registry.answer = CODE;
    log_in_by_reference(&browser, "pseudonym", "/#/");
    registry.answer = NULL;
    log_in_by_reference(&browser, "pseudonym", "/#/");
    log_in_by_reference(&browser, "stranger", "/#/login/unavailable");
    http_server_stopp(&registry.server);
    log_in_by_reference(&browser, "pseudonym", "/#/");
}

static void what_the_register_should_not_say_is_not_believed(void **state)
{
    static const char *const answers[] = {
        "{\"codes\":[]}",
        "{\"codes\":[{\"body\":\"OTHER\",\"code\":\"AAAAAAAAAAAAAAAAAAAAAQ\"}]}",
        "{\"codes\":[{\"body\":\"PORTAL\",\"code\":\"AAAA\"}]}",
        "{\"codes\":[{\"body\":\"PORTAL\"}]}",
        "[]",
    };
    struct portal_browser browser = {.cookie = ""};

    (void)state;
    start_register();
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        registry.answer = answers[i];
        log_in_by_reference(&browser, "pseudonym", "/#/login/unavailable");
    }
    registry.answer = NULL;
    registry.kind = ERR_UNTRUSTED;
    log_in_by_reference(&browser, "pseudonym", "/#/login/refused");
    registry.kind = ERR_ABSENT;
    log_in_by_reference(&browser, "pseudonym", "/#/login/refused");
    assert_string_equal(browser.cookie, "");
}

static void a_pseudonym_of_somebody_else_is_a_conflict(void **state)
{
    struct portal_browser browser = {.cookie = ""};

    (void)state;
    start_register();
    registry.answer = CODE;
    log_in_by_reference(&browser, "pseudonym", "/#/");
    registry.answer = "{\"codes\":[{\"body\":\"PORTAL\",\"code\":\"AAAAAAAAAAAAAAAAAAAAAg\"}]}";
    log_in_by_reference(&browser, "pseudonym", "/#/login/conflict");
}

/* ---- browsers ---- */

static void a_browser_is_called_by_a_word_or_two(void **state)
{
    static const char *const names[][2] = {
        {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
         "Firefox, Linux"},
        {"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
         "Edge, Windows"},
        {"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
         "Chrome, Android"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
         "Safari, iPhone"},
        {"curl/7.88.1", ""},
        {"<script>", ""},
    };
    char name[PORTAL_BROWSER_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        browser_name(names[i][0], name);
        assert_string_equal(name, names[i][1]);
    }
    browser_name(NULL, name);
    assert_string_equal(name, "");
}

int main(void)
{
#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, provider_setup, provider_teardown)
    const struct CMUnitTest tests[] = {
        WITH_SITE(a_page_that_is_none_is_refused),
        WITH_SITE(the_language_goes_on_to_the_provider),
        WITH_SITE(each_browser_sets_out_with_values_of_its_own),
        WITH_SITE(a_provider_that_says_other_things_is_none),
        WITH_SITE(what_a_provider_says_is_read_again_in_time),
        WITH_SITE(what_a_browser_keeps_is_for_this_host_and_a_while),
        WITH_SITE(another_browsers_login_is_not_taken),
        WITH_SITE(an_answer_of_another_provider_is_not_taken),
        WITH_SITE(a_login_that_was_cancelled_is_told_as_such),
        WITH_SITE(a_code_counts_once),
        WITH_SITE(a_login_gives_another_session),
        WITH_SITE(the_code_goes_with_its_verifier_and_who_the_portal_is),
        WITH_SITE(an_account_is_whose_the_register_says),
        WITH_SITE(a_login_is_in_the_log_of_whose_card_it_was),
        WITH_SITE(a_register_that_is_away_keeps_out_strangers_alone),
        WITH_SITE(what_the_register_should_not_say_is_not_believed),
        WITH_SITE(a_pseudonym_of_somebody_else_is_a_conflict),
        cmocka_unit_test(a_browser_is_called_by_a_word_or_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
