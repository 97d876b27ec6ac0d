/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time comes from here and nowhere else. Calendar time is injected (struct clock), so that tests
 * and the sandbox can move it; deadlines use the monotonic clock, which nobody can move.
 */
#pragma once

#include <stdint.h>

struct clock {
    int64_t (*now)(const struct clock *clock); /* UTC seconds since 1970 */
    int64_t fixed;                             /* what clock_fixed() returns */
};

/* The system's clock. */
extern const struct clock clock_system;

/* A clock that stands still at the given UTC second. */
struct clock clock_fixed(int64_t at);
int64_t clock_now(const struct clock *clock);

/* Milliseconds and microseconds on the monotonic clock; only differences mean anything. */
int64_t monotonic_ms(void);
int64_t monotonic_us(void);
/* Microseconds that this thread has had a processor, whoever else wants one. */
int64_t thread_us(void);
