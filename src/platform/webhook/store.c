/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/webhook/store.h"

#include "platform/usage/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS "webhook.id, webhook.client_id, url, generation, before_until"

static int read_webhook(const struct db_rows *rows, struct webhook *ret, struct err *err)
{
    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->client_id, sizeof ret->client_id, err));
    TRY(db_text(rows, 2, ret->url, sizeof ret->url, err));
    TRY(db_int(rows, 3, &ret->generation, err));
    return db_int(rows, 4, &ret->before_until, err);
}

static int note(struct db_txn *txn, enum platform_act act, const char *id,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&platform_acts[act], bytes_text(id), NULL};

    return audit_append(txn, by, &event, err);
}

static int fail_absent(int rc, struct err *err)
{
    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such webhook") : rc;
}

static int count_webhooks(struct db_txn *txn, const char *client_id, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*) FROM webhook WHERE client_id = ? AND ended_at IS NULL",
                     DB_WITH(DB_TEXT(client_id)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

int platform_add_webhook(struct platform_store *store, const struct webhook *webhook,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t count;

    TRY(db_begin(store->db, &txn, err));
    TRY(count_webhooks(&txn, webhook->client_id, &count, err));
    if (count >= WEBHOOKS_MAX)
        return FAIL(err, ERR_CONFLICT, "you have %d webhooks already", WEBHOOKS_MAX);
    TRY(db_execute(&txn,
                   "INSERT INTO webhook (id, client_id, url, generation, before_until, made_at)"
                   " VALUES (?, ?, ?, ?, 0, ?)",
                   DB_WITH(DB_TEXT(webhook->id), DB_TEXT(webhook->client_id), DB_TEXT(webhook->url),
                           DB_INT(webhook->generation), DB_INT(by->at)),
                   err));
    TRY(note(&txn, ACT_WEBHOOK_ADDED, webhook->id, by, err));
    return db_commit(&txn, err);
}

int platform_end_webhook(struct platform_store *store, const char *client_id, const char *id,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(fail_absent(db_execute_one(&txn,
                                   "UPDATE webhook SET ended_at = ?3 WHERE client_id = ?1"
                                   " AND id = ?2 AND ended_at IS NULL",
                                   DB_WITH(DB_TEXT(client_id), DB_TEXT(id), DB_INT(by->at)), err),
                    err));
    TRY(db_execute(&txn, "DELETE FROM delivery WHERE webhook = ? AND state = 'waiting'",
                   DB_WITH(DB_TEXT(id)), err));
    TRY(note(&txn, ACT_WEBHOOK_ENDED, id, by, err));
    return db_commit(&txn, err);
}

int platform_rotate_webhook(struct platform_store *store, const char *client_id, const char *id,
                            int64_t before_until, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(fail_absent(
        db_execute_one(&txn,
                       "UPDATE webhook SET generation = generation + 1, before_until = ?3"
                       " WHERE client_id = ?1 AND id = ?2 AND ended_at IS NULL",
                       DB_WITH(DB_TEXT(client_id), DB_TEXT(id), DB_INT(before_until)), err),
        err));
    TRY(note(&txn, ACT_WEBHOOK_ROTATED, id, by, err));
    return db_commit(&txn, err);
}

int platform_get_webhook(struct platform_store *store, const char *client_id, const char *id,
                         struct webhook *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(fail_absent(db_query_one(&txn,
                                 "SELECT " COLUMNS " FROM webhook WHERE client_id = ? AND id = ?"
                                 " AND ended_at IS NULL",
                                 DB_WITH(DB_TEXT(client_id), DB_TEXT(id)), &rows, err),
                    err));
    return read_webhook(&rows, ret, err);
}

int platform_each_webhook(struct platform_store *store, const char *client_id,
                          webhook_visit_fn *visit, void *context, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " COLUMNS " FROM webhook WHERE client_id = ? AND ended_at IS NULL"
                 " ORDER BY made_at, id",
                 DB_WITH(DB_TEXT(client_id)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        struct webhook webhook;

        TRY(read_webhook(&rows, &webhook, err));
        TRY(visit(context, &webhook, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* ---- deliveries ---- */

void delivery_done(struct delivery *delivery)
{
    buf_done(&delivery->body);
}

int platform_due_tenant(struct platform_store *store, const char *behind, int64_t now,
                        char ret[CLIENT_ID_MAX + 1], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT client_id FROM delivery WHERE state = 'waiting' AND client_id > ?"
                     " AND due_at <= ? ORDER BY client_id LIMIT 1",
                     DB_WITH(DB_TEXT(behind), DB_INT(now)), &rows, err));
    return db_text(&rows, 0, ret, CLIENT_ID_MAX + 1, err);
}

static int read_delivery(const struct db_rows *rows, struct delivery *ret, struct err *err)
{
    TRY(read_webhook(rows, &ret->webhook, err));
    TRY(db_int(rows, 5, &ret->number, err));
    TRY(db_int(rows, 6, &ret->tries, err));
    TRY(db_text(rows, 7, ret->event, sizeof ret->event, err));
    return db_blob(rows, 8, &ret->body, err);
}

int platform_due_delivery(struct platform_store *store, const char *client_id, int64_t now,
                          struct delivery *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT " COLUMNS ", d.number, tries, event.id, CAST(body AS BLOB)"
                     " FROM delivery AS d JOIN webhook ON webhook.id = d.webhook"
                     " JOIN event ON event.client_id = d.client_id AND event.number = d.number"
                     " WHERE d.client_id = ? AND state = 'waiting' AND due_at <= ?"
                     " ORDER BY due_at, d.number LIMIT 1",
                     DB_WITH(DB_TEXT(client_id), DB_INT(now)), &rows, err));
    return read_delivery(&rows, ret, err);
}

int platform_delivered(struct platform_store *store, const struct delivery *delivery, int64_t now,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE delivery SET state = 'delivered', why = NULL"
                   " WHERE webhook = ? AND number = ?",
                   DB_WITH(DB_TEXT(delivery->webhook.id), DB_INT(delivery->number)), err));
    TRY(usage_count_delivery(&txn, delivery->webhook.client_id, now, true, err));
    return db_commit(&txn, err);
}

int platform_not_delivered(struct platform_store *store, const struct delivery *delivery,
                           const struct delivery_failure *failure, int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE delivery SET tries = tries + 1, why = ?3,"
                   " due_at = CASE ?4 WHEN 0 THEN due_at ELSE ?4 END,"
                   " state = CASE ?4 WHEN 0 THEN 'dead' ELSE 'waiting' END"
                   " WHERE webhook = ?1 AND number = ?2",
                   DB_WITH(DB_TEXT(delivery->webhook.id), DB_INT(delivery->number),
                           DB_TEXT(failure->why), DB_INT(failure->due_at)),
                   err));
    TRY(usage_count_delivery(&txn, delivery->webhook.client_id, now, false, err));
    return db_commit(&txn, err);
}

/* ---- dead letters and replays ---- */

static int put_dead(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char event[EVENT_ID_SIZE];
    char why[DELIVERY_WHY_SIZE];
    int64_t tries;

    TRY(db_text(rows, 0, event, sizeof event, err));
    TRY(db_int(rows, 1, &tries, err));
    TRY(db_text(rows, 2, why, sizeof why, err));
    TRY(json_put_text(object, "event", event, err));
    TRY(json_put_int(object, "tries", tries, err));
    TRY(json_put_text(object, "why", why, err));
    return json_add(list, json_steal(&object), err);
}

int platform_list_dead(struct platform_store *store, const char *client_id, const char *webhook,
                       struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT event.id, tries, why FROM delivery AS d JOIN event"
                 " ON event.client_id = d.client_id AND event.number = d.number"
                 " WHERE d.client_id = ? AND webhook = ? AND state = 'dead'"
                 " ORDER BY d.number DESC LIMIT ?",
                 DB_WITH(DB_TEXT(client_id), DB_TEXT(webhook), DB_INT(EVENTS_PAGE_MAX)), &rows,
                 err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_dead(&rows, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(json_put(body, "dead", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}

const char *const delivery_states[] = {"waiting", "delivered", "dead", NULL};

/* What is over is not due, whatever the row says. */
static int put_due(const struct db_rows *rows, const char *state, struct json *object,
                   struct err *err)
{
    int64_t due_at;

    if (strcmp(state, delivery_states[0]) != 0)
        return 0;
    TRY(db_int(rows, 4, &due_at, err));
    return json_put_int(object, "due_at", due_at, err);
}

static int put_delivery(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char event[EVENT_ID_SIZE];
    char why[DELIVERY_WHY_SIZE];
    char state[16];
    int64_t tries;

    TRY(db_text(rows, 0, event, sizeof event, err));
    TRY(db_int(rows, 1, &tries, err));
    TRY(db_text(rows, 2, why, sizeof why, err));
    TRY(db_text(rows, 3, state, sizeof state, err));
    TRY(json_put_text(object, "event", event, err));
    TRY(json_put_text(object, "state", state, err));
    TRY(json_put_int(object, "tries", tries, err));
    if (why[0] != '\0')
        TRY(json_put_text(object, "why", why, err));
    TRY(put_due(rows, state, object, err));
    return json_add(list, json_steal(&object), err);
}

int platform_list_deliveries(struct platform_store *store, const char *client_id,
                             const char *webhook, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT event.id, tries, coalesce(why, ''), state, due_at FROM delivery AS d"
                 " JOIN event ON event.client_id = d.client_id AND event.number = d.number"
                 " WHERE d.client_id = ? AND webhook = ? ORDER BY d.number DESC LIMIT ?",
                 DB_WITH(DB_TEXT(client_id), DB_TEXT(webhook), DB_INT(EVENTS_PAGE_MAX)), &rows,
                 err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_delivery(&rows, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(json_put(body, "deliveries", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}

#define REPLAYED                                                                                   \
    " FROM event WHERE client_id = ?1"                                                             \
    " AND CASE WHEN ?2 IS NULL THEN at BETWEEN ?3 AND ?4 ELSE id = ?2 END"

static int count_replayed(struct db_txn *txn, const struct db_value *values, int64_t *ret,
                          struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*)" REPLAYED, values, &rows, err));
    return db_int(&rows, 0, ret, err);
}

int platform_replay(struct platform_store *store, const struct webhook *webhook,
                    const struct replay *replay, const struct audit_origin *by, int64_t *ret_count,
                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t count;

    TRY(db_begin(store->db, &txn, err));
    TRY(count_replayed(&txn,
                       DB_WITH(DB_TEXT(webhook->client_id), DB_TEXT(replay->event),
                               DB_INT(replay->from), DB_INT(replay->until)),
                       &count, err));
    if (count == 0 && replay->event != NULL)
        return FAIL(err, ERR_ABSENT, "there is no such event of yours");
    TRY(db_execute(&txn,
                   "INSERT INTO delivery (webhook, client_id, number, state, tries, due_at)"
                   " SELECT ?5, client_id, number, 'waiting', 0, ?6" REPLAYED
                   " ON CONFLICT (webhook, number) DO UPDATE SET state = 'waiting', tries = 0,"
                   " due_at = excluded.due_at, why = NULL",
                   DB_WITH(DB_TEXT(webhook->client_id), DB_TEXT(replay->event),
                           DB_INT(replay->from), DB_INT(replay->until), DB_TEXT(webhook->id),
                           DB_INT(by->at)),
                   err));
    TRY(note(&txn, ACT_WEBHOOK_REPLAYED, webhook->id, by, err));
    TRY(db_commit(&txn, err));
    *ret_count = count;
    return 0;
}
