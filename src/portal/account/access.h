/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has logged in, by the cookie of his session. Whoever asks for a change shows the session's
 * token in X-CSRF-Token as well.
 */
#pragma once

#include "http/cookie.h"
#include "portal/account/store.h"

struct portal;

/* The name where there is TLS, which keeps other hosts of the domain from setting it (RFC 6265bis,
 * 4.1.3); without TLS, in a sandbox, it is the same without the prefix. */
#define PORTAL_COOKIE       "__Host-jpki_portal"
#define PORTAL_LOGIN_COOKIE "__Host-jpki_portal_login" /* of a browser that went to log in */

/* The name of a cookie here: with its prefix or without. */
const char *citizen_cookie_name(const struct portal *portal, const char *name);

/*
 * ERR_DENIED without a session that is in its time, or without its token where something would
 * change.
 */
MUST_CHECK int citizen_find(const struct http_call *call, struct session *ret, struct err *err);
/* The owner of an account, in the audit log. */
struct audit_origin citizen_by(const struct http_call *call, const struct session *session);

/* Everybody who has logged in. What he may see is what belongs to session.account.id. */
extern const struct http_access portal_citizen;
