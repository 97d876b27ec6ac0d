/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's keys: those it registered, or those at its "jwks_uri", which are fetched and kept for
 * a while. Fetching goes only where a relying party may be: never into this computer or the network
 * around it, unless the provider itself is on loopback, as in a sandbox.
 */
#pragma once

#include "authapp/authapp.h"
#include "authapp/client/client.h"

/*
 * The set of keys to try a token of the client's with; if the token names a key that is not in what
 * was kept, it is fetched again, at most once in FETCH_JWKS_PAUSE seconds. ERR_UNTRUSTED if there
 * is none to be had.
 */
MUST_CHECK int client_keys(const struct authapp *authapp, const struct client *client,
                           const struct jws *jws, struct json **ret, struct err *err);
