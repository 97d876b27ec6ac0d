/* SPDX-License-Identifier: Apache-2.0 */
/* Room on the disk of a sandbox: a program without any cannot even say so in its log. */
#pragma once

#include "base/err.h"

enum {
    SANDBOX_ROOM_BYTES = 128 << 20,   /* what one takes at most, with its programs */
    SANDBOX_ROOM_LOW_BYTES = 4 << 20, /* what is left where one fails for want of it */
};

/*
 * Hands on the failure of a program, rc: where the file system of its log has less room left than
 * SANDBOX_ROOM_LOW_BYTES, or for no more files, it becomes ERR_SYSTEM, and that is said first, with
 * what a sandbox takes. log_path NULL: there is no log.
 */
int room_explain(const char *log_path, int rc, struct err *err);
