/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a relying party asks a login for (pki.md 7.1; OpenID Connect Core 1.0, 3.1.2.1). First it
 * has to be certain where an answer may go: until then nothing is sent there.
 */
#pragma once

#include "authapp/client/client.h"
#include "http/oauth.h"

/* The texts are the caller's, and live as long as the parameters. */
struct auth_request {
    const char *redirect_uri;
    const char *state;       /* NULL: none */
    const char *nonce;       /* NULL: none */
    const char *challenge;   /* of S256; NULL: none */
    const char *transaction; /* sign_transaction_id; NULL: none */
    const char *subject;     /* who is meant, by an id_token_hint; NULL: whoever comes */
    unsigned scopes;
    /* How old a login may be that is known of already, in seconds, and whether no page may be shown
     * instead (prompt none); -1: the card is to be shown. These are for the moment alone. */
    int64_t max_age;
    bool is_silent;
    const char *locale; /* of the pages: page/locale.h; NULL: as the browser likes */
};

/*
 * The address to answer to, proven to be the client's: ERR_UNTRUSTED with a sentence for whoever
 * sits before the browser.
 */
MUST_CHECK int auth_request_target(const struct http_fields *fields, const struct client *client,
                                   struct auth_request *ret, struct err *err);
/* Everything else but the subject; an error goes to that address. ret has what auth_request_target
 * found. */
struct oauth_error auth_request_read(const struct http_fields *fields, const struct client *client,
                                     struct auth_request *ret);

/* As it is kept with a login, and back. */
MUST_CHECK int auth_request_write(const struct auth_request *request, struct buf *ret,
                                  struct err *err);
/* The texts live as long as the JSON. */
MUST_CHECK int auth_request_restore(const struct json *json, struct auth_request *ret,
                                    struct err *err);
