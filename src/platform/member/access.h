/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A member's session, by its cookie. Whoever asks for a change shows the session's token in
 * X-CSRF-Token as well, which no page of another origin can read (docs/decisions/0077).
 */
#pragma once

#include "http/cookie.h"
#include "platform/member/store.h"

#define CONSOLE_COOKIE       "jpki_console"
#define CONSOLE_LOGIN_COOKIE "jpki_console_login" /* of a browser that waits for a card */

/* Whether the request comes with a session's cookie, of whatever worth. */
bool console_is_shown(const struct http_call *call);
/*
 * ERR_DENIED without a session that is in its time, or without its token where something would
 * change; ERR_INPUT for a key beside it: which of the two would count?
 */
MUST_CHECK int console_find(const struct http_call *call, struct console_session *ret,
                            struct err *err);
/* A member's acts, in the audit log. */
struct audit_origin console_by(const struct http_call *call, const struct console_session *session);

extern const struct http_access platform_console; /* any member */
