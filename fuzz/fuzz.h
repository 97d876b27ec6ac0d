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

/*
 * The targets in fault_targets (meson.build) are built a second time, with calls that fail: they
 * say from where to where that may happen, and take fuzz_failed() for an answer in between. In the
 * other builds these three do nothing, and no failure is accepted.
 */
#ifdef FUZZ_FAULTS
#define FUZZ_TARGET(data, size) int fuzz_target(const uint8_t *data, size_t size)
int fuzz_target(const uint8_t *data, size_t size);
void fuzz_start_faults(void);
void fuzz_stop_faults(void);
bool fuzz_fault_met(void); /* since they were started, also after they were stopped */
/* For the replay: let the nth call fail, counted from the start. */
void fuzz_plan_fault(unsigned nth);
#else
#define FUZZ_TARGET(data, size) int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
static inline void fuzz_start_faults(void)
{
}
static inline void fuzz_stop_faults(void)
{
}
static inline bool fuzz_fault_met(void)
{
    return false;
}
#endif

/* An invariant that no input may break. */
#define FUZZ_CHECK(claim)                                                                          \
    do {                                                                                           \
        if (!(claim))                                                                              \
            abort();                                                                               \
    } while (0)

/* Whether a call that must succeed failed, as it may once another was made to. */
static inline bool fuzz_failed(int rc)
{
    FUZZ_CHECK(rc == 0 || fuzz_fault_met());
    return rc != 0;
}

/* Whether a range that was read out of the input lies inside it. */
static inline bool fuzz_is_inside(struct bytes part, const uint8_t *data, size_t size)
{
    return part.len == 0 ||
           (part.ptr >= data && part.len <= size && (size_t)(part.ptr - data) <= size - part.len);
}
