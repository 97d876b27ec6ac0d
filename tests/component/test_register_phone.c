/* SPDX-License-Identifier: Apache-2.0 */
/* Who has logged in with a phone: the same person as with the card, as long as the phone counts. */
#include "base/sock.h"
#include "support/codes_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { UNASKED = 0 };

/* Of the last card that was given. */
static uint32_t sign, auth;

/* A certificate that the authority issues, as the register has it. */
static uint32_t issue(const char *card, enum cert_kind kind)
{
    const enum ca_kind ca = kind == CERT_SIGN ? CA_SIGN : CA_AUTH;
    const uint32_t serial = authority_site_issue(&codes_site.authority, ca, SITE_HANAKO);
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    authority_site_certificate(&codes_site.authority, ca, serial, &der);
    site_issue(card, kind, buf_bytes(&der), day_end(DAY(2031, 4, 15)));
    return serial;
}

static void give_card(const char *serial)
{
    const struct audit_origin by = site_clerk();
    struct card card;

    assert_int_equal(site_try_card(serial, false), 0);
    sign = issue(serial, CERT_SIGN);
    auth = issue(serial, CERT_AUTH);
    assert_int_equal(register_mark_issued(site.store, serial, &by, NULL), 0);
    assert_int_equal(counter_activate_card(&site.counter, serial, &by, &card, NULL), 0);
}

static uint32_t enrol(void)
{
    return authority_site_enrol(&codes_site.authority, sign, auth);
}

/* Of the certificate of that kind and number. */
static void claim_kind(enum ca_kind kind, uint32_t serial, char ret[256])
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    authority_site_certificate(&codes_site.authority, kind, kind == CA_AUTH ? auth : sign, &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    codes_claim_of(x509_cert_tbs(cert), serial, clock_now(&site.clock), ret);
}

static void claim(uint32_t serial, char ret[256])
{
    claim_kind(CA_AUTH, serial, ret);
}

static void ask(uint32_t serial, struct codes_answer *ret)
{
    char claims[256];

    claim(serial, claims);
    codes_ask_with(PORTAL_UID, claims, "[\"PORTAL\", \"M13101\"]", ret);
}

static void assert_gone(uint32_t serial)
{
    struct codes_answer answer;

    ask(serial, &answer);
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr(answer.text, "urn:openjpki:problem:gone"));
    assert_null(strstr(answer.text, "code\""));
}

/* How often the authority was asked. */
static int64_t asked(void)
{
    return authority_site_count(&codes_site.authority,
                                "SELECT count(*) FROM audit WHERE act = 'phone.traced'");
}

static void a_phone_of_nobody_here_is_not_found(void **state)
{
    struct codes_answer answer;
    uint32_t phone;

    (void)state;
    give_card("C1");
    ask(auth + 1, &answer);
    assert_int_equal(answer.status, 404);
    /* The authority knows the card, which is of another register. */
    sign = authority_site_issue(&codes_site.authority, CA_SIGN, SITE_TARO);
    auth = authority_site_issue(&codes_site.authority, CA_AUTH, SITE_TARO);
    phone = enrol();
    ask(phone, &answer);
    assert_int_equal(answer.status, 404);
    assert_int_equal(codes_logged("codes.told", "disclosure"), 0);
}

static void who_may_not_ask_does_not_make_the_register_ask(void **state)
{
    struct codes_answer answer;
    char claims[256];

    (void)state;
    give_card("C1");
    claim(enrol(), claims);
    codes_ask_with(CLERK_UID, claims, "[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(codes_logged("codes.refused", "no-purpose"), 1);
    assert_int_equal(asked(), UNASKED);
}

static void while_the_authority_is_away_phones_wait_and_cards_do_not(void **state)
{
    struct codes_answer answer;
    uint32_t phone;

    (void)state;
    give_card("C1");
    phone = enrol();
    codes_stop_authority();
    ask(phone, &answer);
    assert_int_equal(answer.status, 503);
    ask(auth, &answer);
    assert_int_equal(answer.status, 200);
    codes_start_authority(false); /* which does not know this register */
    ask(phone, &answer);
    assert_int_equal(answer.status, 500);
    codes_stop_authority();
    codes_start_authority(true);
    ask(phone, &answer);
    assert_int_equal(answer.status, 200);
}

/* ---- an authority that says anything ---- */

static const char *said;

static int say(struct http_call *call, struct err *err)
{
    return http_reply_bytes(&call->response, 200, "application/json", bytes_text(said), err);
}

static const struct http_member any_members[] = {
    {"issuer", HTTP_TEXT, HTTP_REQUIRED, "i"}, {"serial", HTTP_INT, HTTP_REQUIRED, "s"}, {NULL}};
static const struct http_answer any_answers[] = {{200, "any", .type = "application/json"}, {0}};
static const struct route any_rows[] = {
    {.method = HTTP_POST,
     .path = "/v1/phones/card",
     .access = &http_anyone,
     .body = any_members,
     .handle = say,
     .operation = "say",
     .summary = "Say",
     .answers = any_answers},
    {.path = NULL},
};

static void an_answer_that_is_none_is_nobodys(void **state)
{
    static const char *const answers[] = {
        "",
        "[]",
        "{\"issuer\": \"0123456789012345678901234567890123456789\"}",
        "{\"issuer\": \"012345678901234567890123456789012345678\", \"serial\": 2}",
        "{\"issuer\": \"01234567890123456789012345678901234567890\", \"serial\": 2}",
        "{\"issuer\": \"0123456789012345678901234567890123456789\", \"serial\": \"2\"}",
    };
    const struct http_server_options options = {.routes = any_rows};
    struct codes_answer answer;
    uint32_t phone;
    int fd;

    (void)state;
    give_card("C1");
    phone = enrol();
    codes_stop_authority();
    assert_int_equal(sock_listen(site.authority, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &codes_site.server, NULL), 0);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        said = answers[i];
        ask(phone, &answer);
        assert_int_equal(answer.status, 503);
    }
    said = "{\"issuer\": \"0123456789012345678901234567890123456789\", \"serial\": 2}";
    ask(phone, &answer);
    assert_int_equal(answer.status, 404); /* of no card here */
}

static void a_phone_that_no_longer_counts_is_gone(void **state)
{
    const struct audit_origin by = site_clerk();
    struct release_request release = {.request_id = "found", .kind = CA_AUTH, .by = &by};
    struct codes_answer answer;
    struct revoked revoked;
    uint32_t first;

    (void)state;
    give_card("C1");
    first = enrol();
    release.serial = enrol();
    assert_gone(first); /* the next one replaced it */
    authority_site_revoke(&codes_site.authority, CA_AUTH, release.serial, CRL_CERTIFICATE_HOLD);
    assert_gone(release.serial);
    assert_int_equal(
        authority_release_hold(&codes_site.authority.authority, &release, &revoked, NULL), 0);
    ask(release.serial, &answer);
    assert_int_equal(answer.status, 200);
    authority_site_revoke(&codes_site.authority, CA_AUTH, release.serial, CRL_KEY_COMPROMISE);
    assert_gone(release.serial);
}

/* What was signed by the phone is the card's holder's, as long as both certificates count. */
static void who_signs_with_the_phone_is_who_signs_with_the_card(void **state)
{
    struct codes_answer by_card, by_phone;
    uint32_t phone_sign;
    char claims[256], sql[64];

    (void)state;
    give_card("C1");
    (void)snprintf(sql, sizeof sql, "SELECT sign FROM phone WHERE auth = %u", (unsigned)enrol());
    phone_sign = (uint32_t)authority_site_count(&codes_site.authority, sql);
    claim_kind(CA_SIGN, sign, claims);
    codes_ask_with(PORTAL_UID, claims, "[\"PORTAL\"]", &by_card);
    claim_kind(CA_SIGN, phone_sign, claims);
    codes_ask_with(PORTAL_UID, claims, "[\"PORTAL\"]", &by_phone);
    assert_int_equal(by_card.status, 200);
    assert_int_equal(by_phone.status, 200);
    assert_string_equal(by_phone.text, by_card.text);
    assert_int_equal(asked(), 1);
    authority_site_revoke(&codes_site.authority, CA_SIGN, phone_sign, CRL_CERTIFICATE_HOLD);
    codes_ask_with(PORTAL_UID, claims, "[\"PORTAL\"]", &by_phone);
    assert_int_equal(by_phone.status, 409);
}

/* The register knows of a loss before the authority is told of it. */
static void a_phone_is_gone_with_the_card_at_once(void **state)
{
    struct codes_answer answer;
    uint32_t phone;

    (void)state;
    give_card("C1");
    phone = enrol();
    ask(phone, &answer);
    assert_int_equal(answer.status, 200);
    site_act(act_of_card("loss", "C1"));
    assert_gone(phone);
}

static void a_phone_is_of_the_same_person_as_the_card(void **state)
{
    struct codes_answer by_card, by_phone;
    uint32_t phone;

    (void)state;
    give_card("C1");
    phone = enrol();
    ask(auth, &by_card);
    assert_int_equal(by_card.status, 200);
    assert_int_equal(asked(), UNASKED);
    ask(phone, &by_phone);
    assert_int_equal(by_phone.status, 200);
    assert_string_equal(by_phone.text, by_card.text);
    assert_int_equal(asked(), 1);
    assert_int_equal(codes_logged("codes.told", "disclosure"), 2);
}

/* A kiosk reads cards: whoever shows it anything else gets no certificate. */
static void no_extract_is_given_for_a_phone(void **state)
{
    struct codes_answer answer;
    char claims[256];

    (void)state;
    give_card("C1");
    claim(enrol(), claims);
    codes_extract(PORTAL_UID, claims, "resident", &answer);
    assert_int_equal(answer.status, 404);
    assert_int_equal(asked(), UNASKED);
    claim(auth, claims);
    codes_extract(PORTAL_UID, claims, "resident", &answer);
    assert_int_equal(answer.status, 200);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, codes_set_up, codes_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_phone_of_nobody_here_is_not_found),
        CASE(who_may_not_ask_does_not_make_the_register_ask),
        CASE(while_the_authority_is_away_phones_wait_and_cards_do_not),
        CASE(an_answer_that_is_none_is_nobodys),
        CASE(a_phone_that_no_longer_counts_is_gone),
        CASE(a_phone_is_gone_with_the_card_at_once),
        CASE(a_phone_is_of_the_same_person_as_the_card),
        CASE(who_signs_with_the_phone_is_who_signs_with_the_card),
        CASE(no_extract_is_given_for_a_phone),
    };

    return cmocka_run_group_tests(tests, codes_make, codes_release);
}
