/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/schedule.h"

#include "authority/limits.h"
#include "base/caltime.h"

#include <string.h>

enum { DAY = 86400, HOUR = 3600, MINUTE = 60, BACKOFF_FIRST_MS = 1000 };

int schedule_read(const char *text, int *ret, struct err *err)
{
    static const char limits[] = "29:59";
    int hour;
    int minute;

    if (strlen(text) != sizeof limits - 1 || text[2] != ':')
        return FAIL(err, ERR_INPUT, "an hour is written as 07:00");
    for (size_t i = 0; i < sizeof limits - 1; i++)
        if (i != 2 && (text[i] < '0' || text[i] > limits[i]))
            return FAIL(err, ERR_INPUT, "an hour is written as 07:00");
    hour = (text[0] - '0') * 10 + text[1] - '0';
    minute = (text[3] - '0') * 10 + text[4] - '0';
    if (hour > 23)
        return FAIL(err, ERR_INPUT, "a day has 24 hours");
    *ret = hour * HOUR + minute * MINUTE;
    return 0;
}

int64_t schedule_last(int daily, int64_t now)
{
    int64_t passed = (now + JST_OFFSET_SECONDS - daily) % DAY;

    return now - (passed < 0 ? passed + DAY : passed);
}

int64_t schedule_next(int daily, int64_t after)
{
    return schedule_last(daily, after) + DAY;
}

int64_t schedule_backoff_ms(unsigned failures)
{
    int64_t wait = BACKOFF_FIRST_MS;

    while (--failures > 0 && wait < BACKOFF_MAX_MS)
        wait *= 2;
    return wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS;
}
