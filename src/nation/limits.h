/* SPDX-License-Identifier: Apache-2.0 */
/* How large a nation can be. Tested at the limit and one past it. */
#pragma once

enum {
    NATION_PEOPLE_MAX = 1000000000, /* so that each has an individual number of his own */
};
