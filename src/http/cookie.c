/* SPDX-License-Identifier: Apache-2.0 */
#include "http/cookie.h"

#include <stdio.h>
#include <string.h>

enum { COOKIE_FIELD_SIZE = sizeof(((struct http_reply_field *)NULL)->value) };

bool http_cookie_find(const char *field, const char *name, struct bytes *ret)
{
    size_t len = strlen(name);
    unsigned count = 0;

    for (const char *at = field; at != NULL && *at != '\0'; at += strcspn(at, ";")) {
        at += strspn(at, " \t;");
        if (strncmp(at, name, len) != 0 || at[len] != '=')
            continue;
        *ret = bytes_of(at + len + 1, strcspn(at + len + 1, ";"));
        count++;
    }
    return count == 1;
}

int http_cookie_get(const struct http_call *call, const char *name, const char **ret,
                    struct err *err)
{
    struct bytes value = {NULL, 0};

    *ret = NULL;
    if (!http_cookie_find(http_header(&call->request, "Cookie"), name, &value))
        return 0;
    return arena_text(call->request.arena, value, ret, err);
}

int http_cookie_set(struct http_response *response, const struct http_cookie *cookie,
                    struct err *err)
{
    char field[COOKIE_FIELD_SIZE];
    int len = snprintf(field, sizeof field, "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=%s%s",
                       cookie->name, cookie->value, (long long)cookie->seconds, cookie->same_site,
                       cookie->is_secure ? "; Secure" : "");

    if (len < 0 || (size_t)len >= sizeof field)
        return FAIL(err, ERR_USAGE, "a cookie is too long");
    return http_reply_field(response, "Set-Cookie", field, err);
}

int http_csrf_check(const struct http_call *call, const char *token, struct err *err)
{
    const char *shown = http_header(&call->request, "X-CSRF-Token");

    if (call->request.method == HTTP_GET || call->request.method == HTTP_HEAD)
        return 0;
    if (shown != NULL && bytes_equal_secret(bytes_text(shown), bytes_text(token)))
        return 0;
    return FAIL(err, ERR_DENIED, "a session's change needs its token in the field X-CSRF-Token");
}
