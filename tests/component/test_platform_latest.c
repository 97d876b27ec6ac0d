/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The latest attributes through a platform, with a real authority behind it: each reason for
 * nothing by its name, detection and what is told of it, and that the platform keeps no attribute.
 */
#include "support/latest_site.h"

#include "authority/store_sqlite.h"
#include "base/file.h"
#include "platform/latest/latest.h"
#include "x509/holder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BANK LATEST_SITE_BANK
#define SHOP LATEST_SITE_SHOP

/* Of Hanako after her move: nothing else in any file looks like it. */
#define NEW_HOME "兵庫県神戸市中央区見本町９９番"
#define NEW_NAME "新姓　花子"

enum { DAY = 86400, ALL = 15 };

static char hanako[HOLDER_NAME_SIZE];

static uint32_t issue(const char *subject)
{
    latest_site_pass(10);
    return authority_site_issue(&latest_site.at.authority, CA_SIGN, subject);
}

static uint32_t issue_newer(void)
{
    struct holder holder = *test_pki_holder();

    latest_site_pass(10);
    holder.name = BYTES_LITERAL(NEW_NAME);
    holder.name_substitutes = BYTES_LITERAL("00000");
    holder.address = BYTES_LITERAL(NEW_HOME);
    holder.address_substitutes = BYTES_LITERAL("000000000000000");
    return authority_site_issue_to(&latest_site.at.authority, SITE_HANAKO, &holder);
}

static void revoke(uint32_t serial, enum crl_reason reason)
{
    latest_site_pass(10);
    authority_site_revoke(&latest_site.at.authority, CA_SIGN, serial, reason);
}

static void set_path(const char *end, char ret[128])
{
    (void)snprintf(ret, 128, "/v1/holders/%s%s", hanako, end);
}

/* The bank asks about Hanako; more: further members, with a comma before. */
static unsigned ask(const char *key, const char *service, const char *more)
{
    char path[128];
    char body[256];

    set_path("/latest", path);
    (void)snprintf(body, sizeof body, "{\"service\":\"%s\"%s}", service, more);
    return latest_site_call(key, path, body);
}

static void assert_refused(unsigned status, unsigned expected, const char *name)
{
    assert_int_equal(status, expected);
    assert_int_equal(strncmp(latest_site.problem, HTTP_PROBLEM_URN, strlen(HTTP_PROBLEM_URN)), 0);
    assert_string_equal(latest_site.problem + strlen(HTTP_PROBLEM_URN), name);
}

static const char *told(const char *member)
{
    const struct json *attributes;

    assert_int_equal(json_get_object(latest_site.body, "attributes", &attributes, NULL), 0);
    return json_has(attributes, member) ? site_text(attributes, member) : NULL;
}

static int64_t charged(void)
{
    return authority_site_count(
        &latest_site.at.authority,
        "SELECT coalesce(sum(count), 0) FROM usage WHERE item = 'attributes'");
}

static void what_is_no_question_is_refused(void **state)
{
    char name[LATEST_NAME_MAX + 2] = "";

    (void)state;
    latest_site_consented(issue(SITE_HANAKO), ALL, hanako);
    assert_int_equal(ask(BANK, "", ""), 400);
    assert_int_equal(ask(BANK, "a b", ""), 400);
    assert_int_equal(ask(BANK, "accounts", ",\"attributes\":[]"), 400);
    assert_int_equal(ask(BANK, "accounts", ",\"attributes\":[\"name\",\"name\"]"), 400);
    assert_int_equal(ask(BANK, "accounts", ",\"request_id\":\"a/b\""), 400);
    memset(name, 's', sizeof name - 1);
    assert_int_equal(ask(BANK, name, ""), 400);
    name[LATEST_NAME_MAX] = '\0';
    assert_refused(ask(BANK, name, ""), 403, "not-notified");
    assert_int_equal(ask(SHOP, "orders", ""), 404); /* it was not shown her */
    assert_int_equal(charged(), 0);
}

static void each_reason_for_nothing_has_its_name(void **state)
{
    uint32_t old = issue(SITE_HANAKO);
    uint32_t newer;
    const struct latest_consent consent = {old, "bank", "accounts", 1, NULL};

    (void)state;
    assert_int_equal(latest_site_consent(BANK, &consent), 201);
    (void)snprintf(hanako, sizeof hanako, "%s", latest_site_text("holder"));
    assert_refused(ask(BANK, "other", ""), 403, "not-notified");
    assert_refused(ask(BANK, "loans", ""), 403, "no-consent");
    assert_refused(ask(BANK, "accounts", ""), 409, "consent-not-yet-valid");
    latest_site_pass(DAY);
    assert_refused(ask(BANK, "accounts", ",\"attributes\":[\"address\"]"), 403,
                   "attribute-not-consented");
    assert_refused(ask(BANK, "accounts", ""), 409, "nothing-newer");
    revoke(old, CRL_AFFILIATION_CHANGED);
    assert_refused(ask(BANK, "accounts", ""), 409, "not-reissued");
    newer = issue_newer();
    revoke(newer, CRL_CESSATION_OF_OPERATION);
    assert_refused(ask(BANK, "accounts", ""), 409, "holder-ceased");
    assert_int_equal(charged(), 0);
}

/* The term of all consents at the authority; its verifier's certificate would not live as long. */
static void move_term(int64_t seconds)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(latest_site.at.authority.store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, "UPDATE consent SET valid_until = valid_until + ?",
                                DB_WITH(DB_INT(seconds)), NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void the_end_of_a_consent_ends_it(void **state)
{
    uint32_t old = issue(SITE_HANAKO);
    uint32_t newer;

    (void)state;
    latest_site_consented(old, ALL, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    newer = issue_newer();
    const struct latest_consent withdrawal = {newer, "bank", "accounts", 0, NULL};
    move_term(-11LL * 366 * DAY);
    assert_refused(ask(BANK, "accounts", ""), 409, "consent-expired");
    move_term(11LL * 366 * DAY);
    assert_int_equal(latest_site_consent(BANK, &withdrawal), 201);
    latest_site_pass(1);
    assert_refused(ask(BANK, "accounts", ""), 409, "consent-withdrawn");
    assert_int_equal(charged(), 0);
}

static void a_holder_without_a_sign_certificate_has_no_latest_one(void **state)
{
    uint8_t id[HOLDER_ID_SIZE] = {7};
    const struct audit_origin by = audit_by_self(SITE_NOW);
    const struct holder_shown shown = {"bank", hanako, id, NULL};
    const struct holder_key auth = {BYTES_LITERAL("ca"), BYTES_LITERAL("1")};

    (void)state;
    assert_int_equal(platform_get_holder(latest_site.at.platform.platform.store, &auth, id, NULL),
                     0);
    memset(hanako, 'x', sizeof hanako - 1);
    assert_int_equal(
        platform_show_holder(latest_site.at.platform.platform.store, &shown, &by, NULL), 0);
    assert_refused(ask(BANK, "accounts", ""), 422, "no-certificate");
}

static void an_authority_that_does_not_answer_is_asked_again_for_nothing(void **state)
{
    uint32_t old = issue(SITE_HANAKO);
    struct platform *platform = &latest_site.at.platform.platform;

    (void)state;
    latest_site_consented(old, ALL, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    (void)issue_newer();
    platform->door.socket = "/nonexistent/v.sock";
    assert_int_equal(ask(BANK, "accounts", ""), 503);
    platform->door.socket = latest_site.at.door->path;
    assert_int_equal(ask(BANK, "accounts", ""), 200);
    assert_int_equal(charged(), 1);
    assert_int_equal(authority_site_count(&latest_site.at.authority,
                                          "SELECT count(DISTINCT request_id) FROM disclosure"),
                     1);
}

static void newer_attributes_are_told_once(void **state)
{
    uint32_t old = issue(SITE_HANAKO);
    char path[128];
    const struct json *list;

    (void)state;
    latest_site_consented(old, ATTRIBUTE_NAME | ATTRIBUTE_ADDRESS, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    (void)issue_newer();
    assert_int_equal(ask(BANK, "accounts", ",\"attributes\":[\"address\"]"), 200);
    assert_string_equal(told("address"), NEW_HOME);
    assert_null(told("name"));
    assert_refused(ask(BANK, "accounts", ",\"attributes\":[\"address\"]"), 409, "nothing-newer");
    assert_int_equal(charged(), 1);
    set_path("/told", path);
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "told", &list, NULL), 0);
    assert_int_equal(json_count(list), 1);
    assert_int_equal(site_number(json_at(list, 0), "told_at"), latest_site.at.platform.clock.fixed);
    assert_int_equal(latest_site_call(SHOP, path, NULL), 404);
}

static void all_that_is_consented_to_is_told_as_verifications_tell_it(void **state)
{
    uint32_t old = issue(SITE_HANAKO);

    (void)state;
    latest_site_consented(old, ALL, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    (void)issue_newer();
    assert_int_equal(ask(BANK, "accounts", ""), 200);
    assert_string_equal(told("name"), NEW_NAME);
    assert_string_equal(told("address"), NEW_HOME);
    assert_int_equal(strlen(told("birth_date")), strlen("YYYY-MM-DD"));
    assert_true(strcmp(told("sex"), "female") == 0 || strcmp(told("sex"), "male") == 0);
}

/* A tenant whose connection was cut asks again by the name that it gave. */
static void a_named_question_is_answered_again_and_charged_once(void **state)
{
    uint32_t old = issue(SITE_HANAKO);

    (void)state;
    latest_site_consented(old, ALL, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    (void)issue_newer();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(BANK, "accounts", ",\"request_id\":\"r-1\""), 200);
        assert_string_equal(told("address"), NEW_HOME);
        latest_site_restart();
    }
    assert_int_equal(charged(), 1);
    assert_refused(ask(BANK, "loans", ",\"request_id\":\"r-1\""), 409, "request-reused");
    assert_refused(ask(BANK, "accounts", ",\"request_id\":\"r-1\",\"attributes\":[\"name\"]"), 409,
                   "request-reused");
    assert_refused(ask(BANK, "accounts", ""), 409, "nothing-newer");
}

/* ---- detection ---- */

/* How many events of a type a tenant has. */
static unsigned events(const char *key, const char *type)
{
    const struct json *list;
    unsigned count = 0;

    assert_int_equal(latest_site_call(key, "/v1/events", NULL), 200);
    assert_int_equal(json_get_array(latest_site.body, "events", &list, NULL), 0);
    for (size_t i = 0; i < json_count(list); i++)
        count += strcmp(site_text(json_at(list, i), "type"), type) == 0;
    return count;
}

static unsigned changes(void)
{
    return events(BANK, "holder.data_may_have_changed");
}

static bool has_newer(void)
{
    char path[128];

    set_path("", path);
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    return !json_is_null_member(latest_site.body, "newer_since");
}

/* To the next midnight in Japan, and a second. */
static void pass_midnight(void)
{
    int64_t now = latest_site.at.platform.clock.fixed + 9 * 3600;

    latest_site_pass(DAY - now % DAY + 1);
}

static void a_revocation_is_told_at_the_end_of_the_interval_once(void **state)
{
    uint32_t old = issue(SITE_HANAKO);

    (void)state;
    latest_site_consented(old, ALL, hanako);
    latest_site_look();
    assert_false(has_newer());
    revoke(old, CRL_AFFILIATION_CHANGED);
    latest_site.is_blind = true;
    latest_site_look();
    pass_midnight();
    latest_site_look();
    assert_int_equal(changes(), 0); /* what cannot be looked up has not ended */
    latest_site.is_blind = false;
    latest_site_look();
    assert_int_equal(changes(), 0); /* it is seen, and told tomorrow */
    assert_false(has_newer());
    pass_midnight();
    for (int i = 0; i < 3; i++) {
        latest_site_look();
        latest_site_restart();
        assert_int_equal(changes(), 1);
    }
    assert_true(has_newer());
    /* Midnight, which says nothing about when it was. */
    assert_int_equal((latest_site_number("newer_since") + 9 * 3600) % DAY, 0);
    assert_int_equal(events(SHOP, "holder.data_may_have_changed"), 0);
}

static void an_interval_is_agreed_with_each_tenant(void **state)
{
    uint32_t old = issue(SITE_HANAKO);
    const struct audit_origin by = audit_by_self(SITE_NOW);
    struct platform_store *store = latest_site.at.platform.platform.store;

    (void)state;
    assert_int_equal(platform_set_notice(store, "nobody", 3600, &by, NULL), -ERR_ABSENT);
    assert_int_equal(platform_set_notice(store, "bank", 3600, &by, NULL), 0);
    latest_site_consented(old, ALL, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    latest_site_look();
    assert_int_equal(changes(), 0);
    latest_site_pass(3600);
    latest_site_look();
    assert_int_equal(changes(), 1);
    assert_true(has_newer());
    assert_int_equal(latest_site_number("newer_since") % 3600, 0);
}

static void without_a_consent_nothing_is_told(void **state)
{
    uint32_t old = issue(SITE_HANAKO);
    const struct latest_consent withdrawal = {old, "bank", "accounts", 0, NULL};

    (void)state;
    latest_site_consented(old, ALL, hanako);
    assert_int_equal(latest_site_consent(BANK, &withdrawal), 201);
    revoke(old, CRL_AFFILIATION_CHANGED);
    latest_site_look();
    pass_midnight();
    latest_site_look();
    assert_int_equal(changes(), 0);
    assert_false(has_newer());
}

static void the_latest_attributes_end_the_waiting(void **state)
{
    uint32_t old = issue(SITE_HANAKO);
    uint32_t newer;

    (void)state;
    latest_site_consented(old, ALL, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    latest_site_look();
    pass_midnight();
    latest_site_look();
    newer = issue_newer();
    assert_int_equal(ask(BANK, "accounts", ""), 200);
    assert_false(has_newer());
    /* And the next move is told as well. */
    revoke(newer, CRL_AFFILIATION_CHANGED);
    latest_site_look();
    pass_midnight();
    latest_site_look();
    assert_int_equal(changes(), 2);
    assert_true(has_newer());
}

static void whoever_has_ceased_is_known_once_it_was_told(void **state)
{
    uint32_t old = issue(SITE_HANAKO);
    char path[128];

    (void)state;
    latest_site_consented(old, ALL, hanako);
    set_path("", path);
    revoke(old, CRL_CESSATION_OF_OPERATION);
    latest_site_look();
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_string_equal(latest_site_text("state"), "active");
    assert_refused(ask(BANK, "accounts", ""), 409, "holder-ceased");
    assert_int_equal(latest_site_call(BANK, path, NULL), 200);
    assert_string_equal(latest_site_text("state"), "ended");
}

/* ---- what is kept ---- */

/* Whether a file of the platform has a text in it. */
static bool is_in(const char *suffix, const char *text)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE + 8];

    (void)snprintf(path, sizeof path, "%s%s", latest_site.at.platform.database, suffix);
    if (file_read(path, 64 * 1024 * 1024, &file, NULL) < 0)
        return false;
    return memmem(file.ptr, file.len, text, strlen(text)) != NULL;
}

static void no_attribute_and_no_document_stays_with_the_platform(void **state)
{
    static const char *const secrets[] = {NEW_HOME, NEW_NAME, "利用者同意申請"};
    static const char *const files[] = {"", "-wal", "-journal"};
    CLEANUP(json_freep) struct json *records = NULL;
    CLEANUP(buf_done) struct buf log = BUF_INIT;
    uint32_t old = issue(SITE_HANAKO);

    (void)state;
    latest_site_consented(old, ALL, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    (void)issue_newer();
    assert_int_equal(ask(BANK, "accounts", ""), 200);
    assert_string_equal(told("address"), NEW_HOME);
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        for (size_t k = 0; k < sizeof files / sizeof files[0]; k++)
            assert_false(is_in(files[k], secrets[i]));
    assert_true(is_in("", hanako) || is_in("-wal", hanako)); /* or nothing was looked into */
    assert_int_equal(
        audit_list(platform_store_db(latest_site.at.platform.platform.store), NULL, &records, NULL),
        0);
    assert_int_equal(json_write(records, &log, NULL), 0);
    assert_non_null(memmem(log.ptr, log.len, "latest.asked", strlen("latest.asked")));
    assert_null(memmem(log.ptr, log.len, NEW_HOME, strlen(NEW_HOME)));
}

/* ---- kills ---- */

/* The authority has charged it, and the platform dies before it knows: as if a kill had struck. */
static void begin_and_die(void)
{
    const struct latest_wish wish = {"bank", hanako, "accounts",
                                     0,      NULL,   latest_site.at.platform.clock.fixed};
    CLEANUP(latest_question_done) struct latest_question question = {.attributes = 0};
    CLEANUP(json_freep) struct json *body = NULL;
    char issuer[41];
    uint64_t serial = 0;

    assert_int_equal(
        platform_begin_question(latest_site.at.platform.platform.store, &wish, &question, NULL), 0);
    for (size_t i = 0; i < 20; i++)
        (void)snprintf(issuer + 2 * i, 3, "%02x", question.presented.issuer.ptr[i]);
    for (size_t i = 0; i < question.presented.serial.len; i++)
        serial = serial << 8 | question.presented.serial.ptr[i];
    assert_int_equal(site_ask(&latest_site.at.authority, "latest", "/v1/verifier/latest", &body,
                              "\"provider\":\"bank\",\"service\":\"accounts\",\"issuer\":\"%s\","
                              "\"serial\":%llu,\"request_id\":\"%s\"",
                              issuer, (unsigned long long)serial, question.id),
                     200);
    assert_string_equal(site_text(body, "outcome"), "given");
    latest_site_restart();
}

static void a_question_that_a_kill_cut_off_is_charged_once_and_told(void **state)
{
    uint32_t old = issue(SITE_HANAKO);

    (void)state;
    latest_site_consented(old, ALL, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    (void)issue_newer();
    begin_and_die();
    assert_int_equal(ask(BANK, "accounts", ""), 200);
    assert_string_equal(told("address"), NEW_HOME);
    assert_int_equal(charged(), 1);
}

static void a_question_that_nobody_asks_again_is_settled(void **state)
{
    uint32_t old = issue(SITE_HANAKO);

    (void)state;
    latest_site_consented(old, ALL, hanako);
    revoke(old, CRL_AFFILIATION_CHANGED);
    (void)issue_newer();
    begin_and_die();
    assert_int_equal(latest_settle(&latest_site.at.platform.platform, latest_site.signer, NULL), 0);
    latest_site_pass(61);
    assert_int_equal(latest_settle(&latest_site.at.platform.platform, latest_site.signer, NULL), 0);
    assert_int_equal(charged(), 1);
    assert_int_equal(ask(BANK, "accounts", ""), 200); /* the tenant has not had it yet */
    assert_string_equal(told("address"), NEW_HOME);
    assert_int_equal(charged(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, latest_site_open, latest_site_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_question_is_refused),
        TEST(each_reason_for_nothing_has_its_name),
        TEST(the_end_of_a_consent_ends_it),
        TEST(a_holder_without_a_sign_certificate_has_no_latest_one),
        TEST(an_authority_that_does_not_answer_is_asked_again_for_nothing),
        TEST(newer_attributes_are_told_once),
        TEST(all_that_is_consented_to_is_told_as_verifications_tell_it),
        TEST(a_named_question_is_answered_again_and_charged_once),
        TEST(a_revocation_is_told_at_the_end_of_the_interval_once),
        TEST(an_interval_is_agreed_with_each_tenant),
        TEST(without_a_consent_nothing_is_told),
        TEST(the_latest_attributes_end_the_waiting),
        TEST(whoever_has_ceased_is_known_once_it_was_told),
        TEST(no_attribute_and_no_document_stays_with_the_platform),
        TEST(a_question_that_a_kill_cut_off_is_charged_once_and_told),
        TEST(a_question_that_nobody_asks_again_is_settled),
    };

    return cmocka_run_group_tests(tests, latest_site_make, latest_site_done);
}
