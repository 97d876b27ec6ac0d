/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

/* A fork of ourselves that connects and sends one SELECT: no program to load, nothing to print. */
static int time_bare(double *ret_us, struct err *err)
{
    double times[BENCH_RUNS];

    for (int run = 0; run < BENCH_RUNS; run++) {
        int64_t started = monotonic_us();
        int status = 0;
        pid_t pid = fork();

        if (pid < 0)
            return FAIL_ERRNO(err, "fork");
        if (pid == 0) {
            double unused = 0;

            _exit(apdu_measure(1, &unused, NULL) < 0 ? 1 : 0);
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        if (status != 0)
            return FAIL(err, ERR_REMOTE, "the card did not answer a SELECT");
        times[run] = (double)(monotonic_us() - started);
    }
    *ret_us = median(times, BENCH_RUNS);
    return 0;
}

int bench_card_info(struct bench_result *ret, struct err *err)
{
    CLEANUP(lab_down) struct lab lab = LAB_INIT;
    CLEANUP(free_text) char *jpki = NULL;
    double ours[BENCH_ROUNDS];
    double peer[BENCH_ROUNDS];
    double limit[BENCH_ROUNDS];

    TRY(beside("jpki", &jpki, err));
    TRY(lab_up(&lab, err));
    TRY(lab_insert_card(&lab, err));
    const char *const our_argv[] = {jpki, "card", "info", NULL};
    const char *const peer_argv[] = {"/usr/bin/opensc-tool", "-n", NULL};
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        TRY(time_command(our_argv, &ours[round], err));
        TRY(time_command(peer_argv, &peer[round], err));
        TRY(time_bare(&limit[round], err));
    }
    *ret = (struct bench_result){
        .ours = median(ours, BENCH_ROUNDS) / 1e3,
        .peer = median(peer, BENCH_ROUNDS) / 1e3,
        .limit = median(limit, BENCH_ROUNDS) / 1e3,
        .unit = "ms",
        .note =
            "jpki card info, whole process; peer: opensc-tool -n; limit: a fork that connects and "
            "sends one SELECT",
    };
    return 0;
}
