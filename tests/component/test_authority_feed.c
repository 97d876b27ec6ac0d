/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation feeds, from the row in the database to a verifier's copy, with a real signerd. */
#include "authority/feed/change.h"
#include "authority/feed/feed.h"
#include "authority/feed/store.h"
#include "authority/routes.h"
#include "authority/schema.h"
#include "db/db.h"
#include "http/engine.h"
#include "revocation/feed_copy.h"
#include "support/signing_authority.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1795445999, DAY = 86400, OCSPD = 1001, STRANGER = 1002 };

static struct test_pki pki;

static struct signing_authority f;
static struct feed_copy *copy; /* of the feed of the auth CA */
static unsigned issued, acts;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int drop_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

static void make_maker(void)
{
    const struct feed_options options = {.authority = &f.authority,
                                         .keys = {"feed-sign", "feed-auth"}};

    assert_int_equal(feed_maker_new(&options, &f.authority.feeds, NULL), 0);
}

static void open_maker(void)
{
    signing_authority_open_store(&f);
    make_maker();
}

static void close_maker(void)
{
    feed_maker_freep(&f.authority.feeds);
    authority_store_closep(&f.store);
}

static void configure_signerd(void)
{
    char more[256];
    char allow[16];

    (void)snprintf(allow, sizeof allow, "%u", (unsigned)geteuid());
    (void)snprintf(more, sizeof more,
                   "[key feed-sign]\nrole = feed\nallow_uid = %s\n"
                   "[key feed-auth]\nrole = feed\nallow_uid = %s\n",
                   allow, allow);
    signer_site_configure(&f.site, allow, more);
}

static void start_signerd(void)
{
    configure_signerd();
    f.signerd = signer_site_start(&f.site, STALL_MS);
}

static int set_up(void **state)
{
    static const uid_t ocspd[] = {OCSPD};
    struct bytes ca;

    (void)state;
    issued = 0;
    acts = 0;
    signing_authority_make(&f, &pki, NOW);
    signer_site_add_key(&f.site, "feed-sign", pki.keys[PROFILE_FEED_SIGN]);
    signer_site_add_key(&f.site, "feed-auth", pki.keys[PROFILE_FEED_AUTH]);
    configure_signerd();
    f.authority.ocspd = (struct peer_list){ocspd, 1};
    signing_authority_start(&f, &by);
    make_maker();
    ca = x509_cert_der(authority_ca(&f.authority, CA_AUTH, 1)->certificate);
    assert_int_equal(feed_copy_new(ca, &copy, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    feed_copy_freep(&copy);
    feed_maker_freep(&f.authority.feeds);
    signing_authority_done(&f);
    return 0;
}

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "tbs %u", serial);
}

/* A certificate of the auth CA with the next serial number, or a number that is only reserved. */
static uint32_t issue(bool is_signed)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation r = {
        .kind = CA_AUTH, .now = NOW, .not_after = NOW + 9 * DAY, .build = build};
    char id[32];

    (void)snprintf(id, sizeof id, "issue-%u", issued++);
    r.request_id = id;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(id), &r.fingerprint, NULL), 0);
    r.key = r.fingerprint;
    assert_int_equal(authority_reserve(f.store, &r, &record, NULL), 0);
    if (is_signed) {
        const struct completion completion = {
            .kind = CA_AUTH, .serial = record.serial, .certificate = bytes_text("cert"), .by = &by};

        assert_int_equal(authority_complete(f.store, &completion, NULL), 0);
    }
    return record.serial;
}

static void do_revoke(uint32_t serial, enum crl_reason reason)
{
    struct revoked revoked;
    char id[32];
    struct revocation_request request = {id, CA_AUTH, serial, reason, NOW, &by};

    (void)snprintf(id, sizeof id, "revoke-%u", acts++);
    assert_int_equal(authority_revoke(&f.authority, &request, &revoked, NULL), 0);
}

/* Something that only another program does: as if it had been done. */
static void execute(const char *sql)
{
    struct db *db;
    struct db_txn txn = DB_TXN_INIT;
    bool is_open = f.store != NULL;
    struct err err = {0};

    authority_store_closep(&f.store);
    assert_int_equal(db_open(f.database, &authority_schema, &db, NULL), 0);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    if (db_execute(&txn, sql, DB_NOTHING, &err) < 0)
        fail_msg("%s: %s", sql, err.text);
    assert_int_equal(db_commit(&txn, NULL), 0);
    db_txn_done(&txn);
    db_close(db);
    if (is_open)
        signing_authority_open_store(&f);
}

static void do_release(uint32_t serial)
{
    struct revoked event;
    char id[32];
    struct release_request request = {
        .request_id = id, .kind = CA_AUTH, .serial = serial, .by = &by};

    (void)snprintf(id, sizeof id, "release-%u", acts++);
    assert_int_equal(authority_release_hold(&f.authority, &request, &event, NULL), 0);
}

/* So many items more, or the failure. */
static int run_at(int64_t now, int64_t planned, struct err *err)
{
    struct feed_work work = {.planned = planned, .by = by};
    unsigned items;

    work.by.at = now;
    f.clock = clock_fixed(now);
    TRY(feed_maker_run(f.authority.feeds, f.signer, &work, &items, err));
    return (int)items;
}

static int run_now(void)
{
    return run_at(NOW, 0, NULL);
}

static uint32_t edition(void)
{
    struct feed_standing standing;

    feed_copy_standing(copy, &standing);
    return standing.edition;
}

/* The copy takes what leads on from where it stands; how many items. */
static unsigned follow(int64_t now)
{
    CLEANUP(buf_done) struct buf items = BUF_INIT;
    unsigned taken = 0;

    if (edition() == 0) {
        uint32_t last;

        assert_int_equal(
            authority_get_feed_snapshot(f.store, (struct feed_id){CA_AUTH, 1}, &last, &items, NULL),
            0);
    } else {
        assert_int_equal(authority_list_feed_deltas(f.store, (struct feed_id){CA_AUTH, 1},
                                                    edition(), &items, NULL),
                         0);
    }
    assert_int_equal(feed_copy_take_all(copy, buf_bytes(&items), now, &taken, NULL), 0);
    return taken;
}

static enum feed_answer ask(uint32_t serial)
{
    return feed_copy_ask(copy, serial, clock_now(&f.clock));
}

static void without_signerd_nothing_is_told_and_all_of_it_later(void **state)
{
    uint32_t serial = issue(true);

    (void)state;
    (void)signer_site_stop(f.signerd, SIGTERM);
    assert_int_equal(run_now(), -ERR_REMOTE);
    start_signerd();
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    do_revoke(serial, CRL_CESSATION_OF_OPERATION);
    (void)signer_site_stop(f.signerd, SIGTERM);
    assert_int_equal(run_now(), -ERR_REMOTE);
    assert_int_equal(follow(NOW), 0);
    assert_int_equal(ask(serial), FEED_GOOD);
    start_signerd();
    assert_int_equal(run_now(), 1);
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(ask(serial), FEED_REVOKED);
}

static void a_key_that_is_no_feed_key_tells_nothing(void **state)
{
    const struct feed_options options = {.authority = &f.authority, .keys = {"sign-ca", "auth-ca"}};
    uint32_t last;

    (void)state;
    feed_maker_freep(&f.authority.feeds);
    assert_int_equal(feed_maker_new(&options, &f.authority.feeds, NULL), 0);
    assert_true(run_now() < 0);
    assert_int_equal(
        authority_get_feed_snapshot(f.store, (struct feed_id){CA_SIGN, 1}, &last, NULL, NULL),
        -ERR_ABSENT);
}

static void revocations_releases_and_new_certificates_are_told(void **state)
{
    uint32_t first;
    uint32_t second;
    uint32_t reserved;

    (void)state;
    first = issue(true);
    assert_int_equal(run_now(), 2); /* a snapshot of each CA */
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(ask(first), FEED_GOOD);
    assert_int_equal(ask(first + 1), FEED_GOOD); /* the certificate of the feed's own key */
    assert_int_equal(ask(first + 2), FEED_NOT_COVERED);
    assert_int_equal(run_now(), 0);
    reserved = issue(false);
    second = issue(true);
    do_revoke(first, CRL_CERTIFICATE_HOLD);
    assert_int_equal(run_now(), 1);
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(ask(first), FEED_REVOKED);
    assert_int_equal(ask(second), FEED_GOOD);
    assert_int_equal(ask(reserved), FEED_NOT_COVERED);
    execute("UPDATE certificate SET device = 'phone' WHERE kind = 'auth'");
    do_release(first);
    do_revoke(second, CRL_KEY_COMPROMISE);
    assert_int_equal(run_now(), 1);
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(ask(first), FEED_GOOD);
    assert_int_equal(ask(second), FEED_REVOKED);
    /* Held, released and held again between two runs: the last counts. */
    do_revoke(first, CRL_CERTIFICATE_HOLD);
    do_release(first);
    do_revoke(first, CRL_CERTIFICATE_HOLD);
    do_revoke(first, CRL_KEY_COMPROMISE);
    assert_int_equal(run_now(), 1);
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(ask(first), FEED_REVOKED);
}

static void what_does_not_change_is_said_again_in_time(void **state)
{
    (void)state;
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(run_at(NOW + FEED_BEAT_S - 1, 0, NULL), 0);
    assert_int_equal(run_at(NOW + FEED_BEAT_S, 0, NULL), 2);
    assert_int_equal(follow(NOW + FEED_BEAT_S), 1);
    assert_int_equal(feed_copy_ask(copy, 1, NOW + FEED_BEAT_S + FEED_HOURS * 3600), FEED_GOOD);
    assert_int_equal(feed_copy_ask(copy, 1, NOW + FEED_BEAT_S + FEED_HOURS * 3600 + 1),
                     FEED_NOT_COVERED);
}

/* Whoever comes once a day gets one delta; who comes more often gets to the same state. */
static void a_day_is_one_delta(void **state)
{
    uint32_t serials[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        serials[i] = issue(true);
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    for (int i = 0; i < 3; i++) {
        do_revoke(serials[i], CRL_SUPERSEDED);
        assert_int_equal(run_at(NOW + 10 * (i + 1), 0, NULL), 1);
    }
    do_revoke(serials[3], CRL_SUPERSEDED);
    /* The last delta, the day's, and the snapshot, of each CA. */
    assert_int_equal(run_at(NOW + DAY, NOW + DAY - 100, NULL), 3 + 3);
    assert_int_equal(follow(NOW + DAY), 1);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(ask(serials[i]), FEED_REVOKED);
    assert_int_equal(follow(NOW + DAY), 0);
    issue(true);
    assert_int_equal(run_at(NOW + DAY + 10, NOW + DAY - 100, NULL), 1);
    assert_int_equal(follow(NOW + DAY + 10), 1);
}

static void a_new_program_goes_on_where_the_old_one_was(void **state)
{
    uint32_t serial = issue(true);

    (void)state;
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    issue(true);
    assert_int_equal(run_now(), 1);
    close_maker();
    open_maker();
    assert_int_equal(run_now(), 0);
    do_revoke(serial, CRL_SUPERSEDED);
    close_maker();
    open_maker();
    assert_int_equal(run_now(), 1);
    assert_int_equal(follow(NOW), 2);
    assert_int_equal(ask(serial), FEED_REVOKED);
}

/* The certificate by which the last item of the auth CA's feed was signed, and its item's time. */
static void last_signer(struct x509_cert **ret, int64_t *ret_at)
{
    CLEANUP(buf_done) struct buf items = BUF_INIT;
    struct feed_item item = {.certificate = {NULL, 0}};
    struct bytes rest;

    assert_int_equal(
        authority_list_feed_deltas(f.store, (struct feed_id){CA_AUTH, 1}, edition(), &items, NULL),
        0);
    rest = buf_bytes(&items);
    while (rest.len > 0)
        assert_int_equal(feed_item_next(&rest, &item, NULL), 0);
    x509_cert_freep(ret);
    assert_int_equal(x509_cert_parse(item.certificate, ret, NULL), 0);
    *ret_at = item.head.this_update;
}

/* At that moment something is told: the signer's certificate, which a verifier's copy believes. */
static void tell_at(int64_t now, struct x509_cert **ret)
{
    int64_t at;

    do_revoke(issue(true), CRL_SUPERSEDED);
    assert_true(run_at(now, 0, NULL) >= 1); /* and what the other CA says again in time */
    last_signer(ret, &at);
    assert_int_equal(at, now);
    assert_true(x509_cert_tbs(*ret)->not_before <= now && now <= x509_cert_tbs(*ret)->not_after);
    assert_int_equal(follow(now), 1);
}

/* From ninety days before its end on the signer has another certificate, of the same key. */
static void the_signers_certificate_is_followed_in_time(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *first = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *same = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *second = NULL;
    int64_t due;

    (void)state;
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    tell_at(NOW + DAY, &first);
    due = x509_cert_tbs(first)->not_after - APPOINTMENT_RENEW_S;
    tell_at(due - 1, &same);
    assert_true(bytes_equal(x509_cert_der(same), x509_cert_der(first)));
    tell_at(due, &second);
    assert_true(x509_cert_tbs(second)->not_after > x509_cert_tbs(first)->not_after);
    assert_true(bytes_equal(x509_cert_tbs(second)->spki, x509_cert_tbs(first)->spki));
    /* Another run of the program has that one, and once only it was made. */
    close_maker();
    open_maker();
    tell_at(due + DAY, &same);
    assert_true(bytes_equal(x509_cert_der(same), x509_cert_der(second)));
    /* Long after the end of the first, a year and more later. */
    tell_at(x509_cert_tbs(first)->not_after + DAY, &same);
    assert_true(bytes_equal(x509_cert_der(same), x509_cert_der(second)));
}

/* What an operator has taken back is not followed: it tells to its end, and then nothing is told.
 */
static void a_signer_that_was_revoked_is_not_followed(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *first = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *same = NULL;
    int64_t end;
    uint32_t told;

    (void)state;
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    tell_at(NOW + DAY, &first);
    end = x509_cert_tbs(first)->not_after;
    do_revoke((uint32_t)tbs_serial_number(x509_cert_tbs(first)), CRL_CESSATION_OF_OPERATION);
    tell_at(end - DAY, &same);
    assert_true(bytes_equal(x509_cert_der(same), x509_cert_der(first)));
    told = edition();
    do_revoke(issue(true), CRL_SUPERSEDED);
    assert_int_equal(run_at(end + 1, 0, NULL), -ERR_CONFLICT);
    assert_int_equal(follow(end), 0);
    assert_int_equal(edition(), told);
}

/* An edition that was taken, even signed, and then forgotten in a crash, is never used again. */
static void an_edition_that_was_lost_is_passed_over(void **state)
{
    uint32_t lost;

    (void)state;
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(authority_take_feed_edition(f.store, CA_AUTH, &lost, NULL), 0);
    issue(true);
    assert_int_equal(run_now(), 1);
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(edition(), lost + 1);
}

static void assert_begins_anew(int64_t now)
{
    CLEANUP(buf_done) struct buf items = BUF_INIT;
    CLEANUP(feed_copy_freep) struct feed_copy *fresh = NULL;
    unsigned taken;
    uint32_t last;

    assert_int_equal(run_at(now, 0, NULL), 1);
    assert_int_equal(
        authority_list_feed_deltas(f.store, (struct feed_id){CA_AUTH, 1}, edition(), &items, NULL),
        -ERR_ABSENT);
    assert_int_equal(
        authority_get_feed_snapshot(f.store, (struct feed_id){CA_AUTH, 1}, &last, &items, NULL), 0);
    assert_true(last > edition());
    assert_int_equal(
        feed_copy_new(x509_cert_der(authority_ca(&f.authority, CA_AUTH, 1)->certificate), &fresh,
                      NULL),
        0);
    assert_int_equal(feed_copy_take_all(fresh, buf_bytes(&items), now, &taken, NULL), 0);
    assert_int_equal(taken, 1);
}

static void items_that_were_damaged_are_not_gone_on_from(void **state)
{
    (void)state;
    issue(true);
    assert_int_equal(run_now(), 2);
    issue(true);
    assert_int_equal(run_now(), 1);
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(follow(NOW), 1);
    issue(true);
    close_maker();
    execute("UPDATE feed_part SET bytes = substr(bytes, 1, length(bytes) - 1)"
            " WHERE kind = 'auth'");
    open_maker();
    assert_begins_anew(NOW);
}

static void a_clock_that_was_set_back_begins_anew(void **state)
{
    (void)state;
    assert_int_equal(run_now(), 2);
    issue(true);
    assert_int_equal(run_at(NOW + DAY, 0, NULL), 2);
    assert_int_equal(follow(NOW + DAY), 1);
    /* By less than others tolerate: goes on, and says no earlier time. */
    issue(true);
    assert_int_equal(run_at(NOW + DAY - FEED_SKEW, 0, NULL), 1);
    issue(true);
    assert_int_equal(run_at(NOW, 0, NULL), 2); /* both CAs */
}

static void a_database_that_knows_less_tells_nothing(void **state)
{
    struct err err = {0};
    uint32_t serial = issue(true);

    (void)state;
    do_revoke(serial, CRL_SUPERSEDED);
    assert_int_equal(run_now(), 2);
    execute("DELETE FROM revocation");
    assert_int_equal(run_at(NOW, 0, &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "knows less"));
}

static void old_deltas_are_forgotten_and_old_editions_refused(void **state)
{
    CLEANUP(buf_done) struct buf items = BUF_INIT;
    uint32_t before;

    (void)state;
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    before = edition();
    issue(true);
    assert_int_equal(run_at(NOW + DAY, NOW + DAY, NULL), 3 + 2);
    assert_int_equal(
        authority_list_feed_deltas(f.store, (struct feed_id){CA_AUTH, 1}, before, &items, NULL), 0);
    issue(true);
    assert_int_equal(run_at(NOW + FEED_KEEP_S + 1, NOW + FEED_KEEP_S + 1, NULL), 3 + 2);
    buf_done(&items);
    assert_int_equal(
        authority_list_feed_deltas(f.store, (struct feed_id){CA_AUTH, 1}, before, &items, NULL),
        -ERR_ABSENT);
    assert_int_equal(
        authority_list_feed_deltas(f.store, (struct feed_id){CA_AUTH, 1}, 4000, &items, NULL),
        -ERR_ABSENT);
}

/* A delta that is only stored: from one state to the next, of so many bytes. */
static void store_delta(uint32_t edition, uint8_t from, size_t size)
{
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    const uint8_t digests[2][FEED_DIGEST_SIZE] = {{from}, {(uint8_t)(from + 1)}};
    struct feed_item item = {.head = {.is_delta = true,
                                      .edition = edition,
                                      .this_update = NOW,
                                      .from = {0, BYTES_ARRAY(digests[0])},
                                      .to = {0, BYTES_ARRAY(digests[1])}}};

    assert_int_equal(buf_reserve(&whole, size, NULL), 0);
    memset(whole.ptr, from, size);
    whole.len = size;
    item.whole = buf_bytes(&whole);
    assert_int_equal(
        authority_add_feed_item(f.store, (struct feed_id){CA_SIGN, 1}, &item, &by, NULL), 0);
}

static void deltas_at_the_limit_are_one_answer_and_one_past_it_two(void **state)
{
    CLEANUP(buf_done) struct buf items = BUF_INIT;

    (void)state;
    store_delta(100, 1, 1); /* to where everybody stands */
    store_delta(101, 2, FEED_DELTAS_MAX - 5);
    store_delta(102, 3, 5);
    store_delta(103, 4, 1);
    assert_int_equal(
        authority_list_feed_deltas(f.store, (struct feed_id){CA_SIGN, 1}, 100, &items, NULL), 0);
    assert_int_equal(items.len, FEED_DELTAS_MAX);
    buf_done(&items);
    assert_int_equal(
        authority_list_feed_deltas(f.store, (struct feed_id){CA_SIGN, 1}, 102, &items, NULL), 0);
    assert_int_equal(items.len, 1);
    /* One that is larger by itself is given, too. */
    store_delta(104, 5, FEED_DELTAS_MAX + 1);
    buf_done(&items);
    assert_int_equal(
        authority_list_feed_deltas(f.store, (struct feed_id){CA_SIGN, 1}, 103, &items, NULL), 0);
    assert_int_equal(items.len, FEED_DELTAS_MAX + 1);
}

/* 70000 certificates, of which the last alone is alive: the first page goes. */
static void pages_in_which_nobody_is_alive_leave_the_feed(void **state)
{
    struct feed_standing standing;

    (void)state;
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    execute("INSERT INTO certificate (kind, serial, request_id, fingerprint, key, reserved_at,"
            " not_after, certificate) WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL"
            " SELECT i + 1 FROM n WHERE i < 70000) SELECT 'auth', i, 'many-' || i, x'00', CAST('k' "
            "|| i AS BLOB),"
            " 0, CASE WHEN i < 69000 THEN 0 ELSE 2000000000 END, x'00' FROM n");
    execute("UPDATE ca SET next_serial = 70001 WHERE kind = 'auth'");
    execute("UPDATE certificate SET not_after = 0 WHERE kind = 'auth' AND serial < 10");
    do_revoke(20, CRL_SUPERSEDED);
    do_revoke(69999, CRL_SUPERSEDED);
    assert_int_equal(run_at(NOW + DAY, NOW + DAY, NULL), 3 + 3);
    assert_int_equal(follow(NOW + DAY), 1);
    feed_copy_standing(copy, &standing);
    assert_int_equal(standing.first, 65536);
    assert_int_equal(standing.issued, 70000);
    assert_int_equal(standing.revoked, 1);
    assert_int_equal(ask(20), FEED_NOT_COVERED);
    assert_int_equal(ask(69999), FEED_REVOKED);
    assert_int_equal(ask(70000), FEED_GOOD);
}

/* The status of a question by a user id; the whole answer is in *answer. */
static unsigned ask_http(uid_t uid, const char *line, const char *fields, struct buf *answer)
{
    static const uid_t uids[] = {1000};
    const struct http_server_options options = {
        .tables = authority_routes, .context = &f.authority, .uids = uids, .uid_count = 1};
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = uid}};
    CLEANUP(buf_done) struct buf request = BUF_INIT;

    buf_done(answer);
    assert_int_equal(
        buf_append_format(&request, NULL, "%s HTTP/1.1\r\nHost: x\r\n%s\r\n", line, fields), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&request), answer, NULL), 0);
    assert_true(answer->len > 12);
    return (unsigned)strtoul((const char *)answer->ptr + strlen("HTTP/1.1 "), NULL, 10);
}

static void strangers_and_nonsense_are_refused(void **state)
{
    static const struct {
        uid_t uid;
        const char *line;
        unsigned status;
    } rows[] = {
        {STRANGER, "GET /v1/feed/auth/snapshot", 403},
        {STRANGER, "GET /v1/feed/auth/deltas?since=1", 403},
        {OCSPD, "POST /v1/feed/snapshots", 403},
        {OCSPD, "GET /v1/feed/token/snapshot", 404},
        {OCSPD, "GET /v1/feed/auth/snapshot", 404}, /* not yet */
        {OCSPD, "GET /v1/feed/auth/deltas", 400},
        {OCSPD, "GET /v1/feed/auth/deltas?since=x", 400},
        {OCSPD, "GET /v1/feed/auth/deltas?since=4294967296", 400},
        {OCSPD, "GET /v1/feed/auth/deltas?since=1&wait=25001", 400},
        {OCSPD, "GET /v1/feed/auth/deltas?since=1", 404},
    };
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (ask_http(rows[i].uid, rows[i].line, "", &answer) != rows[i].status)
            fail_msg("%s: %.*s", rows[i].line, (int)answer.len, (const char *)answer.ptr);
}

static void items_are_served_as_they_are(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    CLEANUP(buf_done) struct buf item = BUF_INIT;
    uint32_t last;
    char line[80];

    (void)state;
    assert_int_equal(run_now(), 2);
    assert_int_equal(follow(NOW), 1);
    assert_int_equal(
        authority_get_feed_snapshot(f.store, (struct feed_id){CA_AUTH, 1}, &last, &item, NULL), 0);
    assert_int_equal(ask_http(OCSPD, "GET /v1/feed/auth/snapshot", "", &answer), 200);
    assert_non_null(memmem(answer.ptr, answer.len, item.ptr, item.len));
    assert_non_null(memmem(answer.ptr, answer.len, "\"auth-1\"", 8));
    assert_int_equal(
        ask_http(OCSPD, "GET /v1/feed/auth/snapshot", "If-None-Match: \"auth-1\"\r\n", &answer),
        304);
    assert_int_equal(
        ask_http(OCSPD, "GET /v1/feed/auth/snapshot", "If-None-Match: \"sign-1\"\r\n", &answer),
        200);
    (void)snprintf(line, sizeof line, "GET /v1/feed/auth/deltas?since=%u", (unsigned)last);
    assert_int_equal(ask_http(OCSPD, line, "", &answer), 204);
    issue(true);
    assert_int_equal(run_now(), 1);
    buf_done(&item);
    assert_int_equal(
        authority_list_feed_deltas(f.store, (struct feed_id){CA_AUTH, 1}, last, &item, NULL), 0);
    assert_int_equal(ask_http(OCSPD, line, "", &answer), 200);
    assert_non_null(memmem(answer.ptr, answer.len, item.ptr, item.len));
}

static void a_database_of_before_gets_its_tables(void **state)
{
    const char *migrations[32];
    size_t count = 0;
    struct db_schema before;
    struct db *db;

    (void)state;
    while (authority_schema.migrations[count] != NULL &&
           strstr(authority_schema.migrations[count], "feed_item") == NULL)
        count++;
    assert_true(authority_schema.migrations[count] != NULL && count < 31);
    memcpy(migrations, authority_schema.migrations, count * sizeof migrations[0]);
    migrations[count] = NULL;
    before = (struct db_schema){"authority", migrations};
    close_maker();
    assert_int_equal(unlink(f.database), 0);
    assert_int_equal(db_open(f.database, &before, &db, NULL), 0);
    db_close(db);
    open_maker();
    execute("INSERT INTO ca (kind, tbs, next_serial) VALUES ('auth', x'00', 2)");
    execute("INSERT INTO feed_edition VALUES ('auth', 1)");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(without_signerd_nothing_is_told_and_all_of_it_later),
        EACH(a_key_that_is_no_feed_key_tells_nothing),
        EACH(revocations_releases_and_new_certificates_are_told),
        EACH(what_does_not_change_is_said_again_in_time),
        EACH(a_day_is_one_delta),
        EACH(a_new_program_goes_on_where_the_old_one_was),
        EACH(the_signers_certificate_is_followed_in_time),
        EACH(a_signer_that_was_revoked_is_not_followed),
        EACH(an_edition_that_was_lost_is_passed_over),
        EACH(items_that_were_damaged_are_not_gone_on_from),
        EACH(a_clock_that_was_set_back_begins_anew),
        EACH(a_database_that_knows_less_tells_nothing),
        EACH(old_deltas_are_forgotten_and_old_editions_refused),
        EACH(deltas_at_the_limit_are_one_answer_and_one_past_it_two),
        EACH(pages_in_which_nobody_is_alive_leave_the_feed),
        EACH(strangers_and_nonsense_are_refused),
        EACH(items_are_served_as_they_are),
        EACH(a_database_of_before_gets_its_tables),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
