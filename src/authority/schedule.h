/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When lists of revocations are published: once a day, at an hour in Japan, which has no summer
 * time. Functions of their arguments; who waits is publisher.c.
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

/* "07:00" to seconds after midnight; ERR_INPUT for anything but two digits, a colon, two digits. */
MUST_CHECK int schedule_read(const char *text, int *ret, struct err *err);
/* The first moment (UTC seconds) after a moment at which it is that late in Japan. */
int64_t schedule_next(int daily, int64_t after);
/* The last such moment that is not after now. */
int64_t schedule_last(int daily, int64_t now);
/* Milliseconds to wait after so many failures in a row, at least one: doubling, then
 * BACKOFF_MAX_MS. */
int64_t schedule_backoff_ms(unsigned failures);
