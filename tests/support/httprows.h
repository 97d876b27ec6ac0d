/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the test site and the status each must get, in memory and over a socket. */
#pragma once

#include <stddef.h>

enum httprows_rule {
    ROWS_SYNTAX,    /* no request: over a socket the connection may also just end */
    ROWS_TOLERATED, /* no request; libmicrohttpd 0.9.75 makes a harmless one of it */
    ROWS_FRAMING,   /* how long the message is */
    ROWS_BODY,      /* whether there may be a body */
    ROWS_PATH,      /* method and path */
};

struct httprow {
    enum httprows_rule rule;
    unsigned status;
    const char *request;
};

extern const struct httprow httprows[];
extern const size_t httprows_count;
