/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/kyc/store.h"

#include "crypto/limits.h"

#include <stdlib.h>

static const char version_1[] = "CREATE TABLE identification ("
                                " number INTEGER PRIMARY KEY AUTOINCREMENT,"
                                " id TEXT NOT NULL UNIQUE,"
                                " client_id TEXT NOT NULL,"
                                " verification TEXT NOT NULL,"
                                " law TEXT NOT NULL,"
                                " method TEXT NOT NULL,"
                                " letter TEXT NOT NULL,"
                                " made_at INTEGER NOT NULL,"
                                " ended_on TEXT NOT NULL,"
                                " delete_at INTEGER,"
                                " evidence TEXT NOT NULL,"
                                " UNIQUE (client_id, verification, law)) STRICT;"
                                "CREATE INDEX identification_page"
                                " ON identification (client_id, number);"
                                "CREATE INDEX identification_over ON identification (delete_at)"
                                " WHERE delete_at IS NOT NULL;";

static const char *const migrations[] = {version_1, audit_schema_v1, audit_tree_schema_v1, NULL};
const struct db_schema kyc_schema = {"evidence", migrations};

struct kyc_store {
    struct db *db;
};

enum kyc_act { ACT_MADE, ACT_ENDED, ACT_RELEASED, ACT_FORGOTTEN };
static const struct audit_act acts[] = {
    [ACT_MADE] = {"identification.made", "identification"}, /* the outcome is law and method */
    [ACT_ENDED] = {"identification.ended", "identification"},
    [ACT_RELEASED] = {"identification.released", "identification"},
    [ACT_FORGOTTEN] = {"identification.forgotten", "identification"},
};

int kyc_store_open(const char *path, struct kyc_store **ret, struct err *err)
{
    CLEANUP(kyc_store_closep) struct kyc_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    TRY(db_open(path, &kyc_schema, &store->db, err));
    *ret = store;
    store = NULL;
    return 0;
}

void kyc_store_close(struct kyc_store *store)
{
    if (store == NULL)
        return;
    db_close(store->db);
    free(store);
}

void kyc_store_closep(struct kyc_store **store)
{
    kyc_store_close(*store);
    *store = NULL;
}

struct db *kyc_store_db(struct kyc_store *store)
{
    return store->db;
}

static int note(struct db_txn *txn, enum kyc_act act, const char *id, const char *outcome,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&acts[act], bytes_text(id), outcome};

    return audit_append(txn, by, &event, err);
}

int kyc_keep(struct kyc_store *store, const struct identification *made, const char *evidence,
             const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf outcome = BUF_INIT;
    const char *text;
    int rc;

    TRY(buf_append_format(&outcome, err, "%s %s", made->law, made->method));
    TRY(buf_text(&outcome, &text, err));
    TRY(db_begin(store->db, &txn, err));
    rc = db_execute(&txn,
                    "INSERT INTO identification (id, client_id, verification, law, method, letter,"
                    " made_at, ended_on, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?)",
                    DB_WITH(DB_TEXT(made->id), DB_TEXT(made->client_id),
                            DB_TEXT(made->verification), DB_TEXT(made->law), DB_TEXT(made->method),
                            DB_TEXT(made->letter), DB_INT(made->made_at), DB_TEXT(evidence)),
                    err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "somebody was identified by this verification already");
    TRY(rc);
    TRY(note(&txn, ACT_MADE, made->id, text, by, err));
    return db_commit(&txn, err);
}

#define COLUMNS                                                                                    \
    "number, id, client_id, verification, law, method, letter, made_at, ended_on,"                 \
    " coalesce(delete_at, 0)"

static int read_row(const struct db_rows *rows, struct identification *ret, struct err *err)
{
    TRY(db_int(rows, 0, &ret->number, err));
    TRY(db_text(rows, 1, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 2, ret->client_id, sizeof ret->client_id, err));
    TRY(db_text(rows, 3, ret->verification, sizeof ret->verification, err));
    TRY(db_text(rows, 4, ret->law, sizeof ret->law, err));
    TRY(db_text(rows, 5, ret->method, sizeof ret->method, err));
    TRY(db_text(rows, 6, ret->letter, sizeof ret->letter, err));
    TRY(db_int(rows, 7, &ret->made_at, err));
    TRY(db_text(rows, 8, ret->ended_on, sizeof ret->ended_on, err));
    return db_int(rows, 9, &ret->delete_at, err);
}

static int find(struct db_txn *txn, const char *query, const char *id, const char *client_id,
                struct db_rows *ret, struct err *err)
{
    int rc = db_query_one(txn, query, DB_WITH(DB_TEXT(id), DB_TEXT(client_id)), ret, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such identification") : rc;
}

int kyc_get(struct kyc_store *store, const char *id, const char *client_id,
            struct identification *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct identification found;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(find(&txn, "SELECT " COLUMNS " FROM identification WHERE id = ? AND client_id = ?", id,
             client_id, &rows, err));
    TRY(read_row(&rows, &found, err));
    *ret = found;
    return 0;
}

int kyc_list(struct kyc_store *store, const char *client_id, int64_t after,
             struct identification ret[KYC_PAGE], size_t *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    size_t count = 0;
    int rc = 0;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " COLUMNS " FROM identification WHERE client_id = ? AND number > ?"
                 " ORDER BY number LIMIT ?",
                 DB_WITH(DB_TEXT(client_id), DB_INT(after), DB_INT(KYC_PAGE)), &rows, err));
    while (count < KYC_PAGE && (rc = db_next(&rows, err)) == 0)
        TRY(read_row(&rows, &ret[count++], err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}

int kyc_end(struct kyc_store *store, const struct identification *ended,
            const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE identification SET ended_on = ?, delete_at = ?"
                        " WHERE id = ? AND client_id = ? AND ended_on = ''",
                        DB_WITH(DB_TEXT(ended->ended_on), DB_INT(ended->delete_at),
                                DB_TEXT(ended->id), DB_TEXT(ended->client_id)),
                        err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "the end of this contract is noted already");
    TRY(rc);
    TRY(note(&txn, ACT_ENDED, ended->id, NULL, by, err));
    return db_commit(&txn, err);
}

int kyc_release(struct kyc_store *store, const char *id, const char *client_id,
                const struct audit_origin *by, struct buf *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf evidence = BUF_INIT;
    CLEANUP(free_text) char *text = calloc(1, JWE_MAX + 1);

    if (text == NULL)
        return FAIL_NOMEM(err);
    TRY(db_begin(store->db, &txn, err));
    {
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

        TRY(find(&txn, "SELECT evidence FROM identification WHERE id = ? AND client_id = ?", id,
                 client_id, &rows, err));
        TRY(db_text(&rows, 0, text, JWE_MAX + 1, err));
    }
    TRY(buf_append_text(&evidence, text, err));
    TRY(note(&txn, ACT_RELEASED, id, NULL, by, err));
    TRY(db_commit(&txn, err));
    buf_move(ret, &evidence);
    return 0;
}

/* One whose time is over; ERR_ABSENT: there is none. */
static int forget_one(struct kyc_store *store, int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_origin by = audit_by_self(now);
    char id[VERIFICATION_ID_SIZE];

    TRY(db_begin(store->db, &txn, err));
    {
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

        TRY(db_query_one(&txn, "SELECT id FROM identification WHERE delete_at <= ? LIMIT 1",
                         DB_WITH(DB_INT(now)), &rows, err));
        TRY(db_text(&rows, 0, id, sizeof id, err));
    }
    TRY(db_execute_one(&txn, "DELETE FROM identification WHERE id = ?", DB_WITH(DB_TEXT(id)), err));
    TRY(note(&txn, ACT_FORGOTTEN, id, NULL, &by, err));
    return db_commit(&txn, err);
}

int kyc_forget_until(struct kyc_store *store, int64_t now, struct err *err)
{
    int rc;

    do
        rc = forget_one(store, now, err);
    while (rc == 0);
    return rc == -ERR_ABSENT ? 0 : rc;
}
