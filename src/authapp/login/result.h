/* SPDX-License-Identifier: Apache-2.0 */
/* The way back to the relying party: a code or an error (RFC 6749, 4.1.2), with issuer (RFC 9207).
 */
#pragma once

#include "authapp/login/login.h"
#include "authapp/session/session.h"

/* "redirect_uri?error=...&state=...&iss=..." */
MUST_CHECK int result_error(const struct authapp *authapp, const struct auth_request *request,
                            const struct oauth_error *error, struct buf *ret, struct err *err);
/*
 * Make what an answered login grants, and a code for it, and answer with it; the login is gone
 * then, so only one browser gets there. ERR_ABSENT if it went already. ERR_DENIED if somebody else
 * was meant.
 */
MUST_CHECK int result_login(struct http_call *call, const struct found_login *found,
                            struct err *err);
/* The same of a session that the browser has. */
MUST_CHECK int result_session(struct http_call *call, const struct client *client,
                              const struct auth_request *request,
                              const struct browser_session *session, struct err *err);
