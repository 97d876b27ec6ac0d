/* SPDX-License-Identifier: Apache-2.0 */
/* Subject common names of holders' certificates: opaque, unique, and telling where they come from.
 */
#include "base/caltime.h"
#include "x509/profile_row.h"

#include <stdio.h>
#include <string.h>

enum { DATED_LEN = 19, OPAQUE_LEN = 14, SEQUENCE_MAX = 99999, MUNICIPALITY_LEN = 5 };

static const char opaque_alphabet[] = "0123456789ABCDEFGHI";
static const char window_alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

static bool is_window(const char *text)
{
    return strlen(text) == WINDOW_ID_LEN && strspn(text, digits) >= MUNICIPALITY_LEN &&
           strspn(text, window_alphabet) == WINDOW_ID_LEN;
}

bool is_common_name_sign(const char *text)
{
    return strspn(text, digits) >= DATED_LEN && is_window(text + DATED_LEN);
}

bool is_common_name_auth(const char *text)
{
    return strspn(text, opaque_alphabet) >= OPAQUE_LEN && is_window(text + OPAQUE_LEN);
}

int common_name_sign(int64_t now, unsigned sequence, const char *window,
                     char ret[COMMON_NAME_SIGN_LEN + 1], struct err *err)
{
    struct caltime t = caltime_at(now, JST_OFFSET_SECONDS);
    char text[CALTIME_TEXT_SIZE + COMMON_NAME_SIGN_LEN];

    if (!is_window(window))
        return FAIL(err, ERR_INPUT, "a window id is five digits and four of 0-9 and A-Z");
    if (sequence > SEQUENCE_MAX || t.date.year < 1000 || t.date.year > 9999)
        return FAIL(err, ERR_USAGE, "a sequence or time that a common name cannot hold");
    (void)snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02d%05u%s", t.date.year, t.date.month,
                   t.date.day, t.hour, t.minute, t.second, sequence, window);
    memcpy(ret, text, COMMON_NAME_SIGN_LEN + 1);
    return 0;
}

int common_name_auth(uint64_t opaque, const char *window, char ret[COMMON_NAME_AUTH_LEN + 1],
                     struct err *err)
{
    if (!is_window(window))
        return FAIL(err, ERR_INPUT, "a window id is five digits and four of 0-9 and A-Z");
    for (size_t i = 0; i < OPAQUE_LEN; i++) {
        ret[i] = opaque_alphabet[opaque % (sizeof opaque_alphabet - 1)];
        opaque /= sizeof opaque_alphabet - 1;
    }
    memcpy(ret + OPAQUE_LEN, window, WINDOW_ID_LEN + 1);
    return 0;
}
