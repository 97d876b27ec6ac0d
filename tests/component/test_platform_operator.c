/* SPDX-License-Identifier: Apache-2.0 */
/* Who is the platform's operator, and that no tenant is, by whatever it shows. */
#include "support/platform_calls.h"

#include "base/clock.h"
#include "platform/member/member.h"
#include "platform/operator/store.h"
#include "platform/tenant/tenant.h"
#include "support/auditlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const lines[] = {"GET /v1/audit", "GET /v1/audit/tree", "GET /metrics"};
enum { LINES = sizeof lines / sizeof lines[0] };

static struct audit_origin by_now(void)
{
    return audit_by_self(clock_now(&calls.site.clock));
}

static void add_key(int64_t expires_at, char ret_key[OPERATOR_KEY_SIZE], struct operator_key *ret)
{
    const struct operator_key_inputs inputs = {"the shift", expires_at};
    const struct audit_origin by = by_now();

    assert_int_equal(operator_add_key(calls.site.platform.store, &inputs, &by, ret_key, ret, NULL),
                     0);
}

/* Metrics and the audit log tell what no tenant may hear: only the status is looked at. */
static unsigned status_of(const struct http_peer *peer, const char *line, const char *key)
{
    CLEANUP(answer_done) struct answer answer = ask_as(peer, line, key, NULL);

    return answer.status;
}

static const struct http_peer port = {.is_unix = false};

static void no_tenant_and_no_stranger_is_the_operator(void **state)
{
    static const struct http_peer stranger = {.is_unix = true, .cred = {.uid = 4711}};

    (void)state;
    for (size_t i = 0; i < LINES; i++) {
        assert_int_equal(status_of(&port, lines[i], NULL), 403);
        assert_int_equal(status_of(&port, lines[i], PLATFORM_SITE_KEY), 403);
        assert_int_equal(status_of(&stranger, lines[i], NULL), 403);
        assert_int_equal(status_of(&port, lines[i], "nobody's"), 403);
    }
}

static void a_listed_user_is_one_on_the_socket_alone(void **state)
{
    static const uid_t uids[] = {4711};
    static const struct http_peer listed = {.is_unix = true, .cred = {.uid = 4711}};

    (void)state;
    calls.site.platform.operators.uids = uids;
    calls.site.platform.operators.count = 1;
    assert_int_equal(status_of(&listed, "GET /v1/audit/tree", NULL), 200);
    assert_int_equal(status_of(&port, "GET /v1/audit/tree", NULL), 403);
    calls.site.platform.operators.count = 0;
}

static void a_key_is_good_up_to_its_last_second_and_not_after_it_was_revoked(void **state)
{
    const struct audit_origin by = by_now();
    struct platform_store *store = calls.site.platform.store;
    struct operator_key row;
    char key[OPERATOR_KEY_SIZE];

    (void)state;
    add_key(TEST_PKI_NOW + 10, key, &row);
    calls.site.clock = clock_fixed(TEST_PKI_NOW + 10);
    assert_int_equal(status_of(&port, "GET /v1/audit/tree", key), 200);
    calls.site.clock = clock_fixed(TEST_PKI_NOW + 11);
    assert_int_equal(status_of(&port, "GET /v1/audit/tree", key), 403);
    calls.site.clock = clock_fixed(TEST_PKI_NOW);
    assert_int_equal(status_of(&port, "GET /v1/tenant", key), 403); /* it is no tenant's */
    assert_int_equal(platform_revoke_operator_key(store, row.id, &by, NULL), 0);
    assert_int_equal(status_of(&port, "GET /v1/audit/tree", key), 403);
    assert_int_equal(platform_revoke_operator_key(store, row.id, &by, NULL), -ERR_ABSENT);
}

static void there_are_so_many_keys_and_each_has_a_name(void **state)
{
    struct platform_store *store = calls.site.platform.store;
    const struct audit_origin by = by_now();
    char name[TENANT_KEY_NAME_MAX + 2];
    struct operator_key_inputs inputs = {name, 0};
    char key[OPERATOR_KEY_SIZE];
    struct operator_key listed[OPERATOR_KEYS_MAX];
    struct operator_key row;
    unsigned count;

    (void)state;
    memset(name, 'n', sizeof name);
    name[TENANT_KEY_NAME_MAX + 1] = '\0';
    assert_int_equal(operator_add_key(store, &inputs, &by, key, &row, NULL), -ERR_INPUT);
    name[TENANT_KEY_NAME_MAX] = '\0';
    inputs.expires_at = by.at;
    assert_int_equal(operator_add_key(store, &inputs, &by, key, &row, NULL), -ERR_INPUT);
    inputs.expires_at = 0;
    for (int i = 0; i < OPERATOR_KEYS_MAX; i++)
        assert_int_equal(operator_add_key(store, &inputs, &by, key, &row, NULL), 0);
    assert_int_equal(operator_add_key(store, &inputs, &by, key, &row, NULL), -ERR_CONFLICT);
    assert_int_equal(platform_revoke_operator_key(store, row.id, &by, NULL), 0);
    assert_int_equal(platform_list_operator_keys(store, listed, &count, NULL), 0);
    assert_int_equal(count, OPERATOR_KEYS_MAX - 1);
    assert_int_equal(operator_add_key(store, &inputs, &by, key, &row, NULL), 0);
}

/* ---- a member's session ---- */

/* A session of somebody who answered a login; the route between is tested with the members. */
static void begin_session(const char *client_id, const char *role, uint8_t serial,
                          char ret_field[128])
{
    struct platform_store *store = calls.site.platform.store;
    const struct member_inputs inputs = {client_id, "somebody", role};
    const struct holder_key who = {BYTES_LITERAL("issuer"), bytes_of(&serial, 1)};
    const struct audit_origin by = by_now();
    char code[MEMBER_SECRET_SIZE];
    char token[MEMBER_SECRET_SIZE];
    struct opened_login opened;
    struct member made;
    enum console_state reached = CONSOLE_EXPIRED;

    assert_int_equal(member_invite(store, &inputs, &by, code, &made, NULL), 0);
    assert_int_equal(console_open(&calls.site.platform, code, &opened, NULL), 0);
    assert_int_equal(platform_answer_login(store, opened.login.session, &who, "valid", &by, NULL),
                     0);
    const struct console_asking asking = {opened.login.session, opened.secret, NULL, NULL};
    assert_int_equal(console_collect(&calls.site.platform, &asking, &reached, token, NULL), 0);
    assert_int_equal(reached, CONSOLE_DONE);
    (void)snprintf(ret_field, 128, "Cookie: jpki_console=%s", token);
}

static void a_member_of_the_operator_is_one_and_a_tenants_owner_is_not(void **state)
{
    char operators[128];
    char banks[128];

    (void)state;
    begin_session("", "operator", 1, operators);
    begin_session("bank", "owner", 2, banks);
    CLEANUP(answer_done)
    struct answer own = ask_with("GET /v1/audit/tree", NULL, operators, NULL);
    assert_int_equal(own.status, 200);
    CLEANUP(answer_done) struct answer other = ask_with("GET /v1/audit/tree", NULL, banks, NULL);
    assert_int_equal(other.status, 403);
    CLEANUP(answer_done)
    struct answer both = ask_with("GET /v1/audit/tree", PLATFORM_SITE_KEY, operators, NULL);
    assert_int_equal(both.status, 400);
}

/* ---- tenants ---- */

static struct answer as_operator(const char *line, struct json *body)
{
    struct operator_key row;
    char key[OPERATOR_KEY_SIZE];

    add_key(0, key, &row);
    return ask(line, key, body);
}

static void an_operator_lists_tenants_behind_one(void **state)
{
    CLEANUP(answer_done) struct answer all = as_operator("GET /v1/operator/tenants", NULL);
    CLEANUP(answer_done)
    struct answer rest = as_operator("GET /v1/operator/tenants?after=bank", NULL);
    const struct json *tenants;
    const char *text;

    (void)state;
    assert_int_equal(json_get_array(all.json, "tenants", &tenants, NULL), 0);
    assert_int_equal(json_count(tenants), 2);
    assert_int_equal(json_get_text(json_at(tenants, 0), "state", &text, NULL), 0);
    assert_string_equal(text, "registered");
    assert_int_equal(json_get_array(rest.json, "tenants", &tenants, NULL), 0);
    assert_int_equal(json_count(tenants), 1);
    assert_int_equal(json_get_text(json_at(tenants, 0), "client_id", &text, NULL), 0);
    assert_string_equal(text, "shop");
    assert_status("GET /v1/operator/tenants", PLATFORM_SITE_KEY, NULL, 403);
    assert_status("GET /v1/operator/tenants/bank", PLATFORM_SITE_KEY, NULL, 403);
}

static void a_page_of_tenants_has_so_many_and_says_that_there_are_more(void **state)
{
    const struct audit_origin by = by_now();
    const struct json *tenants;
    char client_id[16];
    bool is_more;

    (void)state;
    for (int i = 0; i < TENANTS_PAGE_MAX; i++) {
        const struct tenant_inputs inputs = {client_id, "one of many", "https://x.example"};
        char key[TENANT_KEY_SIZE];

        (void)snprintf(client_id, sizeof client_id, "a-%03d", i);
        if (i == TENANTS_PAGE_MAX - 1) { /* with this one there is one more than fits */
            CLEANUP(answer_done)
            struct answer page = as_operator("GET /v1/operator/tenants?after=bank", NULL);
            assert_int_equal(json_get_bool(page.json, "more", &is_more, NULL), 0);
            assert_false(is_more);
        }
        assert_int_equal(tenant_add(calls.site.platform.store, &inputs, &by, key, NULL), 0);
    }
    CLEANUP(answer_done) struct answer first = as_operator("GET /v1/operator/tenants", NULL);
    assert_int_equal(json_get_array(first.json, "tenants", &tenants, NULL), 0);
    assert_int_equal(json_count(tenants), TENANTS_PAGE_MAX);
    assert_int_equal(json_get_bool(first.json, "more", &is_more, NULL), 0);
    assert_true(is_more);
}

static void an_operator_sets_what_is_given_and_nothing_else(void **state)
{
    struct json *body = one_member("sources", "192.0.2.7");
    struct json *bad = one_member("sources", "nonsense");
    int64_t number;

    (void)state;
    assert_int_equal(json_put_int(body, "rate", 7, NULL), 0);
    CLEANUP(answer_done) struct answer set = as_operator("PATCH /v1/operator/tenants/bank", body);
    assert_int_equal(set.status, 200);
    assert_string_equal(text_of(&set, "sources"), "192.0.2.7");
    assert_int_equal(json_get_int(set.json, "rate", &number, NULL), 0);
    assert_int_equal(number, 7);
    assert_false(json_has(set.json, "quota"));
    assert_status("GET /v1/tenant", PLATFORM_SITE_KEY, NULL, 403); /* not from there */
    CLEANUP(answer_done) struct answer wrong = as_operator("PATCH /v1/operator/tenants/bank", bad);
    assert_int_equal(wrong.status, 400);
    CLEANUP(answer_done)
    struct answer nobody = as_operator("PATCH /v1/operator/tenants/x", json_object_new());
    assert_int_equal(nobody.status, 404);
    assert_status("PATCH /v1/operator/tenants/bank", PLATFORM_SITE_KEY, json_object_new(), 403);
}

static void an_operator_takes_a_provider_step_by_step(void **state)
{
    static const char line[] = "POST /v1/operator/tenants/bank/steps";
    struct json *own = one_member("step", "certify");
    const struct json *steps;

    (void)state;
    CLEANUP(answer_done) struct answer applied = as_operator(line, one_member("step", "apply"));
    assert_string_equal(text_of(&applied, "state"), "applied");
    CLEANUP(answer_done) struct answer early = as_operator(line, one_member("step", "notify"));
    assert_int_equal(early.status, 409);
    assert_int_equal(json_put_text(own, "reference", "No. 7", NULL), 0);
    CLEANUP(answer_done) struct answer certified = as_operator(line, own);
    assert_string_equal(text_of(&certified, "state"), "certified");
    CLEANUP(answer_done) struct answer shown = as_operator("GET /v1/operator/tenants/bank", NULL);
    assert_int_equal(json_get_array(shown.json, "steps", &steps, NULL), 0);
    assert_int_equal(json_count(steps), 2);
    CLEANUP(answer_done) struct answer strange = as_operator(line, one_member("step", "bless"));
    assert_int_equal(strange.status, 400);
    assert_status(line, PLATFORM_SITE_KEY, one_member("step", "end"), 403);
}

static void the_log_says_of_keys_which(void **state)
{
    CLEANUP(json_freep) struct json *page = NULL;
    const struct audit_origin by = by_now();
    struct operator_key row;
    char key[OPERATOR_KEY_SIZE];

    (void)state;
    add_key(0, key, &row);
    assert_int_equal(platform_revoke_operator_key(calls.site.platform.store, row.id, &by, NULL), 0);
    assert_int_equal(audit_list(platform_store_db(calls.site.platform.store), NULL, &page, NULL),
                     0);
    assert_log(json_steal(&page), "tenant.added self\ntenant.added self\n"
                                  "operator.key-added self\noperator.key-revoked self\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLATFORM(no_tenant_and_no_stranger_is_the_operator),
        WITH_PLATFORM(a_listed_user_is_one_on_the_socket_alone),
        WITH_PLATFORM(a_key_is_good_up_to_its_last_second_and_not_after_it_was_revoked),
        WITH_PLATFORM(there_are_so_many_keys_and_each_has_a_name),
        WITH_PLATFORM(a_member_of_the_operator_is_one_and_a_tenants_owner_is_not),
        WITH_PLATFORM(an_operator_lists_tenants_behind_one),
        WITH_PLATFORM(a_page_of_tenants_has_so_many_and_says_that_there_are_more),
        WITH_PLATFORM(an_operator_sets_what_is_given_and_nothing_else),
        WITH_PLATFORM(an_operator_takes_a_provider_step_by_step),
        WITH_PLATFORM(the_log_says_of_keys_which),
    };

    return cmocka_run_group_tests(tests, platform_calls_make, platform_calls_done);
}
