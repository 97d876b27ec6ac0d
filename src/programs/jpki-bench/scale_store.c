/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/scale.h"

#include "authority/schema.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/jpki-bench/bench.h"
#include "programs/progress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CHUNK = 1 << 18, /* rows of one transaction */
    ROW_BYTES = 200, /* with all indexes, and as much again for the log */
    FIRST = 2,       /* serial number of the first certificate */
    THREADS = 24,
    OPERATIONS = 2400, /* of one round */
    STRIDE = 7919,     /* a prime: neighbours in time are none in the table */
};

static const struct audit_origin by = {.at = 1774969200, .actor = "self"};

uint64_t scale_store_bytes(uint64_t people)
{
    return people * ROW_BYTES;
}

static int make_ca(const char *path, struct err *err)
{
    CLEANUP(authority_store_closep) struct authority_store *store = NULL;

    TRY(authority_store_open(path, &store, err));
    TRY(authority_begin_ca(store, CA_SIGN, BYTES_LITERAL("tbs"), err));
    return authority_finish_ca(store, CA_SIGN, BYTES_LITERAL("ca"), &by, err);
}

/* Certificates from first to last, and the revocations among them. */
static int load_chunk(struct db *db, uint64_t first, uint64_t last, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn,
                   "WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                   " INSERT INTO certificate (kind, serial, request_id, fingerprint, key,"
                   " reserved_at, not_after, certificate, point)"
                   " SELECT 'sign', i, printf('bulk-%010d', i), x'00',"
                   " CAST(printf('%010d', i) AS BLOB), 1774969200, 4102444799, x'00', 0 FROM n",
                   DB_WITH(DB_INT(first), DB_INT(last)), err));
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

static int load(const char *path, uint64_t people, struct err *err)
{
    CLEANUP(db_closep) struct db *db = NULL;
    struct progress progress = progress_start(tr("status rows"), people);
    int rc = db_open(path, &authority_schema, &db, err);

    for (uint64_t done = 0; rc == 0 && done < people; done += CHUNK) {
        uint64_t end = done + CHUNK < people ? done + CHUNK : people;

        rc = load_chunk(db, FIRST + done, FIRST + end - 1, err);
        progress_at(&progress, end);
    }
    progress_end(&progress);
    return rc;
}

int scale_store_make(struct scale_site *site, const char *dir, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *made = NULL;

    TRY(path_format(&made, err, "%s/jpki-bench-scale-XXXXXX", dir));
    if (mkdtemp(made) == NULL)
        return FAIL_ERRNO(err, "%s", dir);
    site->dir = made;
    made = NULL;
    TRY(path_format(&path, err, "%s/a.db", site->dir));
    TRY(make_ca(path, err));
    TRY(load(path, site->people, err));
    return authority_store_open(path, &site->store, err);
}

/* One round of a kind of operation, shared by its threads. */
struct round {
    struct scale_site *site;
    int (*operate)(const struct scale_site *site, uint64_t number, struct err *err);
    _Atomic uint64_t next;
    uint64_t end;
    pthread_mutex_t lock; /* of the rest */
    int rc;
    struct err err;
};

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "%u", serial);
}

static int issue(const struct scale_site *site, uint64_t number, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    char id[32];
    struct reservation r = {
        .kind = CA_SIGN, .request_id = id, .now = by.at, .not_after = 4102444799, .build = build};
    struct completion completion = {.kind = CA_SIGN, .certificate = BYTES_LITERAL("x"), .by = &by};

    (void)snprintf(id, sizeof id, "issue-%llu", (unsigned long long)number);
    TRY(digest_compute(DIGEST_SHA256, bytes_text(id), &r.fingerprint, err));
    r.key = r.fingerprint;
    TRY(authority_reserve(site->store, &r, &record, err));
    completion.serial = record.serial;
    return authority_complete(site->store, &completion, err);
}

/* Those whose serial number leaves a rest of 1 were not revoked in bulk. */
static int revoke(const struct scale_site *site, uint64_t number, struct err *err)
{
    uint64_t choices = site->people / SCALE_REVOKED_EACH - 1;
    uint64_t place = number * STRIDE % choices + 1;
    char id[32];
    struct revoked revoked;
    const struct revocation_request request = {
        .request_id = id,
        .kind = CA_SIGN,
        .serial = (uint32_t)(place * SCALE_REVOKED_EACH + 1),
        .reason = CRL_AFFILIATION_CHANGED,
        .now = by.at,
        .by = &by,
    };

    (void)snprintf(id, sizeof id, "revoke-%llu", (unsigned long long)number);
    return authority_add_revocation(site->store, &request, &revoked, err);
}

static void *work(void *context)
{
    struct round *round = context;
    struct err err = {0};

    for (uint64_t number = round->next++; number < round->end; number = round->next++) {
        if (round->operate(round->site, number, &err) == 0)
            continue;
        (void)pthread_mutex_lock(&round->lock);
        round->rc = err_copy(&round->err, &err);
        (void)pthread_mutex_unlock(&round->lock);
        break;
    }
    return NULL;
}

static int run(struct scale_site *site,
               int (*operate)(const struct scale_site *site, uint64_t number, struct err *err),
               uint64_t count, double *ret_us, struct err *err)
{
    struct round round = {.site = site,
                          .operate = operate,
                          .next = site->done,
                          .end = site->done + count,
                          .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS];
    int64_t started = monotonic_us();
    size_t made = 0;

    while (made < THREADS && pthread_create(&threads[made], NULL, work, &round) == 0)
        made++;
    for (size_t i = 0; i < made; i++)
        (void)pthread_join(threads[i], NULL);
    site->done += count;
    if (made < THREADS)
        return FAIL(err, ERR_SYSTEM, "not enough threads");
    if (round.rc < 0)
        return err_copy(err, &round.err);
    *ret_us = (double)(monotonic_us() - started) / (double)count;
    return 0;
}

int scale_store_issue(struct scale_site *site, double *ret_us, struct err *err)
{
    return run(site, issue, OPERATIONS, ret_us, err);
}

int scale_store_revoke(struct scale_site *site, double *ret_us, struct err *err)
{
    return run(site, revoke, OPERATIONS, ret_us, err);
}
