/* SPDX-License-Identifier: Apache-2.0 */
/* Who may be a tenant, and how one proves to be it. */
#include "platform/tenant/tenant.h"

#include "base/file.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];
static struct platform_store *store;
static const struct audit_origin by = {.at = 1, .actor = "uid:1000"};

static int set_up(void **state)
{
    (void)state;
    dir = tempdir_make();
    assert_int_equal(platform_store_open(tempdir_file(&dir, "p.db", path), &store, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    platform_store_closep(&store);
    tempdir_done(&dir);
    return 0;
}

static int add(const char *client_id, const char *name, const char *origin)
{
    const struct tenant_inputs inputs = {client_id, name, origin};
    char key[TENANT_KEY_SIZE];

    return tenant_add(store, &inputs, &by, key, NULL);
}

static void a_client_id_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    char id[CLIENT_ID_MAX + 2];

    (void)state;
    memset(id, 'a', sizeof id);
    id[CLIENT_ID_MAX + 1] = '\0';
    assert_int_equal(add(id, "Bank", "https://bank.example"), -ERR_INPUT);
    id[CLIENT_ID_MAX] = '\0';
    assert_int_equal(add(id, "Bank", "https://bank.example"), 0);
    assert_int_equal(add("", "Bank", "https://bank.example"), -ERR_INPUT);
    assert_int_equal(add("a/b", "Bank", "https://bank.example"), -ERR_INPUT);
}

static void a_name_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    char name[TENANT_NAME_MAX + 2];

    (void)state;
    memset(name, 'a', sizeof name);
    name[TENANT_NAME_MAX + 1] = '\0';
    assert_int_equal(add("bank", name, "https://bank.example"), -ERR_INPUT);
    name[TENANT_NAME_MAX] = '\0';
    assert_int_equal(add("bank", name, "https://bank.example"), 0);
    assert_int_equal(add("shop", "", "https://bank.example"), -ERR_INPUT);
}

static void a_name_that_could_change_what_people_see_is_refused(void **state)
{
    static const char *const names[] = {
        "Ba\nnk", "\x1b[2JBank", "Bank \xe2\x80\xae knab", "\xff", "Bank\xe2\x80\x8b",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(add("bank", names[i], "https://bank.example"), -ERR_INPUT);
    assert_int_equal(add("bank", "見本銀行", "https://bank.example"), 0);
}

static void an_origin_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    char origin[TENANT_ORIGIN_MAX + 2];

    (void)state;
    memset(origin, 'a', sizeof origin);
    memcpy(origin, "https://", strlen("https://"));
    origin[TENANT_ORIGIN_MAX + 1] = '\0';
    assert_int_equal(origin_check(origin, NULL), -ERR_INPUT);
    origin[TENANT_ORIGIN_MAX] = '\0';
    assert_int_equal(origin_check(origin, NULL), 0);
}

static void what_is_no_origin_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "bank.example",
        "https://",
        "https://Bank.example",
        "https://bank.example/",
        "https://bank.example/a",
        "https://user@bank.example",
        "https://bank.example:",
        "https://bank.example:0443",
        "https://bank.example:443443",
        "https://bank.example:443",
        "http://localhost:80",
        "https://b\xc3\xa4nk.example",
        "http://bank.example",
        "http://127.0.0.1.bank.example",
        "http://localhost.bank.example",
        "ftp://bank.example",
    };
    static const char *const good[] = {"https://bank.example", "https://bank.example:8443",
                                       "http://127.0.0.1:8080", "http://localhost"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(origin_check(bad[i], NULL), -ERR_INPUT);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(origin_check(good[i], NULL), 0);
}

static void a_client_id_is_given_once(void **state)
{
    (void)state;
    assert_int_equal(add("bank", "Bank", "https://bank.example"), 0);
    assert_int_equal(add("bank", "Another", "https://other.example"), -ERR_CONFLICT);
}

static void a_key_is_one_tenants_and_not_in_the_file(void **state)
{
    const struct tenant_inputs bank = {"bank", "Bank", "https://bank.example"};
    const struct tenant_inputs shop = {"shop", "Shop", "https://shop.example"};
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    char key[TENANT_KEY_SIZE];
    char other[TENANT_KEY_SIZE];
    struct tenant tenant;

    (void)state;
    assert_int_equal(tenant_add(store, &bank, &by, key, NULL), 0);
    assert_int_equal(tenant_add(store, &shop, &by, other, NULL), 0);
    assert_string_not_equal(key, other);
    assert_int_equal(tenant_of_key(store, key, 1, &tenant, NULL), 0);
    assert_string_equal(tenant.client_id, "bank");
    assert_int_equal(tenant_of_key(store, other, 1, &tenant, NULL), 0);
    assert_string_equal(tenant.client_id, "shop");
    key[0] = key[0] == 'A' ? 'B' : 'A';
    assert_int_equal(tenant_of_key(store, key, 1, &tenant, NULL), -ERR_DENIED);
    assert_int_equal(tenant_of_key(store, "", 1, &tenant, NULL), -ERR_DENIED);
    platform_store_closep(&store);
    assert_int_equal(file_read(path, 1 << 20, &file, NULL), 0);
    assert_null(memmem(file.ptr, file.len, other, strlen(other)));
    assert_non_null(memmem(file.ptr, file.len, "shop.example", strlen("shop.example")));
}

static void a_new_key_takes_the_place_of_the_old_one(void **state)
{
    const struct tenant_inputs bank = {"bank", "Bank", "https://bank.example"};
    char key[TENANT_KEY_SIZE];
    char renewed[TENANT_KEY_SIZE] = "untouched";
    struct tenant tenant;

    (void)state;
    assert_int_equal(tenant_add(store, &bank, &by, key, NULL), 0);
    assert_int_equal(tenant_renew_key(store, "shop", &by, renewed, NULL), -ERR_ABSENT);
    assert_string_equal(renewed, "untouched");
    assert_int_equal(tenant_of_key(store, key, 1, &tenant, NULL), 0);
    assert_int_equal(tenant_renew_key(store, "bank", &by, renewed, NULL), 0);
    assert_int_equal(tenant_of_key(store, key, 1, &tenant, NULL), -ERR_DENIED);
    assert_int_equal(tenant_of_key(store, renewed, 1, &tenant, NULL), 0);
    assert_string_equal(tenant.client_id, "bank");
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(a_client_id_at_the_limit_is_taken_and_one_past_it_refused),
        WITH_STORE(a_name_at_the_limit_is_taken_and_one_past_it_refused),
        WITH_STORE(a_name_that_could_change_what_people_see_is_refused),
        WITH_STORE(an_origin_at_the_limit_is_taken_and_one_past_it_refused),
        WITH_STORE(what_is_no_origin_is_refused),
        WITH_STORE(a_client_id_is_given_once),
        WITH_STORE(a_key_is_one_tenants_and_not_in_the_file),
        WITH_STORE(a_new_key_takes_the_place_of_the_old_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
