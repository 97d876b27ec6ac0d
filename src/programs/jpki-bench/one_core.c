/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/one_core.h"

int one_core_enter(struct one_core *core, struct err *err)
{
    cpu_set_t one;
    size_t cpu = 0;

    if (sched_getaffinity(0, sizeof core->before, &core->before) < 0)
        return FAIL_ERRNO(err, "on which processors we may run");
    while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &core->before))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) < 0)
        return FAIL_ERRNO(err, "cannot stay on processor %zu", cpu);
    core->is_entered = true;
    return 0;
}

void one_core_leave(struct one_core *core)
{
    if (core->is_entered)
        (void)sched_setaffinity(0, sizeof core->before, &core->before);
    core->is_entered = false;
}
