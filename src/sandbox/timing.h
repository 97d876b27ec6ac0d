/* SPDX-License-Identifier: Apache-2.0 */
/* How long a sandbox waits for what, in milliseconds. */
#pragma once

enum {
    /* A program that dies SANDBOX_DEATHS_MAX times within the window is given up (limits.h). */
    DEATHS_WINDOW_MS = 60 * 1000,
    /* The pause before it is started again: doubled each time. */
    BACKOFF_FIRST_MS = 100,
    BACKOFF_LAST_MS = 5000,

    /* How long a program may take to become ready, to stop, and a command to end. */
    READY_MS = 20 * 1000,
    STOP_MS = 5000,
    COMMAND_MS = 60 * 1000,
};
