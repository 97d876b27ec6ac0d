/* SPDX-License-Identifier: Apache-2.0 */
/* How a publication goes while it is at work: one walk, stopped anywhere, ordered by a request. */
#include "authority/crl/desk.h"

#include "authority/crl/progress.h"
#include "authority/routes.h"
#include "authority/schema.h"
#include "db/db.h"
#include "support/httpclient.h"
#include "support/signer_site.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1795445999, STALL_MS = 2000, LISTS = 4 };
static const int64_t now = NOW;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

static struct test_pki pki;
static struct fixture {
    struct signer_site site;
    pid_t signerd;
    char database[TEMPDIR_FILE_SIZE];
    struct signer *signer;
    struct clock clock;
    struct authority authority;
} f;

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    f = (struct fixture){.signerd = -1};
    signer_site_make(&f.site, &pki, 0);
    f.signerd = signer_site_start(&f.site, STALL_MS);
    (void)tempdir_file(&f.site.dir, "a.db", f.database);
    assert_int_equal(signer_open(f.site.socket, &f.signer, NULL), 0);
    f.clock = clock_fixed(now);
    f.authority = (struct authority){
        .clock = &f.clock,
        .signer = f.site.socket,
        .cas = {[CA_SIGN] = {.key = "sign-ca"}, [CA_AUTH] = {.key = "auth-ca"}}};
    assert_int_equal(authority_store_open(f.database, &f.authority.store, NULL), 0);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        struct ca_setup setup = {(enum ca_kind)kind, f.authority.cas[kind].key, &by};
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        assert_int_equal(ca_init(f.authority.store, f.signer, &setup, &der, NULL), 0);
    }
    assert_int_equal(authority_load_cas(&f.authority, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (f.signerd >= 0)
        (void)signer_site_stop(f.signerd, SIGTERM);
    signer_closep(&f.signer);
    authority_unload_cas(&f.authority);
    authority_store_closep(&f.authority.store);
    signer_site_done(&f.site);
    return 0;
}

static int publish(void)
{
    unsigned published = 0;

    assert_int_equal(authority_publish(&f.authority, f.signer, &by, &published, NULL), 0);
    return (int)published;
}

/* Behind the back of the store. */
static void change_database(const char *sql)
{
    struct db *db;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    authority_store_closep(&f.authority.store);
    assert_int_equal(db_open(f.database, &authority_schema, &db, NULL), 0);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    db_close(db);
    assert_int_equal(authority_store_open(f.database, &f.authority.store, NULL), 0);
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

    while (authority_next_crl(f.authority.store, record.id, &record, NULL, NULL) == 0)
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
    assert_int_equal(publish(), LISTS);
    put_revoked();
    assert_int_equal(publish(), LISTS);
    assert_int_equal(entries_of("sign-arl"), REVOKED);
    assert_int_equal(entries_of("sign-full"), REVOKED);
    assert_int_equal(entries_of("auth-full"), 0);
    assert_false(authority_crl_progress(f.authority.store).is_at_work);
    work = authority_crl_work(f.authority.store);
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
    return now;
}

/* Wherever it is stopped: nothing is published, nothing has failed, and the next one is whole. */
static void a_publication_that_is_stopped_leaves_the_lists_of_before(void **state)
{
    const struct publishing run = {.due = {.planned = INT64_MAX, .now = INT64_MAX},
                                   .by = audit_by_self(now),
                                   .stop = &stop_now};
    struct clock stopping = {.now = read_stopping};
    struct crl_publication told;
    unsigned published;

    (void)state;
    assert_int_equal(publish(), LISTS);
    put_revoked();
    f.authority.clock = &stopping;
    for (unsigned moment = 1; moment <= 1 + LISTS; moment++) { /* the beginning, and each list */
        moments_until_stop = moment;
        published = 42;
        assert_int_equal(authority_publish_due(&f.authority, f.signer, &run, &published, NULL), 0);
        assert_int_equal(published, 0);
        assert_true(stop_now);
        stop_now = false;
        assert_int_equal(entries_of("sign-full"), 0);
        assert_int_equal(entries_of("sign-arl"), 0);
        assert_int_equal(authority_get_publication(f.authority.store, &told, NULL), 0);
        assert_int_equal(told.failed_at, 0);
        assert_false(authority_crl_progress(f.authority.store).is_at_work);
    }
    f.authority.clock = &f.clock;
    assert_int_equal(publish(), LISTS);
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
    assert_int_equal(crl_desk_new(&f.authority, &desk, NULL), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(crl_desk_order(desk, &by, &orders[i], NULL), 0);
    for (int i = 0; i < 6000 && !outcome.is_over; i++) {
        assert_int_equal(crl_desk_look(desk, orders[1], &outcome, NULL), 0);
        (void)poll(NULL, 0, 10);
    }
    assert_true(outcome.is_over);
    assert_int_equal(outcome.published, 4);
    assert_int_equal(signer_site_stop(f.signerd, SIGKILL), 128 + SIGKILL);
    f.signerd = -1;
    assert_int_equal(crl_desk_order(desk, &by, &orders[0], NULL), 0);
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
    f.authority.operators = (struct peer_list){&me, 1};
    assert_int_equal(crl_desk_new(&f.authority, &f.authority.desk, NULL), 0);
    server = httpserver_start((struct http_server_options){.tables = authority_routes,
                                                           .context = &f.authority,
                                                           .worker_open = signer_worker_open,
                                                           .worker_close = signer_worker_close,
                                                           .ready = authority_ready});
    answer = httpclient_ask(server, "POST /v1/crls HTTP/1.1\r\nHost: a\r\n"
                                    "Content-Length: 0\r\n\r\n");
    assert_int_equal(answer.status, 202);
    assert_non_null(strstr(answer.text, "{\"progress\":"));
    for (int i = 0; i < 6000 && told.published_at == 0; i++) {
        assert_int_equal(authority_get_publication(f.authority.store, &told, NULL), 0);
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(told.published_at, now);
    crl_desk_freep(&f.authority.desk);
    answer = httpclient_ask(server, "GET /v1/crls HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.text, "\"progress\":null"));
    assert_non_null(strstr(answer.text, "\"name\":\"sign-full\""));
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(one_walk_fills_all_lists),
        WITH_SITE(a_publication_that_is_stopped_leaves_the_lists_of_before),
        WITH_SITE(lists_are_ordered_at_a_desk),
        WITH_SITE(who_cannot_wait_is_told_where_to_look),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
