/* SPDX-License-Identifier: Apache-2.0 */
/* What the OpenID provider accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    AUTHAPP_CLIENT_ID_MAX = 255,  /* characters of a client id: letters, digits, hyphens, dots */
    AUTHAPP_NAME_MAX = 120,       /* bytes of a relying party's name */
    AUTHAPP_URIS_MAX = 16,        /* addresses in a list of a client */
    AUTHAPP_VALUE_MAX = 255,      /* characters of nonce, and of state in profile authapp */
    AUTHAPP_STATE_MAX = 1024,     /* of state in profile basic: libraries keep their own in it */
    AUTHAPP_CHALLENGE_MAX = 43,   /* characters of a code challenge: a SHA-256 hash, base64url */
    AUTHAPP_KEYS_MAX = 8,         /* keys for tokens in a configuration */
    AUTHAPP_OLD_KEYS_MAX = 24,    /* keys that were replaced within AUTHAPP_GRANT_SECONDS */
    AUTHAPP_METADATA_MAX = 16384, /* bytes of a client's metadata, of its keys */
    AUTHAPP_LOGINS_MAX = 10000,   /* logins kept at one time */
    AUTHAPP_CODES_MAX = 3,        /* wrong codes, after which a login is over */
    AUTHAPP_ID_SIZE = 23,         /* 16 random octets in base64url and a NUL */
    AUTHAPP_SECRET_SIZE = 44,     /* 32 */

    AUTHAPP_SIGNINGS_MAX = 1000,     /* signings of one client kept at a time, with their results */
    AUTHAPP_SIGNING_TITLE_MAX = 200, /* bytes of what a document is called */
    AUTHAPP_SIGNING_TEXT_MAX = 4096, /* bytes of what is said of it */
    AUTHAPP_SIGNING_DOCUMENT_MAX = 512 << 10, /* bytes of it, for the holder to see */

    AUTHAPP_SIGNING_SECONDS = 10 * 60,        /* to read a document and sign it */
    AUTHAPP_SIGNING_RESULT_SECONDS = 60 * 60, /* more, for the result to be fetched */
    AUTHAPP_LOGIN_SECONDS = 60,          /* between a challenge and its answer (design 5, F3) */
    AUTHAPP_RETURN_SECONDS = 60,         /* more, for the browser to take the result back */
    AUTHAPP_CODE_SECONDS = 60,           /* an authorization code is good for */
    AUTHAPP_ACCESS_SECONDS = 5 * 60,     /* an access token */
    AUTHAPP_ID_TOKEN_SECONDS = 5 * 60,   /* an ID token, a logout token */
    AUTHAPP_REFRESH_SECONDS = 30 * 60,   /* a refresh token; each is used once */
    AUTHAPP_GRANT_SECONDS = 24 * 3600,   /* all tokens of one login */
    AUTHAPP_SESSION_SECONDS = 12 * 3600, /* a browser's session lasts, counted from the card */
    AUTHAPP_SESSION_IDLE = 15 * 60,      /* and that long after it was used last */
    AUTHAPP_ASSERTION_SECONDS = 600,     /* a client's assertion may be good for */
    AUTHAPP_SKEW_SECONDS = 30,           /* that a client's clock may be ahead */
};
