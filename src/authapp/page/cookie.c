/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/page/cookie.h"

#include "authapp/authapp.h"

#include <stdio.h>
#include <string.h>

enum { COOKIE_SIZE = 224 };

void cookie_name(const struct http_call *call, const char *kind, const char *of,
                 char ret[COOKIE_NAME_SIZE])
{
    (void)snprintf(ret, COOKIE_NAME_SIZE, "%s%s-%s",
                   authapp_is_public(call->context) ? "__Host-" : "", kind, of);
}

int cookie_set(struct http_call *call, const char *name, const char *value, int seconds,
               struct err *err)
{
    char field[COOKIE_SIZE];

    (void)snprintf(field, sizeof field, "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s", name,
                   value, seconds, authapp_is_public(call->context) ? "; Secure" : "");
    return http_reply_field(&call->response, "Set-Cookie", field, err);
}

int cookie_get(const struct http_call *call, const char *name, const char **ret, struct err *err)
{
    const char *at = http_header(&call->request, "Cookie");
    size_t len = strlen(name);

    *ret = NULL;
    while (at != NULL && *at != '\0') {
        at += strspn(at, " ;");
        if (strncmp(at, name, len) == 0 && at[len] == '=')
            return arena_text(call->request.arena,
                              bytes_of(at + len + 1, strcspn(at + len + 1, ";")), ret, err);
        at += strcspn(at, ";");
    }
    return 0;
}
