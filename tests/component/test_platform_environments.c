/* SPDX-License-Identifier: Apache-2.0 */
/* A provider's live and its test environment: who makes one, and that nothing of one is in the
 * other. */
#include "base/clock.h"
#include "platform/schema.h"
#include "platform/tenant/environment.h"
#include "platform/verification/verifier.h"
#include "support/platform_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BANK PLATFORM_SITE_KEY
#define SHOP "the bearer key of the shop"
#define MAKE "POST /v1/tenant/environments"
#define LIST "GET /v1/tenant/environments"

static const char verify_line[] = "POST /v1/verifications";

static struct platform_store *store(void)
{
    return calls.site.platform.store;
}

/* The bank's test environment: an owner's key of it. */
static void make_test(char ret_key[TENANT_KEY_SIZE])
{
    CLEANUP(answer_done) struct answer made = ask(MAKE, BANK, json_object_new());

    assert_int_equal(made.status, 201);
    assert_string_equal(text_of(&made, "client_id"), "bank.test");
    assert_string_equal(text_of(&made, "environment"), "test");
    (void)snprintf(ret_key, TENANT_KEY_SIZE, "%s", text_of(&made, "key"));
}

static void add_key(const char *client_id, const char *role, char ret[TENANT_KEY_SIZE])
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    const struct key_inputs inputs = {client_id, role, role, 0};
    struct tenant_key row;

    assert_int_equal(tenant_add_key(store(), &inputs, &by, ret, &row, NULL), 0);
}

static void only_an_owner_makes_one(void **state)
{
    (void)state;
    assert_status(MAKE, NULL, json_object_new(), 403);
    for (unsigned role = ROLE_OWNER + 1; role < ROLES_; role++) {
        char key[TENANT_KEY_SIZE];

        add_key("bank", tenant_roles[role], key);
        assert_status(MAKE, key, json_object_new(), 403);
        assert_status(LIST, key, NULL, 200);
    }
}

static void there_is_one_of_a_live_tenant(void **state)
{
    char test[TENANT_KEY_SIZE];

    (void)state;
    assert_status(MAKE, BANK, one_member("origin", "http://bank.example"), 400);
    make_test(test);
    assert_status(MAKE, BANK, json_object_new(), 409);
    assert_status(MAKE, test, json_object_new(), 409);
}

/* Somebody who has the client id that it would have keeps it. */
static void a_client_id_that_is_somebodys_is_not_taken(void **state)
{
    const struct tenant_inputs other = {"bank.test", "Other", "https://other.example", {0}};
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    char key[TENANT_KEY_SIZE];

    (void)state;
    assert_int_equal(tenant_add(store(), &other, &by, key, NULL), 0);
    assert_status(MAKE, BANK, json_object_new(), 409);
    CLEANUP(answer_done) struct answer list = ask(LIST, BANK, NULL);
    const struct json *array;
    assert_int_equal(json_get_array(list.json, "environments", &array, NULL), 0);
    assert_int_equal(json_count(array), 1);
}

/* The longest client id with which there is room for the test environment's, and one longer. */
static void a_client_id_has_to_have_room(void **state)
{
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    const size_t room = CLIENT_ID_MAX - strlen(".test");

    (void)state;
    for (size_t past = 0; past < 2; past++) {
        char client_id[CLIENT_ID_MAX + 1] = "";
        const struct tenant_inputs inputs = {client_id, "Long", "https://long.example", {0}};
        char key[TENANT_KEY_SIZE];

        memset(client_id, 'a', room + past);
        assert_int_equal(tenant_add(store(), &inputs, &by, key, NULL), 0);
        assert_status(MAKE, key, json_object_new(), past == 0 ? 201 : 400);
    }
}

static void assert_listed(const char *key)
{
    CLEANUP(answer_done) struct answer list = ask(LIST, key, NULL);
    static const char *const expected[][2] = {{"bank", "live"}, {"bank.test", "test"}};
    const struct json *array;

    assert_int_equal(list.status, 200);
    assert_int_equal(json_get_array(list.json, "environments", &array, NULL), 0);
    assert_int_equal(json_count(array), 2);
    for (size_t i = 0; i < 2; i++) {
        const char *client_id, *environment;

        assert_int_equal(json_get_text(json_at(array, i), "client_id", &client_id, NULL), 0);
        assert_int_equal(json_get_text(json_at(array, i), "environment", &environment, NULL), 0);
        assert_string_equal(client_id, expected[i][0]);
        assert_string_equal(environment, expected[i][1]);
        assert_false(json_has(json_at(array, i), "key"));
    }
}

static void both_are_listed_from_each_and_from_nobody_else(void **state)
{
    char test[TENANT_KEY_SIZE];
    const struct json *array;

    (void)state;
    make_test(test);
    assert_listed(BANK);
    assert_listed(test);
    CLEANUP(answer_done) struct answer shop = ask(LIST, SHOP, NULL);
    assert_int_equal(json_get_array(shop.json, "environments", &array, NULL), 0);
    assert_int_equal(json_count(array), 1);
}

static void verify(const char *key, char ret_id[64], char ret_holder[64])
{
    CLEANUP(answer_done)
    struct answer answer = ask_with(verify_line, key, "Idempotency-Key: the same",
                                    verification_body("a contract"));

    assert_int_equal(answer.status, 201);
    assert_false(json_has(answer.json, "replayed"));
    (void)snprintf(ret_id, 64, "%s", text_of(&answer, "id"));
    (void)snprintf(ret_holder, 64, "%s", text_of(&answer, "holder"));
}

/* Each route that names something of one, with the other's key. */
static void what_is_of_one_is_not_found_with_the_others_key(void **state)
{
    static const struct {
        const char *before, *after;
    } lines[] = {{"GET /v1/verifications/", ""},
                 {"DELETE /v1/verifications/", ""},
                 {"GET /v1/verifications/", "/report"},
                 {"GET /v1/holders/", ""}};
    char test[TENANT_KEY_SIZE], ids[2][64], holders[2][64];
    const char *keys[] = {BANK, test};

    (void)state;
    make_test(test);
    for (size_t i = 0; i < 2; i++)
        verify(keys[i], ids[i], holders[i]);
    assert_string_not_equal(ids[0], ids[1]);
    assert_string_not_equal(holders[0], holders[1]); /* one person, two pseudonyms */
    for (size_t i = 0; i < 2; i++)
        for (size_t row = 0; row < sizeof lines / sizeof lines[0]; row++) {
            bool is_holder = strstr(lines[row].before, "holders") != NULL;
            char line[128];

            (void)snprintf(line, sizeof line, "%s%s%s", lines[row].before,
                           is_holder ? holders[i] : ids[i], lines[row].after);
            assert_status(line, keys[1 - i], NULL, 404);
        }
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(answer_done) struct answer list = ask("GET /v1/verifications", keys[i], NULL);
        const struct json *array;
        const char *id;

        assert_int_equal(json_get_array(list.json, "verifications", &array, NULL), 0);
        assert_int_equal(json_count(array), 1);
        assert_int_equal(json_get_text(json_at(array, 0), "id", &id, NULL), 0);
        assert_string_equal(id, ids[i]);
    }
}

static void keys_rules_and_counts_are_apart(void **state)
{
    const struct tenant_rules none_left = {.environment = ENVIRONMENT_TEST, .quota = 1};
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    char test[TENANT_KEY_SIZE], renewed[TENANT_KEY_SIZE];
    bool is_verifier = true;
    int64_t used;

    (void)state;
    assert_int_equal(platform_set_verifier(store(), "bank", true, &by, NULL), 0);
    make_test(test);
    assert_int_equal(platform_is_verifier(store(), "bank.test", &is_verifier, NULL), 0);
    assert_false(is_verifier);
    assert_int_equal(platform_set_tenant_rules(store(), "bank.test", &none_left, &by, NULL), 0);
    assert_status(verify_line, test, verification_body("a contract"), 201);
    assert_status(verify_line, test, verification_body("a contract"), 429);
    assert_status(verify_line, BANK, verification_body("a contract"), 201);
    assert_int_equal(platform_count_usage(store(), "bank", TEST_PKI_NOW, &used, NULL), 0);
    assert_int_equal(used, 1);
    assert_int_equal(tenant_renew_key(store(), "bank.test", &by, renewed, NULL), 0);
    assert_status("GET /v1/tenant", test, NULL, 403);
    assert_status("GET /v1/tenant", BANK, NULL, 200);
    CLEANUP(answer_done) struct answer keys = ask("GET /v1/tenant/keys", renewed, NULL);
    const struct json *array;
    assert_int_equal(json_get_array(keys.json, "keys", &array, NULL), 0);
    assert_int_equal(json_count(array), 1);
}

static void neither_becomes_the_other(void **state)
{
    const struct tenant_rules live = {.environment = ENVIRONMENT_LIVE};
    const struct tenant_rules test = {.environment = ENVIRONMENT_TEST};
    const struct audit_origin by = audit_by_self(TEST_PKI_NOW);
    char key[TENANT_KEY_SIZE];

    (void)state;
    make_test(key);
    assert_int_equal(platform_set_tenant_rules(store(), "bank.test", &live, &by, NULL),
                     -ERR_CONFLICT);
    assert_int_equal(platform_set_tenant_rules(store(), "bank", &test, &by, NULL), -ERR_CONFLICT);
    assert_int_equal(platform_set_tenant_rules(store(), "bank.test", &test, &by, NULL), 0);
    assert_int_equal(platform_set_tenant_rules(store(), "bank", &live, &by, NULL), 0);
    assert_int_equal(platform_set_tenant_rules(store(), "shop", &test, &by, NULL), 0);
}

/* What somebody signed at one place is no login at the other. */
static void a_login_counts_where_it_was_shown(void **state)
{
    CLEANUP(answer_done)
    struct answer made = ask(MAKE, BANK, one_member("origin", "https://test.bank.example"));

    (void)state;
    assert_int_equal(made.status, 201);
    assert_string_equal(text_of(&made, "origin"), "https://test.bank.example");
    assert_status("POST /v1/authentications", text_of(&made, "key"),
                  authentication_body("https://bank.example"), 422);
    assert_status("POST /v1/authentications", BANK, authentication_body("https://bank.example"),
                  201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLATFORM(only_an_owner_makes_one),
        WITH_PLATFORM(there_is_one_of_a_live_tenant),
        WITH_PLATFORM(a_client_id_that_is_somebodys_is_not_taken),
        WITH_PLATFORM(a_client_id_has_to_have_room),
        WITH_PLATFORM(both_are_listed_from_each_and_from_nobody_else),
        WITH_PLATFORM(what_is_of_one_is_not_found_with_the_others_key),
        WITH_PLATFORM(keys_rules_and_counts_are_apart),
        WITH_PLATFORM(neither_becomes_the_other),
        WITH_PLATFORM(a_login_counts_where_it_was_shown),
    };

    return cmocka_run_group_tests(tests, platform_calls_make, platform_calls_done);
}
