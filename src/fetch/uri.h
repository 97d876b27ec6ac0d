/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses that others are reached at, of which somebody's word is had: https, or http on this
 * computer (RFC 8252, 7.3). Only what has one reading is taken: ASCII, no user name, no fragment,
 * no backslash, a host in lower case.
 */
#pragma once

#include "base/bytes.h"

struct uri {
    bool is_https, is_loopback;
    struct bytes host; /* "bank.example", "127.0.0.1", "[::1]"; points into the text */
    struct bytes port; /* digits; empty: the usual one */
    struct bytes rest; /* path and query; may be empty */
};

/* ERR_INPUT for everything else, and for more than FETCH_URI_MAX characters. */
MUST_CHECK int uri_parse(const char *text, struct uri *ret, struct err *err);
/* ERR_INPUT, beginning with name, unless text is an address without path: an origin. */
MUST_CHECK int uri_check_origin(const char *name, const char *text, struct err *err);
/* "https://host[:port]" */
MUST_CHECK int uri_origin(const struct uri *uri, struct buf *ret, struct err *err);
/*
 * Whether an address that came with a request is the registered one: letter by letter, except that
 * on this computer the port is whichever the program got (RFC 8252, 7.3).
 */
bool uri_matches(const char *registered, const char *sent);

/* Append "?name=value" to an address, or "&" where it has a query; nothing if value is NULL. */
MUST_CHECK int uri_add_parameter(struct buf *address, const char *name, const char *value,
                                 struct err *err);
