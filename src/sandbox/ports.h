/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TCP ports of a sandbox on 127.0.0.1: a block of neighbours that nobody else uses. Blocks are
 * tried from the lowest, so that the usual single sandbox has the same addresses each time.
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

enum { PORTS_USED = 9 };

struct ports {
    uint16_t page, platform, ocsp, authority, authapp, portal, tax, pension, counter;
    int claim_fd;             /* keeps other sandboxes of this machine off the block; -1: none */
    int held_fds[PORTS_USED]; /* sockets on these ports, so that nobody else is given one */
    unsigned held_count;
};

#define PORTS_INIT                                                                                 \
    {                                                                                              \
        .claim_fd = -1                                                                             \
    }

/* Where the blocks of sandboxes begin: below the ports that the kernel gives to clients. */
enum { PORTS_FIRST = 8720 };

/*
 * Claim a block, from the port first on, until ports_done or the end of this process. ERR_CONFLICT
 * if all SANDBOX_PORT_BLOCKS_MAX are taken.
 */
MUST_CHECK int ports_claim(uint16_t first, struct ports *ret, struct err *err);
void ports_done(struct ports *ports);
