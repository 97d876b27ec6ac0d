/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services ask people for consent, and get tokens for the code of one: what is not theirs, comes
 * twice or too late is refused.
 */
#include "crypto/privkey.h"
#include "http/form.h"
#include "portal/account/access.h"
#include "portal/mandate/mandate.h"
#include "portal/operator/process.h"
#include "support/pull_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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
                       at == NULL ? "" : pulls.bank.id, at == NULL ? "" : at + 2);
        answer = portal_ask(&pulls.portal, NULL, line, NULL);
        assert_int_equal(answer.status, 303);
        if (!portal_has(&answer, "Location: /#/consent/refused\r\n"))
            fail_msg("%s", targets[i]);
    }
    assert_int_equal(operator_review(&pulls.portal, pulls.bank.id, "suspended", "a leak"), 200);
    {
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
        char line[1100];

        (void)snprintf(line, sizeof line, "GET /authorize?%s",
                       pull_query(&pulls.bank, "self-information", ""));
        answer = portal_ask(&pulls.portal, NULL, line, NULL);
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
        {"response_type=code&scope=self-information&code_challenge_method=S256&code_challenge=a",
         "invalid_request"},
        {"response_type=code&scope=self-information&code_challenge_method=S256"
         "&code_challenge=" CHALLENGE "a",
         "invalid_request"},
        {"response_type=code&scope=self-information&code_challenge=" CHALLENGE
         "&code_challenge_method=plain",
         "invalid_request"},
        {"response_type=code&code_challenge=" CHALLENGE "&code_challenge_method=S256",
         "invalid_scope"},
        {"response_type=code&code_challenge=" CHALLENGE
         "&code_challenge_method=S256&scope=procedure-search",
         "invalid_scope"},
        {"response_type=code&code_challenge=" CHALLENGE
         "&code_challenge_method=S256&scope=self-information"
         "&infos=TM99000000000124",
         "invalid_scope"},
        {"response_type=code&code_challenge=" CHALLENGE
         "&code_challenge_method=S256&scope=self-information"
         "&infos=" TAX "+TM99000000000124",
         "invalid_scope"},
        {"response_type=code&code_challenge=" CHALLENGE
         "&code_challenge_method=S256&scope=self-information"
         "&period=true",
         "invalid_request"},
        {"response_type=code&code_challenge=" CHALLENGE
         "&code_challenge_method=S256&scope=medical-insurance"
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
                       rows[i].query, pulls.bank.id);
        (void)snprintf(place, sizeof place,
                       "Location: " BACK "?error=%s&state=s2&iss=", rows[i].error);
        answer = portal_ask(&pulls.portal, NULL, line, NULL);
        if (answer.status != 303 || !portal_has(&answer, place))
            fail_msg("%s", rows[i].query);
    }
}

/* Whoever asked people for it would be told that they may not give it. */
static void an_info_that_there_is_not_is_refused_by_its_name(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    (void)state;
    operator_metadata("\"infos\": [\"" TAX "\", \"TM00000000009999\"],"
                      " \"client_name\": \"another\"",
                      &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    answer = operator_ask(&pulls.portal, WHO_BANK, "POST /v1/clients", "", "application/json",
                          text);
    assert_int_equal(answer.status, 400);
    assert_true(portal_has(&answer, "infos: there is no TM00000000009999"));
}

static void a_state_has_a_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
        char line[1024];
        const size_t lens[] = {0, OPERATOR_STATE_MAX, OPERATOR_STATE_MAX + 1};
        int len = snprintf(
            line, sizeof line,
            "GET /authorize?response_type=code&client_id=%s&scope=self-information"
            "&redirect_uri=https%%3A%%2F%%2Fbank.example%%2Fback&code_challenge=" CHALLENGE
            "&code_challenge_method=S256&state=",
            pulls.bank.id);

        memset(line + len, 'a', lens[i]);
        line[(size_t)len + lens[i]] = '\0';
        answer = portal_ask(&pulls.portal, NULL, line, NULL);
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
    for (const char *c = pull_query(&pulls.bank, "self-information", "&infos=" TAX); *c != '\0';
         c++)
        assert_int_equal(buf_append_format(&line, NULL, "%%%02X", (unsigned)*c), 0);
    assert_int_equal(buf_text(&line, &text, NULL), 0);
    assert_int_equal(portal_status(&pulls.portal, NULL, text, NULL), 403);
    answer = portal_ask(&pulls.portal, &pulls.browser, text, NULL);
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
        struct portal_answer answer = pull_consent(
            pull_query(&pulls.bank, "self-information", "&infos=" TAX), rows[i].items,
            rows[i].area);

        if (answer.status != rows[i].status)
            fail_msg("row %zu: %u", i, answer.status);
    }
}

/* ---- for another ---- */

/* A second person, who acts for the first one. */
static void entrust(unsigned scopes, char ret_id[PORTAL_ID_SIZE])
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct mandate_draft draft = {.kind = MANDATE_GIVEN,
                                  .scopes = scopes,
                                  .mandator_name = "子",
                                  .proxy_name = "親",
                                  .reference = "of the child",
                                  .ends_at = PORTAL_SITE_NOW + 86400};
    char code[MANDATE_CODE_SIZE], mandator[PORTAL_ID_SIZE], proxy[PORTAL_ID_SIZE];
    uint8_t octets[PORTAL_CODE_SIZE];

    memset(octets, 1, sizeof octets);
    assert_int_equal(portal_find_account(pulls.portal.portal.store, octets, mandator, NULL), 0);
    memset(octets, 2, sizeof octets);
    assert_int_equal(portal_find_account(pulls.portal.portal.store, octets, proxy, NULL), 0);
    draft.mandator = mandator;
    draft.proxy = proxy;
    assert_int_equal(mandate_make(pulls.portal.portal.store, &draft, &by, ret_id, code, NULL), 0);
}

static struct portal_answer for_another(struct portal_browser *browser, const char *mandate,
                                        const char *line, const char *body)
{
    char field[64];

    (void)snprintf(field, sizeof field, PORTAL_ACTING_FIELD ": %s\r\n", mandate);
    return portal_ask_with(&pulls.portal, browser, line, field, "application/json", body);
}

static unsigned status_for(struct portal_browser *browser, const char *mandate, const char *line,
                           const char *body)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = for_another(browser, mandate, line, body);

    return answer.status;
}

static const char *wish_for(const char *api, const char *item)
{
    static char body[1300];

    (void)snprintf(body, sizeof body, "{\"request\": \"%s\", \"items\": [%s], \"area\": \"13101\"}",
                   pull_query(&pulls.bank, api, ""), item);
    return body;
}

static void a_proxy_consents_to_medical_data_alone(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer given = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer list = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer tokens = {.status = 0};
    char mandate[PORTAL_ID_SIZE], line[96];
    struct portal_browser proxy;
    struct grant own, other;

    (void)state;
    (void)portal_site_open(&pulls.portal, &proxy, "sub-2", 2);
    entrust(MANDATE_INFORMATION, mandate);
    pull_consent_to(pull_query(&pulls.bank, "self-information", ""), SALARY, &own);
    assert_int_equal(
        status_for(&proxy, mandate, "POST /v1/consents", wish_for("self-information", SALARY)),
        403);
    given = for_another(&proxy, mandate, "POST /v1/consents",
                        wish_for("medical-insurance", MEDICINE));
    assert_int_equal(given.status, 201);
    list = for_another(&proxy, mandate, "GET /v1/consents", NULL);
    assert_true(portal_has(&list, portal_text(&given, "id")) && !portal_has(&list, own.consent));
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", own.consent);
    assert_int_equal(status_for(&proxy, mandate, line, NULL), 404);
    /* What the service gets is the mandator's. */
    pull_take(portal_text(&given, "address"), "?code=", other.code, sizeof other.code);
    tokens = pull_redeem(WHO_BANK, &pulls.bank, other.code, VERIFIER, BACK);
    pull_keep_tokens(&tokens, &other);
    assert_int_equal(pull_number("SELECT count(*) FROM operator_consent AS k JOIN account AS a"
                                 " ON a.id = k.account WHERE a.sub = 'sub-1'"),
                     2);
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", portal_text(&given, "id"));
    assert_int_equal(status_for(&proxy, mandate, line, NULL), 204);
    assert_refused(pull_ask(WHO_BANK, "/request", other.access, "{}"), 403, "consent-over");
}

static void without_the_scope_a_proxy_consents_to_nothing(void **state)
{
    char mandate[PORTAL_ID_SIZE], line[96];
    struct portal_browser proxy;
    struct grant own;

    (void)state;
    (void)portal_site_open(&pulls.portal, &proxy, "sub-2", 2);
    entrust(MANDATE_PROCEDURES | MANDATE_NOTICES | MANDATE_HISTORY, mandate);
    pull_consent_to(pull_query(&pulls.bank, "medical-insurance", ""), MEDICINE, &own);
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", own.consent);
    assert_int_equal(
        status_for(&proxy, mandate, "POST /v1/consents", wish_for("medical-insurance", MEDICINE)),
        403);
    assert_int_equal(status_for(&proxy, mandate, "GET /v1/consents", NULL), 403);
    assert_int_equal(status_for(&proxy, mandate, line, NULL), 403);
    assert_int_equal(pull_number("SELECT count(*) FROM operator_consent"), 1);
}

/* A consent that the proxy gives for the first person. */
static void grant_for_another(struct portal_browser *proxy, const char *mandate, const char *more,
                              struct grant *ret)
{
    CLEANUP(portal_answer_done) struct portal_answer given = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer tokens = {.status = 0};
    char body[1400];

    (void)snprintf(body, sizeof body,
                   "{\"request\": \"%s\", \"items\": [" MEDICINE "], \"area\": \"13101\"}",
                   pull_query(&pulls.bank, "medical-insurance", more));
    given = for_another(proxy, mandate, "POST /v1/consents", body);
    assert_int_equal(given.status, 201);
    (void)snprintf(ret->consent, sizeof ret->consent, "%s", portal_text(&given, "id"));
    pull_take(portal_text(&given, "address"), "?code=", ret->code, sizeof ret->code);
    tokens = pull_redeem(WHO_BANK, &pulls.bank, ret->code, VERIFIER, BACK);
    pull_keep_tokens(&tokens, ret);
}

static bool is_fetched(const struct grant *grant)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = pull_ask(WHO_BANK, "/request", grant->access, "{}");

    return answer.status == 200;
}

/* How a consent stands in the list of whom it is of. */
static void expect_listed(const struct grant *grant, const char *state, int64_t ends_at,
                          const char *proxy_name)
{
    CLEANUP(portal_answer_done)
    struct portal_answer page = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/consents", NULL);
    const struct json *list;

    assert_int_equal(json_get_array(page.json, "consents", &list, NULL), 0);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *one = json_at(list, i);
        const char *text;
        int64_t number;
        bool by_proxy;

        assert_int_equal(json_get_text(one, "id", &text, NULL), 0);
        if (strcmp(text, grant->consent) != 0)
            continue;
        assert_int_equal(json_get_text(one, "state", &text, NULL), 0);
        assert_string_equal(text, state);
        assert_int_equal(json_get_int(one, "ends_at", &number, NULL), 0);
        assert_int_equal(number, ends_at);
        assert_int_equal(json_get_bool(one, "by_proxy", &by_proxy, NULL), 0);
        assert_int_equal(by_proxy, proxy_name != NULL);
        if (proxy_name != NULL) {
            assert_int_equal(json_get_text(one, "proxy_name", &text, NULL), 0);
            assert_string_equal(text, proxy_name);
        }
        return;
    }
    fail_msg("it is not listed");
}

enum { MANDATE_SECONDS = 86400, PERIOD_SECONDS = 90 * 86400 };

static void a_proxys_consent_is_over_when_the_mandates_time_is(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer late = {.status = 0};
    char mandate[PORTAL_ID_SIZE];
    struct portal_browser proxy;
    struct grant given, own;

    (void)state;
    (void)portal_site_open(&pulls.portal, &proxy, "sub-2", 2);
    entrust(MANDATE_INFORMATION, mandate);
    grant_for_another(&proxy, mandate, "&period=true", &given);
    pull_grant("medical-insurance", "&period=true", MEDICINE, &own);
    expect_listed(&given, "open", PORTAL_SITE_NOW + MANDATE_SECONDS, "親");
    expect_listed(&own, "open", PORTAL_SITE_NOW + PERIOD_SECONDS, NULL);
    portal_site_at(&pulls.portal, MANDATE_SECONDS - 1);
    late = pull_refresh(WHO_BANK, &pulls.bank, given.refresh);
    pull_keep_tokens(&late, &given);
    assert_true(is_fetched(&given));
    portal_site_at(&pulls.portal, MANDATE_SECONDS);
    assert_refused(pull_ask(WHO_BANK, "/request", given.access, "{}"), 403, "consent-over");
    portal_answer_done(&late);
    late = pull_refresh(WHO_BANK, &pulls.bank, own.refresh);
    pull_keep_tokens(&late, &own);
    assert_true(is_fetched(&own));
}

/* Whoever ends it. */
static void a_proxys_consent_ends_with_the_mandate(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer log = {.status = 0};
    char ended[PORTAL_ID_SIZE], kept[PORTAL_ID_SIZE], line[96];
    struct grant first, second, other, own;
    struct portal_browser proxy;
    int64_t total;

    (void)state;
    (void)portal_site_open(&pulls.portal, &proxy, "sub-2", 2);
    entrust(MANDATE_INFORMATION, ended);
    entrust(MANDATE_INFORMATION, kept);
    grant_for_another(&proxy, ended, "&period=true", &first);
    grant_for_another(&proxy, ended, "", &second);
    grant_for_another(&proxy, kept, "", &other);
    pull_grant("medical-insurance", "&period=true", MEDICINE, &own);
    (void)snprintf(line, sizeof line, "DELETE /v1/mandates/%s", ended);
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, line, NULL), 204);
    assert_refused(pull_ask(WHO_BANK, "/request", first.access, "{}"), 403, "consent-over");
    assert_refused(pull_ask(WHO_BANK, "/request", second.access, "{}"), 403, "consent-over");
    assert_oauth(pull_refresh(WHO_BANK, &pulls.bank, first.refresh), 400, "invalid_grant");
    expect_listed(&first, "ended", PORTAL_SITE_NOW + MANDATE_SECONDS, "親");
    assert_true(is_fetched(&other) && is_fetched(&own));
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'consent.ended'"
                                 " AND outcome = 'mandate-ended'"),
                     2);
    log = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/history?what=consent-ended", NULL);
    assert_int_equal(log.status, 200);
    assert_int_equal(json_get_int(log.json, "total", &total, NULL), 0);
    assert_int_equal(total, 2);
    assert_true(portal_has(&log, "見本銀行") && portal_has(&log, "代理の終了"));
    /* And the proxy's own end of the other one. */
    (void)snprintf(line, sizeof line, "DELETE /v1/mandates/%s", kept);
    assert_int_equal(portal_status(&pulls.portal, &proxy, line, NULL), 204);
    assert_refused(pull_ask(WHO_BANK, "/request", other.access, "{}"), 403, "consent-over");
    assert_true(is_fetched(&own));
}

static void a_code_of_a_proxy_is_nothing_behind_the_mandate(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer given = {.status = 0};
    char mandate[PORTAL_ID_SIZE], line[96];
    struct portal_browser proxy;
    struct grant late;

    (void)state;
    (void)portal_site_open(&pulls.portal, &proxy, "sub-2", 2);
    entrust(MANDATE_INFORMATION, mandate);
    given = for_another(&proxy, mandate, "POST /v1/consents",
                        wish_for("medical-insurance", MEDICINE));
    assert_int_equal(given.status, 201);
    pull_take(portal_text(&given, "address"), "?code=", late.code, sizeof late.code);
    (void)snprintf(line, sizeof line, "DELETE /v1/mandates/%s", mandate);
    assert_int_equal(portal_status(&pulls.portal, &proxy, line, NULL), 204);
    assert_oauth(pull_redeem(WHO_BANK, &pulls.bank, late.code, VERIFIER, BACK), 400,
                 "invalid_grant");
}

/* It ended behind the look at the session. */
static void what_ended_meanwhile_lets_nobody_consent(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct operator_request request = {
        .api = gateway_api_find("medical-insurance"), .challenge = CHALLENGE, .redirect_uri = BACK};
    struct operator_consent consent = {.area = "13101", .items = " 0010100010 "};
    struct mandate_ender ender = {.account = consent.account};
    char mandate[PORTAL_ID_SIZE], code[PORTAL_SECRET_SIZE];
    uint8_t octets[PORTAL_CODE_SIZE];
    struct portal_browser proxy;

    (void)state;
    (void)portal_site_open(&pulls.portal, &proxy, "sub-2", 2);
    entrust(MANDATE_INFORMATION, mandate);
    memset(octets, 1, sizeof octets);
    assert_int_equal(portal_find_account(pulls.portal.portal.store, octets, consent.account, NULL),
                     0);
    memcpy(consent.mandate, mandate, sizeof consent.mandate);
    (void)snprintf(request.client.id, sizeof request.client.id, "%s", pulls.bank.id);
    assert_int_equal(operator_consent_give(pull_db(), &request, &consent, &by, code, NULL), 0);
    assert_int_equal(mandate_end(pulls.portal.portal.store, mandate, &ender, &by, NULL), 0);
    assert_int_equal(operator_consent_give(pull_db(), &request, &consent, &by, code, NULL),
                     -ERR_DENIED);
    assert_int_equal(pull_number("SELECT count(*) FROM operator_consent WHERE ended_at IS NULL"),
                     0);
}

/* What ended, or whose service was suspended, while the request was under way. */
static void what_ended_meanwhile_asks_for_nothing(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct selfinfo_request asked = {.id = "0123456789012345678901"};
    struct operator_request request = {
        .api = gateway_api_find("self-information"), .challenge = CHALLENGE, .redirect_uri = BACK};
    struct operator_access access;
    char line[96], code[PORTAL_SECRET_SIZE];
    struct grant own;

    (void)state;
    pull_grant("medical-insurance", "&period=true", MEDICINE, &own);
    assert_int_equal(operator_token_find(pull_db(), own.access, &access, NULL), 0);
    (void)snprintf(line, sizeof line, "DELETE /v1/consents/%s", own.consent);
    assert_int_equal(portal_status(&pulls.portal, &pulls.browser, line, NULL), 204);
    assert_int_equal(operator_process_add(pull_db(), &access.consent, &asked, false, &by, NULL),
                     -ERR_DENIED);
    assert_int_equal(pull_number("SELECT count(*) FROM operator_process"), 0);
    (void)snprintf(request.client.id, sizeof request.client.id, "%s", pulls.bank.id);
    assert_int_equal(operator_consent_give(pull_db(), &request, &access.consent, &by, code, NULL),
                     0);
    assert_int_equal(operator_review(&pulls.portal, pulls.bank.id, "suspended", "a leak"), 200);
    assert_int_equal(operator_consent_give(pull_db(), &request, &access.consent, &by, code, NULL),
                     -ERR_UNTRUSTED);
}

static void a_proxy_does_not_read_what_he_is_called(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer list = {.status = 0};
    char mandate[PORTAL_ID_SIZE];
    struct portal_browser proxy;
    struct grant given;

    (void)state;
    (void)portal_site_open(&pulls.portal, &proxy, "sub-2", 2);
    entrust(MANDATE_INFORMATION, mandate);
    grant_for_another(&proxy, mandate, "", &given);
    list = for_another(&proxy, mandate, "GET /v1/consents", NULL);
    assert_true(portal_has(&list, given.consent) && portal_has(&list, "\"by_proxy\":true"));
    assert_true(portal_has(&list, "\"proxy_name\":null") && !portal_has(&list, "親"));
}

static void a_code_is_one_services_with_its_verifier_and_address(void **state)
{
    struct grant own;

    (void)state;
    pull_consent_to(pull_query(&pulls.bank, "self-information", ""), SALARY, &own);
    assert_oauth(pull_redeem(WHO_SHOP, &pulls.shop, own.code, VERIFIER, BACK), 400,
                 "invalid_grant");
    assert_oauth(pull_redeem(WHO_SHOP, &pulls.bank, own.code, VERIFIER, BACK), 401,
                 "invalid_client");
    assert_oauth(pull_redeem(WHO_NOBODY, &pulls.bank, own.code, VERIFIER, BACK), 401,
                 "invalid_client");
    assert_oauth(pull_redeem(WHO_BANK, &pulls.bank, own.code, CHALLENGE, BACK), 400,
                 "invalid_grant");
    assert_oauth(pull_redeem(WHO_BANK, &pulls.bank, own.code, VERIFIER, BACK "x"), 400,
                 "invalid_grant");
    assert_oauth(pull_redeem(WHO_BANK, &pulls.bank, own.consent, VERIFIER, BACK), 400,
                 "invalid_grant");
    portal_site_at(&pulls.portal, OPERATOR_CODE_SECONDS - 1);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = pull_redeem(WHO_BANK, &pulls.bank, own.code, VERIFIER, BACK);

        assert_int_equal(answer.status, 200);
    }
    pull_consent_to(pull_query(&pulls.bank, "self-information", ""), SALARY, &own);
    portal_site_at(&pulls.portal, 2 * OPERATOR_CODE_SECONDS - 1);
    assert_oauth(pull_redeem(WHO_BANK, &pulls.bank, own.code, VERIFIER, BACK), 400,
                 "invalid_grant");
}

static void a_code_that_comes_twice_ends_its_consent(void **state)
{
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    assert_oauth(pull_redeem(WHO_BANK, &pulls.bank, own.code, VERIFIER, BACK), 400,
                 "invalid_grant");
    assert_refused(pull_ask(WHO_BANK, "/request", own.access, "{}"), 403, "consent-over");
    assert_int_equal(pull_number("SELECT count(*) FROM audit WHERE act = 'consent.ended'"
                                 " AND outcome = 'code-replayed'"),
                     1);
}

static void a_refresh_token_counts_once(void **state)
{
    struct grant own, next;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    {
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};

        assert_oauth(pull_refresh(WHO_SHOP, &pulls.shop, own.refresh), 400, "invalid_grant");
        answer = pull_refresh(WHO_BANK, &pulls.bank, own.refresh);
        pull_keep_tokens(&answer, &next);
    }
    assert_oauth(pull_refresh(WHO_BANK, &pulls.bank, own.refresh), 400, "invalid_grant");
    assert_refused(pull_ask(WHO_BANK, "/request", next.access, "{}"), 403, "consent-over");
    assert_oauth(pull_refresh(WHO_BANK, &pulls.bank, next.refresh), 400, "invalid_grant");
}

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
    struct digest digest;

    assert_int_equal(json_put_text(claims, "iss", id, NULL), 0);
    assert_int_equal(json_put_text(claims, "sub", id, NULL), 0);
    assert_int_equal(json_put_text(claims, "aud", OPERATOR_SITE_DOOR, NULL), 0);
    assert_int_equal(json_put_text(claims, "jti", jti, NULL), 0);
    assert_int_equal(json_put_int(claims, "exp", PORTAL_SITE_NOW + 60, NULL), 0);
    assert_int_equal(jws_prepare(JWS_ES256, "JWT", NULL, claims, &input, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, NULL), 0);
    assert_int_equal(privkey_sign_jws(key, &digest, &signature, NULL), 0);
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
    return operator_ask(&pulls.portal, WHO_NOBODY, "POST /oauth/token", "", HTTP_FORM_TYPE, text);
}

/* A service that signs with this key; more: further members, each with its comma behind. */
static void add_with_key(struct privkey *key, const char *more, enum operator_state state,
                         struct operator_service *ret)
{
    CLEANUP(buf_done) struct buf jwk = BUF_INIT;
    CLEANUP(buf_done) struct buf changes = BUF_INIT;
    const char *text;

    put_key(key, &jwk);
    assert_int_equal(buf_append_format(&changes, NULL,
                                       "%s\"token_endpoint_auth_method\": \"private_key_jwt\","
                                       " \"jwks\": {\"keys\": [%.*s]}",
                                       more, (int)jwk.len, (const char *)jwk.ptr),
                     0);
    assert_int_equal(buf_text(&changes, &text, NULL), 0);
    operator_service_add(&pulls.portal, WHO_NOBODY, text, state, ret);
}

static void an_assertion_of_its_key_counts_once(void **state)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    CLEANUP(buf_done) struct buf own = BUF_INIT;
    CLEANUP(buf_done) struct buf foreign = BUF_INIT;
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    struct operator_service service;
    struct grant given, next;

    (void)state;
    assert_int_equal(privkey_generate_p256(&key, NULL), 0);
    assert_int_equal(privkey_generate_p256(&other, NULL), 0);
    add_with_key(key, "\"environment\": \"test\", ", OPERATOR_APPROVED, &service);
    pull_consent_to(pull_query(&service, "self-information", ""), SALARY, &given);
    pull_consent_to(pull_query(&service, "self-information", ""), SALARY, &next);
    sign(other, service.id, "j0", &foreign);
    assert_oauth(redeem_by_key(&service, given.code, &foreign), 401, "invalid_client");
    assert_oauth(pull_redeem(WHO_BANK, &service, given.code, VERIFIER, BACK), 401,
                 "invalid_client");
    sign(key, service.id, "j1", &own);
    answer = redeem_by_key(&service, given.code, &own);
    assert_int_equal(answer.status, 200);
    assert_oauth(redeem_by_key(&service, next.code, &own), 401, "invalid_client");
}

static unsigned confirm(const struct operator_service *service, enum operator_who who,
                        struct buf *assertion)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text = NULL;
    char line[80], field[96];

    (void)snprintf(line, sizeof line, "POST /v1/clients/%s/confirmation", service->id);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", service->secret);
    if (assertion != NULL)
        assert_int_equal(buf_text(assertion, &text, NULL), 0);
    assert_int_equal(text == NULL
                         ? buf_append_text(&body, "{}", NULL)
                         : buf_append_format(&body, NULL, "{\"client_assertion\": \"%s\"}", text),
                     0);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    answer = operator_ask(&pulls.portal, who, line, field, "application/json", text);
    return answer.status;
}

static void an_assertion_of_its_key_confirms_an_application(void **state)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    CLEANUP(buf_done) struct buf own = BUF_INIT;
    CLEANUP(buf_done) struct buf foreign = BUF_INIT;
    CLEANUP(buf_done) struct buf others = BUF_INIT;
    CLEANUP(buf_done) struct buf nothing = BUF_INIT;
    struct operator_service service;

    (void)state;
    assert_int_equal(privkey_generate_p256(&key, NULL), 0);
    assert_int_equal(privkey_generate_p256(&other, NULL), 0);
    add_with_key(key, "", OPERATOR_APPLIED, &service);
    sign(other, service.id, "j0", &foreign);
    sign(key, pulls.bank.id, "j1", &others);
    sign(key, service.id, "j2", &own);
    assert_int_equal(buf_append_text(&nothing, "e30.e30.e30", NULL), 0);
    assert_int_equal(confirm(&service, WHO_NOBODY, NULL), 403);
    assert_int_equal(confirm(&service, WHO_NOBODY, &foreign), 403);
    assert_int_equal(confirm(&service, WHO_NOBODY, &others), 403);
    assert_int_equal(confirm(&service, WHO_NOBODY, &nothing), 403);
    assert_int_equal(confirm(&service, WHO_NOBODY, &own), 204);
    assert_int_equal(confirm(&service, WHO_NOBODY, &own), 403); /* it counts once */
    assert_int_equal(pull_number("SELECT count(*) FROM operator_client"
                                 " WHERE state = 'applied' AND confirmed_at IS NOT NULL"),
                     1);
}

static void items_have_a_limit(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        CLEANUP(buf_done) struct buf items = BUF_INIT;
        CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
        const char *text;

        for (int i = 0; i < OPERATOR_ITEMS_MAX + more; i++)
            assert_int_equal(buf_append_format(&items, NULL, "%s\"%010d\"",
                                               i == 0 ? SALARY ", " : ", ", 1234500000 + i),
                             0);
        assert_int_equal(buf_text(&items, &text, NULL), 0);
        text += more == 0 ? strlen(SALARY ", ") : 0;
        answer = pull_consent(pull_query(&pulls.bank, "self-information", ""), text, "13101");
        assert_int_equal(answer.status, 400);
        assert_int_equal(portal_has(&answer, "items: 1 to 400"), more);
    }
}

static void consents_are_listed_for_whom_they_are_of(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer mine = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer others = {.status = 0};
    struct portal_browser stranger;
    struct grant own;

    (void)state;
    pull_grant("self-information", "", SALARY, &own);
    (void)portal_site_open(&pulls.portal, &stranger, "sub-2", 2);
    mine = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/consents", NULL);
    others = portal_ask(&pulls.portal, &stranger, "GET /v1/consents", NULL);
    assert_true(portal_has(&mine, own.consent) && portal_has(&mine, "見本銀行"));
    assert_true(portal_has(&mine, SALARY) && !portal_has(&mine, INCOME));
    assert_false(portal_has(&others, own.consent) || portal_has(&others, "見本銀行"));
}

static void limits_hold_for_consents_and_processes(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer over = {.status = 0};
    char after[96];
    struct grant own;

    (void)state;
    pull_grant("medical-insurance", "&period=true", MEDICINE, &own);
    for (int i = 0; i < OPERATOR_PROCESSES_MAX; i++) {
        struct selfinfo_request asked = {.count = 0};
        struct operator_access access;
        const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);

        (void)snprintf(asked.id, sizeof asked.id, "%022d", i);
        assert_int_equal(operator_token_find(pull_db(), own.access, &access, NULL), 0);
        assert_int_equal(operator_process_add(pull_db(), &access.consent, &asked, false, &by, NULL),
                         0);
    }
    assert_refused(pull_ask(WHO_BANK, "/request", own.access, "{}"), 409, "consent-used");
    for (int i = 1; i < OPERATOR_CONSENTS_MAX; i++)
        pull_consent_to(pull_query(&pulls.bank, "self-information", ""), SALARY, &own);
    over = pull_consent(pull_query(&pulls.bank, "self-information", ""), SALARY, "13101");
    assert_int_equal(over.status, 409);
    {
        CLEANUP(portal_answer_done)
        struct portal_answer page = portal_ask(&pulls.portal, &pulls.browser, "GET /v1/consents",
                                               NULL);

        (void)snprintf(after, sizeof after, "GET /v1/consents?after=%s",
                       portal_text(&page, "next"));
    }
    {
        CLEANUP(portal_answer_done)
        struct portal_answer page = portal_ask(&pulls.portal, &pulls.browser, after, NULL);
        const struct json *list;

        assert_int_equal(json_get_array(page.json, "consents", &list, NULL), 0);
        assert_int_equal(json_count(list), OPERATOR_PAGE_MAX);
    }
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, pull_site_make, pull_site_done)
    const struct CMUnitTest tests[] = {
        CASE(a_stranger_or_a_foreign_address_is_never_led_to),
        CASE(what_is_wrong_otherwise_is_told_to_the_service),
        CASE(an_info_that_there_is_not_is_refused_by_its_name),
        CASE(a_state_has_a_limit),
        CASE(a_person_reads_who_asks_for_what),
        CASE(consent_is_to_what_was_asked_for),
        CASE(a_proxy_consents_to_medical_data_alone),
        CASE(without_the_scope_a_proxy_consents_to_nothing),
        CASE(a_proxys_consent_is_over_when_the_mandates_time_is),
        CASE(a_proxys_consent_ends_with_the_mandate),
        CASE(a_code_of_a_proxy_is_nothing_behind_the_mandate),
        CASE(what_ended_meanwhile_lets_nobody_consent),
        CASE(what_ended_meanwhile_asks_for_nothing),
        CASE(a_proxy_does_not_read_what_he_is_called),
        CASE(a_code_is_one_services_with_its_verifier_and_address),
        CASE(a_code_that_comes_twice_ends_its_consent),
        CASE(a_refresh_token_counts_once),
        CASE(an_assertion_of_its_key_counts_once),
        CASE(an_assertion_of_its_key_confirms_an_application),
        CASE(items_have_a_limit),
        CASE(consents_are_listed_for_whom_they_are_of),
        CASE(limits_hold_for_consents_and_processes),
    };

    return cmocka_run_group_tests(tests, pull_site_begin, pull_site_end);
}
