/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/scale.h"

#include "programs/jpki-bench/bench.h"

#include <stdlib.h>

enum { SIZES = 3, MEMORY_GOAL_GB = 4, GB = 1000000000 };

static const uint64_t sizes[SIZES] = {1000000, 10000000, 100000000};

static const struct {
    int (*measure)(struct scale_site *site, struct scale_cost *ret, struct err *err);
    const char *what, *what_by_clock;
    bool needs_store;
} operations[SCALE_OPERATIONS_] = {
    [SCALE_ISSUE] = {scale_store_issue, "of the cost at 1 M: issue",
                     "of the cost at 1 M: issue, by the clock", true},
    [SCALE_REVOKE] = {scale_store_revoke, "of the cost at 1 M: revoke",
                      "of the cost at 1 M: revoke, by the clock", true},
    [SCALE_VERIFY] = {scale_sets_verify, "of the cost at 1 M: verify", NULL, false},
    [SCALE_CRL] = {scale_sets_crl, "of the cost at 1 M: publish an entry", NULL, false},
    [SCALE_OCSP] = {scale_sets_ocsp, "of the cost at 1 M: update OCSP", NULL, false},
};

static int scale_measure(struct scale_site *site, enum scale_operation operation,
                         struct scale_cost *ret, struct err *err)
{
    return operations[operation].measure(site, ret, err);
}

void scale_site_done(struct scale_site *site)
{
    authority_store_closep(&site->store);
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        revocation_set_freep(&site->revoked[ca]);
}

/* All sizes at once, and the largest one with a store. */
struct scale {
    struct scale_site sites[SIZES];
    size_t count; /* of those that are not left out */
    struct scale_signature signature;
    size_t largest_store;
    struct scale_cost cost[SCALE_OPERATIONS_][SIZES][BENCH_ROUNDS];
};

static void scale_freep(struct scale **scale)
{
    for (size_t i = 0; *scale != NULL && i < SIZES; i++)
        scale_site_done(&(*scale)->sites[i]);
    if (*scale != NULL)
        scale_signature_done(&(*scale)->signature);
    free(*scale);
    *scale = NULL;
}

static int make_all(struct scale *scale, struct err *err)
{
    CLEANUP(free_text) char *dir = NULL;

    TRY(bench_kept_dir(&dir, err));
    for (size_t i = 0; i < SIZES && (i == 0 || sizes[i] <= bench_largest()); i++) {
        struct scale_site *site = &scale->sites[i];
        int rc;

        scale->count = i + 1;
        site->people = sizes[i];
        site->signature = &scale->signature;
        rc = scale_store_get(site, dir, err);
        if (rc < 0 && rc != -ERR_ABSENT)
            return rc;
        if (rc == 0)
            scale->largest_store = i;
        TRY(scale_sets_make(site, err));
    }
    return scale->sites[0].store != NULL
               ? 0
               : FAIL(err, ERR_SYSTEM, "%s: no room for the smallest store", dir);
}

static int measure_round(struct scale *scale, unsigned round, struct err *err)
{
    for (unsigned operation = 0; operation < SCALE_OPERATIONS_; operation++)
        for (size_t i = 0; i < scale->count; i++)
            if (!operations[operation].needs_store || scale->sites[i].store != NULL)
                TRY(scale_measure(&scale->sites[i], (enum scale_operation)operation,
                                  &scale->cost[operation][i][round], err));
    return 0;
}

/* The median of the rounds' ratios, because a round's sizes are measured side by side. */
static double growth(const struct scale *scale, enum scale_operation operation, bool by_clock)
{
    size_t last = operations[operation].needs_store ? scale->largest_store : scale->count - 1;
    double ratios[BENCH_ROUNDS];

    for (unsigned round = 0; round < BENCH_ROUNDS; round++) {
        const struct scale_cost *least = &scale->cost[operation][0][round];
        const struct scale_cost *most = &scale->cost[operation][last][round];

        ratios[round] = by_clock ? most->clock_us / least->clock_us
                                 : most->processor_us / least->processor_us;
    }
    return median(ratios, BENCH_ROUNDS);
}

static double memory_gb(const struct scale_site *site)
{
    return (double)(revocation_set_memory(site->revoked[OCSP_CA_SIGN]) +
                    revocation_set_memory(site->revoked[OCSP_CA_AUTH])) /
           GB;
}

static void add_growth(const struct scale *scale, unsigned operation, bool by_clock,
                       struct bench_result *ret)
{
    const char *what = by_clock ? operations[operation].what_by_clock : operations[operation].what;
    double ratio = growth(scale, (enum scale_operation)operation, by_clock);

    ret->ours = ratio > ret->ours ? ratio : ret->ours;
    bench_add_goal(ret, &(struct bench_goal){what, ratio, 1.25, false});
}

/* What an operation on the store takes at a size, and what of that is reading. */
static void add_parts(const struct scale *scale, struct bench_result *ret)
{
    static const struct {
        enum scale_operation operation;
        const char *smallest, *largest, *read;
    } rows[] = {
        {SCALE_ISSUE, "issue at 1 M, of processor time", "issue at the largest size, the same",
         "issue at the largest size, read past SQLite's cache"},
        {SCALE_REVOKE, "revoke at 1 M, of processor time", "revoke at the largest size, the same",
         "revoke at the largest size, read past SQLite's cache"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct scale_cost(*cost)[BENCH_ROUNDS] = scale->cost[rows[i].operation];
        double values[3][BENCH_ROUNDS];

        for (unsigned round = 0; round < BENCH_ROUNDS; round++) {
            values[0][round] = cost[0][round].processor_us;
            values[1][round] = cost[scale->largest_store][round].processor_us;
            values[2][round] = cost[scale->largest_store][round].read_kb;
        }
        bench_add_part(
            ret, &(struct bench_part){rows[i].smallest, median(values[0], BENCH_ROUNDS), "us"});
        bench_add_part(
            ret, &(struct bench_part){rows[i].largest, median(values[1], BENCH_ROUNDS), "us"});
        bench_add_part(ret,
                       &(struct bench_part){rows[i].read, median(values[2], BENCH_ROUNDS), "kB"});
    }
}

static void report(const struct scale *scale, struct bench_result *ret)
{
    for (unsigned operation = 0; operation < SCALE_OPERATIONS_; operation++) {
        add_growth(scale, operation, false, ret);
        if (operations[operation].needs_store)
            add_growth(scale, operation, true, ret);
    }
    bench_add_goal(ret, &(struct bench_goal){"GB of memory for the revocations among 200 M",
                                             memory_gb(&scale->sites[scale->count - 1]),
                                             MEMORY_GOAL_GB, false});
    add_parts(scale, ret);
}

int bench_scale(struct bench_result *ret, struct err *err)
{
    CLEANUP(scale_freep) struct scale *scale = calloc(1, sizeof *scale);
    static const char *const notes[SIZES] = {
        "cost at the largest size by that at 1 M: sets 100 M, no room for a larger store",
        "cost at the largest size by that at 1 M: sets 100 M, store 10 M, no room for 100 M",
        "cost at 100 M by that at 1 M",
    };

    if (scale == NULL)
        return FAIL_NOMEM(err);
    TRY(scale_signature_make(&scale->signature, err));
    TRY(make_all(scale, err));
    for (unsigned round = 0; round < BENCH_ROUNDS; round++)
        TRY(measure_round(scale, round, err));
    *ret = (struct bench_result){.unit = "times", .note = notes[scale->largest_store]};
    if (scale->count < SIZES)
        ret->note = "cost at the size that was asked for by that at 1 M";
    report(scale, ret);
    return 0;
}
