/* SPDX-License-Identifier: Apache-2.0 */
/* How people link sites and part with them, and where that stands. */
#include "base/random_text.h"
#include "exchange/note.h"
#include "portal/site/tell.h"
#include "portal/store_sqlite.h"

#include <string.h>

static const struct audit_act acts[] = {
    [SITE_LINKED] = {"site.linked", "account"},
    [SITE_UNLINKED] = {"site.unlinked", "account"},
    [SITE_SIGNED_ON] = {"site.signed_on", "account"},
    [SITE_REPLAYED] = {"site.code_replayed", "account"},
};
static const struct names items[] = {
    [SITE_LINKED] = {"連携の開始", "You linked it"},
    [SITE_UNLINKED] = {"連携の解除", "You ended the linkage"},
    [SITE_SIGNED_ON] = {"このサイト専用のあなたの番号を伝えました",
                        "It was told what it alone calls you"},
};

int site_note(struct db_txn *txn, enum site_act act, const struct account *whose,
              const struct site_row *site, const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&acts[act], bytes_text(whose->id),
                                      site == NULL ? NULL : site->id};
    struct note note = {.what = LOG_ASSERTED, .channel = NOTE_SITE};
    struct person_code code;

    TRY(audit_append(txn, by, &event, err));
    if (site == NULL || !whose->has_code)
        return 0;
    note.receiver = site->id;
    note.receiver_name = site->name;
    note.why = (struct names){"本人の希望", "Your own wish"};
    note.items = items[act];
    memcpy(code.value, whose->code, sizeof code.value);
    return exchange_note(txn, &code, &note, by, err);
}

int site_linkage_get_in(struct db_txn *txn, const char *account, const char *site,
                        struct site_linkage *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT sub, linked_at, coalesce(used_at, 0) FROM site_linkage"
                     " WHERE account = ? AND site = ? AND ended_at IS NULL",
                     DB_WITH(DB_TEXT(account), DB_TEXT(site)), &rows, err));
    TRY(db_text(&rows, 0, ret->sub, sizeof ret->sub, err));
    TRY(db_int(&rows, 1, &ret->linked_at, err));
    return db_int(&rows, 2, &ret->used_at, err);
}

int site_linkage_whose(struct db_txn *txn, const char *site, const char *sub,
                       char ret_account[PORTAL_ID_SIZE], struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT account FROM site_linkage WHERE site = ? AND sub = ?"
                     " AND ended_at IS NULL",
                     DB_WITH(DB_TEXT(site), DB_TEXT(sub)), &rows, err));
    return db_text(&rows, 0, ret_account, PORTAL_ID_SIZE, err);
}

int site_linkage_get(struct portal_store *store, const char *account, const char *site,
                     struct site_linkage *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return site_linkage_get_in(&txn, account, site, ret, err);
}

/* Whoever links it again is who he was there. */
int site_link(struct portal_store *store, const struct account *account,
              const struct site_row *site, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct site_linkage linkage;
    char sub[PORTAL_ID_SIZE];
    int rc;

    TRY(random_text(sub, sizeof sub, err));
    TRY(db_begin(store->db, &txn, err));
    rc = site_linkage_get_in(&txn, account->id, site->id, &linkage, err);
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(db_execute(&txn,
                   "INSERT INTO site_linkage VALUES (?, ?, ?, ?, NULL, NULL) ON CONFLICT"
                   " (account, site) DO UPDATE SET linked_at = excluded.linked_at, ended_at = NULL",
                   DB_WITH(DB_TEXT(account->id), DB_TEXT(site->id), DB_TEXT(sub), DB_INT(by->at)),
                   err));
    TRY(site_note(&txn, SITE_LINKED, account, site, by, err));
    return db_commit(&txn, err);
}

/* Each login by its name, as some libraries know no other, and then all that the site calls his. */
static int tell_all(struct db_txn *txn, const char *account, const char *site, const char *sub,
                    int64_t now, struct err *err)
{
    TRY(db_execute(txn,
                   "INSERT INTO site_tell (site, sub, sid, tries, next_at)"
                   " SELECT site, ?, sid, 0, ? FROM site_login"
                   " WHERE account = ? AND site = ? AND used_at IS NOT NULL",
                   DB_WITH(DB_TEXT(sub), DB_INT(now), DB_TEXT(account), DB_TEXT(site)), err));
    return db_execute(txn,
                      "INSERT INTO site_tell (site, sub, sid, tries, next_at)"
                      " VALUES (?, ?, NULL, 0, ?)",
                      DB_WITH(DB_TEXT(site), DB_TEXT(sub), DB_INT(now)), err);
}

int site_unlink(struct portal_store *store, const struct account *account,
                const struct site_row *site, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct site_linkage linkage;

    TRY(db_begin(store->db, &txn, err));
    TRY(site_linkage_get_in(&txn, account->id, site->id, &linkage, err));
    TRY(db_execute(&txn, "UPDATE site_linkage SET ended_at = ? WHERE account = ? AND site = ?",
                   DB_WITH(DB_INT(by->at), DB_TEXT(account->id), DB_TEXT(site->id)), err));
    TRY(tell_all(&txn, account->id, site->id, linkage.sub, by->at, err));
    TRY(db_execute(&txn, "DELETE FROM site_login WHERE account = ? AND site = ?",
                   DB_WITH(DB_TEXT(account->id), DB_TEXT(site->id)), err));
    TRY(site_note(&txn, SITE_UNLINKED, account, site, by, err));
    return db_commit(&txn, err);
}
