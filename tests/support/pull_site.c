/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pull_site.h"

#include "http/form.h"
#include "portal/account/codes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct pull_site pulls;

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

int pull_site_make(void **state)
{
    (void)state;
    portal_site_make(&pulls.portal);
    operator_site_open(&pulls.portal);
    portal_exchange_open(&pulls.exchange, &pulls.portal);
    portal_exchange_fill(&pulls.exchange, "M13101", 1, NULL);
    portal_exchange_fill(&pulls.exchange, "HEALTHINS01", 1, NULL);
    pulls.exchange.x.rate = 50;
    pulls.exchange.x.answer_seconds = 600;
    pulls.exchange.x.keep_seconds = 8640000;
    (void)portal_site_open(&pulls.portal, &pulls.browser, "sub-1", 1);
    operator_service_add(&pulls.portal, WHO_BANK, "\"callback_uri\": \"https://bank.example/told\"",
                         OPERATOR_APPROVED, &pulls.bank);
    operator_service_add(&pulls.portal, WHO_SHOP, "", OPERATOR_APPROVED, &pulls.shop);
    return 0;
}

int pull_site_done(void **state)
{
    (void)state;
    portal_exchange_close(&pulls.exchange);
    portal_site_done(&pulls.portal);
    return 0;
}

struct db *pull_db(void)
{
    return portal_store_db(pulls.portal.portal.store);
}

void pull_steps(void)
{
    portal_exchange_steps(&pulls.exchange);
}

int64_t pull_number(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t found = -1;

    assert_int_equal(db_begin_read(pull_db(), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &found, NULL), 0);
    return found;
}

/* ---- the way of a service ---- */

const char *pull_query(const struct operator_service *service, const char *scope, const char *more)
{
    static char query[1024];

    (void)snprintf(query, sizeof query,
                   "response_type=code&client_id=%s&redirect_uri=https%%3A%%2F%%2Fbank.example%%2F"
                   "back&state=s1&code_challenge=" CHALLENGE "&code_challenge_method=S256"
                   "&scope=%s%s",
                   service->id, scope, more);
    return query;
}

struct portal_answer pull_consent(const char *query, const char *items, const char *area)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct json *body;

    assert_int_equal(buf_append_format(&text, NULL,
                                       "{\"request\": \"%s\", \"items\": [%s], \"area\": \"%s\"}",
                                       query, items, area),
                     0);
    assert_int_equal(json_parse(buf_bytes(&text), &body, NULL), 0);
    return portal_ask(&pulls.portal, &pulls.browser, "POST /v1/consents", body);
}

void pull_take(const char *text, const char *name, char *ret, size_t size)
{
    const char *at = strstr(text, name);

    assert_non_null(at);
    at += strlen(name);
    (void)snprintf(ret, size, "%.*s", (int)strcspn(at, "&"), at);
}

void pull_consent_to(const char *query, const char *items, struct grant *ret)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = pull_consent(query, items, "13101");

    assert_int_equal(answer.status, 201);
    (void)snprintf(ret->consent, sizeof ret->consent, "%s", portal_text(&answer, "id"));
    assert_int_equal(strncmp(portal_text(&answer, "address"), BACK "?code=", strlen(BACK) + 6), 0);
    assert_non_null(strstr(portal_text(&answer, "address"), "&state=s1&iss=https%3A%2F%2Fportal"));
    pull_take(portal_text(&answer, "address"), "?code=", ret->code, sizeof ret->code);
}

struct portal_answer pull_redeem(enum operator_who who, const struct operator_service *as,
                                 const char *code, const char *verifier, const char *uri)
{
    char form[1024];

    (void)snprintf(form, sizeof form,
                   "grant_type=authorization_code&client_id=%s&code=%s&code_verifier=%s"
                   "&redirect_uri=%s",
                   as->id, code, verifier, uri);
    return operator_ask(&pulls.portal, who, "POST /oauth/token", "", HTTP_FORM_TYPE, form);
}

struct portal_answer pull_refresh(enum operator_who who, const struct operator_service *as,
                                  const char *token)
{
    char form[512];

    (void)snprintf(form, sizeof form, "grant_type=refresh_token&client_id=%s&refresh_token=%s",
                   as->id, token);
    return operator_ask(&pulls.portal, who, "POST /oauth/token", "", HTTP_FORM_TYPE, form);
}

void pull_keep_tokens(const struct portal_answer *answer, struct grant *ret)
{
    assert_int_equal(answer->status, 200);
    (void)snprintf(ret->access, sizeof ret->access, "%s", portal_text(answer, "access_token"));
    ret->refresh[0] = '\0';
    if (json_has(answer->json, "refresh_token"))
        (void)snprintf(ret->refresh, sizeof ret->refresh, "%s",
                       portal_text(answer, "refresh_token"));
}

void pull_grant(const char *scope, const char *more, const char *items, struct grant *ret)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};

    pull_consent_to(pull_query(&pulls.bank, scope, more), items, ret);
    answer = pull_redeem(WHO_BANK, &pulls.bank, ret->code, VERIFIER, BACK);
    pull_keep_tokens(&answer, ret);
}

struct portal_answer pull_ask(enum operator_who who, const char *path, const char *token,
                              const char *body)
{
    char line[32], field[96];

    (void)snprintf(line, sizeof line, "POST %s", path);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", token);
    return operator_ask(&pulls.portal, who, line, field, "application/json", body);
}

void assert_refused(struct portal_answer answer, unsigned status, const char *name)
{
    CLEANUP(portal_answer_done) struct portal_answer own = answer;
    char type[96];

    (void)snprintf(type, sizeof type, "urn:openjpki:problem:%s", name);
    if (own.status != status || strcmp(portal_text(&own, "type"), type) != 0)
        fail_msg("%u %s", own.status, portal_text(&own, "type"));
}

void assert_oauth(struct portal_answer answer, unsigned status, const char *error)
{
    CLEANUP(portal_answer_done) struct portal_answer own = answer;

    assert_int_equal(own.status, status);
    assert_string_equal(portal_text(&own, "error"), error);
}

void pull_request(const struct grant *of, const char *body, char ret[PORTAL_ID_SIZE])
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = pull_ask(WHO_BANK, "/request", of->access, body);

    assert_int_equal(answer.status, 200);
    (void)snprintf(ret, PORTAL_ID_SIZE, "%s", portal_text(&answer, "process_id"));
}

struct portal_answer pull_result(const struct grant *of, const char *process)
{
    char body[64];

    (void)snprintf(body, sizeof body, "{\"process_id\": \"%s\"}", process);
    return pull_ask(WHO_BANK, "/result", of->access, body);
}

const char *pull_status(const struct portal_answer *answer)
{
    const struct json *list;
    const char *status;

    assert_int_equal(answer->status, 200);
    assert_int_equal(json_get_array(answer->json, "selfPersonalData", &list, NULL), 0);
    assert_int_equal(json_get_text(json_at(list, 0), "status", &status, NULL), 0);
    return status;
}

int pull_site_begin(void **state)
{
    (void)state;
    operator_site_certificates();
    return 0;
}

int pull_site_end(void **state)
{
    (void)state;
    operator_site_forget();
    return 0;
}
