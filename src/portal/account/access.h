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

/* Whoever acts for another names the mandate by which he does (mandate/mandate.h). */
#define PORTAL_ACTING_FIELD "X-JPKI-Acting-For"

/*
 * ERR_DENIED without a session that is in its time, or without its token where something would
 * change; and for who acts for another, unless the row lets that in by one of the rules below and
 * his mandate is for it: then ret->account is the other's, and ret->actor his own.
 */
MUST_CHECK int citizen_find(const struct http_call *call, struct session *ret, struct err *err);
/* The same where another rule lets him in: the scope that his mandate has to have. */
MUST_CHECK int citizen_find_within(const struct http_call *call, unsigned scope,
                                   struct session *ret, struct err *err);
/* Who acts, in the audit log. */
struct audit_origin citizen_by(const struct http_call *call, const struct session *session);

/* Note that the session is in use, and the mandate if there is one: once a call, behind the rule.
 */
MUST_CHECK int citizen_charge(struct http_call *call, unsigned scope, struct err *err);

/* Everybody who has logged in, for himself. What he may see belongs to session.account.id. */
extern const struct http_access portal_citizen;
/* The same, and whoever acts for him with a mandate of that scope. */
extern const struct http_access portal_information_of, portal_notices_of, portal_history_of;
