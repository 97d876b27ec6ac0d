/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sandbox time as a daemon sees it: the machine's time and an offset, which lies in a small file
 * that is mapped once and looked at on every call. So a move is seen at once, without a signal and
 * through any confinement. Deadlines are on the monotonic clock, which stays.
 *
 * Only the sandbox's builds of the daemons link this file (programs/variant.h).
 */
#pragma once

#include "base/clock.h"
#include "base/err.h"

#include <stdbool.h>

/* The environment variable that names the file. */
#define SANDBOX_CLOCK_VARIABLE "JPKI_SANDBOX_CLOCK"

enum { CLOCK_PAGE_VERSION = 1, CLOCK_PAGE_MAGIC_SIZE = 8 };

/* The whole file. It never leaves its machine, so numbers are as the machine has them. */
struct clock_page {
    char magic[CLOCK_PAGE_MAGIC_SIZE]; /* "JPKITIME" */
    uint32_t version;
    uint32_t zero;
    int64_t offset_s; /* only through clock_page_offset and clock_page_move */
};

/* A page that stands at the machine's time. */
struct clock_page clock_page_init(void);
/*
 * ERR_INPUT unless it is such a page and its offset one that clock_page_move may have left;
 * ERR_CONFLICT for another version.
 */
MUST_CHECK int clock_page_check(const struct clock_page *page, struct err *err);
/* Both are atomic: a reader sees the old or the new offset, never halves. */
int64_t clock_page_offset(const struct clock_page *page);
void clock_page_move(struct clock_page *page, int64_t offset_s);

/*
 * Map the page of an open file of exactly its size; checked. With writable the descriptor must be,
 * too. The mapping outlives the descriptor; munmap it, or leave it to the end of the process.
 */
MUST_CHECK int clock_page_map(int fd, bool writable, struct clock_page **ret, struct err *err);

/*
 * The clock that goes by the file named in the environment: once per process, before it is
 * confined. It lives as long as the process. ERR_INPUT if none is named or it is not such a file,
 * ERR_CONFLICT if the process runs at a shifted time already (libfaketime) or the file is of
 * another version.
 */
MUST_CHECK int sandbox_clock_open(const struct clock **ret, struct err *err);

/* ERR_CONFLICT where libfaketime shifts the time of this process: that would count twice. */
MUST_CHECK int sandbox_clock_check_machine(struct err *err);
