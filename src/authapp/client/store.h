/* SPDX-License-Identifier: Apache-2.0 */
/* Clients as they are kept (authapp/store.h). */
#pragma once

#include "authapp/client/client.h"
#include "authapp/store.h"

/* metadata as client_parse takes it. ERR_CONFLICT if the client id is taken. */
MUST_CHECK int authapp_add_client(struct authapp_store *store, const struct client *client,
                                  struct bytes metadata, const struct audit_origin *by,
                                  struct err *err);
/* Its secret from now on, SHA-256. ERR_ABSENT if there is no such client. */
MUST_CHECK int authapp_set_secret(struct authapp_store *store, const char *id,
                                  const struct digest *secret, const struct audit_origin *by,
                                  struct err *err);
/* And all that was granted to it. ERR_ABSENT if there is no such client. */
MUST_CHECK int authapp_remove_client(struct authapp_store *store, const char *id,
                                     const struct audit_origin *by, struct err *err);
/* Release with client_done. ERR_ABSENT if there is no such client. */
MUST_CHECK int authapp_get_client(struct authapp_store *store, const char *id, struct client *ret,
                                  struct err *err);
/* Calls each for every client, in the order of their ids. */
MUST_CHECK int authapp_each_client(struct authapp_store *store,
                                   int (*each)(void *context, const struct client *client,
                                               struct err *err),
                                   void *context, struct err *err);
/*
 * An assertion of a client is used: its "jti", of which the hash is kept until it would have
 * expired. ERR_CONFLICT if it was used before.
 */
MUST_CHECK int authapp_use_assertion(struct authapp_store *store, const char *client_id,
                                     const struct digest *jti, int64_t expires_at, int64_t now,
                                     struct err *err);
