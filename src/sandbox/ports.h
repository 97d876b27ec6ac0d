/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TCP ports of a sandbox on 127.0.0.1: a block of neighbours that nobody else uses. Blocks are
 * tried from the lowest, so that the usual single sandbox has the same addresses each time.
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

struct ports {
    uint16_t page, platform, ocsp, authority, authapp, portal, tax, pension, counter;
    int claim_fd; /* keeps other sandboxes of this machine off the block; -1: none */
};

#define PORTS_INIT                                                                                 \
    {                                                                                              \
        0, 0, 0, 0, 0, 0, 0, 0, 0, -1                                                              \
    }

/* Where the blocks of sandboxes begin: below the ports that the kernel gives to clients. */
enum { PORTS_FIRST = 8720 };

/*
 * Claim a block, from the port first on, until ports_done or the end of this process. ERR_CONFLICT
 * if all SANDBOX_PORT_BLOCKS_MAX are taken.
 */
MUST_CHECK int ports_claim(uint16_t first, struct ports *ret, struct err *err);
void ports_done(struct ports *ports);
