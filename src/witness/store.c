/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/store.h"

#include "audit/tree.h"
#include "witness/limits.h"

#include <stdio.h>
#include <stdlib.h>

const char *const witness_doubt_words[] = {[DOUBT_SIGNATURE] = "signature",
                                           [DOUBT_ROLLBACK] = "rollback",
                                           [DOUBT_FORK] = "fork",
                                           [DOUBT_TRUNCATED] = "truncated",
                                           NULL};

static const char seen_v1[] =
    "CREATE TABLE seen ("
    " origin TEXT NOT NULL,"
    " size INTEGER NOT NULL CHECK (size > 0),"
    " root BLOB NOT NULL CHECK (length(root) = 32),"
    " at INTEGER NOT NULL,"
    " note BLOB NOT NULL,"
    " PRIMARY KEY (origin, size)) STRICT, WITHOUT ROWID;"

    "CREATE TRIGGER seen_next BEFORE INSERT ON seen"
    " WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM seen WHERE origin = NEW.origin)"
    " BEGIN SELECT RAISE(ABORT, 'what a witness has seen grows'); END;"

    "CREATE TRIGGER seen_change BEFORE UPDATE OF origin, size, root ON seen"
    " BEGIN SELECT RAISE(ABORT, 'what a witness has seen cannot be changed'); END;"

    "CREATE TRIGGER seen_remove BEFORE DELETE ON seen"
    " BEGIN SELECT RAISE(ABORT, 'what a witness has seen cannot be removed'); END;"

    "CREATE TABLE alarm ("
    " id INTEGER PRIMARY KEY,"
    " origin TEXT NOT NULL,"
    " doubt INTEGER NOT NULL,"
    " at INTEGER NOT NULL,"
    " seen BLOB NOT NULL,"
    " shown BLOB NOT NULL,"
    " noted_at INTEGER NOT NULL DEFAULT 0,"
    " UNIQUE (origin, doubt, shown)) STRICT;"

    "CREATE TRIGGER alarm_change BEFORE UPDATE OF id, origin, doubt, at, seen, shown ON alarm"
    " BEGIN SELECT RAISE(ABORT, 'an alarm cannot be changed'); END;"

    "CREATE TRIGGER alarm_remove BEFORE DELETE ON alarm"
    " BEGIN SELECT RAISE(ABORT, 'an alarm cannot be removed'); END;";

static const char *const migrations[] = {seen_v1, audit_schema_v1, audit_tree_schema_v1, NULL};
const struct db_schema witness_schema = {"witness", migrations};

static const struct audit_act raised = {"alarm.raised", "log"};
static const struct audit_act noted = {"alarm.noted", "alarm"};

struct witness_store {
    struct db *db;
};

int witness_store_open(const char *path, struct witness_store **ret, struct err *err)
{
    CLEANUP(witness_store_closep) struct witness_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    TRY(db_open(path, &witness_schema, &store->db, err));
    *ret = store;
    store = NULL;
    return 0;
}

void witness_store_closep(struct witness_store **store)
{
    if (*store == NULL)
        return;
    db_close((*store)->db);
    free(*store);
    *store = NULL;
}

struct db *witness_store_db(struct witness_store *store)
{
    return store->db;
}

/* ---- what was seen ---- */

void witness_seen_done(struct witness_seen *seen)
{
    buf_done(&seen->note);
}

static int read_seen(const struct db_rows *rows, struct witness_seen *seen, struct err *err)
{
    CLEANUP(buf_done) struct buf root = BUF_INIT;

    TRY(db_text(rows, 0, seen->checkpoint.origin, sizeof seen->checkpoint.origin, err));
    TRY(db_int(rows, 1, &seen->checkpoint.size, err));
    TRY(db_blob(rows, 2, &root, err));
    if (root.len != sizeof seen->checkpoint.root)
        return FAIL(err, ERR_SYSTEM, "the database has a value of another size");
    memcpy(seen->checkpoint.root, root.ptr, root.len);
    TRY(db_int(rows, 3, &seen->at, err));
    return db_blob(rows, 4, &seen->note, err);
}

int witness_find_seen(struct witness_store *store, const char *origin, int64_t size,
                      struct witness_seen *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT origin, size, root, at, note FROM seen WHERE origin = ?"
                     " AND (? = 0 OR size = ?) ORDER BY size DESC LIMIT 1",
                     DB_WITH(DB_TEXT(origin), DB_INT(size), DB_INT(size)), &rows, err));
    return read_seen(&rows, ret, err);
}

/* The largest one of this log and its root, if it is this one. */
static int refresh(struct db_txn *txn, const struct witness_seen *seen, struct err *err)
{
    const struct checkpoint *checkpoint = &seen->checkpoint;

    return db_execute_one(
        txn,
        "UPDATE seen SET at = ?, note = ? WHERE origin = ? AND size = ? AND root = ?"
        " AND size = (SELECT max(size) FROM seen WHERE origin = ?)",
        DB_WITH(DB_INT(seen->at), DB_BLOB(buf_bytes(&seen->note)), DB_TEXT(checkpoint->origin),
                DB_INT(checkpoint->size), DB_BLOB(BYTES_ARRAY(checkpoint->root)),
                DB_TEXT(checkpoint->origin)),
        err);
}

static int last_size(struct db_txn *txn, const char *origin, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT coalesce(max(size), 0) FROM seen WHERE origin = ?",
                     DB_WITH(DB_TEXT(origin)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int insert(struct db_txn *txn, const struct witness_seen *seen, struct err *err)
{
    const struct checkpoint *checkpoint = &seen->checkpoint;

    return db_execute(txn, "INSERT INTO seen (origin, size, root, at, note) VALUES (?, ?, ?, ?, ?)",
                      DB_WITH(DB_TEXT(checkpoint->origin), DB_INT(checkpoint->size),
                              DB_BLOB(BYTES_ARRAY(checkpoint->root)), DB_INT(seen->at),
                              DB_BLOB(buf_bytes(&seen->note))),
                      err);
}

int witness_put_seen(struct witness_store *store, const struct witness_seen *seen, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t last;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    TRY(last_size(&txn, seen->checkpoint.origin, &last, err));
    rc = seen->checkpoint.size > last ? insert(&txn, seen, err) : refresh(&txn, seen, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "another checkpoint of %s was cosigned before",
                    seen->checkpoint.origin);
    TRY(rc);
    return db_commit(&txn, err);
}

/* ---- alarms ---- */

void witness_alarm_done(struct witness_alarm *alarm)
{
    buf_done(&alarm->seen);
    buf_done(&alarm->shown);
}

/* Whether there is such a one, or so many that there is no room. */
static int is_kept(struct db_txn *txn, const struct witness_alarm *alarm, bool *ret,
                   struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t same;
    int64_t all;

    TRY(db_query_one(
        txn,
        "SELECT count(*) FILTER (WHERE doubt = ? AND shown = ?), count(*) FROM alarm"
        " WHERE origin = ?",
        DB_WITH(DB_INT(alarm->doubt), DB_BLOB(buf_bytes(&alarm->shown)), DB_TEXT(alarm->origin)),
        &rows, err));
    TRY(db_int(&rows, 0, &same, err));
    TRY(db_int(&rows, 1, &all, err));
    *ret = same > 0 || all >= WITNESS_ALARMS_MAX;
    return 0;
}

int witness_put_alarm(struct witness_store *store, const struct witness_alarm *alarm,
                      bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_origin by = audit_by_self(alarm->at);
    const struct audit_event event = {&raised, bytes_text(alarm->origin),
                                      witness_doubt_words[alarm->doubt]};
    bool is_there;

    TRY(db_begin(store->db, &txn, err));
    TRY(is_kept(&txn, alarm, &is_there, err));
    *ret_is_new = !is_there;
    if (is_there)
        return 0;
    TRY(db_execute(&txn,
                   "INSERT INTO alarm (origin, doubt, at, seen, shown) VALUES (?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(alarm->origin), DB_INT(alarm->doubt), DB_INT(alarm->at),
                           DB_BLOB(buf_bytes(&alarm->seen)), DB_BLOB(buf_bytes(&alarm->shown))),
                   err));
    TRY(audit_append(&txn, &by, &event, err));
    return db_commit(&txn, err);
}

static int read_alarm(const struct db_rows *rows, struct witness_alarm *alarm, struct err *err)
{
    int64_t doubt;

    TRY(db_int(rows, 0, &alarm->id, err));
    TRY(db_text(rows, 1, alarm->origin, sizeof alarm->origin, err));
    TRY(db_int(rows, 2, &doubt, err));
    if (doubt < 0 || doubt >= DOUBTS_)
        return FAIL(err, ERR_SYSTEM, "the database has an alarm of another kind");
    alarm->doubt = (enum witness_doubt)doubt;
    TRY(db_int(rows, 3, &alarm->at, err));
    TRY(db_blob(rows, 4, &alarm->seen, err));
    TRY(db_blob(rows, 5, &alarm->shown, err));
    return db_int(rows, 6, &alarm->noted_at, err);
}

int witness_next_alarm(struct witness_store *store, int64_t after, struct witness_alarm *ret,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT id, origin, doubt, at, seen, shown, noted_at FROM alarm"
                     " WHERE id > ? ORDER BY id LIMIT 1",
                     DB_WITH(DB_INT(after)), &rows, err));
    return read_alarm(&rows, ret, err);
}

/* Whether it is open; ERR_ABSENT if there is none. */
static int is_open(struct db_txn *txn, int64_t id, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t noted_at;
    int rc = db_query_one(txn, "SELECT noted_at FROM alarm WHERE id = ?", DB_WITH(DB_INT(id)),
                          &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such alarm");
    TRY(rc);
    TRY(db_int(&rows, 0, &noted_at, err));
    *ret = noted_at == 0;
    return 0;
}

int witness_note_alarm(struct witness_store *store, int64_t id, const struct audit_origin *by,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char subject[24];
    struct audit_event event = {.act = &noted};
    bool open;

    (void)snprintf(subject, sizeof subject, "%lld", (long long)id);
    event.subject = bytes_text(subject);
    TRY(db_begin(store->db, &txn, err));
    TRY(is_open(&txn, id, &open, err));
    if (!open)
        return 0;
    TRY(db_execute_one(&txn, "UPDATE alarm SET noted_at = ? WHERE id = ?",
                       DB_WITH(DB_INT(by->at), DB_INT(id)), err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int witness_count_open(struct witness_store *store, int64_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn, "SELECT count(*) FROM alarm WHERE noted_at = 0", DB_NOTHING, &rows,
                     err));
    return db_int(&rows, 0, ret, err);
}
