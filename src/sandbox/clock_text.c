/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/clock_text.h"

#include "sandbox/limits.h"

#include <stdio.h>
#include <string.h>

static const struct {
    char letter;
    int64_t seconds;
} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};

static int64_t unit_of(const char *text)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (text[0] == units[i].letter && text[1] == '\0')
            return units[i].seconds;
    return 0;
}

/* A number that does not fit stays at one past the limit. */
static int64_t add_digit(int64_t number, char digit)
{
    number = number * 10 + (digit - '0');
    return number > SANDBOX_CLOCK_LATEST_MAX ? SANDBOX_CLOCK_LATEST_MAX + 1 : number;
}

int clock_shift_parse(const char *text, int64_t *ret_s, struct err *err)
{
    const char *rest = text + 1;
    int64_t number = 0;
    int64_t unit;

    if (text[0] == '-')
        return FAIL(err, ERR_INPUT,
                    "a sandbox's clock only goes forward, because certificates, serial numbers and "
                    "lists of revocations must not: 'jpki-sandbox reset' begins afresh");
    if (text[0] != '+')
        return FAIL(err, ERR_INPUT, "'%s': a shift is written +1d, +2h, +30m, +90s or +1w", text);
    for (; *rest >= '0' && *rest <= '9'; rest++)
        number = add_digit(number, *rest);
    unit = unit_of(rest);
    if (rest == text + 1 || unit == 0 || number == 0)
        return FAIL(err, ERR_INPUT, "'%s': a shift is written +1d, +2h, +30m, +90s or +1w", text);
    if (number > SANDBOX_CLOCK_LATEST_MAX / unit)
        return FAIL(err, ERR_INPUT, "'%s': that is too far", text);
    *ret_s = number * unit;
    return 0;
}

/* Exactly two digits below limit; moves *rest behind them. */
static bool two_digits(const char **rest, int limit, int *ret)
{
    const char *at = *rest;

    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *ret = (at[0] - '0') * 10 + (at[1] - '0');
    *rest = at + 2;
    return *ret < limit;
}

static bool take(const char **rest, char c)
{
    if (**rest != c)
        return false;
    ++*rest;
    return true;
}

/* "T09:00" or "T09:00:30", if there is one. */
static bool take_clock(const char **rest, struct caltime *time)
{
    if (!take(rest, 'T'))
        return true;
    if (!two_digits(rest, 24, &time->hour) || !take(rest, ':') ||
        !two_digits(rest, 60, &time->minute))
        return false;
    return !take(rest, ':') || two_digits(rest, 60, &time->second);
}

enum { ZONE_HOURS_MAX = 14 };

/* "Z" or "+09:00", if there is one. */
static bool take_zone(const char **rest, int *ret_offset)
{
    int sign = **rest == '-' ? -1 : 1;
    int hours, minutes;

    *ret_offset = **rest == 'Z' ? 0 : JST_OFFSET_SECONDS;
    if (**rest == '\0' || take(rest, 'Z'))
        return true;
    if (!take(rest, sign < 0 ? '-' : '+') || !two_digits(rest, ZONE_HOURS_MAX + 1, &hours) ||
        !take(rest, ':') || !two_digits(rest, 60, &minutes))
        return false;
    *ret_offset = sign * (hours * 3600 + minutes * 60);
    return hours < ZONE_HOURS_MAX || minutes == 0;
}

int clock_time_parse(const char *text, int64_t *ret, struct err *err)
{
    enum { DATE_LEN = 10 };
    char date[DATE_LEN + 1];
    struct caltime time = {.hour = 0};
    const char *rest;
    int offset;

    (void)snprintf(date, sizeof date, "%s", text);
    TRY(err_prefix(err, caldate_parse_iso(date, &time.date, err), "'%s'", text));
    rest = text + DATE_LEN;
    if (!take_clock(&rest, &time) || !take_zone(&rest, &offset) || *rest != '\0')
        return FAIL(err, ERR_INPUT,
                    "'%s': a time is written 2027-03-01, 2027-03-01T09:00 or 2027-03-01T09:00:30, "
                    "with Z or +09:00 behind it where it is not Japan's",
                    text);
    *ret = caltime_utc(time, offset);
    return 0;
}

void clock_span_format(int64_t span_s, char ret[CLOCK_SPAN_TEXT_SIZE])
{
    (void)snprintf(ret, CLOCK_SPAN_TEXT_SIZE, "%lld d %02d:%02d:%02d", (long long)(span_s / 86400),
                   (int)(span_s / 3600 % 24), (int)(span_s / 60 % 60), (int)(span_s % 60));
}
