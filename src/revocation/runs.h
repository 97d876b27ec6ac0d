/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which generation of a CA has issued a serial number. All generations share one sequence of
 * numbers, and each issues for years, so a few runs say it of all of them; the older generation's
 * responders, which are certified anew each year, are short runs between.
 */
#pragma once

#include "revocation/gaps.h"

/* From this number on, until the next run. */
struct serial_run {
    uint32_t first;
    unsigned generation; /* from 1 to RUN_GENERATION_MAX */
};

/* Ascending, each of another generation than the one before; before all of them is the first. */
struct serial_runs {
    struct serial_run rows[RUNS_MAX];
    size_t count;
};

/*
 * One more run above all others, from somebody else. ERR_INPUT unless it is one, lies above all
 * others and is of another generation than the last; ERR_CONFLICT above RUNS_MAX.
 */
MUST_CHECK int serial_runs_add(struct serial_runs *runs, uint32_t first, unsigned generation,
                               struct err *err);
unsigned serial_runs_find(const struct serial_runs *runs, uint32_t number);

/* Numbers up to one, without those in gaps. */
struct serial_view {
    uint32_t issued; /* 0: none */
    struct gaps gaps;
};
/* What of the numbers of a CA one generation has issued: the others are gaps. */
void serial_runs_view(const struct serial_runs *runs, unsigned generation,
                      const struct serial_view *all, struct serial_view *ret);
