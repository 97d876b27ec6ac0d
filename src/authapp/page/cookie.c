/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/page/cookie.h"

#include "authapp/authapp.h"

#include <stdio.h>

void cookie_name(const struct http_call *call, const char *kind, const char *of,
                 char ret[COOKIE_NAME_SIZE])
{
    (void)snprintf(ret, COOKIE_NAME_SIZE, "%s%s-%s",
                   authapp_is_public(call->context) ? "__Host-" : "", kind, of);
}

int cookie_set(struct http_call *call, const char *name, const char *value, int seconds,
               struct err *err)
{
    const struct http_cookie cookie = {.name = name,
                                       .value = value,
                                       .same_site = "Lax",
                                       .seconds = seconds,
                                       .is_secure = authapp_is_public(call->context)};

    return http_cookie_set(&call->response, &cookie, err);
}
