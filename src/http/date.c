/* SPDX-License-Identifier: Apache-2.0 */
#include "http/date.h"

#include "base/caltime.h"

#include <stddef.h>
#include <string.h>

enum { DAY_S = 86400, DAYS = 7 };

static char *put_digits(char *at, int number, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return at + count;
}

static char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);

    memcpy(at, text, len);
    return at + len;
}

/* Digit by digit: answers are given more often than printf is quick. */
void http_date_format(int64_t utc, char ret[HTTP_DATE_SIZE])
{
    static const char days[DAYS][6] = {"Thu, ", "Fri, ", "Sat, ", "Sun, ",
                                       "Mon, ", "Tue, ", "Wed, "};
    static const char months[][6] = {" Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ",
                                     " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec "};
    const struct caltime at = caltime_at(utc, 0);
    int64_t day = utc / DAY_S - (utc % DAY_S < 0); /* since a Thursday */
    char *to = put_text(ret, days[(day % DAYS + DAYS) % DAYS]);

    to = put_digits(to, at.date.day, 2);
    to = put_text(to, months[at.date.month - 1]);
    to = put_text(put_digits(to, at.date.year, 4), " ");
    to = put_text(put_digits(to, at.hour, 2), ":");
    to = put_text(put_digits(to, at.minute, 2), ":");
    to = put_text(put_digits(to, at.second, 2), " GMT");
    *to = '\0';
}
