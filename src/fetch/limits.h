/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit of the HTTP client. Each is tested at the limit and one past it. */
#pragma once

enum {
    FETCH_TIMEOUT_MS = 10 * 1000, /* a whole exchange, where the caller says nothing */
    FETCH_TIMEOUT_MAX_MS = 120 * 1000,
    FETCH_CONNECT_MS = 5 * 1000,
    FETCH_BODY_DEFAULT = 1024 * 1024, /* bytes of an answer, where the caller says nothing */
    FETCH_BODY_MAX = 64 * 1024 * 1024,
    FETCH_FILE_MAX = 1024 * 1024 * 1024, /* bytes of an answer that goes into a file */
    FETCH_HEAD_MAX = 64 * 1024,          /* bytes of all its header fields */
    FETCH_URL_MAX = 4096,
    FETCH_URI_MAX = 255,      /* characters of an address that is kept (uri.h) */
    FETCH_JWKS_MAX = 16384,   /* bytes of a set of keys (jwks.h) */
    FETCH_JWKS_SECONDS = 600, /* one that was fetched is used for */
    FETCH_JWKS_PAUSE = 30,    /* before it is fetched again for a key not among them */
    FETCH_PROBLEM_SIZE = 128, /* a problem's type and its NUL; longer ones are taken for none */
    MAILBOX_MAX = 254,        /* characters of a mail address (RFC 5321, 4.5.3.1.3) */
    FETCH_RETRIES_MAX = 5,
    FETCH_RETRY_FIRST_MS = 50, /* doubled each time, up to FETCH_RETRY_MAX_MS */
    FETCH_RETRY_MAX_MS = 1000,
};
