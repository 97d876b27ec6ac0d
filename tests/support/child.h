/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of other programs, for tests: what they print is caught, and one that does not end in time
 * is killed. Anything that goes wrong in starting one ends the test (cmocka).
 */
#pragma once

#include "base/bytes.h"

struct child_result {
    int exit_code;  /* 128 + signal if it was killed; 127 if there is no such program */
    bool timed_out; /* killed by us */
    struct buf out; /* standard output */
    struct buf err; /* standard error */
};

enum { CHILD_OUTPUT_MAX = 16 << 20 };

/*
 * Run argv[0] (searched in PATH) with input as standard input, for at most timeout_ms. argv ends
 * with NULL. The result is released by child_result_done.
 */
struct child_result child_run(const char *const argv[], struct bytes input, int timeout_ms);
void child_result_done(struct child_result *result);
