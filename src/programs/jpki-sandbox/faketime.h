/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libfaketime, which shows a program that we did not write another time than the machine's. It is
 * loaded into that program and linked into none of ours.
 */
#pragma once

#include "base/bytes.h"

/*
 * The path of libfaketime.so.1 for the kind of processor that this program is built for, whatever
 * else is installed beside it; release with free_text. ERR_ABSENT if there is none.
 */
MUST_CHECK int faketime_find(char **ret, struct err *err);
/* The first of those that match a pattern of glob(7), NULL-terminated. For faketime_find. */
MUST_CHECK int faketime_find_in(const char *const *patterns, char **ret, struct err *err);

/*
 * Run a command with our environment in which the library is loaded and adds offset_s to the
 * machine's time; the monotonic clock stays. Waits for its end and hands on signals that are sent
 * to us meanwhile; what the library leaves in /dev/shm is removed. *ret_status is as a shell gives
 * it: 128 and the signal's number for a command that one has killed, EXIT_CODE_USAGE, told on
 * stderr, for one that cannot be started.
 */
MUST_CHECK int faketime_run(const char *library, int64_t offset_s, char *const argv[],
                            int *ret_status, struct err *err);
