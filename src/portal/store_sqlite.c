/* SPDX-License-Identifier: Apache-2.0 */
/* Opening it, and what each act leaves in its audit log. */
#include "portal/store_sqlite.h"

#include "http/limiter.h"
#include "portal/schema.h"

#include <stdlib.h>

int portal_store_open(const char *path, struct portal_store **ret, struct err *err)
{
    CLEANUP(portal_store_closep) struct portal_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    TRY(limiter_new(&store->limiter, err));
    TRY(db_open(path, &portal_schema, &store->db, err));
    *ret = store;
    store = NULL;
    return 0;
}

void portal_store_close(struct portal_store *store)
{
    if (store == NULL)
        return;
    db_close(store->db);
    limiter_free(store->limiter);
    free(store);
}

void portal_store_closep(struct portal_store **store)
{
    portal_store_close(*store);
    *store = NULL;
}

int portal_store_ping(struct portal_store *store, struct err *err)
{
    return db_ping(store->db, err);
}

struct db *portal_store_db(struct portal_store *store)
{
    return store->db;
}

struct limiter *portal_store_limiter(struct portal_store *store)
{
    return store->limiter;
}

int portal_note(struct db_txn *txn, enum portal_act act, const char *subject, const char *outcome,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&portal_acts[act], bytes_text(subject), outcome};

    return audit_append(txn, by, &event, err);
}
