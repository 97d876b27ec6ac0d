/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices that services and sites send: to whoever consents to it or has linked the site and to
 * nobody else, in the portal's words, so many a day, once for a key; a sender that is switched off
 * is off, and sees and takes back its own alone.
 */
#include "http/limiter.h"
#include "portal/notice/letter.h"
#include "portal/operator/pull.h"
#include "portal/site/store.h"
#include "support/pull_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DAY    INT64_C(86400)
#define PERIOD "&period=true"
#define READY  "\"topic\": \"document.ready\", \"parameters\": {\"document\": \"控除証明書\"}"

static struct sites *sites;
static char pension[PORTAL_SECRET_SIZE], tax[PORTAL_SECRET_SIZE]; /* tokens of sites */

/* ---- sites ---- */

static const char sites_text[] =
    "{\"sites\": ["
    "{\"id\": \"pension\", \"name\": \"見本年金サイト\", \"name_en\": \"Sample pension\","
    " \"lead\": \"見る\", \"lead_en\": \"Look\", \"address\": \"https://p.openjpki.test/enter\","
    " \"redirect_uri\": \"https://p.openjpki.test/back\","
    " \"logout_uri\": \"https://p.openjpki.test/ended\", \"jwks\": {\"keys\": []},"
    " \"sends_notices\": true},"
    "{\"id\": \"tax\", \"name\": \"見本税務サイト\", \"name_en\": \"Sample tax\","
    " \"lead\": \"見る\", \"lead_en\": \"Look\", \"address\": \"https://t.openjpki.test/enter\","
    " \"redirect_uri\": \"https://t.openjpki.test/back\","
    " \"logout_uri\": \"https://t.openjpki.test/ended\", \"jwks\": {\"keys\": []},"
    " \"sends_notices\": true},"
    "{\"id\": \"silent\", \"name\": \"見本\", \"name_en\": \"Sample\","
    " \"lead\": \"見る\", \"lead_en\": \"Look\", \"address\": \"https://s.openjpki.test/enter\","
    " \"redirect_uri\": \"https://s.openjpki.test/back\","
    " \"logout_uri\": \"https://s.openjpki.test/ended\", \"jwks\": {\"keys\": []}}]}";

static void give_token(const char *site, const char *token)
{
    struct digest hash;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(token), &hash, NULL), 0);
    assert_int_equal(site_token_add(pulls.portal.portal.store, &hash, site, PORTAL_SITE_NOW, NULL),
                     0);
}

static int set_up(void **state)
{
    (void)pull_site_make(state);
    assert_int_equal(sites_parse(bytes_text(sites_text), &sites, NULL), 0);
    pulls.portal.portal.sites.list = sites;
    (void)snprintf(pension, sizeof pension, "%s", "a-token-of-the-pension-site-00000000000000");
    (void)snprintf(tax, sizeof tax, "%s", "a-token-of-the-tax-site-000000000000000000");
    give_token("pension", pension);
    give_token("tax", tax);
    return 0;
}

static int tear_down(void **state)
{
    (void)pull_site_done(state);
    sites_freep(&sites);
    return 0;
}

static void link_site(const char *site)
{
    char line[64];

    (void)snprintf(line, sizeof line, "PUT /v1/sites/%s/linkage", site);
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, line, NULL), 204);
}

static void read_text(const char *sql, char *ret, size_t size)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    assert_int_equal(db_begin_read(pull_db(), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_text(&rows, 0, ret, size, NULL), 0);
}

static void change(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(pull_db(), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static struct portal_answer ask_as_site(const char *token, const char *line, const char *body)
{
    char field[96];

    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", token);
    return portal_ask_with(&pulls.portal, NULL, line, field, "application/json", body);
}

static struct portal_answer write_to(const char *token, const char *sub, const char *key)
{
    char body[512];

    (void)snprintf(body, sizeof body, "{\"sub\": \"%s\", \"key\": \"%s\", " READY "}", sub, key);
    return ask_as_site(token, "POST /sso/notices", body);
}

/* ---- services ---- */

static struct portal_answer send_body(enum operator_who who, const char *token, const char *body)
{
    char field[96];

    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", token);
    return operator_ask(&pulls.portal, who, "POST /v1/sent-notices", field, "application/json",
                        body);
}

static struct portal_answer send_ready(const struct grant *of, const char *key)
{
    char body[256];

    (void)snprintf(body, sizeof body, "{\"key\": \"%s\", " READY "}", key);
    return send_body(WHO_BANK, of->access, body);
}

static void send_well(const struct grant *of, const char *key, char ret_id[PORTAL_ID_SIZE])
{
    CLEANUP(portal_answer_done) struct portal_answer answer = send_ready(of, key);

    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, PORTAL_ID_SIZE, "%s", portal_text(&answer, "id"));
}

static struct portal_answer ask_for(enum operator_who who, const char *method, const char *token,
                                    const char *id)
{
    char line[80], field[96];

    (void)snprintf(line, sizeof line, "%s /v1/sent-notices/%s", method, id);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", token);
    return operator_ask(&pulls.portal, who, line, field, NULL, NULL);
}

static unsigned switch_sender(const char *sender, const char *body)
{
    struct json *json = NULL;
    char line[96];

    (void)snprintf(line, sizeof line, "PUT /v1/notice-senders/%s/state", sender);
    assert_int_equal(json_parse(bytes_text(body), &json, NULL), 0);
    return portal_status(&pulls.portal, &pulls.browser, line, json);
}

static const char *bank_id(void)
{
    static char id[NOTICE_SENDER_SIZE];

    (void)snprintf(id, sizeof id, NOTICE_SERVICE "%s", pulls.bank.id);
    return id;
}

/* ---- what nobody may ---- */

/* A letter with this name in it, for the database that a test has; nothing of it stays. */
static int try_name(const char *name)
{
    const struct notice_sender sender = {
        .id = "service.x", .name = {"n", "n"}, .note = {.receiver = "x"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(json_freep) struct json *parameters = json_object_new();
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct notice_letter letter = {.sender = &sender,
                                   .key = "k",
                                   .topic = "document.ready",
                                   .parameters = parameters,
                                   .text = bytes_text("t")};
    char account[PORTAL_ID_SIZE], id[PORTAL_ID_SIZE];
    enum notice_outcome outcome;

    read_text("SELECT id FROM account WHERE sub = 'sub-1'", account, sizeof account);
    letter.account = account;
    assert_int_equal(json_put_text(parameters, "document", name, NULL), 0);
    assert_int_equal(db_begin(pull_db(), &txn, NULL), 0);
    return notice_letter_send(&txn, &letter, &by, id, &outcome, NULL);
}

static void a_name_is_a_name(void **state)
{
    static const char *const names[] = {
        "<b>a",   "a>b", "https://x.example", "www.x.example",      "a@x.example",
        "[a](b)", "`a`", "03-1234-567",       "１２３４５６７８９", "123４５６789",
        "",       "a\nb"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (try_name(names[i]) != -ERR_INPUT)
            fail_msg("%s", names[i]);
    assert_int_equal(try_name("２０２６-12-31の控え"), 0);
    assert_int_equal(NOTICE_DIGITS_MAX, 8);
}

static void a_letter_says_nothing_of_the_senders_own(void **state)
{
    static const char *const bodies[] = {
        "{\"key\": \"k\", \"topic\": \"document.ready\", \"parameters\": {\"document\": \"<b>a\"}}",
        "{\"key\": \"k\", \"topic\": \"document.ready\", \"parameters\": {}}",
        "{\"key\": \"k\", \"topic\": \"document.ready\", \"parameters\": {\"document\": \"a\","
        " \"matter\": \"b\"}}",
        "{\"key\": \"k\", \"topic\": \"deadline.near\", \"parameters\": {\"matter\": \"a\","
        " \"until\": \"2026-02-30\"}}",
        "{\"key\": \"k\", \"topic\": \"payment.due\", \"parameters\": {\"document\": \"a\"}}",
        "{\"key\": \"k\", \"topic\": \"information.ready\", \"parameters\": {}}",
        "{\"key\": \"a b\", " READY "}",
        "{" READY "}",
        "{\"key\": \"k\", \"sub\": \"x\", " READY "}",
    };
    struct grant own;

    (void)state;
    pull_grant("notice-sending", PERIOD, "", &own);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = send_body(WHO_BANK, own.access, bodies[i]);

        if (answer.status != 400)
            fail_msg("%s: %u", bodies[i], answer.status);
    }
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 0);
}

static void nobody_sends_without_approval_and_consent_for_it(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer led = {.status = 0};
    char line[1200], id[PORTAL_ID_SIZE];
    struct grant own, reading;
    struct operator_service plain;

    (void)state;
    pull_grant("notice-sending", PERIOD, "", &own);
    pull_grant("notices", PERIOD, "", &reading);
    assert_refused(send_ready(&reading, "k"), 403, "not-consented");
    assert_refused(send_body(WHO_SHOP, own.access, "{\"key\": \"k\", " READY "}"), 403,
                   "certificate-differs");
    assert_refused(send_body(WHO_NOBODY, own.access, "{\"key\": \"k\", " READY "}"), 403,
                   "certificate-differs");
    assert_refused(send_body(WHO_BANK, own.refresh, "{\"key\": \"k\", " READY "}"), 403,
                   "token-unknown");
    send_well(&own, "k", id);
    assert_int_equal(operator_review(&pulls.portal, pulls.bank.id, "suspended", "a leak"), 200);
    assert_refused(send_ready(&own, "l"), 403, "operator-not-approved");
    assert_refused(ask_for(WHO_BANK, "DELETE", own.access, id), 403, "operator-not-approved");
    /* Nobody is asked to consent to what was not reviewed. */
    assert_int_equal(operator_review(&pulls.portal, pulls.shop.id, "ended", "as agreed"), 200);
    operator_service_add(&pulls.portal, WHO_SHOP, "\"apis\": [\"notices\"]", OPERATOR_APPROVED,
                         &plain);
    (void)snprintf(line, sizeof line, "GET /authorize?%s",
                   pull_query(&plain, "notice-sending", PERIOD));
    led = portal_ask(&pulls.portal, NULL, line, NULL);
    assert_true(portal_has(&led, "Location: " BACK "?error=invalid_scope&"));
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 1);
}

static void a_consent_that_is_over_sends_nothing(void **state)
{
    struct operator_access access;
    char line[64];
    struct grant own;

    (void)state;
    pull_grant("notice-sending", PERIOD, "", &own);
    assert_int_equal(operator_token_find(pull_db(), own.access, &access, NULL), 0);
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", own.consent);
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, line, NULL), 204);
    assert_refused(send_ready(&own, "k"), 403, "consent-over");
    /* What was let in just before sends nothing either. */
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(pull_db(), &txn, NULL), 0);
        assert_int_equal(operator_pull_check(&txn, &access.consent, PORTAL_SITE_NOW, NULL),
                         -ERR_DENIED);
    }
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 0);
}

static void a_site_reaches_whom_it_is_linked_with(void **state)
{
    char at_pension[PORTAL_ID_SIZE], at_tax[PORTAL_ID_SIZE];

    (void)state;
    link_site("pension");
    link_site("tax");
    read_text("SELECT sub FROM site_linkage WHERE site = 'pension'", at_pension, sizeof at_pension);
    read_text("SELECT sub FROM site_linkage WHERE site = 'tax'", at_tax, sizeof at_tax);
    assert_refused(write_to(pension, at_tax, "k"), 403, "not-linked");
    assert_refused(write_to(pension, "abcdefghijklmnopqrstuv", "k"), 403, "not-linked");
    assert_refused(write_to("nothing", at_pension, "k"), 403, "token-unknown");
    give_token("silent", "a-token-of-the-silent-site-000000000000000");
    assert_refused(write_to("a-token-of-the-silent-site-000000000000000", at_pension, "k"), 403,
                   "token-unknown");
    assert_int_equal(
        portal_status(&pulls.portal, &pulls.browser, "DELETE /v1/sites/pension/linkage", NULL),
        204);
    assert_refused(write_to(pension, at_pension, "k"), 403, "not-linked");
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 0);
    portal_site_at(&pulls.portal, SITE_TOKEN_SECONDS - 1);
    assert_refused(write_to(pension, at_pension, "k"), 403, "not-linked");
    portal_site_at(&pulls.portal, SITE_TOKEN_SECONDS);
    assert_refused(write_to(pension, at_pension, "k"), 403, "token-unknown");
}

static void what_others_sent_is_unknown(void **state)
{
    char by_bank[PORTAL_ID_SIZE], sub[PORTAL_ID_SIZE], line[80];
    const struct portal_browser first = pulls.browser;
    struct grant own, of_another;

    (void)state;
    pull_grant("notice-sending", PERIOD, "", &own);
    send_well(&own, "k", by_bank);
    (void)portal_site_open(&pulls.portal, &pulls.browser, "sub-2", 2);
    pull_grant("notice-sending", PERIOD, "", &of_another);
    pulls.browser = first;
    assert_refused(ask_for(WHO_BANK, "GET", of_another.access, by_bank), 404, "notice-unknown");
    assert_refused(ask_for(WHO_BANK, "DELETE", of_another.access, by_bank), 404, "notice-unknown");
    assert_refused(ask_for(WHO_BANK, "GET", own.access, "1"), 404, "notice-unknown");
    assert_refused(ask_for(WHO_SHOP, "GET", own.access, by_bank), 403, "certificate-differs");
    link_site("pension");
    read_text("SELECT sub FROM site_linkage WHERE site = 'pension'", sub, sizeof sub);
    {
        CLEANUP(portal_answer_done) struct portal_answer sent = write_to(pension, sub, "k");

        assert_int_equal(sent.status, 201);
        assert_refused(ask_for(WHO_BANK, "DELETE", own.access, portal_text(&sent, "id")), 404,
                       "notice-unknown");
        (void)snprintf(line, sizeof line, "DELETE /sso/notices/%s", portal_text(&sent, "id"));
    }
    assert_refused(ask_as_site(tax, line, NULL), 404, "notice-unknown");
    (void)snprintf(line, sizeof line, "GET /sso/notices/%s", by_bank);
    assert_refused(ask_as_site(pension, line, NULL), 404, "notice-unknown");
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 2);
}

static void so_many_in_a_day(void **state)
{
    char id[PORTAL_ID_SIZE], key[8], fill[512];
    struct grant own;

    (void)state;
    pull_grant("notice-sending", PERIOD, "", &own);
    for (int i = 0; i < NOTICE_SENT_TO_ONE_MAX; i++) {
        (void)snprintf(key, sizeof key, "k%d", i);
        send_well(&own, key, id);
    }
    assert_refused(send_ready(&own, "more"), 409, "too-many-notices");
    send_well(&own, "k0", id); /* which was sent before */
    portal_site_at(&pulls.portal, DAY);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer tokens = pull_refresh(WHO_BANK, &pulls.bank, own.refresh);

        pull_keep_tokens(&tokens, &own);
    }
    (void)portal_site_open(&pulls.portal, &(struct portal_browser){.cookie = ""}, "other", 3);
    (void)snprintf(fill, sizeof fill,
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                   " INSERT INTO notice_sent SELECT 'x' || i, s.id, 'x' || i, zeroblob(32), a.id,"
                   " 0, %lld, 1900000000, NULL FROM n, account AS a, notice_sender AS s"
                   " WHERE a.sub = 'other'",
                   NOTICE_SENT_MAX - 1, PORTAL_SITE_NOW + (long long)DAY);
    change(fill);
    send_well(&own, "last", id);
    assert_refused(send_ready(&own, "one-more"), 409, "too-many-notices");
}

/* What a site may ask now is taken as of an hour from now, so that nothing comes back meanwhile. */
static void a_site_has_a_rate(void **state)
{
    struct limiter *limiter = portal_store_limiter(pulls.portal.portal.store);
    CLEANUP(portal_answer_done) struct portal_answer over = {.status = 0};
    struct limiter_answer taken = {.is_over = false};

    (void)state;
    while (!taken.is_over)
        assert_int_equal(limiter_take(limiter, NOTICE_SITE "pension", SITE_RATE,
                                      monotonic_us() + 3600LL * 1000000, &taken, NULL),
                         0);
    over = write_to(pension, "abcdefghijklmnopqrstuv", "k");
    assert_int_equal(over.status, 429);
    assert_true(portal_has(&over, "Retry-After: "));
}

/* ---- what they may ---- */

static void a_notice_says_who_sent_it_and_stands_in_the_log(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer read = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer log = {.status = 0};
    char id[PORTAL_ID_SIZE], sub[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    change("INSERT INTO mail_address SELECT id, 'a@b.example', 'ja', 5, 5, NULL, 0, 0 FROM account"
           " WHERE sub = 'sub-1'");
    pull_grant("notice-sending", PERIOD, "", &own);
    send_well(&own, "k", id);
    link_site("pension");
    read_text("SELECT sub FROM site_linkage WHERE site = 'pension'", sub, sizeof sub);
    {
        CLEANUP(portal_answer_done) struct portal_answer sent = write_to(pension, sub, "k");

        assert_int_equal(sent.status, 201);
    }
    read = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/notices", NULL);
    assert_true(portal_has(&read, "「控除証明書」の準備ができました"));
    assert_true(portal_has(&read, "見本銀行") && portal_has(&read, "Sample Bank"));
    assert_true(portal_has(&read, bank_id()));
    assert_true(portal_has(&read, "見本年金サイト") && portal_has(&read, "site.pension"));
    assert_true(portal_has(&read, "\"link\":\"linkage/pension\""));
    log = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/history?what=notified", NULL);
    assert_true(portal_has(&log, pulls.bank.id) && portal_has(&log, "住宅ローンの審査"));
    assert_true(portal_has(&log, "お知らせの送信がありました"));
    assert_true(portal_has(&log, "A notice was sent to you") && portal_has(&log, "pension"));
    assert_false(portal_has(&log, "控除証明書"));
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'notice.sent'"), 2);
    assert_int_equal(pull_number("SELECT count(*) FROM mail WHERE state = 'waiting'"), 2);
    assert_int_equal(pull_number("SELECT used_at FROM operator_consent"), PORTAL_SITE_NOW);
}

static void the_same_letter_is_one(void **state)
{
    char id[PORTAL_ID_SIZE], again[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    pull_grant("notice-sending", PERIOD, "", &own);
    send_well(&own, "k", id);
    send_well(&own, "k", again);
    assert_string_equal(id, again);
    assert_refused(send_body(WHO_BANK, own.access,
                             "{\"key\": \"k\", \"topic\": \"document.ready\","
                             " \"parameters\": {\"document\": \"別の書類\"}}"),
                   409, "key-used");
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 1);
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'notice.sent'"), 1);
    (void)portal_site_open(&pulls.portal, &pulls.browser, "sub-2", 2);
    pull_grant("notice-sending", PERIOD, "", &own);
    assert_refused(send_ready(&own, "k"), 409, "key-used"); /* to somebody else */
}

static void a_sender_takes_back_what_it_sent(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer before = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer after = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer log = {.status = 0};
    char id[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    change("INSERT INTO mail_address SELECT id, 'a@b.example', 'ja', 5, 5, NULL, 0, 0 FROM account"
           " WHERE sub = 'sub-1'");
    pull_grant("notice-sending", PERIOD, "", &own);
    send_well(&own, "k", id);
    before = ask_for(WHO_BANK, "GET", own.access, id);
    assert_int_equal(before.status, 200);
    assert_true(portal_has(&before, "\"taken_at\":null"));
    for (int i = 0; i < 2; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer taken = ask_for(WHO_BANK, "DELETE", own.access, id);

        assert_int_equal(taken.status, 204);
    }
    after = ask_for(WHO_BANK, "GET", own.access, id);
    assert_true(portal_has(&after, "\"taken_at\":1790000000"));
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 0);
    assert_int_equal(pull_number("SELECT count(*) FROM mail"), 0);
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'notice.taken-back'"), 1);
    log = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/history?what=notified", NULL);
    assert_true(portal_has(&log, "お知らせの取下げがありました"));
    send_well(&own, "k", id); /* it is not sent again */
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 0);
}

static void whoever_is_switched_off_sends_nothing(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer list = {.status = 0};
    char id[PORTAL_ID_SIZE], sub[PORTAL_ID_SIZE], line[64];
    struct grant own;

    (void)state;
    assert_int_equal(switch_sender(bank_id(), "{\"is_off\": true}"), 404);
    pull_grant("notice-sending", PERIOD, "", &own);
    link_site("pension");
    link_site("silent");
    read_text("SELECT sub FROM site_linkage WHERE site = 'pension'", sub, sizeof sub);
    assert_int_equal(switch_sender(bank_id(), "{\"is_off\": true}"), 204);
    assert_int_equal(switch_sender("site.pension", "{\"is_off\": true}"), 204);
    assert_int_equal(switch_sender("site.silent", "{\"is_off\": true}"), 404);
    assert_int_equal(switch_sender("13101", "{\"is_off\": true}"), 404);
    list = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/notice-senders", NULL);
    assert_true(portal_has(&list, "見本銀行") && portal_has(&list, "\"is_off\":true"));
    assert_true(portal_has(&list, "site.pension"));
    assert_false(portal_has(&list, "\"is_off\":false") || portal_has(&list, "site.silent"));
    assert_refused(send_ready(&own, "k"), 403, "switched-off");
    assert_refused(write_to(pension, sub, "k"), 403, "switched-off");
    /* Neither a new consent nor a new linkage switches it on. */
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", own.consent);
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, line, NULL), 204);
    assert_int_equal(switch_sender(bank_id(), "{\"is_off\": false}"), 404);
    pull_grant("notice-sending", PERIOD, "", &own);
    assert_refused(send_ready(&own, "k"), 403, "switched-off");
    assert_int_equal(pull_number("SELECT count(*) FROM notice"), 0);
    assert_int_equal(switch_sender(bank_id(), "{\"is_off\": false}"), 204);
    send_well(&own, "k", id);
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'notice.sender-switched'"),
                     3);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_name_is_a_name),
        CASE(a_letter_says_nothing_of_the_senders_own),
        CASE(nobody_sends_without_approval_and_consent_for_it),
        CASE(a_consent_that_is_over_sends_nothing),
        CASE(a_site_reaches_whom_it_is_linked_with),
        CASE(what_others_sent_is_unknown),
        CASE(so_many_in_a_day),
        CASE(a_site_has_a_rate),
        CASE(a_notice_says_who_sent_it_and_stands_in_the_log),
        CASE(the_same_letter_is_one),
        CASE(a_sender_takes_back_what_it_sent),
        CASE(whoever_is_switched_off_sends_nothing),
    };

    return cmocka_run_group_tests(tests, pull_site_begin, pull_site_end);
}
