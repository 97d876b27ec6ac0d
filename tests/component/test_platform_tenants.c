/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One tenant beside another: what its keys are good for, how much it may ask, and that it never
 * sees, changes, slows or bills the other.
 */
#include "support/platform_calls.h"

#include "base/clock.h"
#include "platform/routes.h"
#include "platform/schema.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/sources.h"
#include "platform/tenant/tenant.h"
#include "platform/verification/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BANK PLATFORM_SITE_KEY
#define SHOP "the bearer key of the shop"

static const char verify_line[] = "POST /v1/verifications";

static struct platform_store *store(void)
{
    return calls.site.platform.store;
}

static struct audit_origin by_now(void)
{
    return audit_by_self(clock_now(&calls.site.clock));
}

static void set_rules(const char *client_id, const struct tenant_rules *rules)
{
    const struct audit_origin by = by_now();

    assert_int_equal(tenant_rules_check(rules, NULL), 0);
    assert_int_equal(platform_set_tenant_rules(store(), client_id, rules, &by, NULL), 0);
}

/* A key of the bank; *ret is its row. */
static void add_key(const char *role, int64_t expires_at, char ret_key[TENANT_KEY_SIZE],
                    struct tenant_key *ret)
{
    const struct key_inputs inputs = {"bank", "somebody", role, expires_at};
    const struct audit_origin by = by_now();

    assert_int_equal(tenant_add_key(store(), &inputs, &by, ret_key, ret, NULL), 0);
}

static unsigned status_of(const char *line, const char *key, struct json *body)
{
    CLEANUP(answer_done) struct answer answer = ask(line, key, body);

    return answer.status;
}

static int64_t number_of(const struct answer *answer, const char *key)
{
    int64_t number = -1;

    assert_int_equal(json_get_int(answer->json, key, &number, NULL), 0);
    return number;
}

/* ---- keys ---- */

static void each_role_may_do_what_its_table_says(void **state)
{
    static const struct {
        const char *line;
        bool may[ROLES_]; /* owner, developer, auditor, billing */
    } rows[] = {
        {"GET /v1/verifications", {true, true, true, false}},
        {"GET /v1/verifications/AAAAAAAAAAAAAAAAAAAAAA", {true, true, true, false}},
        {"DELETE /v1/verifications/AAAAAAAAAAAAAAAAAAAAAA", {true, true, false, false}},
        {"POST /v1/verifications", {true, true, false, false}},
        {"POST /v1/authentications", {true, true, false, false}},
        {"GET /v1/tenant", {true, true, true, true}},
        {"GET /v1/fees?month=2026-01", {true, true, true, true}},
        {"GET /v1/statements?month=2026-01", {false, false, false, false}},
        {"GET /v1/tenant/keys", {true, false, false, false}},
        {"POST /v1/tenant/keys", {true, false, false, false}},
        {"DELETE /v1/tenant/keys/AAAAAAAAAAAAAAAAAAAAAA", {true, false, false, false}},
    };

    (void)state;
    for (unsigned role = 0; role < ROLES_; role++) {
        char key[TENANT_KEY_SIZE];
        struct tenant_key row;

        add_key(tenant_roles[role], 0, key, &row);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            bool has_body = strncmp(rows[i].line, "POST", 4) == 0;
            unsigned status = status_of(rows[i].line, key, has_body ? json_object_new() : NULL);

            if ((status != 403) != rows[i].may[role])
                fail_msg("%s as %s: %u", rows[i].line, tenant_roles[role], status);
        }
    }
}

static void a_key_is_good_up_to_its_last_second_and_not_after_it_was_revoked(void **state)
{
    const struct audit_origin by = by_now();
    char key[TENANT_KEY_SIZE];
    struct tenant_key row;

    (void)state;
    add_key("developer", TEST_PKI_NOW + 10, key, &row);
    calls.site.clock = clock_fixed(TEST_PKI_NOW + 10);
    assert_status("GET /v1/tenant", key, NULL, 200);
    calls.site.clock = clock_fixed(TEST_PKI_NOW + 11);
    assert_status("GET /v1/tenant", key, NULL, 403);
    calls.site.clock = clock_fixed(TEST_PKI_NOW);
    assert_int_equal(platform_revoke_tenant_key(store(), "shop", row.id, &by, NULL), -ERR_ABSENT);
    assert_status("GET /v1/tenant", key, NULL, 200);
    assert_int_equal(platform_revoke_tenant_key(store(), "bank", row.id, &by, NULL), 0);
    assert_status("GET /v1/tenant", key, NULL, 403);
    assert_int_equal(platform_revoke_tenant_key(store(), "bank", row.id, &by, NULL), -ERR_ABSENT);
    assert_status("GET /v1/tenant", BANK, NULL, 200); /* the other key is as good as before */
}

static void what_is_no_key_is_not_made(void **state)
{
    char name[TENANT_KEY_NAME_MAX + 2];
    const struct audit_origin by = by_now();
    struct key_inputs inputs = {"bank", name, "owner", 0};
    char key[TENANT_KEY_SIZE];
    struct tenant_key row;

    (void)state;
    memset(name, 'n', sizeof name);
    name[TENANT_KEY_NAME_MAX + 1] = '\0';
    assert_int_equal(tenant_add_key(store(), &inputs, &by, key, &row, NULL), -ERR_INPUT);
    name[TENANT_KEY_NAME_MAX] = '\0';
    assert_int_equal(tenant_add_key(store(), &inputs, &by, key, &row, NULL), 0);
    inputs.expires_at = TEST_PKI_NOW;
    assert_int_equal(tenant_add_key(store(), &inputs, &by, key, &row, NULL), -ERR_INPUT);
    inputs = (struct key_inputs){"bank", "n", "king", 0};
    assert_int_equal(tenant_add_key(store(), &inputs, &by, key, &row, NULL), -ERR_INPUT);
    inputs = (struct key_inputs){"nobody", "n", "owner", 0};
    assert_int_equal(tenant_add_key(store(), &inputs, &by, key, &row, NULL), -ERR_ABSENT);
    inputs.client_id = "bank";
    for (int i = 2; i < TENANT_KEYS_MAX; i++)
        assert_int_equal(tenant_add_key(store(), &inputs, &by, key, &row, NULL), 0);
    assert_int_equal(tenant_add_key(store(), &inputs, &by, key, &row, NULL), -ERR_CONFLICT);
    assert_int_equal(platform_revoke_tenant_key(store(), "bank", row.id, &by, NULL), 0);
    assert_int_equal(tenant_add_key(store(), &inputs, &by, key, &row, NULL), 0);
}

static struct json *new_key(const char *name, const char *role)
{
    struct json *body = one_member("name", name);

    assert_int_equal(json_put_text(body, "role", role, NULL), 0);
    return body;
}

static void an_owner_makes_lists_and_revokes_keys(void **state)
{
    CLEANUP(answer_done)
    struct answer made = ask("POST /v1/tenant/keys", BANK, new_key("the auditor", "auditor"));
    CLEANUP(answer_done) struct answer before = ask("GET /v1/tenant/keys", BANK, NULL);
    const struct json *keys;
    int64_t at;
    char line[64];

    (void)state;
    assert_int_equal(made.status, 201);
    assert_int_equal(json_get_array(before.json, "keys", &keys, NULL), 0);
    assert_int_equal(json_count(keys), 2);
    assert_int_equal(json_get_int(json_at(keys, 0), "used", &at, NULL), 0); /* by these calls */
    assert_int_equal(at, TEST_PKI_NOW);
    assert_false(json_has(json_at(keys, 1), "used"));
    assert_false(json_has(json_at(keys, 1), "key")); /* told once */
    assert_status("GET /v1/verifications", text_of(&made, "key"), NULL, 200);
    (void)snprintf(line, sizeof line, "DELETE /v1/tenant/keys/%s", text_of(&made, "id"));
    assert_status(line, SHOP, NULL, 404);
    assert_status(line, BANK, NULL, 204);
    assert_status("GET /v1/verifications", text_of(&made, "key"), NULL, 403);
}

static void a_database_of_before_keeps_its_tenants_key(void **state)
{
    const char *scripts[8] = {NULL};
    const struct db_schema old = {platform_schema.name, scripts};
    struct db *db = NULL;
    struct digest hash;
    struct tenant tenant;
    struct verification found;

    (void)state;
    for (size_t i = 0; i < 6; i++) /* all before verifications and tenants became more */
        scripts[i] = platform_schema.migrations[i];
    platform_store_closep(&calls.site.platform.store);
    assert_int_equal(remove(calls.site.database), 0);
    assert_int_equal(db_open(calls.site.database, &old, &db, NULL), 0);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(BANK), &hash, NULL), 0);
        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(db_execute(&txn, "INSERT INTO tenant VALUES ('bank', 'B', 'https://b', ?)",
                                    DB_WITH(DB_BLOB(digest_bytes(&hash))), NULL),
                         0);
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO verification VALUES ('v', 'bank', 7, 'valid')",
                                    DB_NOTHING, NULL),
                         0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    db_closep(&db);
    assert_int_equal(platform_store_open(calls.site.database, &calls.site.platform.store, NULL), 0);
    assert_int_equal(tenant_of_key(store(), BANK, 1, &tenant, NULL), 0);
    assert_int_equal(tenant.key.role, ROLE_OWNER);
    assert_int_equal(tenant.rules.environment, ENVIRONMENT_LIVE);
    assert_int_equal(platform_get_verification(store(), "v", "bank", &found, NULL), 0);
    assert_string_equal(found.purpose, "signature");
    assert_int_equal(found.digest.len, 0);
}

/* ---- where from ---- */

static void a_tenant_with_a_list_asks_from_there_alone(void **state)
{
    static const struct {
        const char *field; /* NULL: none */
        unsigned status;
    } cases[] = {
        {"X-Forwarded-For: 192.0.2.7", 200},
        {"X-Forwarded-For: 192.0.2.8", 403},
        {"X-Forwarded-For: 198.51.100.255", 200},
        {"X-Forwarded-For: 198.51.101.0", 403},
        {"X-Forwarded-For: 2001:db8:1::5", 200},
        {"X-Forwarded-For: 2001:db9::5", 403},
        {"X-Forwarded-For: ::ffff:192.0.2.7", 200},
        /* What stands before the last one is the sender's claim. */
        {"X-Forwarded-For: 192.0.2.7, 203.0.113.9", 403},
        {"X-Forwarded-For: 203.0.113.9, 192.0.2.7", 200},
        {"X-Forwarded-For: nonsense", 403},
        {"X-Forwarded-For: ", 403},
        {NULL, 403},
    };
    const struct tenant_rules rules = {.sources = "192.0.2.7 198.51.100.0/24 2001:db8::/32"};

    (void)state;
    set_rules("bank", &rules);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(answer_done)
        struct answer answer = ask_through("GET /v1/tenant", BANK, cases[i].field, NULL);
        CLEANUP(answer_done)
        struct answer claim = ask_with("GET /v1/tenant", BANK, cases[i].field, NULL);

        if (answer.status != cases[i].status)
            fail_msg("%s: %u", cases[i].field, answer.status);
        assert_int_equal(claim.status, 403); /* on the port nobody is in front */
    }
    assert_status("GET /v1/tenant", SHOP, NULL, 200);
}

static void what_is_no_rule_is_refused(void **state)
{
    static const char *const lists[] = {
        "192.0.2",       "192.0.2.0/33",   "192.0.2.0/", "192.0.2.0/-1",        "a",
        "192.0.2.0/0x8", "2001:db8::/129", " 192.0.2.1", "192.0.2.1  192.0.2.2"};
    struct tenant_rules rules = {.rate = TENANT_RATE_MAX, .quota = TENANT_QUOTA_MAX};

    (void)state;
    assert_int_equal(tenant_rules_check(&rules, NULL), 0);
    rules.rate++;
    assert_int_equal(tenant_rules_check(&rules, NULL), -ERR_INPUT);
    rules.rate = 0;
    rules.quota++;
    assert_int_equal(tenant_rules_check(&rules, NULL), -ERR_INPUT);
    rules.quota = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        (void)snprintf(rules.sources, sizeof rules.sources, "%s", lists[i]);
        if (tenant_rules_check(&rules, NULL) != -ERR_INPUT)
            fail_msg("\"%s\" is taken", lists[i]);
    }
    memset(rules.sources, ' ', TENANT_SOURCES_MAX);
    for (size_t i = 0; i + 7 <= TENANT_SOURCES_MAX; i += 8)
        memcpy(rules.sources + i, "1.2.3.4", 7);
    rules.sources[TENANT_SOURCES_MAX] = '\0';
    assert_int_equal(tenant_rules_check(&rules, NULL), 0);
    char longer[TENANT_SOURCES_MAX + 2];
    memcpy(longer, rules.sources, TENANT_SOURCES_MAX);
    memcpy(longer + TENANT_SOURCES_MAX, " ", 2);
    assert_int_equal(sources_check(longer, NULL), -ERR_INPUT);
}

/* ---- how much ---- */

static const char *field_of(struct answer *answer, const char *name)
{
    static char value[128];
    char needle[48];
    const char *text = NULL;
    const char *at;

    (void)snprintf(needle, sizeof needle, "\r\n%s: ", name);
    assert_int_equal(buf_text(&answer->text, &text, NULL), 0);
    at = strstr(text, needle);
    if (at == NULL)
        return NULL;
    at += strlen(needle);
    (void)snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

static void beyond_its_rate_a_tenant_is_told_when_to_come_again(void **state)
{
    const struct tenant_rules rules = {.rate = 3};
    unsigned refused = 0;

    (void)state;
    set_rules("bank", &rules);
    for (int i = 0; i < 8; i++) {
        CLEANUP(answer_done) struct answer answer = ask("GET /v1/tenant", BANK, NULL);

        assert_string_equal(field_of(&answer, "RateLimit-Policy"), "\"second\";q=3;w=1");
        if (answer.status == 200)
            continue;
        assert_int_equal(answer.status, 429);
        assert_string_equal(field_of(&answer, "RateLimit"), "\"second\";r=0;t=1");
        assert_string_equal(field_of(&answer, "Retry-After"), "1");
        refused++;
    }
    assert_true(refused > 0);
    /* Nobody else is, whoever asks how often. */
    for (int i = 0; i < 8; i++)
        assert_status("GET /v1/tenant", SHOP, NULL, 200);
    assert_status("GET /v1/tenant", "nobody's", NULL, 403);
}

static void a_tenants_rate_without_a_rule_is_the_usual_one(void **state)
{
    char expected[64];
    CLEANUP(answer_done) struct answer answer = ask("GET /v1/tenant", BANK, NULL);

    (void)state;
    (void)snprintf(expected, sizeof expected, "\"second\";q=%d;w=1", TENANT_RATE);
    assert_string_equal(field_of(&answer, "RateLimit-Policy"), expected);
    assert_int_equal(number_of(&answer, "rate"), TENANT_RATE);
    assert_false(json_has(answer.json, "quota"));
}

static void a_bucket_fills_with_time_and_never_over(void **state)
{
    CLEANUP(limiter_freep) struct limiter *limiter = NULL;
    struct limiter_answer answer;
    int64_t now = 1000;

    (void)state;
    assert_int_equal(limiter_new(&limiter, NULL), 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5; i++) {
            assert_int_equal(limiter_take(limiter, "a", 5, now, &answer, NULL), 0);
            assert_false(answer.is_over);
            assert_int_equal(answer.remaining, 4 - i);
        }
        assert_int_equal(limiter_take(limiter, "a", 5, now, &answer, NULL), 0);
        assert_true(answer.is_over);
        assert_int_equal(answer.wait_s, 1);
        assert_int_equal(limiter_take(limiter, "b", 5, now, &answer, NULL), 0);
        assert_false(answer.is_over);
        now += 3600LL * 1000000; /* as full as after a second */
    }
    for (int i = 0; i < 5; i++)
        assert_int_equal(limiter_take(limiter, "a", 5, now, &answer, NULL), 0);
    assert_int_equal(limiter_take(limiter, "a", 5, now + 199999, &answer, NULL), 0);
    assert_true(answer.is_over);
    assert_int_equal(limiter_take(limiter, "a", 5, now + 200000, &answer, NULL), 0);
    assert_false(answer.is_over);
    assert_int_equal(limiter_take(limiter, "a", 5, now - 5000000, &answer, NULL), 0);
    assert_true(answer.is_over); /* a clock that goes back gives nothing */
}

static void beyond_its_quota_a_tenant_waits_for_the_next_month(void **state)
{
    const struct tenant_rules rules = {.quota = 2};
    const int64_t month_end = usage_month_of(TEST_PKI_NOW).ends_at;
    char expected[32];

    (void)state;
    set_rules("bank", &rules);
    assert_status(verify_line, BANK, verification_body("a contract"), 201);
    assert_status(verify_line, BANK, verification_body("another"), 201); /* invalid counts */
    CLEANUP(answer_done)
    struct answer over = ask(verify_line, BANK, verification_body("a contract"));
    assert_int_equal(over.status, 429);
    (void)snprintf(expected, sizeof expected, "%lld", (long long)(month_end - TEST_PKI_NOW));
    assert_string_equal(field_of(&over, "Retry-After"), expected);
    assert_status("POST /v1/authentications", BANK, authentication_body("https://bank.example"),
                  429);
    CLEANUP(answer_done) struct answer own = ask("GET /v1/tenant", BANK, NULL); /* still readable */
    assert_int_equal(number_of(&own, "used"), 2);
    assert_int_equal(number_of(&own, "quota"), 2);
    calls.site.clock = clock_fixed(month_end);
    assert_status(verify_line, BANK, verification_body("another"), 201);
    CLEANUP(answer_done) struct answer next = ask("GET /v1/tenant", BANK, NULL);
    assert_int_equal(number_of(&next, "used"), 1);
}

/* Two that were let in together do not both get the last one. */
static void a_quota_holds_to_the_last_one(void **state)
{
    const struct tenant_rules rules = {.quota = 1};
    const struct audit_origin by = by_now();
    struct verification verification = {
        .id = "a", .client_id = "bank", .at = TEST_PKI_NOW, .verdict = "valid"};
    int64_t used;

    (void)state;
    set_rules("bank", &rules);
    assert_int_equal(platform_keep_verification(store(), &verification, NULL, "valid", &by, NULL),
                     0);
    verification.id[0] = 'b';
    assert_int_equal(platform_keep_verification(store(), &verification, NULL, "valid", &by, NULL),
                     -ERR_REMOTE);
    assert_int_equal(platform_count_usage(store(), "bank", TEST_PKI_NOW, &used, NULL), 0);
    assert_int_equal(used, 1);
    assert_int_equal(platform_get_verification(store(), "b", "bank", &verification, NULL),
                     -ERR_ABSENT);
}

static void months_are_japans(void **state)
{
    /* 2026-12-31T14:59:59Z is the last second of the year in Japan. */
    const int64_t last = 1798729199;

    (void)state;
    assert_string_equal(usage_month_of(last).name, "2026-12");
    assert_string_equal(usage_month_of(last + 1).name, "2027-01");
    assert_int_equal(usage_month_of(last).ends_at, last + 1);
    assert_int_equal(usage_month_of(last + 1).ends_at, last + 1 + 31 * 86400);
}

/* ---- apart ---- */

/* A row's address with an id in the place of each ":name". */
static void address_of(const struct route *row, const char *id, char *ret, size_t size)
{
    size_t len = (size_t)snprintf(ret, size, "%s ", http_method_name(row->method));

    for (const char *at = row->path; *at != '\0' && len + strlen(id) + 1 < size;) {
        if (*at == ':') {
            len += (size_t)snprintf(ret + len, size - len, "%s", id);
            at += strcspn(at, "/");
        } else {
            ret[len++] = *at++;
            ret[len] = '\0';
        }
    }
}

static bool has_parameter(const struct route *row)
{
    return strchr(row->path, ':') != NULL;
}

/* Whatever the shop asks with that name of the bank's, it gets nowhere and sees nothing. */
static void try_all_rows(const char *id)
{
    for (size_t i = 0; platform_routes[i] != NULL; i++)
        for (const struct route *row = platform_routes[i]; row->path != NULL; row++) {
            char line[256];
            struct json *body = row->body != NULL ? json_object_new() : NULL;

            if (!row->access->is_bearer) {
                json_free(body);
                continue;
            }
            address_of(row, id, line, sizeof line);
            CLEANUP(answer_done) struct answer answer = ask(line, SHOP, body);
            if (has_parameter(row) && answer.status < 400)
                fail_msg("%s: %u", line, answer.status);
            if (memmem(answer.text.ptr, answer.text.len, id, strlen(id)) != NULL)
                fail_msg("%s tells the name", line);
        }
}

static void assert_same(const struct answer *first, const struct answer *then)
{
    CLEANUP(buf_done) struct buf before = BUF_INIT;
    CLEANUP(buf_done) struct buf after = BUF_INIT;

    assert_int_equal(json_write(first->json, &before, NULL), 0);
    assert_int_equal(json_write(then->json, &after, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
}

static void no_route_leads_to_what_is_another_tenants(void **state)
{
    CLEANUP(answer_done)
    struct answer made = ask_with(verify_line, BANK, "Idempotency-Key: k",
                                  verification_body("a contract"));
    CLEANUP(answer_done)
    struct answer key = ask("POST /v1/tenant/keys", BANK, new_key("somebody", "developer"));
    CLEANUP(answer_done) struct answer list = ask("GET /v1/verifications", BANK, NULL);
    CLEANUP(answer_done) struct answer keys = ask("GET /v1/tenant/keys", BANK, NULL);
    char line[64];

    (void)state;
    try_all_rows(text_of(&made, "id"));
    try_all_rows(text_of(&key, "id"));
    /* The bank finds all as it was. */
    CLEANUP(answer_done) struct answer list_then = ask("GET /v1/verifications", BANK, NULL);
    CLEANUP(answer_done) struct answer keys_then = ask("GET /v1/tenant/keys", BANK, NULL);
    assert_same(&list, &list_then);
    assert_same(&keys, &keys_then);
    (void)snprintf(line, sizeof line, "GET /v1/verifications/%s", text_of(&made, "id"));
    assert_status(line, BANK, NULL, 200);
    assert_status("GET /v1/tenant", text_of(&key, "key"), NULL, 200);
    /* And the same words under which the bank asked are the shop's own. */
    CLEANUP(answer_done)
    struct answer own = ask_with(verify_line, SHOP, "Idempotency-Key: k",
                                 verification_body("another"));
    assert_int_equal(own.status, 201);
    assert_string_not_equal(text_of(&own, "id"), text_of(&made, "id"));
}

static void nobody_is_charged_for_another(void **state)
{
    int64_t banks, shops;

    (void)state;
    assert_status(verify_line, BANK, verification_body("a contract"), 201);
    assert_status(verify_line, BANK, verification_body("a contract"), 201);
    assert_status("POST /v1/authentications", BANK, authentication_body("https://bank.example"),
                  201);
    assert_status("POST /v1/authentications", SHOP, authentication_body("https://bank.example"),
                  422); /* of the bank's origin: nothing was judged */
    assert_status(verify_line, SHOP, json_object_new(), 400);
    assert_status(verify_line, "nobody's", verification_body("a contract"), 403);
    assert_int_equal(platform_count_usage(store(), "bank", TEST_PKI_NOW, &banks, NULL), 0);
    assert_int_equal(platform_count_usage(store(), "shop", TEST_PKI_NOW, &shops, NULL), 0);
    assert_int_equal(banks, 3);
    assert_int_equal(shops, 0);
}

static void what_is_deleted_was_used_all_the_same(void **state)
{
    CLEANUP(answer_done)
    struct answer made = ask(verify_line, BANK, verification_body("a contract"));
    int64_t used;
    char line[64];

    (void)state;
    (void)snprintf(line, sizeof line, "DELETE /v1/verifications/%s", text_of(&made, "id"));
    assert_status(line, BANK, NULL, 204);
    assert_int_equal(platform_count_usage(store(), "bank", TEST_PKI_NOW, &used, NULL), 0);
    assert_int_equal(used, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLATFORM(each_role_may_do_what_its_table_says),
        WITH_PLATFORM(a_key_is_good_up_to_its_last_second_and_not_after_it_was_revoked),
        WITH_PLATFORM(what_is_no_key_is_not_made),
        WITH_PLATFORM(an_owner_makes_lists_and_revokes_keys),
        WITH_PLATFORM(a_database_of_before_keeps_its_tenants_key),
        WITH_PLATFORM(a_tenant_with_a_list_asks_from_there_alone),
        WITH_PLATFORM(what_is_no_rule_is_refused),
        WITH_PLATFORM(beyond_its_rate_a_tenant_is_told_when_to_come_again),
        WITH_PLATFORM(a_tenants_rate_without_a_rule_is_the_usual_one),
        cmocka_unit_test(a_bucket_fills_with_time_and_never_over),
        WITH_PLATFORM(beyond_its_quota_a_tenant_waits_for_the_next_month),
        WITH_PLATFORM(a_quota_holds_to_the_last_one),
        cmocka_unit_test(months_are_japans),
        WITH_PLATFORM(no_route_leads_to_what_is_another_tenants),
        WITH_PLATFORM(nobody_is_charged_for_another),
        WITH_PLATFORM(what_is_deleted_was_used_all_the_same),
    };

    return cmocka_run_group_tests(tests, platform_calls_make, platform_calls_done);
}
