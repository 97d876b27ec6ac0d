/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/gaps.h"

void gaps_add_number(struct gaps *gaps, uint32_t number)
{
    struct gap *last = gaps->count == 0 ? NULL : &gaps->ranges[gaps->count - 1];

    if (last != NULL && (number == last->last + 1 || gaps->count == GAPS_MAX))
        last->last = number;
    else
        gaps->ranges[gaps->count++] = (struct gap){number, number};
}

int gaps_add_range(struct gaps *gaps, uint32_t first, uint32_t last, struct err *err)
{
    if (first == 0 || last < first)
        return FAIL(err, ERR_INPUT, "a gap that is no range of serial numbers");
    if (gaps->count > 0 && first <= (uint64_t)gaps->ranges[gaps->count - 1].last + 1)
        return FAIL(err, ERR_INPUT, "gaps are not ascending, or touch each other");
    if (gaps->count == GAPS_MAX)
        return FAIL(err, ERR_CONFLICT, "more than %d gaps", GAPS_MAX);
    gaps->ranges[gaps->count++] = (struct gap){first, last};
    return 0;
}

bool gaps_contain(const struct gaps *gaps, uint32_t number)
{
    size_t low = 0;
    size_t high = gaps->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (gaps->ranges[middle].last < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < gaps->count && gaps->ranges[low].first <= number;
}
