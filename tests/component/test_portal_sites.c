/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going on to outside sites without the card: only to those that are linked, only for the site that
 * is meant, once and for a minute; and being out there when it is over here.
 */
#include "base/base64.h"
#include "base/random_text.h"
#include "crypto/client_proof.h"
#include "exchange/tables.h"
#include "fetch/fetch.h"
#include "http/form.h"
#include "portal/site/store.h"
#include "portal/site/tokens.h"
#include "support/portal_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ISSUER   PORTAL_SITE_ORIGIN "/sso"
#define BACK     "https://tax.openjpki.test/callback"
#define OTHER    "https://pension.openjpki.test/callback"
#define VERIFIER "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFG"

static struct portal_site site;
static struct portal_browser browser;
static struct privkey *tax_key, *pension_key;
static struct sites *sites;

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

/* ---- the file of sites ---- */

static void write_kid(const struct privkey *key, struct jwk_thumbprint *ret)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct pubkey *public = NULL;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwk_thumbprint(public, ret, NULL), 0);
    pubkey_freep(&public);
}

static void put_row(struct buf *text, const char *id, const struct privkey *key)
{
    CLEANUP(json_freep) struct json *jwk = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    struct pubkey *public = NULL;
    const char *jwk_text;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwk_write(public, JWK_SIGNATURE, &jwk, NULL), 0);
    pubkey_freep(&public);
    assert_int_equal(json_write(jwk, &written, NULL), 0);
    assert_int_equal(buf_text(&written, &jwk_text, NULL), 0);
    assert_int_equal(
        buf_append_format(text, NULL,
                          "{\"id\": \"%s\", \"name\": \"見本\", \"name_en\": \"Sample\","
                          " \"lead\": \"見る\", \"lead_en\": \"Look\","
                          " \"address\": \"https://%s.openjpki.test/enter\","
                          " \"redirect_uri\": \"https://%s.openjpki.test/callback\","
                          " \"logout_uri\": \"https://%s.openjpki.test/ended\","
                          " \"jwks\": {\"keys\": [%s]}}",
                          id, id, id, id, jwk_text),
        0);
}

static void make_sites(void)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    assert_int_equal(buf_append_text(&text, "{\"sites\": [", NULL), 0);
    put_row(&text, "tax", tax_key);
    assert_int_equal(buf_append_text(&text, ", ", NULL), 0);
    put_row(&text, "pension", pension_key);
    assert_int_equal(buf_append_text(&text, "]}", NULL), 0);
    assert_int_equal(sites_parse(buf_bytes(&text), &sites, NULL), 0);
}

static int set_up(void **state)
{
    (void)state;
    portal_site_make(&site);
    assert_int_equal(privkey_generate_p256(&tax_key, NULL), 0);
    assert_int_equal(privkey_generate_p256(&pension_key, NULL), 0);
    make_sites();
    site.portal.sites.list = sites;
    site.portal.sites.signer = "/nowhere";
    site.portal.sites.key = "jws-2";
    assert_int_equal(portal_load(&site.portal, NULL), 0);
    memset(&told, 0, sizeof told);
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_freep(&told.claims);
    portal_site_done(&site);
    sites_freep(&sites);
    privkey_freep(&tax_key);
    privkey_freep(&pension_key);
    return 0;
}

/* ---- as a site does it ---- */

static void link_site(const char *id)
{
    char line[64];

    (void)snprintf(line, sizeof line, "PUT /v1/sites/%s/linkage", id);
    assert_int_equal(portal_status(&site, &browser, line, NULL), 204);
}

static unsigned unlink_site(const char *id)
{
    char line[64];

    (void)snprintf(line, sizeof line, "DELETE /v1/sites/%s/linkage", id);
    return portal_status(&site, &browser, line, NULL);
}

static void write_challenge(char ret[PORTAL_SECRET_SIZE])
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest hash;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(VERIFIER), &hash, NULL), 0);
    assert_int_equal(base64_append(&text, BASE64_URL, digest_bytes(&hash), NULL), 0);
    (void)snprintf(ret, PORTAL_SECRET_SIZE, "%.*s", (int)text.len, (const char *)text.ptr);
}

/* Where a browser is sent that comes with these parameters behind the usual ones. */
static void go(struct portal_browser *whose, const char *id, const char *more, char ret[1024])
{
    char line[1024], challenge[PORTAL_SECRET_SIZE];
    const char *at;

    write_challenge(challenge);
    (void)snprintf(line, sizeof line,
                   "GET /sso/authorize?client_id=%s&redirect_uri=https%%3A%%2F%%2F%s.openjpki.test"
                   "%%2Fcallback&response_type=code&scope=openid&state=s1&nonce=n1"
                   "&code_challenge=%s&code_challenge_method=S256%s",
                   id, id, challenge, more);
    CLEANUP(portal_answer_done) struct portal_answer answer = portal_ask(&site, whose, line, NULL);
    assert_int_equal(answer.status, 303);
    at = strstr((const char *)answer.text.ptr, "\r\nLocation: ");
    assert_non_null(at);
    (void)snprintf(ret, 1024, "%.*s", (int)strcspn(at + 12, "\r"), at + 12);
}

/* The code of a browser that goes on to a site. */
static void sign_on(const char *id, char ret[PORTAL_SECRET_SIZE])
{
    char place[1024];
    const char *at;

    go(&browser, id, "", place);
    at = strstr(place, "?code=");
    assert_non_null(at);
    assert_non_null(strstr(place, "&state=s1&iss=https%3A%2F%2Fportal.openjpki.test%2Fsso"));
    (void)snprintf(ret, PORTAL_SECRET_SIZE, "%s", at + 6);
    assert_int_equal(strcspn(ret, "&"), PORTAL_SECRET_SIZE - 1);
}

/* What an assertion says, and by whom it is signed; members that are NULL or 0 are as they should
 * be. */
struct assertion {
    const char *id, *aud, *jti;
    const struct privkey *key;
    int64_t ends;
};

static void make_assertion(const struct assertion *wish, struct buf *ret)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const char *id = wish->id == NULL ? "tax" : wish->id;
    struct jwk_thumbprint kid;
    char jti[PORTAL_ID_SIZE];
    struct digest digest;

    write_kid(strcmp(id, "pension") == 0 ? pension_key : tax_key, &kid);
    assert_int_equal(random_text(jti, sizeof jti, NULL), 0);
    assert_int_equal(json_put_text(claims, "iss", id, NULL), 0);
    assert_int_equal(json_put_text(claims, "sub", id, NULL), 0);
    assert_int_equal(json_put_text(claims, "aud", wish->aud == NULL ? ISSUER : wish->aud, NULL), 0);
    assert_int_equal(json_put_text(claims, "jti", wish->jti == NULL ? jti : wish->jti, NULL), 0);
    assert_int_equal(json_put_int(claims, "iat", clock_now(&site.clock), NULL), 0);
    assert_int_equal(json_put_int(claims, "exp",
                                  clock_now(&site.clock) + (wish->ends == 0 ? 60 : wish->ends),
                                  NULL),
                     0);
    assert_int_equal(jws_prepare(JWS_ES256, "JWT", kid.text, claims, &input, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, NULL), 0);
    assert_int_equal(
        privkey_sign_jws(wish->key == NULL ? tax_key : wish->key, &digest, &signature, NULL), 0);
    assert_int_equal(jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, NULL), 0);
}

static struct portal_answer redeem_with(const char *code, const struct assertion *wish,
                                        const char *uri, const char *verifier)
{
    CLEANUP(buf_done) struct buf assertion = BUF_INIT;
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    const char *text;

    make_assertion(wish, &assertion);
    assert_int_equal(buf_text(&assertion, &text, NULL), 0);
    assert_int_equal(buf_append_format(
                         &form, NULL,
                         "grant_type=authorization_code&code=%s&redirect_uri=%s&code_verifier=%s"
                         "&client_assertion_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Aclient-assertion"
                         "-type%%3Ajwt-bearer&client_assertion=%s",
                         code, uri, verifier, text),
                     0);
    assert_int_equal(buf_text(&form, &text, NULL), 0);
    return portal_ask_with(&site, NULL, "POST /sso/token", "", HTTP_FORM_TYPE, text);
}

static struct portal_answer redeem(const char *code)
{
    return redeem_with(code, &(struct assertion){NULL}, BACK, VERIFIER);
}

static unsigned redeems(const char *code)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = redeem(code);

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
    go(&nobody, "tax", "", place);
    assert_string_equal(place, "/#/linkage/tax");
    go(&browser, "tax", "&ui_locales=fr%20en-GB%20ja", place); /* in the language of the site */
    assert_string_equal(place, "/#/linkage/tax?ui_locales=en");
    go(&nobody, "tax", "&ui_locales=en%26prompt%3Dnone", place); /* which is none */
    assert_string_equal(place, "/#/linkage/tax");
    go(&nobody, "tax", "&prompt=none", place);
    assert_non_null(strstr(place, BACK "?error=login_required&state=s1&iss="));
    go(&browser, "tax", "&prompt=none", place);
    assert_non_null(strstr(place, BACK "?error=consent_required&state=s1&iss="));
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
    link_site("tax");
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        (void)snprintf(line, sizeof line, "GET /sso/authorize?%s", queries[i]);
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &browser, line, NULL);

        assert_int_equal(answer.status, 303);
        assert_true(portal_has(&answer, "Location: /#/linkage/unknown\r\n"));
    }
}

static void a_request_without_its_guards_is_refused(void **state)
{
    static const struct {
        const char *query, *error;
    } rows[] = {
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
        {"response_type=code&scope=openid%20name&state=s&nonce=n&code_challenge=C"
         "&code_challenge_method=S256",
         "invalid_scope"},
        {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
         "&code_challenge_method=S256&request=e30",
         "request_not_supported"},
        {"response_type=code&scope=openid&state=s&nonce=n&code_challenge=C"
         "&code_challenge_method=S256&prompt=login",
         "login_required"},
    };
    char line[512], wanted[64];

    (void)state;
    link_site("tax");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(line, sizeof line,
                       "GET /sso/authorize?client_id=tax&redirect_uri=https%%3A%%2F%%2F"
                       "tax.openjpki.test%%2Fcallback&%s",
                       rows[i].query);
        (void)snprintf(wanted, sizeof wanted, BACK "?error=%s&", rows[i].error);
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
    char more[SITE_VALUE_MAX + 64];

    (void)state;
    link_site("tax");
    for (int over = 0; over < 2; over++) {
        char line[2048], challenge[PORTAL_SECRET_SIZE];

        memset(more, 'x', sizeof more);
        more[SITE_VALUE_MAX + over] = '\0';
        write_challenge(challenge);
        (void)snprintf(line, sizeof line,
                       "GET /sso/authorize?client_id=tax&redirect_uri=https%%3A%%2F%%2F"
                       "tax.openjpki.test%%2Fcallback&response_type=code&scope=openid&state=s1"
                       "&nonce=%s&code_challenge=%s&code_challenge_method=S256",
                       more, challenge);
        CLEANUP(portal_answer_done)
        struct portal_answer answer = portal_ask(&site, &browser, line, NULL);

        assert_int_equal(answer.status, 303);
        assert_true(portal_has(&answer, over ? "?error=invalid_request" : "?code="));
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
    link_site("tax");
    sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = redeem(code);
    CLEANUP(json_freep) struct json *claims = claims_of(&answer);

    assert_int_equal(json_only(claims, members, NULL), 0);
    assert_string_equal(claim(claims, "iss"), ISSUER);
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
    link_site("tax");
    link_site("pension");
    sign_on("tax", first);
    sign_on("pension", second);
    CLEANUP(portal_answer_done) struct portal_answer tax = redeem(first);
    CLEANUP(portal_answer_done)
    struct portal_answer pension = redeem_with(
        second, &(struct assertion){.id = "pension", .key = pension_key}, OTHER, VERIFIER);
    CLEANUP(json_freep) struct json *one = claims_of(&tax);
    CLEANUP(json_freep) struct json *two = claims_of(&pension);

    assert_string_not_equal(claim(one, "sub"), claim(two, "sub"));
    assert_string_not_equal(claim(one, "sid"), claim(two, "sid"));
}

static void whoever_links_again_is_the_same_there(void **state)
{
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    link_site("tax");
    link_site("tax");
    sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer before = redeem(code);
    CLEANUP(json_freep) struct json *one = claims_of(&before);
    assert_int_equal(unlink_site("tax"), 204);
    assert_int_equal(unlink_site("tax"), 404);
    link_site("tax");
    sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer after = redeem(code);
    CLEANUP(json_freep) struct json *two = claims_of(&after);

    assert_string_equal(claim(one, "sub"), claim(two, "sub"));
}

static void a_code_counts_once_and_twice_is_told_to_the_site(void **state)
{
    char code[PORTAL_SECRET_SIZE], field[128];

    (void)state;
    link_site("tax");
    sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = redeem(code);
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
    link_site("tax");
    sign_on("tax", code);
    portal_site_at(&site, SITE_CODE_SECONDS - 1);
    assert_int_equal(redeems(code), 200);
    sign_on("tax", code);
    portal_site_at(&site, 2 * SITE_CODE_SECONDS - 1);
    assert_int_equal(redeems(code), 400);
}

static void a_code_is_nobody_elses(void **state)
{
    static const char wrong_verifier[] = "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFH";
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    link_site("tax");
    link_site("pension");
    sign_on("tax", code);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer other = redeem_with(
            code, &(struct assertion){.id = "pension", .key = pension_key}, BACK, VERIFIER);
        CLEANUP(portal_answer_done)
        struct portal_answer verifier = redeem_with(code, &(struct assertion){NULL}, BACK,
                                                    wrong_verifier);
        CLEANUP(portal_answer_done)
        struct portal_answer bare = redeem_with(code, &(struct assertion){NULL}, BACK, "");
        CLEANUP(portal_answer_done)
        struct portal_answer uri = redeem_with(code, &(struct assertion){NULL}, OTHER, VERIFIER);

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
    const struct assertion rows[] = {
        {.key = pension_key},                /* another's signature */
        {.aud = "https://op.openjpki.test"}, /* for another provider */
        {.id = "nobody"},                    /* no site */
        {.ends = ASSERTION_SECONDS + 31},    /* good for too long */
        {.ends = -1},                        /* over */
        {.jti = ""},
    };
    const struct assertion once = {.jti = "one", .ends = ASSERTION_SECONDS};
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    link_site("tax");
    sign_on("tax", code);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = redeem_with(code, &rows[i], BACK, VERIFIER);

        if (answer.status != 401)
            fail_msg("row %zu: %u", i, answer.status);
        assert_int_equal(rows[i].jti != NULL, strcmp(portal_text(&answer, "error_description"),
                                                     "the assertion has no jti") == 0);
    }
    {
        CLEANUP(portal_answer_done)
        struct portal_answer first = redeem_with(code, &once, BACK, VERIFIER);
        CLEANUP(portal_answer_done) struct portal_answer second = {.status = 0};

        assert_int_equal(first.status, 200);
        sign_on("tax", code);
        second = redeem_with(code, &once, BACK, VERIFIER);
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

    make_assertion(&(struct assertion){.id = id, .key = id == NULL ? tax_key : pension_key},
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
    link_site("tax");
    sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = redeem(code);
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
    link_site("tax");
    sign_on("tax", used);
    sign_on("tax", waiting);
    CLEANUP(portal_answer_done) struct portal_answer answer = redeem(used);
    CLEANUP(json_freep) struct json *claims = claims_of(&answer);
    assert_int_equal(unlink_site("tax"), 204);
    assert_int_equal(redeems(waiting), 400);
    go(&browser, "tax", "", place);
    assert_string_equal(place, "/#/linkage/tax");
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
    link_site("tax");
    sign_on("tax", code);
    CLEANUP(portal_answer_done) struct portal_answer answer = redeem(code);
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
    link_site("tax");
    assert_int_equal(unlink_site("tax"), 204);
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
    link_site("tax");
    assert_int_equal(unlink_site("tax"), 204);
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
    link_site("tax");
    sign_on("tax", code);
    portal_site_at(&site, SITE_LOGIN_SECONDS + 1);
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    sign_on("tax", code);
    assert_int_equal(number("SELECT count(*) FROM site_login"), 1);
}

/* ---- the log ---- */

static void each_step_is_in_the_log_of_the_person(void **state)
{
    char code[PORTAL_SECRET_SIZE];

    (void)state;
    link_site("tax");
    sign_on("tax", code);
    assert_int_equal(number("SELECT count(*) FROM exchange_log WHERE receiver = 'tax'"), 1);
    assert_int_equal(redeems(code), 200);
    assert_int_equal(number("SELECT count(*) FROM exchange_log WHERE receiver = 'tax'"), 2);
    assert_int_equal(unlink_site("tax"), 204);
    assert_int_equal(number("SELECT count(*) FROM exchange_log WHERE receiver = 'tax'"), 3);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act IN ('site.linked',"
                            " 'site.signed_on', 'site.unlinked')"),
                     3);
}

static void people_see_their_own_linkages(void **state)
{
    struct portal_browser other;

    (void)state;
    link_site("tax");
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
        CLEANUP(portal_answer_done) struct portal_answer answer = redeem("x");

        assert_int_equal(answer.status, 401);
    }
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(nobody_goes_on_without_a_session_or_a_linkage),
        ROW(nothing_goes_to_an_address_that_is_not_the_sites),
        ROW(a_request_without_its_guards_is_refused),
        ROW(state_and_nonce_have_a_limit),
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
