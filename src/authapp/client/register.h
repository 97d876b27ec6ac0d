/* SPDX-License-Identifier: Apache-2.0 */
/* Taking in relying parties, and their secrets, of which only the hash is kept. */
#pragma once

#include "authapp/client/store.h"

enum { CLIENT_SECRET_SIZE = 44 }; /* 32 octets in base64url and a NUL */

/*
 * Take metadata in; ret_secret is told once, and "" for a client with a key of its own. The
 * failures are those of client_parse and authapp_add_client; the same once more is fine for a
 * client with a key.
 */
MUST_CHECK int client_register(struct authapp_store *store, struct bytes metadata,
                               const struct audit_origin *by, char ret_secret[CLIENT_SECRET_SIZE],
                               struct err *err);
/* Another secret from now on. ERR_INPUT for a client with a key of its own. */
MUST_CHECK int client_renew_secret(struct authapp_store *store, const char *id,
                                   const struct audit_origin *by,
                                   char ret_secret[CLIENT_SECRET_SIZE], struct err *err);
