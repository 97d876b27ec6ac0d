/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kiosks print certificates: each its own orders, for a card that counts, of the person's own
 * municipality, at its hours, once for each payment. Platform and register say what a test wants.
 */
#include "base/base64.h"
#include "base/hex.h"
#include "portal/account/codes.h"
#include "portal/eligibility/judge.h"
#include "portal/kiosk/extract.h"
#include "portal/kiosk/order.h"
#include "portal/municipality/key.h"
#include "support/extract.h"
#include "support/portal_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* After PORTAL_SITE_NOW, which is 23:13:20 in Japan: half past six, and eleven in the evening. */
enum { OPENS = 26200, CLOSES = 85600 };

#define PAYMENT "payment-0123456789"

static struct portal_site site;
static char key[KIOSK_KEY_SIZE], other[KIOSK_KEY_SIZE];

/* ---- platform and register ---- */

static struct {
    const char *municipality;
    enum err_kind fails;
} registry;

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err);
int __wrap_eligibility_judge(const struct portal *portal, struct shown_card *card, struct buf *ret,
                             struct err *err);
int __wrap_extract_ask(const struct portal *portal, const char *reference, bool is_whole,
                       struct extract *ret, struct err *err);

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err)
{
    (void)portal;
    (void)err;
    assert_int_equal(count, 1);
    assert_string_equal(bodies[0], "PORTAL");
    assert_string_equal(person_reference, "hanako");
    memset(ret[0], 1, PORTAL_CODE_SIZE);
    return 0;
}

static void base64_of(const struct bound *bound, char ret[64])
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest digest;

    assert_int_equal(bound_digest(bound, &digest, NULL), 0);
    assert_int_equal(base64_append(&text, BASE64_PADDED, digest_bytes(&digest), NULL), 0);
    (void)snprintf(ret, 64, "%.*s", (int)text.len, (const char *)text.ptr);
}

/* Certificates are their holders' names; a signature is the digest of what was signed. */
int __wrap_eligibility_judge(const struct portal *portal, struct shown_card *card, struct buf *ret,
                             struct err *err)
{
    char expected[64];

    (void)portal;
    base64_of(card->bound, expected);
    if (strcmp(card->certificate, "revoked") == 0 || strcmp(card->signature, expected) != 0) {
        (void)snprintf(card->why, sizeof card->why, "%s",
                       strcmp(card->certificate, "revoked") == 0 ? "revoked" : "signature-broken");
        return FAIL(err, ERR_UNTRUSTED, "the card does not count");
    }
    return buf_append_text(ret, card->certificate, err);
}

int __wrap_extract_ask(const struct portal *portal, const char *reference, bool is_whole,
                       struct extract *ret, struct err *err)
{
    (void)portal;
    assert_string_equal(reference, "hanako");
    if (registry.fails != ERR_NONE)
        return FAIL(err, registry.fails, "the register is as the test wants it");
    *ret = (struct extract){.municipality = ""};
    (void)snprintf(ret->municipality, sizeof ret->municipality, "%s", registry.municipality);
    if (!is_whole)
        return 0;
    (void)snprintf(ret->name, sizeof ret->name, "番号花子");
    (void)snprintf(ret->kana, sizeof ret->kana, "バンゴウハナコ");
    (void)snprintf(ret->address, sizeof ret->address, "東京都千代田区見本町一丁目２番３号");
    (void)snprintf(ret->sex, sizeof ret->sex, "female");
    ret->birth = (struct caldate){1990, 4, 15};
    return 0;
}

/* ---- a site with two kiosks ---- */

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static void add_terminal(const char *id, char ret[KIOSK_KEY_SIZE])
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    assert_int_equal(kiosk_terminal_add(db(), id, "見本商店の端末", &by, ret, NULL), 0);
}

static int set_up(void **state)
{
    static const struct municipality places[] = {{"13101", "東京都", "千代田区"},
                                                 {"27100", "大阪府", "大阪市"},
                                                 {"14130", "神奈川県", "川崎市"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    (void)state;
    portal_site_make(&site);
    portal_site_at(&site, OPENS);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(municipality_add(db(), &places[i], &by, NULL), 0);
    add_terminal("KIOSK-1", key);
    add_terminal("KIOSK-2", other);
    registry.municipality = "13101";
    registry.fails = ERR_NONE;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

/* ---- asking ---- */

#define NOTHING "{}"

static struct portal_answer ask_as(const char *bearer, const char *line, const char *body)
{
    char field[96];

    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", bearer);
    return portal_ask_with(&site, NULL, line, field, "application/json", body);
}

static struct portal_answer step(const char *bearer, const char *id, const char *what,
                                 const char *body)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s /v1/kiosk/orders/%s%s", body == NULL ? "GET" : "POST", id,
                   what);
    return ask_as(bearer, line, body);
}

static unsigned status(const char *id, const char *what, const char *body)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = step(key, id, what, body);

    return answer.status;
}

/* What the card signs, as the terminal builds it. */
static void sign(const struct portal_answer *opened, char ret[64])
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;
    const struct json *provider;
    struct bound bound = {.origin = NULL};

    assert_int_equal(json_get_object(opened->json, "provider", &provider, NULL), 0);
    assert_int_equal(json_get_text(provider, "origin", &bound.origin, NULL), 0);
    assert_int_equal(json_get_text(provider, "client_id", &bound.client_id, NULL), 0);
    assert_int_equal(json_get_text(opened->json, "session", &bound.session, NULL), 0);
    assert_int_equal(json_get_int(opened->json, "expires_at", &bound.expires_at, NULL), 0);
    assert_int_equal(json_get_base64(opened->json, "nonce", &nonce, NULL), 0);
    bound.nonce = buf_bytes(&nonce);
    base64_of(&bound, ret);
}

/* A new order; ret_card is the body that shows a card for it. */
static void open_order(const char *bearer, const char *certificate, char ret_id[32],
                       char ret_card[256])
{
    CLEANUP(portal_answer_done)
    struct portal_answer opened = ask_as(bearer, "POST /v1/kiosk/orders", NOTHING);
    char signature[64];

    assert_int_equal(opened.status, 201);
    (void)snprintf(ret_id, 32, "%s", portal_text(&opened, "session"));
    sign(&opened, signature);
    (void)snprintf(ret_card, 256, "{\"certificate\":\"%s\",\"signature\":\"%s\"}", certificate,
                   signature);
}

/* With a card that was shown. */
static void begin(char ret_id[32])
{
    char card[256];

    open_order(key, "hanako", ret_id, card);
    assert_int_equal(status(ret_id, "/card", card), 200);
}

#define CHOICE        "{\"kind\":\"resident\"}"
#define PAID(payment) "{\"payment\":\"" payment "\",\"amount\":200}"

static void pay(char ret_id[32])
{
    begin(ret_id);
    assert_int_equal(status(ret_id, "/choice", CHOICE), 200);
    assert_int_equal(status(ret_id, "/payment", PAID(PAYMENT)), 200);
}

/* Made, if it was not, and fetched. */
static struct portal_answer take_document(const char *id)
{
    assert_int_equal(status(id, "/document", NOTHING), 200);
    return step(key, id, "/document", NULL);
}

static bool is_logged(const char *act, const char *outcome)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    assert_int_equal(db_begin_read(db(), &txn, NULL), 0);
    return db_query_one(&txn, "SELECT 1 FROM audit WHERE act = ? AND outcome = ?",
                        DB_WITH(DB_TEXT(act), DB_TEXT(outcome)), &rows, NULL) == 0;
}

/* ---- whose orders ---- */

static void an_order_is_one_kiosks_alone(void **state)
{
    static const char *const steps[] = {"",          "/card",    "/choice",      "/payment",
                                        "/document", "/printed", "/cancellation"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char id[32], card[256], renewed[KIOSK_KEY_SIZE];

    (void)state;
    open_order(key, "hanako", id, card);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const char *bodies[] = {NULL, card, CHOICE, PAID(PAYMENT), NOTHING, NOTHING, NOTHING};
        CLEANUP(portal_answer_done)
        struct portal_answer theirs = step(other, id, steps[i], bodies[i]);
        CLEANUP(portal_answer_done)
        struct portal_answer nobodys = step("nobody", id, steps[i], bodies[i]);

        assert_int_equal(theirs.status, 404);
        assert_int_equal(nobodys.status, 403);
    }
    assert_int_equal(kiosk_terminal_renew(db(), "KIOSK-1", &by, renewed, NULL), 0);
    assert_int_equal(status(id, "", NULL), 403);
    memcpy(key, renewed, sizeof key);
    assert_int_equal(status(id, "", NULL), 200);
    assert_int_equal(kiosk_terminal_revoke(db(), "KIOSK-1", &by, NULL), 0);
    assert_int_equal(status(id, "", NULL), 403);
    assert_int_equal(kiosk_terminal_renew(db(), "KIOSK-1", &by, renewed, NULL), -ERR_ABSENT);
    assert_int_equal(kiosk_terminal_revoke(db(), "KIOSK-1", &by, NULL), -ERR_ABSENT);
}

static void a_card_that_does_not_count_gets_nothing(void **state)
{
    char id[32], card[256], another[32], stolen[256];

    (void)state;
    open_order(key, "revoked", id, card);
    assert_int_equal(status(id, "/card", card), 422);
    assert_true(is_logged("kiosk_order.refused", "revoked"));
    assert_int_equal(status(id, "/choice", CHOICE), 404); /* of no municipality */
    open_order(key, "hanako", id, card);
    open_order(other, "hanako", another, stolen);
    assert_int_equal(status(id, "/card", stolen), 422); /* signed for another kiosk's order */
    assert_int_equal(status(id, "/card", card), 200);
    assert_int_equal(status(id, "/card", card), 409); /* replayed */
}

static void an_order_waits_a_minute_for_its_card(void **state)
{
    char id[32], card[256];

    (void)state;
    open_order(key, "hanako", id, card);
    portal_site_at(&site, OPENS + KIOSK_CARD_SECONDS + 1);
    assert_int_equal(status(id, "/card", card), 404);
    open_order(key, "hanako", id, card);
    portal_site_at(&site, OPENS + KIOSK_CARD_SECONDS + 1 + KIOSK_CARD_SECONDS);
    assert_int_equal(status(id, "/card", card), 200);
}

/* ---- what is given ---- */

static void a_municipality_gives_what_the_table_says(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer told = {.status = 0};
    char id[32];

    (void)state;
    begin(id);
    told = step(key, id, "", NULL);
    assert_true(portal_has(&told, "\"kind\":\"resident\",\"name\":\"住民票の写し（本人）\""));
    assert_true(portal_has(&told, "\"kind\":\"resident-items\""));
    registry.municipality = "14130"; /* in no row */
    begin(id);
    portal_answer_done(&told);
    told = step(key, id, "", NULL);
    assert_true(portal_has(&told, "\"certificates\":[]"));
    assert_int_equal(status(id, "/choice", CHOICE), 404);
}

static void certificates_have_hours(void **state)
{
    static const struct {
        int64_t after;
        unsigned status;
    } rows[] = {{OPENS - 1, 409}, {OPENS, 200}, {CLOSES - 1, 200}, {CLOSES, 409}};
    static const struct {
        int64_t after;
        unsigned status;
    } days[] = {{97, 200}, {98, 409}, {103, 409}, {104, 200}}; /* 28 December to 4 January */
    char id[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        portal_site_at(&site, rows[i].after);
        begin(id);
        assert_int_equal(status(id, "/choice", CHOICE), rows[i].status);
    }
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        portal_site_at(&site, OPENS + days[i].after * 86400);
        begin(id);
        assert_int_equal(status(id, "/choice", CHOICE), days[i].status);
    }
}

/* ---- money ---- */

/* With a payment that is called by so many letters. */
static unsigned pay_by(const char *id, int letters)
{
    char body[128];

    (void)snprintf(body, sizeof body, "{\"payment\":\"%.*s\",\"amount\":200}", letters,
                   "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    return status(id, "/payment", body);
}

static void the_fee_is_paid_once_and_exactly(void **state)
{
    char id[32], second[32];

    (void)state;
    begin(id);
    assert_int_equal(status(id, "/payment", PAID(PAYMENT)), 409); /* nothing was chosen */
    assert_int_equal(status(id, "/choice", CHOICE), 200);
    assert_int_equal(status(id, "/payment", "{\"payment\":\"" PAYMENT "\",\"amount\":199}"), 400);
    assert_int_equal(pay_by(id, KIOSK_PAYMENT_MIN - 1), 400);
    assert_int_equal(pay_by(id, KIOSK_PAYMENT_MAX + 1), 400);
    assert_int_equal(status(id, "/payment", PAID("payment 0123456789")), 400);
    assert_int_equal(status(id, "/payment", PAID(PAYMENT)), 200);
    assert_int_equal(status(id, "/payment", PAID(PAYMENT)), 200); /* the answer was lost */
    assert_int_equal(status(id, "/payment", PAID("payment-9876543210")), 409);
    assert_int_equal(status(id, "/choice", CHOICE), 409); /* for what was paid */
    assert_true(is_logged("kiosk_order.paid", "resident"));
    for (int letters = KIOSK_PAYMENT_MIN; letters <= KIOSK_PAYMENT_MAX;
         letters += KIOSK_PAYMENT_MAX - KIOSK_PAYMENT_MIN) {
        begin(second);
        assert_int_equal(status(second, "/choice", CHOICE), 200);
        assert_int_equal(pay_by(second, letters), 200);
    }
    begin(second);
    assert_int_equal(status(second, "/choice", CHOICE), 200);
    assert_int_equal(status(second, "/payment", PAID(PAYMENT)), 409); /* another order's */
    assert_int_equal(status(second, "/document", NOTHING), 409);
}

static void an_order_waits_ten_minutes_for_its_money(void **state)
{
    char id[32], second[32];

    (void)state;
    begin(id);
    begin(second);
    assert_int_equal(status(id, "/choice", CHOICE), 200);
    assert_int_equal(status(second, "/choice", CHOICE), 200);
    portal_site_at(&site, OPENS + KIOSK_ORDER_SECONDS);
    assert_int_equal(status(second, "/payment", PAID(PAYMENT)), 200);
    portal_site_at(&site, OPENS + KIOSK_ORDER_SECONDS + 1);
    assert_int_equal(status(id, "/choice", CHOICE), 404);
    assert_int_equal(status(id, "/payment", PAID("payment-9876543210")), 404);
    portal_site_at(&site, OPENS + KIOSK_FINISH_SECONDS);
    assert_int_equal(status(second, "/document", NOTHING), 200);
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
    pay(id);
    CLEANUP(portal_answer_done) struct portal_answer document = take_document(id);
    assert_int_equal(document.status, 200);
    CLEANUP(portal_answer_done) struct portal_answer order = step(key, id, "", NULL);
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
    begin(id);
    assert_int_equal(status(id, "/choice", "{\"kind\":\"resident-items\"}"), 200);
    assert_int_equal(status(id, "/payment", "{\"payment\":\"" PAYMENT "\",\"amount\":250}"), 200);
    CLEANUP(portal_answer_done) struct portal_answer document = take_document(id);
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
    begin(id);
    assert_int_equal(status(id, "/document", NOTHING), 409); /* nothing was paid */
    assert_int_equal(status(id, "/document", NULL), 404);
    assert_int_equal(status(id, "/printed", NOTHING), 409);
    pay(id);
    CLEANUP(portal_answer_done) struct portal_answer first = take_document(id);
    portal_site_at(&site, OPENS + 100);
    CLEANUP(portal_answer_done) struct portal_answer second = take_document(id);
    hash_of(&first, hash);
    hash_of(&second, again);
    assert_string_equal(hash, again);
    assert_int_equal(status(id, "/printed", NOTHING), 200);
    assert_int_equal(status(id, "/printed", NOTHING), 200);
    assert_int_equal(status(id, "/document", NOTHING), 409);
    assert_int_equal(status(id, "/document", NULL), 404);
    assert_int_equal(status(id, "/payment", PAID(PAYMENT)), 200); /* it is paid, still */
    assert_int_equal(status(id, "/document", NOTHING), 409);
    assert_int_equal(status(id, "/cancellation", NOTHING), 409); /* the money stays */
    CLEANUP(portal_answer_done) struct portal_answer order = step(key, id, "", NULL);
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
    pay(id);
    assert_int_equal(status(id, "/document", NOTHING), 200);
    assert_int_equal(status(id, "/printed", NOTHING), 200);
    assert_int_equal(db_begin_read(db(), &txn, NULL), 0);
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
    pay(id);
    assert_int_equal(status(id, "/document", NOTHING), 200);
    assert_int_equal(status(id, "/document", NOTHING), 200);
    assert_int_equal(db_begin_read(db(), &txn, NULL), 0);
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
    pay(id);
    registry.fails = ERR_REMOTE;
    assert_int_equal(status(id, "/document", NOTHING), 503);
    registry.fails = ERR_CONFLICT; /* the card was lost in between */
    assert_int_equal(status(id, "/document", NOTHING), 409);
    registry.fails = ERR_NONE;
    registry.municipality = "27100"; /* or its holder has moved */
    assert_int_equal(status(id, "/document", NOTHING), 409);
    assert_int_equal(status(id, "/cancellation", NOTHING), 200);
    assert_int_equal(status(id, "/cancellation", NOTHING), 200);
    assert_true(is_logged("kiosk_order.cancelled", "paid"));
    registry.municipality = "13101";
    assert_int_equal(status(id, "/document", NOTHING), 409);
    assert_int_equal(status(id, "/card", "{\"certificate\":\"hanako\",\"signature\":\"AAAA\"}"),
                     409);
    begin(id);
    assert_int_equal(status(id, "/choice", CHOICE), 200);
    assert_int_equal(status(id, "/payment", PAID(PAYMENT)), 409); /* that money went back */
}

static void paper_of_a_cancelled_order_is_void(void **state)
{
    char id[32];

    (void)state;
    pay(id);
    assert_int_equal(status(id, "/document", NOTHING), 200);
    assert_int_equal(status(id, "/cancellation", NOTHING), 200);
    assert_int_equal(status(id, "/printed", NOTHING), 409);
    CLEANUP(portal_answer_done) struct portal_answer order = step(key, id, "", NULL);
    CLEANUP(portal_answer_done) struct portal_answer issued = check_number(&order);
    assert_true(portal_has(&issued, "\"is_void\":true"));
}

static void a_document_is_not_made_long_after_the_payment(void **state)
{
    char id[32];

    (void)state;
    pay(id);
    portal_site_at(&site, OPENS + KIOSK_FINISH_SECONDS + 1);
    assert_int_equal(status(id, "/document", NOTHING), 409);
    assert_int_equal(status(id, "/cancellation", NOTHING), 200);
}

/* ---- accounts ---- */

static struct portal_answer statement(const char *municipality, const char *query)
{
    const struct municipality_key_inputs clerk = {municipality, "窓口", "clerk"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char bearer[MUNICIPALITY_KEY_SIZE], line[96];

    assert_int_equal(municipality_key_add(db(), &clerk, &by, bearer, NULL), 0);
    (void)snprintf(line, sizeof line, "GET /v1/municipality/certificates-issued%s", query);
    return ask_as(bearer, line, NULL);
}

static void a_municipality_sees_its_fees_by_month(void **state)
{
    char id[32];

    (void)state;
    pay(id);
    assert_int_equal(status(id, "/document", NOTHING), 200);
    assert_int_equal(status(id, "/printed", NOTHING), 200);
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

static void terminals_and_orders_have_limits(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char name[KIOSK_NAME_MAX + 2] = "";
    char id[32], card[256], ret[KIOSK_KEY_SIZE];

    (void)state;
    assert_int_equal(kiosk_terminal_add(db(), "KIOSK-1", "n", &by, ret, NULL), -ERR_CONFLICT);
    assert_int_equal(kiosk_terminal_add(db(), "kiosk", "n", &by, ret, NULL), -ERR_INPUT);
    assert_int_equal(kiosk_terminal_add(db(), "KIOSK-KIOSK-KIOSK", "n", &by, ret, NULL),
                     -ERR_INPUT);
    memset(name, 'n', KIOSK_NAME_MAX + 1);
    assert_int_equal(kiosk_terminal_add(db(), "KIOSK-3", name, &by, ret, NULL), -ERR_INPUT);
    name[KIOSK_NAME_MAX] = '\0';
    assert_int_equal(kiosk_terminal_add(db(), "KIOSK-3", name, &by, ret, NULL), 0);
    for (int i = 0; i < KIOSK_OPEN_MAX; i++)
        open_order(key, "hanako", id, card);
    CLEANUP(portal_answer_done)
    struct portal_answer more = ask_as(key, "POST /v1/kiosk/orders", NOTHING);
    assert_int_equal(more.status, 409);
    portal_site_at(&site, OPENS + KIOSK_ORDER_SECONDS + 1); /* nobody came for them */
    open_order(key, "hanako", id, card);
}

static void so_many_terminals_there_may_be(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char ret[KIOSK_KEY_SIZE];

    (void)state;
    assert_int_equal(db_begin(db(), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn,
                                "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n"
                                " WHERE i < ?) INSERT INTO kiosk_terminal SELECT 'N' || i, 'n',"
                                " randomblob(32), 5, 0 FROM n",
                                DB_WITH(DB_INT(KIOSK_TERMINALS_MAX - 1)), NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    assert_int_equal(kiosk_terminal_add(db(), "LAST", "n", &by, ret, NULL), 0);
    assert_int_equal(kiosk_terminal_add(db(), "PAST", "n", &by, ret, NULL), -ERR_CONFLICT);
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
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_order_is_one_kiosks_alone),
        CASE(a_card_that_does_not_count_gets_nothing),
        CASE(an_order_waits_a_minute_for_its_card),
        CASE(a_municipality_gives_what_the_table_says),
        CASE(certificates_have_hours),
        CASE(the_fee_is_paid_once_and_exactly),
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
        CASE(terminals_and_orders_have_limits),
        CASE(so_many_terminals_there_may_be),
        CASE(answers_of_the_register_have_a_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
