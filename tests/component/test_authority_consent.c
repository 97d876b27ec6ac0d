/* SPDX-License-Identifier: Apache-2.0 */
/* Consents that a card alone signed: XML, a raw signature, and the certificate beside it. */
#include "support/authority_site.h"

#include "authority/consent/consent.h"
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct authority_site site;
static struct json *body;

static int make(void **state)
{
    (void)state;
    authority_site_make(&site);
    return 0;
}

static int done(void **state)
{
    (void)state;
    authority_site_done(&site);
    return 0;
}

static int set_up(void **state)
{
    static const struct notice notice = {"bank", "見本銀行", "accounts", "口座"};
    const struct audit_origin by = audit_by_self(SITE_NOW);

    (void)state;
    authority_site_open(&site);
    return authority_give_notice(site.store, SITE_PARTY, &notice, &by, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    json_freep(&body);
    authority_site_close(&site);
    return 0;
}

static int64_t count(const char *sql)
{
    return authority_site_count(&site, sql);
}

static void put_base64(struct json *object, const char *key, struct bytes data)
{
    assert_int_equal(json_put_base64(object, key, data, NULL), 0);
}

/* Hand on a document with a signature; more: further members, with a comma before. */
static unsigned hand_on(struct bytes document, struct bytes signature, const char *more)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *members;

    put_base64(object, "document", document);
    put_base64(object, "signature", signature);
    assert_int_equal(json_write(object, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &members, NULL), 0);
    return site_ask(&site, "consent", "/v1/verifier/consents", &body, "%.*s%s",
                    (int)strlen(members) - 2, members + 1, more);
}

/* Signed by a key over the DigestInfo, with the sign certificate of a number beside it. */
static unsigned consent_by_card(uint32_t serial, const struct consent_text *text,
                                const struct privkey *key)
{
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf more = BUF_INIT;
    struct digest digest;
    const char *member;

    assert_int_equal(consent_xml_write(text, &document, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&document), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    authority_site_certificate(&site, CA_SIGN, serial, &der);
    assert_int_equal(buf_append_text(&more, ",\"certificate\":\"", NULL), 0);
    assert_int_equal(base64_append(&more, BASE64_PADDED, buf_bytes(&der), NULL), 0);
    assert_int_equal(buf_append_text(&more, "\"", NULL), 0);
    assert_int_equal(buf_text(&more, &member, NULL), 0);
    return hand_on(buf_bytes(&document), buf_bytes(&signature), member);
}

static void assert_refused(unsigned status, unsigned expected, const char *words)
{
    assert_int_equal(status, expected);
    if (strstr(site_text(body, "detail"), words) == NULL)
        fail_msg("no \"%s\" in: %s", words, site_text(body, "detail"));
}

static struct consent_text text_to(unsigned attributes)
{
    return (struct consent_text){.is_withdrawal = attributes == 0,
                                 .verifier = "pf",
                                 .provider = "bank",
                                 .service = "accounts",
                                 .attributes = attributes,
                                 .at = site.clock.fixed};
}

static void assert_named(const char *name)
{
    assert_string_equal(site_text(body, "type") + strlen(HTTP_PROBLEM_URN), name);
}

static void what_a_card_alone_signed_counts_as_well(void **state)
{
    const struct privkey *key = site.pki.keys[PROFILE_SIGN];
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    struct consent_text text = text_to(ATTRIBUTE_NAME);

    (void)state;
    assert_refused(consent_by_card(serial, &text, site.key), 422, "not signed by the certificate");
    assert_named("consent-signer");
    (void)snprintf(text.verifier, sizeof text.verifier, "other");
    assert_refused(consent_by_card(serial, &text, key), 403, "another verifier");
    assert_named("other-verifier");
    text = text_to(ATTRIBUTE_NAME);
    (void)snprintf(text.service, sizeof text.service, "loans");
    assert_refused(consent_by_card(serial, &text, key), 403, "no notice");
    assert_named("not-notified");
    text = text_to(ATTRIBUTE_NAME);
    text.at -= CONSENT_DAYS * 86400 + 1;
    assert_refused(consent_by_card(serial, &text, key), 422, "in the last");
    assert_named("consent-stale");
    text = text_to(0);
    assert_refused(consent_by_card(serial, &text, key), 404, "no consent");
    assert_named("no-consent");
    text = text_to(ATTRIBUTE_NAME | ATTRIBUTE_ADDRESS);
    assert_int_equal(consent_by_card(serial, &text, key), 201);
    assert_int_equal(consent_by_card(serial, &text, key), 200);
    assert_int_equal(count("SELECT count(*) FROM consent WHERE certificate IS NOT NULL"), 1);
    text.attributes = ATTRIBUTE_NAME;
    assert_refused(consent_by_card(serial, &text, key), 409, "already");
    assert_named("consent-duplicate");
    text = text_to(0);
    assert_int_equal(consent_by_card(serial, &text, key), 201);
    text = text_to(ATTRIBUTE_SEX);
    assert_refused(consent_by_card(serial, &text, key), 409, "before the last one");
    assert_named("consent-outdated");
    assert_int_equal(count("SELECT count(*) FROM consent"), 1);
}

static void two_may_sign_the_same_words(void **state)
{
    const struct privkey *key = site.pki.keys[PROFILE_SIGN];
    uint32_t hanako = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t taro = authority_site_issue(&site, CA_SIGN, SITE_TARO);
    const struct consent_text text = text_to(ATTRIBUTE_NAME);
    char id[CONSENT_ID_LEN + 1];

    (void)state;
    assert_int_equal(consent_by_card(hanako, &text, key), 201);
    (void)snprintf(id, sizeof id, "%s", site_text(body, "consent"));
    assert_int_equal(consent_by_card(taro, &text, key), 201);
    assert_string_not_equal(site_text(body, "consent"), id);
}

/* Given and ended several times within a second, in which the times tell them not apart. */
static void a_withdrawal_names_the_consent_that_it_ended(void **state)
{
    const struct privkey *key = site.pki.keys[PROFILE_SIGN];
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    struct consent_text given = text_to(ATTRIBUTE_NAME);
    struct consent_text end = text_to(0);

    (void)state;
    for (int i = 0; i < 8; i++) {
        char id[CONSENT_ID_LEN + 1];

        given.at++;
        end.at++;
        assert_int_equal(consent_by_card(serial, &given, key), 201);
        (void)snprintf(id, sizeof id, "%s", site_text(body, "consent"));
        assert_int_equal(consent_by_card(serial, &end, key), 201);
        assert_string_equal(site_text(body, "consent"), id);
        assert_int_equal(consent_by_card(serial, &end, key), 200);
        assert_string_equal(site_text(body, "consent"), id);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_withdrawal_names_the_consent_that_it_ended),
        TEST(what_a_card_alone_signed_counts_as_well),
        TEST(two_may_sign_the_same_words),
    };

    return cmocka_run_group_tests(tests, make, done);
}
