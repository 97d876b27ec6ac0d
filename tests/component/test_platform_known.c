/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants that are remembered by their keys are never other than the database has them. */
#include "platform/tenant/known.h"

#include "platform/tenant/tenant.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1790000000 };

static struct known *known;
static struct tempdir dir;
static struct platform_store *store;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(known_new(&known, NULL), 0);
    dir = tempdir_make();
    assert_int_equal(platform_store_open(tempdir_file(&dir, "p.db", path), &store, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    known_free(known);
    platform_store_closep(&store);
    tempdir_done(&dir);
    return 0;
}

static struct digest hash_of(const char *text)
{
    struct digest hash;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(text), &hash, NULL), 0);
    return hash;
}

static struct tenant tenant_named(const char *client_id, const struct digest *key,
                                  int64_t expires_at)
{
    struct tenant tenant = {.key = {.hash = *key, .expires_at = expires_at}};

    (void)snprintf(tenant.client_id, sizeof tenant.client_id, "%s", client_id);
    return tenant;
}

static void what_was_put_is_found_by_its_whole_key(void **state)
{
    const struct digest key = hash_of("a");
    const struct tenant bank = tenant_named("bank", &key, 0);
    struct digest other = key;
    struct tenant found;

    (void)state;
    other.value[31] ^= 1; /* of the same slot */
    assert_false(known_find(known, &key, NOW, &found));
    known_put(known, &bank, known_edition(known));
    assert_true(known_find(known, &key, NOW, &found));
    assert_string_equal(found.client_id, "bank");
    assert_false(known_find(known, &other, NOW, &found));
    const struct tenant shop = tenant_named("shop", &other, 0);
    known_put(known, &shop, known_edition(known));
    assert_true(known_find(known, &other, NOW, &found));
    assert_string_equal(found.client_id, "shop");
    assert_false(known_find(known, &key, NOW, &found));
}

static void a_key_that_ends_is_found_to_its_last_second(void **state)
{
    const struct digest key = hash_of("a");
    const struct tenant bank = tenant_named("bank", &key, NOW);
    struct tenant found;

    (void)state;
    known_put(known, &bank, known_edition(known));
    assert_true(known_find(known, &key, NOW, &found));
    assert_false(known_find(known, &key, NOW + 1, &found));
}

static void a_look_that_a_change_has_overtaken_is_not_kept(void **state)
{
    const struct digest key = hash_of("a");
    const struct tenant bank = tenant_named("bank", &key, 0);
    struct tenant found;
    uint64_t before = known_edition(known);

    (void)state;
    known_forget(known); /* after the look, before it is put */
    known_put(known, &bank, before);
    assert_false(known_find(known, &key, NOW, &found));
    known_put(known, &bank, known_edition(known));
    assert_true(known_find(known, &key, NOW, &found));
    known_use(known, &key, NOW + 60);
    assert_true(known_find(known, &key, NOW, &found));
    assert_int_equal(found.key.used_at, NOW + 60);
    known_forget(known);
    assert_false(known_find(known, &key, NOW, &found));
}

static void each_change_counts_for_the_next_request(void **state)
{
    const struct tenant_inputs inputs = {"bank", "Bank", "https://bank.example", {.rate = 1}};
    const struct tenant_rules rules = {.rate = 2};
    const struct key_inputs more = {"bank", "more", "auditor", 0};
    char first[TENANT_KEY_SIZE], second[TENANT_KEY_SIZE], renewed[TENANT_KEY_SIZE];
    struct tenant_key row;
    struct tenant found;

    (void)state;
    assert_int_equal(tenant_add(store, &inputs, &by, first, NULL), 0);
    assert_int_equal(tenant_of_key(store, first, NOW, &found, NULL), 0);
    assert_int_equal(found.rules.rate, 1);
    assert_int_equal(platform_set_tenant_rules(store, "bank", &rules, &by, NULL), 0);
    assert_int_equal(tenant_of_key(store, first, NOW, &found, NULL), 0);
    assert_int_equal(found.rules.rate, 2);
    assert_int_equal(tenant_add_key(store, &more, &by, second, &row, NULL), 0);
    assert_int_equal(tenant_of_key(store, second, NOW, &found, NULL), 0);
    assert_int_equal(platform_revoke_tenant_key(store, "bank", row.id, &by, NULL), 0);
    assert_int_equal(tenant_of_key(store, second, NOW, &found, NULL), -ERR_DENIED);
    assert_int_equal(tenant_of_key(store, first, NOW, &found, NULL), 0);
    assert_int_equal(tenant_renew_key(store, "bank", &by, renewed, NULL), 0);
    assert_int_equal(tenant_of_key(store, first, NOW, &found, NULL), -ERR_DENIED);
    assert_int_equal(tenant_of_key(store, renewed, NOW, &found, NULL), 0);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(what_was_put_is_found_by_its_whole_key),
        WITH_STORE(a_key_that_ends_is_found_to_its_last_second),
        WITH_STORE(a_look_that_a_change_has_overtaken_is_not_kept),
        WITH_STORE(each_change_counts_for_the_next_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
