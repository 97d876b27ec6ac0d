/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/runs.h"

int serial_runs_add(struct serial_runs *runs, uint32_t first, unsigned generation, struct err *err)
{
    const struct serial_run *last = runs->count == 0 ? NULL : &runs->rows[runs->count - 1];

    if (first == 0 || generation == 0 || generation > RUN_GENERATION_MAX)
        return FAIL(err, ERR_INPUT, "a run of serial numbers that is none");
    if ((last == NULL ? 1 : last->generation) == generation)
        return FAIL(err, ERR_INPUT, "a run of the same generation as the one before");
    if (last != NULL && first <= last->first)
        return FAIL(err, ERR_INPUT, "runs of serial numbers are not ascending");
    if (runs->count == RUNS_MAX)
        return FAIL(err, ERR_CONFLICT, "more than %d runs of serial numbers", RUNS_MAX);
    runs->rows[runs->count++] = (struct serial_run){first, generation};
    return 0;
}

unsigned serial_runs_find(const struct serial_runs *runs, uint32_t number)
{
    size_t low = 0;
    size_t high = runs->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (runs->rows[middle].first <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 1 : runs->rows[low - 1].generation;
}

/* As gaps_add_number: rather is an issued number called a gap than a gap issued. */
static void add_gap(struct gaps *gaps, uint32_t first, uint32_t last)
{
    struct gap *before = gaps->count == 0 ? NULL : &gaps->ranges[gaps->count - 1];

    if (before != NULL && (first <= (uint64_t)before->last + 1 || gaps->count == GAPS_MAX))
        before->last = last > before->last ? last : before->last;
    else
        gaps->ranges[gaps->count++] = (struct gap){first, last};
}

/* Those gaps that lie in a run. */
static void add_gaps_within(const struct gaps *gaps, struct gap run, struct gaps *ret)
{
    for (size_t i = 0; i < gaps->count; i++) {
        struct gap gap = gaps->ranges[i];

        if (gap.last < run.first || gap.first > run.last)
            continue;
        add_gap(ret, gap.first < run.first ? run.first : gap.first,
                gap.last > run.last ? run.last : gap.last);
    }
}

void serial_runs_view(const struct serial_runs *runs, unsigned generation,
                      const struct serial_view *all, struct serial_view *ret)
{
    struct gap run = {1, 0};
    struct gaps *gaps = &ret->gaps;
    unsigned whose = 1;

    gaps->count = 0;
    for (size_t i = 0; i <= runs->count && run.first <= all->issued; i++) {
        bool is_last = i == runs->count || runs->rows[i].first > all->issued;

        run.last = is_last ? all->issued : runs->rows[i].first - 1;
        if (run.last >= run.first && whose == generation)
            add_gaps_within(&all->gaps, run, gaps);
        else if (run.last >= run.first)
            add_gap(gaps, run.first, run.last);
        if (is_last)
            break;
        run.first = runs->rows[i].first;
        whose = runs->rows[i].generation;
    }
    ret->issued = all->issued;
    if (gaps->count > 0 && gaps->ranges[gaps->count - 1].last == all->issued)
        ret->issued = gaps->ranges[--gaps->count].first - 1;
}
