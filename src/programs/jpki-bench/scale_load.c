/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stores that are kept from one run to the next. A file has its name once everything is in it, so
 * what a run that was stopped left behind is never taken for a store.
 *
 * Digests of keys are random in a real store, and a new one comes in between any two. Here they
 * ascend, which is how a hundred million of them get into an index within minutes, but evenly over
 * the whole range, so that a random one meets a page in the middle as it does there.
 */
#include "programs/jpki-bench/scale.h"

#include "authority/schema.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/progress.h"

#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    FORMAT = 2,      /* another one whenever the rows are others */
    CHUNK = 1 << 18, /* rows of one transaction */
    ROW_BYTES = 350, /* with all indexes and the log */
    GB = 1000000000,
};

#define KEY_RANGE (INT64_C(1) << 35) /* five octets of seven bits, which SQL can write */

static const struct audit_origin by = {.at = 1774969200, .actor = "self"};

static int make_ca(const char *path, struct err *err)
{
    CLEANUP(authority_store_closep) struct authority_store *store = NULL;

    TRY(authority_store_open(path, &store, err));
    TRY(authority_begin_ca(store, CA_SIGN, BYTES_LITERAL("tbs"), err));
    return authority_finish_ca(store, CA_SIGN, BYTES_LITERAL("ca"), &by, err);
}

/* Certificates from first to last, and the revocations among them. */
static int load_chunk(struct db *db, uint64_t people, uint64_t first, uint64_t last,
                      struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn,
                   "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)"
                   " INSERT INTO certificate (kind, serial, request_id, fingerprint, key,"
                   " reserved_at, not_after, certificate, point)"
                   " SELECT 'sign', i, printf('%032x', i), x'00',"
                   " CAST(char(0, i >> 21, i >> 14 & 127, i >> 7 & 127, i & 127, k >> 28,"
                   " k >> 21 & 127, k >> 14 & 127, k >> 7 & 127, k & 127) || printf('%027d', i)"
                   " AS BLOB), 1774969200, 4102444799, x'00', 0"
                   " FROM (SELECT i, (i - 2) * ?3 AS k FROM n)",
                   DB_WITH(DB_INT(first), DB_INT(last), DB_INT(KEY_RANGE / people)), err));
    TRY(db_execute(&txn,
                   "INSERT INTO revocation (number, request_id, kind, serial, revoked_at, reason)"
                   " SELECT serial / 20, request_id, kind, serial, reserved_at, 3"
                   " FROM certificate WHERE kind = 'sign' AND serial BETWEEN ? AND ?"
                   " AND serial % 20 = 0",
                   DB_WITH(DB_INT(first), DB_INT(last)), err));
    TRY(db_execute_one(&txn, "UPDATE ca SET next_serial = ? WHERE kind = 'sign'",
                       DB_WITH(DB_INT(last + 1)), err));
    return db_commit(&txn, err);
}

static int load_all(const char *path, uint64_t people, struct err *err)
{
    CLEANUP(db_closep) struct db *db = NULL;
    struct progress progress = progress_start(tr("status rows"), people);
    int rc = db_open(path, &authority_schema, &db, err);

    for (uint64_t done = 0; rc == 0 && done < people; done += CHUNK) {
        uint64_t end = done + CHUNK < people ? done + CHUNK : people;

        rc = load_chunk(db, people, SCALE_FIRST + done, SCALE_FIRST + end - 1, err);
        progress_at(&progress, end);
    }
    progress_end(&progress);
    return rc;
}

/* With what SQLite has beside it, and our lock. */
static void remove_files(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        CLEANUP(free_text) char *file = NULL;

        if (path_format(&file, NULL, "%s%s", path, ends[i]) == 0)
            (void)unlink(file); /* most are not there */
    }
}

static int make_file(const char *path, uint64_t people, struct err *err)
{
    CLEANUP(free_text) char *part = NULL;
    int rc;

    TRY(path_format(&part, err, "%s.part", path));
    remove_files(part);
    rc = make_ca(part, err);
    if (rc == 0)
        rc = load_all(part, people, err);
    if (rc == 0 && rename(part, path) < 0)
        rc = FAIL_ERRNO(err, "%s", path);
    remove_files(part);
    return rc;
}

static int free_bytes(const char *dir, uint64_t *ret, struct err *err)
{
    struct statvfs disk;

    if (statvfs(dir, &disk) < 0)
        return FAIL_ERRNO(err, "%s", dir);
    *ret = (uint64_t)disk.f_bavail * disk.f_frsize;
    return 0;
}

/* ERR_ABSENT, and said, if the disk is too small for what is not there yet. */
static int check_room(const char *dir, uint64_t people, struct err *err)
{
    uint64_t room;

    TRY(free_bytes(dir, &room, err));
    if (room >= people * ROW_BYTES)
        return 0;
    (void)fprintf(stderr, "no store of %llu: %llu GB free in %s, %llu GB needed\n",
                  (unsigned long long)people, (unsigned long long)(room / GB), dir,
                  (unsigned long long)(people * ROW_BYTES / GB));
    return FAIL(err, ERR_ABSENT, "no room for a store of %llu", (unsigned long long)people);
}

static int column(struct db_txn *txn, const char *sql, uint64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number;

    TRY(db_query_one(txn, sql, DB_NOTHING, &rows, err));
    TRY(db_int(&rows, 0, &number, err));
    *ret = (uint64_t)number;
    return 0;
}

/* How many operations there were since it was made: so many rows it has more. */
static int count_done(const char *path, uint64_t people, uint64_t *ret, struct err *err)
{
    CLEANUP(db_closep) struct db *db = NULL;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    uint64_t next_serial;
    uint64_t events;

    TRY(db_open(path, &authority_schema, &db, err));
    TRY(db_begin_read(db, &txn, err));
    TRY(column(&txn, "SELECT next_serial FROM ca WHERE kind = 'sign'", &next_serial, err));
    TRY(column(&txn, "SELECT max(number) FROM revocation", &events, err));
    *ret = next_serial - SCALE_FIRST - people + events - (people + 1) / SCALE_REVOKED_EACH;
    return 0;
}

int scale_store_get(struct scale_site *site, const char *dir, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    uint64_t people = site->people;

    TRY(path_format(&path, err, "%s/scale-%d-%llu.db", dir, FORMAT, (unsigned long long)people));
    if (access(path, F_OK) < 0) {
        TRY(check_room(dir, people, err));
        TRY(make_file(path, people, err));
    }
    TRY(count_done(path, people, &site->done, err));
    if (site->done > people / 2) {
        remove_files(path); /* worn: what was added is no longer little */
        TRY(make_file(path, people, err));
        site->done = 0;
    }
    TRY(authority_store_open(path, &site->store, err));
    return authority_store_set_cache(site->store, SCALE_CACHE_MB, err);
}
