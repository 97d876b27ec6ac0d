/* SPDX-License-Identifier: Apache-2.0 */
/* Consents of holders and the latest attributes for verifiers: refusals first, then what is told.
 */
#include "support/authority_site.h"

#include "authority/consent/consent.h"
#include "authority/consent/latest.h"
#include "authority/holder/claim.h"
#include "authority/store_sqlite.h"
#include "base/base64.h"
#include "base/hex.h"
#include "crypto/bound.h"
#include "http/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 86400 };

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

static void give_notice(const char *provider, const char *service)
{
    const struct notice notice = {provider, "Bank", service, "Accounts"};
    const struct audit_origin by = audit_by_self(SITE_NOW);

    assert_int_equal(authority_give_notice(site.store, SITE_PARTY, &notice, &by, NULL), 0);
}

static int set_up(void **state)
{
    (void)state;
    authority_site_open(&site);
    give_notice("bank", "accounts");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_freep(&body);
    authority_site_close(&site);
    return 0;
}

static void later(int64_t seconds)
{
    site.clock = clock_fixed(site.clock.fixed + seconds);
}

static int64_t count(const char *sql)
{
    return authority_site_count(&site, sql);
}

/* Behind the back of the store, printf style. */
static void __attribute__((format(printf, 1, 2))) execute(const char *format, ...)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char sql[512];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    assert_int_equal(db_begin(site.store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static int64_t charged(void)
{
    return count("SELECT coalesce(sum(count), 0) FROM usage WHERE item = 'attributes'");
}

#define CONSENT_TO(attributes)                                                                     \
    "{\"type\":\"OpenJPKI consent v1\",\"verifier\":\"pf\",\"provider\":\"bank\","                 \
    "\"service\":\"accounts\",\"attributes\":[" attributes "],\"at\":%lld}"
#define ALL "\"name\",\"birth\",\"sex\",\"address\""
#define WITHDRAWAL                                                                                 \
    "{\"type\":\"OpenJPKI consent withdrawal v1\",\"verifier\":\"pf\",\"provider\":\"bank\","      \
    "\"service\":\"accounts\",\"at\":%lld}"

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

/* Signed by the holder's key with the sign certificate of a number. */
static unsigned consent(uint32_t serial, const char *format)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    char text[CONSENT_DOCUMENT_MAX];
    size_t len = 0;

    /* "%lld" is the moment of the signature. */
    for (const char *at = format; *at != '\0';) {
        if (strncmp(at, "%lld", 4) == 0) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%lld",
                                    (long long)site.clock.fixed);
            at += 4;
        } else {
            text[len++] = *at++;
        }
    }
    authority_site_certificate(&site, CA_SIGN, serial, &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    site_sign(&site, bytes_of(text, len), site.pki.keys[PROFILE_SIGN], cert, &signature);
    return hand_on(bytes_of(text, len), buf_bytes(&signature), "");
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

static const char *issuer(void)
{
    static char hex[41];
    struct bytes id =
        x509_cert_tbs(authority_ca(&site.authority, CA_SIGN, 1)->certificate)->subject_key_id;

    for (size_t i = 0; i < 20; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", id.ptr[i]);
    return hex;
}

/* Ask about a sign certificate; more: further members, with a comma before. */
static const char *latest(uint32_t serial, const char *more)
{
    assert_int_equal(site_ask(&site, "latest", "/v1/verifier/latest", &body,
                              "\"provider\":\"bank\",\"service\":\"accounts\",\"issuer\":\"%s\","
                              "\"serial\":%u%s",
                              issuer(), serial, more),
                     200);
    return site_text(body, "outcome");
}

static void assert_refused(unsigned status, unsigned expected, const char *words)
{
    assert_int_equal(status, expected);
    if (strstr(site_text(body, "detail"), words) == NULL)
        fail_msg("no \"%s\" in: %s", words, site_text(body, "detail"));
}

static void what_is_no_consent_is_refused(void **state)
{
    static const char *const documents[] = {
        "",
        "{}",
        "[]",
        "{\"type\":\"OpenJPKI consent v2\",\"verifier\":\"pf\",\"provider\":\"bank\",\"service\":"
        "\"accounts\",\"attributes\":[\"name\"],\"at\":%lld}",
        "{\"type\":\"OpenJPKI consent v1\",\"verifier\":\"pf\",\"provider\":\"bank\",\"service\":"
        "\"accounts\",\"at\":%lld}",
        CONSENT_TO(""),
        CONSENT_TO("\"mynumber\""),
        CONSENT_TO("\"name\",\"name\""),
        CONSENT_TO("1"),
        "{\"type\":\"OpenJPKI consent v1\",\"verifier\":\"pf\",\"provider\":\"bank\",\"service\":"
        "\"accounts\",\"attributes\":[\"name\"],\"at\":%lld,\"more\":1}",
        "{\"type\":\"OpenJPKI consent withdrawal v1\",\"verifier\":\"pf\",\"provider\":\"bank\","
        "\"service\":\"accounts\",\"attributes\":[\"name\"],\"at\":%lld}",
    };
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);

    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
        assert_int_equal(consent(serial, documents[i]), 400);
    assert_int_equal(count("SELECT count(*) FROM consent"), 0);
}

static void a_consent_for_others_is_refused(void **state)
{
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);

    (void)state;
    assert_refused(
        consent(serial, "{\"type\":\"OpenJPKI consent v1\",\"verifier\":\"other\",\"provider\":"
                        "\"bank\",\"service\":\"accounts\",\"attributes\":[\"name\"],\"at\":%lld}"),
        403, "another verifier");
    assert_refused(consent(serial,
                           "{\"type\":\"OpenJPKI consent v1\",\"verifier\":\"pf\",\"provider\":"
                           "\"bank\",\"service\":\"loans\",\"attributes\":[\"name\"],\"at\":%lld}"),
                   403, "no notice");
    assert_int_equal(count("SELECT count(*) FROM consent"), 0);
}

static void only_a_sign_certificate_in_force_consents(void **state)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    char text[512];
    uint32_t old = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t nobodys = authority_site_issue(&site, CA_SIGN, NULL);

    (void)state;
    (void)snprintf(text, sizeof text, CONSENT_TO(ALL), (long long)SITE_NOW);
    site_sign(&site, bytes_text(text), site.pki.keys[PROFILE_AUTH], site.pki.certs[PROFILE_AUTH],
              &signature);
    assert_refused(hand_on(bytes_text(text), buf_bytes(&signature), ""), 422, "issued here");
    /* Ours, with a number of ours, and never issued. */
    site_sign(&site, bytes_text(text), site.pki.keys[PROFILE_SIGN], site.pki.certs[PROFILE_SIGN],
              &signature);
    assert_refused(hand_on(bytes_text(text), buf_bytes(&signature), ""), 422, "issued here");
    assert_refused(consent(nobodys, CONSENT_TO(ALL)), 422, "before consents");
    authority_site_revoke(&site, CA_SIGN, old, CRL_AFFILIATION_CHANGED);
    assert_refused(consent(old, CONSENT_TO(ALL)), 422, "revoked or over");
    assert_int_equal(count("SELECT count(*) FROM consent"), 0);
}

static void a_changed_document_is_refused(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    char text[512];

    (void)state;
    (void)snprintf(text, sizeof text, CONSENT_TO("\"sex\""), (long long)SITE_NOW);
    authority_site_certificate(&site, CA_SIGN, serial, &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    site_sign(&site, bytes_text(text), site.pki.keys[PROFILE_SIGN], cert, &signature);
    (void)snprintf(text, sizeof text, CONSENT_TO(ALL), (long long)SITE_NOW);
    assert_refused(hand_on(bytes_text(text), buf_bytes(&signature), ""), 422, "something else");
}

static void a_document_counts_for_a_week(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    char text[512];

    (void)state;
    (void)snprintf(text, sizeof text, CONSENT_TO(ALL), (long long)SITE_NOW);
    authority_site_certificate(&site, CA_SIGN, serial, &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    site_sign(&site, bytes_text(text), site.pki.keys[PROFILE_SIGN], cert, &signature);
    later(-HOLDER_SECONDS - 1);
    assert_refused(hand_on(bytes_text(text), buf_bytes(&signature), ""), 422, "over");
    later((int64_t)CONSENT_DAYS * DAY + HOLDER_SECONDS + 2);
    assert_refused(hand_on(bytes_text(text), buf_bytes(&signature), ""), 422, "last 7 days");
    later(-1);
    assert_int_equal(hand_on(bytes_text(text), buf_bytes(&signature), ",\"received_at\":1"), 400);
    assert_int_equal(hand_on(bytes_text(text), buf_bytes(&signature), ""), 201);
}

static void a_document_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    struct consent_order order = {.received_at = 0};
    static uint8_t large[CONSENT_SIGNATURE_MAX + 1];
    const struct audit_origin by = audit_by_self(SITE_NOW);
    struct party party = {.name = SITE_PARTY};
    struct consent kept;
    struct err err = {0};

    (void)state;
    (void)serial;
    order.party = &party;
    order.by = &by;
    order.document = bytes_of(large, CONSENT_DOCUMENT_MAX + 1);
    order.signature = bytes_of(large, CONSENT_SIGNATURE_MAX);
    assert_int_equal(authority_take_consent(&site.authority, &order, &kept, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "more than"));
    order.document = bytes_of(large, CONSENT_DOCUMENT_MAX);
    order.signature = bytes_of(large, CONSENT_SIGNATURE_MAX + 1);
    assert_int_equal(authority_take_consent(&site.authority, &order, &kept, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "more than"));
    order.signature = bytes_of(large, CONSENT_SIGNATURE_MAX);
    assert_int_equal(authority_take_consent(&site.authority, &order, &kept, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "more than")); /* it is no CMS, though */
}

static void the_same_document_again_is_the_same_consent(void **state)
{
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    char id[CONSENT_ID_LEN + 1];

    (void)state;
    assert_int_equal(consent(serial, CONSENT_TO(ALL)), 201);
    (void)snprintf(id, sizeof id, "%s", site_text(body, "consent"));
    authority_site_reopen(&site);
    assert_int_equal(consent(serial, CONSENT_TO(ALL)), 200);
    assert_string_equal(site_text(body, "consent"), id);
    assert_refused(consent(serial, CONSENT_TO("\"name\"")), 409, "already");
    assert_int_equal(count("SELECT count(*) FROM consent"), 1);
    assert_int_equal(count("SELECT count(*) FROM audit WHERE act = 'consent.given'"), 1);
}

/* pki.md 5: from the next day in Japan; ten years. */
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
    uint32_t hanako = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t taro = authority_site_issue(&site, CA_SIGN, SITE_TARO);
    char id[CONSENT_ID_LEN + 1];

    (void)state;
    assert_int_equal(consent(hanako, CONSENT_TO(ALL)), 201);
    (void)snprintf(id, sizeof id, "%s", site_text(body, "consent"));
    assert_int_equal(consent(taro, CONSENT_TO(ALL)), 201);
    assert_string_not_equal(site_text(body, "consent"), id);
}

static void a_consent_counts_ten_years_from_the_next_day(void **state)
{
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    const int64_t from = 1790002800;  /* 2026-09-22 00:00:00 +09:00 */
    const int64_t until = 2105621999; /* 2036-09-21 23:59:59 +09:00 */

    (void)state;
    assert_int_equal(consent(serial, CONSENT_TO(ALL)), 201);
    assert_int_equal(site_number(body, "valid_from"), from);
    assert_int_equal(site_number(body, "valid_until"), until);
    later(10);
    authority_site_revoke(&site, CA_SIGN, serial, CRL_AFFILIATION_CHANGED);
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    site.clock = clock_fixed(from - 1);
    assert_string_equal(latest(serial, ""), "consent-not-yet-valid");
    site.clock = clock_fixed(from);
    assert_string_equal(latest(serial, ""), "given");
    assert_int_equal(charged(), 1);
}

static void the_day_of_receipt_decides_where_it_is_configured(void **state)
{
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    char text[512];
    char more[64];

    (void)state;
    (void)snprintf(text, sizeof text, CONSENT_TO(ALL), (long long)SITE_NOW);
    (void)snprintf(more, sizeof more, ",\"received_at\":%lld", (long long)SITE_NOW);
    authority_site_certificate(&site, CA_SIGN, serial, &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    site_sign(&site, bytes_text(text), site.pki.keys[PROFILE_SIGN], cert, &signature);
    site.authority.is_consent_from_receipt = true;
    later(3 * DAY);
    assert_int_equal(hand_on(bytes_text(text), buf_bytes(&signature), more), 201);
    assert_int_equal(site_number(body, "valid_from"), 1790002800);
    site.authority.is_consent_from_receipt = false;
    assert_int_equal(consent(serial, WITHDRAWAL), 201);
    later(1);
    assert_int_equal(consent(serial, CONSENT_TO(ALL)), 201);
    assert_int_equal(site_number(body, "valid_from"), 1790002800 + 3 * DAY);
}

/* Hanako has consented yesterday, moved, and has a new certificate; *ret_old is the old one. */
static uint32_t move_with_consent(const char *document)
{
    uint32_t old = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);

    assert_int_equal(consent(old, document), 201);
    later(DAY);
    authority_site_revoke(&site, CA_SIGN, old, CRL_AFFILIATION_CHANGED);
    return old;
}

static void each_reason_for_nothing_has_its_word(void **state)
{
    uint32_t taro = authority_site_issue(&site, CA_SIGN, SITE_TARO);
    uint32_t nobodys = authority_site_issue(&site, CA_SIGN, NULL);
    uint32_t old;
    uint32_t new;

    (void)state;
    assert_string_equal(latest(99, ""), "unknown-certificate");
    assert_string_equal(latest(nobodys, ""), "unknown-certificate");
    assert_string_equal(latest(taro, ""), "no-consent");
    old = move_with_consent(CONSENT_TO("\"address\""));
    assert_string_equal(latest(old, ""), "not-reissued");
    new = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_string_equal(latest(new, ""), "not-revoked");
    assert_string_equal(latest(old, ",\"attributes\":[\"address\",\"name\"]"),
                        "attribute-not-consented");
    authority_site_revoke(&site, CA_SIGN, new, CRL_CESSATION_OF_OPERATION);
    assert_string_equal(latest(old, ""), "holder-ceased");
    assert_string_equal(latest(new, ""), "holder-ceased");
    assert_int_equal(site_ask(&site, "latest", "/v1/verifier/latest", &body,
                              "\"provider\":\"bank\",\"service\":\"loans\",\"issuer\":\"%s\","
                              "\"serial\":%u",
                              issuer(), old),
                     200);
    assert_string_equal(site_text(body, "outcome"), "not-notified");
    assert_int_equal(charged(), 0);
    assert_int_equal(count("SELECT count(*) FROM disclosure"), 0);
    assert_int_equal(count("SELECT count(*) FROM audit WHERE act = 'latest.answered'"), 9);
}

static void the_rest_of_the_words(void **state)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);
    uint32_t old = move_with_consent(CONSENT_TO(ALL));

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    execute("UPDATE consent SET valid_until = %lld", (long long)site.clock.fixed);
    assert_string_equal(latest(old, ""), "given");
    execute("UPDATE consent SET valid_until = %lld", (long long)site.clock.fixed - 1);
    assert_string_equal(latest(old, ""), "consent-expired");
    assert_int_equal(authority_end_provider(site.store, SITE_PARTY, "bank", &by, NULL), 0);
    assert_string_equal(latest(old, ""), "not-notified");
    assert_int_equal(charged(), 1);
}

static void only_what_is_consented_to_is_told(void **state)
{
    const struct json *attributes;
    struct holder holder = *test_pki_holder();
    uint32_t old = move_with_consent(CONSENT_TO("\"address\",\"sex\""));
    uint32_t new;

    (void)state;
    holder.address = BYTES_LITERAL("新しい住所");
    holder.address_substitutes = BYTES_LITERAL("00000");
    new = authority_site_issue_to(&site, SITE_HANAKO, &holder);
    assert_string_equal(latest(old, ""), "given");
    assert_int_equal(site_number(body, "serial"), new);
    assert_int_equal(json_get_object(body, "attributes", &attributes, NULL), 0);
    assert_string_equal(site_text(attributes, "address"), "新しい住所");
    assert_true(json_has(attributes, "sex"));
    assert_false(json_has(attributes, "name"));
    assert_false(json_has(attributes, "birth"));
    assert_string_equal(latest(old, ",\"attributes\":[\"sex\"]"), "given");
    assert_int_equal(json_get_object(body, "attributes", &attributes, NULL), 0);
    assert_false(json_has(attributes, "address"));
    assert_int_equal(charged(), 2);
    assert_string_equal(latest(new, ""), "not-revoked"); /* and so is not charged */
    assert_int_equal(charged(), 2);
}

/* A phone's certificate says what the register said when it was made, as a card's does. */
static void a_phones_certificate_is_as_new_as_a_cards(void **state)
{
    uint32_t old = move_with_consent(CONSENT_TO(ALL));
    uint32_t phone;
    uint32_t card;

    (void)state;
    phone = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    execute("UPDATE certificate SET device = 'phone' WHERE serial = %u", phone);
    assert_string_equal(latest(old, ""), "given");
    assert_int_equal(site_number(body, "serial"), phone);
    later(1);
    card = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    authority_site_revoke(&site, CA_SIGN, card, CRL_AFFILIATION_CHANGED);
    assert_string_equal(latest(old, ""), "given"); /* what is in force goes before what is new */
    assert_int_equal(site_number(body, "serial"), phone);
    authority_site_revoke(&site, CA_SIGN, phone, CRL_SUPERSEDED);
    assert_string_equal(latest(old, ""), "not-reissued");
}

/* A lost answer is asked for again under its id, and is neither another hit nor newer. */
static void a_request_id_is_charged_once(void **state)
{
    uint32_t old = move_with_consent(CONSENT_TO(ALL));
    uint32_t new = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t newest;

    (void)state;
    assert_string_equal(latest(old, ",\"request_id\":\"x-1\""), "given");
    assert_int_equal(site_number(body, "serial"), new);
    authority_site_reopen(&site);
    later(1);
    authority_site_revoke(&site, CA_SIGN, new, CRL_AFFILIATION_CHANGED);
    newest = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_string_equal(latest(old, ",\"request_id\":\"x-1\""), "given");
    assert_int_equal(site_number(body, "serial"), new);
    assert_int_equal(charged(), 1);
    assert_string_equal(latest(old, ",\"request_id\":\"x-2\""), "given");
    assert_int_equal(site_number(body, "serial"), newest);
    assert_int_equal(charged(), 2);
    assert_int_equal(site_ask(&site, "latest", "/v1/verifier/latest", &body,
                              "\"provider\":\"bank\",\"service\":\"accounts\",\"issuer\":\"%s\","
                              "\"serial\":%u,\"request_id\":\"x-1\"",
                              issuer(), new),
                     409);
}

/* The hit, its record and its charge are there together or not at all. */
static void what_was_not_kept_is_not_told(void **state)
{
    uint32_t old = move_with_consent(CONSENT_TO(ALL));

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    execute("CREATE TRIGGER broken BEFORE INSERT ON audit WHEN NEW.act = 'latest.answered'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END");
    assert_int_not_equal(site_ask(&site, "latest", "/v1/verifier/latest", &body,
                                  "\"provider\":\"bank\",\"service\":\"accounts\",\"issuer\":"
                                  "\"%s\",\"serial\":%u",
                                  issuer(), old),
                         200);
    assert_false(json_has(body, "attributes"));
    assert_int_equal(charged(), 0);
    assert_int_equal(count("SELECT count(*) FROM disclosure"), 0);
}

static void a_withdrawal_stops_it_at_once(void **state)
{
    uint32_t old = move_with_consent(CONSENT_TO(ALL));
    uint32_t new = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);

    (void)state;
    assert_string_equal(latest(old, ",\"request_id\":\"x-1\""), "given");
    assert_int_equal(consent(new, WITHDRAWAL), 201);
    assert_int_equal(site_number(body, "withdrawn_at"), site.clock.fixed);
    assert_string_equal(latest(old, ""), "consent-withdrawn");
    assert_string_equal(latest(old, ",\"request_id\":\"x-1\""), "consent-withdrawn");
    assert_int_equal(consent(new, WITHDRAWAL), 200);
    assert_refused(consent(new, CONSENT_TO(ALL)), 409, "before the last one was withdrawn");
    later(1);
    assert_int_equal(consent(new, CONSENT_TO(ALL)), 201);
    assert_string_equal(latest(old, ""), "consent-not-yet-valid");
}

static void only_the_person_withdraws(void **state)
{
    uint32_t taro = authority_site_issue(&site, CA_SIGN, SITE_TARO);
    uint32_t old = move_with_consent(CONSENT_TO(ALL));

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_refused(consent(taro, WITHDRAWAL), 404, "no consent");
    assert_string_equal(latest(old, ""), "given");
}

/* Near its end another may be given, and counts on without a gap; a withdrawal ends both. */
static void a_consent_is_renewed_near_its_end(void **state)
{
    uint32_t old = move_with_consent(CONSENT_TO("\"name\""));
    uint32_t new = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    const int64_t near = site.clock.fixed + (int64_t)CONSENT_RENEWAL_DAYS * DAY;

    (void)state;
    execute("UPDATE consent SET valid_until = %lld", (long long)near + 1);
    assert_refused(consent(new, CONSENT_TO(ALL)), 409, "already");
    execute("UPDATE consent SET valid_until = %lld", (long long)near);
    assert_int_equal(consent(new, CONSENT_TO(ALL)), 201);
    assert_string_equal(latest(old, ",\"attributes\":[\"name\"]"), "given");
    assert_string_equal(latest(old, ",\"attributes\":[\"sex\"]"), "attribute-not-consented");
    later(DAY);
    assert_string_equal(latest(old, ",\"attributes\":[\"sex\"]"), "given");
    assert_int_equal(consent(new, WITHDRAWAL), 201);
    assert_int_equal(count("SELECT count(*) FROM consent WHERE withdrawn_at IS NULL"), 0);
    assert_string_equal(latest(old, ""), "consent-withdrawn");
}

static void changes_are_polled_by_provider(void **state)
{
    uint32_t serial = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    char polling_id[CONSENT_ID_LEN + 1];
    const struct json *list;

    (void)state;
    CLEANUP(json_freep) struct json *party = NULL;
    give_notice("shop", "cart");
    assert_int_equal(authority_show_party(site.store, SITE_PARTY, &party, NULL), 0);
    assert_int_equal(json_get_array(party, "services", &list, NULL), 0);
    (void)snprintf(polling_id, sizeof polling_id, "%s", site_text(json_at(list, 0), "polling_id"));
    assert_string_not_equal(polling_id, site_text(json_at(list, 1), "polling_id"));

    assert_int_equal(consent(serial, CONSENT_TO(ALL)), 201);
    later(1);
    assert_int_equal(consent(serial, WITHDRAWAL), 201);
#define POLL(id, since)                                                                            \
    site_ask(&site, "consent-changes", "/v1/verifier/consent-changes", &body,                      \
             "\"polling_id\":\"%s\",\"since\":%d", id, since)
    assert_int_equal(POLL(polling_id, 0), 200);
    assert_int_equal(site_number(body, "last"), 2);
    assert_int_equal(json_get_array(body, "changes", &list, NULL), 0);
    assert_int_equal(json_count(list), 2);
    assert_string_equal(site_text(json_at(list, 0), "state"), "given");
    assert_string_equal(site_text(json_at(list, 1), "state"), "withdrawn");
    assert_string_equal(site_text(json_at(list, 1), "service"), "accounts");
    assert_int_equal(POLL(polling_id, 1), 200);
    assert_int_equal(json_get_array(body, "changes", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_int_equal(POLL("00000000000000000000000000000000", 0), 404);
    assert_int_equal(json_get_array(party, "services", &list, NULL), 0);
    assert_int_equal(POLL(site_text(json_at(list, 1), "polling_id"), 0), 200);
    assert_int_equal(site_number(body, "last"), 0);
}

/* As many more of each as would be one past the limit. */
static void long_lists_are_told_in_parts(void **state)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);
    const struct holder_certificate hanako = {CA_SIGN,
                                              authority_site_issue(&site, CA_SIGN, SITE_HANAKO)};
    CLEANUP(json_freep) struct json *told = NULL;
    const struct party party = {.name = SITE_PARTY};
    const struct json *list;
    bool more;

    (void)state;
    assert_int_equal(consent(hanako.serial, CONSENT_TO(ALL)), 201);
    execute("UPDATE provider SET polling_id = 'p'");
    execute("WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= %d)"
            " INSERT INTO consent_event SELECT 'pf', 'bank', i, id, 'given', 1 FROM n, consent",
            CONSENT_PAGE_MAX);
    assert_int_equal(authority_poll_consents(site.store, &party, "p", 0, &told, NULL), 0);
    assert_int_equal(site_number(told, "last"), CONSENT_PAGE_MAX);
    assert_int_equal(json_get_bool(told, "more", &more, NULL), 0);
    assert_true(more);
    json_freep(&told);
    assert_int_equal(
        authority_poll_consents(site.store, &party, "p", CONSENT_PAGE_MAX, &told, NULL), 0);
    assert_int_equal(site_number(told, "last"), CONSENT_PAGE_MAX + 1);
    assert_int_equal(json_get_bool(told, "more", &more, NULL), 0);
    assert_false(more);
    json_freep(&told);
    execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= %d)"
            " INSERT INTO disclosure SELECT i, 'pf', i, id, 2, 3, 0, 1, i FROM n, consent",
            DISCLOSURES_MAX);
    assert_int_equal(authority_list_consents(site.store, &hanako, &by, &told, NULL), 0);
    assert_int_equal(json_get_array(told, "disclosures", &list, NULL), 0);
    assert_int_equal(json_count(list), DISCLOSURES_MAX);
    assert_int_equal(site_number(json_at(list, 0), "at"), DISCLOSURES_MAX + 1);
}

/* What a holder's client says and signs. */
struct holding {
    enum ca_kind kind;
    uint32_t serial;
    const struct privkey *key;
    const char *origin, *withdrawal;
    int64_t at;
    uint8_t nonce;
    bool signs_list; /* though it says otherwise */
};

static struct holding holding_of(enum ca_kind kind, uint32_t serial)
{
    static uint8_t nonce;

    return (struct holding){
        .kind = kind,
        .serial = serial,
        .key = site.pki.keys[kind == CA_SIGN ? PROFILE_SIGN : PROFILE_AUTH],
        .origin = SITE_ORIGIN,
        .at = site.clock.fixed,
        .nonce = ++nonce,
    };
}

static unsigned hold(const struct holding *holding)
{
    const struct http_server_options options = {.tables = authority_holder_tables,
                                                .context = &site.authority};
    const struct http_peer peer = {.is_unix = false};
    struct bytes ca =
        x509_cert_tbs(authority_ca(&site.authority, holding->kind, 1)->certificate)->subject_key_id;
    uint8_t nonce[BOUND_NONCE_SIZE] = {holding->nonce};
    uint8_t octets[HOLDER_SERIAL_OCTETS];
    const struct bound_consent message = {.origin = holding->origin,
                                          .issuer = ca,
                                          .serial = holder_serial_octets(holding->serial, octets),
                                          .withdrawal = holding->signs_list ? NULL
                                                                            : holding->withdrawal,
                                          .at = holding->at,
                                          .nonce = BYTES_ARRAY(nonce)};
    CLEANUP(json_freep) struct json *request = json_object_new();
    CLEANUP(buf_done) struct buf issuer_hex = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct digest digest;
    const char *hex;
    const char *got;

    assert_int_equal(bound_consent_digest(&message, &digest, NULL), 0);
    assert_int_equal(privkey_sign(holding->key, &digest, &signature, NULL), 0);
    assert_int_equal(hex_append(&issuer_hex, ca, NULL), 0);
    assert_int_equal(buf_text(&issuer_hex, &hex, NULL), 0);
    assert_int_equal(json_put_text(request, "origin", holding->origin, NULL), 0);
    assert_int_equal(json_put_text(request, "issuer", hex, NULL), 0);
    assert_int_equal(json_put_int(request, "serial", holding->serial, NULL), 0);
    if (holding->withdrawal != NULL)
        assert_int_equal(json_put_text(request, "consent", holding->withdrawal, NULL), 0);
    assert_int_equal(json_put_int(request, "at", holding->at, NULL), 0);
    put_base64(request, "nonce", BYTES_ARRAY(nonce));
    put_base64(request, "signature", buf_bytes(&signature));
    assert_int_equal(json_write(request, &text, NULL), 0);
    assert_int_equal(buf_append_format(&bytes, NULL,
                                       "POST /v1/holder/%s HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                       "application/json\r\nContent-Length: %zu\r\n\r\n",
                                       holding->withdrawal == NULL ? "consents" : "withdrawals",
                                       text.len),
                     0);
    assert_int_equal(buf_append(&bytes, buf_bytes(&text), NULL), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&bytes), &answer, NULL), 0);
    assert_int_equal(buf_text(&answer, &got, NULL), 0);
    json_freep(&body);
    assert_int_equal(json_parse(bytes_text(strstr(got, "\r\n\r\n") + 4), &body, NULL), 0);
    return (unsigned)strtoul(got + strlen("HTTP/1.1 "), NULL, 10);
}

static void a_holders_question_is_by_the_key_and_counts_once(void **state)
{
    uint32_t sign = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t auth = authority_site_issue(&site, CA_AUTH, SITE_HANAKO);
    struct holding holding = holding_of(CA_AUTH, auth);

    (void)state;
    holding.key = site.pki.keys[PROFILE_SIGN];
    assert_refused(hold(&holding), 422, "no signature");
    holding = holding_of(CA_AUTH, auth);
    holding.origin = "https://x";
    assert_refused(hold(&holding), 422, "another service");
    holding = holding_of(CA_AUTH, auth);
    holding.at -= HOLDER_SECONDS + 1;
    assert_refused(hold(&holding), 422, "seconds ago");
    holding = holding_of(CA_AUTH, auth + 1);
    assert_refused(hold(&holding), 422, "no signature");
    holding = holding_of(CA_AUTH, auth);
    holding.withdrawal = "00112233445566778899aabbccddeeff";
    holding.signs_list = true;
    assert_refused(hold(&holding), 422, "no signature");
    holding = holding_of(CA_AUTH, auth);
    assert_int_equal(hold(&holding), 200);
    assert_refused(hold(&holding), 422, "came before");
    authority_site_revoke(&site, CA_SIGN, sign, CRL_AFFILIATION_CHANGED);
    holding = holding_of(CA_SIGN, sign);
    assert_refused(hold(&holding), 422, "revoked or over");
}

static void a_holder_sees_and_withdraws_with_either_key(void **state)
{
    uint32_t auth = authority_site_issue(&site, CA_AUTH, SITE_HANAKO);
    uint32_t others = authority_site_issue(&site, CA_AUTH, SITE_TARO);
    uint32_t old = move_with_consent(CONSENT_TO("\"address\""));
    const struct json *list;
    struct holding holding = holding_of(CA_AUTH, auth);
    char id[CONSENT_ID_LEN + 1];

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_string_equal(latest(old, ""), "given");
    holding.at = site.clock.fixed;
    assert_int_equal(hold(&holding), 200);
    assert_int_equal(json_get_array(body, "consents", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_string_equal(site_text(json_at(list, 0), "service_title"), "Accounts");
    (void)snprintf(id, sizeof id, "%s", site_text(json_at(list, 0), "id"));
    assert_int_equal(json_get_array(body, "disclosures", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_string_equal(site_text(json_at(list, 0), "consent"), id);
    assert_int_equal(site_number(json_at(list, 0), "at"), site.clock.fixed);

    holding = holding_of(CA_AUTH, others);
    assert_int_equal(hold(&holding), 200);
    assert_int_equal(json_get_array(body, "consents", &list, NULL), 0);
    assert_int_equal(json_count(list), 0);
    holding = holding_of(CA_AUTH, others);
    holding.withdrawal = id;
    assert_refused(hold(&holding), 404, "no such consent");
    assert_string_equal(latest(old, ""), "given");
    holding = holding_of(CA_AUTH, auth);
    holding.withdrawal = id;
    assert_int_equal(hold(&holding), 200);
    assert_int_equal(site_number(body, "withdrawn_at"), site.clock.fixed);
    assert_string_equal(latest(old, ""), "consent-withdrawn");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_consent_is_refused),
        TEST(a_consent_for_others_is_refused),
        TEST(only_a_sign_certificate_in_force_consents),
        TEST(a_changed_document_is_refused),
        TEST(a_document_counts_for_a_week),
        TEST(a_document_at_the_limit_is_taken_and_one_past_it_refused),
        TEST(the_same_document_again_is_the_same_consent),
        TEST(what_a_card_alone_signed_counts_as_well),
        TEST(two_may_sign_the_same_words),
        TEST(a_consent_counts_ten_years_from_the_next_day),
        TEST(the_day_of_receipt_decides_where_it_is_configured),
        TEST(each_reason_for_nothing_has_its_word),
        TEST(the_rest_of_the_words),
        TEST(only_what_is_consented_to_is_told),
        TEST(a_phones_certificate_is_as_new_as_a_cards),
        TEST(a_request_id_is_charged_once),
        TEST(what_was_not_kept_is_not_told),
        TEST(a_withdrawal_stops_it_at_once),
        TEST(only_the_person_withdraws),
        TEST(a_consent_is_renewed_near_its_end),
        TEST(a_holders_question_is_by_the_key_and_counts_once),
        TEST(a_holder_sees_and_withdraws_with_either_key),
        TEST(changes_are_polled_by_provider),
        TEST(long_lists_are_told_in_parts),
    };

    return cmocka_run_group_tests(tests, make, done);
}
