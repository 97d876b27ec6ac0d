/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fuzz target includes. A target asserts invariants, not only the absence of crashes:
 *
 *     FUZZ_TARGET(data, size)
 *     {
 *         ... FUZZ_CHECK(the value lies inside the input) ...
 *         return 0;
 *     }
 */
#pragma once

#include "base/bytes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_TARGET(data, size) int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)

/* An invariant that no input may break. */
#define FUZZ_CHECK(claim)                                                                          \
    do {                                                                                           \
        if (!(claim))                                                                              \
            abort();                                                                               \
    } while (0)

/* Whether a range that was read out of the input lies inside it. */
static inline bool fuzz_is_inside(struct bytes part, const uint8_t *data, size_t size)
{
    return part.len == 0 ||
           (part.ptr >= data && part.len <= size && (size_t)(part.ptr - data) <= size - part.len);
}
