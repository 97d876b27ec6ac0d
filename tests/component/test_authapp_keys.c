/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of tokens that follow each other while there are logins and tokens. */
#include "support/authapp_site.h"

#include "authapp/old_keys.h"
#include "authapp/store_sqlite.h"
#include "authapp/token/hint.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct authapp_site site;
static struct privkey *second;

static int setup(void **state)
{
    (void)state;
    authapp_site_make(&site);
    assert_int_equal(privkey_generate_p256(&second, NULL), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    authapp_site_done(&site);
    privkey_freep(&second);
    return 0;
}

/* The configuration is read again, and signerd has this key under the name that it gives. */
static int reload_with(const struct privkey *key)
{
    struct authapp next = site.authapp;
    int rc;

    next.issuer = NULL;
    next.keys.count = 0;
    next.auth_cas = NULL;
    token_signer.jws = key;
    assert_int_equal(anchors_new(&next.auth_cas, NULL), 0);
    rc = authapp_load(&next, NULL);
    if (rc < 0) {
        authapp_done(&next);
        return rc;
    }
    authapp_done(&site.authapp);
    site.authapp = next;
    return 0;
}

struct signed_in {
    char kid[256], token[2048], refresh[64];
};

static struct signed_in read_token(struct authapp_answer answer)
{
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    struct signed_in in;

    assert_int_equal(answer.status, 200);
    authapp_answer_part(&answer, "\"id_token\":\"", "\"", in.token, sizeof in.token);
    authapp_answer_part(&answer, "\"refresh_token\":\"", "\"", in.refresh, sizeof in.refresh);
    authapp_answer_done(&answer);
    assert_int_equal(jws_parse(bytes_text(in.token), &jws, NULL), 0);
    (void)snprintf(in.kid, sizeof in.kid, "%s", jws.kid);
    return in;
}

static struct signed_in log_in(void)
{
    char code[64];

    authapp_site_code(&site, "openid", code);
    return read_token(authapp_site_exchange(&site, code));
}

static bool is_published(const char *kid)
{
    struct authapp_answer answer = authapp_site_ask(&site, "GET", AUTHAPP_OIDC "/certs", "", NULL);
    char member[288];
    bool is_there;

    assert_int_equal(answer.status, 200);
    (void)snprintf(member, sizeof member, "\"kid\":\"%s\"", kid);
    is_there = authapp_answer_has(&answer, member);
    authapp_answer_done(&answer);
    return is_there;
}

static bool is_believed(const struct signed_in *in)
{
    struct hint hint;

    return hint_read(&site.authapp, in->token, &hint, NULL) == 0;
}

static void an_old_key_is_published_until_its_last_token_is_over(void **state)
{
    const struct signed_in old = log_in();
    struct signed_in new;

    (void)state;
    assert_int_equal(reload_with(second), 0);
    new = log_in();
    assert_string_not_equal(new.kid, old.kid);
    assert_true(is_published(new.kid));
    assert_true(is_published(old.kid));
    site.clock.fixed += AUTHAPP_ID_TOKEN_SECONDS + AUTHAPP_SKEW_SECONDS;
    assert_true(is_published(old.kid));
    site.clock.fixed += 1;
    assert_false(is_published(old.kid));
    assert_true(is_published(new.kid));
}

static void a_restart_between_loses_no_old_key(void **state)
{
    const struct signed_in old = log_in();

    (void)state;
    assert_int_equal(reload_with(second), 0);
    site.clock.fixed += 60;
    assert_int_equal(reload_with(second), 0);
    assert_true(is_published(old.kid));
    site.clock.fixed += AUTHAPP_ID_TOKEN_SECONDS + AUTHAPP_SKEW_SECONDS - 59;
    assert_false(is_published(old.kid));
}

static void a_hint_is_believed_as_long_as_its_grant_can_last(void **state)
{
    const struct signed_in old = log_in();

    (void)state;
    assert_int_equal(reload_with(second), 0);
    site.clock.fixed += AUTHAPP_GRANT_SECONDS;
    assert_int_equal(reload_with(second), 0);
    assert_true(is_believed(&old));
    site.clock.fixed += 1;
    assert_int_equal(reload_with(second), 0);
    assert_false(is_believed(&old));
}

/* A login that was opened before is answered after it, and its grant goes on. */
static void logins_and_grants_go_on_across_a_change_of_keys(void **state)
{
    struct site_login login = authapp_site_open(&site, "openid%20name", "");
    struct signed_in first = log_in();
    char code[64];

    (void)state;
    assert_int_equal(reload_with(second), 0);
    site.verdict = AUTHAPP_SITE_TOLD;
    assert_int_equal(authapp_site_answer(&site, &login, true), 204);
    assert_int_equal(reload_with(site.point), 0);
    struct authapp_answer page = authapp_site_page(&site, &login);
    assert_int_equal(page.status, 303);
    authapp_answer_part(&page, "?code=", "&\r", code, sizeof code);
    authapp_answer_done(&page);
    assert_string_equal(read_token(authapp_site_exchange(&site, code)).kid, first.kid);
}

/* A key that comes back signs again, and is no old one. */
static void a_key_may_come_back(void **state)
{
    const struct signed_in first = log_in();

    (void)state;
    assert_int_equal(reload_with(second), 0);
    assert_int_equal(reload_with(site.point), 0);
    site.clock.fixed += AUTHAPP_ID_TOKEN_SECONDS + AUTHAPP_SKEW_SECONDS + 1;
    assert_true(is_published(first.kid));
    assert_string_equal(log_in().kid, first.kid);
}

/* Keys that were replaced, with made-up names but keys that can be read. */
static void fill_with_old_keys(int count)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(privkey_spki(second, &spki, NULL), 0);
    assert_int_equal(db_begin(site.authapp.store->db, &txn, NULL), 0);
    for (int i = 0; i < count; i++) {
        char kid[16];

        (void)snprintf(kid, sizeof kid, "old-%d", i);
        assert_int_equal(
            db_execute(&txn, "INSERT INTO token_key VALUES (?, ?, ?)",
                       DB_WITH(DB_TEXT(kid), DB_BLOB(buf_bytes(&spki)), DB_INT(AUTHAPP_SITE_NOW)),
                       NULL),
            0);
    }
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void as_many_old_keys_as_the_limit_are_kept(void **state)
{
    (void)state;
    fill_with_old_keys(AUTHAPP_OLD_KEYS_MAX);
    assert_int_equal(reload_with(site.point), 0);
    assert_int_equal(site.authapp.keys.count, 1 + AUTHAPP_OLD_KEYS_MAX);
    /* One more would push out a key whose tokens count: what there was goes on. */
    assert_int_equal(reload_with(second), -ERR_CONFLICT);
    assert_int_equal(site.authapp.keys.count, 1 + AUTHAPP_OLD_KEYS_MAX);
    token_signer.jws = site.point;
    (void)log_in();
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(an_old_key_is_published_until_its_last_token_is_over),
        EACH(a_restart_between_loses_no_old_key),
        EACH(a_hint_is_believed_as_long_as_its_grant_can_last),
        EACH(logins_and_grants_go_on_across_a_change_of_keys),
        EACH(a_key_may_come_back),
        EACH(as_many_old_keys_as_the_limit_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
