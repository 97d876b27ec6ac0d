/* SPDX-License-Identifier: Apache-2.0 */
#include "http/date.h"

#include "base/caltime.h"

#include <stdio.h>

enum { DAY_S = 86400, DAYS = 7 };

void http_date_format(int64_t utc, char ret[HTTP_DATE_SIZE])
{
    static const char days[DAYS][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const struct caltime at = caltime_at(utc, 0);
    int64_t day = utc / DAY_S - (utc % DAY_S < 0); /* since a Thursday */

    (void)snprintf(ret, HTTP_DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                   days[(day % DAYS + DAYS) % DAYS], at.date.day, months[at.date.month - 1],
                   at.date.year, at.hour, at.minute, at.second);
}
