/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far something long is and how long it will take, on one line of a terminal. Nothing is
 * written where standard error is no terminal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *what;
    uint64_t total;
    int64_t started_ms, shown_ms;
    bool is_terminal;
};

/* what is shown, translated before, and lives as long. */
struct progress progress_start(const char *what, uint64_t total);
/* Cheap enough for each of millions of steps; rewrites the line four times a second. */
void progress_at(struct progress *progress, uint64_t done);
/* Takes the line away. */
void progress_end(struct progress *progress);

enum { PROGRESS_TEXT_SIZE = 128 };
/* The line: "what 12.5 % of 1000, 1 min 5 s left"; without an estimate in the first second. */
void progress_format(const struct progress *progress, uint64_t done, int64_t elapsed_ms,
                     char ret[PROGRESS_TEXT_SIZE]);
