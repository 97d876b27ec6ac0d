/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file in memory that came over the socket, mapped for reading. Its seals are what makes the
 * bytes that are checked the bytes that are signed: nobody can change or shorten it any more.
 */
#pragma once

#include "base/bytes.h"

struct sealed {
    void *ptr;
    size_t len;
};

#define SEALED_INIT                                                                                \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

/*
 * ERR_INPUT unless fd is a sealed file of exactly size bytes, 1 to RPC_LIST_MAX. The descriptor
 * may be closed afterwards.
 */
MUST_CHECK int sealed_map(int fd, uint64_t size, struct sealed *ret, struct err *err);
struct bytes sealed_bytes(const struct sealed *sealed);
void sealed_done(struct sealed *sealed); /* CLEANUP(sealed_done) struct sealed s = SEALED_INIT; */
