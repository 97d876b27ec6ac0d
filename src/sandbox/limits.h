/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit of the sandbox, each tested at the limit and one past it. */
#pragma once

enum {
    /* Programs that one sandbox keeps running, and words of one command line. */
    SANDBOX_PROGRAMS_MAX = 16,
    SANDBOX_ARGV_MAX = 24,

    /* A directory leaves room for the longest socket below it (sock.h, SOCK_PATH_MAX). */
    SANDBOX_DIR_MAX = 107 - 25,

    /* Deaths within the window after which a program is given up and reported. */
    SANDBOX_DEATHS_MAX = 5,
    SANDBOX_DEATHS_WINDOW_MS = 60 * 1000,
    SANDBOX_BACKOFF_FIRST_MS = 100,
    SANDBOX_BACKOFF_LAST_MS = 5000,

    /* How long a program may take to become ready, to stop, and a command to end. */
    SANDBOX_READY_MS = 20 * 1000,
    SANDBOX_STOP_MS = 5000,
    SANDBOX_COMMAND_MS = 60 * 1000,

    /* The file of personas, and one name in it (letters, digits and hyphens). */
    SANDBOX_PERSONAS_BYTES_MAX = 256 * 1024,
    SANDBOX_PERSONAS_MAX = 64,
    SANDBOX_PERSONA_NAME_MAX = 24,

    /* state.json, written by ourselves and read back. */
    SANDBOX_STATE_BYTES_MAX = 64 * 1024,
};
