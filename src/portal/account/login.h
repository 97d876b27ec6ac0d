/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in at the provider (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700). Nothing is kept
 * here while somebody is away: state, nonce and the verifier of the code are derived from a secret
 * in a cookie of the browser that set out, so only that browser comes back with them, and crowds of
 * logins that nobody finishes fill nothing. Inside this room only.
 */
#pragma once

#include "portal/limits.h"
#include "portal/portal.h"

extern const char *const portal_locales[]; /* of the pages: "ja", "en"; ended by NULL */

enum { LOGIN_COOKIE_SIZE = PORTAL_SECRET_SIZE + 1 + PORTAL_PAGE_MAX };

struct login_wish {
    const char *page;   /* where the browser comes back to */
    const char *locale; /* tags of languages, for the provider's pages; NULL: as it likes */
};
/*
 * Where to send the browser, and what it keeps meanwhile. A page is of lower case letters, digits,
 * hyphens and slashes; ERR_INPUT for others.
 */
MUST_CHECK int login_begin(const struct portal *portal, const struct login_wish *wish,
                           char ret_cookie[LOGIN_COOKIE_SIZE], struct buf *ret_address,
                           struct err *err);

/* A browser that comes back; texts that it does not bring are NULL. */
struct login_return {
    const char *cookie;         /* of login_begin */
    const char *state, *issuer; /* RFC 9207: of whose answer it is */
    const char *code, *error;   /* one of them */
    const char *before;         /* the cookie of the session that the browser had */
    const char *user_agent, *trace_id;
};
struct login_result {
    const char *refusal;             /* a word of login_refusals; NULL: logged in */
    char cookie[PORTAL_SECRET_SIZE]; /* of the new session */
    char page[PORTAL_PAGE_MAX + 1];
};
/*
 * "other-browser": it did not set out here, and what it keeps is left alone; "cancelled";
 * "refused": the provider gave nothing that counts; "unavailable": it or the register is not there;
 * "conflict": the register knows the pseudonym's person as somebody else.
 */
extern const char *const login_refusals[];
MUST_CHECK int login_finish(const struct portal *portal, struct signer *signer,
                            const struct login_return *back, struct login_result *ret,
                            struct err *err);
/* Whether the browser may forget what it kept: not if somebody else had sent it. */
bool login_is_spent(const struct login_result *result);
