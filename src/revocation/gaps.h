/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serial numbers below the highest one in use under which nothing was issued: reserved and not
 * signed yet, or spent on a request that was refused. They come as few ranges, because what fails
 * fails in a row.
 */
#pragma once

#include "base/err.h"
#include "revocation/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gap {
    uint32_t first, last;
};

/* Ascending, none touching the next; {.count = 0} is none. */
struct gaps {
    struct gap ranges[GAPS_MAX];
    size_t count;
};

/*
 * One more number above all others. If that made more than GAPS_MAX ranges, the last range grows
 * over whatever lies between: rather is an issued number called a gap than a gap issued.
 */
void gaps_add_number(struct gaps *gaps, uint32_t number);
/*
 * One more range above all others, from somebody else. ERR_INPUT unless it is one, lies above all
 * others and does not touch them; ERR_CONFLICT above GAPS_MAX.
 */
MUST_CHECK int gaps_add_range(struct gaps *gaps, uint32_t first, uint32_t last, struct err *err);
bool gaps_contain(const struct gaps *gaps, uint32_t number);
