/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kiosks print certificates: each its own orders, for a card that counts, of the person's own
 * municipality, at its hours, once for each payment.
 */
#include "base/hex.h"
#include "crypto/digest.h"
#include "portal/kiosk/extract.h"
#include "portal/municipality/key.h"
#include "support/extract.h"
#include "support/kiosk_site.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- whose orders ---- */

static void an_order_is_one_kiosks_alone(void **state)
{
    static const char *const steps[] = {"",          "/card",    "/choice",      "/payment",
                                        "/document", "/printed", "/cancellation"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char id[32], card[256], renewed[KIOSK_KEY_SIZE];

    (void)state;
    kiosk_open_order(key, "hanako", id, card);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const char *bodies[] = {NULL, card, CHOICE, PAID(PAYMENT), NOTHING, NOTHING, NOTHING};
        CLEANUP(portal_answer_done)
        struct portal_answer theirs = kiosk_step(other, id, steps[i], bodies[i]);
        CLEANUP(portal_answer_done)
        struct portal_answer nobodys = kiosk_step("nobody", id, steps[i], bodies[i]);

        assert_int_equal(theirs.status, 404);
        assert_int_equal(nobodys.status, 403);
    }
    assert_int_equal(kiosk_terminal_renew(kiosk_db(), "KIOSK-1", &by, renewed, NULL), 0);
    assert_int_equal(kiosk_status(id, "", NULL), 403);
    memcpy(key, renewed, sizeof key);
    assert_int_equal(kiosk_status(id, "", NULL), 200);
    assert_int_equal(kiosk_terminal_revoke(kiosk_db(), "KIOSK-1", &by, NULL), 0);
    assert_int_equal(kiosk_status(id, "", NULL), 403);
    assert_int_equal(kiosk_terminal_renew(kiosk_db(), "KIOSK-1", &by, renewed, NULL), -ERR_ABSENT);
    assert_int_equal(kiosk_terminal_revoke(kiosk_db(), "KIOSK-1", &by, NULL), -ERR_ABSENT);
}

static void a_card_that_does_not_count_gets_nothing(void **state)
{
    char id[32], card[256], another[32], stolen[256];

    (void)state;
    kiosk_open_order(key, "revoked", id, card);
    assert_int_equal(kiosk_status(id, "/card", card), 422);
    assert_true(kiosk_is_logged("kiosk_order.refused", "revoked"));
    assert_int_equal(kiosk_status(id, "/choice", CHOICE), 404); /* of no municipality */
    kiosk_open_order(key, "hanako", id, card);
    kiosk_open_order(other, "hanako", another, stolen);
    assert_int_equal(kiosk_status(id, "/card", stolen), 422); /* signed for another kiosk's order */
    assert_int_equal(kiosk_status(id, "/card", card), 200);
    assert_int_equal(kiosk_status(id, "/card", card), 409); /* replayed */
}

static void an_order_waits_a_minute_for_its_card(void **state)
{
    char id[32], card[256];

    (void)state;
    kiosk_open_order(key, "hanako", id, card);
    portal_site_at(&site, KIOSK_OPENS + KIOSK_CARD_SECONDS + 1);
    assert_int_equal(kiosk_status(id, "/card", card), 404);
    kiosk_open_order(key, "hanako", id, card);
    portal_site_at(&site, KIOSK_OPENS + KIOSK_CARD_SECONDS + 1 + KIOSK_CARD_SECONDS);
    assert_int_equal(kiosk_status(id, "/card", card), 200);
}

/* ---- what is given ---- */

static void a_municipality_gives_what_the_table_says(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer told = {.status = 0};
    char id[32];

    (void)state;
    kiosk_begin(id);
    told = kiosk_step(key, id, "", NULL);
    assert_true(portal_has(&told, "\"kind\":\"resident\",\"name\":\"住民票の写し（本人）\""));
    assert_true(portal_has(&told, "\"kind\":\"resident-items\""));
    registry.municipality = "14130"; /* in no row */
    kiosk_begin(id);
    portal_answer_done(&told);
    told = kiosk_step(key, id, "", NULL);
    assert_true(portal_has(&told, "\"certificates\":[]"));
    assert_int_equal(kiosk_status(id, "/choice", CHOICE), 404);
}

static void certificates_have_hours(void **state)
{
    static const struct {
        int64_t after;
        unsigned status;
    } rows[] = {
        {KIOSK_OPENS - 1, 409}, {KIOSK_OPENS, 200}, {KIOSK_CLOSES - 1, 200}, {KIOSK_CLOSES, 409}};
    static const struct {
        int64_t after;
        unsigned status;
    } days[] = {{97, 200}, {98, 409}, {103, 409}, {104, 200}}; /* 28 December to 4 January */
    char id[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        portal_site_at(&site, rows[i].after);
        kiosk_begin(id);
        assert_int_equal(kiosk_status(id, "/choice", CHOICE), rows[i].status);
    }
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        portal_site_at(&site, KIOSK_OPENS + days[i].after * 86400);
        kiosk_begin(id);
        assert_int_equal(kiosk_status(id, "/choice", CHOICE), days[i].status);
    }
}

/* ---- money ---- */

/* With a payment that is called by so many letters. */
static unsigned pay_by(const char *id, int letters)
{
    char body[128];

    (void)snprintf(body, sizeof body, "{\"payment\":\"%.*s\",\"amount\":200}", letters,
                   "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    return kiosk_status(id, "/payment", body);
}

static void the_fee_is_paid_once_and_exactly(void **state)
{
    char id[32], second[32];

    (void)state;
    kiosk_begin(id);
    assert_int_equal(kiosk_status(id, "/payment", PAID(PAYMENT)), 409); /* nothing was chosen */
    assert_int_equal(kiosk_status(id, "/choice", CHOICE), 200);
    assert_int_equal(kiosk_status(id, "/payment", "{\"payment\":\"" PAYMENT "\",\"amount\":199}"),
                     400);
    assert_int_equal(pay_by(id, KIOSK_PAYMENT_MIN - 1), 400);
    assert_int_equal(pay_by(id, KIOSK_PAYMENT_MAX + 1), 400);
    assert_int_equal(kiosk_status(id, "/payment", PAID("payment 0123456789")), 400);
    assert_int_equal(kiosk_status(id, "/payment", PAID(PAYMENT)), 200);
    assert_int_equal(kiosk_status(id, "/payment", PAID(PAYMENT)), 200); /* the answer was lost */
    assert_int_equal(kiosk_status(id, "/payment", PAID("payment-9876543210")), 409);
    assert_int_equal(kiosk_status(id, "/choice", CHOICE), 409); /* for what was paid */
    assert_true(kiosk_is_logged("kiosk_order.paid", "resident"));
    for (int letters = KIOSK_PAYMENT_MIN; letters <= KIOSK_PAYMENT_MAX;
         letters += KIOSK_PAYMENT_MAX - KIOSK_PAYMENT_MIN) {
        kiosk_begin(second);
        assert_int_equal(kiosk_status(second, "/choice", CHOICE), 200);
        assert_int_equal(pay_by(second, letters), 200);
    }
    kiosk_begin(second);
    assert_int_equal(kiosk_status(second, "/choice", CHOICE), 200);
    assert_int_equal(kiosk_status(second, "/payment", PAID(PAYMENT)), 409); /* another order's */
    assert_int_equal(kiosk_status(second, "/document", NOTHING), 409);
}

/* As a call has read it that another one overtakes. */
static void look(const char *id, struct kiosk_order *ret)
{
    assert_int_equal(kiosk_order_get(kiosk_db(), "KIOSK-1", id, ret, NULL), 0);
}

/* A kiosk that asks again because no answer came has both answers at once. */
static void of_two_calls_of_a_step_neither_is_refused(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(kiosk_order_done) struct kiosk_order chosen = KIOSK_ORDER_INIT;
    CLEANUP(kiosk_order_done) struct kiosk_order issued = KIOSK_ORDER_INIT;
    CLEANUP(kiosk_order_done) struct kiosk_order open = KIOSK_ORDER_INIT;
    char id[32], second[32];

    (void)state;
    kiosk_begin(id);
    assert_int_equal(kiosk_status(id, "/choice", CHOICE), 200);
    look(id, &chosen);
    assert_int_equal(kiosk_status(id, "/payment", PAID(PAYMENT)), 200);
    assert_int_equal(kiosk_order_pay(kiosk_db(), &chosen, PAYMENT, &by, NULL), 0);
    assert_int_equal(kiosk_order_pay(kiosk_db(), &chosen, "payment-9876543210", &by, NULL),
                     -ERR_CONFLICT);
    assert_int_equal(kiosk_order_cancel(kiosk_db(), &chosen, &by, NULL), -ERR_CONFLICT);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 200);
    look(id, &issued);
    assert_int_equal(kiosk_status(id, "/printed", NOTHING), 200);
    assert_int_equal(kiosk_order_finish(kiosk_db(), &issued, &by, NULL), 0);
    assert_int_equal(kiosk_order_cancel(kiosk_db(), &issued, &by, NULL), -ERR_CONFLICT);
    kiosk_begin(second);
    look(second, &open);
    assert_int_equal(kiosk_status(second, "/cancellation", NOTHING), 200);
    assert_int_equal(kiosk_order_cancel(kiosk_db(), &open, &by, NULL), 0);
}

static void an_order_waits_ten_minutes_for_its_money(void **state)
{
    char id[32], second[32];

    (void)state;
    kiosk_begin(id);
    kiosk_begin(second);
    assert_int_equal(kiosk_status(id, "/choice", CHOICE), 200);
    assert_int_equal(kiosk_status(second, "/choice", CHOICE), 200);
    portal_site_at(&site, KIOSK_OPENS + KIOSK_ORDER_SECONDS);
    assert_int_equal(kiosk_status(second, "/payment", PAID(PAYMENT)), 200);
    portal_site_at(&site, KIOSK_OPENS + KIOSK_ORDER_SECONDS + 1);
    assert_int_equal(kiosk_status(id, "/choice", CHOICE), 404);
    assert_int_equal(kiosk_status(id, "/payment", PAID("payment-9876543210")), 404);
    portal_site_at(&site, KIOSK_OPENS + KIOSK_FINISH_SECONDS);
    assert_int_equal(kiosk_status(second, "/document", NOTHING), 200);
}

/* ---- paper ---- */

static void hash_of(const struct portal_answer *document, char ret[65])
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, portal_body(document), &digest, NULL), 0);
    assert_int_equal(hex_append(&hex, digest_bytes(&digest), NULL), 0);
    (void)snprintf(ret, 65, "%.*s", (int)hex.len, (const char *)hex.ptr);
}

static struct portal_answer check_number(const struct portal_answer *order)
{
    char line[96];

    (void)snprintf(line, sizeof line, "GET /v1/certificates-issued/%s",
                   portal_text(order, "number"));
    return portal_ask(&site, NULL, line, NULL);
}

static void a_document_has_what_the_register_has(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    static const char *const parts[] = {"住民票の写し",
                                        "番号花子",
                                        "バンゴウハナコ",
                                        "1990年4月15日",
                                        "東京都千代田区見本町一丁目２番３号",
                                        "東京都千代田区長（試験用）",
                                        "手数料200円",
                                        "（記載を省略）"};
    char id[32];

    (void)state;
    kiosk_pay(id);
    CLEANUP(portal_answer_done) struct portal_answer document = kiosk_take_document(id);
    assert_int_equal(document.status, 200);
    CLEANUP(portal_answer_done) struct portal_answer order = kiosk_step(key, id, "", NULL);
    extract_text(portal_body(&document), &text);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (extract_count(&text, parts[i]) != 1)
            fail_msg("%s: %.*s", parts[i], (int)text.len, (const char *)text.ptr);
    assert_int_equal(extract_count(&text, portal_text(&order, "number")), 2);
}

static void items_are_fewer_than_a_copy(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char id[32];

    (void)state;
    kiosk_begin(id);
    assert_int_equal(kiosk_status(id, "/choice", "{\"kind\":\"resident-items\"}"), 200);
    assert_int_equal(kiosk_status(id, "/payment", "{\"payment\":\"" PAYMENT "\",\"amount\":250}"),
                     200);
    CLEANUP(portal_answer_done) struct portal_answer document = kiosk_take_document(id);
    extract_text(portal_body(&document), &text);
    assert_int_equal(extract_count(&text, "住民票記載事項証明書"), 1);
    assert_int_equal(extract_count(&text, "番号花子"), 1);
    assert_int_equal(extract_count(&text, "バンゴウ") + extract_count(&text, "性別"), 0);
}

/* The same one until it is in somebody's hand, then none. */
static void one_payment_is_good_for_one_document(void **state)
{
    char id[32], hash[65], again[65];

    (void)state;
    kiosk_begin(id);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 409); /* nothing was paid */
    assert_int_equal(kiosk_status(id, "/document", NULL), 404);
    assert_int_equal(kiosk_status(id, "/printed", NOTHING), 409);
    kiosk_pay(id);
    CLEANUP(portal_answer_done) struct portal_answer first = kiosk_take_document(id);
    portal_site_at(&site, KIOSK_OPENS + 100);
    CLEANUP(portal_answer_done) struct portal_answer second = kiosk_take_document(id);
    hash_of(&first, hash);
    hash_of(&second, again);
    assert_string_equal(hash, again);
    assert_int_equal(kiosk_status(id, "/printed", NOTHING), 200);
    assert_int_equal(kiosk_status(id, "/printed", NOTHING), 200);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 409);
    assert_int_equal(kiosk_status(id, "/document", NULL), 404);
    assert_int_equal(kiosk_status(id, "/payment", PAID(PAYMENT)), 200); /* it is paid, still */
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 409);
    assert_int_equal(kiosk_status(id, "/cancellation", NOTHING), 409); /* the money stays */
    CLEANUP(portal_answer_done) struct portal_answer order = kiosk_step(key, id, "", NULL);
    CLEANUP(portal_answer_done) struct portal_answer issued = check_number(&order);
    assert_int_equal(issued.status, 200);
    assert_string_equal(portal_text(&issued, "sha256"), hash);
    assert_true(portal_has(&issued, "\"is_void\":false"));
    assert_false(portal_has(&issued, "花子"));
    assert_int_equal(
        portal_status(&site, NULL, "GET /v1/certificates-issued/AAAA-AAAA-AAAA-AAAA", NULL), 404);
}

/* Nothing of what stood on the paper is kept. */
static void what_is_printed_is_forgotten_but_for_its_hash(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t kept;
    char id[32];

    (void)state;
    kiosk_pay(id);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 200);
    assert_int_equal(kiosk_status(id, "/printed", NOTHING), 200);
    assert_int_equal(db_begin_read(kiosk_db(), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn,
                                  "SELECT length(document) + length(reference) FROM kiosk_order",
                                  DB_NOTHING, &rows, NULL),
                     0);
    assert_int_equal(db_int(&rows, 0, &kept, NULL), 0);
    assert_int_equal(kept, 0);
}

static void the_person_sees_it_in_the_log(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char told[512], receiver[64];
    char id[32];

    (void)state;
    kiosk_pay(id);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 200);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 200);
    assert_int_equal(db_begin_read(kiosk_db(), &txn, NULL), 0);
    assert_int_equal(
        db_query_one(&txn, "SELECT receiver, told FROM exchange_log", DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_text(&rows, 0, receiver, sizeof receiver, NULL), 0);
    assert_int_equal(db_text(&rows, 1, told, sizeof told, NULL), 0);
    assert_string_equal(receiver, "KIOSK-1");
    assert_non_null(strstr(told, "住民票の写し"));
    assert_null(strstr(told, "花子"));
    assert_int_equal(db_next(&rows, NULL), -ERR_ABSENT); /* one document, one record */
}

/* ---- failures after the money ---- */

static void what_fails_after_the_payment_ends_in_a_refund(void **state)
{
    char id[32];

    (void)state;
    kiosk_pay(id);
    registry.fails = ERR_REMOTE;
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 503);
    registry.fails = ERR_CONFLICT; /* the card was lost in between */
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 409);
    registry.fails = ERR_NONE;
    registry.municipality = "27100"; /* or its holder has moved */
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 409);
    assert_int_equal(kiosk_status(id, "/cancellation", NOTHING), 200);
    assert_int_equal(kiosk_status(id, "/cancellation", NOTHING), 200);
    assert_true(kiosk_is_logged("kiosk_order.cancelled", "paid"));
    registry.municipality = "13101";
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 409);
    assert_int_equal(
        kiosk_status(id, "/card", "{\"certificate\":\"hanako\",\"signature\":\"AAAA\"}"), 409);
    kiosk_begin(id);
    assert_int_equal(kiosk_status(id, "/choice", CHOICE), 200);
    assert_int_equal(kiosk_status(id, "/payment", PAID(PAYMENT)), 409); /* that money went back */
}

static void paper_of_a_cancelled_order_is_void(void **state)
{
    char id[32];

    (void)state;
    kiosk_pay(id);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 200);
    assert_int_equal(kiosk_status(id, "/cancellation", NOTHING), 200);
    assert_int_equal(kiosk_status(id, "/printed", NOTHING), 409);
    CLEANUP(portal_answer_done) struct portal_answer order = kiosk_step(key, id, "", NULL);
    CLEANUP(portal_answer_done) struct portal_answer issued = check_number(&order);
    assert_true(portal_has(&issued, "\"is_void\":true"));
}

static void a_document_is_not_made_long_after_the_payment(void **state)
{
    char id[32];

    (void)state;
    kiosk_pay(id);
    portal_site_at(&site, KIOSK_OPENS + KIOSK_FINISH_SECONDS + 1);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 409);
    assert_int_equal(kiosk_status(id, "/cancellation", NOTHING), 200);
}

/* ---- accounts ---- */

static struct portal_answer statement(const char *municipality, const char *query)
{
    const struct municipality_key_inputs clerk = {municipality, "窓口", "clerk"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char bearer[MUNICIPALITY_KEY_SIZE], line[96];

    assert_int_equal(municipality_key_add(kiosk_db(), &clerk, &by, bearer, NULL), 0);
    (void)snprintf(line, sizeof line, "GET /v1/municipality/certificates-issued%s", query);
    return kiosk_ask_as(bearer, line, NULL);
}

static void a_municipality_sees_its_fees_by_month(void **state)
{
    char id[32];

    (void)state;
    kiosk_pay(id);
    assert_int_equal(kiosk_status(id, "/document", NOTHING), 200);
    assert_int_equal(kiosk_status(id, "/printed", NOTHING), 200);
    CLEANUP(portal_answer_done) struct portal_answer own = statement("13101", "?month=2026-09");
    assert_true(portal_has(&own, "{\"kind\":\"resident\",\"count\":1,\"fees\":200}"));
    CLEANUP(portal_answer_done) struct portal_answer later = statement("13101", "?month=2026-10");
    assert_true(portal_has(&later, "\"certificates\":[]"));
    CLEANUP(portal_answer_done) struct portal_answer others = statement("27100", "?month=2026-09");
    assert_true(portal_has(&others, "\"certificates\":[]"));
    CLEANUP(portal_answer_done) struct portal_answer bad = statement("27100", "?month=2026-13");
    assert_int_equal(bad.status, 400);
    assert_int_equal(
        portal_status(&site, NULL, "GET /v1/municipality/certificates-issued?month=2026-09", NULL),
        403);
}

/* ---- limits, the register's answers ---- */

/* The form that the document gives for the issuers of an order. */
static const char *pattern_of_issuers(void)
{
    const struct route *route = portal_kiosk_routes;
    const struct http_member *member;

    while (strcmp(route->path, "/v1/kiosk/orders") != 0)
        route++;
    for (member = route->answers[0].members; strcmp(member->name, "issuers") != 0;)
        member++;
    return member->form->pattern;
}

static void issuers_are_as_the_document_says(void **state)
{
    static const struct portal_issuer issuer = {.value = {0xab, 0xcd}};
    const struct json *issuers;
    regex_t form;

    (void)state;
    site.portal.issuers.key_ids = &issuer;
    site.portal.issuers.count = 1;
    CLEANUP(portal_answer_done)
    struct portal_answer opened = kiosk_ask_as(key, "POST /v1/kiosk/orders", NOTHING);
    assert_int_equal(json_get_array(opened.json, "issuers", &issuers, NULL), 0);
    assert_int_equal(json_count(issuers), 1);
    assert_int_equal(regcomp(&form, pattern_of_issuers(), REG_EXTENDED | REG_NOSUB), 0);
    assert_int_equal(regexec(&form, json_text(json_at(issuers, 0)), 0, NULL, 0), 0);
    regfree(&form);
}

static void terminals_and_orders_have_limits(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char name[KIOSK_NAME_MAX + 2] = "";
    char id[32], card[256], ret[KIOSK_KEY_SIZE];

    (void)state;
    assert_int_equal(kiosk_terminal_add(kiosk_db(), "KIOSK-1", "n", &by, ret, NULL), -ERR_CONFLICT);
    assert_int_equal(kiosk_terminal_add(kiosk_db(), "kiosk", "n", &by, ret, NULL), -ERR_INPUT);
    assert_int_equal(kiosk_terminal_add(kiosk_db(), "KIOSK-KIOSK-KIOSK", "n", &by, ret, NULL),
                     -ERR_INPUT);
    memset(name, 'n', KIOSK_NAME_MAX + 1);
    assert_int_equal(kiosk_terminal_add(kiosk_db(), "KIOSK-3", name, &by, ret, NULL), -ERR_INPUT);
    name[KIOSK_NAME_MAX] = '\0';
    assert_int_equal(kiosk_terminal_add(kiosk_db(), "KIOSK-3", name, &by, ret, NULL), 0);
    for (int i = 0; i < KIOSK_OPEN_MAX; i++)
        kiosk_open_order(key, "hanako", id, card);
    CLEANUP(portal_answer_done)
    struct portal_answer more = kiosk_ask_as(key, "POST /v1/kiosk/orders", NOTHING);
    assert_int_equal(more.status, 409);
    portal_site_at(&site, KIOSK_OPENS + KIOSK_ORDER_SECONDS + 1); /* nobody came for them */
    kiosk_open_order(key, "hanako", id, card);
}

static void so_many_terminals_there_may_be(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char ret[KIOSK_KEY_SIZE];

    (void)state;
    assert_int_equal(db_begin(kiosk_db(), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn,
                                "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n"
                                " WHERE i < ?) INSERT INTO kiosk_terminal SELECT 'N' || i, 'n',"
                                " randomblob(32), 5, 0 FROM n",
                                DB_WITH(DB_INT(KIOSK_TERMINALS_MAX - 1)), NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    assert_int_equal(kiosk_terminal_add(kiosk_db(), "LAST", "n", &by, ret, NULL), 0);
    assert_int_equal(kiosk_terminal_add(kiosk_db(), "PAST", "n", &by, ret, NULL), -ERR_CONFLICT);
}

static void answers_of_the_register_have_a_form(void **state)
{
    static const char *const bad[] = {
        "{}", "{\"municipality\":1}", "{\"municipality\":\"131010\"}",
        "{\"municipality\":\"13101\",\"name\":\"n\",\"address\":\"a\",\"sex\":\"female\"}",
        ("{\"municipality\":\"13101\",\"name\":\"n\",\"address\":\"a\",\"sex\":\"female\","
         "\"birth_date\":\"1990-02-30\"}")};
    static const char good[] =
        "{\"municipality\":\"13101\",\"name\":\"n\",\"address\":\"a\",\"sex\":\"female\","
        "\"birth_date\":\"1990-04-15\"}";
    struct extract extract = {.municipality = ""};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CLEANUP(json_freep) struct json *json = NULL;

        assert_int_equal(json_parse(bytes_text(bad[i]), &json, NULL), 0);
        assert_int_equal(extract_read(json, true, &extract, NULL), -ERR_INPUT);
    }
    CLEANUP(json_freep) struct json *json = NULL;
    assert_int_equal(json_parse(bytes_text(good), &json, NULL), 0);
    assert_int_equal(extract_read(json, true, &extract, NULL), 0);
    assert_int_equal(extract.birth.day, 15);
    assert_string_equal(extract.kana, "");
    assert_int_equal(extract_read(NULL, true, &extract, NULL), -ERR_INPUT);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, kiosk_site_set_up, kiosk_site_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_order_is_one_kiosks_alone),
        CASE(a_card_that_does_not_count_gets_nothing),
        CASE(an_order_waits_a_minute_for_its_card),
        CASE(a_municipality_gives_what_the_table_says),
        CASE(certificates_have_hours),
        CASE(the_fee_is_paid_once_and_exactly),
        CASE(of_two_calls_of_a_step_neither_is_refused),
        CASE(an_order_waits_ten_minutes_for_its_money),
        CASE(a_document_has_what_the_register_has),
        CASE(items_are_fewer_than_a_copy),
        CASE(one_payment_is_good_for_one_document),
        CASE(what_is_printed_is_forgotten_but_for_its_hash),
        CASE(the_person_sees_it_in_the_log),
        CASE(what_fails_after_the_payment_ends_in_a_refund),
        CASE(paper_of_a_cancelled_order_is_void),
        CASE(a_document_is_not_made_long_after_the_payment),
        CASE(a_municipality_sees_its_fees_by_month),
        CASE(issuers_are_as_the_document_says),
        CASE(terminals_and_orders_have_limits),
        CASE(so_many_terminals_there_may_be),
        CASE(answers_of_the_register_have_a_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
