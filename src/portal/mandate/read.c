/* SPDX-License-Identifier: Apache-2.0 */
/* Mandates as they are: lists, and whether one counts for a request. */
#include "portal/mandate/mandate.h"

#include "portal/account/row.h"
#include "portal/mandate/acts.h"
#include "portal/store_sqlite.h"

#include <string.h>

/* ---- lists ---- */

#define COLUMNS                                                                                    \
    "m.id, m.kind, m.scopes, m.mandator, coalesce(m.proxy, ''), m.mandator_name, m.proxy_name,"    \
    " coalesce(m.municipality, ''), m.made_at, coalesce(m.begun_at, 0), m.ends_at,"                \
    " coalesce(m.ended_at, 0), coalesce(m.ended_by, ''),"                                          \
    " (SELECT coalesce(max(u.at), 0) FROM mandate_use AS u WHERE u.mandate = m.id), m.place"

static const char *word_of(const char *const *words, const char *text, unsigned *ret)
{
    for (unsigned i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0) {
            *ret = i;
            return words[i];
        }
    return NULL;
}

static int read_texts(const struct db_rows *rows, struct mandate *ret, struct err *err)
{
    char word[16];
    unsigned kind = 0;
    unsigned side;

    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, word, sizeof word, err));
    if (word_of(mandate_kinds, word, &kind) == NULL)
        return FAIL(err, ERR_SYSTEM, "a mandate of no kind");
    ret->kind = (enum mandate_kind)kind;
    TRY(db_text(rows, 3, ret->mandator, sizeof ret->mandator, err));
    TRY(db_text(rows, 4, ret->proxy, sizeof ret->proxy, err));
    TRY(db_text(rows, 5, ret->mandator_name, sizeof ret->mandator_name, err));
    TRY(db_text(rows, 6, ret->proxy_name, sizeof ret->proxy_name, err));
    TRY(db_text(rows, 7, ret->municipality, sizeof ret->municipality, err));
    TRY(db_text(rows, 12, word, sizeof word, err));
    ret->ended_by = word_of(mandate_sides, word, &side);
    return 0;
}

static int read_mandate(const struct db_rows *rows, struct mandate *ret, struct err *err)
{
    int64_t *const numbers[] = {&ret->made_at, &ret->begun_at, &ret->ends_at, &ret->ended_at};
    int64_t scopes;

    TRY(read_texts(rows, ret, err));
    TRY(db_int(rows, 2, &scopes, err));
    ret->scopes = (unsigned)scopes;
    for (int i = 0; i < 4; i++)
        TRY(db_int(rows, 8 + i, numbers[i], err));
    TRY(db_int(rows, 13, &ret->used_at, err));
    return db_int(rows, 14, &ret->place, err);
}

static int each(struct db_rows *rows,
                int (*take)(void *context, const struct mandate *mandate, struct err *err),
                void *context, struct err *err)
{
    int rc;

    while ((rc = db_next(rows, err)) == 0) {
        struct mandate mandate;

        TRY(read_mandate(rows, &mandate, err));
        TRY(take(context, &mandate, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* Of those from others, as many as count, and the newest that do not. */
int mandate_list(struct portal_store *store, const char *account, int64_t now,
                 int (*take)(void *context, const struct mandate *mandate, struct err *err),
                 void *context, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " COLUMNS " FROM mandate AS m WHERE m.mandator = ?1 OR m.place IN"
                 " (SELECT place FROM mandate WHERE proxy = ?1"
                 "  ORDER BY (ended_at IS NULL AND ends_at > ?2) DESC, place DESC LIMIT ?3)"
                 " ORDER BY m.place DESC",
                 DB_WITH(DB_TEXT(account), DB_INT(now), DB_INT(MANDATES_KEPT_MAX)), &rows, err));
    return each(&rows, take, context, err);
}

int mandate_page(struct portal_store *store, const char *municipality, int64_t behind,
                 int (*take)(void *context, const struct mandate *mandate, struct err *err),
                 void *context, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " COLUMNS " FROM mandate AS m WHERE m.municipality = ? AND m.place > ?"
                 " ORDER BY m.place LIMIT ?",
                 DB_WITH(DB_TEXT(municipality), DB_INT(behind), DB_INT(MANDATE_PAGE_MAX)), &rows,
                 err));
    return each(&rows, take, context, err);
}

/* ---- requests ---- */

int mandate_find_in(struct db_txn *txn, const struct mandate_claim *claim, struct account *ret,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT " ACCOUNT_COLUMNS " FROM mandate AS m JOIN account AS a"
                          " ON a.id = m.mandator WHERE m.id = ?1 AND m.proxy = ?2"
                          " AND (m.scopes & ?3) <> 0 AND m.ended_at IS NULL AND m.ends_at > ?4",
                          DB_WITH(DB_TEXT(claim->id), DB_TEXT(claim->proxy), DB_INT(claim->scope),
                                  DB_INT(claim->now)),
                          &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "you have no mandate for this, or it is over");
    TRY(rc);
    return account_read(&rows, ret, err);
}

int mandate_find(struct portal_store *store, const struct mandate_claim *claim, struct account *ret,
                 struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return mandate_find_in(&txn, claim, ret, err);
}

int mandate_check(struct db_txn *txn, const char *id, int64_t now, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(txn,
                                "SELECT 1 FROM mandate WHERE id = ? AND ended_at IS NULL"
                                " AND ends_at > ?",
                                DB_WITH(DB_TEXT(id), DB_INT(now)), &rows, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_DENIED, "you have no mandate for this, or it is over")
                             : rc;
}

int mandate_reference(struct portal_store *store, const char *id, struct buf *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT CAST(reference AS BLOB) FROM mandate WHERE id = ?"
                     " AND reference IS NOT NULL AND ended_at IS NULL",
                     DB_WITH(DB_TEXT(id)), &rows, err));
    return db_blob(&rows, 0, ret, err);
}

int mandate_kind_of(struct portal_store *store, const char *id, enum mandate_kind *ret,
                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    unsigned kind = 0;
    char word[16];

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn, "SELECT kind FROM mandate WHERE id = ?", DB_WITH(DB_TEXT(id)), &rows,
                     err));
    TRY(db_text(&rows, 0, word, sizeof word, err));
    if (word_of(mandate_kinds, word, &kind) == NULL)
        return FAIL(err, ERR_SYSTEM, "a mandate of no kind");
    *ret = (enum mandate_kind)kind;
    return 0;
}
