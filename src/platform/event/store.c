/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/event/store.h"

#include "base/caltime.h"
#include "base/random_text.h"
#include "platform/store_sqlite.h"

#include <string.h>

enum { ID_PREFIX = 4, BODY_MAX = 4096 };

const char *const event_types[] = {[EVENT_DATA_MAY_HAVE_CHANGED] = "holder.data_may_have_changed",
                                   [EVENT_CONSENT_GIVEN] = "consent.given",
                                   [EVENT_CONSENT_WITHDRAWN] = "consent.withdrawn",
                                   [EVENT_CONSENT_EXPIRING] = "consent.expiring",
                                   [EVENT_CONSENT_EXPIRED] = "consent.expired",
                                   [EVENT_TYPES_] = NULL};

/* As it is sent (Standard Webhooks: type, timestamp, data), so that each delivery is the same. */
static int make_body(enum event_type type, struct json *data, int64_t at, struct buf *ret,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *owned = data;
    CLEANUP(json_freep) struct json *body = json_object_new();
    char time[CALTIME_TEXT_SIZE];

    caltime_format(at, 0, time);
    TRY(json_put_text(body, "type", event_types[type], err));
    TRY(json_put_text(body, "timestamp", time, err));
    TRY(json_put(body, "data", json_steal(&owned), err));
    return json_write(body, ret, err);
}

static int next_number(struct db_txn *txn, const char *client_id, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT 1 + coalesce(max(number), 0) FROM event WHERE client_id = ?",
                     DB_WITH(DB_TEXT(client_id)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

int event_put(struct db_txn *txn, const char *client_id, enum event_type type, struct json *data,
              int64_t at, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char id[EVENT_ID_SIZE] = "evt_";
    const char *text;
    int64_t number;

    TRY(make_body(type, data, at, &body, err));
    TRY(buf_text(&body, &text, err));
    TRY(random_text(id + ID_PREFIX, sizeof id - ID_PREFIX, err));
    TRY(next_number(txn, client_id, &number, err));
    TRY(db_execute(txn,
                   "INSERT INTO event (client_id, number, id, type, at, body)"
                   " VALUES (?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(client_id), DB_INT(number), DB_TEXT(id),
                           DB_TEXT(event_types[type]), DB_INT(at), DB_TEXT(text)),
                   err));
    return db_execute(txn,
                      "INSERT INTO delivery (webhook, client_id, number, state, tries, due_at)"
                      " SELECT id, client_id, ?2, 'waiting', 0, ?3 FROM webhook"
                      " WHERE client_id = ?1 AND ended_at IS NULL",
                      DB_WITH(DB_TEXT(client_id), DB_INT(number), DB_INT(at)), err);
}

static int number_of(struct db_txn *txn, const char *client_id, const char *id, int64_t *ret,
                     struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    *ret = 0;
    if (id == NULL)
        return 0;
    rc = db_query_one(txn, "SELECT number FROM event WHERE client_id = ? AND id = ?",
                      DB_WITH(DB_TEXT(client_id), DB_TEXT(id)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such event of yours");
    TRY(rc);
    return db_int(&rows, 0, ret, err);
}

/* The id beside what is sent. */
static int put_event(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *event = NULL;
    char id[EVENT_ID_SIZE];
    char body[BODY_MAX];

    TRY(db_text(rows, 0, id, sizeof id, err));
    TRY(db_text(rows, 1, body, sizeof body, err));
    TRY(json_parse(bytes_text(body), &event, err));
    TRY(json_put_text(event, "id", id, err));
    return json_add(list, json_steal(&event), err);
}

static int list_behind(struct db_txn *txn, const char *client_id, int64_t number, struct json *list,
                       struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_query(txn,
                 "SELECT id, body FROM event WHERE client_id = ? AND number > ?"
                 " ORDER BY number LIMIT ?",
                 DB_WITH(DB_TEXT(client_id), DB_INT(number), DB_INT(EVENTS_PAGE_MAX)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_event(&rows, list, err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

int platform_list_events(struct platform_store *store, const char *client_id, const char *after,
                         struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    int64_t number;
    bool is_full;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(number_of(&txn, client_id, after, &number, err));
    TRY(list_behind(&txn, client_id, number, list, err));
    is_full = json_count(list) == EVENTS_PAGE_MAX;
    TRY(json_put(body, "events", json_steal(&list), err));
    TRY(json_put_bool(body, "more", is_full, err));
    *ret = json_steal(&body);
    return 0;
}
