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
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
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
    TRY(mynumber_parse(person->number, MYNUMBER_TEST, &number, err));
    return register_add_resident(site->residents, resident, &number, by, &is_new, err);
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

static int measure(struct issue_site *site, uint64_t first, double *ret_us, struct err *err)
{
    struct round round = {
        .site = site, .lock = PTHREAD_MUTEX_INITIALIZER, .next = first, .end = first + EACH};
    pthread_t threads[THREADS];
    int64_t started = monotonic_us();
    size_t count = 0;

    while (count < THREADS && pthread_create(&threads[count], NULL, work, &round) == 0)
        count++;
    for (size_t i = 0; i < count; i++)
        (void)pthread_join(threads[i], NULL);
    if (count < THREADS)
        return FAIL(err, ERR_SYSTEM, "not enough threads");
    if (round.rc < 0)
        return err_copy(err, &round.err);
    *ret_us = (double)(monotonic_us() - started) / EACH;
    return 0;
}

int bench_issue(struct bench_result *ret, struct err *err)
{
    CLEANUP(one_core_leave) struct one_core core = ONE_CORE_INIT;
    CLEANUP(issue_site_down) struct issue_site site = ISSUE_SITE_INIT;
    double ours[BENCH_ROUNDS];
    double peer[BENCH_ROUNDS];
    double warm;

    TRY(one_core_enter(&core, err));
    TRY(issue_site_up(&site, (size_t)(BENCH_ROUNDS + 1) * EACH, err));
    TRY(measure(&site, 0, &warm, err)); /* and a log that has its size */
    for (unsigned round = 0; round < BENCH_ROUNDS; round++) {
        TRY(measure(&site, (uint64_t)(round + 1) * EACH, &ours[round], err));
        TRY(openssl_sign_us(&peer[round], err));
    }
    *ret = (struct bench_result){
        .peer = median(peer, BENCH_ROUNDS),
        .unit = "us",
        .note = "one resident and his sign certificate, durable, with their audit records, of "
                "many at once, on one processor, without HTTP; peer: one signature by openssl "
                "speed rsa2048 on it",
    };
    bench_set_ours(ret, ours, BENCH_ROUNDS);
    bench_add_goal(ret, &(struct bench_goal){.what = "of openssl's signing rate",
                                             .ratio = ret->peer / ret->ours,
                                             .goal = 0.5,
                                             .is_least = true});
    return 0;
}
