/* SPDX-License-Identifier: Apache-2.0 */
/* Services apply at the operators' door and the portal's operator decides: refusals first. */
#include "portal/operator/client.h"
#include "portal/operator/courier.h"
#include "support/operator_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define EC_KEY                                                                                     \
    "{\"kty\": \"EC\", \"crv\": \"P-256\","                                                        \
    " \"x\": \"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","                                     \
    " \"y\": \"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"

static struct portal_site site;

static int set_up(void **state)
{
    (void)state;
    portal_site_make(&site);
    operator_site_open(&site);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static unsigned apply(enum operator_who who, const char *changes)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    operator_metadata(changes, &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    answer = operator_ask(&site, who, "POST /v1/clients", "", "application/json", text);
    return answer.status;
}

/* The same for production, by whom this service in test belongs to. */
static struct portal_answer go_live(enum operator_who who, const struct operator_service *tested,
                                    const char *secret, const char *changes)
{
    CLEANUP(buf_done) struct buf all = BUF_INIT;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char field[96] = "";
    const char *text;

    assert_int_equal(buf_append_format(
                         &all, NULL, "\"environment\": \"production\", \"test_client\": \"%s\"%s%s",
                         tested->id, *changes == '\0' ? "" : ", ", changes),
                     0);
    assert_int_equal(buf_text(&all, &text, NULL), 0);
    operator_metadata(text, &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    if (secret != NULL)
        (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", secret);
    return operator_ask(&site, who, "POST /v1/clients", field, "application/json", text);
}

static unsigned live_status(enum operator_who who, const struct operator_service *tested,
                            const char *changes)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = go_live(who, tested, tested->secret, changes);

    return answer.status;
}

/* A service in test that has no certificate. */
static void add_tested(enum operator_state state, struct operator_service *ret)
{
    operator_service_add(&site, WHO_NOBODY,
                         "\"token_endpoint_auth_method\": \"private_key_jwt\","
                         " \"jwks\": {\"keys\": [" EC_KEY "]}",
                         state, ret);
}

/* What somebody is told of a service by its secret. */
static struct portal_answer look(const char *id, const char *secret, const char *method)
{
    char line[64], field[96];

    (void)snprintf(line, sizeof line, "%s /v1/clients/%s", method, id);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", secret);
    return operator_ask(&site, WHO_NOBODY, line, field, NULL, NULL);
}

static void what_is_no_application_is_refused(void **state)
{
    static const char *const changes[] = {
        "\"client_name\": \"\"",
        "\"client_name\": \"two\\nlines\"",
        "\"client_name\": \"見本 https://evil.example\"",
        "\"client_name_en\": \"www.evil.example\"",
        "\"purpose\": \"\"",
        "\"purpose_en\": \"\"",
        "\"sector\": \"weapons\"",
        "\"actor\": \"nobody\"",
        "\"environment\": \"staging\"",
        "\"apis\": []",
        "\"apis\": [\"procedure-search\"]",
        "\"apis\": [\"everything\"]",
        "\"apis\": [\"self-information\", \"self-information\"]",
        "\"infos\": [\"TM1\"]",
        "\"redirect_uris\": []",
        "\"redirect_uris\": [\"http://bank.example/back\"]",
        "\"redirect_uris\": [\"https://bank.example/back#x\"]",
        "\"redirect_uris\": [\"https://bank.example/b\", \"https://bank.example/b\"]",
        "\"callback_uri\": \"http://169.254.169.254/\"",
        "\"callback_uri\": \"https://user@bank.example/\"",
        "\"token_endpoint_auth_method\": \"client_secret_basic\"",
        "\"token_endpoint_auth_method\": \"private_key_jwt\"",
        "\"token_endpoint_auth_method\": \"private_key_jwt\", \"jwks\": {\"keys\": []}",
        "\"token_endpoint_auth_method\": \"private_key_jwt\","
        " \"jwks\": {\"keys\": [{\"kty\": \"oct\"}]}",
        "\"jwks\": {\"keys\": [" EC_KEY "]}",
        "\"review\": {\"body\": \"a\", \"purpose\": \"a\", \"law\": \"a\", \"value\": \"a\"}",
        "\"review\": {\"body\": \"\", \"purpose\": \"a\", \"law\": \"a\", \"value\": \"a\","
        " \"support\": \"a\"}",
    };

    static const char *const live[] = {
        "\"redirect_uris\": [\"http://bank.example/back\"]",
        "\"redirect_uris\": [\"http://127.0.0.1/back\"]",
        "\"callback_uri\": \"http://127.0.0.1/told\"",
    };
    struct operator_service tested;

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        if (apply(WHO_BANK, changes[i]) != 400)
            fail_msg("%s", changes[i]);
    add_tested(OPERATOR_APPLIED, &tested);
    for (size_t i = 0; i < sizeof live / sizeof live[0]; i++)
        if (live_status(WHO_BANK, &tested, live[i]) != 400)
            fail_msg("%s", live[i]);
    assert_int_equal(live_status(WHO_BANK, &tested, ""), 201);
}

/* S321 and S322. */
static void each_actor_and_sector_may_apply(void **state)
{
    static const char *const rows[] = {"\"actor\": \"national\"", "\"actor\": \"municipality\"",
                                       "\"actor\": \"citizens\"", "\"actor\": \"private\"",
                                       "\"sector\": \"finance\"", "\"sector\": \"telecom\"",
                                       "\"sector\": \"health\"",  "\"sector\": \"npo\"",
                                       "\"sector\": \"public\"",  "\"sector\": \"other\""};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)tear_down(NULL);
        assert_int_equal(set_up(NULL), 0);
        if (apply(WHO_BANK, rows[i]) != 201)
            fail_msg("%s", rows[i]);
    }
}

static void a_certificate_counts_from_the_proxy_alone_and_in_its_time(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    static const uid_t others[] = {OPERATOR_SITE_PROXY + 1, 0};
    const char *text;

    (void)state;
    operator_metadata("", &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer answer = operator_ask_as(
            &site, others[i], WHO_BANK, "POST /v1/clients", "", "application/json", text);

        assert_int_equal(answer.status, 400);
        assert_true(portal_has(&answer, "apply with the certificate"));
    }
    assert_int_equal(apply(WHO_LATE, ""), 400);
    assert_int_equal(apply(WHO_NOBODY, ""), 400);
    assert_int_equal(apply(WHO_BANK, ""), 201);
}

static void with_a_key_of_its_own_a_test_needs_no_certificate(void **state)
{
#define BY_KEY                                                                                     \
    "\"token_endpoint_auth_method\": \"private_key_jwt\", \"jwks\": {\"keys\": [" EC_KEY "]}"
    struct operator_service tested;

    (void)state;
    add_tested(OPERATOR_APPLIED, &tested);
    assert_int_equal(live_status(WHO_NOBODY, &tested, BY_KEY), 400);
    assert_int_equal(apply(WHO_NOBODY, BY_KEY ", \"redirect_uris\": [\"http://127.0.0.1/back\"]"),
                     201);
    assert_int_equal(live_status(WHO_SHOP, &tested, BY_KEY), 201);
}

static void a_certificate_is_one_services(void **state)
{
    struct operator_service bank;

    (void)state;
    operator_service_add(&site, WHO_BANK, "", OPERATOR_APPLIED, &bank);
    assert_int_equal(apply(WHO_BANK, ""), 409);
    assert_int_equal(operator_judge(&site, bank.id, "refused", "no law allows it", "law"), 200);
    assert_int_equal(apply(WHO_BANK, ""), 201);
}

static void an_application_is_its_own_services_to_see(void **state)
{
    struct operator_service bank, shop;
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};

    (void)state;
    operator_service_add(&site, WHO_BANK, "", OPERATOR_APPLIED, &bank);
    operator_service_add(&site, WHO_SHOP, "", OPERATOR_APPLIED, &shop);
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(portal_answer_done)
        struct portal_answer refused = look(i == 0 ? bank.id : "SP00000000_PR0000", shop.secret,
                                            "GET");

        assert_int_equal(refused.status, 403);
    }
    answer = look(bank.id, bank.secret, "GET");
    assert_int_equal(answer.status, 200);
    assert_string_equal(portal_text(&answer, "state"), "applied");
}

static void the_portals_operator_alone_decides(void **state)
{
    struct operator_service bank;
    struct json *body = json_object_new();
    char line[64];

    (void)state;
    operator_service_add(&site, WHO_BANK, "", OPERATOR_APPLIED, &bank);
    (void)snprintf(line, sizeof line, "PUT /v1/operators/%s/state", bank.id);
    assert_int_equal(json_put_text(body, "state", "approved", NULL), 0);
    assert_int_equal(portal_operate(&site, PORTAL_SITE_OPERATOR + 1, line, body), 403);
    assert_int_equal(operator_review(&site, "SP00000000_PR0000", "approved", ""), 404);
    assert_int_equal(operator_review(&site, bank.id, "better", "x"), 400);
}

static void steps_that_there_are_not_are_refused(void **state)
{
    static const struct {
        const char *state, *reason, *unmet;
        unsigned status;
    } steps[] = {
        {"suspended", "x", NULL, 409},    {"ended", "x", NULL, 409},
        {"applied", "x", NULL, 409},      {"refused", "", "law", 400},
        {"refused", "x", NULL, 400},      {"refused", "x", "", 400},
        {"approved", "", NULL, 400},      {"approved", "", "body", 400},
        {"approved", "", "purpose", 400}, {"approved", "", "law", 400},
        {"approved", "", "value", 400},   {"approved", "", "support", 400},
        {"approved", "", "", 200},        {"approved", "", "", 409},
        {"refused", "x", "law", 409},     {"suspended", "", NULL, 400},
        {"suspended", "x", "law", 400},   {"suspended", "a leak", NULL, 200},
        {"approved", "", "", 400},        {"approved", "", NULL, 200},
        {"ended", "misuse", NULL, 200},   {"approved", "", NULL, 409},
    };
    struct operator_service bank;

    (void)state;
    operator_service_add(&site, WHO_BANK, "", OPERATOR_APPLIED, &bank);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (operator_judge(&site, bank.id, steps[i].state, steps[i].reason, steps[i].unmet) !=
            steps[i].status)
            fail_msg("step %zu", i);
}

/* A review says of each viewpoint one of two words. */
static void half_a_review_is_none(void **state)
{
    static const char *const rows[] = {
        "{\"body\": \"met\", \"purpose\": \"met\", \"law\": \"met\", \"value\": \"met\"}",
        "{\"body\": \"met\", \"purpose\": \"met\", \"law\": \"met\", \"value\": \"met\","
        " \"support\": \"maybe\"}",
        "{\"body\": \"met\", \"purpose\": \"met\", \"law\": \"met\", \"value\": \"met\","
        " \"support\": \"met\", \"luck\": \"met\"}",
        "{}",
    };
    struct operator_service bank;
    char line[64];

    (void)state;
    operator_service_add(&site, WHO_BANK, "", OPERATOR_APPLIED, &bank);
    (void)snprintf(line, sizeof line, "PUT /v1/operators/%s/state", bank.id);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json *body = json_object_new();
        struct json *verdicts;

        assert_int_equal(json_parse(bytes_text(rows[i]), &verdicts, NULL), 0);
        assert_int_equal(json_put_text(body, "state", "approved", NULL), 0);
        assert_int_equal(json_put(body, "verdicts", verdicts, NULL), 0);
        if (portal_operate(&site, PORTAL_SITE_OPERATOR, line, body) != 400)
            fail_msg("%s", rows[i]);
    }
}

static void assert_verdict(const char *id, const struct json *verdicts, const char *viewpoint,
                           const char *expected)
{
    CLEANUP(operator_client_done) struct operator_client kept = {.metadata = NULL};
    const char *found;

    assert_int_equal(json_get_text(verdicts, viewpoint, &found, NULL), 0);
    assert_string_equal(found, expected);
    assert_int_equal(operator_get(db(), id, &kept, NULL), 0);
    assert_int_equal(json_get_text(kept.verdicts, viewpoint, &found, NULL), 0);
    assert_string_equal(found, expected);
}

static void who_applied_is_told_which_viewpoint_is_not_met(void **state)
{
    struct operator_service bank, shop;
    CLEANUP(portal_answer_done) struct portal_answer before = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer refused = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer later = {.status = 0};
    const struct json *verdicts;

    (void)state;
    operator_service_add(&site, WHO_BANK, "", OPERATOR_APPLIED, &bank);
    before = look(bank.id, bank.secret, "GET");
    assert_true(json_is_null_member(before.json, "verdicts"));
    assert_int_equal(operator_judge(&site, bank.id, "refused", "no law allows it", "law"), 200);
    refused = look(bank.id, bank.secret, "GET");
    assert_int_equal(json_get_object(refused.json, "verdicts", &verdicts, NULL), 0);
    assert_verdict(bank.id, verdicts, "law", "unmet");
    assert_verdict(bank.id, verdicts, "support", "met");
    operator_service_add(&site, WHO_SHOP, "", OPERATOR_APPROVED, &shop);
    assert_int_equal(operator_review(&site, shop.id, "suspended", "a leak"), 200);
    later = look(shop.id, shop.secret, "GET");
    assert_int_equal(json_get_object(later.json, "verdicts", &verdicts, NULL), 0);
    assert_verdict(shop.id, verdicts, "law", "met");
}

static void execute(const char *sql, const char *id)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(db(), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_WITH(DB_TEXT(id)), NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void production_is_for_whoever_applied_for_its_test(void **state)
{
    struct operator_service tested, other, live;
    CLEANUP(portal_answer_done) struct portal_answer without = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer foreign = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer own = {.status = 0};

    (void)state;
    add_tested(OPERATOR_APPROVED, &tested);
    add_tested(OPERATOR_APPROVED, &other);
    assert_int_equal(apply(WHO_BANK, "\"environment\": \"production\""), 400);
    without = go_live(WHO_BANK, &tested, NULL, "");
    assert_int_equal(without.status, 403);
    foreign = go_live(WHO_BANK, &tested, other.secret, "");
    assert_int_equal(foreign.status, 403);
    own = go_live(WHO_BANK, &tested, tested.secret, "");
    assert_int_equal(own.status, 201);
    (void)snprintf(live.id, sizeof live.id, "%s", portal_text(&own, "client_id"));
    (void)snprintf(live.secret, sizeof live.secret, "%s",
                   portal_text(&own, "registration_access_token"));
    assert_true(strncmp(live.id + 10, "_PR", 3) == 0 && strncmp(tested.id + 10, "_TS", 3) == 0);
    assert_int_equal(live_status(WHO_SHOP, &live, ""), 400);
    assert_int_equal(apply(WHO_SHOP, "\"test_client\": \"SP00000000_TS0000\""), 403);
}

/* portal.md 2.2: the test of the connection comes before production. */
static void production_comes_after_the_test_of_the_connection(void **state)
{
    struct operator_service tested;
    CLEANUP(portal_answer_done) struct portal_answer own = {.status = 0};
    const char *id;

    (void)state;
    add_tested(OPERATOR_APPLIED, &tested);
    own = go_live(WHO_BANK, &tested, tested.secret, "");
    id = portal_text(&own, "client_id");
    assert_int_equal(operator_judge(&site, id, "approved", "", ""), 409);
    assert_int_equal(operator_judge(&site, tested.id, "approved", "", ""), 200);
    assert_int_equal(operator_judge(&site, id, "approved", "", ""), 409);
    execute("INSERT INTO account VALUES (?, 'somebody', NULL, 5, 6)", "a");
    execute("INSERT INTO operator_consent VALUES ('k', ?, 'a', 1, 'self-information', '13101',"
            " ' 1 ', 0, 5, 9, NULL, NULL, NULL)",
            tested.id);
    assert_int_equal(operator_judge(&site, id, "approved", "", ""), 409);
    execute("UPDATE operator_consent SET used_at = 6 WHERE client = ?", tested.id);
    assert_int_equal(operator_review(&site, tested.id, "suspended", "a leak"), 200);
    assert_int_equal(operator_judge(&site, id, "approved", "", ""), 409);
    assert_int_equal(operator_review(&site, tested.id, "approved", ""), 200);
    assert_int_equal(operator_judge(&site, id, "approved", "", ""), 200);
    assert_int_equal(operator_review(&site, tested.id, "ended", "as agreed"), 200);
    assert_int_equal(operator_review(&site, id, "suspended", "a leak"), 200);
    assert_int_equal(operator_review(&site, id, "approved", ""), 200); /* it was tested once */
}

static void a_service_reads_the_reason_and_leaves(void **state)
{
    struct operator_service bank;
    CLEANUP(portal_answer_done) struct portal_answer told = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer left = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer again = {.status = 0};

    (void)state;
    operator_service_add(&site, WHO_BANK, "", OPERATOR_APPROVED, &bank);
    assert_int_equal(operator_review(&site, bank.id, "suspended", "a leak of data"), 200);
    told = look(bank.id, bank.secret, "GET");
    assert_string_equal(portal_text(&told, "reason"), "a leak of data");
    left = look(bank.id, bank.secret, "DELETE");
    assert_int_equal(left.status, 204);
    again = look(bank.id, bank.secret, "DELETE");
    assert_int_equal(again.status, 409);
}

/* One of many requesters; 0: who is not known. */
static int apply_from(const struct json *metadata, int number, const struct audit_origin *by,
                      struct operator_applied *ret)
{
    char requester[OPERATOR_REQUESTER_SIZE] = "";
    const struct operator_application application = {.metadata = metadata, .requester = requester};

    if (number != 0)
        (void)snprintf(requester, sizeof requester, "uid %d", number);
    return operator_apply(db(), &application, by, ret, NULL);
}

static void limits_hold(void **state)
{
    struct operator_applied applied;
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *metadata = NULL;
    char changes[2][4 * OPERATOR_NAME_MAX];

    (void)state;
    for (int i = 0; i < 2; i++) {
        const int len = snprintf(changes[i], sizeof changes[i], "\"client_name\": \"");

        memset(changes[i] + len, 'n', (size_t)(OPERATOR_NAME_MAX + i));
        (void)snprintf(changes[i] + len + OPERATOR_NAME_MAX + i, 2, "\"");
    }
    assert_int_equal(apply(WHO_BANK, changes[1]), 400);
    assert_int_equal(apply(WHO_BANK, changes[0]), 201);
    operator_metadata("\"environment\": \"test\", \"token_endpoint_auth_method\":"
                      " \"private_key_jwt\", \"jwks\": {\"keys\": [" EC_KEY "]}",
                      &text);
    assert_int_equal(json_parse(buf_bytes(&text), &metadata, NULL), 0);
    for (int i = 1; i < OPERATOR_APPLICATIONS_MAX; i++) {
        assert_int_equal(apply_from(metadata, i, &by, &applied), 0);
        operator_client_done(&applied.client);
    }
    assert_int_equal(apply_from(metadata, 1, &by, &applied), -ERR_CONFLICT);
    for (int i = OPERATOR_APPLICATIONS_MAX; i < OPERATOR_QUEUE_MAX; i++) {
        assert_int_equal(apply_from(metadata, i, &by, &applied), 0); /* none of his waits */
        operator_client_done(&applied.client);
    }
    assert_int_equal(apply_from(metadata, OPERATOR_QUEUE_MAX, &by, &applied), -ERR_CONFLICT);
}

/* A list of so many texts that differ, as a member. */
static void put_many(struct buf *ret, const char *member, const char *prefix, int count)
{
    buf_done(ret);
    assert_int_equal(buf_append_format(ret, NULL, "\"%s\": [", member), 0);
    for (int i = 0; i < count; i++) {
        char text[64];

        (void)snprintf(text, sizeof text, "%s%05d", prefix, i);
        assert_int_equal(buf_append_format(ret, NULL, "%s\"%s\"", i == 0 ? "" : ", ", text), 0);
    }
    assert_int_equal(buf_append_text(ret, "]", NULL), 0);
}

static void lists_and_texts_have_limits(void **state)
{
    static const struct {
        const char *member, *prefix;
        int max;
    } rows[] = {{"redirect_uris", "https://bank.example/", OPERATOR_URIS_MAX},
                {"infos", "TM990000000", OPERATOR_INFOS_MAX}};
    CLEANUP(buf_done) struct buf changes = BUF_INIT;
    const char *text;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct operator_service service;

        put_many(&changes, rows[i].member, rows[i].prefix, rows[i].max + 1);
        assert_int_equal(buf_text(&changes, &text, NULL), 0);
        assert_int_equal(apply(WHO_BANK, text), 400);
        put_many(&changes, rows[i].member, rows[i].prefix, rows[i].max);
        assert_int_equal(buf_text(&changes, &text, NULL), 0);
        operator_service_add(&site, WHO_BANK, text, OPERATOR_APPLIED, &service);
        assert_int_equal(operator_judge(&site, service.id, "refused", "no", "body"), 200);
    }
    for (int i = 1; i >= 0; i--) {
        buf_done(&changes);
        assert_int_equal(buf_append_text(&changes, "\"purpose\": \"", NULL), 0);
        for (int k = 0; k < OPERATOR_TEXT_MAX + i; k++)
            assert_int_equal(buf_append_text(&changes, "t", NULL), 0);
        assert_int_equal(buf_append_text(&changes, "\"", NULL), 0);
        assert_int_equal(buf_text(&changes, &text, NULL), 0);
        assert_int_equal(apply(WHO_BANK, text), i == 1 ? 400 : 201);
    }
}

static void keys_have_a_limit(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf changes = BUF_INIT;
        const char *text;

        assert_int_equal(buf_append_text(&changes,
                                         "\"environment\": \"test\","
                                         " \"token_endpoint_auth_method\": \"private_key_jwt\","
                                         " \"jwks\": {\"keys\": [",
                                         NULL),
                         0);
        for (int k = 0; k < OPERATOR_KEYS_MAX + i; k++)
            assert_int_equal(buf_append_format(&changes, NULL, "%s" EC_KEY, k == 0 ? "" : ", "), 0);
        assert_int_equal(buf_append_text(&changes, "]}", NULL), 0);
        assert_int_equal(buf_text(&changes, &text, NULL), 0);
        assert_int_equal(apply(WHO_NOBODY, text), i == 0 ? 201 : 400);
    }
}

static void a_list_has_pages(void **state)
{
    static struct operator_client page[OPERATOR_PAGE_MAX];
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *metadata = NULL;
    char last[OPERATOR_ID_SIZE] = "";
    size_t counts[2];

    (void)state;
    operator_metadata("\"environment\": \"test\", \"token_endpoint_auth_method\":"
                      " \"private_key_jwt\", \"jwks\": {\"keys\": [" EC_KEY "]}",
                      &text);
    assert_int_equal(json_parse(buf_bytes(&text), &metadata, NULL), 0);
    for (int i = 0; i < OPERATOR_PAGE_MAX + 1; i++) {
        struct operator_applied applied;

        assert_int_equal(apply_from(metadata, i, &by, &applied), 0);
        operator_client_done(&applied.client);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(operator_list(db(), OPERATOR_APPLIED, last, page, &counts[i], NULL), 0);
        for (size_t k = 0; k < counts[i]; k++) {
            assert_true(strcmp(last, page[k].id) < 0);
            memcpy(last, page[k].id, sizeof last);
            operator_client_done(&page[k]);
        }
    }
    assert_int_equal(counts[0], OPERATOR_PAGE_MAX);
    assert_int_equal(counts[1], 1);
    assert_int_equal(operator_list(db(), OPERATOR_ENDED, "", page, &counts[0], NULL), 0);
    assert_int_equal(counts[0], 0);
}

/* ---- whose applications wait, and until when ---- */

static const char by_key[] = "\"token_endpoint_auth_method\": \"private_key_jwt\","
                             " \"jwks\": {\"keys\": [" EC_KEY "]}";

/* An application by who can show no certificate, from an address or a user of the socket. */
static unsigned apply_by_key(uid_t uid, const char *forwarded)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char field[128] = "";
    const char *text;

    operator_metadata(by_key, &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    if (forwarded != NULL)
        (void)snprintf(field, sizeof field, "X-Forwarded-For: %s\r\n", forwarded);
    answer = operator_ask_as(&site, uid, WHO_NOBODY, "POST /v1/clients", field, "application/json",
                             text);
    return answer.status;
}

static void one_requester_has_few_that_wait(void **state)
{
    static const struct {
        uid_t uid;
        const char *full, *same, *other;
    } rows[] = {
        {OPERATOR_SITE_PROXY, "192.0.2.7", "203.0.113.9, 192.0.2.7", "192.0.2.7, 192.0.2.8"},
        {OPERATOR_SITE_PROXY, "192.0.2.9", "::ffff:192.0.2.9", "192.0.2.10"},
        {OPERATOR_SITE_PROXY, "2001:db8:1:2::5", "2001:db8:1:ffff::9", "2001:db8:2:2::5"},
        /* Whoever is no proxy says nothing of where he comes from. */
        {OPERATOR_SITE_PROXY + 1, "192.0.2.20", "192.0.2.21", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int k = 0; k < OPERATOR_WAITING_MAX; k++)
            assert_int_equal(apply_by_key(rows[i].uid, rows[i].full), 201);
        assert_int_equal(apply_by_key(rows[i].uid, rows[i].full), 409);
        assert_int_equal(apply_by_key(rows[i].uid, rows[i].same), 409);
        if (rows[i].other != NULL)
            assert_int_equal(apply_by_key(rows[i].uid, rows[i].other), 201);
    }
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY + 2, NULL), 201);
}

static unsigned apply_at(const char *before, int place, const char *behind)
{
    char address[64];

    (void)snprintf(address, sizeof address, "%s%d%s", before, place, behind);
    return apply_by_key(OPERATOR_SITE_PROXY, address);
}

static void one_network_has_few_more(void **state)
{
    static const struct {
        const char *within, *outside, *behind; /* addresses of a network, and of the next one */
    } rows[] = {{"192.0.2.", "192.1.2.", ""},
                {"19.2.0.", "19.20.0.", ""},
                {"2001:db8:", "2001:db80:", "::1"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int k = 0; k < OPERATOR_NETWORK_MAX; k++)
            assert_int_equal(apply_at(rows[i].within, k / 2 + 1, rows[i].behind), 201);
        assert_int_equal(apply_at(rows[i].within, 99, rows[i].behind), 409);
        assert_int_equal(apply_at(rows[i].outside, 99, rows[i].behind), 201);
    }
}

/* Forty addresses with five each, in ten networks: they are full, and nobody else is locked out. */
static void whoever_fills_the_queue_locks_out_his_own_networks_alone(void **state)
{
    enum { NETWORKS = OPERATOR_APPLICATIONS_MAX / OPERATOR_NETWORK_MAX };

    (void)state;
    for (int i = 0; i < NETWORKS; i++)
        for (int k = 0; k < OPERATOR_NETWORK_MAX; k++) {
            char address[64];

            (void)snprintf(address, sizeof address, "10.%d.0.%d", i, k / OPERATOR_WAITING_MAX);
            assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, address), 201);
        }
    for (int i = 0; i < NETWORKS; i++)
        assert_int_equal(apply_at("10.", i, ".9.9"), 409);
    for (int i = 0; i < NETWORKS; i++) {
        assert_int_equal(apply_at("198.", i, ".1.1"), 201); /* one each, while it is so full */
        assert_int_equal(apply_at("198.", i, ".1.2"), 409);
    }
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, "2001:db8::1"), 201);
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, NULL), 201);
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, NULL), 409);
}

static void what_is_decided_makes_room(void **state)
{
    static struct operator_client page[OPERATOR_PAGE_MAX];
    size_t count;

    (void)state;
    for (int i = 0; i < OPERATOR_WAITING_MAX; i++)
        assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, "192.0.2.7"), 201);
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, "192.0.2.7"), 409);
    assert_int_equal(operator_list(db(), OPERATOR_APPLIED, "", page, &count, NULL), 0);
    assert_int_equal(count, OPERATOR_WAITING_MAX);
    assert_int_equal(operator_judge(&site, page[0].id, "refused", "no", "body"), 200);
    for (size_t i = 0; i < count; i++)
        operator_client_done(&page[i]);
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, "192.0.2.7"), 201);
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, "192.0.2.7"), 409);
}

static void who_is_not_known_locks_nobody_else_out(void **state)
{
    static const char *const nowhere[] = {NULL, "", "nonsense", "192.0.2.7, nonsense",
                                          "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"};
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *metadata = NULL;
    enum { KINDS = sizeof nowhere / sizeof nowhere[0] };
    struct operator_applied applied;

    (void)state;
    for (int i = 0; i < KINDS; i++)
        assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, nowhere[i]), 201);
    assert_int_equal(apply_by_key(0, "192.0.2.7"), 201); /* over the port */
    operator_metadata(by_key, &text);
    assert_int_equal(json_parse(buf_bytes(&text), &metadata, NULL), 0);
    for (int i = KINDS + 1; i < OPERATOR_UNKNOWN_MAX; i++) {
        assert_int_equal(apply_from(metadata, 0, &by, &applied), 0);
        operator_client_done(&applied.client);
    }
    assert_int_equal(apply_from(metadata, 0, &by, &applied), -ERR_CONFLICT);
    for (int i = 0; i < KINDS; i++)
        assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, nowhere[i]), 409);
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, "192.0.2.7"), 201);
}

static int64_t audit_count(const char *act)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    assert_int_equal(db_begin_read(db(), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, "SELECT count(*) FROM audit WHERE act = ?",
                                  DB_WITH(DB_TEXT(act)), &rows, NULL),
                     0);
    assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    return count;
}

static unsigned confirm(enum operator_who who, const char *id, const char *secret)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    char line[80], field[96];

    (void)snprintf(line, sizeof line, "POST /v1/clients/%s/confirmation", id);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", secret);
    answer = operator_ask(&site, who, line, field, "application/json", "{}");
    return answer.status;
}

static unsigned looked_at(const struct operator_service *service)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = look(service->id, service->secret, "GET");

    return answer.status;
}

static void what_nobody_confirms_is_gone_after_a_day(void **state)
{
    struct operator_service bank, shop, third;

    (void)state;
    operator_service_add(&site, WHO_BANK, "", OPERATOR_APPLIED, &bank);
    operator_service_add(&site, WHO_SHOP, "", OPERATOR_APPLIED, &shop);
    add_tested(OPERATOR_APPROVED, &third);
    assert_int_equal(confirm(WHO_SHOP, shop.id, shop.secret), 204);
    portal_site_at(&site, OPERATOR_CONFIRM_SECONDS - 1);
    assert_int_equal(courier_step(&site.portal, NULL), -ERR_ABSENT);
    assert_int_equal(looked_at(&bank), 200);
    portal_site_at(&site, OPERATOR_CONFIRM_SECONDS);
    /* Nobody decides or confirms it any more, also before it is swept. */
    assert_int_equal(operator_judge(&site, bank.id, "approved", "", ""), 404);
    assert_int_equal(confirm(WHO_BANK, bank.id, bank.secret), 404);
    assert_int_equal(courier_step(&site.portal, NULL), -ERR_ABSENT);
    assert_int_equal(looked_at(&bank), 403);
    assert_int_equal(looked_at(&shop), 200);
    assert_int_equal(looked_at(&third), 200);
    assert_int_equal(audit_count("operator.lapsed"), 1);
    assert_int_equal(apply(WHO_BANK, ""), 201); /* its certificate is free again */
}

static void the_next_application_sweeps_as_well(void **state)
{
    (void)state;
    for (int i = 0; i < OPERATOR_WAITING_MAX; i++)
        assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, "192.0.2.7"), 201);
    portal_site_at(&site, OPERATOR_CONFIRM_SECONDS - 1);
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, "192.0.2.7"), 409);
    portal_site_at(&site, OPERATOR_CONFIRM_SECONDS);
    assert_int_equal(apply_by_key(OPERATOR_SITE_PROXY, "192.0.2.7"), 201);
}

static void the_certificate_it_applied_with_confirms(void **state)
{
    CLEANUP(portal_answer_done) struct portal_answer before = {.status = 0};
    CLEANUP(portal_answer_done) struct portal_answer after = {.status = 0};
    struct operator_service bank, shop;
    int64_t at;

    (void)state;
    operator_service_add(&site, WHO_BANK, "", OPERATOR_APPLIED, &bank);
    operator_service_add(&site, WHO_SHOP, "", OPERATOR_APPLIED, &shop);
    assert_int_equal(confirm(WHO_BANK, bank.id, shop.secret), 403);
    assert_int_equal(confirm(WHO_SHOP, bank.id, bank.secret), 403);
    assert_int_equal(confirm(WHO_NOBODY, bank.id, bank.secret), 403);
    before = look(bank.id, bank.secret, "GET");
    assert_true(portal_has(&before, "\"confirmed_at\":null"));
    portal_site_at(&site, 5);
    for (int i = 0; i < 2; i++)
        assert_int_equal(confirm(WHO_BANK, bank.id, bank.secret), 204);
    after = look(bank.id, bank.secret, "GET");
    assert_int_equal(json_get_int(after.json, "confirmed_at", &at, NULL), 0);
    assert_int_equal(at, PORTAL_SITE_NOW + 5);
    assert_int_equal(audit_count("operator.confirmed"), 1);
    assert_int_equal(operator_judge(&site, bank.id, "approved", "", ""), 200);
    assert_int_equal(confirm(WHO_BANK, bank.id, bank.secret), 409);
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
        CASE(what_is_no_application_is_refused),
        CASE(each_actor_and_sector_may_apply),
        CASE(a_certificate_counts_from_the_proxy_alone_and_in_its_time),
        CASE(with_a_key_of_its_own_a_test_needs_no_certificate),
        CASE(a_certificate_is_one_services),
        CASE(an_application_is_its_own_services_to_see),
        CASE(the_portals_operator_alone_decides),
        CASE(steps_that_there_are_not_are_refused),
        CASE(half_a_review_is_none),
        CASE(who_applied_is_told_which_viewpoint_is_not_met),
        CASE(production_is_for_whoever_applied_for_its_test),
        CASE(production_comes_after_the_test_of_the_connection),
        CASE(a_service_reads_the_reason_and_leaves),
        CASE(limits_hold),
        CASE(lists_and_texts_have_limits),
        CASE(keys_have_a_limit),
        CASE(a_list_has_pages),
        CASE(one_requester_has_few_that_wait),
        CASE(one_network_has_few_more),
        CASE(whoever_fills_the_queue_locks_out_his_own_networks_alone),
        CASE(what_is_decided_makes_room),
        CASE(who_is_not_known_locks_nobody_else_out),
        CASE(what_nobody_confirms_is_gone_after_a_day),
        CASE(the_next_application_sweeps_as_well),
        CASE(the_certificate_it_applied_with_confirms),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
