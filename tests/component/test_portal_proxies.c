/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applications that a proxy makes: they say so to the applicant, to the municipality and in the
 * document, and what the proxy's certificate says is never taken for the applicant's. Takes the
 * place of the platform, which is asked in test_portal_applications.c.
 */
#include "support/portal_site.h"

#include "base/base64.h"
#include "exchange/exchange.h"
#include "portal/application/judge.h"
#include "portal/application/proxy.h"
#include "portal/mandate/mandate.h"
#include "portal/municipality/key.h"
#include "portal/outage/outage.h"
#include "support/extract.h"
#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;
static struct test_pki pki;
static struct portal_browser hanako, taro, stranger;
static char hanako_id[PORTAL_ID_SIZE], taro_id[PORTAL_ID_SIZE];
static char clerk[MUNICIPALITY_KEY_SIZE], psid[PSID_SIZE], mandate[PORTAL_ID_SIZE];
static bool ends_meanwhile; /* the mandate, while the platform is asked */

static const char form[] =
    "{\"needs_signature\":true,\"fields\":[{\"name\":\"name\",\"label\":\"氏名\",\"type\":\"text\","
    "\"is_required\":true,\"prefill\":\"name\"}]}";

#define NAMED "{\"answers\":[{\"field\":\"name\",\"value\":\"番号　花子\"}]}"

int __wrap_application_judge(const struct portal *portal, const struct xml_signed *document,
                             const struct applicant *applicant, struct json **ret_applicant,
                             struct err *err);

/* Whoever signs here is Taro. */
int __wrap_application_judge(const struct portal *portal, const struct xml_signed *document,
                             const struct applicant *applicant, struct json **ret_applicant,
                             struct err *err)
{
    static const char said[] = "{\"name\":\"見本　太郎\",\"address\":\"大阪府堺市\","
                               "\"birth_date\":\"1960-01-02\",\"sex\":\"male\"}";

    static const struct mandate_ender city = {.municipality = "13101"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

    (void)document;
    (void)applicant;
    if (ends_meanwhile)
        assert_int_equal(mandate_end(portal->store, mandate, &city, &by, NULL), 0);
    return json_parse(bytes_text(said), ret_applicant, err);
}

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

/* By law, Taro acts for Hanako. */
static void make_mandate(enum mandate_kind kind)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct mandate_draft draft = {.kind = kind,
                                        .scopes = MANDATE_PROCEDURES,
                                        .mandator = hanako_id,
                                        .proxy = taro_id,
                                        .mandator_name = "花子",
                                        .proxy_name = "太郎",
                                        .municipality = kind == MANDATE_GIVEN ? NULL : "13101",
                                        .ends_at = PORTAL_SITE_NOW + 1000};
    char code[MANDATE_CODE_SIZE];

    assert_int_equal(mandate_make(site.portal.store, &draft, &by, mandate, code, NULL), 0);
}

static int set_up(void **state)
{
    const struct municipality_key_inputs inputs = {"13101", "n", "clerk"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct session session;

    (void)state;
    ends_meanwhile = false;
    portal_site_make(&site);
    portal_site_offer(&site, form, psid);
    assert_int_equal(municipality_key_add(db(), &inputs, &by, clerk, NULL), 0);
    session = portal_site_open(&site, &hanako, "hanako", 1);
    memcpy(hanako_id, session.account.id, sizeof hanako_id);
    session = portal_site_open(&site, &taro, "taro", 2);
    memcpy(taro_id, session.account.id, sizeof taro_id);
    (void)portal_site_open(&site, &stranger, "stranger", 3);
    make_mandate(MANDATE_GUARDIAN);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

static int make_pki(void **state)
{
    (void)state;
    test_pki_make_some(&pki, 1U << PROFILE_SIGN_CA | 1U << PROFILE_SIGN);
    return 0;
}

static int drop_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

/* ---- asking ---- */

/* By a browser, for itself or for Hanako; NULL: by the municipality. */
static struct portal_answer ask(struct portal_browser *browser, bool acts, const char *line,
                                const char *body)
{
    char field[128] = "";

    if (browser == NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", clerk);
    else if (acts)
        (void)snprintf(field, sizeof field, PORTAL_ACTING_FIELD ": %s\r\n", mandate);
    return portal_ask_with(&site, browser, line, field, body == NULL ? NULL : "application/json",
                           body);
}

static unsigned status(struct portal_browser *browser, bool acts, const char *line,
                       const char *body)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = ask(browser, acts, line, body);

    return answer.status;
}

static const char *path(const char *method, const char *id, const char *rest)
{
    static char line[128];

    (void)snprintf(line, sizeof line, "%s /v1/applications/%s%s", method, id, rest);
    return line;
}

static const char *received(const char *receipt, const char *rest)
{
    static char line[128];

    (void)snprintf(line, sizeof line, "GET /v1/municipality/applications/%s%s", receipt, rest);
    return line;
}

static void begin(struct portal_browser *browser, bool acts, char ret_id[32])
{
    char body[64];

    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", psid);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(browser, acts, "POST /v1/applications", body);
    assert_int_equal(answer.status, 201);
    (void)snprintf(ret_id, 32, "%s", portal_text(&answer, "id"));
}

/* What a card makes of it: the body of a submission. */
static void sign(struct portal_browser *browser, bool acts, const char *id, struct buf *ret)
{
    CLEANUP(portal_answer_done)
    struct portal_answer prepared = ask(browser, acts, path("POST", id, "/preparation"), "{}");
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest = {.alg = DIGEST_SHA256, .len = 32};

    assert_int_equal(prepared.status, 200);
    assert_int_equal(json_get_base64(prepared.json, "digest", &value, NULL), 0);
    assert_int_equal(value.len, 32);
    memcpy(digest.value, value.ptr, 32);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    assert_int_equal(buf_append_text(ret, "{\"certificate\":\"", NULL), 0);
    assert_int_equal(
        base64_append(ret, BASE64_PADDED, x509_cert_der(pki.certs[PROFILE_SIGN]), NULL), 0);
    assert_int_equal(buf_append_text(ret, "\",\"signature\":\"", NULL), 0);
    assert_int_equal(base64_append(ret, BASE64_PADDED, buf_bytes(&signature), NULL), 0);
    assert_int_equal(buf_append_text(ret, "\"}", NULL), 0);
}

static unsigned submit(struct portal_browser *browser, bool acts, const char *id, struct buf *body,
                       char ret_receipt[32])
{
    const char *text;

    assert_int_equal(buf_text(body, &text, NULL), 0);
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(browser, acts, path("POST", id, "/submission"), text);
    if (answer.status == 200)
        (void)snprintf(ret_receipt, 32, "%s", portal_text(&answer, "receipt"));
    return answer.status;
}

/* Answered, signed and submitted by the proxy. */
static void apply(char ret_id[32], char ret_receipt[32])
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    begin(&taro, true, ret_id);
    assert_int_equal(status(&taro, true, path("PUT", ret_id, "/answers"), NAMED), 200);
    sign(&taro, true, ret_id, &body);
    assert_int_equal(submit(&taro, true, ret_id, &body, ret_receipt), 200);
}

static bool has_proxy(const struct portal_answer *answer, const char *kind)
{
    char wanted[128];

    (void)snprintf(wanted, sizeof wanted, "\"proxy\":{\"mandate\":\"%s\",\"kind\":\"%s\"}", mandate,
                   kind);
    return portal_has(answer, wanted);
}

static int64_t number(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t ret;

    assert_int_equal(db_begin_read(db(), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, NULL, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &ret, NULL), 0);
    return ret;
}

/* ---- refusals ---- */

static void without_his_mandate_nobody_begins_for_another(void **state)
{
    char body[64], id[32];

    (void)state;
    (void)snprintf(body, sizeof body, "{\"psid\":\"%s\"}", psid);
    assert_int_equal(status(&stranger, true, "POST /v1/applications", body), 403);
    assert_int_equal(status(&hanako, true, "POST /v1/applications", body), 403);
    portal_site_at(&site, 1000); /* it is over */
    assert_int_equal(status(&taro, true, "POST /v1/applications", body), 403);
    portal_site_at(&site, 0);
    assert_int_equal(number("SELECT count(*) FROM application"), 0);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'mandate.used'"), 0);
    begin(&taro, true, id);
    assert_int_equal(status(&taro, false, path("GET", id, ""), NULL), 404); /* it is not his */
    assert_int_equal(status(&stranger, true, path("GET", id, "/receipt"), NULL), 403);
}

/* What the certificate of who signs would say of the applicant himself. */
/* Nothing is submitted by a mandate that is over. */
static void a_mandate_that_ends_meanwhile_submits_nothing(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[32], receipt[32];

    (void)state;
    begin(&taro, true, id);
    assert_int_equal(status(&taro, true, path("PUT", id, "/answers"), NAMED), 200);
    sign(&taro, true, id, &body);
    ends_meanwhile = true;
    assert_int_equal(submit(&taro, true, id, &body, receipt), 403);
    assert_int_equal(number("SELECT count(*) FROM application WHERE receipt IS NOT NULL"), 0);
}

static void a_proxy_answers_what_his_card_cannot_say(void **state)
{
    char id[32];

    (void)state;
    begin(&taro, true, id);
    CLEANUP(portal_answer_done)
    struct portal_answer asked = ask(&taro, true, path("GET", id, ""), NULL);
    assert_true(portal_has(&asked, "{\"field\":\"name\",\"problem\":\"missing\"}"));
    assert_int_equal(status(&taro, true, path("POST", id, "/preparation"), "{}"), 400);
    /* The applicant's own card says it. */
    CLEANUP(portal_answer_done)
    struct portal_answer own = ask(&hanako, false, path("GET", id, ""), NULL);
    assert_true(portal_has(&own, "\"problems\":[]"));
    assert_int_equal(status(&taro, true, path("PUT", id, "/answers"), NAMED), 200);
    assert_int_equal(status(&taro, true, path("POST", id, "/preparation"), "{}"), 200);
}

static void what_the_proxy_signed_the_applicant_does_not_submit_as_his_own(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[32], receipt[32];

    (void)state;
    begin(&taro, true, id);
    assert_int_equal(status(&taro, true, path("PUT", id, "/answers"), NAMED), 200);
    sign(&taro, true, id, &body);
    assert_int_equal(submit(&hanako, false, id, &body, receipt), 422);
    assert_int_equal(submit(&taro, true, id, &body, receipt), 200);
}

/* ---- who reads it ---- */

static void the_municipality_reads_who_signed_and_for_whom(void **state)
{
    char id[32], receipt[32];

    (void)state;
    apply(id, receipt);
    CLEANUP(portal_answer_done)
    struct portal_answer one = ask(NULL, false, received(receipt, ""), NULL);
    assert_int_equal(one.status, 200);
    assert_true(has_proxy(&one, "guardian"));
    assert_false(json_has(one.json, "applicant"));
    assert_true(portal_has(&one, "\"signer\":{\"name\":\"見本　太郎\""));
    assert_true(portal_has(&one, "{\"field\":\"name\",\"value\":\"番号　花子\"}"));
    CLEANUP(portal_answer_done)
    struct portal_answer list = ask(NULL, false, "GET /v1/municipality/applications", NULL);
    assert_true(has_proxy(&list, "guardian"));
    assert_false(portal_has(&list, "太郎"));
}

static void the_document_names_the_signer_as_a_proxy(void **state)
{
    char id[32], receipt[32], wanted[128];

    (void)state;
    apply(id, receipt);
    CLEANUP(portal_answer_done)
    struct portal_answer document = ask(NULL, false, received(receipt, "/document"), NULL);
    (void)snprintf(wanted, sizeof wanted, "<代理の登録>%s</代理の登録>", mandate);
    assert_int_equal(document.status, 200);
    assert_true(portal_has(&document, "<署名者>申請者の代理人</署名者>"));
    assert_true(portal_has(&document, "<代理の種類>後見人（市区町村の登録）</代理の種類>"));
    assert_true(portal_has(&document, wanted));
}

static void the_applicant_reads_it_and_not_what_the_proxys_card_says(void **state)
{
    char id[32], receipt[32];

    (void)state;
    begin(&taro, true, id);
    CLEANUP(portal_answer_done)
    struct portal_answer draft = ask(&hanako, false, path("GET", id, ""), NULL);
    assert_true(has_proxy(&draft, "guardian")); /* he may not have known */
    apply(id, receipt);
    CLEANUP(portal_answer_done)
    struct portal_answer one = ask(&hanako, false, path("GET", id, ""), NULL);
    assert_true(has_proxy(&one, "guardian"));
    assert_false(json_has(one.json, "applicant"));
    assert_false(portal_has(&one, "見本　太郎"));
    CLEANUP(portal_answer_done)
    struct portal_answer list = ask(&hanako, false, "GET /v1/applications", NULL);
    assert_true(has_proxy(&list, "guardian"));
}

static void both_get_the_receipt_which_says_it(void **state)
{
    static const struct place_romaji romaji[] = {{"13101", "Tokyo-to", "Chiyoda-ku"}};
    struct portal_browser *const readers[] = {&hanako, &taro};
    char id[32], receipt[32];

    (void)state;
    site.portal.romaji = (struct place_romaji_list){romaji, 1};
    apply(id, receipt);
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer paper = ask(readers[i], i == 1, path("GET", id, "/receipt"), NULL);
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        assert_int_equal(paper.status, 200);
        extract_text(portal_body(&paper), &text);
        assert_int_equal(extract_count(&text, "申請者の代理人"), 1);
        assert_int_equal(extract_count(&text, "後見人（市区町村の登録）"), 1);
        assert_int_equal(extract_count(&text, mandate), 1);
        assert_int_equal(extract_count(&text, "太郎"), 0);
    }
    CLEANUP(portal_answer_done)
    struct portal_answer other = ask(&hanako, false, path("GET", id, "/receipt?language=en"), NULL);
    CLEANUP(buf_done) struct buf english = BUF_INIT;

    assert_int_equal(other.status, 200);
    extract_text(portal_body(&other), &english);
    assert_int_equal(extract_count(&english, "Receipt of an application"), 1);
    assert_int_equal(extract_count(&english, receipt), 2);
    assert_int_equal(extract_count(&english, "Guardian (registered by a municipality)"), 1);
    assert_int_equal(extract_count(&english, "Submitted\n"), 2); /* now, and a step */
    assert_int_equal(extract_count(&english, "提出済み"), 0);
    assert_int_equal(extract_count(&english, "Chiyoda City, Tokyo"), 1); /* to whom */
    assert_int_equal(extract_count(&english, "千代田区"), 0);
    assert_int_equal(status(&taro, false, path("GET", id, "/receipt"), NULL), 404);
    assert_int_equal(status(&stranger, true, path("GET", id, "/receipt"), NULL), 403);
}

/* Who submitted it last counts, whoever began it. */
static void the_applicants_own_submission_is_his_own(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[32], receipt[32];

    (void)state;
    begin(&taro, true, id);
    sign(&hanako, false, id, &body);
    assert_int_equal(submit(&hanako, false, id, &body, receipt), 200);
    CLEANUP(portal_answer_done)
    struct portal_answer one = ask(NULL, false, received(receipt, ""), NULL);
    assert_false(json_has(one.json, "proxy"));
    assert_false(json_has(one.json, "signer"));
    assert_true(json_has(one.json, "applicant"));
    CLEANUP(portal_answer_done)
    struct portal_answer document = ask(NULL, false, received(receipt, "/document"), NULL);
    assert_int_equal(document.status, 200);
    assert_false(portal_has(&document, "代理"));
    CLEANUP(portal_answer_done)
    struct portal_answer paper = ask(&hanako, false, path("GET", id, "/receipt"), NULL);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    extract_text(portal_body(&paper), &text);
    assert_int_equal(extract_count(&text, "代理"), 0);
}

static void each_kind_of_mandate_has_its_word(void **state)
{
    static const char *const words[] = {"任意代理人（本人からの委任）", "親権者（市区町村の登録）",
                                        "後見人（市区町村の登録）"};
    char id[32], receipt[32];

    (void)state;
    for (unsigned kind = 0; kind < MANDATE_KINDS_; kind++) {
        CLEANUP(portal_answer_done) struct portal_answer one = {.status = 0};
        CLEANUP(portal_answer_done) struct portal_answer document = {.status = 0};

        make_mandate((enum mandate_kind)kind);
        apply(id, receipt);
        one = ask(NULL, false, received(receipt, ""), NULL);
        document = ask(NULL, false, received(receipt, "/document"), NULL);
        assert_true(has_proxy(&one, mandate_kinds[kind]));
        assert_true(portal_has(&document, words[kind]));
    }
}

/* ---- the logs ---- */

static int64_t logged(struct portal_browser *browser)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = ask(browser, false, "GET /v1/history?what=acted", NULL);
    int64_t total = -1;

    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_int(answer.json, "total", &total, NULL), 0);
    return total;
}

static void beginning_is_a_use_of_the_mandate(void **state)
{
    CLEANUP(tables_freep) struct tables *tables = NULL;
    struct exchange exchange = {.db = db(), .clock = &site.clock};
    char id[32];

    (void)state;
    assert_int_equal(tables_load(EXCHANGE_DATA, &tables, NULL), 0);
    exchange.tables = tables;
    site.portal.exchange = &exchange;
    begin(&hanako, false, id);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'mandate.used'"), 0);
    begin(&taro, true, id);
    begin(&taro, true, id); /* each change is one */
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'mandate.used'"), 2);
    assert_int_equal(logged(&hanako), 2);
    assert_int_equal(logged(&taro), 2);
    assert_int_equal(logged(&stranger), 0);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void an_intake_out_of_service_takes_nothing_from_systems(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct outage outage = {.api = "application-intake",
                            .kind = OUTAGE_FAILURE,
                            .text = "障害",
                            .text_en = "an outage",
                            .begins = PORTAL_SITE_NOW};

    (void)state;
    assert_int_equal(status(NULL, false, "GET /v1/municipality/applications", NULL), 200);
    assert_int_equal(outage_announce(db(), &outage, &by, NULL), 0);
    assert_int_equal(status(NULL, false, "GET /v1/municipality/applications", NULL), 503);
    assert_int_equal(status(NULL, false, "GET /v1/municipality/applications/x", NULL), 503);
    assert_int_equal(outage_end(db(), outage.id, &by, NULL), 0);
    assert_int_equal(status(NULL, false, "GET /v1/municipality/applications", NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(without_his_mandate_nobody_begins_for_another),
        EACH(a_mandate_that_ends_meanwhile_submits_nothing),
        EACH(a_proxy_answers_what_his_card_cannot_say),
        EACH(what_the_proxy_signed_the_applicant_does_not_submit_as_his_own),
        EACH(the_municipality_reads_who_signed_and_for_whom),
        EACH(the_document_names_the_signer_as_a_proxy),
        EACH(the_applicant_reads_it_and_not_what_the_proxys_card_says),
        EACH(both_get_the_receipt_which_says_it),
        EACH(the_applicants_own_submission_is_his_own),
        EACH(each_kind_of_mandate_has_its_word),
        EACH(beginning_is_a_use_of_the_mandate),
        EACH(an_intake_out_of_service_takes_nothing_from_systems),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
