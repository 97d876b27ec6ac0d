/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often this process has met a fault that an operator has to know of, beside the failure that
 * says it in words: for its metrics (http/metrics.h). docs/faults.md has a row for each.
 */
#pragma once

#include <stdint.h>

enum fault {
    FAULT_DISK_FULL,           /* nothing was changed for want of room */
    FAULT_DATABASE_UNREADABLE, /* the file cannot be read or written */
    FAULT_DATABASE_DAMAGED,    /* the file is not what it was */
    FAULT_DATABASE_BUSY,       /* a process that is not ours keeps it */
    FAULT_DATABASE_TAKEN,      /* another process has taken it over */
    FAULT_SIGNER_UNAVAILABLE,  /* signerd is away, too slow, or cannot go on */
    FAULT_SIGNER_REFUSED,      /* signerd would not sign or unwrap that */
    FAULT_CLOCK_BACK,          /* the clock is before what was done by it */
    FAULT_LIST_REFUSED,        /* a list of revocations is not as it has to be */
    FAULT_FEED_REFUSED,        /* news of revocations do not follow from what was known */
    FAULT_REQUEST_TOO_LARGE,
    FAULT_REQUESTS_TOO_MANY,
    FAULTS_ /* how many there are */
};

/* By any thread. */
void fault_note(enum fault fault);
uint64_t fault_count(enum fault fault);
/* Stable lower-case name ("disk_full"). */
const char *fault_name(enum fault fault);
