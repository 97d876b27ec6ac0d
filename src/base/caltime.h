/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calendar arithmetic on UTC seconds, in the proleptic Gregorian calendar, years 1 to 9999.
 * Japan's time is a fixed offset (design 6, rule 9): no time zone database is asked.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { JST_OFFSET_SECONDS = 9 * 3600 };

struct caldate {
    int year;  /* 1 to 9999 */
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

struct caltime {
    struct caldate date;
    int hour, minute, second;
};

bool caldate_is_valid(struct caldate date);
bool caldate_is_leap(int year);
/* < 0, 0, > 0 like strcmp. */
int caldate_compare(struct caldate a, struct caldate b);

/*
 * The birthday in a year. Whoever was born on 29 February has it on the 28th where there is no
 * 29th, as the ministries' rules on validity say.
 */
struct caldate caldate_birthday(struct caldate birth, int year);
/* The count-th birthday after a day, which itself does not count. */
struct caldate caldate_birthday_after(struct caldate birth, struct caldate day, int count);
/*
 * Completed years of life on a day; 0 before birth. A year is complete when the day before the
 * birthday ends (Act on Calculation of Age; Civil Code, Article 143), so whoever was born on
 * 29 February is a year older from 1 March where there is no 29th.
 */
int caldate_age(struct caldate birth, struct caldate on);

/* UTC seconds <-> a calendar time at a fixed offset (0 for UTC, JST_OFFSET_SECONDS for Japan). */
struct caltime caltime_at(int64_t utc, int offset_seconds);
int64_t caltime_utc(struct caltime time, int offset_seconds);

/* "YYYY-MM-DD" and "YYYYMMDD". Parsing is exact; anything else is ERR_INPUT. */
MUST_CHECK int caldate_parse_iso(const char *text, struct caldate *ret, struct err *err);
MUST_CHECK int caldate_parse_basic(const char *text, struct caldate *ret, struct err *err);

enum { CALTIME_TEXT_SIZE = 32 };
/* "2026-11-23T09:00:00Z", or "+09:00" at the end for JST. */
void caltime_format(int64_t utc, int offset_seconds, char ret[CALTIME_TEXT_SIZE]);
/* "2026-11-23" */
void caldate_format_iso(struct caldate date, char ret[CALTIME_TEXT_SIZE]);
/* "20261123" */
void caldate_format_basic(struct caldate date, char ret[CALTIME_TEXT_SIZE]);
