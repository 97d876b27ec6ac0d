/* SPDX-License-Identifier: Apache-2.0 */
/* What a request costs where a thousand providers ask in turn, beside one who asks alone. */
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/platform_lab.h"

enum { MANY = 1000 };

#define GOAL 1.2

struct pair {
    double one[BENCH_ROUNDS], many[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
};

static int time_round(const struct platform_lab *one, const struct platform_lab *many, int i,
                      struct pair *pair, struct err *err)
{
    struct platform_load load;

    TRY(platform_lab_load(one, PLATFORM_AGREED, 0, &load, err));
    pair->one[i] = load.here_us;
    TRY(platform_lab_load(many, PLATFORM_AGREED, 0, &load, err));
    pair->many[i] = load.here_us;
    pair->ratio[i] = pair->many[i] / pair->one[i];
    return 0;
}

int bench_tenants(struct bench_result *ret, struct err *err)
{
    CLEANUP(platform_lab_down) struct platform_lab one = PLATFORM_LAB_INIT;
    CLEANUP(platform_lab_down) struct platform_lab many = PLATFORM_LAB_INIT;
    struct bench_goal goal = {"of the cost with one tenant", 0, GOAL, false};
    struct pair pair;

    TRY(platform_lab_up(&one, 1, err));
    TRY(platform_lab_up(&many, MANY, err));
    for (int round = 0; round < BENCH_ROUNDS; round++)
        TRY(time_round(&one, &many, round, &pair, err));
    goal.ratio = median(pair.ratio, BENCH_ROUNDS);
    *ret = (struct bench_result){
        .peer = median(pair.one, BENCH_ROUNDS),
        .unit = "us",
        .note = "time of a processor in the platform for a verification, 1000 tenants in turn; "
                "peer: one tenant alone, in turns with it",
    };
    bench_add_goal(ret, &goal);
    bench_set_ours(ret, pair.many, BENCH_ROUNDS);
    return 0;
}
