/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A browser that somebody has logged in with may be known again, where a relying party of profile
 * basic says how old a login may be (max_age) or wants no page (prompt none). Each relying party
 * has a session of its own there: none learns that somebody is logged in at another one.
 */
#pragma once

#include "authapp/client/client.h"
#include "authapp/session/store.h"
#include "http/route.h"

/* Whether a client's logins begin sessions. */
bool session_is_for(const struct client *client);
/* The session that the browser has at a client and uses now; *ret_has false if there is none. */
MUST_CHECK int session_find(const struct http_call *call, const struct client *client,
                            struct browser_session *ret, bool *ret_has, struct err *err);
/*
 * A new one for a holder, to be kept together with the grant of its sid. What the browser had
 * before is replaced: the cookie of before a login is nobody's afterwards. ret_cookie is for
 * session_tell, once it is kept.
 */
MUST_CHECK int session_make(const struct http_call *call, const struct client *client,
                            struct browser_session *ret, char ret_cookie[AUTHAPP_SECRET_SIZE],
                            struct err *err);
MUST_CHECK int session_tell(struct http_call *call, const struct client *client, const char *cookie,
                            struct err *err);
/* Have the browser forget it. */
MUST_CHECK int session_forget(struct http_call *call, const struct client *client, struct err *err);
