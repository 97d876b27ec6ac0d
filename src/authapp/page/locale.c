/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/page/locale.h"

#include "authapp/limits.h"
#include "authapp/page/cookie.h"
#include "http/locale.h"

#include <string.h>

const char *const locales[] = {"ja", "en", NULL};

const char *locale_pick(const char *tags)
{
    return http_locale_pick(tags, locales);
}

int locale_keep(struct http_call *call, const char *session, const char *locale, int seconds,
                struct err *err)
{
    char name[COOKIE_NAME_SIZE];

    if (locale == NULL)
        return 0;
    cookie_name(call, "locale", session, name);
    return cookie_set(call, name, locale, seconds, err);
}

int locale_of_login(const struct http_call *call, const char **ret, struct err *err)
{
    const char *session = http_param(&call->request, "session");
    char name[COOKIE_NAME_SIZE];
    const char *kept;

    *ret = NULL;
    if (session == NULL || strlen(session) >= AUTHAPP_ID_SIZE)
        return 0;
    cookie_name(call, "locale", session, name);
    TRY(http_cookie_get(call, name, &kept, err));
    *ret = locale_pick(kept);
    return 0;
}
