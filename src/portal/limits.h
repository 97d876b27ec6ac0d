/* SPDX-License-Identifier: Apache-2.0 */
/* What the portal accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    PORTAL_ID_SIZE = 23,     /* 16 random octets in base64url and a NUL */
    PORTAL_SECRET_SIZE = 44, /* 32 */
    PORTAL_CODE_SIZE = 16,   /* octets of a code by which the exchange knows a person */

    PORTAL_BROWSER_SIZE = 41,          /* of what a browser is called, with a NUL */
    PORTAL_SESSIONS_MAX = 20,          /* sessions of an account at a time */
    PORTAL_SESSION_IDLE = 15 * 60,     /* seconds without a request, after which one is over */
    PORTAL_SESSION_SECONDS = 8 * 3600, /* seconds after a login, after which it is over */

    PORTAL_LOGIN_SECONDS = 600,    /* that a browser keeps what it needs to come back */
    PORTAL_PAGE_MAX = 64,          /* letters of the page that a login leads to */
    PORTAL_CLAIM_MAX = 255,        /* bytes of a pseudonym, of a session's name there */
    PORTAL_PROVIDER_SECONDS = 600, /* what the provider of logins says of itself is used for */
    PORTAL_ASSERTION_SECONDS = 60, /* an assertion of who the portal is counts */
    PORTAL_SKEW_SECONDS = 30,      /* that the provider's clock may be ahead or behind */
    PORTAL_TOKEN_AGE = 600,        /* after which a token of the provider is too old to be new */

    PORTAL_SELFINFO_ITEMS_MAX = 40,    /* names in a request for what is held about somebody */
    PORTAL_SELFINFO_REQUESTS_MAX = 20, /* such requests of an account that are kept */
};
