/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/consent/store.h"

#include "platform/acts.h"
#include "platform/event/store.h"
#include "platform/store_sqlite.h"

#include <stdlib.h>

enum { DAY = 86400 };

#define COLUMNS "id, name, service, attributes, valid_from, valid_until, withdrawn_at"

static int read_row(const struct db_rows *rows, struct kept_consent *ret, struct err *err)
{
    struct kept_consent consent = {.withdrawn_at = 0};
    int64_t attributes;

    TRY(db_text(rows, 0, consent.id, sizeof consent.id, err));
    TRY(db_text(rows, 1, consent.holder, sizeof consent.holder, err));
    TRY(db_text(rows, 2, consent.service, sizeof consent.service, err));
    TRY(db_int(rows, 3, &attributes, err));
    TRY(db_int(rows, 4, &consent.valid_from, err));
    TRY(db_int(rows, 5, &consent.valid_until, err));
    if (!db_is_null(rows, 6))
        TRY(db_int(rows, 6, &consent.withdrawn_at, err));
    consent.attributes = (unsigned)attributes;
    *ret = consent;
    return 0;
}

/* An event about a consent. */
static int tell(struct db_txn *txn, const char *client_id, const struct kept_consent *consent,
                enum event_type type, int64_t at, struct err *err)
{
    CLEANUP(json_freep) struct json *data = json_object_new();

    TRY(json_put_text(data, "consent", consent->id, err));
    TRY(json_put_text(data, "holder", consent->holder, err));
    TRY(json_put_text(data, "service", consent->service, err));
    TRY(json_put_int(data, "valid_until", consent->valid_until, err));
    return event_put(txn, client_id, type, json_steal(&data), at, err);
}

static int note(struct db_txn *txn, enum platform_act act, const char *id,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&platform_acts[act], bytes_text(id), NULL};

    return audit_append(txn, by, &event, err);
}

static int is_known(struct db_txn *txn, const char *id, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM consent WHERE id = ?", DB_WITH(DB_TEXT(id)), &rows,
                          err);

    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int insert(struct db_txn *txn, const char *client_id, const struct kept_consent *c,
                  const struct audit_origin *by, struct err *err)
{
    TRY(db_execute(txn,
                   "INSERT INTO consent (client_id, " COLUMNS ", told)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
                   DB_WITH(DB_TEXT(client_id), DB_TEXT(c->id), DB_TEXT(c->holder),
                           DB_TEXT(c->service), DB_INT(c->attributes), DB_INT(c->valid_from),
                           DB_INT(c->valid_until),
                           c->withdrawn_at == 0 ? DB_NULL : DB_INT(c->withdrawn_at)),
                   err));
    TRY(tell(txn, client_id, c, EVENT_CONSENT_GIVEN, by->at, err));
    return note(txn, ACT_CONSENT_NOTED, c->id, by, err);
}

int platform_polled_until(struct platform_store *store, const char *client_id, int64_t *ret,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    *ret = 0;
    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn, "SELECT since FROM consent_poll WHERE client_id = ?",
                      DB_WITH(DB_TEXT(client_id)), &rows, err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return db_int(&rows, 0, ret, err);
}

/* A withdrawal that was polled before the consent was kept was passed over. */
static int poll_again(struct db_txn *txn, const char *client_id, int64_t since, struct err *err)
{
    return db_execute(txn, "UPDATE consent_poll SET since = ?2 WHERE client_id = ?1 AND since > ?2",
                      DB_WITH(DB_TEXT(client_id), DB_INT(since)), err);
}

int platform_keep_consent(struct platform_store *store, const char *client_id,
                          const struct kept_consent *consent, const struct audit_origin *by,
                          bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool known;

    TRY(db_begin(store->db, &txn, err));
    TRY(is_known(&txn, consent->id, &known, err));
    if (!known) {
        TRY(insert(&txn, client_id, consent, by, err));
        TRY(poll_again(&txn, client_id, consent->polled, err));
        TRY(db_commit(&txn, err));
    }
    *ret_is_new = !known;
    return 0;
}

static int find(struct db_txn *txn, const char *sql, const struct db_value *values,
                struct kept_consent *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, values, &rows, err));
    return read_row(&rows, ret, err);
}

static int end(struct db_txn *txn, const char *client_id, const struct kept_consent *consent,
               int64_t at, const struct audit_origin *by, struct err *err)
{
    TRY(db_execute_one(txn, "UPDATE consent SET withdrawn_at = ? WHERE id = ?",
                       DB_WITH(DB_INT(at), DB_TEXT(consent->id)), err));
    TRY(tell(txn, client_id, consent, EVENT_CONSENT_WITHDRAWN, by->at, err));
    return note(txn, ACT_CONSENT_ENDED, consent->id, by, err);
}

int platform_end_consents(struct platform_store *store, const char *client_id,
                          const struct kept_consent *ended, const struct audit_origin *by,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct kept_consent consent;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    while ((rc = find(&txn,
                      "SELECT " COLUMNS " FROM consent WHERE client_id = ? AND name = ?"
                      " AND service = ? AND withdrawn_at IS NULL LIMIT 1",
                      DB_WITH(DB_TEXT(client_id), DB_TEXT(ended->holder), DB_TEXT(ended->service)),
                      &consent, err)) == 0)
        TRY(end(&txn, client_id, &consent, ended->withdrawn_at, by, err));
    return rc == -ERR_ABSENT ? db_commit(&txn, err) : rc;
}

int platform_get_consent(struct platform_store *store, const char *client_id, const char *id,
                         struct kept_consent *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = find(&txn, "SELECT " COLUMNS " FROM consent WHERE client_id = ? AND id = ?",
              DB_WITH(DB_TEXT(client_id), DB_TEXT(id)), ret, err);
    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such consent") : rc;
}

int platform_each_consent(struct platform_store *store, const char *client_id, const char *behind,
                          consent_visit_fn *visit, void *context, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " COLUMNS " FROM consent WHERE client_id = ? AND id > ?"
                 " ORDER BY id LIMIT ?",
                 DB_WITH(DB_TEXT(client_id), DB_TEXT(behind), DB_INT(CONSENTS_PAGE_MAX)), &rows,
                 err));
    while ((rc = db_next(&rows, err)) == 0) {
        struct kept_consent consent;

        TRY(read_row(&rows, &consent, err));
        TRY(visit(context, &consent, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* ---- what happens elsewhere ---- */

int platform_set_polling(struct platform_store *store, const char *client_id,
                         const char *polling_id, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   "INSERT INTO consent_poll (client_id, polling_id, since)"
                   " SELECT client_id, ?2, 0 FROM tenant WHERE client_id = ?1"
                   " ON CONFLICT (client_id) DO UPDATE SET polling_id = excluded.polling_id,"
                   " since = 0 WHERE polling_id <> excluded.polling_id",
                   DB_WITH(DB_TEXT(client_id), DB_TEXT(polling_id)), err));
    return db_commit(&txn, err);
}

int platform_polling_behind(struct platform_store *store, const char *behind,
                            struct consent_poll *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct consent_poll poll;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT client_id, polling_id, since FROM consent_poll WHERE client_id > ?"
                     " ORDER BY client_id LIMIT 1",
                     DB_WITH(DB_TEXT(behind)), &rows, err));
    TRY(db_text(&rows, 0, poll.client_id, sizeof poll.client_id, err));
    TRY(db_text(&rows, 1, poll.polling_id, sizeof poll.polling_id, err));
    TRY(db_int(&rows, 2, &poll.since, err));
    *ret = poll;
    return 0;
}

static int take_change(struct db_txn *txn, const char *client_id,
                       const struct consent_change *change, const struct audit_origin *by,
                       struct err *err)
{
    struct kept_consent consent;
    int rc;

    if (!change->is_withdrawn)
        return 0;
    rc = find(txn,
              "SELECT " COLUMNS " FROM consent WHERE client_id = ? AND id = ?"
              " AND withdrawn_at IS NULL",
              DB_WITH(DB_TEXT(client_id), DB_TEXT(change->id)), &consent, err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return end(txn, client_id, &consent, change->at, by, err);
}

int platform_take_changes(struct platform_store *store, const struct consent_poll *poll,
                          const struct consent_page *page, const struct audit_origin *by,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    for (size_t i = 0; i < page->count; i++)
        TRY(take_change(&txn, poll->client_id, &page->changes[i], by, err));
    TRY(db_execute(&txn,
                   "UPDATE consent_poll SET since = ?3 WHERE client_id = ?1 AND polling_id = ?2"
                   " AND since = ?4",
                   DB_WITH(DB_TEXT(poll->client_id), DB_TEXT(poll->polling_id), DB_INT(page->last),
                           DB_INT(page->since)),
                   err));
    return db_commit(&txn, err);
}

/* ---- their ends ---- */

/* How far a tenant was told: CONSENT_TOLD_*. */
enum { TOLD_EXPIRING = 1, TOLD_EXPIRED = 2 };

/* One consent that ends before a moment and whose tenant was told less; ERR_ABSENT if there is
 * none. */
static int remind(struct db_txn *txn, int64_t before, int told, int64_t now, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct kept_consent consent;
    char client_id[CLIENT_ID_MAX + 1];

    TRY(db_query_one(txn,
                     "SELECT " COLUMNS ", client_id FROM consent"
                     " WHERE valid_until < ? AND told < ? AND withdrawn_at IS NULL LIMIT 1",
                     DB_WITH(DB_INT(before), DB_INT(told)), &rows, err));
    TRY(read_row(&rows, &consent, err));
    TRY(db_text(&rows, 7, client_id, sizeof client_id, err));
    TRY(db_execute(txn, "UPDATE consent SET told = ? WHERE id = ?",
                   DB_WITH(DB_INT(told), DB_TEXT(consent.id)), err));
    return tell(txn, client_id, &consent,
                told == TOLD_EXPIRED ? EVENT_CONSENT_EXPIRED : EVENT_CONSENT_EXPIRING, now, err);
}

int platform_remind_of_consents(struct platform_store *store, int64_t now, struct err *err)
{
    static const struct {
        int told, days;
    } steps[] = {{TOLD_EXPIRED, 0}, {TOLD_EXPIRING, CONSENT_REMIND_DAYS}};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool has_told = false;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        while ((rc = remind(&txn, now + (int64_t)steps[i].days * DAY, steps[i].told, now, err)) ==
               0)
            has_told = true;
        if (rc != -ERR_ABSENT)
            return rc;
    }
    return has_told ? db_commit(&txn, err) : 0;
}
