/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services fetch what people consented to, item by item, and nothing else: each way of having more,
 * of having it twice, or of having another one's is refused by its name.
 */
#include "base/base64.h"
#include "base/hex.h"
#include "crypto/privkey.h"
#include "exchange/holdings.h"
#include "portal/account/codes.h"
#include "portal/operator/consent.h"
#include "portal/operator/courier.h"
#include "portal/outage/outage.h"
#include "support/operator_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUSEHOLD "TM00000000000001"
#define TAX       "TM00000000000002"
#define MEDICINE  "TM99000000000101"
#define BACK      "https://bank.example/back"
/* RFC 7636, appendix B. */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define FORM      "application/x-www-form-urlencoded"

static struct portal_site site;
static struct portal_browser browser;
static struct operator_service bank, shop;
static struct tables *tables;
static struct hours *hours;
static struct making *making;
static struct holdings *holdings;
static struct exchange x;

int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err);

/* Takes the place of the register: the code of every body is the octet of the account's code. */
int __wrap_codes_ask(const struct portal *portal, const char *person_reference,
                     const char *const *bodies, size_t count, uint8_t (*ret)[PORTAL_CODE_SIZE],
                     struct err *err)
{
    (void)portal;
    (void)person_reference;
    (void)bodies;
    (void)err;
    for (size_t i = 0; i < count; i++)
        memset(ret[i], 1, PORTAL_CODE_SIZE);
    return 0;
}

static void fill(const char *body)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct making_person person = {"hanako", {1990, 4, 15}, true, "千代田区", {2026, 9, 21}};
    struct holding whose = {.body = body};

    memset(whose.code.value, 1, sizeof whose.code.value);
    assert_int_equal(holdings_make(holdings, making, &whose, &person, &by, NULL), 0);
}

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    portal_site_make(&site);
    operator_site_open(&site);
    assert_int_equal(tables_load(EXCHANGE_DATA, &tables, NULL), 0);
    assert_int_equal(hours_load(EXCHANGE_DATA, &hours, NULL), 0);
    assert_int_equal(making_load(tables, EXCHANGE_DATA, &making, NULL), 0);
    assert_int_equal(
        holdings_open(tempdir_file(&site.dir, "p.db", path), tables, &site.clock, &holdings, NULL),
        0);
    fill("M13101");
    fill("HEALTHINS01");
    x = (struct exchange){.db = portal_store_db(site.portal.store),
                          .tables = tables,
                          .hours = hours,
                          .clock = &site.clock,
                          .provider = holdings_provider(holdings),
                          .capacity = 100,
                          .rate = 50,
                          .rate_seconds = 60,
                          .answer_seconds = 3600,
                          .keep_seconds = 8640000,
                          .retry_seconds = 10};
    site.portal.exchange = &x;
    site.portal.holdings = holdings;
    site.portal.making = making;
    site.portal.register_socket = "/nowhere";
    (void)portal_site_open(&site, &browser, "sub-1", 1);
    operator_service_add(&site, WHO_BANK, "\"callback_uri\": \"https://bank.example/told\"",
                         OPERATOR_APPROVED, &bank);
    operator_service_add(&site, WHO_SHOP, "", OPERATOR_APPROVED, &shop);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    holdings_closep(&holdings);
    making_freep(&making);
    hours_freep(&hours);
    tables_freep(&tables);
    portal_site_done(&site);
    return 0;
}

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static void steps(void)
{
    while (exchange_step(&x, NULL) == 0)
        ;
}

static int64_t number(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t found = -1;

    assert_int_equal(db_begin_read(db(), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &found, NULL), 0);
    return found;
}

/* ---- the way of a service ---- */

/* The query that a service sends a browser with; more begins with "&" and comes last. */
static const char *query_of(const struct operator_service *service, const char *scope,
                            const char *more)
{
    static char query[1024];

    (void)snprintf(query, sizeof query,
                   "response_type=code&client_id=%s&redirect_uri=https%%3A%%2F%%2Fbank.example%%2F"
                   "back&state=s1&code_challenge=" CHALLENGE "&code_challenge_method=S256"
                   "&scope=%s%s",
                   service->id, scope, more);
    return query;
}

static struct portal_answer consent(const char *query, const char *items, const char *area)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct json *body;

    assert_int_equal(buf_append_format(&text, NULL,
                                       "{\"request\": \"%s\", \"items\": [%s], \"area\": \"%s\"}",
                                       query, items, area),
                     0);
    assert_int_equal(json_parse(buf_bytes(&text), &body, NULL), 0);
    return portal_ask(&site, &browser, "POST /v1/consents", body);
}

struct grant {
    char consent[PORTAL_ID_SIZE], code[PORTAL_SECRET_SIZE];
    char access[PORTAL_SECRET_SIZE], refresh[PORTAL_SECRET_SIZE];
};

static void take(const char *text, const char *name, char *ret, size_t size)
{
    const char *at = strstr(text, name);

    assert_non_null(at);
    at += strlen(name);
    (void)snprintf(ret, size, "%.*s", (int)strcspn(at, "&"), at);
}

static void consent_to(const char *query, const char *items, struct grant *ret)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = consent(query, items, "13101");

    assert_int_equal(answer.status, 201);
    (void)snprintf(ret->consent, sizeof ret->consent, "%s", portal_text(&answer, "id"));
    assert_int_equal(strncmp(portal_text(&answer, "address"), BACK "?code=", strlen(BACK) + 6), 0);
    assert_non_null(strstr(portal_text(&answer, "address"), "&state=s1&iss=https%3A%2F%2Fportal"));
    take(portal_text(&answer, "address"), "?code=", ret->code, sizeof ret->code);
}

static struct portal_answer redeem(enum operator_who who, const struct operator_service *as,
                                   const char *code, const char *verifier, const char *uri)
{
    char form[1024];

    (void)snprintf(form, sizeof form,
                   "grant_type=authorization_code&client_id=%s&code=%s&code_verifier=%s"
                   "&redirect_uri=%s",
                   as->id, code, verifier, uri);
    return operator_ask(&site, who, "POST /oauth/token", "", FORM, form);
}

static struct portal_answer refresh(enum operator_who who, const struct operator_service *as,
                                    const char *token)
{
    char form[512];

    (void)snprintf(form, sizeof form, "grant_type=refresh_token&client_id=%s&refresh_token=%s",
                   as->id, token);
    return operator_ask(&site, who, "POST /oauth/token", "", FORM, form);
}

static void keep_tokens(const struct portal_answer *answer, struct grant *ret)
{
    assert_int_equal(answer->status, 200);
    (void)snprintf(ret->access, sizeof ret->access, "%s", portal_text(answer, "access_token"));
    ret->refresh[0] = '\0';
    if (json_has(answer->json, "refresh_token"))
        (void)snprintf(ret->refresh, sizeof ret->refresh, "%s",
                       portal_text(answer, "refresh_token"));
}

static void grant(const char *scope, const char *more, const char *items, struct grant *ret)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};

    consent_to(query_of(&bank, scope, more), items, ret);
    answer = redeem(WHO_BANK, &bank, ret->code, VERIFIER, BACK);
    keep_tokens(&answer, ret);
}

static struct portal_answer pull(enum operator_who who, const char *path, const char *token,
                                 const char *body)
{
    char line[32], field[96];

    (void)snprintf(line, sizeof line, "POST %s", path);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", token);
    return operator_ask(&site, who, line, field, "application/json", body);
}

/* Refused, by this name. */
static void assert_refused(struct portal_answer answer, unsigned status, const char *name)
{
    CLEANUP(portal_answer_done) struct portal_answer own = answer;
    char type[96];

    (void)snprintf(type, sizeof type, "urn:openjpki:problem:%s", name);
    if (own.status != status || strcmp(portal_text(&own, "type"), type) != 0)
        fail_msg("%u %s", own.status, portal_text(&own, "type"));
}

static void assert_oauth(struct portal_answer answer, unsigned status, const char *error)
{
    CLEANUP(portal_answer_done) struct portal_answer own = answer;

    assert_int_equal(own.status, status);
    assert_string_equal(portal_text(&own, "error"), error);
}

static void request(const struct grant *of, const char *body, char ret[PORTAL_ID_SIZE])
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = pull(WHO_BANK, "/request", of->access, body);

    assert_int_equal(answer.status, 200);
    (void)snprintf(ret, PORTAL_ID_SIZE, "%s", portal_text(&answer, "process_id"));
}

static struct portal_answer result(const struct grant *of, const char *process)
{
    char body[64];

    (void)snprintf(body, sizeof body, "{\"process_id\": \"%s\"}", process);
    return pull(WHO_BANK, "/result", of->access, body);
}

/* Of the first name: its two digits. */
static const char *status_of(const struct portal_answer *answer)
{
    const struct json *list;
    const char *status;

    assert_int_equal(answer->status, 200);
    assert_int_equal(json_get_array(answer->json, "selfPersonalData", &list, NULL), 0);
    assert_int_equal(json_get_text(json_at(list, 0), "status", &status, NULL), 0);
    return status;
}

#define SALARY "\"0000200030\""
#define INCOME "\"0000200020\""

/* ---- requests for consent ---- */

static void a_stranger_or_a_foreign_address_is_never_led_to(void **state)
{
    const char *const targets[] = {
        "client_id=SP00000000_PR0000&redirect_uri=https%3A%2F%2Fbank.example%2Fback",
        "redirect_uri=https%3A%2F%2Fbank.example%2Fback", "client_id=%s",
        "client_id=%s&redirect_uri=https%3A%2F%2Fevil.example%2Fback",
        "client_id=%s&redirect_uri=https%3A%2F%2Fbank.example%2Fback%2F"};

    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
        const char *at = strstr(targets[i], "%s");
        char line[512];

        (void)snprintf(line, sizeof line, "GET /authorize?%.*s%s%s&response_type=code&state=s",
                       at == NULL ? (int)strlen(targets[i]) : (int)(at - targets[i]), targets[i],
                       at == NULL ? "" : bank.id, at == NULL ? "" : at + 2);
        answer = portal_ask(&site, NULL, line, NULL);
        assert_int_equal(answer.status, 303);
        if (!portal_has(&answer, "Location: /#/consent/refused\r\n"))
            fail_msg("%s", targets[i]);
    }
    assert_int_equal(operator_review(&site, bank.id, "suspended", "a leak"), 200);
    {
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
        char line[1100];

        (void)snprintf(line, sizeof line, "GET /authorize?%s",
                       query_of(&bank, "self-information", ""));
        answer = portal_ask(&site, NULL, line, NULL);
        assert_true(portal_has(&answer, "Location: /#/consent/refused\r\n"));
    }
}

static void what_is_wrong_otherwise_is_told_to_the_service(void **state)
{
    static const struct {
        const char *query, *error;
    } rows[] = {
        {"response_type=token&scope=self-information", "unsupported_response_type"},
        {"response_type=code&scope=self-information", "invalid_request"},
        {"response_type=code&scope=self-information&code_challenge=a&code_challenge_method=plain",
         "invalid_request"},
        {"response_type=code&code_challenge=a&code_challenge_method=S256", "invalid_scope"},
        {"response_type=code&code_challenge=a&code_challenge_method=S256&scope=procedure-search",
         "invalid_scope"},
        {"response_type=code&code_challenge=a&code_challenge_method=S256&scope=self-information"
         "&infos=TM99000000000124",
         "invalid_scope"},
        {"response_type=code&code_challenge=a&code_challenge_method=S256&scope=self-information"
         "&infos=" TAX "+TM99000000000124",
         "invalid_scope"},
        {"response_type=code&code_challenge=a&code_challenge_method=S256&scope=self-information"
         "&period=true",
         "invalid_request"},
        {"response_type=code&code_challenge=a&code_challenge_method=S256&scope=medical-insurance"
         "&infos=" TAX,
         "invalid_scope"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
        char line[512], place[128];

        (void)snprintf(line, sizeof line,
                       "GET /authorize?%s&client_id=%s&state=s2"
                       "&redirect_uri=https%%3A%%2F%%2Fbank.example%%2Fback",
                       rows[i].query, bank.id);
        (void)snprintf(place, sizeof place,
                       "Location: " BACK "?error=%s&state=s2&iss=", rows[i].error);
        answer = portal_ask(&site, NULL, line, NULL);
        if (answer.status != 303 || !portal_has(&answer, place))
            fail_msg("%s", rows[i].query);
    }
}

static void a_state_has_a_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
        char line[1024];
        const size_t lens[] = {0, OPERATOR_STATE_MAX, OPERATOR_STATE_MAX + 1};
        int len = snprintf(line, sizeof line,
                           "GET /authorize?response_type=code&client_id=%s&scope=self-information"
                           "&redirect_uri=https%%3A%%2F%%2Fbank.example%%2Fback&code_challenge=a"
                           "&code_challenge_method=S256&state=",
                           bank.id);

        memset(line + len, 'a', lens[i]);
        line[(size_t)len + lens[i]] = '\0';
        answer = portal_ask(&site, NULL, line, NULL);
        assert_int_equal(portal_has(&answer, "Location: /#/consent?response_type=code"), i == 1);
    }
}

static void a_person_reads_who_asks_for_what(void **state)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    const char *text;

    (void)state;
    assert_int_equal(buf_append_text(&line, "GET /v1/consent-request?request=", NULL), 0);
    for (const char *c = query_of(&bank, "self-information", "&infos=" TAX); *c != '\0'; c++)
        assert_int_equal(buf_append_format(&line, NULL, "%%%02X", (unsigned)*c), 0);
    assert_int_equal(buf_text(&line, &text, NULL), 0);
    assert_int_equal(portal_status(&site, NULL, text, NULL), 403);
    answer = portal_ask(&site, &browser, text, NULL);
    assert_int_equal(answer.status, 200);
    assert_string_equal(portal_text(&answer, "client_name"), "見本銀行");
    assert_string_equal(portal_text(&answer, "purpose"), "住宅ローンの審査");
    assert_true(portal_has(&answer, "\"0000200030\"") && !portal_has(&answer, HOUSEHOLD));
    assert_true(portal_has(&answer, BACK "?error=access_denied&state=s1"));
}

static void consent_is_to_what_was_asked_for(void **state)
{
    static const struct {
        const char *items, *area;
        unsigned status;
    } rows[] = {
        {"", "13101", 400},
        {"\"1\"", "13101", 400},
        {SALARY ", " SALARY, "13101", 400},
        {"\"0000100020\"", "13101", 400}, /* of the household, which is not asked for */
        {SALARY, "1310", 400},
        {SALARY, "131010000", 400},
        {SALARY, "13101", 201},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = consent(query_of(&bank, "self-information", "&infos=" TAX),
                                              rows[i].items, rows[i].area);

        if (answer.status != rows[i].status)
            fail_msg("row %zu: %u", i, answer.status);
    }
}

/* ---- codes ---- */

static void a_code_is_one_services_with_its_verifier_and_address(void **state)
{
    struct grant own;

    (void)state;
    consent_to(query_of(&bank, "self-information", ""), SALARY, &own);
    assert_oauth(redeem(WHO_SHOP, &shop, own.code, VERIFIER, BACK), 400, "invalid_grant");
    assert_oauth(redeem(WHO_SHOP, &bank, own.code, VERIFIER, BACK), 401, "invalid_client");
    assert_oauth(redeem(WHO_NOBODY, &bank, own.code, VERIFIER, BACK), 401, "invalid_client");
    assert_oauth(redeem(WHO_BANK, &bank, own.code, CHALLENGE, BACK), 400, "invalid_grant");
    assert_oauth(redeem(WHO_BANK, &bank, own.code, VERIFIER, BACK "x"), 400, "invalid_grant");
    assert_oauth(redeem(WHO_BANK, &bank, own.consent, VERIFIER, BACK), 400, "invalid_grant");
    portal_site_at(&site, OPERATOR_CODE_SECONDS - 1);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = redeem(WHO_BANK, &bank, own.code, VERIFIER, BACK);

        assert_int_equal(answer.status, 200);
    }
    consent_to(query_of(&bank, "self-information", ""), SALARY, &own);
    portal_site_at(&site, 2 * OPERATOR_CODE_SECONDS - 1);
    assert_oauth(redeem(WHO_BANK, &bank, own.code, VERIFIER, BACK), 400, "invalid_grant");
}

static void a_code_that_comes_twice_ends_its_consent(void **state)
{
    struct grant own;

    (void)state;
    grant("self-information", "", SALARY, &own);
    assert_oauth(redeem(WHO_BANK, &bank, own.code, VERIFIER, BACK), 400, "invalid_grant");
    assert_refused(pull(WHO_BANK, "/request", own.access, "{}"), 403, "consent-over");
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'consent.ended'"
                            " AND outcome = 'code-replayed'"),
                     1);
}

static void a_refresh_token_counts_once(void **state)
{
    struct grant own, next;

    (void)state;
    grant("self-information", "", SALARY, &own);
    {
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};

        assert_oauth(refresh(WHO_SHOP, &shop, own.refresh), 400, "invalid_grant");
        answer = refresh(WHO_BANK, &bank, own.refresh);
        keep_tokens(&answer, &next);
    }
    assert_oauth(refresh(WHO_BANK, &bank, own.refresh), 400, "invalid_grant");
    assert_refused(pull(WHO_BANK, "/request", next.access, "{}"), 403, "consent-over");
    assert_oauth(refresh(WHO_BANK, &bank, next.refresh), 400, "invalid_grant");
}

/* ---- tokens ---- */

static void a_token_is_bound_to_its_certificate_and_its_time(void **state)
{
    struct grant own;

    (void)state;
    grant("self-information", "", SALARY, &own);
    assert_refused(pull(WHO_BANK, "/request", own.consent, "{}"), 403, "token-unknown");
    assert_refused(pull(WHO_BANK, "/request", own.refresh, "{}"), 403, "token-unknown");
    assert_refused(pull(WHO_SHOP, "/request", own.access, "{}"), 403, "certificate-differs");
    assert_refused(pull(WHO_NOBODY, "/request", own.access, "{}"), 403, "certificate-differs");
    assert_int_equal(operator_review(&site, bank.id, "suspended", "a leak"), 200);
    assert_refused(pull(WHO_BANK, "/request", own.access, "{}"), 403, "operator-not-approved");
    assert_int_equal(operator_review(&site, bank.id, "approved", ""), 200);
    portal_site_at(&site, OPERATOR_ACCESS_SECONDS);
    assert_refused(pull(WHO_BANK, "/request", own.access, "{}"), 403, "token-unknown");
    portal_site_at(&site, OPERATOR_CONSENT_SECONDS);
    assert_refused(pull(WHO_BANK, "/request", own.access, "{}"), 403, "consent-over");
}

static void what_was_not_consented_to_is_not_asked_for(void **state)
{
    struct grant own;

    (void)state;
    grant("self-information", "", SALARY, &own);
    assert_refused(pull(WHO_BANK, "/request", own.access, "{\"infos\": [\"" HOUSEHOLD "\"]}"), 403,
                   "not-consented");
    assert_refused(pull(WHO_BANK, "/request", own.access, "{\"infos\": [\"TM1\"]}"), 403,
                   "not-consented");
}

static void items_come_as_they_were_consented_to_and_stand_in_the_log(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer waiting = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer ready = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer log = {.status = 0};
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    grant("self-information", "", SALARY, &own);
    request(&own, "{}", process);
    waiting = result(&own, process);
    assert_string_equal(status_of(&waiting), "01");
    assert_int_equal(number("SELECT count(*) FROM notice"), 0);
    steps();
    ready = result(&own, process);
    assert_string_equal(status_of(&ready), "03");
    assert_true(portal_has(&ready, SALARY));
    assert_false(portal_has(&ready, INCOME));
    log = portal_ask(&site, &browser, "GET /v1/history?what=pulled", NULL);
    assert_true(portal_has(&log, bank.id) && portal_has(&log, TAX));
    assert_true(portal_has(&log, "見本銀行") && portal_has(&log, "住宅ローンの審査"));
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'operator.pulled'"), 1);
    assert_int_equal(number("SELECT count(*) FROM notice WHERE topic = 'consent.used'"), 1);
    {
        CLEANUP(portal_answer_done) struct portal_answer again = result(&own, process);

        assert_string_equal(status_of(&again), "03");
    }
    assert_int_equal(number("SELECT count(*) FROM audit WHERE act = 'operator.pulled'"), 2);
    assert_int_equal(number("SELECT count(*) FROM notice WHERE topic = 'consent.used'"), 1);
}

static void a_process_is_one_services(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char process[PORTAL_ID_SIZE], body[64];
    struct grant own, other;

    (void)state;
    grant("self-information", "", SALARY, &own);
    request(&own, "{}", process);
    consent_to(query_of(&shop, "self-information", ""), SALARY, &other);
    answer = redeem(WHO_SHOP, &shop, other.code, VERIFIER, BACK);
    keep_tokens(&answer, &other);
    (void)snprintf(body, sizeof body, "{\"process_id\": \"%s\"}", process);
    assert_refused(pull(WHO_SHOP, "/result", other.access, body), 404, "process-unknown");
    assert_refused(result(&own, "nothing"), 404, "process-unknown");
}

static void a_consent_for_one_request_is_used_up_by_it(void **state)
{
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    grant("self-information", "", SALARY, &own);
    request(&own, "{}", process);
    assert_refused(pull(WHO_BANK, "/request", own.access, "{}"), 409, "consent-used");
}

static void a_consent_that_was_withdrawn_gives_nothing(void **state)
{
    struct portal_browser stranger;
    char process[PORTAL_ID_SIZE], line[64];
    struct grant own;

    (void)state;
    grant("self-information", "", SALARY, &own);
    request(&own, "{}", process);
    steps();
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", own.consent);
    (void)portal_site_open(&site, &stranger, "sub-2", 2);
    assert_int_equal(portal_status(&site, &stranger, line, NULL), 404);
    assert_int_equal(portal_status(&site, &browser, line, NULL), 204);
    assert_int_equal(portal_status(&site, &browser, line, NULL), 404);
    assert_refused(result(&own, process), 403, "consent-over");
    assert_oauth(refresh(WHO_BANK, &bank, own.refresh), 400, "invalid_grant");
}

static void each_state_has_its_digits(void **state)
{
    static const struct {
        const char *conduct;
        const char *digits;
    } rows[] = {{"full", "06"}, {"silent", "09"}, {"down", "01"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
        struct json *body = json_object_new();
        char process[PORTAL_ID_SIZE];
        struct grant own;

        assert_int_equal(json_put_text(body, "body", "M13101", NULL), 0);
        assert_int_equal(json_put_text(body, "mode", rows[i].conduct, NULL), 0);
        assert_int_equal(json_put_int(body, "delay_seconds", 0, NULL), 0);
        assert_int_equal(
            portal_operate(&site, PORTAL_SITE_OPERATOR, "POST /v1/provider/conduct", body), 204);
        portal_site_at(&site, (int64_t)i * 7200);
        grant("self-information", "", SALARY, &own);
        request(&own, "{}", process);
        steps();
        answer = result(&own, process);
        if (strcmp(status_of(&answer), rows[i].digits) != 0)
            fail_msg("%s: %s", rows[i].conduct, status_of(&answer));
    }
}

static void a_closed_exchange_and_an_unconnected_body_have_their_digits(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer closed = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer far = {.status = 0};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct exchange_outage outage = {"*", PORTAL_SITE_NOW - 1, PORTAL_SITE_NOW + 60};
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    assert_int_equal(exchange_announce(&x, &outage, &by, NULL), 0);
    grant("self-information", "", SALARY, &own);
    request(&own, "{}", process);
    steps();
    closed = result(&own, process);
    assert_string_equal(status_of(&closed), "93");
    {
        CLEANUP(portal_answer_done)
        struct portal_answer given = consent(query_of(&bank, "self-information", ""), SALARY,
                                             "34100");

        assert_int_equal(given.status, 201);
        take(portal_text(&given, "address"), "?code=", own.code, sizeof own.code);
    }
    {
        CLEANUP(portal_answer_done)
        struct portal_answer tokens = redeem(WHO_BANK, &bank, own.code, VERIFIER, BACK);

        keep_tokens(&tokens, &own);
    }
    request(&own, "{}", process);
    far = result(&own, process);
    assert_string_equal(status_of(&far), "91");
}

/* ---- medical insurance ---- */

static void medicine_reaches_back_100_days_and_a_consent_90(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer first = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer late = {.status = 0};
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    grant("medical-insurance", "&period=true", "\"0010100010\"", &own);
    assert_int_equal(number("SELECT ends_at - made_at FROM operator_consent"), 90 * 86400);
    request(&own, "{}", process);
    steps();
    first = result(&own, process);
    assert_string_equal(status_of(&first), "03");
    assert_true(portal_has(&first, "0010100010"));
    portal_site_at(&site, 80 * 86400);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer tokens = refresh(WHO_BANK, &bank, own.refresh);

        keep_tokens(&tokens, &own);
    }
    late = result(&own, process);
    assert_string_equal(status_of(&late), "03");
    assert_true(late.text.len < first.text.len);
    request(&own, "{}", process);
    portal_site_at(&site, 90 * 86400);
    assert_oauth(refresh(WHO_BANK, &bank, own.refresh), 400, "invalid_grant");
}

/* ---- services with a key ---- */

static void put_key(struct privkey *key, struct buf *ret)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(json_freep) struct json *jwk = NULL;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwk_write(public, JWK_SIGNATURE, &jwk, NULL), 0);
    assert_int_equal(json_write(jwk, ret, NULL), 0);
}

static void sign(const struct privkey *key, const char *id, const char *jti, struct buf *ret)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    assert_int_equal(json_put_text(claims, "iss", id, NULL), 0);
    assert_int_equal(json_put_text(claims, "sub", id, NULL), 0);
    assert_int_equal(json_put_text(claims, "aud", OPERATOR_SITE_DOOR, NULL), 0);
    assert_int_equal(json_put_text(claims, "jti", jti, NULL), 0);
    assert_int_equal(json_put_int(claims, "exp", PORTAL_SITE_NOW + 60, NULL), 0);
    assert_int_equal(jws_prepare(JWS_ES256, "JWT", NULL, claims, &input, NULL), 0);
    assert_int_equal(privkey_sign_jws(key, buf_bytes(&input), &signature, NULL), 0);
    assert_int_equal(jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, NULL), 0);
}

static struct portal_answer redeem_by_key(const struct operator_service *as, const char *code,
                                          struct buf *assertion)
{
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    const char *text;

    assert_int_equal(buf_text(assertion, &text, NULL), 0);
    assert_int_equal(buf_append_format(&form, NULL,
                                       "grant_type=authorization_code&client_id=%s&code=%s"
                                       "&code_verifier=" VERIFIER "&redirect_uri=" BACK
                                       "&client_assertion=%s&client_assertion_type=urn:ietf:params:"
                                       "oauth:client-assertion-type:jwt-bearer",
                                       as->id, code, text),
                     0);
    assert_int_equal(buf_text(&form, &text, NULL), 0);
    return operator_ask(&site, WHO_NOBODY, "POST /oauth/token", "", FORM, text);
}

static void an_assertion_of_its_key_counts_once(void **state)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    CLEANUP(buf_done) struct buf jwk = BUF_INIT;
    CLEANUP(buf_done) struct buf changes = BUF_INIT;
    CLEANUP(buf_done) struct buf own = BUF_INIT;
    CLEANUP(buf_done) struct buf foreign = BUF_INIT;
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    struct operator_service service;
    struct grant given, next;
    const char *text;

    (void)state;
    assert_int_equal(privkey_generate_p256(&key, NULL), 0);
    assert_int_equal(privkey_generate_p256(&other, NULL), 0);
    put_key(key, &jwk);
    assert_int_equal(buf_append_format(&changes, NULL,
                                       "\"environment\": \"test\", \"token_endpoint_auth_method\":"
                                       " \"private_key_jwt\", \"jwks\": {\"keys\": [%.*s]}",
                                       (int)jwk.len, (const char *)jwk.ptr),
                     0);
    assert_int_equal(buf_text(&changes, &text, NULL), 0);
    operator_service_add(&site, WHO_NOBODY, text, OPERATOR_APPROVED, &service);
    consent_to(query_of(&service, "self-information", ""), SALARY, &given);
    consent_to(query_of(&service, "self-information", ""), SALARY, &next);
    sign(other, service.id, "j0", &foreign);
    assert_oauth(redeem_by_key(&service, given.code, &foreign), 401, "invalid_client");
    assert_oauth(redeem(WHO_BANK, &service, given.code, VERIFIER, BACK), 401, "invalid_client");
    sign(key, service.id, "j1", &own);
    answer = redeem_by_key(&service, given.code, &own);
    assert_int_equal(answer.status, 200);
    assert_oauth(redeem_by_key(&service, next.code, &own), 401, "invalid_client");
}

/* ---- lists, limits, outages, callbacks ---- */

static void consents_are_listed_for_whom_they_are_of(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer mine = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer others = {.status = 0};
    struct portal_browser stranger;
    struct grant own;

    (void)state;
    grant("self-information", "", SALARY, &own);
    (void)portal_site_open(&site, &stranger, "sub-2", 2);
    mine = portal_ask(&site, &browser, "GET /v1/consents", NULL);
    others = portal_ask(&site, &stranger, "GET /v1/consents", NULL);
    assert_true(portal_has(&mine, own.consent) && portal_has(&mine, "見本銀行"));
    assert_true(portal_has(&mine, SALARY) && !portal_has(&mine, INCOME));
    assert_false(portal_has(&others, own.consent) || portal_has(&others, "見本銀行"));
}

static void limits_hold_for_consents_and_processes(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer over = {.status = 0};
    char process[PORTAL_ID_SIZE], after[96];
    struct grant own;

    (void)state;
    grant("medical-insurance", "&period=true", "\"0010100010\"", &own);
    for (int i = 0; i < OPERATOR_PROCESSES_MAX; i++) {
        struct selfinfo_request asked = {.count = 0};
        struct operator_access access;
        const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

        (void)snprintf(asked.id, sizeof asked.id, "%022d", i);
        assert_int_equal(operator_token_find(db(), own.access, &access, NULL), 0);
        assert_int_equal(operator_process_add(db(), &access.consent, &asked, false, &by, NULL), 0);
    }
    (void)process;
    assert_refused(pull(WHO_BANK, "/request", own.access, "{}"), 409, "consent-used");
    for (int i = 1; i < OPERATOR_CONSENTS_MAX; i++)
        consent_to(query_of(&bank, "self-information", ""), SALARY, &own);
    over = consent(query_of(&bank, "self-information", ""), SALARY, "13101");
    assert_int_equal(over.status, 409);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer page = portal_ask(&site, &browser, "GET /v1/consents", NULL);

        (void)snprintf(after, sizeof after, "GET /v1/consents?after=%s",
                       portal_text(&page, "next"));
    }
    {
        CLEANUP(portal_answer_done)
        struct portal_answer page = portal_ask(&site, &browser, after, NULL);
        const struct json *list;

        assert_int_equal(json_get_array(page.json, "consents", &list, NULL), 0);
        assert_int_equal(json_count(list), OPERATOR_PAGE_MAX);
    }
}

static void a_service_is_told_to_wait(void **state)
{
    struct grant own;
    unsigned refused = 0;

    (void)state;
    grant("self-information", "", SALARY, &own);
    for (int i = 0; i < 4 * OPERATOR_RATE; i++) {
        CLEANUP(portal_answer_done) struct portal_answer answer = result(&own, "nothing");

        refused += answer.status == 429 ? 1 : 0;
    }
    assert_true(refused > 0);
}

static void an_interface_that_is_out_of_service_says_so(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct outage outage = {.api = "self-information",
                            .kind = OUTAGE_FAILURE,
                            .text = "障害",
                            .text_en = "An outage",
                            .begins = PORTAL_SITE_NOW};
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    grant("self-information", "", SALARY, &own);
    assert_int_equal(outage_announce(db(), &outage, &by, NULL), 0);
    assert_refused(pull(WHO_BANK, "/request", own.access, "{}"), 503, "maintenance");
    assert_int_equal(outage_end(db(), outage.id, &by, NULL), 0);
    request(&own, "{}", process);
}

static void whoever_cannot_be_told_is_tried_again(void **state)
{
    char process[PORTAL_ID_SIZE];
    struct grant own;

    (void)state;
    grant("self-information", "", SALARY, &own);
    request(&own, "{}", process);
    assert_int_equal(courier_step(&site.portal, NULL), 0);
    assert_int_equal(number("SELECT tell_at FROM operator_process"), PORTAL_SITE_NOW + 2);
    steps();
    portal_site_at(&site, 2);
    /* bank.example is nowhere. */
    assert_int_equal(courier_step(&site.portal, NULL), 0);
    assert_int_equal(number("SELECT tell_at FROM operator_process"), PORTAL_SITE_NOW + 7);
    assert_int_equal(number("SELECT tries FROM operator_process"), 1);
    assert_int_equal(courier_step(&site.portal, NULL), -ERR_ABSENT);
    assert_int_equal(operator_review(&site, bank.id, "ended", "misuse"), 200);
    portal_site_at(&site, 7);
    assert_int_equal(courier_step(&site.portal, NULL), 0);
    assert_int_equal(number("SELECT tell_at IS NULL FROM operator_process"), 1);
}

static int begin(void **state)
{
    (void)state;
    operator_site_certificates();
    return 0;
}

static int end(void **state)
{
    (void)state;
    operator_site_forget();
    return 0;
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_stranger_or_a_foreign_address_is_never_led_to),
        CASE(what_is_wrong_otherwise_is_told_to_the_service),
        CASE(a_state_has_a_limit),
        CASE(a_person_reads_who_asks_for_what),
        CASE(consent_is_to_what_was_asked_for),
        CASE(a_code_is_one_services_with_its_verifier_and_address),
        CASE(a_code_that_comes_twice_ends_its_consent),
        CASE(a_refresh_token_counts_once),
        CASE(a_token_is_bound_to_its_certificate_and_its_time),
        CASE(what_was_not_consented_to_is_not_asked_for),
        CASE(items_come_as_they_were_consented_to_and_stand_in_the_log),
        CASE(a_process_is_one_services),
        CASE(a_consent_for_one_request_is_used_up_by_it),
        CASE(a_consent_that_was_withdrawn_gives_nothing),
        CASE(each_state_has_its_digits),
        CASE(a_closed_exchange_and_an_unconnected_body_have_their_digits),
        CASE(medicine_reaches_back_100_days_and_a_consent_90),
        CASE(an_assertion_of_its_key_counts_once),
        CASE(consents_are_listed_for_whom_they_are_of),
        CASE(limits_hold_for_consents_and_processes),
        CASE(a_service_is_told_to_wait),
        CASE(an_interface_that_is_out_of_service_says_so),
        CASE(whoever_cannot_be_told_is_tried_again),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
