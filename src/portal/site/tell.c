/* SPDX-License-Identifier: Apache-2.0 */
/* What sites have still to be told: that somebody is out. */
#include "portal/site/tell.h"

#include "portal/store_sqlite.h"

int site_session_ended(struct db_txn *txn, const char *session, int64_t now, struct err *err)
{
    TRY(db_execute(txn,
                   "INSERT INTO site_tell (site, sub, sid, tries, next_at)"
                   " SELECT l.site, k.sub, l.sid, 0, ? FROM site_login AS l JOIN site_linkage AS k"
                   " ON k.account = l.account AND k.site = l.site"
                   " WHERE l.session = ? AND l.used_at IS NOT NULL",
                   DB_WITH(DB_INT(now), DB_TEXT(session)), err));
    return db_execute(txn, "DELETE FROM site_login WHERE session = ?", DB_WITH(DB_TEXT(session)),
                      err);
}

int site_telling_next(struct portal_store *store, int64_t now, struct site_telling *ret,
                      struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT id, site, sub, coalesce(sid, ''), tries FROM site_tell"
                     " WHERE next_at <= ? ORDER BY next_at, id LIMIT 1",
                     DB_WITH(DB_INT(now)), &rows, err));
    TRY(db_int(&rows, 0, &ret->id, err));
    TRY(db_text(&rows, 1, ret->site, sizeof ret->site, err));
    TRY(db_text(&rows, 2, ret->sub, sizeof ret->sub, err));
    TRY(db_text(&rows, 3, ret->sid, sizeof ret->sid, err));
    return db_int(&rows, 4, &ret->tries, err);
}

int site_telling_done(struct portal_store *store, const struct site_telling *telling, bool is_told,
                      int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const bool is_over = is_told || telling->tries + 1 >= SITE_TELL_TRIES;

    TRY(db_begin(store->db, &txn, err));
    if (is_over)
        TRY(db_execute(&txn, "DELETE FROM site_tell WHERE id = ?", DB_WITH(DB_INT(telling->id)),
                       err));
    else
        TRY(db_execute(&txn, "UPDATE site_tell SET tries = tries + 1, next_at = ? WHERE id = ?",
                       DB_WITH(DB_INT(now + ((int64_t)SITE_TELL_SECONDS << telling->tries)),
                               DB_INT(telling->id)),
                       err));
    return db_commit(&txn, err);
}
