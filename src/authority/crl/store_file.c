/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of lists in SQLite, in parts: a value has its limit (db/limits.h), and whoever writes
 * or reads a nation's list lets others in between. So a reader may find that its list was replaced
 * meanwhile, and begins again.
 */
#include "authority/store_sqlite.h"

#include "authority/acts.h"
#include "base/file.h"

enum { PART_BYTES = 512 * 1024, PARTS_AT_ONCE = 8, DROPPED_AT_ONCE = 64, READ_TRIES = 3 };

int crl_find_file(struct authority_store *store, const char *name, int64_t *ret_file,
                  int64_t *ret_parts, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT f.id, f.parts FROM crl AS l JOIN crl_file AS f ON f.id = l.file"
                      " WHERE l.name = ?",
                      DB_WITH(DB_TEXT(name)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such list");
    TRY(rc);
    TRY(db_int(&rows, 0, ret_file, err));
    return ret_parts == NULL ? 0 : db_int(&rows, 1, ret_parts, err);
}

static int read_part(struct authority_store *store, int64_t file, int64_t part, struct buf *ret,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn, "SELECT bytes FROM crl_file_part WHERE file = ? AND part = ?",
                     DB_WITH(DB_INT(file), DB_INT(part)), &rows, err));
    return db_blob(&rows, 0, ret, err);
}

/* Where a list goes, and for which publication; NULL: for none. */
struct pouring {
    int fd;
    struct crl_work *work;
};

/* ERR_ABSENT too if the list was replaced meanwhile. */
static int pour(struct authority_store *store, const char *name, const struct pouring *into,
                int64_t *ret_file, bool *ret_is_there, struct err *err)
{
    int64_t parts;

    *ret_is_there = false;
    TRY(crl_find_file(store, name, ret_file, &parts, err));
    *ret_is_there = true;
    TRY(file_empty(into->fd, err));
    for (int64_t part = 0; part < parts; part++) {
        CLEANUP(buf_done) struct buf bytes = BUF_INIT;

        if (into->work != NULL)
            TRY(crl_work_step(into->work, 0, err));
        TRY(read_part(store, *ret_file, part, &bytes, err));
        TRY(file_write_all(into->fd, buf_bytes(&bytes), err));
    }
    return 0;
}

int authority_copy_crl(struct authority_store *store, const char *name, int fd,
                       struct crl_work *work, int64_t *ret_file, struct err *err)
{
    const struct pouring into = {fd, work};
    bool is_there = true;
    int64_t file;
    int rc = -ERR_ABSENT;

    for (int i = 0; rc == -ERR_ABSENT && is_there && i < READ_TRIES; i++)
        rc = pour(store, name, &into, &file, &is_there, err);
    if (rc == -ERR_ABSENT && is_there)
        return FAIL(err, ERR_REMOTE, "this list is replaced faster than it can be read");
    if (rc == 0 && ret_file != NULL)
        *ret_file = file;
    return rc;
}

int authority_store_scratch(struct authority_store *store, int *ret_fd, struct err *err)
{
    return file_scratch(store->folder, ret_fd, err);
}

/* The first column of the first row, which is a number; ERR_ABSENT if there is none. */
static int query_number(struct db_txn *txn, const char *sql, const struct db_value *values,
                        int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, values, &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int add_file(struct authority_store *store, const char *name, size_t size, int64_t *ret,
                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(query_number(
        &txn, "INSERT INTO crl_file (name, is_published, parts) VALUES (?, 0, ?) RETURNING id",
        DB_WITH(DB_TEXT(name), DB_INT((size + PART_BYTES - 1) / PART_BYTES)), ret, err));
    return db_commit(&txn, err);
}

/* Some parts from a number on. */
static int add_parts(struct authority_store *store, int64_t file, struct bytes der, size_t first,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    for (size_t part = first; part < first + PARTS_AT_ONCE && part * PART_BYTES < der.len; part++) {
        size_t left = der.len - part * PART_BYTES;
        struct bytes bytes = bytes_part(der, part * PART_BYTES,
                                        left < PART_BYTES ? left : PART_BYTES);

        TRY(db_execute(&txn, "INSERT INTO crl_file_part VALUES (?, ?, ?)",
                       DB_WITH(DB_INT(file), DB_INT(part), DB_BLOB(bytes)), err));
    }
    return db_commit(&txn, err);
}

int authority_stage_crl(struct authority_store *store, const char *name, struct bytes der,
                        int64_t *ret_file, struct err *err)
{
    int64_t file;

    TRY(add_file(store, name, der.len, &file, err));
    for (size_t part = 0; part * PART_BYTES < der.len; part += PARTS_AT_ONCE) {
        TRY(crl_work_step(&store->work, 0, err));
        TRY(add_parts(store, file, der, part, err));
    }
    *ret_file = file;
    return 0;
}

static int publish_one(struct db_txn *txn, const struct crl_record *record,
                       const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&authority_acts[ACT_CRL_REPLACED], bytes_text(record->name),
                                      NULL};

    TRY(db_execute(txn,
                   "UPDATE crl_file SET is_published = 0"
                   " WHERE id = (SELECT file FROM crl WHERE id = ?)",
                   DB_WITH(DB_INT(record->id)), err));
    TRY(db_execute_one(txn, "UPDATE crl_file SET is_published = 1 WHERE id = ?",
                       DB_WITH(DB_INT(record->file)), err));
    TRY(db_execute_one(txn,
                       "UPDATE crl SET number = ?2, this_update = ?3, next_update = ?4,"
                       " entries = ?5, seen = ?6, file = ?7 WHERE id = ?1 AND number < ?2",
                       DB_WITH(DB_INT(record->id), DB_INT(record->number),
                               DB_INT(record->this_update), DB_INT(record->next_update),
                               DB_INT(record->entries), DB_INT(record->seen), DB_INT(record->file)),
                       err));
    return audit_append(txn, by, &event, err);
}

/* Each file that was published belongs to a list that there still is. */
static int check_none_is_missing(struct db_txn *txn, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char name[CRL_NAME_MAX + 1];
    int rc = db_query_one(txn,
                          "SELECT f.name FROM crl_file AS f"
                          " LEFT JOIN crl AS l ON l.file = f.id AND l.name = f.name"
                          " WHERE f.is_published = 1 AND l.id IS NULL LIMIT 1",
                          DB_NOTHING, &rows, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_text(&rows, 0, name, sizeof name, err));
    return FAIL(err, ERR_CONFLICT,
                "the list %s was published before and is missing now: nothing is published", name);
}

int authority_publish_crls(struct authority_store *store, const struct crl_record *records,
                           size_t count, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    for (size_t i = 0; i < count; i++) {
        int rc = publish_one(&txn, &records[i], by, err);

        if (rc == -ERR_ABSENT)
            return FAIL(err, ERR_CONFLICT, "the list %s was replaced by somebody else",
                        records[i].name);
        TRY(rc);
    }
    TRY(check_none_is_missing(&txn, err));
    return db_commit(&txn, err);
}

/* Some parts of a file that no list points to, or the file when it has none; ERR_ABSENT: none. */
static int drop_some(struct authority_store *store, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t file;

    TRY(db_begin(store->db, &txn, err));
    TRY(query_number(&txn, "SELECT id FROM crl_file WHERE is_published = 0 ORDER BY id LIMIT 1",
                     DB_NOTHING, &file, err));
    TRY(db_execute(&txn,
                   "DELETE FROM crl_file_part WHERE file = ?1 AND part IN"
                   " (SELECT part FROM crl_file_part WHERE file = ?1 LIMIT ?2)",
                   DB_WITH(DB_INT(file), DB_INT(DROPPED_AT_ONCE)), err));
    TRY(db_execute(&txn,
                   "DELETE FROM crl_file WHERE id = ?1"
                   " AND NOT EXISTS (SELECT 1 FROM crl_file_part WHERE file = ?1)",
                   DB_WITH(DB_INT(file)), err));
    return db_commit(&txn, err);
}

int authority_drop_crl_files(struct authority_store *store, struct err *err)
{
    int rc;

    while ((rc = drop_some(store, err)) == 0)
        TRY(crl_work_step(&store->work, 0, err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

int authority_get_publication(struct authority_store *store, struct crl_publication *ret,
                              struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct crl_publication publication;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT coalesce(published_at, 0), coalesce(failed_at, 0),"
                     " coalesce(failure, '') FROM crl_publication",
                     DB_NOTHING, &rows, err));
    TRY(db_int(&rows, 0, &publication.published_at, err));
    TRY(db_int(&rows, 1, &publication.failed_at, err));
    TRY(db_text(&rows, 2, publication.failure, sizeof publication.failure, err));
    *ret = publication;
    return 0;
}

int authority_note_publication(struct authority_store *store, int64_t at, const char *failure,
                               struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   failure == NULL ? "UPDATE crl_publication SET published_at = ?1,"
                                     " failed_at = NULL, failure = ?2"
                                   : "UPDATE crl_publication SET failed_at = ?1, failure = ?2",
                   DB_WITH(DB_INT(at), DB_TEXT(failure)), err));
    return db_commit(&txn, err);
}
