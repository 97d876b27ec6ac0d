/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which language the pages of a login are: whoever opens it may say so (ui_locales, OpenID
 * Connect Core 1.0, 3.1.2.1). The browser keeps it as long as the login lasts, for the pages that
 * say that it is over as well.
 */
#pragma once

#include "http/route.h"

extern const char *const locales[]; /* "ja", "en"; ended by NULL */

/* The first of some language tags (RFC 5646), with blanks between them, that is one of these; NULL:
 * none is. */
const char *locale_pick(const char *tags);
/* Have the browser keep it; locale NULL: there is nothing to keep. */
MUST_CHECK int locale_keep(struct http_call *call, const char *session, const char *locale,
                           int seconds, struct err *err);
/* Of the login that is in the request's path; NULL: none was kept. */
MUST_CHECK int locale_of_login(const struct http_call *call, const char **ret, struct err *err);
