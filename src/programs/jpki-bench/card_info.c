/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/bench.h"

enum { RUNS = 5 };

int bench_card_info(struct bench_result *ret, struct err *err)
{
    CLEANUP(lab_down) struct lab lab = LAB_INIT;
    CLEANUP(free_text) char *jpki = NULL;
    CLEANUP(free_text) char *self = NULL;
    double ours[BENCH_ROUNDS];
    double peer[BENCH_ROUNDS];
    double limit[BENCH_ROUNDS];

    TRY(beside("jpki", &jpki, err));
    TRY(beside("jpki-bench", &self, err));
    TRY(lab_up(&lab, err));
    TRY(lab_insert_card(&lab, err));
    const char *const our_argv[] = {jpki, "card", "info", NULL};
    const char *const peer_argv[] = {"/usr/bin/opensc-tool", "-n", NULL};
    const char *const limit_argv[] = {self, "apdu", "--count", "1", NULL};
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        TRY(time_command(our_argv, RUNS, &ours[round], err));
        TRY(time_command(peer_argv, RUNS, &peer[round], err));
        TRY(time_command(limit_argv, RUNS, &limit[round], err));
    }
    *ret = (struct bench_result){
        .ours = median(ours, BENCH_ROUNDS) / 1e3,
        .peer = median(peer, BENCH_ROUNDS) / 1e3,
        .limit = median(limit, BENCH_ROUNDS) / 1e3,
        .unit = "ms",
        .note = "jpki card info, whole process; peer: opensc-tool -n; limit: a process that "
                "connects and sends one SELECT",
    };
    return 0;
}
