/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the exchange is open (data/exchange/hours.tsv), in Japan: for weekdays and for days of rest
 * an opening and a closing hour, from a day until a day (S201). Saturdays, Sundays and the listed
 * holidays are days of rest.
 */
#pragma once

#include "base/bytes.h"
#include "base/caltime.h"

struct hours;

/*
 * ERR_INPUT names the line. For both kinds of days one row follows the other without a gap, and the
 * last has no end.
 */
MUST_CHECK int hours_parse(struct bytes text, struct hours **ret, struct err *err);
/* From a folder; NULL: the one that comes with the programs. */
MUST_CHECK int hours_load(const char *folder, struct hours **ret, struct err *err);
void hours_free(struct hours *hours);
void hours_freep(struct hours **hours);

/* The hours of the day in Japan that a moment lies in; closes 24: not on this day. */
struct hours_day {
    bool is_rest;
    int opens, closes; /* both 0: never, before the first row */
};
struct hours_day hours_of_day(const struct hours *hours, int64_t at);

/* The first second from a moment on at which it is open: the moment itself if it is open then. */
int64_t hours_open_from(const struct hours *hours, int64_t at);
