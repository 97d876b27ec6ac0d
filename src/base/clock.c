/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>

static int64_t system_now(const struct clock *clock)
{
    struct timespec now;

    (void)clock;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

static int64_t fixed_now(const struct clock *clock)
{
    return clock->fixed;
}

const struct clock clock_system = {system_now, 0};

struct clock clock_fixed(int64_t at)
{
    return (struct clock){fixed_now, at};
}

int64_t clock_now(const struct clock *clock)
{
    return clock->now(clock);
}

static int64_t read_us(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t thread_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

int64_t monotonic_ms(void)
{
    return monotonic_us() / 1000;
}
