/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and settings of the pages' cookies (http/cookie.h): for this host alone, not for scripts,
 * and not with what other sites send by a form or a picture. They are read by http_cookie_get.
 */
#pragma once

#include "http/cookie.h"

enum { COOKIE_NAME_SIZE = 64 };

/* A name with a prefix that keeps other hosts of the domain from setting it, where there is TLS
 * (RFC 6265bis, 4.1.3). */
void cookie_name(const struct http_call *call, const char *kind, const char *of,
                 char ret[COOKIE_NAME_SIZE]);
/* Have the browser keep a value of random text; seconds 0: forget it. */
MUST_CHECK int cookie_set(struct http_call *call, const char *name, const char *value, int seconds,
                          struct err *err);
