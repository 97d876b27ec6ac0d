/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/page_host.h"

#include <string.h>
#include <strings.h>

enum { PORT_DIGITS_MAX = 5 };

/* Any port: whoever forwards ours from another one is no stranger. */
static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits > 0 && digits <= PORT_DIGITS_MAX && text[digits] == '\0';
}

bool page_host_is_local(const char *host)
{
    static const char *const names[] = {"127.0.0.1", "localhost"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);

        if (strncasecmp(host, names[i], len) != 0)
            continue;
        if (host[len] == '\0' || (host[len] == ':' && is_port(host + len + 1)))
            return true;
    }
    return false;
}

static int check(const struct http_call *call, struct err *err)
{
    const char *host = http_header(&call->request, "Host");

    if (host == NULL || !page_host_is_local(host))
        return FAIL(err, ERR_DENIED, "this page answers to 127.0.0.1 and localhost only");
    return 0;
}

const struct http_access page_local = {
    "local name", check, "Served on 127.0.0.1, to whoever names it or localhost as the host."};

/* "http://" and the host that the request names. */
static bool is_own(const char *origin, const char *host)
{
    static const char scheme[] = "http://";

    return strncmp(origin, scheme, sizeof scheme - 1) == 0 &&
           strcasecmp(origin + sizeof scheme - 1, host) == 0;
}

static int check_origin(const struct http_call *call, struct err *err)
{
    const char *origin = http_header(&call->request, "Origin");

    TRY(check(call, err));
    if (origin != NULL && !is_own(origin, http_header(&call->request, "Host")))
        return FAIL(err, ERR_DENIED, "a page of another origin may not change this sandbox");
    return 0;
}

const struct http_access page_own_origin = {
    "own origin", check_origin, "Served on 127.0.0.1, to programs and to this sandbox's own page."};
