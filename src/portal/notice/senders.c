/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/notice/senders.h"

#include "portal/gateway/apis.h"
#include "portal/notice/letter.h"
#include "portal/notice/store.h"
#include "portal/operator/client.h"
#include "portal/site/list.h"

#include <stdio.h>
#include <string.h>

struct listing {
    struct db_txn txn;
    const struct portal *portal;
    const char *account;
    struct json *list;
};

static void listing_done(struct listing *listing)
{
    db_txn_done(&listing->txn);
    json_freep(&listing->list);
}

static int read_off(struct listing *listing, const char *id, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(&listing->txn,
                                "SELECT 1 FROM notice_sender_off WHERE account = ? AND sender = ?",
                                DB_WITH(DB_TEXT(listing->account), DB_TEXT(id)), &rows, err);

    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int put_sender(struct listing *listing, const char *kind, const char *name_there,
                      struct names name, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    char id[NOTICE_SENDER_SIZE];
    bool is_off;

    (void)snprintf(id, sizeof id, "%s.%s", kind, name_there);
    TRY(read_off(listing, id, &is_off, err));
    TRY(json_put_text(item, "id", id, err));
    TRY(json_put_text(item, "kind", kind, err));
    TRY(json_put_text(item, "name", name.ja, err));
    TRY(json_put_text(item, "name_en", name.en, err));
    TRY(json_put_bool(item, "is_off", is_off, err));
    return json_add(listing->list, json_steal(&item), err);
}

static int put_service(struct listing *listing, const struct db_rows *rows, struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    CLEANUP(buf_done) struct buf metadata = BUF_INIT;

    TRY(db_text(rows, 0, client.id, sizeof client.id, err));
    TRY(db_blob(rows, 1, &metadata, err));
    TRY(json_parse(buf_bytes(&metadata), &client.metadata, err));
    return put_sender(listing, "service", client.id,
                      (struct names){operator_text(&client, "client_name"),
                                     operator_text(&client, "client_name_en")},
                      err);
}

static int put_site(struct listing *listing, const struct db_rows *rows, struct err *err)
{
    const struct site_row *site;
    char id[SITE_ID_MAX + 1];

    TRY(db_text(rows, 0, id, sizeof id, err));
    site = sites_find(listing->portal->sites.list, id);
    return site == NULL || !site->sends_notices
               ? 0
               : put_sender(listing, "site", site->id, site->name, err);
}

static int put_all(struct listing *listing, const char *sql, const struct db_value *values,
                   int (*put)(struct listing *listing, const struct db_rows *rows, struct err *err),
                   struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_query(&listing->txn, sql, values, &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put(listing, &rows, err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int list_all(struct listing *listing, struct err *err)
{
    const int64_t now = clock_now(listing->portal->clock);

    TRY(put_all(
        listing,
        "SELECT id, metadata FROM operator_client WHERE id IN (SELECT client"
        " FROM operator_consent WHERE account = ? AND api = ? AND ended_at IS NULL"
        " AND ends_at > ?) ORDER BY id",
        DB_WITH(DB_TEXT(listing->account), DB_TEXT(gateway_notice_sending.name), DB_INT(now)),
        put_service, err));
    return put_all(listing,
                   "SELECT site FROM site_linkage WHERE account = ? AND ended_at IS NULL"
                   " ORDER BY site",
                   DB_WITH(DB_TEXT(listing->account)), put_site, err);
}

int notice_senders(const struct portal *portal, const char *account, struct json **ret,
                   struct err *err)
{
    CLEANUP(listing_done)
    struct listing listing = {
        .txn = DB_TXN_INIT, .portal = portal, .account = account, .list = json_array_new()};

    TRY(db_begin_read(portal_store_db(portal->store), &listing.txn, err));
    TRY(list_all(&listing, err));
    *ret = json_steal(&listing.list);
    return 0;
}

static int check_own(const struct listing *listing, const char *id, struct err *err)
{
    for (size_t i = 0; i < json_count(listing->list); i++) {
        const char *own = NULL;

        TRY(json_get_text(json_at(listing->list, i), "id", &own, err));
        if (strcmp(own, id) == 0)
            return 0;
    }
    return FAIL(err, ERR_ABSENT, "there is no such sender");
}

int notice_sender_switch(const struct portal *portal, const char *account, const char *id,
                         bool is_off, const struct audit_origin *by, struct err *err)
{
    CLEANUP(listing_done)
    struct listing listing = {
        .txn = DB_TXN_INIT, .portal = portal, .account = account, .list = json_array_new()};
    const struct audit_event event = {&notice_acts[NOTICE_SWITCHED], bytes_text(account),
                                      is_off ? "off" : "on"};

    TRY(db_begin(portal_store_db(portal->store), &listing.txn, err));
    TRY(list_all(&listing, err));
    TRY(check_own(&listing, id, err));
    TRY(db_execute(&listing.txn, "DELETE FROM notice_sender_off WHERE account = ? AND sender = ?",
                   DB_WITH(DB_TEXT(account), DB_TEXT(id)), err));
    if (is_off)
        TRY(db_execute(&listing.txn, "INSERT INTO notice_sender_off VALUES (?, ?, ?)",
                       DB_WITH(DB_TEXT(account), DB_TEXT(id), DB_INT(by->at)), err));
    TRY(audit_append(&listing.txn, by, &event, err));
    return db_commit(&listing.txn, err);
}
