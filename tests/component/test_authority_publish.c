/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing lists of revocations with a real signerd; what the gate keeps back. */
#include "authority/crl/harvest.h"
#include "authority/crl/publisher.h"
#include "authority/schema.h"

#include "base/file.h"
#include "db/db.h"
#include "db/limits.h"
#include "revocation/crl.h"
#include "revocation/crl_write.h"
#include "support/child.h"
#include "support/published.h"
#include "support/signing_group.h"
#include "x509/csr.h"
#include "x509/name.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void without_certificates_there_are_only_the_lists_of_cas(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct crl crl;

    (void)state;
    assert_int_equal(published_list(site.store, "sign-arl", &der), -ERR_ABSENT);
    assert_int_equal(site_publish(NULL), 4);
    site_read_list("sign-arl", CA_SIGN, &der, &crl);
    assert_int_equal(crl.scope, CRL_SCOPE_CAS);
    assert_int_equal(crl.entries.len, 0);
    site_read_list("auth-arl", CA_AUTH, &der, &crl);
    assert_int_equal(crl.this_update, SITE_NOW);
    assert_int_equal(crl.next_update, SITE_NOW + (int64_t)CRL_HOURS * 3600);
    assert_int_equal(published_list(site.store, "token-arl", &der), -ERR_ABSENT);
}

static void each_place_has_its_list_with_its_revocations(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct revocation entry;
    uint64_t first;
    uint64_t second;
    struct crl crl;

    (void)state;
    site_issue(CA_SIGN, "a", 0, 100);
    site_issue(CA_AUTH, "b", 1, 100);
    assert_int_equal(site_publish(NULL), 6);
    site_assert_serials("sign-Hyogo-ken-Kobe-shi", CA_SIGN, "");
    site_revoke(CA_SIGN, "r", 2, CRL_AFFILIATION_CHANGED);
    site_assert_serials("sign-Hyogo-ken-Kobe-shi", CA_SIGN, ""); /* not before it is published */
    site_read_list("sign-Hyogo-ken-Kobe-shi", CA_SIGN, &der, &crl);
    assert_int_equal(crl_number(&crl, &first, NULL), 0);
    assert_int_equal(site_publish(NULL), 6);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "");
    site_read_list("sign-Hyogo-ken-Kobe-shi", CA_SIGN, &der, &crl);
    assert_int_equal(crl.scope, CRL_SCOPE_USERS);
    assert_int_equal(crl_number(&crl, &second, NULL), 0);
    assert_true(second > first);
    assert_int_equal(crl_next(&crl.entries, &entry, NULL), 0);
    assert_int_equal(entry.serial, 2);
    assert_int_equal(entry.at, SITE_NOW);
    assert_int_equal(entry.reason, CRL_AFFILIATION_CHANGED);
}

static void entries_leave_when_their_certificate_is_over_and_not_before(void **state)
{
    (void)state;
    site_issue(CA_AUTH, "a", 0, 2);
    site_issue(CA_AUTH, "b", 1, 100);
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    site_revoke(CA_AUTH, "s", 3, CRL_CERTIFICATE_HOLD);
    assert_int_equal(site_publish(NULL), 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2 3");
    site.clock = clock_fixed(SITE_NOW + 2 * SITE_DAY);
    assert_int_equal(site_publish(NULL), 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2 3");
    /* Once behind the end of the certificate, too (RFC 5280, 3.3). */
    site.clock = clock_fixed(SITE_NOW + 2 * SITE_DAY + 1);
    assert_int_equal(site_publish(NULL), 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2 3");
    site_assert_serials("auth-full", CA_AUTH, "2 3");
    assert_int_equal(site_publish(NULL), 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "3");
    site_assert_serials("auth-full", CA_AUTH, "3");
}

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

static void a_list_that_lost_an_entry_is_kept_back(void **state)
{
    struct err err = {0};

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    site_issue(CA_AUTH, "b", 1, 100);
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    site_revoke(CA_AUTH, "s", 3, CRL_SUPERSEDED);
    assert_int_equal(site_publish(NULL), 5);
    change_database("DELETE FROM revocation WHERE serial = 2");
    assert_int_equal(site_publish(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "lost an entry"));
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2 3");
    change_database("INSERT INTO revocation VALUES (1, 'r', 'auth', 2, 1795445999, 4)");
    assert_int_equal(site_publish(NULL), 5);
}

/* Revoked certificates of list 1. */
static void put_revoked(unsigned first, unsigned last)
{
    char sql[768];

    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n(i) AS (SELECT %u UNION ALL SELECT i + 1 FROM n WHERE i < %u)"
                   " INSERT INTO certificate (kind, serial, request_id, fingerprint, key,"
                   " reserved_at, not_after, certificate, point)"
                   " SELECT 'sign', i, printf('x%%08d', i), x'',"
                   " CAST(printf('k%%08d', i) AS BLOB), 1, 9999999999, x'00', 1 FROM n",
                   first, last);
    change_database(sql);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO revocation SELECT serial - 1, request_id, kind, serial, 1, 4"
                   " FROM certificate WHERE kind = 'sign' AND serial BETWEEN %u AND %u",
                   first, last);
    change_database(sql);
}

/* Entries as long as they get: high serial numbers, each with a reason. */
struct longest {
    uint32_t next;
};

static int longest_rewind(void *context, struct err *err)
{
    (void)err;
    ((struct longest *)context)->next = 0;
    return 0;
}

static int longest_next(void *context, struct revocation *ret, struct err *err)
{
    struct longest *longest = context;

    if (longest->next == CRL_ENTRIES_MAX)
        return FAIL(err, ERR_ABSENT, "no more");
    *ret = (struct revocation){UINT32_MAX - CRL_ENTRIES_MAX + longest->next++, SITE_NOW,
                               CRL_CERTIFICATE_HOLD};
    return 0;
}

static int put_nowhere(void *context, struct bytes piece, struct err *err)
{
    (void)context;
    (void)piece;
    (void)err;
    return 0;
}

static void the_longest_list_is_one_that_signerd_takes(void **state)
{
    const struct tbs *ca = x509_cert_tbs(authority_ca(&site.authority, CA_SIGN, 1)->certificate);
    const struct crl_head head = {.issuer = ca->subject,
                                  .authority_key_id = ca->subject_key_id,
                                  .number = UINT32_MAX,
                                  .this_update = SITE_NOW,
                                  .next_update = SITE_NOW + 1};
    const struct crl_sink sink = {NULL, put_nowhere};
    struct longest longest;
    const struct revocation_source source = {&longest, longest_rewind, longest_next};
    size_t size = 0;

    (void)state;
    assert_int_equal(crl_write_tbs(&head, &source, &sink, &size, NULL), 0);
    assert_true(size > (size_t)CRL_ENTRIES_MAX * 38);
    assert_true(size <= RPC_LIST_MAX);
}

/* A publication of one list, that of everything, in which the database has 3 entries. */
static int harvest_into(struct planned *list, size_t there)
{
    struct publication p = {.authority = &site.authority,
                            .at = SITE_NOW,
                            .seen = UINT32_MAX,
                            .work = authority_crl_work(site.store),
                            .lists = list,
                            .count = 1};
    int count;
    int rc;
    int fd;

    assert_int_equal(authority_store_scratch(site.store, &fd, NULL), 0);
    p.spool = spool_in(fd);

    *list = (struct planned){
        .record = {.id = 1, .kind = CA_SIGN, .generation = 1, .name = "sign-full"},
        .is_due = true,
        .room = there};
    rc = harvest(&p, authority_ca(&site.authority, CA_SIGN, 1), NULL);
    count = (int)spool_list_count(list->entries);
    spool_list_freep(&list->entries);
    spool_done(&p.spool);
    return rc < 0 ? rc : count;
}

static void a_list_has_no_more_entries_than_it_may(void **state)
{
    struct planned list;

    (void)state;
    assert_int_equal(site_publish(NULL), 4);
    put_revoked(2, 4);
    assert_int_equal(harvest_into(&list, 3), 3);
    assert_int_equal(harvest_into(&list, 2), -ERR_CONFLICT);
}

/* A full page, and one more than that. */
static void pages_leave_nothing_out(void **state)
{
    struct planned list;

    (void)state;
    assert_int_equal(site_publish(NULL), 4);
    put_revoked(2, LISTED_PAGE + 1);
    assert_int_equal(harvest_into(&list, CRL_ENTRIES_MAX), LISTED_PAGE);
    put_revoked(LISTED_PAGE + 2, LISTED_PAGE + 2);
    assert_int_equal(harvest_into(&list, CRL_ENTRIES_MAX), LISTED_PAGE + 1);
}

/* A megabyte and a half, which is more than one value of the database may have. */
static void a_list_with_many_entries_is_published_and_read_by_openssl(void **state)
{
    enum { MANY = 40000 };
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    char ca[TEMPDIR_FILE_SIZE];
    const char *const argv[] = {"openssl", "crl", "-inform", "DER", "-noout",
                                "-CAfile", ca,    "-issuer", NULL};
    struct child_result result;
    struct crl crl;
    size_t count = 0;
    struct revocation entry;

    (void)state;
    assert_int_equal(site_publish(NULL), 4); /* makes list 1 */
    put_revoked(2, MANY + 1);
    assert_int_equal(site_publish(NULL), 4);
    site_read_list("sign-arl", CA_SIGN, &der, &crl);
    assert_true(der.len > DB_VALUE_MAX);
    while (crl_next(&crl.entries, &entry, NULL) == 0)
        count++;
    assert_int_equal(count, MANY);
    assert_int_equal(
        x509_cert_append_pem(&pem, authority_ca(&site.authority, CA_SIGN, 1)->certificate, NULL),
        0);
    assert_int_equal(
        file_replace(tempdir_file(&site.site.dir, "ca.pem", ca), 0600, buf_bytes(&pem), NULL), 0);
    result = child_run(argv, buf_bytes(&der), 60000);
    assert_int_equal(result.exit_code, 0);
    assert_non_null(memmem(result.err.ptr, result.err.len, "verify OK", 9));
    child_result_done(&result);
    /* And a shorter one leaves nothing of it. */
    change_database("UPDATE certificate SET not_after = 1");
    assert_int_equal(site_publish(NULL), 4);
    site_assert_serials("sign-arl", CA_SIGN, "");
}

static void without_the_signer_the_old_lists_stay(void **state)
{
    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    assert_int_equal(site_publish(NULL), 5);
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    assert_int_equal(signer_site_stop(site.signerd, SIGKILL), 128 + SIGKILL);
    assert_int_equal(site_publish(NULL), -ERR_REMOTE);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "");
    site.signerd = signer_site_start(&site.site, STALL_MS);
    assert_int_equal(site_publish(NULL), 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2");
}

static int publish_due(int64_t planned, bool is_changed_enough)
{
    const struct publishing run = {
        .due = {planned, clock_now(&site.clock), is_changed_enough},
        .by = audit_by_self(clock_now(&site.clock)),
    };
    unsigned published = 0;

    assert_int_equal(authority_publish_due(&site.authority, site.signer, &run, &published, NULL),
                     0);
    return (int)published;
}

static void a_list_that_fails_stops_the_whole_publication(void **state)
{
    struct crl_publication told;
    struct err err = {0};

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    site_issue(CA_SIGN, "b", 1, 100);
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    assert_int_equal(site_publish(NULL), 6);
    assert_int_equal(authority_get_publication(site.store, &told, NULL), 0);
    assert_int_equal(told.published_at, SITE_NOW);
    assert_int_equal(told.failed_at, 0);
    site_revoke(CA_SIGN, "s", 2, CRL_SUPERSEDED);
    change_database("DELETE FROM revocation WHERE kind = 'auth'");
    site.clock = clock_fixed(SITE_NOW + 1);
    assert_int_equal(site_publish(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "list auth-full"));
    assert_non_null(strstr(err.text, "lost an entry"));
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2");
    site_assert_serials("sign-Hyogo-ken-Kobe-shi", CA_SIGN, ""); /* though it was made and signed */
    site_assert_serials("sign-full", CA_SIGN, "");
    assert_int_equal(authority_get_publication(site.store, &told, NULL), 0);
    assert_int_equal(told.published_at, SITE_NOW);
    assert_int_equal(told.failed_at, SITE_NOW + 1);
    assert_string_equal(told.failure, err.text);
    change_database("INSERT INTO revocation VALUES (1, 'r', 'auth', 2, 1795445999, 4)");
    assert_int_equal(site_publish(NULL), 6);
    site_assert_serials("sign-Hyogo-ken-Kobe-shi", CA_SIGN, "2");
    assert_int_equal(authority_get_publication(site.store, &told, NULL), 0);
    assert_int_equal(told.published_at, SITE_NOW + 1);
    assert_int_equal(told.failed_at, 0);
}

static void an_entry_that_says_something_else_is_kept_back(void **state)
{
    struct err err = {0};

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    assert_int_equal(site_publish(NULL), 5);
    change_database("UPDATE revocation SET reason = 1");
    assert_int_equal(site_publish(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "something else"));
    change_database("UPDATE revocation SET reason = 4, revoked_at = revoked_at - 1");
    assert_int_equal(site_publish(NULL), -ERR_CONFLICT);
    change_database("UPDATE revocation SET revoked_at = revoked_at + 1");
    assert_int_equal(site_publish(NULL), 5);
}

/* A shard that is gone: of a published one its file tells, of a new one the certificates. */
static void a_list_that_is_missing_stops_the_publication_by_name(void **state)
{
    struct err err = {0};

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    site_issue(CA_SIGN, "b", 1, 100);
    assert_int_equal(site_publish(NULL), 6);
    change_database("UPDATE certificate SET point = 0 WHERE kind = 'auth'");
    change_database("DELETE FROM crl WHERE name = 'auth-Hyogo-ken'");
    site_revoke(CA_SIGN, "s", 2, CRL_SUPERSEDED);
    assert_int_equal(site_publish(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "auth-Hyogo-ken"));
    assert_non_null(strstr(err.text, "missing"));
    site_assert_serials("sign-Hyogo-ken-Kobe-shi", CA_SIGN, "");
    change_database("UPDATE crl_file SET is_published = 0 WHERE name = 'auth-Hyogo-ken'");
    change_database("UPDATE certificate SET point = 99 WHERE kind = 'sign'");
    assert_int_equal(site_publish(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "list number 99"));
    change_database("UPDATE certificate SET point = NULL");
    assert_int_equal(site_publish(NULL), 6); /* the places are looked up again */
    site_assert_serials("sign-Hyogo-ken-Kobe-shi", CA_SIGN, "2");
}

/* The bytes of the lists that count, and nothing of those before them. */
static int64_t count_files(void)
{
    struct db *db;
    int64_t count = 0;

    authority_store_closep(&site.store);
    assert_int_equal(db_open(site.database, &authority_schema, &db, NULL), 0);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

        assert_int_equal(db_begin_read(db, &txn, NULL), 0);
        assert_int_equal(
            db_query_one(&txn, "SELECT count(*) FROM crl_file", DB_NOTHING, &rows, NULL), 0);
        assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    }
    db_close(db);
    signing_authority_open_store(&site);
    return count;
}

static void what_is_left_over_is_dropped_by_the_next_publication(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    int64_t file;

    (void)state;
    assert_int_equal(site_publish(NULL), 4);
    assert_int_equal(
        authority_stage_crl(site.store, "sign-arl", BYTES_LITERAL("half"), &file, NULL), 0);
    assert_int_equal(published_list(site.store, "sign-arl", &der), 0);
    assert_true(der.len > 4); /* what is staged does not count */
    assert_int_equal(count_files(), 5);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(site_publish(NULL), 4);
        assert_int_equal(count_files(), 8); /* and those before, for whoever is reading them */
    }
    assert_int_equal(authority_drop_crl_files(site.store, NULL), 0);
    assert_int_equal(count_files(), 4);
}

static void make_phone_of(uint32_t serial)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, "UPDATE certificate SET device = 'phone' WHERE serial = %u",
                   (unsigned)serial);
    change_database(sql);
}

static void a_released_hold_leaves_the_lists_and_a_final_one_stays(void **state)
{
    const struct release_request release = {"x", CA_AUTH, 2, SITE_NOW, &site_by};
    struct revoked revoked;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct revocation entry;
    struct crl crl;

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    site_issue(CA_AUTH, "b", 1, 100);
    make_phone_of(2);
    site_revoke(CA_AUTH, "r", 2, CRL_CERTIFICATE_HOLD);
    site_revoke(CA_AUTH, "s", 3, CRL_CERTIFICATE_HOLD);
    assert_int_equal(site_publish(NULL), 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2 3");
    assert_int_equal(authority_add_release(site.store, &release, &revoked, NULL), 0);
    site_revoke(CA_AUTH, "t", 3, CRL_KEY_COMPROMISE);
    assert_int_equal(publish_due(SITE_NOW, true), 2);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "3");
    site_read_list("auth-full", CA_AUTH, &der, &crl);
    assert_int_equal(crl_next(&crl.entries, &entry, NULL), 0);
    assert_int_equal(entry.reason, CRL_KEY_COMPROMISE);
}

static void the_list_of_everything_says_no_place(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct crl crl;

    (void)state;
    site_issue(CA_SIGN, "a", 0, 100);
    site_revoke(CA_SIGN, "r", 2, CRL_SUPERSEDED);
    assert_int_equal(site_publish(NULL), 5);
    site_read_list("sign-full", CA_SIGN, &der, &crl);
    assert_int_equal(crl.scope, CRL_SCOPE_ALL);
    assert_int_equal(crl.distribution_point.len, 0);
    site_assert_serials("sign-full", CA_SIGN, "2");
    site_assert_serials("auth-full", CA_AUTH, "");
}

static void only_what_is_due_is_published(void **state)
{
    const _Atomic bool stop = true;
    const struct publishing all = {.due = {.planned = SITE_NOW + 1, .now = SITE_NOW + 10},
                                   .by = audit_by_self(SITE_NOW),
                                   .stop = &stop};
    unsigned published = 42;

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    assert_int_equal(publish_due(SITE_NOW, false), 5); /* new */
    assert_int_equal(publish_due(SITE_NOW, true), 0);
    site_issue(CA_SIGN, "b", 1, 100);
    assert_int_equal(publish_due(SITE_NOW, false), 1); /* one more that is new */
    site_revoke(CA_SIGN, "r", 2, CRL_SUPERSEDED);
    assert_int_equal(publish_due(SITE_NOW, false), 0);
    assert_int_equal(publish_due(SITE_NOW, true), 2); /* and the one of everything */
    site_assert_serials("sign-Hyogo-ken-Kobe-shi", CA_SIGN, "2");
    assert_int_equal(publish_due(SITE_NOW, true), 0);
    /* The hour came: all; and once. */
    site.clock = clock_fixed(SITE_NOW + 10);
    assert_int_equal(authority_publish_due(&site.authority, site.signer, &all, &published, NULL),
                     0);
    assert_int_equal(published, 0);
    assert_int_equal(publish_due(SITE_NOW + 1, false), 6);
    assert_int_equal(publish_due(SITE_NOW + 1, false), 0);
    /* Published at a time that was none. */
    site.clock = clock_fixed(SITE_NOW + 5);
    assert_int_equal(publish_due(SITE_NOW + 1, false), 6);
    assert_int_equal(publish_due(SITE_NOW + 1, false), 0);
}

/* Of the publisher's thread, and moved by this one. */
static _Atomic int64_t movable;

static int64_t read_movable(const struct clock *clock)
{
    (void)clock;
    return movable;
}

static _Atomic unsigned lists, failures; /* as the publisher tells */

static void count(unsigned published, const struct err *failure)
{
    lists += published;
    failures += failure != NULL;
}

/* 20 seconds are for a machine that does other things too. */
static void wait_for(const _Atomic unsigned *counter, unsigned value)
{
    for (int i = 0; i < 2000 && *counter < value; i++)
        (void)poll(NULL, 0, 10);
    assert_int_equal(*counter, value);
}

static struct publisher *start_publisher(int64_t changed_s)
{
    /* 23:59:59 in Japan is now: half an hour later is the next time. */
    const struct publisher_options options = {
        .authority = &site.authority, .daily = 30 * 60, .changed_s = changed_s, .report = count};
    struct publisher *publisher;

    movable = SITE_NOW;
    lists = failures = 0;
    site.clock = (struct clock){.now = read_movable};
    assert_int_equal(publisher_start(&options, &publisher, NULL), 0);
    return publisher;
}

static void a_thread_publishes_what_is_overdue_and_at_the_hour(void **state)
{
    struct publisher *publisher;

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    publisher = start_publisher(0);
    wait_for(&lists, 5); /* never published */
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    movable = SITE_NOW + 30 * 60; /* one second before */
    (void)poll(NULL, 0, 1200);
    assert_int_equal(lists, 5);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "");
    movable = SITE_NOW + 30 * 60 + 1;
    wait_for(&lists, 10);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2");
    movable = SITE_NOW + 10 * SITE_DAY; /* a jump: what was missed is made up for, once */
    wait_for(&lists, 15);
    publisher_stop(publisher);
    assert_int_equal(lists, 15);
    assert_int_equal(failures, 0);
    /* And what was missed while it did not run, at its start. */
    publisher = start_publisher(0);
    wait_for(&lists, 5);
    publisher_stop(publisher);
    publisher = start_publisher(0);
    (void)poll(NULL, 0, 1200);
    publisher_stop(publisher);
    assert_int_equal(lists, 0);
}

static void a_thread_tries_again_until_the_signer_is_back(void **state)
{
    struct publisher *publisher;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct crl crl;

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    assert_int_equal(site_publish(NULL), 5);
    assert_int_equal(signer_site_stop(site.signerd, SIGKILL), 128 + SIGKILL);
    publisher = start_publisher(0);
    movable = SITE_NOW + SITE_DAY;
    wait_for(&failures, 2);
    assert_int_equal(lists, 0);
    site_read_list("auth-Hyogo-ken", CA_AUTH, &der, &crl);
    assert_int_equal(crl.this_update, SITE_NOW);
    site.signerd = signer_site_start(&site.site, STALL_MS);
    wait_for(&lists, 5);
    publisher_stop(publisher);
    site_read_list("auth-Hyogo-ken", CA_AUTH, &der, &crl);
    assert_int_equal(crl.this_update, SITE_NOW + SITE_DAY);
}

static void a_thread_publishes_what_changed_within_seconds(void **state)
{
    struct publisher *publisher;
    uint64_t before;
    uint64_t after;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct crl crl;

    (void)state;
    site_issue(CA_AUTH, "a", 0, 100);
    publisher = start_publisher(1);
    wait_for(&lists, 5);
    site_read_list("auth-arl", CA_AUTH, &der, &crl);
    assert_int_equal(crl_number(&crl, &before, NULL), 0);
    site_revoke(CA_AUTH, "r", 2, CRL_SUPERSEDED);
    wait_for(&lists, 7);
    site_assert_serials("auth-Hyogo-ken", CA_AUTH, "2");
    (void)poll(NULL, 0, 2200);
    publisher_stop(publisher);
    assert_int_equal(lists, 7);
    site_read_list("auth-arl", CA_AUTH, &der, &crl);
    assert_int_equal(crl_number(&crl, &after, NULL), 0);
    assert_int_equal(before, after);
}

static void a_responder_has_a_certificate_and_no_list(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(record_done) struct record again = RECORD_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct responder_request responder = {.kind = CA_SIGN, .by = &site_by};
    struct csr csr;

    (void)state;
    assert_int_equal(csr_parse(buf_bytes(&site_requests[2]), &csr, NULL), 0);
    responder.spki = csr.spki;
    assert_int_equal(
        authority_issue_responder(&site.authority, site.signer, &responder, &record, NULL), 0);
    site.clock = clock_fixed(SITE_NOW + SITE_DAY);
    assert_int_equal(
        authority_issue_responder(&site.authority, site.signer, &responder, &again, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&record.certificate), buf_bytes(&again.certificate)));
    assert_int_equal(x509_cert_parse(buf_bytes(&record.certificate), &cert, NULL), 0);
    assert_int_equal(
        x509_cert_is_issued_by(cert, authority_ca(&site.authority, CA_SIGN, 1)->certificate, NULL),
        0);
    assert_int_equal(site_publish(NULL), 4);
}

/* Version 10 had the bytes of a list in its row, in parts. */
static void lists_of_an_older_database_are_still_there(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const char *older[11] = {NULL};
    const struct db_schema schema = {"authority", older};
    struct crl_publication told;
    struct db *db;

    (void)state;
    memcpy(older, authority_schema.migrations, 10 * sizeof older[0]);
    authority_store_closep(&site.store);
    tempdir_file(&site.site.dir, "old.db", site.database);
    assert_int_equal(db_open(site.database, &schema, &db, NULL), 0);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(
            db_execute(&txn, "INSERT INTO ca VALUES ('sign', NULL, x'00', 2)", DB_NOTHING, NULL),
            0);
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO crl (id, kind, point, name, number, this_update)"
                                    " VALUES (4, 'sign', x'01', 'sign-a', 7, 50),"
                                    " (5, 'sign', x'02', 'sign-b', 0, 0)",
                                    DB_NOTHING, NULL),
                         0);
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO crl_part VALUES (4, 0, x'0a0b'), (4, 1, x'0c')",
                                    DB_NOTHING, NULL),
                         0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    db_close(db);
    signing_authority_open_store(&site);
    assert_int_equal(published_list(site.store, "sign-a", &der), 0);
    assert_true(bytes_equal(buf_bytes(&der), BYTES_LITERAL("\x0a\x0b\x0c")));
    assert_int_equal(published_list(site.store, "sign-b", &der), -ERR_ABSENT);
    assert_int_equal(authority_drop_crl_files(site.store, NULL), 0);
    buf_done(&der);
    assert_int_equal(published_list(site.store, "sign-a", &der), 0);
    assert_int_equal(authority_get_publication(site.store, &told, NULL), 0);
    assert_int_equal(told.published_at, 50);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, site_set_up, site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(without_certificates_there_are_only_the_lists_of_cas),
        WITH_SITE(each_place_has_its_list_with_its_revocations),
        WITH_SITE(entries_leave_when_their_certificate_is_over_and_not_before),
        WITH_SITE(a_list_that_lost_an_entry_is_kept_back),
        WITH_SITE(the_longest_list_is_one_that_signerd_takes),
        WITH_SITE(a_list_has_no_more_entries_than_it_may),
        WITH_SITE(pages_leave_nothing_out),
        WITH_SITE(a_list_with_many_entries_is_published_and_read_by_openssl),
        WITH_SITE(without_the_signer_the_old_lists_stay),
        WITH_SITE(a_list_that_fails_stops_the_whole_publication),
        WITH_SITE(an_entry_that_says_something_else_is_kept_back),
        WITH_SITE(a_list_that_is_missing_stops_the_publication_by_name),
        WITH_SITE(what_is_left_over_is_dropped_by_the_next_publication),
        WITH_SITE(a_released_hold_leaves_the_lists_and_a_final_one_stays),
        WITH_SITE(the_list_of_everything_says_no_place),
        WITH_SITE(lists_of_an_older_database_are_still_there),
        WITH_SITE(only_what_is_due_is_published),
        WITH_SITE(a_thread_publishes_what_is_overdue_and_at_the_hour),
        WITH_SITE(a_thread_tries_again_until_the_signer_is_back),
        WITH_SITE(a_thread_publishes_what_changed_within_seconds),
        WITH_SITE(a_responder_has_a_certificate_and_no_list),
    };

    return cmocka_run_group_tests(tests, site_make_keys, site_release_keys);
}
