/* SPDX-License-Identifier: Apache-2.0 */
/* Opening it, its audit log and its secrets. */
#include "authapp/store_sqlite.h"

#include "authapp/client/known.h"
#include "authapp/schema.h"

#include <stdlib.h>

int authapp_store_open(const char *path, struct authapp_store **ret, struct err *err)
{
    CLEANUP(authapp_store_closep) struct authapp_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    TRY(known_clients_new(&store->clients, err));
    TRY(db_open(path, &authapp_schema, &store->db, err));
    *ret = store;
    store = NULL;
    return 0;
}

void authapp_store_close(struct authapp_store *store)
{
    if (store == NULL)
        return;
    db_close(store->db);
    known_clients_free(store->clients);
    free(store);
}

void authapp_store_closep(struct authapp_store **store)
{
    authapp_store_close(*store);
    *store = NULL;
}

int authapp_store_ping(struct authapp_store *store, struct err *err)
{
    return db_ping(store->db, err);
}

struct db *authapp_store_db(struct authapp_store *store)
{
    return store->db;
}

int authapp_note(struct db_txn *txn, enum authapp_act act, const char *subject, const char *outcome,
                 const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&authapp_acts[act], bytes_text(subject), outcome};

    return audit_append(txn, by, &event, err);
}
