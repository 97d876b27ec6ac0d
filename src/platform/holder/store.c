/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/holder/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"

void sign_number_done(struct sign_number *number)
{
    buf_done(&number->issuer);
    buf_done(&number->serial);
    buf_done(&number->point);
    buf_done(&number->ocsp_url);
}

int holder_read_number(const struct db_rows *rows, int column, struct sign_number *ret,
                       struct err *err)
{
    CLEANUP(sign_number_done) struct sign_number number = {.issuer = BUF_INIT};

    TRY(db_blob(rows, column, &number.issuer, err));
    TRY(db_blob(rows, column + 1, &number.serial, err));
    TRY(db_blob(rows, column + 2, &number.point, err));
    TRY(db_blob(rows, column + 3, &number.ocsp_url, err));
    sign_number_done(ret);
    *ret = number;
    number = (struct sign_number){.issuer = BUF_INIT};
    return 0;
}

int holder_find_number(struct db_txn *txn, const char *client_id, const char *name,
                       struct sign_number *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT " HOLDER_NUMBER_COLUMNS " FROM tenant_holder"
                     " WHERE client_id = ? AND name = ? AND serial IS NOT NULL",
                     DB_WITH(DB_TEXT(client_id), DB_TEXT(name)), &rows, err));
    return holder_read_number(&rows, 0, ret, err);
}

int holder_set_number(struct db_txn *txn, const char *client_id, const char *name,
                      const struct sign_number *number, struct err *err)
{
    return db_execute_one(
        txn,
        "UPDATE tenant_holder SET issuer = ?3, serial = ?4, point = ?5,"
        " ocsp_url = ?6, seen_at = NULL, newer_since = NULL"
        " WHERE client_id = ?1 AND name = ?2",
        DB_WITH(DB_TEXT(client_id), DB_TEXT(name), DB_BLOB(buf_bytes(&number->issuer)),
                DB_BLOB(buf_bytes(&number->serial)), DB_BLOB(buf_bytes(&number->point)),
                DB_BLOB(buf_bytes(&number->ocsp_url))),
        err);
}

static bool is_same(const struct sign_number *a, const struct sign_number *b)
{
    return bytes_equal(buf_bytes(&a->issuer), buf_bytes(&b->issuer)) &&
           bytes_equal(buf_bytes(&a->serial), buf_bytes(&b->serial));
}

static int is_there(struct db_txn *txn, const struct holder_shown *shown, bool *ret,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM tenant_holder WHERE client_id = ? AND name = ?",
                          DB_WITH(DB_TEXT(shown->client_id), DB_TEXT(shown->name)), &rows, err);

    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* What is new; *ret is whether anything is. */
static int show(struct db_txn *txn, const struct holder_shown *shown, bool *ret, struct err *err)
{
    CLEANUP(sign_number_done) struct sign_number known = {.issuer = BUF_INIT};
    bool was_there;
    int rc;

    TRY(is_there(txn, shown, &was_there, err));
    *ret = !was_there;
    if (!was_there)
        TRY(db_execute(txn, "INSERT INTO tenant_holder (client_id, name, holder) VALUES (?, ?, ?)",
                       DB_WITH(DB_TEXT(shown->client_id), DB_TEXT(shown->name),
                               DB_BLOB(bytes_of(shown->id, HOLDER_ID_SIZE))),
                       err));
    if (shown->sign == NULL)
        return 0;
    rc = holder_find_number(txn, shown->client_id, shown->name, &known, err);
    if (rc == 0 && is_same(&known, shown->sign))
        return 0;
    if (rc != -ERR_ABSENT)
        TRY(rc);
    *ret = true;
    return holder_set_number(txn, shown->client_id, shown->name, shown->sign, err);
}

int platform_show_holder(struct platform_store *store, const struct holder_shown *shown,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_HOLDER_SHOWN], bytes_text(shown->name),
                                      NULL};
    bool is_new = false;
    int rc;

    TRY(db_join(store->db, &txn, err));
    rc = show(&txn, shown, &is_new, err);
    if (rc == 0 && is_new)
        rc = audit_append(&txn, by, &event, err);
    return db_settle(&txn, rc, err);
}

int holder_find_name(struct db_txn *txn, const char *client_id, const struct holder_key *sign,
                     char ret[HOLDER_NAME_SIZE], struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(
        txn, "SELECT name FROM tenant_holder WHERE issuer = ? AND serial = ? AND client_id = ?",
        DB_WITH(DB_BLOB(sign->issuer), DB_BLOB(sign->serial), DB_TEXT(client_id)), &rows, err));
    return db_text(&rows, 0, ret, HOLDER_NAME_SIZE, err);
}

int platform_name_shown(struct platform_store *store, const char *client_id,
                        const struct holder_key *sign, char ret[HOLDER_NAME_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return holder_find_name(&txn, client_id, sign, ret, err);
}

static int optional_int(const struct db_rows *rows, int column, int64_t *ret, struct err *err)
{
    *ret = 0;
    return db_is_null(rows, column) ? 0 : db_int(rows, column, ret, err);
}

int platform_get_tenant_holder(struct platform_store *store, const char *client_id,
                               const char *name, struct tenant_holder *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct tenant_holder found = {.name = ""};
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT name, newer_since, ended_at FROM tenant_holder"
                      " WHERE client_id = ? AND name = ?",
                      DB_WITH(DB_TEXT(client_id), DB_TEXT(name)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "you have not been shown such a holder");
    TRY(rc);
    TRY(db_text(&rows, 0, found.name, sizeof found.name, err));
    TRY(optional_int(&rows, 1, &found.newer_since, err));
    TRY(optional_int(&rows, 2, &found.ended_at, err));
    *ret = found;
    return 0;
}
