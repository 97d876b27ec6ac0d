/* SPDX-License-Identifier: Apache-2.0 */
/* Days are counted in 400-year eras that start in March, so the leap day ends a year. */
#include "base/caltime.h"

#include <stdio.h>
#include <string.h>

enum { DAYS_PER_ERA = 146097, DAYS_0000_TO_1970 = 719468, SECONDS_PER_DAY = 86400 };

bool caldate_is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool caldate_is_valid(struct caldate date)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int last;

    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12)
        return false;
    last = days[date.month - 1] + (date.month == 2 && caldate_is_leap(date.year));
    return date.day >= 1 && date.day <= last;
}

int caldate_compare(struct caldate a, struct caldate b)
{
    if (a.year != b.year)
        return a.year - b.year;
    if (a.month != b.month)
        return a.month - b.month;
    return a.day - b.day;
}

struct caldate caldate_birthday(struct caldate birth, int year)
{
    struct caldate birthday = {year, birth.month, birth.day};

    if (birth.month == 2 && birth.day == 29 && !caldate_is_leap(year))
        birthday.day = 28;
    return birthday;
}

struct caldate caldate_birthday_after(struct caldate birth, struct caldate day, int count)
{
    bool is_ahead = caldate_compare(caldate_birthday(birth, day.year), day) > 0;

    return caldate_birthday(birth, day.year + count - (is_ahead ? 1 : 0));
}

int caldate_age(struct caldate birth, struct caldate on)
{
    int age = on.year - birth.year;

    if (on.month < birth.month || (on.month == birth.month && on.day < birth.day))
        age--;
    return age < 0 ? 0 : age;
}

static int64_t days_since_1970(struct caldate date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * DAYS_PER_ERA + day_of_era - DAYS_0000_TO_1970;
}

static struct caldate date_of_days(int64_t days)
{
    int64_t shifted = days + DAYS_0000_TO_1970;
    int64_t era = (shifted >= 0 ? shifted : shifted - DAYS_PER_ERA + 1) / DAYS_PER_ERA;
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                           day_of_era / 146096) /
                          365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * month + 2) / 5 + 1;

    month = month < 10 ? month + 3 : month - 9;
    return (struct caldate){(int)(year_of_era + era * 400 + (month <= 2)), (int)month, (int)day};
}

struct caltime caltime_at(int64_t utc, int offset_seconds)
{
    int64_t local = utc + offset_seconds;
    int64_t days = local / SECONDS_PER_DAY;
    int64_t rest = local % SECONDS_PER_DAY;
    struct caltime time;

    if (rest < 0) {
        rest += SECONDS_PER_DAY;
        days--;
    }
    time.date = date_of_days(days);
    time.hour = (int)(rest / 3600);
    time.minute = (int)(rest / 60 % 60);
    time.second = (int)(rest % 60);
    return time;
}

int64_t caltime_utc(struct caltime time, int offset_seconds)
{
    return days_since_1970(time.date) * SECONDS_PER_DAY + time.hour * 3600 + time.minute * 60 +
           time.second - offset_seconds;
}

/* Exactly count decimal digits; -1 otherwise. */
static int digits(const char *text, size_t count)
{
    int value = 0;

    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

int caldate_parse_iso(const char *text, struct caldate *ret, struct err *err)
{
    struct caldate date;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return FAIL(err, ERR_INPUT, "a date is written YYYY-MM-DD");
    date = (struct caldate){digits(text, 4), digits(text + 5, 2), digits(text + 8, 2)};
    if (!caldate_is_valid(date))
        return FAIL(err, ERR_INPUT, "there is no such date");
    *ret = date;
    return 0;
}

int caldate_parse_basic(const char *text, struct caldate *ret, struct err *err)
{
    struct caldate date;

    if (strlen(text) != 8)
        return FAIL(err, ERR_INPUT, "a date is written YYYYMMDD");
    date = (struct caldate){digits(text, 4), digits(text + 4, 2), digits(text + 6, 2)};
    if (!caldate_is_valid(date))
        return FAIL(err, ERR_INPUT, "there is no such date");
    *ret = date;
    return 0;
}

void caltime_format(int64_t utc, int offset_seconds, char ret[CALTIME_TEXT_SIZE])
{
    struct caltime t = caltime_at(utc, offset_seconds);
    int hours = offset_seconds / 3600;

    if (offset_seconds == 0)
        (void)snprintf(ret, CALTIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ",
                       t.date.year % 10000, t.date.month, t.date.day, t.hour, t.minute, t.second);
    else
        (void)snprintf(ret, CALTIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d%+03d:00",
                       t.date.year % 10000, t.date.month, t.date.day, t.hour, t.minute, t.second,
                       hours);
}

void caldate_format_iso(struct caldate date, char ret[CALTIME_TEXT_SIZE])
{
    (void)snprintf(ret, CALTIME_TEXT_SIZE, "%04d-%02d-%02d", date.year, date.month, date.day);
}

void caldate_format_basic(struct caldate date, char ret[CALTIME_TEXT_SIZE])
{
    (void)snprintf(ret, CALTIME_TEXT_SIZE, "%04d%02d%02d", date.year, date.month, date.day);
}
