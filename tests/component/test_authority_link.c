/* SPDX-License-Identifier: Apache-2.0 */
/* Signed requests of verifiers, and links between certificates: refusals first. */
#include "support/authority_site.h"

#include "authority/party/party.h"
#include "authority/store_sqlite.h"
#include "base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PATH "/v1/verifier/links"

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
    (void)state;
    authority_site_open(&site);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_freep(&body);
    authority_site_close(&site);
    return 0;
}

static const char *issuer(enum ca_kind kind)
{
    static char hex[CA_KINDS_][41];
    struct bytes id =
        x509_cert_tbs(authority_ca(&site.authority, kind, 1)->certificate)->subject_key_id;

    for (size_t i = 0; i < 20; i++)
        (void)snprintf(hex[kind] + 2 * i, 3, "%02x", id.ptr[i]);
    return hex[kind];
}

static unsigned ask(enum ca_kind kind, uint32_t serial, const char *want)
{
    return site_ask(&site, "link", PATH, &body, "\"issuer\":\"%s\",\"serial\":%u,\"want\":\"%s\"",
                    issuer(kind), serial, want);
}

static int64_t records(void)
{
    return authority_site_count(&site, "SELECT count(*) FROM audit WHERE act = 'link.answered'");
}

static void assert_leads_to(enum ca_kind kind, uint32_t serial)
{
    assert_string_equal(site_text(body, "outcome"), "found");
    assert_string_equal(site_text(body, "kind"), ca_kind_name(kind));
    assert_string_equal(site_text(body, "issuer"), issuer(kind));
    assert_int_equal(site_number(body, "serial"), serial);
}

static void assert_refused(unsigned status, unsigned expected, const char *words)
{
    assert_int_equal(status, expected);
    if (strstr(site_text(body, "detail"), words) == NULL)
        fail_msg("no \"%s\" in: %s", words, site_text(body, "detail"));
    assert_int_equal(records(), 0);
}

#define QUESTION                                                                                   \
    "\"issuer\":\"%s\",\"serial\":2,\"want\":\"newest\"" /* and what is said otherwise */

static void a_request_for_somebody_or_something_else_is_refused(void **state)
{
    const char *id = issuer(CA_SIGN);

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_refused(site_ask(&site, "link", PATH, &body, QUESTION ",\"origin\":\"https://x\"", id),
                   422, "another service");
    assert_refused(site_ask(&site, "attributes", PATH, &body, QUESTION, id), 422, "another act");
    assert_refused(site_ask(&site, "link", PATH, &body, QUESTION ",\"request_id\":\"a b\"", id),
                   400, "request_id");
    assert_refused(site_ask(&site, "link", PATH, &body, QUESTION ",\"nonce\":\"AAAA\"", id), 400,
                   "nonce");
    assert_refused(site_ask(&site, "link", PATH, &body, QUESTION ",\"bulk\":1", id), 400, "bulk");
    assert_refused(site_ask(&site, "link", PATH, &body, "\"want\":\"newest\",\"serial\":2"), 400,
                   "issuer");
    assert_refused(ask(CA_SIGN, 2, "all"), 400, "want");
}

static void a_request_counts_for_a_minute_either_way(void **state)
{
    static const int64_t late[] = {SITE_NOW - HOLDER_SECONDS - 1, SITE_NOW + HOLDER_SECONDS + 1,
                                   INT64_MIN, INT64_MAX};

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    for (size_t i = 0; i < sizeof late / sizeof late[0]; i++)
        assert_refused(site_ask(&site, "link", PATH, &body, QUESTION ",\"at\":%lld",
                                issuer(CA_SIGN), (long long)late[i]),
                       422, "more than 60 seconds");
    for (int64_t at = SITE_NOW - HOLDER_SECONDS; at <= SITE_NOW + HOLDER_SECONDS;
         at += 2 * HOLDER_SECONDS)
        assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION ",\"at\":%lld",
                                  issuer(CA_SIGN), (long long)at),
                         200);
}

/* The very bytes once more, and as often as anybody likes within their minute. */
static void a_request_counts_once(void **state)
{
    static const char nonce[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const char *id = issuer(CA_SIGN);

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION ",\"nonce\":\"%s\"", id, nonce),
                     200);
    authority_site_reopen(&site);
    assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION ",\"nonce\":\"%s\"", id, nonce),
                     422);
    assert_non_null(strstr(site_text(body, "detail"), "came before"));
    site.clock = clock_fixed(SITE_NOW + NONCE_KEEP_S);
    assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION ",\"nonce\":\"%s\"", id, nonce),
                     422);
    /* The first number goes when another has come. */
    site.clock = clock_fixed(SITE_NOW + NONCE_KEEP_S + 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION, id), 200);
    assert_int_equal(authority_site_count(&site, "SELECT count(*) FROM spent_nonce"), 2);
    assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION ",\"nonce\":\"%s\"", id, nonce),
                     200);
}

/* A number that was forgotten is not taken a second time by a clock that was set back. */
static void a_request_counts_once_whatever_the_clock_does(void **state)
{
    static const char nonce[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const int64_t back = NONCE_KEEP_S - 2 * HOLDER_SECONDS;
    const uint64_t before = fault_count(FAULT_CLOCK_BACK);
    const char *id = issuer(CA_SIGN);

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION ",\"nonce\":\"%s\"", id, nonce),
                     200);
    for (int64_t later = NONCE_KEEP_S; later <= NONCE_KEEP_S + 2; later++) {
        site.clock = clock_fixed(SITE_NOW + later);
        assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION, id), 200);
    }
    site.clock = clock_fixed(SITE_NOW);
    assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION ",\"nonce\":\"%s\"", id, nonce),
                     503);
    assert_non_null(strstr(site_text(body, "detail"),
                           "the clock is 3602 seconds before the last signed request"));
    assert_int_equal(fault_count(FAULT_CLOCK_BACK), before + 1);
    site.clock = clock_fixed(SITE_NOW + NONCE_KEEP_S + 2 - back - 1);
    assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION, id), 503);
    site.clock = clock_fixed(SITE_NOW + NONCE_KEEP_S + 2 - back);
    assert_int_equal(site_ask(&site, "link", PATH, &body, QUESTION, id), 200);
}

static void what_is_not_signed_by_a_verifier_is_refused(void **state)
{
    static const char request[] = "{\"act\":\"link\"}";
    const struct privkey *other_key = site.pki.keys[PROFILE_SIGN];
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    (void)state;
    site_sign(&site, bytes_text(request), other_key, site.pki.certs[PROFILE_SIGN], &signature);
    assert_refused(site_post(&site, PATH, bytes_text(request), buf_bytes(&signature), &body), 422,
                   "by no verifier");
    site_sign(&site, bytes_text(request), site.key, site.cert, &signature);
    assert_refused(
        site_post(&site, PATH, bytes_text("{\"act\":\"lank\"}"), buf_bytes(&signature), &body), 422,
        "over something else");
    signature.ptr[signature.len - 1] ^= 1;
    assert_refused(site_post(&site, PATH, bytes_text(request), buf_bytes(&signature), &body), 422,
                   "signature");
    assert_int_equal(site_post(&site, PATH, bytes_text(request), bytes_text("x"), &body), 400);
    site_sign(&site, bytes_text("[]"), site.key, site.cert, &signature);
    assert_int_equal(site_post(&site, PATH, bytes_text("[]"), buf_bytes(&signature), &body), 400);
}

static void a_verifier_that_may_not_ask_now_is_refused(void **state)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_int_equal(authority_take_step(site.store, SITE_PARTY, PARTY_SUSPEND, &by, NULL), 0);
    assert_refused(ask(CA_SIGN, 2, "newest"), 422, "by no verifier");
    assert_int_equal(authority_take_step(site.store, SITE_PARTY, PARTY_RESUME, &by, NULL), 0);
    site.clock = clock_fixed(x509_cert_tbs(site.cert)->not_after + 1);
    assert_refused(ask(CA_SIGN, 2, "newest"), 422, "not valid now");
    site.clock = clock_fixed(SITE_NOW);
    assert_int_equal(ask(CA_SIGN, 2, "newest"), 200);
}

/* A further verifier, of one kind, with the same certificate: the first has ended. */
static void become_verifier_of(enum ca_kind kind)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);
    struct party party = {.name = "one-kind", .title = "X", .role = PARTY_PUBLIC};
    bool is_new;

    party.verifies[kind] = true;
    assert_int_equal(authority_remove_verifier(site.store, SITE_PARTY, &by, NULL), 0);
    assert_int_equal(authority_apply(site.store, &party, &by, &is_new, NULL), 0);
    assert_int_equal(authority_add_party_certificate(site.store, party.name,
                                                     x509_cert_der(site.cert), &by, NULL),
                     0);
    assert_int_equal(authority_give_notice(site.store, party.name, NULL, &by, NULL), 0);
}

static void links_between_the_kinds_are_for_verifiers_of_both(void **state)
{
    uint32_t sign = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t auth = authority_site_issue(&site, CA_AUTH, SITE_HANAKO);

    (void)state;
    become_verifier_of(CA_SIGN);
    assert_refused(ask(CA_SIGN, sign, "counterpart"), 403, "verifiers of both");
    assert_refused(ask(CA_AUTH, auth, "counterpart"), 403, "verifiers of both");
    assert_refused(ask(CA_AUTH, auth, "newest"), 403, "none of auth certificates");
    assert_int_equal(ask(CA_SIGN, sign, "newest"), 200);
}

static void the_newest_of_its_kind_is_told_and_the_one_before(void **state)
{
    uint32_t first = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t second;
    uint32_t third;

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_TARO);
    site.clock = clock_fixed(SITE_NOW + 10);
    second = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    third = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    (void)authority_site_issue(&site, CA_SIGN, NULL);
    assert_int_equal(ask(CA_SIGN, first, "newest"), 200);
    assert_leads_to(CA_SIGN, third);
    assert_int_equal(ask(CA_SIGN, third, "newest"), 200);
    assert_string_equal(site_text(body, "outcome"), "none");
    assert_int_equal(ask(CA_SIGN, third, "before"), 200);
    assert_leads_to(CA_SIGN, second);
    assert_int_equal(ask(CA_SIGN, first, "before"), 200);
    assert_string_equal(site_text(body, "outcome"), "none");
    assert_int_equal(records(), 4);
}

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "tbs %u", serial);
}

/* A number that was given back is given to the next, who comes later. */
static void later_is_later_whatever_the_number(void **state)
{
    struct reservation r = {.request_id = "refused", .now = SITE_NOW, .build = build};
    CLEANUP(record_done) struct record record = RECORD_INIT;
    uint32_t first;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("refused"), &r.key, NULL), 0);
    r.fingerprint = r.key;
    assert_int_equal(authority_reserve(site.store, &r, &record, NULL), 0);
    first = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_int_equal(authority_release(site.store, CA_SIGN, record.serial, false, NULL), 0);
    site.clock = clock_fixed(SITE_NOW + 1);
    assert_int_equal(authority_site_issue(&site, CA_SIGN, SITE_HANAKO), record.serial);
    assert_true(record.serial < first);
    assert_int_equal(ask(CA_SIGN, first, "newest"), 200);
    assert_leads_to(CA_SIGN, record.serial);
    assert_int_equal(ask(CA_SIGN, record.serial, "before"), 200);
    assert_leads_to(CA_SIGN, first);
}

static void the_other_kind_is_told_to_a_verifier_of_both(void **state)
{
    uint32_t sign = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t auth;

    (void)state;
    (void)authority_site_issue(&site, CA_AUTH, SITE_TARO);
    assert_int_equal(ask(CA_SIGN, sign, "counterpart"), 200);
    assert_string_equal(site_text(body, "outcome"), "none");
    auth = authority_site_issue(&site, CA_AUTH, SITE_HANAKO);
    assert_int_equal(ask(CA_SIGN, sign, "counterpart"), 200);
    assert_leads_to(CA_AUTH, auth);
    assert_int_equal(ask(CA_AUTH, auth, "counterpart"), 200);
    assert_leads_to(CA_SIGN, sign);
}

/* A phone's certificate does not take the place of the card's. */
static void cards_and_phones_are_rows_of_their_own(void **state)
{
    uint32_t card = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t phone = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    uint32_t next;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    (void)state;
    assert_int_equal(db_begin(site.store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, "UPDATE certificate SET device = 'phone' WHERE serial = ?",
                                DB_WITH(DB_INT(phone)), NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    assert_int_equal(ask(CA_SIGN, card, "newest"), 200);
    assert_string_equal(site_text(body, "outcome"), "none");
    assert_int_equal(ask(CA_SIGN, phone, "before"), 200);
    assert_string_equal(site_text(body, "outcome"), "none");
    next = authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    assert_int_equal(ask(CA_SIGN, card, "newest"), 200);
    assert_leads_to(CA_SIGN, next);
}

/* Nobody's certificates have nothing in common with each other. */
static void certificates_of_nobody_lead_nowhere(void **state)
{
    uint32_t sign = authority_site_issue(&site, CA_SIGN, NULL);

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, NULL);
    (void)authority_site_issue(&site, CA_AUTH, NULL);
    assert_int_equal(ask(CA_SIGN, sign, "newest"), 200);
    assert_string_equal(site_text(body, "outcome"), "none");
    assert_int_equal(ask(CA_SIGN, sign, "before"), 200);
    assert_string_equal(site_text(body, "outcome"), "none");
    assert_int_equal(ask(CA_SIGN, sign, "counterpart"), 200);
    assert_string_equal(site_text(body, "outcome"), "none");
}

static unsigned ask_with(struct bytes der)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *members;

    assert_int_equal(json_put_base64(object, "certificate", der, NULL), 0);
    assert_int_equal(json_write(object, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &members, NULL), 0);
    return site_ask(&site, "link", PATH, &body, "%.*s,\"want\":\"newest\"",
                    (int)strlen(members) - 2, members + 1);
}

static void a_certificate_may_be_presented_whole(void **state)
{
    uint32_t old = authority_site_issue(&site, CA_AUTH, SITE_HANAKO);
    uint32_t new = authority_site_issue(&site, CA_AUTH, SITE_HANAKO);
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    authority_site_certificate(&site, CA_AUTH, old, &der);
    assert_int_equal(ask_with(buf_bytes(&der)), 200);
    assert_leads_to(CA_AUTH, new);
    der.ptr[der.len - 1] ^= 1; /* of our CA, with that number, and never issued */
    assert_int_equal(ask_with(buf_bytes(&der)), 200);
    assert_string_equal(site_text(body, "outcome"), "unknown");
    assert_int_equal(ask_with(x509_cert_der(site.cert)), 200);
    assert_string_equal(site_text(body, "outcome"), "unknown");
    assert_int_equal(ask_with(bytes_text("x")), 400);
    assert_int_equal(records(), 3);
}

static void what_was_not_issued_is_unknown_and_still_recorded(void **state)
{
    static const int64_t numbers[] = {0, 1, 3, -1, UINT32_MAX, (int64_t)UINT32_MAX + 3, INT64_MAX};

    (void)state;
    (void)authority_site_issue(&site, CA_SIGN, SITE_HANAKO);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_int_equal(site_ask(&site, "link", PATH, &body,
                                  "\"issuer\":\"%s\",\"serial\":%lld,\"want\":\"newest\"",
                                  issuer(CA_SIGN), (long long)numbers[i]),
                         200);
        assert_string_equal(site_text(body, "outcome"), "unknown");
        assert_int_equal(records(), i + 1);
    }
    assert_int_equal(
        site_ask(&site, "link", PATH, &body, "\"issuer\":\"00\",\"serial\":2,\"want\":\"newest\""),
        200);
    assert_string_equal(site_text(body, "outcome"), "unknown");
}

static void a_verifier_is_told_for_whom_notice_was_given(void **state)
{
    static const struct notice notice = {"bank", "見本銀行", "accounts", "口座"};
    const struct audit_origin by = audit_by_self(SITE_NOW);
    const struct json *services;

    (void)state;
    assert_refused(site_ask(&site, "services", "/v1/verifier/services", &body, "\"month\":1"), 400,
                   "month");
    assert_int_equal(authority_give_notice(site.store, SITE_PARTY, &notice, &by, NULL), 0);
    assert_int_equal(site_ask(&site, "services", "/v1/verifier/services", &body, "\"at\":%lld",
                              (long long)SITE_NOW),
                     200);
    assert_int_equal(json_get_array(body, "services", &services, NULL), 0);
    assert_int_equal(json_count(services), 1);
    assert_string_equal(site_text(json_at(services, 0), "provider"), "bank");
    assert_string_equal(site_text(json_at(services, 0), "service"), "accounts");
    assert_int_equal(strlen(site_text(json_at(services, 0), "polling_id")), 32);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_for_somebody_or_something_else_is_refused),
        TEST(a_request_counts_for_a_minute_either_way),
        TEST(a_request_counts_once),
        TEST(a_request_counts_once_whatever_the_clock_does),
        TEST(what_is_not_signed_by_a_verifier_is_refused),
        TEST(a_verifier_that_may_not_ask_now_is_refused),
        TEST(links_between_the_kinds_are_for_verifiers_of_both),
        TEST(certificates_of_nobody_lead_nowhere),
        TEST(what_was_not_issued_is_unknown_and_still_recorded),
        TEST(the_newest_of_its_kind_is_told_and_the_one_before),
        TEST(later_is_later_whatever_the_number),
        TEST(cards_and_phones_are_rows_of_their_own),
        TEST(the_other_kind_is_told_to_a_verifier_of_both),
        TEST(a_certificate_may_be_presented_whole),
        TEST(a_verifier_is_told_for_whom_notice_was_given),
    };

    return cmocka_run_group_tests(tests, make, done);
}
