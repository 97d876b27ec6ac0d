/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/session/session.h"

#include "authapp/authapp.h"
#include "authapp/page/cookie.h"
#include "base/hex.h"
#include "base/random_text.h"

#include <string.h>

enum { NAME_OCTETS = 10 };

bool session_is_for(const struct client *client)
{
    return client->profile == CLIENT_BASIC;
}

/* Of the client's id there may be 255 letters, so its hash. */
static int name_of(const struct http_call *call, const struct client *client,
                   char ret[COOKIE_NAME_SIZE], struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest hash;
    const char *text;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(client->id), &hash, err));
    TRY(hex_append(&hex, bytes_part(digest_bytes(&hash), 0, NAME_OCTETS), err));
    TRY(buf_text(&hex, &text, err));
    cookie_name(call, "session", text, ret);
    return 0;
}

/* The hash of what the browser has; its len is 0 if there is none. */
static int hash_of(const struct http_call *call, const struct client *client, struct digest *ret,
                   struct err *err)
{
    char name[COOKIE_NAME_SIZE];
    const char *cookie;

    ret->len = 0;
    TRY(name_of(call, client, name, err));
    TRY(http_cookie_get(call, name, &cookie, err));
    return cookie == NULL ? 0 : digest_compute(DIGEST_SHA256, bytes_text(cookie), ret, err);
}

int session_find(const struct http_call *call, const struct client *client,
                 struct browser_session *ret, bool *ret_has, struct err *err)
{
    const struct authapp *authapp = call->context;
    struct digest hash;
    int rc;

    *ret_has = false;
    TRY(hash_of(call, client, &hash, err));
    if (hash.len == 0)
        return 0;
    rc = authapp_use_session(authapp->store, &hash, client->id, clock_now(authapp->clock), ret,
                             err);
    *ret_has = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

int session_make(const struct http_call *call, const struct client *client,
                 struct browser_session *ret, char ret_cookie[AUTHAPP_SECRET_SIZE], struct err *err)
{
    struct browser_session session = {.sid = ""};
    char cookie[AUTHAPP_SECRET_SIZE];

    TRY(hash_of(call, client, &session.replaces, err));
    TRY(random_text(session.sid, sizeof session.sid, err));
    TRY(random_text(cookie, sizeof cookie, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(cookie), &session.hash, err));
    memcpy(session.client_id, client->id, sizeof session.client_id);
    memcpy(ret_cookie, cookie, sizeof cookie);
    *ret = session;
    return 0;
}

int session_tell(struct http_call *call, const struct client *client, const char *cookie,
                 struct err *err)
{
    char name[COOKIE_NAME_SIZE];

    TRY(name_of(call, client, name, err));
    return cookie_set(call, name, cookie, AUTHAPP_SESSION_SECONDS, err);
}

int session_forget(struct http_call *call, const struct client *client, struct err *err)
{
    char name[COOKIE_NAME_SIZE];

    TRY(name_of(call, client, name, err));
    return cookie_set(call, name, "", 0, err);
}
