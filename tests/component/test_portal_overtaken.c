/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request comes to that another one has overtaken: the stores of a portal are asked with
 * what was true when the request was let in.
 */
#include "portal/site/store.h"
#include "support/portal_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;
static struct portal_browser browser;
static struct session session;
static const struct site_row tax = {.id = "tax", .name = {"税", "Tax"}};

static int set_up(void **state)
{
    (void)state;
    portal_site_make(&site);
    session = portal_site_open(&site, &browser, "sub-1", 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    portal_site_done(&site);
    return 0;
}

static struct audit_origin now(void)
{
    return audit_by_self(PORTAL_SITE_NOW);
}

static struct digest hash_of(const char *text)
{
    struct digest hash;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(text), &hash, NULL), 0);
    return hash;
}

static int64_t number(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t ret;

    assert_int_equal(db_begin_read(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &ret, NULL), 0);
    return ret;
}

static void end_sessions(void)
{
    assert_int_equal(portal_status(&site, &browser, "DELETE /v1/sessions", NULL), 200);
}

/* ---- sessions ---- */

/* Two clicks: the second one is told what it would have been told a moment later. */
static void a_logout_behind_another_is_of_no_session(void **state)
{
    CLEANUP(buf_done) struct buf token = BUF_INIT;

    (void)state;
    end_sessions();
    assert_int_equal(portal_status(&site, &browser, "POST /v1/logout", NULL), 403);
    assert_int_equal(portal_get_id_token(site.portal.store, &session, &token, NULL), -ERR_DENIED);
}

/* ---- sites ---- */

static int go_to_site(const char *code)
{
    const struct audit_origin by = now();
    const struct digest hash = hash_of(code);
    const struct site_start start = {tax.id, &session, &hash, "challenge", "nonce"};

    return site_login_start(site.portal.store, &start, &by, NULL);
}

static void find_login(const char *code, struct site_login *ret)
{
    const struct digest hash = hash_of(code);

    assert_int_equal(site_login_find(site.portal.store, &hash, ret, NULL), 0);
}

static int use(const struct site_login *login, const char *access)
{
    const struct audit_origin by = now();
    const struct digest hash = hash_of(access);

    return site_login_use(site.portal.store, login, &tax, &hash, &by, NULL);
}

static int64_t replays(void)
{
    return number("SELECT count(*) FROM audit WHERE act = 'site.code_replayed'");
}

static void link_site(void)
{
    const struct audit_origin by = now();

    assert_int_equal(site_link(site.portal.store, &session.account, &tax, &by, NULL), 0);
}

/* The site would never be told that the session has ended. */
static void an_ended_session_leads_to_no_site(void **state)
{
    (void)state;
    link_site();
    end_sessions();
    assert_int_equal(go_to_site("code"), -ERR_DENIED);
    assert_int_equal(number("SELECT count(*) FROM site_login"), 0);
}

/* As with one that comes behind the other: somebody has the code beside the site. */
static void a_code_that_comes_twice_at_once_ends_what_it_gave(void **state)
{
    const struct digest access = hash_of("access");
    struct site_login login, again;
    char sub[PORTAL_ID_SIZE];

    (void)state;
    link_site();
    assert_int_equal(go_to_site("code"), 0);
    find_login("code", &login);
    find_login("code", &again);
    assert_int_equal(use(&login, "access"), 0);
    assert_int_equal(site_access_find(site.portal.store, &access, PORTAL_SITE_NOW, sub, NULL), 0);
    assert_int_equal(use(&again, "another"), -ERR_CONFLICT);
    assert_int_equal(site_access_find(site.portal.store, &access, PORTAL_SITE_NOW, sub, NULL),
                     -ERR_ABSENT);
    assert_int_equal(replays(), 1);
    assert_int_equal(number("SELECT count(*) FROM site_tell WHERE sid IS NOT NULL"), 1);
}

static void a_code_whose_session_or_linkage_ended_meanwhile_is_no_replay(void **state)
{
    const struct audit_origin by = now();
    struct site_login of_session, of_linkage;

    (void)state;
    link_site();
    assert_int_equal(go_to_site("first"), 0);
    find_login("first", &of_session);
    end_sessions();
    assert_int_equal(use(&of_session, "access"), -ERR_CONFLICT);
    session = portal_site_open(&site, &browser, "sub-1", 1);
    assert_int_equal(go_to_site("second"), 0);
    find_login("second", &of_linkage);
    assert_int_equal(site_unlink(site.portal.store, &session.account, &tax, &by, NULL), 0);
    assert_int_equal(use(&of_linkage, "access"), -ERR_CONFLICT);
    assert_int_equal(replays(), 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_logout_behind_another_is_of_no_session),
        TEST(an_ended_session_leads_to_no_site),
        TEST(a_code_that_comes_twice_at_once_ends_what_it_gave),
        TEST(a_code_whose_session_or_linkage_ended_meanwhile_is_no_replay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
