/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/account/browser.h"

#include <stdio.h>
#include <string.h>

struct name {
    const char *part, *name;
};

/* The first that is in it: later ones are in those of others as well. */
static const struct name browsers[] = {
    {"Edg", "Edge"},      {"OPR/", "Opera"},     {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
    {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},   {NULL, ""},
};
static const struct name systems[] = {
    {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"},
    {"Mac OS", "macOS"},    {"Linux", "Linux"},   {NULL, ""},
};

static const char *find(const struct name *names, const char *text)
{
    while (names->part != NULL && strstr(text, names->part) == NULL)
        names++;
    return names->name;
}

void browser_name(const char *user_agent, char ret[PORTAL_BROWSER_SIZE])
{
    const char *browser = user_agent == NULL ? "" : find(browsers, user_agent);
    const char *system = user_agent == NULL ? "" : find(systems, user_agent);

    (void)snprintf(ret, PORTAL_BROWSER_SIZE, "%s%s%s", browser,
                   browser[0] != '\0' && system[0] != '\0' ? ", " : "", system);
}
