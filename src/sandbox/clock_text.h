/* SPDX-License-Identifier: Apache-2.0 */
/* How people say where a sandbox's clock should go, and how it is told to them. */
#pragma once

#include "base/caltime.h"

/*
 * "+90s", "+30m", "+2h", "+1d", "+1w": a number from 1 on and one unit; *ret_s is seconds, at
 * most SANDBOX_CLOCK_LATEST_MAX. ERR_INPUT for everything else; a "-" is refused with the reason.
 */
MUST_CHECK int clock_shift_parse(const char *text, int64_t *ret_s, struct err *err);

/*
 * "2027-03-01", "2027-03-01T09:00" or "2027-03-01T09:00:30", with "Z" or "+09:00" behind it (to
 * 14:00 either way); without a zone it is Japan's time, and without a time the first second of the
 * day. *ret is UTC seconds. ERR_INPUT for everything else; nothing is said about past and future.
 */
MUST_CHECK int clock_time_parse(const char *text, int64_t *ret, struct err *err);

enum { CLOCK_SPAN_TEXT_SIZE = 40 };
/* "3 d 02:05:09"; of not less than 0 seconds. */
void clock_span_format(int64_t span_s, char ret[CLOCK_SPAN_TEXT_SIZE]);
