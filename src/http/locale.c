/* SPDX-License-Identifier: Apache-2.0 */
#include "http/locale.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool is_within(const char *tag, size_t len, const char *locale)
{
    const size_t main_len = strlen(locale);

    return len >= main_len && strncasecmp(tag, locale, main_len) == 0 &&
           (len == main_len || tag[main_len] == '-');
}

const char *http_locale_pick(const char *tags, const char *const locales[])
{
    while (tags != NULL && *tags != '\0') {
        const size_t len = strcspn(tags, " ");

        for (size_t i = 0; locales[i] != NULL; i++)
            if (is_within(tags, len, locales[i]))
                return locales[i];
        tags += len;
        tags += strspn(tags, " ");
    }
    return NULL;
}
