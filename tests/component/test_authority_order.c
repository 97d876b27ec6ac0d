/* SPDX-License-Identifier: Apache-2.0 */
/* How a publication goes while it is at work: one walk, stopped anywhere, ordered by a request. */
#include "authority/crl/desk.h"

#include "authority/crl/progress.h"
#include "authority/routes.h"
#include "authority/schema.h"
#include "db/db.h"
#include "support/httpclient.h"
#include "support/signing_group.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { LISTS = 4 };

/* Behind the back of the store. */
static void change_database(const char *sql)
{
    struct db *db;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    authority_store_closep(&site.store);
    assert_int_equal(db_open(site.database, &authority_schema, &db, NULL), 0);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    db_close(db);
    signing_authority_open_store(&site);
}

/* Revoked certificates 2, 3 and 4 of list 1, which is there after a publication. */
static void put_revoked(void)
{
    change_database("WITH n (i) AS (VALUES (2), (3), (4))"
                    " INSERT INTO certificate (kind, serial, request_id, fingerprint, key,"
                    " reserved_at, not_after, certificate, point)"
                    " SELECT 'sign', i, 'x' || i, x'', CAST('k' || i AS BLOB), 1, 9999999999,"
                    " x'00', 1 FROM n");
    change_database("INSERT INTO revocation SELECT serial - 1, request_id, kind, serial, 1, 4"
                    " FROM certificate");
}

/* How many entries a published list has. */
static int64_t entries_of(const char *name)
{
    struct crl_record record = {.id = 0};

    while (authority_next_crl(site.store, record.id, &record, NULL, NULL) == 0)
        if (strcmp(record.name, name) == 0)
            return record.entries;
    return -1;
}

/*
 * Each revocation is taken from the database once, though it is in two lists; in each of them it is
 * added up, written and compared.
 */
static void one_walk_fills_all_lists(void **state)
{
    enum { REVOKED = 3, LISTS_OF_EACH = 2, READINGS = 3 };
    const struct crl_work *work;

    (void)state;
    assert_int_equal(site_publish(NULL), LISTS);
    put_revoked();
    assert_int_equal(site_publish(NULL), LISTS);
    assert_int_equal(entries_of("sign-arl"), REVOKED);
    assert_int_equal(entries_of("sign-full"), REVOKED);
    assert_int_equal(entries_of("auth-full"), 0);
    assert_false(authority_crl_progress(site.store).is_at_work);
    work = authority_crl_work(site.store);
    assert_int_equal(work->done, REVOKED + REVOKED * LISTS_OF_EACH * READINGS);
    assert_int_equal(work->total, work->done);
}

/* A clock that stops a publication while one of its lists is looked at. */
static _Atomic bool stop_now;
static unsigned moments_until_stop;

static int64_t read_stopping(const struct clock *clock)
{
    (void)clock;
    if (moments_until_stop > 0 && --moments_until_stop == 0)
        stop_now = true;
    return SITE_NOW;
}

/* Wherever it is stopped: nothing is published, nothing has failed, and the next one is whole. */
static void a_publication_that_is_stopped_leaves_the_lists_of_before(void **state)
{
    const struct publishing run = {.due = {.planned = INT64_MAX, .now = INT64_MAX},
                                   .by = audit_by_self(SITE_NOW),
                                   .stop = &stop_now};
    struct clock stopping = {.now = read_stopping};
    struct crl_publication told;
    unsigned published;

    (void)state;
    assert_int_equal(site_publish(NULL), LISTS);
    put_revoked();
    site.authority.clock = &stopping;
    for (unsigned moment = 1; moment <= 1 + LISTS; moment++) { /* the beginning, and each list */
        moments_until_stop = moment;
        published = 42;
        assert_int_equal(
            authority_publish_due(&site.authority, site.signer, &run, &published, NULL), 0);
        assert_int_equal(published, 0);
        assert_true(stop_now);
        stop_now = false;
        assert_int_equal(entries_of("sign-full"), 0);
        assert_int_equal(entries_of("sign-arl"), 0);
        assert_int_equal(authority_get_publication(site.store, &told, NULL), 0);
        assert_int_equal(told.failed_at, 0);
        assert_false(authority_crl_progress(site.store).is_at_work);
    }
    site.authority.clock = &site.clock;
    assert_int_equal(site_publish(NULL), LISTS);
    assert_int_equal(entries_of("sign-full"), 3);
}

/* Whoever orders it while one is at work gets one more, and learns what became of his own. */
static void lists_are_ordered_at_a_desk(void **state)
{
    struct crl_outcome outcome = {.is_over = false};
    struct crl_desk *desk;
    uint64_t orders[2];
    struct err err = {0};

    (void)state;
    assert_int_equal(crl_desk_new(&site.authority, &desk, NULL), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(crl_desk_order(desk, &site_by, &orders[i], NULL), 0);
    for (int i = 0; i < 6000 && !outcome.is_over; i++) {
        assert_int_equal(crl_desk_look(desk, orders[1], &outcome, NULL), 0);
        (void)poll(NULL, 0, 10);
    }
    assert_true(outcome.is_over);
    assert_int_equal(outcome.published, 4);
    assert_int_equal(signer_site_stop(site.signerd, SIGKILL), 128 + SIGKILL);
    site.signerd = -1;
    assert_int_equal(crl_desk_order(desk, &site_by, &orders[0], NULL), 0);
    outcome.is_over = false;
    for (int i = 0; i < 6000 && !outcome.is_over; i++) {
        if (crl_desk_look(desk, orders[0], &outcome, &err) < 0)
            break;
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(err.kind, ERR_REMOTE);
    crl_desk_freep(&desk);
    assert_null(desk);
}

/* A server without a bell cannot wait: the answer says that it goes on, and then how it went. */
static void who_cannot_wait_is_told_where_to_look(void **state)
{
    struct crl_publication told = {.published_at = 0};
    struct httpanswer answer;
    CLEANUP(httpserver_done) struct httpserver *server = NULL;
    uid_t me = getuid();

    (void)state;
    site.authority.operators = (struct peer_list){&me, 1};
    assert_int_equal(crl_desk_new(&site.authority, &site.authority.desk, NULL), 0);
    server = httpserver_start((struct http_server_options){.tables = authority_routes,
                                                           .context = &site.authority,
                                                           .worker_open = signer_worker_open,
                                                           .worker_close = signer_worker_close,
                                                           .ready = authority_ready});
    answer = httpclient_ask(server, "POST /v1/crls HTTP/1.1\r\nHost: a\r\n"
                                    "Content-Length: 0\r\n\r\n");
    assert_int_equal(answer.status, 202);
    assert_non_null(strstr(answer.text, "{\"progress\":"));
    for (int i = 0; i < 6000 && told.published_at == 0; i++) {
        assert_int_equal(authority_get_publication(site.store, &told, NULL), 0);
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(told.published_at, SITE_NOW);
    crl_desk_freep(&site.authority.desk);
    answer = httpclient_ask(server, "GET /v1/crls HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.text, "\"progress\":null"));
    assert_non_null(strstr(answer.text, "\"name\":\"sign-full\""));
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, site_set_up, site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(one_walk_fills_all_lists),
        WITH_SITE(a_publication_that_is_stopped_leaves_the_lists_of_before),
        WITH_SITE(lists_are_ordered_at_a_desk),
        WITH_SITE(who_cannot_wait_is_told_where_to_look),
    };

    return cmocka_run_group_tests(tests, site_make_keys, site_release_keys);
}
