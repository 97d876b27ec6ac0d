/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange's tables and samples that come with the program, for tests of what is made of them.
 */
#pragma once

#include "exchange/making.h"

static inline int made_open(const char *dir, struct tables **tables, struct making **making)
{
    if (tables_load(dir, tables, NULL) < 0)
        return -1;
    return making_load(*tables, dir, making, NULL);
}

static inline int made_close(struct tables **tables, struct making **making)
{
    making_freep(making);
    tables_freep(tables);
    return 0;
}
