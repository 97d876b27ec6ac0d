/* SPDX-License-Identifier: Apache-2.0 */
/* People ask what is held about them and see who gave what to whom: their own, and nothing else. */
#include "portal/account/codes.h"
#include "portal/history/history.h"
#include "portal/procedure/store.h"
#include "portal/selfinfo/selfinfo.h"
#include "support/extract.h"
#include "support/portal_exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TAX      "TM00000000000002"
#define VACCINES "TM99000000000105"
#define HANDBOOK "TM99000000000116"
#define PENSION  "TM99000000000124"

static struct portal_site site;
static struct portal_browser browser;
static struct portal_exchange exchange;

/* ---- the register, which tells codes ---- */

static struct {
    enum err_kind fails;
    unsigned asked;
    size_t bodies;
} registry;

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err);

/* Takes the place of the register: the code of every body is the octet of the account's code. */
int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err)
{
    (void)portal;
    (void)bodies;
    assert_string_equal(person_reference, "reference");
    registry.asked++;
    registry.bodies = count;
    if (registry.fails != ERR_NONE)
        return FAIL(err, registry.fails, "the register is as the test wants it");
    for (size_t i = 0; i < count; i++)
        memset(ret[i], 1, PORTAL_CODE_SIZE);
    return 0;
}

static int set_up(void **state)
{
    static const char *const bodies[] = {"M13101", "P13", "HEALTHINS01", "LABOUR01", "PENSION01"};

    (void)state;
    portal_site_make(&site);
    portal_exchange_open(&exchange, &site);
    exchange.x.rate = 5;
    for (size_t i = 0; i < 5; i++)
        portal_exchange_fill(&exchange, bodies[i], 1, NULL);
    registry.fails = ERR_NONE;
    registry.asked = 0;
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_exchange_close(&exchange);
    portal_site_done(&site);
    return 0;
}

static struct json *parsed(const char *text)
{
    struct json *json = NULL;

    assert_int_equal(json_parse(bytes_text(text), &json, NULL), 0);
    return json;
}

static struct portal_answer __attribute__((format(printf, 1, 2))) get(const char *format, ...)
{
    char line[128];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(line, sizeof line, format, values);
    va_end(values);
    return portal_ask(&site, &browser, line, NULL);
}

/* Ask for names at a municipality; the id of the request. */
static void ask(const char *body, char ret[PORTAL_ID_SIZE])
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, &browser, "POST /v1/self-information",
                                             parsed(body));

    assert_int_equal(answer.status, 201);
    (void)snprintf(ret, PORTAL_ID_SIZE, "%s", portal_text(&answer, "id"));
}

static bool is_overtaken; /* another request comes before the next one is told */

int __wrap_selfinfo_tell(const struct portal *portal, const struct selfinfo_request *request,
                         bool with_records, struct json **ret, struct err *err);
int __real_selfinfo_tell(const struct portal *portal, const struct selfinfo_request *request,
                         bool with_records, struct json **ret, struct err *err);

int __wrap_selfinfo_tell(const struct portal *portal, const struct selfinfo_request *request,
                         bool with_records, struct json **ret, struct err *err)
{
    const bool comes = is_overtaken;
    char id[PORTAL_ID_SIZE];

    is_overtaken = false;
    if (comes)
        ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}", id);
    return __real_selfinfo_tell(portal, request, with_records, ret, err);
}

/* The state of the item at a place of a request, and whether it has records. */
static const char *state_at(const struct portal_answer *answer, size_t place, bool *ret_records)
{
    const struct json *items;
    const char *state;

    assert_non_null(answer->json);
    assert_int_equal(json_get_array(answer->json, "items", &items, NULL), 0);
    assert_int_equal(json_get_text(json_at(items, place), "state", &state, NULL), 0);
    *ret_records = json_has(json_at(items, place), "records");
    return state;
}

static int64_t number_of(const struct portal_answer *answer, const char *key)
{
    int64_t number = -1;

    assert_non_null(answer->json);
    assert_int_equal(json_get_int(answer->json, key, &number, NULL), 0);
    return number;
}

/* ---- refusals ---- */

static void what_is_no_request_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{\"infos\": [], \"area\": \"13101\"}",
        "{\"infos\": [\"TM00000000000003\"], \"area\": \"13101\"}",
        "{\"infos\": [\"tax\"], \"area\": \"13101\"}",
        "{\"infos\": [\"" TAX "\", \"" TAX "\"], \"area\": \"13101\"}",
        "{\"infos\": [\"" TAX "\"], \"area\": \"1310\"}",
        "{\"infos\": [\"" TAX "\"], \"area\": \"13101\", \"year\": 1949}",
        "{\"infos\": [\"" TAX "\"], \"area\": \"13101\", \"year\": 2101}",
        "{\"infos\": [\"" TAX "\"], \"area\": \"13101\", \"person\": 1}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_int_equal(
            portal_status(&site, &browser, "POST /v1/self-information", parsed(bodies[i])), 400);
    assert_int_equal(registry.asked, 0);
}

static void without_a_session_there_is_nothing(void **state)
{
    static const char *const lines[] = {"GET /v1/self-information",
                                        "GET /v1/self-information/AAAAAAAAAAAAAAAAAAAAAA",
                                        "GET /v1/self-information/AAAAAAAAAAAAAAAAAAAAAA/download",
                                        "GET /v1/self-information/AAAAAAAAAAAAAAAAAAAAAA/paper",
                                        "GET /v1/history",
                                        "GET /v1/history/1/proof"};
    struct portal_browser nobody = {.cookie = ""};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(portal_status(&site, &nobody, lines[i], NULL), 403);
    assert_int_equal(portal_status(&site, &nobody, "GET /v1/self-information/catalogue", NULL),
                     200);
    memset(browser.csrf, 'x', sizeof browser.csrf - 1);
    assert_int_equal(portal_status(&site, &browser, "POST /v1/self-information",
                                   parsed("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}")),
                     403);
}

static int64_t first_record(const struct portal_answer *answer)
{
    const struct json *records;
    int64_t id;

    assert_int_equal(json_get_array(answer->json, "records", &records, NULL), 0);
    assert_int_equal(json_get_int(json_at(records, 0), "id", &id, NULL), 0);
    return id;
}

static void nobody_sees_what_is_another_persons(void **state)
{
    static const char *const ends[] = {"", "/download", "/paper"};
    struct portal_browser mine = browser;
    char line[64];
    char id[PORTAL_ID_SIZE];

    (void)state;
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}", id);
    portal_exchange_steps(&exchange);
    {
        CLEANUP(portal_answer_done) struct portal_answer list = get("GET /v1/history");

        (void)snprintf(line, sizeof line, "GET /v1/history/%lld/proof",
                       (long long)first_record(&list));
    }
    (void)portal_site_open(&site, &browser, "sub-2", 2);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = get("GET /v1/self-information/%s%s", id, ends[i]);

        assert_int_equal(answer.status, 404);
    }
    {
        CLEANUP(portal_answer_done) struct portal_answer list = get("GET /v1/history");

        assert_int_equal(number_of(&list, "total"), 0);
        assert_int_equal(number_of(&list, "hidden"), 0);
    }
    assert_int_equal(portal_status(&site, &browser, line, NULL), 404);
    assert_int_equal(portal_status(&site, &mine, line, NULL), 200);
}

/* ---- requests ---- */

static void a_request_becomes_answers_of_several_bodies(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer before = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer after = {.status = 0};
    char id[PORTAL_ID_SIZE];
    bool has_records;

    (void)state;
    ask("{\"infos\": [\"" TAX "\", \"" VACCINES "\", \"" PENSION "\", \"TM99000000000106\"],"
        " \"area\": \"13101\"}",
        id);
    assert_int_equal(registry.asked, 1);
    assert_int_equal(registry.bodies, 2); /* the municipality and the pension office */
    before = get("GET /v1/self-information/%s", id);
    assert_string_equal(state_at(&before, 0, &has_records), "requested");
    assert_false(has_records);
    assert_int_equal(number_of(&before, "done"), 0);
    portal_exchange_steps(&exchange);
    after = get("GET /v1/self-information/%s", id);
    assert_int_equal(number_of(&after, "done"), 4);
    assert_string_equal(state_at(&after, 0, &has_records), "ready");
    assert_true(has_records);
    assert_true(portal_has(&after, "課税年度"));
    assert_string_equal(state_at(&after, 3, &has_records), "nothing"); /* no infant */
    assert_false(has_records);
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}", id);
    assert_int_equal(registry.asked, 1); /* the codes are known now */
}

static void each_state_is_told(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct exchange_outage outage = {"PENSION01", PORTAL_SITE_NOW, PORTAL_SITE_NOW + 50};
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char unlisted[PORTAL_ID_SIZE];
    char id[PORTAL_ID_SIZE];
    bool has_records;

    (void)state;
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"01555\"}", unlisted); /* in no table */
    answer = get("GET /v1/self-information/%s", unlisted);
    assert_string_equal(state_at(&answer, 0, &has_records), "unsupported");
    portal_answer_done(&answer);
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"34100\"}", unlisted); /* not connected */
    answer = get("GET /v1/self-information/%s", unlisted);
    assert_string_equal(state_at(&answer, 0, &has_records), "unsupported");
    portal_answer_done(&answer);
    assert_int_equal(exchange_announce(&exchange.x, &outage, &by, NULL), 0);
    assert_int_equal(holdings_tune(exchange.holdings, "M13101", HOLDING_FULL, 0, &by, NULL), 0);
    assert_int_equal(holdings_tune(exchange.holdings, "P13", HOLDING_SILENT, 0, &by, NULL), 0);
    ask("{\"infos\": [\"" TAX "\", \"" HANDBOOK "\", \"" PENSION "\", \"TM99000000000121\","
        " \"TM99000000000104\"], \"area\": \"13101\"}",
        id); /* one more than may be asked in a minute, with the one above */
    portal_exchange_steps(&exchange);
    answer = get("GET /v1/self-information/%s", id);
    assert_string_equal(state_at(&answer, 0, &has_records), "over-capacity");
    assert_string_equal(state_at(&answer, 1, &has_records), "waiting");
    assert_string_equal(state_at(&answer, 2, &has_records), "maintenance");
    assert_string_equal(state_at(&answer, 4, &has_records), "rate-limited");
    portal_answer_done(&answer);
    portal_site_at(&site, 60);
    answer = get("GET /v1/self-information/%s", id); /* asks what had to wait */
    portal_answer_done(&answer);
    portal_exchange_steps(&exchange);
    answer = get("GET /v1/self-information/%s", id);
    assert_string_equal(state_at(&answer, 2, &has_records), "ready");
    assert_string_equal(state_at(&answer, 4, &has_records), "ready");
    portal_answer_done(&answer);
    portal_site_at(&site, 3600);
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    portal_exchange_steps(&exchange);
    portal_site_at(&site, 3600 + 600);
    portal_exchange_steps(&exchange);
    answer = get("GET /v1/self-information/%s", id);
    assert_string_equal(state_at(&answer, 1, &has_records), "expired");
}

static void a_year_brings_that_year_alone(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char id[PORTAL_ID_SIZE];

    (void)state;
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\", \"year\": 2025}", id);
    portal_exchange_steps(&exchange);
    answer = get("GET /v1/self-information/%s", id);
    assert_true(portal_has(&answer, "\"day\":\"2025-"));
    assert_false(portal_has(&answer, "\"day\":\"2026-"));
}

static void a_download_is_a_file_with_all_of_it(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char id[PORTAL_ID_SIZE];

    (void)state;
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}", id);
    portal_exchange_steps(&exchange);
    answer = get("GET /v1/self-information/%s/download", id);
    assert_int_equal(answer.status, 200);
    assert_true(
        portal_has(&answer, "Content-Disposition: attachment; filename=\"self-information-"));
    assert_true(portal_has(&answer, "課税年度"));
}

static void on_paper_is_what_the_page_shows(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char id[PORTAL_ID_SIZE];

    (void)state;
    ask("{\"infos\": [\"" TAX "\", \"TM99000000000106\"], \"area\": \"13101\"}", id);
    portal_exchange_steps(&exchange);
    answer = get("GET /v1/self-information/%s/paper", id);
    assert_int_equal(answer.status, 200);
    assert_true(portal_has(&answer, "Content-Type: application/pdf\r\n"));
    assert_true(portal_has(&answer, "attachment; filename=\"self-information-"));
    extract_text(portal_body(&answer), &text);
    assert_int_equal(extract_count(&text, "課税年度"), 3); /* a record for each year */
    assert_int_equal(extract_count(&text, "提供されました"), 1);
    assert_int_equal(extract_count(&text, "該当する情報はありません"), 1); /* no infant */
    assert_int_equal(extract_count(&text, id), extract_count(&text, "\f"));
}

/* No kana, ideograph or full-width form: from U+3000 on. */
static bool has_japanese(const struct buf *text)
{
    for (size_t i = 0; i < text->len; i++)
        if (text->ptr[i] >= 0xe3)
            return true;
    return false;
}

/* Of taxes, which are numbers and no text of anybody's. */
/* What is on the paper of a request, in one of the languages. */
static void read_paper(const char *id, const char *language, struct buf *ret)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = get("GET /v1/self-information/%s/paper?language=%s", id,
                                      language);

    assert_int_equal(answer.status, 200);
    extract_text(portal_body(&answer), ret);
}

static void on_paper_in_english_is_no_japanese(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char id[PORTAL_ID_SIZE];

    (void)state;
    ask("{\"infos\": [\"" TAX "\", \"TM99000000000106\"], \"area\": \"13101\"}", id);
    portal_exchange_steps(&exchange);
    read_paper(id, "en", &text);
    assert_int_equal(extract_count(&text, "Copy of your own information"), 1);
    assert_int_equal(extract_count(&text, "Record of "), 3); /* a record for each year */
    assert_int_equal(extract_count(&text, "Handed over"), 1);
    assert_int_equal(extract_count(&text, "The body holds nothing like that"), 1);
    assert_int_equal(extract_count(&text, "TEST, unofficial"), extract_count(&text, "\f"));
    assert_int_equal(extract_count(&text, id), extract_count(&text, "\f"));
    assert_int_equal(extract_count(&text, "Issued "), extract_count(&text, "\f"));
    assert_true(extract_count(&text, " yen\n") >= 3);
    assert_int_equal(buf_append_byte(&text, '\0', NULL), 0);
    if (has_japanese(&text))
        fail_msg("%s", (const char *)text.ptr);
}

static void paper_is_in_two_languages(void **state)
{
    static const char *const others[] = {"", "fr", "EN", "en-GB"};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char id[PORTAL_ID_SIZE];

    (void)state;
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\", \"year\": 2025}", id);
    portal_exchange_steps(&exchange);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer refused = get("GET /v1/self-information/%s/paper?language=%s", id,
                                           others[i]);
        assert_int_equal(refused.status, 400);
    }
    read_paper(id, "ja", &text);
    assert_int_equal(extract_count(&text, "自己情報の控え"), 1);
    assert_true(extract_count(&text, "円\n") > 0);
}

/* Whether it is a body of the exchange does not matter; without its romaji nobody knows. */
static void municipalities_have_english_names_out_of_their_romaji(void **state)
{
    static const struct place_romaji romaji[] = {{"13101", "Tokyo-to", "Chiyoda-ku"},
                                                 {"13362", "Tokyo-to", "Toshima-mura"}};
    static const struct municipality places[] = {{"13101", "東京都", "千代田区"},
                                                 {"13362", "東京都", "利島村"}};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer alone = {.status = 0};

    (void)state;
    site.portal.romaji = (struct place_romaji_list){romaji, 2};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        assert_int_equal(
            municipality_add(portal_store_db(site.portal.store), &places[i], &by, NULL), 0);
    answer = get("GET /v1/municipalities");
    assert_int_equal(answer.status, 200);
    assert_true(portal_has(&answer, "\"name\":\"千代田区\",\"prefecture_en\":\"Tokyo\","
                                    "\"name_en\":\"Chiyoda City, Tokyo\"}"));
    assert_true(portal_has(&answer, "\"name\":\"利島村\",\"prefecture_en\":\"Tokyo\","
                                    "\"name_en\":\"Toshima Village, Tokyo\"}"));
    site.portal.romaji = (struct place_romaji_list){NULL, 0};
    alone = get("GET /v1/municipalities");
    assert_true(portal_has(&alone, "\"name\":\"千代田区\"}"));
}

static void without_register_or_exchange_it_is_said_which(void **state)
{
    const char *body = "{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}";

    (void)state;
    registry.fails = ERR_REMOTE;
    assert_int_equal(portal_status(&site, &browser, "POST /v1/self-information", parsed(body)),
                     503);
    registry.fails = ERR_UNTRUSTED;
    assert_int_equal(portal_status(&site, &browser, "POST /v1/self-information", parsed(body)),
                     409);
    (void)portal_site_open(&site, &browser, "sub-3", 0); /* the register was not asked at login */
    assert_int_equal(portal_status(&site, &browser, "POST /v1/self-information", parsed(body)),
                     409);
    site.portal.exchange = NULL;
    assert_int_equal(portal_status(&site, &browser, "POST /v1/self-information", parsed(body)),
                     503);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/history", NULL), 503);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/me", NULL), 200); /* it goes on */
}

static void requests_have_limits(void **state)
{
    CLEANUP(buf_done) struct buf many = BUF_INIT;
    CLEANUP(portal_answer_done) struct portal_answer list = {.status = 0};
    const struct json *requests;
    char first[PORTAL_ID_SIZE];
    char id[PORTAL_ID_SIZE];
    const char *text;

    (void)state;
    assert_int_equal(buf_append_text(&many, "{\"area\": \"13101\", \"infos\": [\"" TAX "\"", NULL),
                     0);
    for (int i = 0; i < PORTAL_SELFINFO_ITEMS_MAX; i++)
        assert_int_equal(buf_append_text(&many, ", \"" TAX "\"", NULL), 0);
    assert_int_equal(buf_append_text(&many, "]}", NULL), 0);
    assert_int_equal(buf_text(&many, &text, NULL), 0);
    assert_int_equal(portal_status(&site, &browser, "POST /v1/self-information", parsed(text)),
                     400);
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}", first);
    for (int i = 1; i <= PORTAL_SELFINFO_REQUESTS_MAX; i++) {
        portal_site_at(&site, i);
        ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}", id);
    }
    list = get("GET /v1/self-information");
    assert_int_equal(json_get_array(list.json, "requests", &requests, NULL), 0);
    assert_int_equal(json_count(requests), PORTAL_SELFINFO_REQUESTS_MAX);
    assert_false(portal_has(&list, first));
    assert_true(portal_has(&list, id));
}

/* The one that goes for it is in the list still, which is of the moment before. */
static void a_list_that_a_new_request_overtakes_is_whole(void **state)
{
    char id[PORTAL_ID_SIZE];

    (void)state;
    for (int i = 0; i < PORTAL_SELFINFO_REQUESTS_MAX; i++) {
        portal_site_at(&site, i);
        ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}", id);
    }
    portal_site_at(&site, PORTAL_SELFINFO_REQUESTS_MAX);
    is_overtaken = true;
    CLEANUP(portal_answer_done) struct portal_answer list = get("GET /v1/self-information");
    const struct json *requests;
    assert_int_equal(list.status, 200);
    assert_false(is_overtaken);
    assert_int_equal(json_get_array(list.json, "requests", &requests, NULL), 0);
    assert_int_equal(json_count(requests), PORTAL_SELFINFO_REQUESTS_MAX);
}

/* ---- history ---- */

/* A service fetched something by consent, five seconds later. */
static void pull(void)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW + 5);
    const struct note pulled = {.what = LOG_PULLED,
                                .channel = NOTE_API,
                                .receiver = "sample-phr",
                                .receiver_name = {"見本の健康手帳", "Sample health book"},
                                .why = {"健康の管理", "Keeping healthy"},
                                .info = VACCINES,
                                .detail = "app"};
    char account[PORTAL_ID_SIZE];

    assert_int_equal(db_begin(exchange.x.db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, "SELECT id FROM account", DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_text(&rows, 0, account, sizeof account, NULL), 0);
    db_rows_done(&rows);
    assert_int_equal(history_note(&txn, "nobody", &pulled, &by, NULL), -ERR_ABSENT);
    assert_int_equal(history_note(&txn, account, &pulled, &by, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void each_exchange_is_in_the_history_in_words(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char id[PORTAL_ID_SIZE];

    (void)state;
    ask("{\"infos\": [\"" TAX "\", \"TM99000000000106\"], \"area\": \"13101\"}", id);
    portal_exchange_steps(&exchange);
    pull();
    answer = get("GET /v1/history");
    assert_int_equal(number_of(&answer, "total"), 3);
    assert_int_equal(number_of(&answer, "first_at"), PORTAL_SITE_NOW);
    assert_true(portal_has(&answer, "「地方税（所得・個人住民税）の情報」が提供されました"));
    assert_true(portal_has(&answer, "To show you what is held about you"));
    assert_true(portal_has(&answer, "\\\"Infant check-up\\\" was asked for; there was none"));
    assert_true(portal_has(&answer, "\\\"Vaccination\\\" was fetched by your consent"));
    assert_true(portal_has(&answer, "\"receiver_name_en\":\"Sample health book\""));
    assert_true(portal_has(&answer, "\"channel\":\"api\""));
    assert_true(portal_has(&answer, "\"why\":\"健康の管理\""));
    assert_true(portal_has(&answer, "\"name_en\":\"Chiyoda City, Tokyo\""));
    portal_answer_done(&answer);
    answer = get("GET /v1/history?what=pulled");
    assert_int_equal(number_of(&answer, "total"), 1);
    portal_answer_done(&answer);
    answer = get("GET /v1/history?body=M13101&limit=1&until=%d", PORTAL_SITE_NOW);
    assert_int_equal(number_of(&answer, "total"), 2);
    assert_false(portal_has(&answer, "sample-phr"));
    portal_answer_done(&answer);
    answer = get("GET /v1/history?body=sample-phr");
    assert_int_equal(number_of(&answer, "total"), 1);
}

static void questions_about_the_history_have_a_form(void **state)
{
    static const char *const lines[] = {"GET /v1/history?from=-1",
                                        "GET /v1/history?from=x",
                                        "GET /v1/history?what=none",
                                        "GET /v1/history?limit=1001",
                                        "GET /v1/history?limit=0",
                                        "GET /v1/history?person=1",
                                        "GET /v1/history?offset=1234567890123456"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(portal_status(&site, &browser, lines[i], NULL), 400);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/history/x/proof", NULL), 404);
    assert_int_equal(portal_status(&site, &browser, "GET /v1/history/99/proof", NULL), 404);
}

static void a_proof_has_all_that_is_needed(void **state)
{
    int64_t first;
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char id[PORTAL_ID_SIZE];

    (void)state;
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}", id);
    portal_exchange_steps(&exchange);
    answer = get("GET /v1/history");
    first = first_record(&answer);
    portal_answer_done(&answer);
    answer = get("GET /v1/history/%lld/proof", (long long)first);
    assert_int_equal(answer.status, 200);
    assert_true(portal_has(&answer, "|given|PORTAL|M13101|JM99000000000001|"));
    assert_true(portal_has(&answer, "\"salt\":\""));
    assert_true(portal_has(&answer, "\"inclusion\":["));
}

/* ---- the operator of a test system ---- */

static unsigned operate(uid_t uid, const char *path, const char *body)
{
    char line[64];

    (void)snprintf(line, sizeof line, "POST %s", path);
    return portal_operate(&site, uid, line, parsed(body));
}

#define CODE_OF_1S "AQEBAQEBAQEBAQEBAQEBAQ"
#define PERSON(code, birth, sex)                                                                   \
    "{\"codes\": [{\"body\": \"M13101\", \"code\": \"" code "\"}], \"seed\": \"x\","               \
    " \"birth_date\": \"" birth "\", \"sex\": \"" sex "\", \"place\": \"千代田区\"}"

static void the_operator_alone_fills_tunes_and_announces(void **state)
{
    static const struct {
        const char *path, *body;
        unsigned status;
    } rows[] = {
        {"/v1/provider/people", PERSON(CODE_OF_1S, "1990-02-30", "male"), 400},
        {"/v1/provider/people", PERSON(CODE_OF_1S, "1990-02-20", "other"), 400},
        {"/v1/provider/people", PERSON("short", "1990-02-20", "male"), 400},
        {"/v1/provider/people", PERSON(CODE_OF_1S, "1990-02-20", "male"), 204},
        {"/v1/provider/conduct",
         "{\"body\": \"M13101\", \"mode\": \"sleeps\","
         " \"delay_seconds\": 0}",
         400},
        {"/v1/provider/conduct",
         "{\"body\": \"M13101\", \"mode\": \"answers\","
         " \"delay_seconds\": 86401}",
         400},
        {"/v1/provider/conduct",
         "{\"body\": \"M13101\", \"mode\": \"full\","
         " \"delay_seconds\": 0}",
         204},
        {"/v1/outages", "{\"body\": \"NOBODY\", \"begins\": 1, \"ends\": 2}", 400},
        {"/v1/outages", "{\"body\": \"*\", \"begins\": 2, \"ends\": 2}", 400},
        {"/v1/outages", "{\"body\": \"*\", \"begins\": 1, \"ends\": 2}", 204},
    };
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char id[PORTAL_ID_SIZE];
    bool has_records;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(operate(1006, rows[i].path, rows[i].body), 403);
        if (operate(1005, rows[i].path, rows[i].body) != rows[i].status)
            fail_msg("row %zu", i);
    }
    ask("{\"infos\": [\"" TAX "\"], \"area\": \"13101\"}", id);
    portal_exchange_steps(&exchange);
    answer = get("GET /v1/self-information/%s", id);
    assert_string_equal(state_at(&answer, 0, &has_records), "over-capacity");
    site.portal.holdings = NULL;
    assert_int_equal(operate(1005, "/v1/provider/people", rows[3].body), 503);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_is_no_request_is_refused),
        CASE(without_a_session_there_is_nothing),
        CASE(nobody_sees_what_is_another_persons),
        CASE(a_request_becomes_answers_of_several_bodies),
        CASE(each_state_is_told),
        CASE(a_year_brings_that_year_alone),
        CASE(a_download_is_a_file_with_all_of_it),
        CASE(on_paper_is_what_the_page_shows),
        CASE(on_paper_in_english_is_no_japanese),
        CASE(paper_is_in_two_languages),
        CASE(municipalities_have_english_names_out_of_their_romaji),
        CASE(without_register_or_exchange_it_is_said_which),
        CASE(requests_have_limits),
        CASE(a_list_that_a_new_request_overtakes_is_whole),
        CASE(each_exchange_is_in_the_history_in_words),
        CASE(questions_about_the_history_have_a_form),
        CASE(a_proof_has_all_that_is_needed),
        CASE(the_operator_alone_fills_tunes_and_announces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
