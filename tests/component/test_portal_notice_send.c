/* SPDX-License-Identifier: Apache-2.0 */
/* Notices in the transaction of what they tell of, and the mails that go with them. */
#include "portal/notice/limits.h"
#include "portal/notice/notice.h"
#include "support/portal_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;
static struct portal_browser browser;
static struct session session;

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

static int64_t count(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number = -1;

    assert_int_equal(db_begin_read(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
    return number;
}

static int send_in(struct db_txn *txn, const char *account, const char *topic, const char *link)
{
    const struct notice_draft draft = {
        .account = account, .topic = topic, .link = link, .at = PORTAL_SITE_NOW};

    return notice_send(txn, &draft, NULL);
}

/* Sent and committed. */
static int send(const char *account, const char *topic, const char *link)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    assert_int_equal(db_begin(portal_store_db(site.portal.store), &txn, NULL), 0);
    rc = send_in(&txn, account, topic, link);
    if (rc == 0)
        assert_int_equal(db_commit(&txn, NULL), 0);
    return rc;
}

static void have_address(int64_t confirmed_at)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(portal_store_db(site.portal.store), &txn, NULL), 0);
    assert_int_equal(db_execute(&txn,
                                "INSERT INTO mail_address VALUES"
                                " (?, 'a@example.test', 'ja', 5, ?, NULL, 0, 0)",
                                DB_WITH(DB_TEXT(session.account.id), DB_INT(confirmed_at)), NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void refuses_what_cannot_be_told(void **state)
{
    char link[NOTICE_LINK_MAX + 2];

    (void)state;
    assert_int_equal(send("nobody", "information.ready", NULL), -ERR_ABSENT);
    assert_int_equal(send(session.account.id, "no.topic", NULL), -ERR_USAGE);
    assert_int_equal(send(session.account.id, "application.state", NULL), -ERR_INPUT);
    assert_int_equal(send(session.account.id, "information.ready", "/evil.example"), -ERR_INPUT);
    assert_int_equal(send(session.account.id, "information.ready", "evil.example"), -ERR_INPUT);
    memset(link, 'a', sizeof link);
    link[NOTICE_LINK_MAX + 1] = '\0';
    assert_int_equal(send(session.account.id, "information.ready", link), -ERR_INPUT);
    assert_int_equal(count("SELECT count(*) FROM notice"), 0);
    link[NOTICE_LINK_MAX] = '\0';
    assert_int_equal(send(session.account.id, "information.ready", link), 0);
}

static void goes_with_what_it_tells_of(void **state)
{
    (void)state;
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(portal_store_db(site.portal.store), &txn, NULL), 0);
        assert_int_equal(send_in(&txn, session.account.id, "information.ready", "information/x"),
                         0);
    }
    assert_int_equal(count("SELECT count(*) FROM notice"), 0);
    assert_int_equal(send(session.account.id, "information.ready", "information/x"), 0);
    assert_int_equal(count("SELECT count(*) FROM notice WHERE link = 'information/x'"
                           " AND sender = '' AND parameters = '{}' AND read_at = 0"),
                     1);
}

static void nobody_gets_a_mail_who_has_not_proved_an_address(void **state)
{
    (void)state;
    assert_int_equal(send(session.account.id, "information.ready", NULL), 0);
    have_address(0);
    assert_int_equal(send(session.account.id, "information.ready", NULL), 0);
    assert_int_equal(count("SELECT count(*) FROM mail"), 0);
}

static void whoever_has_proved_one_gets_one_mail_for_each(void **state)
{
    (void)state;
    have_address(6);
    assert_int_equal(send(session.account.id, "information.ready", NULL), 0);
    assert_int_equal(send(session.account.id, "mandate.given", NULL), 0);
    assert_int_equal(count("SELECT count(*) FROM mail JOIN notice ON notice = notice.id"
                           " WHERE state = 'waiting' AND due_at = notice.made_at AND tries = 0"),
                     2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_what_cannot_be_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(goes_with_what_it_tells_of, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_gets_a_mail_who_has_not_proved_an_address, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(whoever_has_proved_one_gets_one_mail_for_each, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
