/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of a sandbox: DIR/clock, made with the sandbox, kept over restarts, gone with 'reset'.
 * Its owner moves it, and only forward: what daemons have stored under a date must stay the past.
 */
#pragma once

#include "base/clock.h"
#include "sandbox/layout.h"

/*
 * Make the file where there is none, 0640 and readable by the programs of the sandbox, and say in
 * our environment where it is, which the programs inherit. Failures as sandbox_clock_open.
 */
MUST_CHECK int clock_file_provide(const struct layout *layout, struct err *err);

/* What is to be added to the machine's time. ERR_ABSENT if the sandbox has no clock yet. */
MUST_CHECK int clock_file_read(const struct layout *layout, int64_t *ret_offset_s, struct err *err);

struct clock_move {
    bool is_shift; /* by seconds; else to UTC seconds */
    int64_t by_or_to;
};

/*
 * Move the clock; it holds at once in every program that runs. machine is the machine's clock.
 * ERR_INPUT for a move backward or past SANDBOX_CLOCK_LATEST_MAX, and then nothing has changed;
 * also as clock_file_read. Movers wait for each other.
 */
MUST_CHECK int clock_file_move(const struct layout *layout, const struct clock *machine,
                               const struct clock_move *move, int64_t *ret_offset_s,
                               struct err *err);
