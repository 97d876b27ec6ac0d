/* SPDX-License-Identifier: Apache-2.0 */
/* ID tokens (Core 1.0, 2) and logout tokens (Back-Channel Logout 1.0, 2.4), signed by signerd. */
#pragma once

#include "authapp/client/client.h"
#include "authapp/token/token.h"

/* What a token is about. */
struct id_token {
    const struct client *client;
    const struct grant *grant;
    const char *access_token; /* its hash goes in */
    bool is_first;            /* of its grant: with the nonce of the request */
    const char *reference;    /* the person reference; NULL: none was granted */
};
MUST_CHECK int id_token_make(const struct authapp *authapp, struct signer *signer,
                             const struct id_token *about, struct buf *ret, struct err *err);
MUST_CHECK int logout_token_make(const struct authapp *authapp, struct signer *signer,
                                 const struct id_token *about, struct buf *ret, struct err *err);
