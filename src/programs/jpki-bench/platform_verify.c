/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verification that a provider asks for: from the HTTP request to the durable, audited answer.
 * Beside it what verify takes of a processor for the same signatures, in the same rounds. Rates are
 * of all processors, which wrk has its share of; so the goals go by the time of a processor.
 */
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/ocsp_lab.h"
#include "programs/jpki-bench/platform_lab.h"

#define GOAL_IN_PROCESS 0.25
#define GOAL_OWN        0.25

struct times {
    double ours[BENCH_ROUNDS], verify[BENCH_ROUNDS], of_verify[BENCH_ROUNDS], of_own[BENCH_ROUNDS],
        here[BENCH_ROUNDS], signing[BENCH_ROUNDS], asking[BENCH_ROUNDS], rate[BENCH_ROUNDS],
        p99[BENCH_ROUNDS], wrapped[BENCH_ROUNDS];
};

static int time_verify(const struct platform_lab *lab, double *ret_us, struct err *err)
{
    double started = ocsp_lab_worked_us(RUSAGE_THREAD);

    for (size_t i = 0; i < SIGNED_CASES; i++)
        TRY(signed_cases_verify(lab->cases, &lab->cases->cases[i], err));
    *ret_us = (ocsp_lab_worked_us(RUSAGE_THREAD) - started) / SIGNED_CASES;
    return 0;
}

/* Half of a rate on all connections, in milliseconds between two questions of one. */
static unsigned half(double rate)
{
    return 1 + (unsigned)(2 * PLATFORM_LAB_CONNECTIONS * 1000 / rate);
}

static int time_round(const struct platform_lab *lab, int i, struct times *times, struct err *err)
{
    struct platform_load load;
    struct platform_load calm;
    struct platform_load wrapped;

    TRY(time_verify(lab, &times->verify[i], err));
    TRY(platform_lab_load(lab, PLATFORM_AGREED, 0, &load, err));
    TRY(platform_lab_load(lab, PLATFORM_AGREED, half(load.rate), &calm, err));
    TRY(platform_lab_load(lab, PLATFORM_WRAPPED, 0, &wrapped, err));
    times->wrapped[i] = wrapped.here_us + wrapped.signing_us;
    times->here[i] = load.here_us;
    times->signing[i] = load.signing_us;
    times->asking[i] = load.asking_us;
    times->rate[i] = load.rate;
    times->p99[i] = calm.p99_ms;
    times->ours[i] = load.here_us + load.signing_us;
    times->of_verify[i] = times->verify[i] / times->ours[i];
    times->of_own[i] = times->verify[i] / load.here_us;
    return 0;
}

static void conclude(struct times *times, struct bench_result *ret)
{
    const struct bench_goal goals[] = {
        {"of the rate of verify in process, signerd included",
         median(times->of_verify, BENCH_ROUNDS), GOAL_IN_PROCESS, true},
        {"of the rate of verify in process, without what signerd takes",
         median(times->of_own, BENCH_ROUNDS), GOAL_OWN, true},
    };
    const struct bench_part parts[] = {
        {"the platform, in time of a processor", median(times->here, BENCH_ROUNDS), "us"},
        {"signerd, which finds the content key", median(times->signing, BENCH_ROUNDS), "us"},
        {"both, where the key comes by RSA-OAEP", median(times->wrapped, BENCH_ROUNDS), "us"},
        {"wrk", median(times->asking, BENCH_ROUNDS), "us"},
        {"answers a second on 16 connections", median(times->rate, BENCH_ROUNDS), "/s"},
        {"the last of a hundred at half of that", median(times->p99, BENCH_ROUNDS), "ms"},
    };

    *ret = (struct bench_result){
        .limit = median(times->verify, BENCH_ROUNDS),
        .unit = "us",
        .note = "time of a processor from an HTTP request to the durable, audited answer, signerd "
                "included, wrk not; a certificate of which nothing is kept, encrypted to the "
                "platform by ECDH-ES, a thousand people in turn; limit: verify in process, for the "
                "same signatures",
    };
    for (size_t i = 0; i < sizeof goals / sizeof goals[0]; i++)
        bench_add_goal(ret, &goals[i]);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        bench_add_part(ret, &parts[i]);
    bench_set_ours(ret, times->ours, BENCH_ROUNDS);
}

int bench_platform_verify(struct bench_result *ret, struct err *err)
{
    CLEANUP(platform_lab_down) struct platform_lab lab = PLATFORM_LAB_INIT;
    struct times times;

    TRY(platform_lab_up(&lab, 1, err));
    for (int round = 0; round < BENCH_ROUNDS; round++)
        TRY(time_round(&lab, round, &times, err));
    conclude(&times, ret);
    return 0;
}
