/* SPDX-License-Identifier: Apache-2.0 */
/* Which card a phone goes with: who is told, of which phones, and that each question is recorded.
 */
#include "base/hex.h"
#include "http/engine.h"
#include "support/authority_site.h"
#include "support/routes_ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { REGISTER_UID = 1000, OPERATOR_UID = 1001, OCSPD_UID = 1002, STRANGER_UID = 1003 };

static struct authority_site site;
static uint32_t sign, auth; /* of hanako's card */

static int make_site(void **state)
{
    (void)state;
    authority_site_make(&site);
    return 0;
}

static int release_site(void **state)
{
    (void)state;
    authority_site_done(&site);
    return 0;
}

static int set_up(void **state)
{
    static const uid_t operators[] = {OPERATOR_UID}, responders[] = {OCSPD_UID};

    (void)state;
    authority_site_open(&site);
    site.authority.operators = (struct peer_list){operators, 1};
    site.authority.ocspd = (struct peer_list){responders, 1};
    sign = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    auth = authority_site_issue(&site, CA_AUTH, SITE_HANAKO);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    authority_site_close(&site);
    return 0;
}

static void issuer_of(enum ca_kind kind, char ret[41])
{
    const struct ca *ca = authority_ca(&site.authority, kind, 1);
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *text;

    assert_int_equal(hex_append(&hex, x509_cert_tbs(ca->certificate)->subject_key_id, NULL), 0);
    assert_int_equal(buf_text(&hex, &text, NULL), 0);
    (void)snprintf(ret, 41, "%s", text);
}

static unsigned ask_as(uid_t uid, const char *issuer, int64_t serial, struct buf *answer)
{
    static const uid_t uids[] = {REGISTER_UID};
    const struct http_server_options options = {
        .tables = authority_routes, .context = &site.authority, .uids = uids, .uid_count = 1};
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = uid}};
    char body[128];

    (void)snprintf(body, sizeof body, "{\"issuer\": \"%s\", \"serial\": %lld}", issuer,
                   (long long)serial);
    return routes_ask(&options, &peer, "POST /v1/phones/card", bytes_text(body), answer);
}

/* The register asks about a certificate of that kind. */
static unsigned ask(enum ca_kind kind, int64_t serial)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    char issuer[41];
    unsigned status;

    issuer_of(kind, issuer);
    status = ask_as(REGISTER_UID, issuer, serial, &answer);
    if (status != 200)
        assert_null(strstr((const char *)answer.ptr, issuer));
    return status;
}

/* It is told of the card's certificate of this kind and of nothing else. */
static void assert_kind_leads_to(enum ca_kind kind, uint32_t phone, uint32_t card)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    char issuer[41];
    char expected[128];

    issuer_of(kind, issuer);
    assert_int_equal(ask_as(REGISTER_UID, issuer, phone, &answer), 200);
    (void)snprintf(expected, sizeof expected,
                   "\r\n\r\n{\"kind\":\"%s\",\"issuer\":\"%s\",\"serial\":%u}",
                   kind == CA_AUTH ? "auth" : "sign", issuer, (unsigned)card);
    assert_non_null(strstr((const char *)answer.ptr, expected));
}

static void assert_leads_to(uint32_t phone, uint32_t card)
{
    assert_kind_leads_to(CA_AUTH, phone, card);
}

/* The number of the sign certificate beside a phone's auth certificate. */
static uint32_t sign_of(uint32_t phone)
{
    char sql[64];

    (void)snprintf(sql, sizeof sql, "SELECT sign FROM phone WHERE auth = %u", (unsigned)phone);
    return (uint32_t)authority_site_count(&site, sql);
}

/* How often a question was answered so. */
static int64_t recorded(const char *outcome)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM audit WHERE act = 'phone.traced' AND outcome %s", outcome);
    return authority_site_count(&site, sql);
}

static void who_is_not_the_register_is_refused(void **state)
{
    static const uid_t others[] = {OPERATOR_UID, OCSPD_UID, STRANGER_UID};
    const uint32_t phone = authority_site_enrol(&site, sign, auth);
    char issuer[41];

    (void)state;
    issuer_of(CA_AUTH, issuer);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CLEANUP(buf_done) struct buf answer = BUF_INIT;

        assert_int_equal(ask_as(others[i], issuer, phone, &answer), 403);
    }
    assert_int_equal(recorded("IS NOT NULL"), 0);
    assert_leads_to(phone, auth);
}

static void what_is_no_phones_certificate_leads_nowhere(void **state)
{
    const uint32_t phone = authority_site_enrol(&site, sign, auth);
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const int64_t numbers[] = {INT64_MIN, -1, 0, 1, phone + 1, (int64_t)UINT32_MAX + 1 + phone};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_int_equal(ask(CA_AUTH, numbers[i]), 404);
    assert_int_equal(ask(CA_AUTH, auth), 404); /* a card's */
    assert_int_equal(ask(CA_SIGN, sign), 404); /* a card's */
    assert_int_equal(ask(CA_SIGN, sign_of(phone) + 1), 404);
    assert_int_equal(
        ask_as(REGISTER_UID, "0000000000000000000000000000000000000000", phone, &answer), 404);
    assert_int_equal(recorded("= 'unknown'"), 10);
    assert_int_equal(recorded("<> 'unknown'"), 0);
}

static void what_names_no_certificate_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(ask_as(REGISTER_UID, "zz", 5, &answer), 400);
    assert_int_equal(recorded("IS NOT NULL"), 0);
}

static void a_phone_of_somebody_unknown_leads_nowhere(void **state)
{
    const uint32_t card = authority_site_issue(&site, CA_SIGN, NULL);

    (void)state;
    assert_int_equal(ask(CA_AUTH, authority_site_enrol(&site, card, 0)), 404);
    assert_int_equal(recorded("= 'unknown'"), 1);
}

/* Neither certificate leads to one of the other kind. */
static void a_phones_sign_certificate_leads_to_the_one_that_enrolled_it(void **state)
{
    const uint32_t phone = authority_site_enrol(&site, sign, auth);

    (void)state;
    assert_kind_leads_to(CA_SIGN, sign_of(phone), sign);
    assert_int_equal(recorded("= 'found'"), 1);
    authority_site_revoke(&site, CA_SIGN, sign_of(phone), CRL_CERTIFICATE_HOLD);
    assert_int_equal(ask(CA_SIGN, sign_of(phone)), 409);
    assert_leads_to(phone, auth);
}

/* It says where the holder lives, so it ends with the card's; the other one goes on. */
static void after_a_move_a_phone_signs_for_nobody(void **state)
{
    const uint32_t phone = authority_site_enrol(&site, sign, auth);

    (void)state;
    authority_site_revoke(&site, CA_SIGN, sign, CRL_AFFILIATION_CHANGED);
    assert_int_equal(ask(CA_SIGN, sign_of(phone)), 409);
    assert_int_equal(recorded("= 'gone'"), 1);
}

static void a_phone_that_is_revoked_or_over_is_gone(void **state)
{
    const uint32_t first = authority_site_enrol(&site, sign, auth);
    const uint32_t second = authority_site_enrol(&site, sign, auth);

    (void)state;
    assert_int_equal(ask(CA_AUTH, first), 409); /* the second one replaced it */
    assert_leads_to(second, auth);
    authority_site_revoke(&site, CA_AUTH, auth, CRL_SUPERSEDED); /* the card's */
    assert_int_equal(ask(CA_AUTH, second), 409);
    assert_int_equal(recorded("= 'gone'"), 2);
    assert_int_equal(recorded("= 'found'"), 1);
}

static void a_phone_counts_until_its_last_second(void **state)
{
    const uint32_t phone = authority_site_enrol(&site, sign, auth);
    struct found found;
    const struct find_query query = {.kind = CA_AUTH, .serial = phone};

    (void)state;
    assert_int_equal(authority_find_certificate(site.store, &query, &found, NULL), 0);
    site.clock = clock_fixed(found.not_after);
    assert_leads_to(phone, auth);
    site.clock = clock_fixed(found.not_after + 1);
    assert_int_equal(ask(CA_AUTH, phone), 409);
}

static void a_phone_on_hold_is_gone_until_it_is_found(void **state)
{
    const struct audit_origin by = {.at = SITE_NOW, .actor = "uid:1000"};
    const uint32_t phone = authority_site_enrol(&site, sign, auth);
    struct release_request release = {
        .request_id = "found", .kind = CA_AUTH, .serial = phone, .by = &by};
    struct revoked revoked;

    (void)state;
    authority_site_revoke(&site, CA_AUTH, phone, CRL_CERTIFICATE_HOLD);
    assert_int_equal(ask(CA_AUTH, phone), 409);
    assert_int_equal(authority_release_hold(&site.authority, &release, &revoked, NULL), 0);
    assert_leads_to(phone, auth);
}

/* The sign certificate that enrolled it is replaced; the card, and who holds it, are the same. */
static void after_a_move_a_phone_still_leads_to_its_card(void **state)
{
    const uint32_t phone = authority_site_enrol(&site, sign, auth);

    (void)state;
    authority_site_revoke(&site, CA_SIGN, sign, CRL_AFFILIATION_CHANGED);
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_leads_to(phone, auth);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(who_is_not_the_register_is_refused),
        CASE(what_is_no_phones_certificate_leads_nowhere),
        CASE(what_names_no_certificate_is_refused),
        CASE(a_phone_of_somebody_unknown_leads_nowhere),
        CASE(a_phones_sign_certificate_leads_to_the_one_that_enrolled_it),
        CASE(after_a_move_a_phone_signs_for_nobody),
        CASE(a_phone_that_is_revoked_or_over_is_gone),
        CASE(a_phone_counts_until_its_last_second),
        CASE(a_phone_on_hold_is_gone_until_it_is_found),
        CASE(after_a_move_a_phone_still_leads_to_its_card),
    };

    return cmocka_run_group_tests(tests, make_site, release_site);
}
