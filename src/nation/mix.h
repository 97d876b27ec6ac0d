/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that look random and follow from a seed, a person and a subject. Not for secrets. */
#pragma once

#include <stdint.h>

/* What is drawn; yearly subjects take the year as their number. */
enum mix_subject {
    MIX_NAME,
    MIX_BIRTH,
    MIX_HOME,
    MIX_CARD,
    MIX_NUMBER,
    MIX_EVENTS,
    MIX_DEATH,
    MIX_TIME,
};

uint64_t mix(uint64_t seed, uint64_t index, enum mix_subject subject, uint64_t number);
/* 0 to limit - 1 from the upper half of what was drawn; limit is at most 2^32. */
uint64_t mix_below(uint64_t drawn, uint64_t limit);
