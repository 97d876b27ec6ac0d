/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One authority and several nodes that follow it, each with threads of its own. What is measured is
 * order and completeness, not time: whatever a node knows at any moment is what was so after some
 * number of events, in the order of their commits, and in the end it is all of them, also after
 * the authority, or the node, was away.
 */
#include "authority/routes.h"
#include "authority/schema.h"
#include "base/clock.h"
#include "base/sock.h"
#include "db/db.h"
#include "http/server.h"
#include "ocsp/sync.h"
#include "support/tempdir.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    NODES = 5,
    SERIALS = 40,
    FIRST = 2,  /* serial number of the first */
    ROUNDS = 8, /* each certificate is put on hold and released in turns */
    EVENTS = SERIALS * ROUNDS,
    PATIENCE_MS = 60000,
    WAIT_MS = 10000, /* a question of a node's */
    WORKERS = 2,
};

static const struct audit_origin by = {.at = 1795445999, .actor = "uid:1000"};
static struct tempdir dir;
static char database[TEMPDIR_FILE_SIZE];
static char path[TEMPDIR_FILE_SIZE];
static struct authority authority;
static struct http_server *server;

struct node {
    struct ocsp_index index;
    struct feed *feed;
    struct sync *sync;
    pthread_t watcher;
    _Atomic bool is_over;
    _Atomic unsigned looks, disorder; /* no assertion is made in threads */
};

static struct node nodes[NODES];

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "tbs %u", serial);
}

static void issue(unsigned serial)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation r = {.kind = CA_AUTH, .now = by.at, .not_after = by.at, .build = build};
    const struct completion completion = {
        .kind = CA_AUTH, .serial = serial, .certificate = bytes_text("cert"), .by = &by};
    char id[32];

    (void)snprintf(id, sizeof id, "issue-%u", serial);
    r.request_id = id;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(id), &r.fingerprint, NULL), 0);
    r.key = r.fingerprint;
    assert_int_equal(authority_reserve(authority.store, &r, &record, NULL), 0);
    assert_int_equal(record.serial, serial);
    assert_int_equal(authority_complete(authority.store, &completion, NULL), 0);
}

static void make_phones(void)
{
    CLEANUP(db_closep) struct db *db = NULL;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_open(database, &authority_schema, &db, NULL), 0);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, "UPDATE certificate SET device = 'phone'", DB_NOTHING, NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void open_authority(void)
{
    static uid_t me;
    struct http_server_options options = {.tables = authority_routes,
                                          .context = &authority,
                                          .worker_open = signer_worker_open,
                                          .worker_close = signer_worker_close,
                                          .workers = WORKERS,
                                          .uids = &me,
                                          .uid_count = 1};
    int fd;

    me = getuid();
    assert_int_equal(authority_store_open(database, &authority.store, NULL), 0);
    options.bell = authority_changes(authority.store);
    assert_int_equal(sock_listen(path, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &server, NULL), 0);
}

static void close_authority(void)
{
    http_server_stopp(&server);
    (void)unlink(path);
    authority_store_closep(&authority.store);
}

/* Once around, certificates change one after the other: before some place all are as in this round,
 * behind it as in the one before. */
static bool is_in_order(struct node *node)
{
    struct ocsp_knowledge known = {.valid_s = 900};
    unsigned changes = 0;
    bool before = false;

    ocsp_index_read(&node->index, OCSP_CA_AUTH, &known);
    for (uint32_t i = 0; i < SERIALS; i++) {
        struct revocation found;
        bool is_revoked = overlay_find(known.revoked, known.recent, FIRST + i, &found, NULL) == 0;

        changes += i > 0 && is_revoked != before;
        before = is_revoked;
    }
    ocsp_index_release(&node->index);
    return changes <= 1;
}

static void *watch(void *argument)
{
    struct node *node = argument;

    while (!node->is_over) {
        node->disorder += !is_in_order(node);
        node->looks++;
        (void)poll(NULL, 0, 1);
    }
    return NULL;
}

static void follow(struct node *node)
{
    struct sync_options options = {.clock = &clock_system, .interval_ms = 50, .wait_ms = WAIT_MS};

    assert_int_equal(ocsp_index_init(&node->index, NULL), 0);
    assert_int_equal(feed_new(path, &node->index, &node->feed, NULL), 0);
    options.feed = node->feed;
    assert_int_equal(sync_start(&options, &node->sync, NULL), 0);
    node->is_over = false;
    assert_int_equal(pthread_create(&node->watcher, NULL, watch, node), 0);
}

static void leave(struct node *node)
{
    node->is_over = true;
    (void)pthread_join(node->watcher, NULL);
    sync_stopp(&node->sync);
    feed_freep(&node->feed);
    ocsp_index_done(&node->index);
}

static int set_up(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "a.db", database);
    (void)tempdir_file(&dir, "a.sock", path);
    authority = (struct authority){.clock = &clock_system};
    open_authority();
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        enum ca_kind ca = (enum ca_kind)kind;

        assert_int_equal(authority_begin_ca(authority.store, ca, bytes_text("t"), NULL), 0);
        assert_int_equal(authority_finish_ca(authority.store, ca, bytes_text("c"), &by, NULL), 0);
    }
    for (unsigned i = 0; i < SERIALS; i++)
        issue(FIRST + i);
    close_authority();
    make_phones();
    open_authority();
    for (size_t i = 0; i < NODES; i++)
        follow(&nodes[i]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < NODES; i++)
        leave(&nodes[i]);
    close_authority();
    tempdir_done(&dir);
    return 0;
}

/* Event number, from 1. */
static void do_event(unsigned number)
{
    const uint32_t serial = FIRST + (number - 1) % SERIALS;
    const bool is_release = (number - 1) / SERIALS % 2 == 1;
    struct revoked done;
    char id[32];

    (void)snprintf(id, sizeof id, "event-%u", number);
    if (is_release) {
        const struct release_request request = {id, CA_AUTH, serial, by.at, &by};

        assert_int_equal(authority_add_release(authority.store, &request, &done, NULL), 0);
    } else {
        const struct revocation_request request = {id,    CA_AUTH, serial, CRL_CERTIFICATE_HOLD,
                                                   by.at, &by};

        assert_int_equal(authority_add_revocation(authority.store, &request, &done, NULL), 0);
    }
    assert_int_equal(done.number, number);
}

/* How many certificates are revoked, as a node knows it. */
static unsigned count_revoked(struct node *node)
{
    struct ocsp_knowledge known = {.valid_s = 900};
    unsigned count = 0;

    ocsp_index_read(&node->index, OCSP_CA_AUTH, &known);
    for (uint32_t i = 0; i < SERIALS; i++) {
        struct revocation found;

        count += overlay_find(known.revoked, known.recent, FIRST + i, &found, NULL) == 0;
    }
    ocsp_index_release(&node->index);
    return count;
}

static void wait_until_all_know(unsigned revoked)
{
    int64_t end = monotonic_ms() + PATIENCE_MS;

    for (size_t i = 0; i < NODES; i++) {
        while (count_revoked(&nodes[i]) != revoked && monotonic_ms() < end)
            (void)poll(NULL, 0, 2);
        assert_int_equal(count_revoked(&nodes[i]), revoked);
    }
}

static void every_node_knows_a_beginning_of_the_sequence_and_then_all_of_it(void **state)
{
    (void)state;
    for (unsigned number = 1; number <= EVENTS - SERIALS / 2; number++) {
        do_event(number);
        if (number == EVENTS / 4) {
            close_authority(); /* in the middle of it all */
            open_authority();
        }
        if (number == EVENTS / 2) {
            leave(&nodes[0]); /* and begins again with nothing */
            follow(&nodes[0]);
        }
        (void)poll(NULL, 0, 2);
    }
    /* The last round, a release, has come to its middle. */
    wait_until_all_know(SERIALS / 2);
    for (unsigned number = EVENTS - SERIALS / 2 + 1; number <= EVENTS; number++)
        do_event(number);
    wait_until_all_know(0);
    for (size_t i = 0; i < NODES; i++) {
        assert_true(nodes[i].looks > 10);
        assert_int_equal(nodes[i].disorder, 0);
    }
}

/* While more nodes wait than the authority has workers, an event is known in less than the time
 * they would have waited. */
static void an_event_does_not_wait_for_the_end_of_a_question(void **state)
{
    int64_t begun;

    (void)state;
    wait_until_all_know(0);
    (void)poll(NULL, 0, 300); /* now all of them wait */
    begun = monotonic_ms();
    do_event(1);
    wait_until_all_know(1);
    assert_true(monotonic_ms() - begun < WAIT_MS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            every_node_knows_a_beginning_of_the_sequence_and_then_all_of_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_does_not_wait_for_the_end_of_a_question, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
