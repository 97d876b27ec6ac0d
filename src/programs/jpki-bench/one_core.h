/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One processor for us, the card and its peer. On several, what is measured is where the kernel
 * wakes the one that waits: it does so elsewhere for epoll than for read, which takes as long as
 * everything else together.
 */
#pragma once

#include "base/err.h"

#include <sched.h>
#include <stdbool.h>

struct one_core {
    cpu_set_t before;
    bool is_entered;
};

#define ONE_CORE_INIT                                                                              \
    {                                                                                              \
        .is_entered = false                                                                        \
    }

/* This process, and what it starts from now on, stay on the first processor they may use. */
MUST_CHECK int one_core_enter(struct one_core *core, struct err *err);
void one_core_leave(struct one_core *core);
