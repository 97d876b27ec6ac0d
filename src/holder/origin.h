/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a service was reached: scheme, host and port in their one spelling (RFC 6454, 6.2). It is
 * part of what a login signs and is shown to the person, so hosts that can be mistaken for another
 * are refused, and so is http to another computer, where anybody could be the service.
 */
#pragma once

#include "base/bytes.h"
#include "holder/limits.h"

struct origin {
    char text[ORIGIN_MAX + 1]; /* "https://host[:port]", lower case, no default port */
};

/*
 * Take a URL apart: "https://HOST[:PORT][/PATH]", or "http://" for localhost, 127.0.0.0/8 and
 * [::1]. *ret_path points to the path in url, "" if there is none. ERR_INPUT for user names,
 * queries, fragments, hosts that are not plain ASCII, and anything else; ERR_UNTRUSTED for http to
 * another computer.
 */
MUST_CHECK int origin_parse(const char *url, struct origin *ret, const char **ret_path,
                            struct err *err);
