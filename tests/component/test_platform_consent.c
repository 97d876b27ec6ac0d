/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consents through a platform, with a real authority behind it: what is refused and by which name,
 * what is kept, and what of it the authority changes. And whom a tenant knows by which pseudonym.
 */
#include "support/latest_site.h"

#include "authority/consent/consent.h"
#include "crypto/jwe.h"
#include "platform/consent/store.h"
#include "platform/holder/holder.h"
#include "platform/login/login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BANK LATEST_SITE_BANK
#define SHOP LATEST_SITE_SHOP

enum { DAY = 86400 };

static uint32_t issue(const char *subject)
{
    latest_site_pass(10);
    return authority_site_issue(&latest_site.at.authority, CA_SIGN, subject);
}

static void revoke(uint32_t serial)
{
    authority_site_revoke(&latest_site.at.authority, CA_SIGN, serial, CRL_AFFILIATION_CHANGED);
}

/* Hand on a consent to the bank's accounts; the rest is as in what. */
static unsigned give(const char *key, struct latest_consent what)
{
    if (what.provider == NULL)
        what.provider = "bank";
    if (what.service == NULL)
        what.service = "accounts";
    return latest_site_consent(key, &what);
}

static void assert_refused(unsigned status, unsigned expected, const char *name)
{
    assert_int_equal(status, expected);
    assert_string_equal(latest_site.problem + strlen(HTTP_PROBLEM_URN), name);
}

static int64_t consents(void)
{
    return authority_site_count(&latest_site.at.authority, "SELECT count(*) FROM consent");
}

static void what_is_no_consent_is_refused(void **state)
{
    (void)state;
    assert_int_equal(latest_site_call(BANK, "/v1/consents", "{}"), 400);
    assert_int_equal(latest_site_call(BANK, "/v1/consents",
                                      "{\"document\":\"e30=\",\"signature\":\"AA==\","
                                      "\"certificate\":\"x\"}"),
                     400);
    assert_int_equal(latest_site_call("nobody", "/v1/consents", "{}"), 403);
    assert_int_equal(consents(), 0);
}

static void each_refusal_has_its_name(void **state)
{
    uint32_t serial = issue(SITE_HANAKO);
    const struct privkey *other = latest_site.at.authority.key;

    (void)state;
    assert_refused(give(BANK, (struct latest_consent){serial, .provider = "shop", .attributes = 1}),
                   403, "other-provider");
    assert_refused(give(SHOP, (struct latest_consent){serial, .attributes = 1}), 403,
                   "other-provider");
    assert_refused(give(BANK, (struct latest_consent){serial, .attributes = 1, .signer = other}),
                   422, "consent-signer");
    assert_refused(give(BANK, (struct latest_consent){serial, .service = "x", .attributes = 1}),
                   403, "not-notified");
    assert_refused(give(BANK, (struct latest_consent){serial}), 404, "no-consent");
    latest_site.is_blind = true;
    assert_int_equal(give(BANK, (struct latest_consent){serial, .attributes = 1}), 503);
    latest_site.is_blind = false;
    assert_int_equal(consents(), 0);
    assert_int_equal(give(BANK, (struct latest_consent){serial, .attributes = 1}), 201);
    latest_site_pass(10);
    assert_refused(give(BANK, (struct latest_consent){serial, .attributes = 2}), 409,
                   "consent-duplicate");
    revoke(serial);
    assert_refused(give(BANK, (struct latest_consent){serial, .service = "loans", .attributes = 1}),
                   422, "consent-signer");
    assert_int_equal(consents(), 1);
}

/* What the authority says against the platform is not the tenant's fault, and not told as such. */
static void an_authority_that_does_not_answer_is_no_refusal(void **state)
{
    uint32_t serial = issue(SITE_HANAKO);
    const struct audit_origin by = audit_by_self(SITE_NOW);

    (void)state;
    assert_int_equal(
        authority_take_step(latest_site.at.authority.store, SITE_PARTY, PARTY_SUSPEND, &by, NULL),
        0);
    assert_int_equal(give(BANK, (struct latest_consent){serial, .attributes = 1}), 503);
    assert_string_equal(latest_site.problem, "about:blank");
    latest_site.at.platform.platform.door.socket = "/nonexistent/v.sock";
    assert_int_equal(give(BANK, (struct latest_consent){serial, .attributes = 1}), 503);
    assert_int_equal(consents(), 0);
}

static void a_consent_is_kept_and_told_to_its_tenant_alone(void **state)
{
    uint32_t serial = issue(SITE_HANAKO);
    char id[CONSENT_ID_SIZE];
    char path[96];
    const struct json *list;

    (void)state;
    assert_int_equal(give(BANK, (struct latest_consent){serial, .attributes = 9}), 201);
    (void)snprintf(id, sizeof id, "%s", latest_site_text("consent"));
    assert_string_equal(latest_site_text("state"), "given");
    assert_string_equal(latest_site_text("service"), "accounts");
    assert_int_equal(strlen(latest_site_text("holder")), HOLDER_NAME_SIZE - 1);
    assert_int_equal((latest_site_number("valid_from") + 9 * 3600) % DAY, 0);
    assert_int_equal(json_get_array(latest_site.body, "attributes", &list, NULL), 0);
    assert_int_equal(json_count(list), 2);
    assert_string_equal(json_text(json_at(list, 1)), "address");
    assert_int_equal(give(BANK, (struct latest_consent){serial, .attributes = 9}), 200);
    assert_string_equal(latest_site_text("consent"), id);
    (void)snprintf(path, sizeof path, "/v1/consents/%s", id);
    assert_int_equal(latest_site_call(SHOP, path, NULL), 404);
    latest_site_pass(DAY);
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_string_equal(latest_site_text("state"), "in-force");
    assert_int_equal(latest_site_call(SHOP, "/v1/consents", NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "consents", &list, NULL), 0);
    assert_int_equal(json_count(list), 0);
    assert_int_equal(latest_site_call(BANK, "/v1/consents", NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "consents", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    latest_site_restart();
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    latest_site_pass(11LL * 366 * DAY);
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_string_equal(latest_site_text("state"), "expired");
}

/* The types of a tenant's events, each followed by a line break. */
static const char *events(const char *key)
{
    static char text[512];
    const struct json *list;

    assert_int_equal(latest_site_call(key, "/v1/events", NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "events", &list, NULL), 0);
    text[0] = '\0';
    for (size_t i = 0; i < json_count(list); i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n",
                       site_text(json_at(list, i), "type"));
    return text;
}

static void a_withdrawal_is_handed_on_the_same_way(void **state)
{
    uint32_t serial = issue(SITE_HANAKO);
    char id[CONSENT_ID_SIZE];

    (void)state;
    assert_int_equal(give(BANK, (struct latest_consent){serial, .attributes = 1}), 201);
    (void)snprintf(id, sizeof id, "%s", latest_site_text("consent"));
    latest_site_pass(10);
    revoke(serial);
    serial = issue(SITE_HANAKO); /* it outlives certificates, and so does its end */
    assert_int_equal(give(BANK, (struct latest_consent){serial}), 201);
    assert_string_equal(latest_site_text("consent"), id);
    assert_string_equal(latest_site_text("state"), "withdrawn");
    assert_string_equal(events(BANK), "consent.given\nconsent.withdrawn\n");
    assert_string_equal(events(SHOP), "");
}

/* Somebody withdraws at the authority, which tells nobody: it is polled. */
static void what_happens_at_the_authority_is_polled(void **state)
{
    uint32_t serial = issue(SITE_HANAKO);
    const struct holder_certificate holder = {CA_SIGN, serial};
    struct audit_origin by;
    struct consent ended;
    char path[96];

    (void)state;
    assert_int_equal(give(BANK, (struct latest_consent){serial, .attributes = 1}), 201);
    (void)snprintf(path, sizeof path, "/v1/consents/%s", latest_site_text("consent"));
    latest_site_look();
    by = audit_by_self(latest_site.at.authority.clock.fixed);
    assert_int_equal(authority_withdraw_consent(latest_site.at.authority.store, &holder,
                                                path + strlen("/v1/consents/"), &by, &ended, NULL),
                     0);
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_string_equal(latest_site_text("state"), "given");
    latest_site_look();
    latest_site_restart();
    latest_site_look(); /* and is not taken twice */
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_string_equal(latest_site_text("state"), "withdrawn");
    assert_string_equal(events(BANK), "consent.given\nconsent.withdrawn\n");
}

/* It was polled while the platform had not kept yet what the authority had taken. */
static void a_withdrawal_that_overtakes_its_consent_is_polled_again(void **state)
{
    struct platform_store *store = latest_site.at.platform.platform.store;
    const struct audit_origin by = audit_by_self(SITE_NOW);
    struct kept_consent late = {
        .id = "0123456789abcdef0123456789abcdef", .service = "accounts", .attributes = 1};
    struct consent_change change = {.is_withdrawn = true, .at = SITE_NOW};
    struct consent_page page = {.changes = &change, .count = 1};
    struct consent_page begun = {.changes = NULL};
    struct consent_poll poll;
    bool is_new;

    (void)state;
    assert_int_equal(give(BANK, (struct latest_consent){issue(SITE_HANAKO), .attributes = 1}), 201);
    (void)snprintf(late.holder, sizeof late.holder, "%s", latest_site_text("holder"));
    latest_site_look();
    memcpy(change.id, late.id, sizeof change.id);
    assert_int_equal(platform_polling_behind(store, "", &poll, NULL), 0);
    assert_string_equal(poll.client_id, "bank");
    assert_int_equal(platform_polled_until(store, "bank", &late.polled, NULL), 0);
    assert_int_equal(late.polled, poll.since);
    page.since = late.polled;
    page.last = late.polled + 1;
    assert_int_equal(platform_take_changes(store, &poll, &page, &by, NULL), 0);
    begun.since = page.last; /* the next page is on its way */
    begun.last = page.last + 1;
    assert_int_equal(platform_keep_consent(store, "bank", &late, &by, &is_new, NULL), 0);
    assert_int_equal(platform_take_changes(store, &poll, &begun, &by, NULL), 0);
    assert_int_equal(platform_polling_behind(store, "", &poll, NULL), 0);
    assert_int_equal(poll.since, late.polled);
    assert_int_equal(platform_take_changes(store, &poll, &page, &by, NULL), 0);
    assert_int_equal(platform_polling_behind(store, "", &poll, NULL), 0);
    assert_int_equal(poll.since, page.last);
    assert_int_equal(platform_get_consent(store, "bank", late.id, &late, NULL), 0);
    assert_int_equal(late.withdrawn_at, SITE_NOW);
}

static void a_tenant_is_reminded_once_and_told_of_the_end_once(void **state)
{
    uint32_t serial = issue(SITE_HANAKO);
    int64_t until;

    (void)state;
    assert_int_equal(give(BANK, (struct latest_consent){serial, .attributes = 1}), 201);
    until = latest_site_number("valid_until");
    latest_site_pass(until - (int64_t)CONSENT_REMIND_DAYS * DAY -
                     latest_site.at.platform.clock.fixed);
    assert_int_equal(platform_remind_of_consents(latest_site.at.platform.platform.store,
                                                 latest_site.at.platform.clock.fixed, NULL),
                     0);
    assert_string_equal(events(BANK), "consent.given\n");
    for (int i = 0; i < 2; i++) {
        latest_site_pass(1);
        assert_int_equal(platform_remind_of_consents(latest_site.at.platform.platform.store,
                                                     latest_site.at.platform.clock.fixed, NULL),
                         0);
        assert_string_equal(events(BANK), "consent.given\nconsent.expiring\n");
    }
    latest_site_pass((int64_t)CONSENT_REMIND_DAYS * DAY);
    for (int i = 0; i < 2; i++)
        assert_int_equal(platform_remind_of_consents(latest_site.at.platform.platform.store,
                                                     latest_site.at.platform.clock.fixed, NULL),
                         0);
    assert_string_equal(events(BANK), "consent.given\nconsent.expiring\nconsent.expired\n");
}

static void consents_are_listed_a_page_at_a_time(void **state)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);
    struct kept_consent consent = {.service = "accounts", .attributes = 1};
    const struct json *list;
    char path[96];
    bool is_new;

    (void)state;
    assert_int_equal(give(BANK, (struct latest_consent){issue(SITE_HANAKO), .attributes = 1}), 201);
    (void)snprintf(consent.holder, sizeof consent.holder, "%s", latest_site_text("holder"));
    for (int i = 1; i < CONSENTS_PAGE_MAX + 1; i++) {
        (void)snprintf(consent.id, sizeof consent.id, "%032x", (unsigned)i);
        assert_int_equal(platform_keep_consent(latest_site.at.platform.platform.store, "bank",
                                               &consent, &by, &is_new, NULL),
                         0);
        assert_true(is_new);
    }
    assert_int_equal(latest_site_call(BANK, "/v1/consents", NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "consents", &list, NULL), 0);
    assert_int_equal(json_count(list), CONSENTS_PAGE_MAX);
    (void)snprintf(path, sizeof path, "/v1/consents?cursor=%s", latest_site_text("next"));
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "consents", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_true(json_is_null_member(latest_site.body, "next"));
}

/* ---- holders ---- */

/* Show a tenant somebody by a sign certificate. */
static void show(const char *client_id, uint32_t serial, char ret[HOLDER_NAME_SIZE])
{
    const struct audit_origin by = audit_by_self(latest_site.at.platform.clock.fixed);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct err err = {0};

    authority_site_certificate(&latest_site.at.authority, CA_SIGN, serial, &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    const struct showing showing = {client_id, cert, "test", &by};
    if (holder_show(&latest_site.at.platform.platform, latest_site.signer, &showing, ret, &err) < 0)
        fail_msg("%s", err.text);
}

static void a_pseudonym_is_one_persons_at_one_tenant(void **state)
{
    char hanako[HOLDER_NAME_SIZE];
    char again[HOLDER_NAME_SIZE];
    char other[HOLDER_NAME_SIZE];
    uint32_t serial = issue(SITE_HANAKO);

    (void)state;
    show("bank", serial, hanako);
    show("shop", serial, other);
    assert_string_not_equal(hanako, other);
    show("bank", issue(SITE_TARO), other);
    assert_string_not_equal(hanako, other);
    revoke(serial);
    (void)issue(SITE_HANAKO); /* never shown */
    show("bank", issue(SITE_HANAKO), again);
    assert_string_equal(hanako, again);
    show("bank", serial, again);
    assert_string_equal(hanako, again);
}

/* The authority leads from the sign certificate to the auth certificate. */
static void both_keys_are_one_person(void **state)
{
    struct latest_site *site = &latest_site;
    char by_sign[HOLDER_NAME_SIZE];
    char by_login[HOLDER_NAME_SIZE];
    uint8_t id[HOLDER_ID_SIZE];
    uint8_t octet;
    struct holder_key auth = {
        x509_cert_tbs(authority_ca(&site->at.authority.authority, CA_AUTH, 1)->certificate)
            ->subject_key_id,
        {&octet, 1}};

    (void)state;
    /* First a login, then a signature; and the other way round. */
    octet = (uint8_t)authority_site_issue(&site->at.authority, CA_AUTH, SITE_HANAKO);
    assert_int_equal(platform_get_holder(site->at.platform.platform.store, &auth, id, NULL), 0);
    assert_int_equal(login_subject(&site->at.platform.platform, "bank", id, by_login, NULL), 0);
    show("bank", issue(SITE_HANAKO), by_sign);
    assert_string_equal(by_sign, by_login);
    octet = (uint8_t)authority_site_issue(&site->at.authority, CA_AUTH, SITE_TARO);
    show("bank", issue(SITE_TARO), by_sign);
    assert_int_equal(platform_know_holder(site->at.platform.platform.store, &auth, NULL), 0);
    assert_int_equal(platform_get_holder(site->at.platform.platform.store, &auth, id, NULL), 0);
    assert_int_equal(login_subject(&site->at.platform.platform, "bank", id, by_login, NULL), 0);
    assert_string_equal(by_sign, by_login);
}

static void know(uint8_t octet, uint8_t ret[HOLDER_ID_SIZE])
{
    const struct holder_key key = {BYTES_LITERAL("ca"), {&octet, 1}};

    assert_int_equal(platform_get_holder(latest_site.at.platform.platform.store, &key, ret, NULL),
                     0);
}

/* Whichever request is first: he is here for the first time, with both keys at once. */
static void who_logs_in_while_he_signs_is_one_person(void **state)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);
    static const uint8_t serials[] = {1, 2, 3, 4, 5, 6};
    uint8_t by_sign[HOLDER_ID_SIZE], by_login[HOLDER_ID_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof serials; i += 2) {
        const struct holder_key sign = {BYTES_LITERAL("ca"), {&serials[i], 1}};
        const struct holder_key auth = {BYTES_LITERAL("ca"), {&serials[i + 1], 1}};

        if (i == 0)
            know(serials[i + 1], by_login); /* behind the look for it by the signature */
        if (i == 2)
            know(serials[i], by_sign);
        for (int again = 0; again < 2; again++)
            assert_int_equal(platform_join_holder(latest_site.at.platform.platform.store, &sign,
                                                  &auth, "test", &by, NULL),
                             0);
        know(serials[i], by_sign);
        know(serials[i + 1], by_login);
        assert_memory_equal(by_sign, by_login, HOLDER_ID_SIZE);
    }
}

static void nobody_becomes_somebody_else_while_the_authority_cannot_be_asked(void **state)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct platform *platform = &latest_site.at.platform.platform;
    char name[HOLDER_NAME_SIZE];

    (void)state;
    authority_site_certificate(&latest_site.at.authority, CA_SIGN, issue(SITE_HANAKO), &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    const struct showing showing = {"bank", cert, "test", &by};
    platform->door.socket = "/nonexistent/v.sock";
    assert_int_equal(holder_show(platform, latest_site.signer, &showing, name, NULL), -ERR_REMOTE);
    platform->door.socket = latest_site.at.door->path;
    assert_int_equal(holder_show(platform, latest_site.signer, &showing, name, NULL), 0);
    platform->door.socket = "/nonexistent/v.sock"; /* who is known needs no authority */
    assert_int_equal(holder_show(platform, latest_site.signer, &showing, name, NULL), 0);
}

static void a_holder_is_told_of_to_tenants_who_were_shown_him(void **state)
{
    char name[HOLDER_NAME_SIZE];
    char path[96];

    (void)state;
    show("bank", issue(SITE_HANAKO), name);
    (void)snprintf(path, sizeof path, "/v1/holders/%s", name);
    assert_int_equal(latest_site_call(SHOP, path, NULL), 404);
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_string_equal(latest_site_text("holder"), name);
    assert_string_equal(latest_site_text("state"), "active");
    assert_true(json_is_null_member(latest_site.body, "newer_since"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, latest_site_open, latest_site_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_consent_is_refused),
        TEST(each_refusal_has_its_name),
        TEST(an_authority_that_does_not_answer_is_no_refusal),
        TEST(a_consent_is_kept_and_told_to_its_tenant_alone),
        TEST(a_withdrawal_is_handed_on_the_same_way),
        TEST(what_happens_at_the_authority_is_polled),
        TEST(a_withdrawal_that_overtakes_its_consent_is_polled_again),
        TEST(a_tenant_is_reminded_once_and_told_of_the_end_once),
        TEST(consents_are_listed_a_page_at_a_time),
        TEST(a_pseudonym_is_one_persons_at_one_tenant),
        TEST(both_keys_are_one_person),
        TEST(who_logs_in_while_he_signs_is_one_person),
        TEST(nobody_becomes_somebody_else_while_the_authority_cannot_be_asked),
        TEST(a_holder_is_told_of_to_tenants_who_were_shown_him),
    };

    return cmocka_run_group_tests(tests, latest_site_make, latest_site_done);
}
