/* SPDX-License-Identifier: Apache-2.0 */
/* Cookies of our own, as a browser brings them and as it is given them (RFC 6265). */
#pragma once

#include "http/route.h"

/*
 * The value of a cookie of that name, in the request's arena; NULL if there is none. Two of one
 * name are none: somebody who can set cookies for a domain above ours must not choose which counts.
 */
MUST_CHECK int http_cookie_get(const struct http_call *call, const char *name, const char **ret,
                               struct err *err);
/* The same of the text of a field Cookie, which may be NULL: where the value is in it. */
bool http_cookie_find(const char *field, const char *name, struct bytes *ret);

struct http_cookie {
    const char *name, *value;
    const char *same_site; /* "Strict", "Lax" */
    int64_t seconds;       /* that it is kept; 0: it is taken away */
    bool is_secure;        /* over TLS alone */
};
/* For all paths, and never for scripts. As http_reply_field. */
MUST_CHECK int http_cookie_set(struct http_response *response, const struct http_cookie *cookie,
                               struct err *err);

/*
 * ERR_DENIED for a request that changes something unless it shows a session's token in
 * X-CSRF-Token, which no page of another origin can read.
 */
MUST_CHECK int http_csrf_check(const struct http_call *call, const char *token, struct err *err);
