/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit of the sandbox, each tested at the limit and one past it. */
#pragma once

#include <stdint.h>

enum {
    /* A directory leaves room for the longest socket below it (sock.h, SOCK_PATH_MAX). */
    SANDBOX_DIR_MAX = 107 - 25,

    /* Sandboxes of one machine that listen at the same time, each on a block of ports. */
    SANDBOX_PORT_BLOCKS_MAX = 64,

    /* Generations of its CAs: four keys each in a signerd that has room for sixteen. */
    SANDBOX_GENERATIONS_MAX = 3,

    /* Programs that one sandbox keeps running; the rows of roster.c and a card. */
    SANDBOX_PROGRAMS_MAX = 32,
    /* Deaths of a program within a minute after which it is given up and reported. */
    SANDBOX_DEATHS_MAX = 5,

    /* The file of personas, and one name in it (letters, digits and hyphens). */
    SANDBOX_PERSONAS_BYTES_MAX = 256 * 1024,
    SANDBOX_PERSONAS_MAX = 64,
    SANDBOX_PERSONA_NAME_MAX = 24,

    /* state.json and plugged, written by ourselves and read back. */
    SANDBOX_STATE_BYTES_MAX = 64 * 1024,
    SANDBOX_PLUG_BYTES_MAX = 256,

    /* One file of the start page. */
    PAGE_FILE_BYTES_MAX = 256 * 1024,

    /* The trace of one program; a step has some 200 bytes. */
    SANDBOX_TRACE_BYTES_MAX = 4 << 20,

    /* One program or data file that is copied to where its user can reach it. */
    SANDBOX_PROGRAM_BYTES_MAX = 64 << 20,
};

/* The last second that the clock may be moved to, in UTC: the end of 2099. */
#define SANDBOX_CLOCK_LATEST_MAX INT64_C(4102444799)
