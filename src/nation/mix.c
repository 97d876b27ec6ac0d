/* SPDX-License-Identifier: Apache-2.0 */
#include "nation/mix.h"

/* The output function of SplitMix64 (Steele, Lea, Flood: Fast Splittable Generators, 2014). */
static uint64_t scramble(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t mix(uint64_t seed, uint64_t index, enum mix_subject subject, uint64_t number)
{
    uint64_t x = scramble(seed + UINT64_C(0x9e3779b97f4a7c15) * (index + 1));

    return scramble(x + UINT64_C(0xd1342543de82ef95) * (number << 4 | (uint64_t)subject));
}

uint64_t mix_below(uint64_t drawn, uint64_t limit)
{
    return (drawn >> 32) * limit >> 32;
}
