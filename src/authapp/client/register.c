/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/client/register.h"

#include "base/random_text.h"

#include <string.h>

static int make_secret(struct client *client, char ret[CLIENT_SECRET_SIZE], struct err *err)
{
    TRY(random_text(ret, CLIENT_SECRET_SIZE, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(ret), &client->secret, err));
    client->has_secret = true;
    return 0;
}

/* The same once more, of a client without a secret, is fine. */
static bool is_there(struct authapp_store *store, const struct client *client)
{
    CLEANUP(client_done) struct client kept = {.metadata = NULL};
    CLEANUP(buf_done) struct buf new = BUF_INIT;
    CLEANUP(buf_done) struct buf old = BUF_INIT;

    return !client->has_secret && authapp_get_client(store, client->id, &kept, NULL) == 0 &&
           json_write(client->metadata, &new, NULL) == 0 &&
           json_write(kept.metadata, &old, NULL) == 0 &&
           bytes_equal(buf_bytes(&new), buf_bytes(&old));
}

int client_register(struct authapp_store *store, struct bytes metadata,
                    const struct audit_origin *by, char ret_secret[CLIENT_SECRET_SIZE],
                    struct err *err)
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    char secret[CLIENT_SECRET_SIZE] = "";

    TRY(client_parse(metadata, &client, err));
    if (client.auth != CLIENT_PRIVATE_KEY_JWT)
        TRY(make_secret(&client, secret, err));
    if (!is_there(store, &client))
        TRY(authapp_add_client(store, &client, metadata, by, err));
    memcpy(ret_secret, secret, sizeof secret);
    return 0;
}

int client_renew_secret(struct authapp_store *store, const char *id, const struct audit_origin *by,
                        char ret_secret[CLIENT_SECRET_SIZE], struct err *err)
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    char secret[CLIENT_SECRET_SIZE];

    TRY(authapp_get_client(store, id, &client, err));
    if (client.auth == CLIENT_PRIVATE_KEY_JWT)
        return FAIL(err, ERR_INPUT, "%s has a key of its own, which it renews itself", id);
    TRY(make_secret(&client, secret, err));
    TRY(authapp_set_secret(store, id, &client.secret, by, err));
    memcpy(ret_secret, secret, sizeof secret);
    return 0;
}
