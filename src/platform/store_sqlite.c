/* SPDX-License-Identifier: Apache-2.0 */
/* Opening it, its audit log and its secrets. */
#include "platform/store_sqlite.h"

#include "platform/schema.h"
#include "platform/tenant/known.h"

#include <stdlib.h>

int platform_store_open(const char *path, struct platform_store **ret, struct err *err)
{
    CLEANUP(platform_store_closep) struct platform_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    TRY(limiter_new(&store->limiter, err));
    TRY(known_new(&store->known, err));
    TRY(db_open(path, &platform_schema, &store->db, err));
    *ret = store;
    store = NULL;
    return 0;
}

void platform_store_close(struct platform_store *store)
{
    if (store == NULL)
        return;
    db_close(store->db);
    limiter_free(store->limiter);
    known_free(store->known);
    free(store);
}

void platform_store_closep(struct platform_store **store)
{
    platform_store_close(*store);
    *store = NULL;
}

struct limiter *platform_limiter(struct platform_store *store)
{
    return store->limiter;
}

int platform_store_ping(struct platform_store *store, struct err *err)
{
    return db_ping(store->db, err);
}

struct db *platform_store_db(struct platform_store *store)
{
    return store->db;
}
