/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going on to outside sites without the card: only to those that are linked, only for the site that
 * is meant, once and for a minute; and being out there when it is over here.
 */
#include "crypto/client_proof.h"
#include "exchange/tables.h"
#include "fetch/fetch.h"
#include "http/form.h"
#include "portal/site/tokens.h"
#include "support/sso_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OTHER "https://pension.openjpki.test/callback"

/* ---- the sites, which are told when somebody is out ---- */

static struct {
    unsigned count;
    bool is_down;
    char url[128];
    struct json *claims;
} told;

int __wrap_fetch(const struct fetch_request *request, struct fetch_response *ret, struct err *err);

/* Takes the place of the network: the only one that is asked is a site that is told. */
int __wrap_fetch(const struct fetch_request *request, struct fetch_response *ret, struct err *err)
{
    static const char prefix[] = "logout_token=";
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    struct bytes data;

    (void)ret;
    if (told.is_down || request->content == NULL)
        return FAIL(err, ERR_REMOTE, "nobody else is there");
    data = request->content->data;
    assert_true(request->is_public);
    assert_true(data.len > strlen(prefix) && memcmp(data.ptr, prefix, strlen(prefix)) == 0);
    assert_int_equal(jws_parse(bytes_part(data, strlen(prefix), data.len), &jws, NULL), 0);
    assert_string_equal(jws.typ, "logout+jwt");
    assert_int_equal(jws_verify(&jws, site.portal.token.public, NULL), 0);
    json_freep(&told.claims);
    told.claims = json_steal(&jws.claims);
    (void)snprintf(told.url, sizeof told.url, "%s", request->url);
    told.count++;
    return 0;
}

static int set_up(void **state)
{
    memset(&told, 0, sizeof told);
    return sso_set_up(state);
}

static int tear_down(void **state)
{
    json_freep(&told.claims);
    return sso_tear_down(state);
}

static unsigned redeems(const char *code)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = sso_redeem(code);

    return answer.status;
}

/* The claims of the ID token of an answer, judged by the published key. */
static struct json *claims_of(const struct portal_answer *answer)
{
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    CLEANUP(portal_answer_done)
    struct portal_answer keys = portal_ask(&site, NULL, "GET /sso/keys", NULL);

    assert_int_equal(answer->status, 200);
    assert_int_equal(keys.status, 200);
    assert_int_equal(jws_parse(bytes_text(portal_text(answer, "id_token")), &jws, NULL), 0);
    assert_int_equal(jws_verify_set(&jws, keys.json, NULL), 0);
    return json_steal(&jws.claims);
}

static const char *claim(const struct json *claims, const char *name)
{
    const char *text = NULL;

    assert_int_equal(json_get_text(claims, name, &text, NULL), 0);
    return text;
}

static int64_t number(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t ret;

    assert_int_equal(db_begin_read(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, NULL, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &ret, NULL), 0);
    return ret;
}

/* ---- going ---- */

static void nobody_goes_on_without_a_session_or_a_linkage(void **state)
{
    struct portal_browser nobody = {.cookie = ""};
    char place[1024];

    (void)state;
    sso_go(&nobody, "tax", "", place);
    assert_string_equal(place, "/#/linkage/tax");
    sso_go(&browser, "tax", "&ui_locales=fr%20en-GB%20ja", place); /* in the language of the site */
    assert_string_equal(place, "/#/linkage/tax?ui_locales=en");
    sso_go(&nobody, "tax", "&ui_locales=en%26prompt%3Dnone", place); /* which is none */
    assert_string_equal(place, "/#/linkage/tax");
    sso_go(&nobody, "tax", "&prompt=none", place);
    assert_non_null(strstr(place, SSO_BACK "?error=login_required&state=s1&iss="));
    sso_go(&browser, "tax", "&prompt=none", place);
    assert_non_null(strstr(place, SSO_BACK "?error=consent_required&state=s1&iss="));
    assert_int_equal(number("SELECT count(*) FROM site_login"), 0);
}

static void nothing_goes_to_an_address_that_is_not_the_sites(void **state)
{
    static const char *const queries[] = {
        "",
        "client_id=tax",
        "client_id=nobody&redirect_uri=https%3A%2F%2Fevil.example%2F",
        "client_id=tax&redirect_uri=https%3A%2F%2Fevil.example%2Fcallback",
        "client_id=tax&redirect_uri=https%3A%2F%2Fpension.openjpki.test%2Fcallback",
        "client_id=tax&redirect_uri=https%3A%2F%2Ftax.openjpki.test%2Fcallback%3Fa",
        "client_id=tax&client_id=tax&redirect_uri=https%3A%2F%2Ftax.openjpki.test%2Fcallback"};
    char line[256];

    (void)state;
    sso_link("tax");
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        (void)snprintf(line, sizeof line, "GET /sso/authorize?%s", queries[i]);
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &browser, line, NULL);

        assert_int_equal(answer.status, 303);
        assert_true(portal_has(&answer, "Location: /#/linkage/unknown\r\n"));
    }
}

/* ---- arriving ---- */

static void the_site_learns_a_name_of_its_own_and_when_and_no_more(void **state)
{
    static const char *const members[] = {"iss",       "sub",   "aud", "iat", "exp",     "sid",
                                          "auth_time", "nonce", "acr", "amr", "at_hash", NULL};
    char code[PORTAL_SECRET_SIZE];
    int64_t begins, ends;

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = sso_redeem(code);
    CLEANUP(json_freep) struct json *claims = claims_of(&answer);

    assert_int_equal(json_only(claims, members, NULL), 0);
    assert_string_equal(claim(claims, "iss"), SSO_ISSUER);
    assert_string_equal(claim(claims, "aud"), "tax");
    assert_string_equal(claim(claims, "nonce"), "n1");
    assert_int_equal(strlen(claim(claims, "sub")), PORTAL_ID_SIZE - 1);
    assert_int_equal(json_get_int(claims, "iat", &begins, NULL), 0);
    assert_int_equal(json_get_int(claims, "exp", &ends, NULL), 0);
    assert_int_equal(ends - begins, SITE_TOKEN_SECONDS);
    assert_false(portal_has(&answer, "sub-1"));
    {
        CLEANUP(portal_answer_done)
        struct portal_answer me = portal_ask(&site, &browser, "GET /v1/me", NULL);

        assert_string_not_equal(claim(claims, "sub"), portal_text(&me, "account"));
        assert_false(portal_has(&me, claim(claims, "sid")));
    }
}

static void two_sites_know_one_person_by_two_names(void **state)
{
    char first[PORTAL_SECRET_SIZE], second[PORTAL_SECRET_SIZE];

    (void)state;
    sso_link("tax");
    sso_link("pension");
    sso_sign_on("tax", first);
    sso_sign_on("pension", second);
    CLEANUP(portal_answer_done) struct portal_answer tax = sso_redeem(first);
    CLEANUP(portal_answer_done)
    struct portal_answer pension = sso_redeem_with(
        second, &(struct sso_assertion){.id = "pension", .key = pension_key}, OTHER, SSO_VERIFIER);
    CLEANUP(json_freep) struct json *one = claims_of(&tax);
    CLEANUP(json_freep) struct json *two = claims_of(&pension);

    assert_string_not_equal(claim(one, "sub"), claim(two, "sub"));
    assert_string_not_equal(claim(one, "sid"), claim(two, "sid"));
}

static void whoever_links_again_is_the_same_there(void **state)
{
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    sso_link("tax");
    sso_link("tax");
    sso_sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer before = sso_redeem(code);
    CLEANUP(json_freep) struct json *one = claims_of(&before);
    assert_int_equal(sso_unlink("tax"), 204);
    assert_int_equal(sso_unlink("tax"), 404);
    sso_link("tax");
    sso_sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer after = sso_redeem(code);
    CLEANUP(json_freep) struct json *two = claims_of(&after);

    assert_string_equal(claim(one, "sub"), claim(two, "sub"));
}

static void a_code_counts_once_and_twice_is_told_to_the_site(void **state)
{
    char code[PORTAL_SECRET_SIZE], field[128];

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = sso_redeem(code);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n",
                   portal_text(&answer, "access_token"));
    {
        CLEANUP(portal_answer_done)
        struct portal_answer who = portal_ask_with(&site, NULL, "GET /sso/userinfo", field, NULL,
                                                   NULL);
        CLEANUP(json_freep) struct json *claims = claims_of(&answer);

        assert_int_equal(who.status, 200);
        assert_string_equal(portal_text(&who, "sub"), claim(claims, "sub"));
    }
    assert_int_equal(redeems(code), 400);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer who = portal_ask_with(&site, NULL, "GET /sso/userinfo", field, NULL,
                                                   NULL);

        assert_int_equal(who.status, 401);
        assert_true(portal_has(&who, "Bearer realm=\"OpenJPKI\", error=\"invalid_token\"\r\n"));
    }
    {
        CLEANUP(portal_answer_done)
        struct portal_answer who = portal_ask_with(&site, NULL, "GET /sso/userinfo", "", NULL,
                                                   NULL);

        /* RFC 6750, 3.1: nothing was tried, so nothing is told. */
        assert_int_equal(who.status, 401);
        assert_true(portal_has(&who, "WWW-Authenticate: Bearer realm=\"OpenJPKI\"\r\n"));
    }
    assert_int_equal(site_tell_one(&site.portal, NULL), 0);
    assert_string_equal(told.url, "https://tax.openjpki.test/ended");
    {
        CLEANUP(json_freep) struct json *claims = claims_of(&answer);

        assert_string_equal(claim(told.claims, "sid"), claim(claims, "sid"));
    }
}

static void a_code_is_late_after_a_minute(void **state)
{
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", code);
    portal_site_at(&site, SITE_CODE_SECONDS - 1);
    assert_int_equal(redeems(code), 200);
    sso_sign_on("tax", code);
    portal_site_at(&site, 2 * SITE_CODE_SECONDS - 1);
    assert_int_equal(redeems(code), 400);
}

static void a_code_is_nobody_elses(void **state)
{
    static const char wrong_verifier[] = "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFH";
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    sso_link("tax");
    sso_link("pension");
    sso_sign_on("tax", code);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer other = sso_redeem_with(
            code, &(struct sso_assertion){.id = "pension", .key = pension_key}, SSO_BACK,
            SSO_VERIFIER);
        CLEANUP(portal_answer_done)
        struct portal_answer verifier = sso_redeem_with(code, &(struct sso_assertion){NULL},
                                                        SSO_BACK, wrong_verifier);
        CLEANUP(portal_answer_done)
        struct portal_answer bare = sso_redeem_with(code, &(struct sso_assertion){NULL}, SSO_BACK,
                                                    "");
        CLEANUP(portal_answer_done)
        struct portal_answer uri = sso_redeem_with(code, &(struct sso_assertion){NULL}, OTHER,
                                                   SSO_VERIFIER);

        assert_int_equal(other.status, 400);
        assert_int_equal(verifier.status, 400);
        assert_int_equal(bare.status, 400);
        assert_int_equal(uri.status, 400);
        assert_string_equal(portal_text(&other, "error"), "invalid_grant");
    }
    assert_int_equal(redeems("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 400);
    assert_int_equal(redeems(code), 200);
}

static void a_site_proves_who_it_is(void **state)
{
    const struct sso_assertion rows[] = {
        {.key = pension_key},                /* another's signature */
        {.aud = "https://op.openjpki.test"}, /* for another provider */
        {.id = "nobody"},                    /* no site */
        {.ends = ASSERTION_SECONDS + 31},    /* good for too long */
        {.ends = -1},                        /* over */
        {.jti = ""},
    };
    const struct sso_assertion once = {.jti = "one", .ends = ASSERTION_SECONDS};
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", code);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = sso_redeem_with(code, &rows[i], SSO_BACK, SSO_VERIFIER);

        if (answer.status != 401)
            fail_msg("row %zu: %u", i, answer.status);
        assert_int_equal(rows[i].jti != NULL, strcmp(portal_text(&answer, "error_description"),
                                                     "the assertion has no jti") == 0);
    }
    {
        CLEANUP(portal_answer_done)
        struct portal_answer first = sso_redeem_with(code, &once, SSO_BACK, SSO_VERIFIER);
        CLEANUP(portal_answer_done) struct portal_answer second = {.status = 0};

        assert_int_equal(first.status, 200);
        sso_sign_on("tax", code);
        second = sso_redeem_with(code, &once, SSO_BACK, SSO_VERIFIER);
        assert_int_equal(second.status, 401);
    }
    {
        CLEANUP(portal_answer_done)
        struct portal_answer bare = portal_ask_with(
            &site, NULL, "POST /sso/token", "", HTTP_FORM_TYPE,
            "grant_type=authorization_code&client_id=tax&client_secret=x&code=y");

        assert_int_equal(bare.status, 401);
    }
}

/* What a site asks for itself; the status, and the error of OAuth if there is one. */
static unsigned ask_own(const char *scope, const char *id, const char *error)
{
    CLEANUP(buf_done) struct buf assertion = BUF_INIT;
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    const char *text;

    sso_assert(&(struct sso_assertion){.id = id, .key = id == NULL ? tax_key : pension_key},
               &assertion);
    assert_int_equal(buf_text(&assertion, &text, NULL), 0);
    assert_int_equal(
        buf_append_format(&form, NULL,
                          "grant_type=client_credentials%s&client_assertion_type=urn%%3Aietf%%3A"
                          "params%%3Aoauth%%3Aclient-assertion-type%%3Ajwt-bearer"
                          "&client_assertion=%s",
                          scope, text),
        0);
    assert_int_equal(buf_text(&form, &text, NULL), 0);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask_with(&site, NULL, "POST /sso/token", "",
                                                  HTTP_FORM_TYPE, text);
    assert_true(portal_has(&answer, error));
    assert_int_equal(json_has(answer.json, "access_token"), answer.status == 200);
    return answer.status;
}

static void a_site_that_may_send_has_a_token_for_itself(void **state)
{
    (void)state;
    assert_int_equal(ask_own("&scope=notices", NULL, "unauthorized_client"), 400);
    sites->at[0].sends_notices = true;
    assert_int_equal(ask_own("&scope=notices", "pension", "unauthorized_client"), 400);
    assert_int_equal(ask_own("", NULL, "invalid_scope"), 400);
    assert_int_equal(ask_own("&scope=openid", NULL, "invalid_scope"), 400);
    assert_int_equal(number("SELECT count(*) FROM site_token"), 0);
    assert_int_equal(ask_own("&scope=notices", NULL, "\"scope\":\"notices\""), 200);
    assert_int_equal(number("SELECT count(*) FROM site_token WHERE site = 'tax'"), 1);
    portal_site_at(&site, SITE_TOKEN_SECONDS);
    assert_int_equal(ask_own("&scope=notices", NULL, "\"expires_in\":300"), 200);
    assert_int_equal(number("SELECT count(*) FROM site_token"), 1);
}

static void an_access_token_is_good_for_minutes(void **state)
{
    char code[PORTAL_SECRET_SIZE], field[128];

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = sso_redeem(code);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n",
                   portal_text(&answer, "access_token"));
    for (int over = 0; over < 2; over++) {
        portal_site_at(&site, SITE_TOKEN_SECONDS - 1 + over);
        CLEANUP(portal_answer_done)
        struct portal_answer who = portal_ask_with(&site, NULL, "GET /sso/userinfo", field, NULL,
                                                   NULL);

        assert_int_equal(who.status, over ? 401 : 200);
    }
}

/* ---- ends ---- */

static void unlinking_ends_what_was_there(void **state)
{
    char used[PORTAL_SECRET_SIZE], waiting[PORTAL_SECRET_SIZE], place[1024];

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", used);
    sso_sign_on("tax", waiting);
    CLEANUP(portal_answer_done) struct portal_answer answer = sso_redeem(used);
    CLEANUP(json_freep) struct json *claims = claims_of(&answer);
    assert_int_equal(sso_unlink("tax"), 204);
    assert_int_equal(redeems(waiting), 400);
    sso_go(&browser, "tax", "", place);
    assert_string_equal(place, "/#/linkage/tax");
    assert_int_equal(site_tell_one(&site.portal, NULL), 0);
    assert_string_equal(claim(told.claims, "sub"), claim(claims, "sub"));
    assert_string_equal(claim(told.claims, "sid"), claim(claims, "sid"));
    assert_int_equal(site_tell_one(&site.portal, NULL), 0);
    assert_string_equal(claim(told.claims, "sub"), claim(claims, "sub"));
    assert_string_equal(claim(told.claims, "aud"), "tax");
    assert_false(json_has(told.claims, "sid")); /* all that it calls his */
    assert_false(json_has(told.claims, "nonce"));
    assert_int_equal(site_tell_one(&site.portal, NULL), -ERR_ABSENT);
}

static void a_session_that_ends_here_ends_there(void **state)
{
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = sso_redeem(code);
    CLEANUP(json_freep) struct json *claims = claims_of(&answer);
    assert_int_equal(site_tell_one(&site.portal, NULL), -ERR_ABSENT);
    assert_int_equal(portal_status(&site, &browser, "DELETE /v1/sessions", NULL), 200);
    assert_int_equal(site_tell_one(&site.portal, NULL), 0);
    assert_string_equal(claim(told.claims, "sid"), claim(claims, "sid"));
}

static void a_site_that_is_away_is_told_later_and_given_up_in_the_end(void **state)
{
    int64_t at = 0;

    (void)state;
    sso_link("tax");
    assert_int_equal(sso_unlink("tax"), 204);
    told.is_down = true;
    for (int i = 0; i < SITE_TELL_TRIES - 1; i++) {
        assert_int_equal(site_tell_one(&site.portal, NULL), 0);
        assert_int_equal(site_tell_one(&site.portal, NULL), -ERR_ABSENT);
        at += (int64_t)SITE_TELL_SECONDS << i;
        portal_site_at(&site, at - 1);
        assert_int_equal(site_tell_one(&site.portal, NULL), -ERR_ABSENT);
        portal_site_at(&site, at);
    }
    told.is_down = false;
    assert_int_equal(site_tell_one(&site.portal, NULL), 0);
    assert_int_equal(told.count, 1);
}

static void it_is_given_up_after_so_many_tries(void **state)
{
    (void)state;
    sso_link("tax");
    assert_int_equal(sso_unlink("tax"), 204);
    told.is_down = true;
    for (int64_t i = 0, at = 0; i < SITE_TELL_TRIES; i++) {
        assert_int_equal(site_tell_one(&site.portal, NULL), 0);
        at += (int64_t)SITE_TELL_SECONDS << i;
        portal_site_at(&site, at);
    }
    assert_int_equal(number("SELECT count(*) FROM site_tell"), 0);
}

static void old_logins_are_forgotten(void **state)
{
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", code);
    portal_site_at(&site, SITE_LOGIN_SECONDS + 1);
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    sso_sign_on("tax", code);
    assert_int_equal(number("SELECT count(*) FROM site_login"), 1);
}

/* ---- the log ---- */

static void each_step_is_in_the_log_of_the_person(void **state)
{
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    sso_link("tax");
    sso_sign_on("tax", code);
    assert_int_equal(number("SELECT count(*) FROM exchange_log WHERE receiver = 'tax'"), 1);
    assert_int_equal(redeems(code), 200);
    assert_int_equal(number("SELECT count(*) FROM exchange_log WHERE receiver = 'tax'"), 2);
    assert_int_equal(sso_unlink("tax"), 204);
    assert_int_equal(number("SELECT count(*) FROM exchange_log WHERE receiver = 'tax'"), 3);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act IN ('site.linked',"
                            " 'site.signed_on', 'site.unlinked')"),
                     3);
}

static void people_see_their_own_linkages(void **state)
{
    struct portal_browser other;

    (void)state;
    sso_link("tax");
    (void)portal_site_open(&site, &other, "sub-2", 2);
    CLEANUP(portal_answer_done)
    struct portal_answer mine = portal_ask(&site, &browser, "GET /v1/sites", NULL);
    CLEANUP(portal_answer_done)
    struct portal_answer others = portal_ask(&site, &other, "GET /v1/sites", NULL);

    assert_true(portal_has(&mine, "\"linked_at\":1790000000"));
    assert_false(portal_has(&others, "\"linked_at\":1790000000"));
    assert_int_equal(portal_status(&site, &other, "DELETE /v1/sites/tax/linkage", NULL), 404);
    assert_int_equal(portal_status(&site, &other, "PUT /v1/sites/nobody/linkage", NULL), 404);
    other.csrf[0] = '\0';
    assert_int_equal(portal_status(&site, &other, "PUT /v1/sites/tax/linkage", NULL), 403);
}

static void a_portal_without_sites_is_no_provider(void **state)
{
    (void)state;
    site.portal.sites.list = NULL;
    assert_int_equal(portal_status(&site, NULL, "GET /sso/.well-known/openid-configuration", NULL),
                     404);
    assert_int_equal(portal_status(&site, NULL, "GET /sso/keys", NULL), 404);
    {
        CLEANUP(portal_answer_done) struct portal_answer answer = sso_redeem("x");

        assert_int_equal(answer.status, 401);
    }
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(nobody_goes_on_without_a_session_or_a_linkage),
        ROW(nothing_goes_to_an_address_that_is_not_the_sites),
        ROW(the_site_learns_a_name_of_its_own_and_when_and_no_more),
        ROW(two_sites_know_one_person_by_two_names),
        ROW(whoever_links_again_is_the_same_there),
        ROW(a_code_counts_once_and_twice_is_told_to_the_site),
        ROW(a_code_is_late_after_a_minute),
        ROW(a_code_is_nobody_elses),
        ROW(a_site_proves_who_it_is),
        ROW(a_site_that_may_send_has_a_token_for_itself),
        ROW(an_access_token_is_good_for_minutes),
        ROW(unlinking_ends_what_was_there),
        ROW(a_session_that_ends_here_ends_there),
        ROW(a_site_that_is_away_is_told_later_and_given_up_in_the_end),
        ROW(it_is_given_up_after_so_many_tries),
        ROW(old_logins_are_forgotten),
        ROW(each_step_is_in_the_log_of_the_person),
        ROW(people_see_their_own_linkages),
        ROW(a_portal_without_sites_is_no_provider),
    };

    return cmocka_run_group_tests_name("portal_sites", tests, NULL, NULL);
}
