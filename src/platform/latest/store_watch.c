/* SPDX-License-Identifier: Apache-2.0 */
/* Whose certificates are looked after, and what tenants are told of it. */
#include "platform/latest/store.h"

#include "base/caltime.h"
#include "platform/acts.h"
#include "platform/event/store.h"
#include "platform/store_sqlite.h"

#include <string.h>

/* Without a consent a tenant is told nothing, so nothing is looked for (portal.md S276). */
#define HAS_CONSENT                                                                                \
    "EXISTS (SELECT 1 FROM consent AS c WHERE c.client_id = h.client_id AND c.name = h.name"       \
    " AND c.withdrawn_at IS NULL AND ?1 BETWEEN c.valid_from AND c.valid_until)"

void watched_done(struct watched *watched)
{
    sign_number_done(&watched->number);
}

int platform_next_watched(struct platform_store *store, int64_t now, struct watched *watched,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT " HOLDER_NUMBER_COLUMNS ", client_id, name FROM tenant_holder AS h"
                     " WHERE (client_id, name) > (?2, ?3) AND serial IS NOT NULL"
                     " AND seen_at IS NULL AND " HAS_CONSENT " ORDER BY client_id, name LIMIT 1",
                     DB_WITH(DB_INT(now), DB_TEXT(watched->client_id), DB_TEXT(watched->holder)),
                     &rows, err));
    TRY(holder_read_number(&rows, 0, &watched->number, err));
    TRY(db_text(&rows, 4, watched->client_id, sizeof watched->client_id, err));
    return db_text(&rows, 5, watched->holder, sizeof watched->holder, err);
}

int platform_see_end(struct platform_store *store, const struct watched *watched, int64_t now,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE tenant_holder SET seen_at = ?3 WHERE client_id = ?1 AND name = ?2"
                   " AND issuer = ?4 AND serial = ?5 AND seen_at IS NULL",
                   DB_WITH(DB_TEXT(watched->client_id), DB_TEXT(watched->holder), DB_INT(now),
                           DB_BLOB(buf_bytes(&watched->number.issuer)),
                           DB_BLOB(buf_bytes(&watched->number.serial))),
                   err));
    return db_commit(&txn, err);
}

/* The beginning of the interval that a moment is in; days begin at midnight in Japan. */
static int64_t slot_of(int64_t at, int64_t seconds)
{
    int64_t local = at + JST_OFFSET_SECONDS;

    return local - local % seconds - JST_OFFSET_SECONDS;
}

static int tell(struct db_txn *txn, const char *client_id, const char *holder, int64_t since,
                int64_t now, struct err *err)
{
    CLEANUP(json_freep) struct json *data = json_object_new();

    TRY(db_execute_one(txn,
                       "UPDATE tenant_holder SET newer_since = ? WHERE client_id = ? AND name = ?",
                       DB_WITH(DB_INT(since), DB_TEXT(client_id), DB_TEXT(holder)), err));
    TRY(json_put_text(data, "holder", holder, err));
    TRY(json_put_int(data, "newer_since", since, err));
    return event_put(txn, client_id, EVENT_DATA_MAY_HAVE_CHANGED, json_steal(&data), now, err);
}

/* One holder whose tenant is to be told now; ERR_ABSENT if there is none. */
static int tell_one(struct db_txn *txn, int64_t now, int64_t usual, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char client_id[CLIENT_ID_MAX + 1];
    char holder[HOLDER_NAME_SIZE];
    int64_t seconds;

    /* The slot of now began after the moment that the end was seen. */
    TRY(db_query_one(txn,
                     "SELECT h.client_id, h.name, coalesce(n.seconds, ?2) AS s"
                     " FROM tenant_holder AS h LEFT JOIN notice AS n ON n.client_id = h.client_id"
                     " WHERE seen_at IS NOT NULL AND newer_since IS NULL"
                     " AND ?1 - (?1 + ?3) % coalesce(n.seconds, ?2) > seen_at AND " HAS_CONSENT
                     " LIMIT 1",
                     DB_WITH(DB_INT(now), DB_INT(usual), DB_INT(JST_OFFSET_SECONDS)), &rows, err));
    TRY(db_text(&rows, 0, client_id, sizeof client_id, err));
    TRY(db_text(&rows, 1, holder, sizeof holder, err));
    TRY(db_int(&rows, 2, &seconds, err));
    return tell(txn, client_id, holder, slot_of(now, seconds), now, err);
}

int platform_tell_of_newer(struct platform_store *store, int64_t now, int64_t usual,
                           struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool has_told = false;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    while ((rc = tell_one(&txn, now, usual, err)) == 0)
        has_told = true;
    if (rc != -ERR_ABSENT)
        return rc;
    return has_told ? db_commit(&txn, err) : 0;
}

int platform_set_notice(struct platform_store *store, const char *client_id, int64_t seconds,
                        const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_TENANT_NOTICE], bytes_text(client_id),
                                      NULL};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute(&txn,
                    "INSERT INTO notice VALUES (?, ?) ON CONFLICT (client_id)"
                    " DO UPDATE SET seconds = excluded.seconds",
                    DB_WITH(DB_TEXT(client_id), DB_INT(seconds)), err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_ABSENT, "there is no such client here");
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}
