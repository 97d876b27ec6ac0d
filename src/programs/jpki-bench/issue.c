/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issuing as the daemons do it, without HTTP between them: a resident is registered, durably; the
 * authority checks the request, reserves, has jpki-signerd sign, verifies, keeps, durably. As many
 * threads as the daemons may have do it at once, all on one processor with signerd.
 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "programs/jpki-bench/issue_site.h"
#include "programs/jpki-bench/one_core.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { THREADS = 24, EACH = 1000, YEAR_S = 31557600 };

/* One round, shared by its threads. */
struct round {
    struct issue_site *site;
    pthread_mutex_t lock; /* of the rest and of the requests */
    uint64_t next, end;   /* people */
    int rc;
    struct err err;
};

/* What is issued to one person. */
struct task {
    struct nation_person person;
    struct bytes request;
    struct resident resident;
};

static bool take_task(struct round *round, struct task *ret)
{
    bool is_there;

    (void)pthread_mutex_lock(&round->lock);
    is_there = round->rc == 0 && round->next < round->end;
    if (is_there) {
        ret->person.index = round->next++;
        round->rc = issue_site_take(round->site, &ret->request, &round->err);
        is_there = round->rc == 0;
    }
    (void)pthread_mutex_unlock(&round->lock);
    return is_there;
}

static int add_resident(const struct issue_site *site, struct task *task,
                        const struct audit_origin *by, struct err *err)
{
    CLEANUP(resident_numbers_done) struct resident_numbers numbers = RESIDENT_NUMBERS_INIT;
    struct resident *resident = &task->resident;
    const struct nation_person *person = &task->person;
    bool is_new;

    *resident = (struct resident){.birth = person->birth,
                                  .sex = person->is_female ? SEX_FEMALE : SEX_MALE};
    (void)snprintf(resident->name, sizeof resident->name, "%s", person->name);
    (void)snprintf(resident->address, sizeof resident->address, "%s", person->address);
    (void)snprintf(resident->municipality, sizeof resident->municipality, "%s",
                   person->municipality->code);
    TRY(resident_check(resident, site->places, caltime_at(by->at, JST_OFFSET_SECONDS).date, err));
    TRY(mynumber_parse(person->number, MYNUMBER_TEST, &numbers.number, err));
    return register_add_resident(site->residents, resident, &numbers, by, &is_new, err);
}

static int issue_one(const struct issue_site *site, struct signer *signer, struct task *task,
                     struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    const struct audit_origin by = audit_by_uid(clock_now(&clock_system), 0, NULL);
    const struct caldate today = caltime_at(by.at, JST_OFFSET_SECONDS).date;
    char birth[HOLDER_BIRTH_SIZE];

    nation_person(site->people, task->person.index, &task->person);
    TRY(add_resident(site, task, &by, err));
    TRY(holder_birth_format(task->person.birth, birth, err));
    const struct holder holder = {
        .name = bytes_text(task->resident.name),
        .birth = bytes_text(birth),
        .sex = bytes_text(task->person.is_female ? "2" : "1"),
        .address = bytes_text(task->resident.address),
        .name_substitutes = bytes_text(task->resident.name_substitutes),
        .address_substitutes = bytes_text(task->resident.address_substitutes),
    };
    const struct issue_request request = {
        .kind = CA_SIGN,
        .request_id = task->resident.id,
        .csr = task->request,
        .not_after = day_end(caldate_birthday_after(task->person.birth, today, 4)),
        .prefecture = task->person.municipality->prefecture_romaji,
        .municipality = task->person.municipality->romaji,
        .window_id = "28100003A",
        .holder = &holder,
        .by = &by,
    };
    return authority_issue(&site->authority, signer, &request, &record, err);
}

static void *work(void *context)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct round *round = context;
    struct err err = {0};
    struct task task;
    int rc = signer_open(round->site->socket, &signer, &err);

    while (rc == 0 && take_task(round, &task))
        rc = issue_one(round->site, signer, &task, &err);
    if (rc < 0) {
        (void)pthread_mutex_lock(&round->lock);
        round->rc = err_copy(&round->err, &err);
        (void)pthread_mutex_unlock(&round->lock);
    }
    return NULL;
}

/* What one certificate takes, by the clock and of processor time. */
struct cost {
    double elapsed_us, processor_us;
};

/* Of this process and of its signerd. */
static int read_processor_time(const struct issue_site *site, double *ret_us, struct err *err)
{
    struct rusage own;
    double signerd;

    if (getrusage(RUSAGE_SELF, &own) < 0)
        return FAIL_ERRNO(err, "the processor time is not known");
    TRY(processor_time_us(site->signerd, &signerd, err));
    *ret_us = signerd + (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) * 1e6 +
              (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec);
    return 0;
}

static int run_round(struct round *round, struct err *err)
{
    pthread_t threads[THREADS];
    size_t count = 0;

    while (count < THREADS && pthread_create(&threads[count], NULL, work, round) == 0)
        count++;
    for (size_t i = 0; i < count; i++)
        (void)pthread_join(threads[i], NULL);
    if (count < THREADS)
        return FAIL(err, ERR_SYSTEM, "not enough threads");
    return round->rc < 0 ? err_copy(err, &round->err) : 0;
}

static int measure(struct issue_site *site, uint64_t first, struct cost *ret, struct err *err)
{
    struct round round = {
        .site = site, .lock = PTHREAD_MUTEX_INITIALIZER, .next = first, .end = first + EACH};
    int64_t started = monotonic_us();
    double before, after;

    TRY(read_processor_time(site, &before, err));
    TRY(run_round(&round, err));
    TRY(read_processor_time(site, &after, err));
    *ret = (struct cost){(double)(monotonic_us() - started) / EACH, (after - before) / EACH};
    return 0;
}

/* Ours and openssl's over the rounds. */
struct costs {
    double ours[BENCH_ROUNDS], peer[BENCH_ROUNDS];
    double ours_processor[BENCH_ROUNDS], peer_processor[BENCH_ROUNDS];
};

static int measure_rounds(struct issue_site *site, struct costs *ret, struct err *err)
{
    struct cost cost;

    TRY(measure(site, 0, &cost, err)); /* and a log that has its size */
    for (unsigned round = 0; round < BENCH_ROUNDS; round++) {
        TRY(measure(site, (uint64_t)(round + 1) * EACH, &cost, err));
        ret->ours[round] = cost.elapsed_us;
        ret->ours_processor[round] = cost.processor_us;
        TRY(openssl_sign_us(OPENSSL_ELAPSED, &ret->peer[round], err));
        TRY(openssl_sign_us(OPENSSL_PROCESSOR, &ret->peer_processor[round], err));
    }
    return 0;
}

int bench_issue(struct bench_result *ret, struct err *err)
{
    CLEANUP(one_core_leave) struct one_core core = ONE_CORE_INIT;
    CLEANUP(issue_site_down) struct issue_site site = ISSUE_SITE_INIT;
    struct costs costs;
    double processor;

    TRY(one_core_enter(&core, err));
    TRY(issue_site_up(&site, (size_t)(BENCH_ROUNDS + 1) * EACH, err));
    TRY(measure_rounds(&site, &costs, err));
    *ret = (struct bench_result){
        .peer = median(costs.peer, BENCH_ROUNDS),
        .unit = "us",
        .note = "one resident and his sign certificate, durable, with their audit records, of "
                "many at once, on one processor, without HTTP; peer: one signature by openssl "
                "speed rsa2048 on it. By the clock, where a busy machine gives openssl's one "
                "process less than our two, and of processor time, which does not wait for disks",
    };
    bench_set_ours(ret, costs.ours, BENCH_ROUNDS);
    processor = median(costs.peer_processor, BENCH_ROUNDS) /
                median(costs.ours_processor, BENCH_ROUNDS);
    bench_add_goal(ret, &(struct bench_goal){"of openssl's signing rate, by the clock",
                                             ret->peer / ret->ours, 0.5, true});
    bench_add_goal(ret, &(struct bench_goal){"of openssl's signing rate, by processor time",
                                             processor, 0.5, true});
    return 0;
}
