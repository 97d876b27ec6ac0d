/* SPDX-License-Identifier: Apache-2.0 */
#include "support/sso_site.h"

#include "base/base64.h"
#include "base/random_text.h"
#include "http/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct portal_site site;
struct portal_browser browser;
struct privkey *tax_key, *pension_key;
struct sites *sites;

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

int sso_set_up(void **state)
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
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    return 0;
}

int sso_tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    sites_freep(&sites);
    privkey_freep(&tax_key);
    privkey_freep(&pension_key);
    return 0;
}

/* ---- as a site does it ---- */

void sso_link(const char *id)
{
    char line[64];

    (void)snprintf(line, sizeof line, "PUT /v1/sites/%s/linkage", id);
    assert_int_equal(portal_status(&site, &browser, line, NULL), 204);
}

unsigned sso_unlink(const char *id)
{
    char line[64];

    (void)snprintf(line, sizeof line, "DELETE /v1/sites/%s/linkage", id);
    return portal_status(&site, &browser, line, NULL);
}

void sso_challenge(char ret[PORTAL_SECRET_SIZE])
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest hash;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(SSO_VERIFIER), &hash, NULL), 0);
    assert_int_equal(base64_append(&text, BASE64_URL, digest_bytes(&hash), NULL), 0);
    (void)snprintf(ret, PORTAL_SECRET_SIZE, "%.*s", (int)text.len, (const char *)text.ptr);
}

void sso_go(struct portal_browser *whose, const char *id, const char *more, char ret[1024])
{
    char line[2048], challenge[PORTAL_SECRET_SIZE];
    const char *at;

    sso_challenge(challenge);
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

void sso_sign_on(const char *id, char ret[PORTAL_SECRET_SIZE])
{
    char place[1024];
    const char *at;

    sso_go(&browser, id, "", place);
    at = strstr(place, "?code=");
    assert_non_null(at);
    assert_non_null(strstr(place, "&state=s1&iss=https%3A%2F%2Fportal.openjpki.test%2Fsso"));
    (void)snprintf(ret, PORTAL_SECRET_SIZE, "%s", at + 6);
    assert_int_equal(strcspn(ret, "&"), PORTAL_SECRET_SIZE - 1);
}

void sso_assert(const struct sso_assertion *wish, struct buf *ret)
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
    assert_int_equal(json_put_text(claims, "aud", wish->aud == NULL ? SSO_ISSUER : wish->aud, NULL),
                     0);
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

struct portal_answer sso_redeem_with(const char *code, const struct sso_assertion *wish,
                                     const char *uri, const char *verifier)
{
    CLEANUP(buf_done) struct buf assertion = BUF_INIT;
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    const char *text;

    sso_assert(wish, &assertion);
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

struct portal_answer sso_redeem(const char *code)
{
    return sso_redeem_with(code, &(struct sso_assertion){NULL}, SSO_BACK, SSO_VERIFIER);
}
