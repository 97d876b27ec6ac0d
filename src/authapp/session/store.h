/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions of browsers, as they are kept (authapp/store.h). One is for one client: it is what this
 * browser may show there instead of a card, and says no more than the grants of it do.
 */
#pragma once

#include "authapp/limits.h"
#include "authapp/store.h"
#include "crypto/digest.h"

enum { SUBJECT_SIZE = 44 }; /* 32 octets in base64url and a NUL */

struct browser_session {
    struct digest hash;        /* SHA-256 of the cookie */
    char sid[AUTHAPP_ID_SIZE]; /* in tokens */
    char client_id[AUTHAPP_CLIENT_ID_MAX + 1];
    char sub[SUBJECT_SIZE];
    int64_t auth_time;      /* when the card was shown */
    struct digest replaces; /* of the one that this browser had; len 0: none */
};

/*
 * The session of a cookie at a client, which was used now. ERR_ABSENT if there is none, or its time
 * is over. It is begun by authapp_make_grant and ended by authapp_end_session (token/store.h).
 */
MUST_CHECK int authapp_use_session(struct authapp_store *store, const struct digest *hash,
                                   const char *client_id, int64_t now, struct browser_session *ret,
                                   struct err *err);
