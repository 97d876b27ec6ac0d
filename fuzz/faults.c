/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that fail, in targets that are built for it. For libFuzzer the last eight bytes of an input
 * say which: four numbers, each counted from the call that failed before; 0 ends them. So the seeds
 * of the other build are seeds here, too, and both the input and the failures are mutated.
 */
#include "fuzz.h"
#include "support/failalloc.h"

enum { PLAN_COUNT = 4, PLAN_SIZE = 2 * PLAN_COUNT, CALLS_MAX = 4096 };

static unsigned plan[PLAN_COUNT];
static bool has_met;

void fuzz_plan_fault(unsigned nth)
{
    plan[0] = nth;
    plan[1] = 0;
}

void fuzz_start_faults(void)
{
    size_t count = 0;

    while (count < PLAN_COUNT && plan[count] > 0)
        count++;
    has_met = false;
    fail_allocations(plan, count);
}

void fuzz_stop_faults(void)
{
    has_met = allocation_has_failed();
    fail_allocation(0);
}

bool fuzz_fault_met(void)
{
    return has_met || allocation_has_failed();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < PLAN_SIZE)
        return 0;
    size -= PLAN_SIZE;
    for (size_t i = 0; i < PLAN_COUNT; i++)
        plan[i] = ((unsigned)data[size + 2 * i] << 8 | data[size + 2 * i + 1]) % CALLS_MAX;
    return fuzz_target(data, size);
}
