/* SPDX-License-Identifier: Apache-2.0 */
/* When somebody was born and got a card, and what became of both. Inside this room only. */
#pragma once

#include "nation/nation.h"

struct nation {
    struct nation_options options;
    const struct municipalities *municipalities;
    uint32_t *sum; /* by municipality: the sum of the weights up to it */
};

/* What everything about a person's time follows from; cheap. */
struct life {
    int64_t born; /* UTC seconds: a midnight in Japan */
    int64_t card_at;
    unsigned age_group; /* at NATION_EPOCH */
};

struct life life_of(const struct nation *nation, uint64_t index);
