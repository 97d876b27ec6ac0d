/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/scale.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum {
    THREADS = 24,
    OPERATIONS = 2400, /* of one round */
    STRIDE = 7919,     /* a prime: neighbours in time are none in the table */
};

#define FIRST_ID (1ULL << 40) /* behind the words of the store */

static const struct audit_origin by = {.at = 1774969200, .actor = "self"};

/* One round of a kind of operation, shared by its threads. */
struct round {
    struct scale_site *site;
    int (*operate)(const struct scale_site *site, uint64_t number, struct err *err);
    _Atomic uint64_t next;
    uint64_t end;
    pthread_mutex_t lock; /* of the rest */
    int rc;
    struct err err;
};

/*
 * What an operation of this number is known by: a word that comes behind those of before, as the
 * register's do, and the digest of a key, in octets of seven bits, as the store has them
 * (scale_load.c).
 */
struct names {
    char id[DIGEST_MAX + 1];
    struct digest key;
};

static int name_operation(uint64_t number, struct names *ret, struct err *err)
{
    uint64_t octets[1] = {number};
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, bytes_of((const uint8_t *)octets, sizeof octets), &digest,
                       err));
    for (size_t i = 0; i < digest.len; i++)
        digest.value[i] &= 0x7f;
    ret->key = digest;
    (void)snprintf(ret->id, sizeof ret->id, "%032llx", FIRST_ID + (unsigned long long)number);
    return 0;
}

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "%u", serial);
}

static int issue(const struct scale_site *site, uint64_t number, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct names names;
    struct reservation r = {.kind = CA_SIGN,
                            .request_id = names.id,
                            .now = by.at,
                            .not_after = 4102444799,
                            .build = build};
    struct completion completion = {.kind = CA_SIGN, .certificate = BYTES_LITERAL("x"), .by = &by};

    TRY(name_operation(number, &names, err));
    r.fingerprint = r.key = names.key;
    TRY(authority_reserve(site->store, &r, &record, err));
    completion.serial = record.serial;
    return authority_complete(site->store, &completion, err);
}

/* Another one for each number, among those that were not revoked in bulk. */
static uint32_t serial_of(const struct scale_site *site, uint64_t number)
{
    uint64_t groups = site->people / SCALE_REVOKED_EACH - 1;
    uint64_t group = number * STRIDE % groups + 1;
    uint64_t place = number / groups % (SCALE_REVOKED_EACH - 1) + 1;

    return (uint32_t)(group * SCALE_REVOKED_EACH + place);
}

static int revoke(const struct scale_site *site, uint64_t number, struct err *err)
{
    struct names names;
    struct revoked revoked;
    const struct revocation_request request = {
        .request_id = names.id,
        .kind = CA_SIGN,
        .serial = serial_of(site, number),
        .reason = CRL_AFFILIATION_CHANGED,
        .now = by.at,
        .by = &by,
    };

    TRY(name_operation(number, &names, err));
    return authority_add_revocation(site->store, &request, &revoked, err);
}

static void *work(void *context)
{
    struct round *round = context;
    struct err err = {0};

    for (uint64_t number = round->next++; number < round->end; number = round->next++) {
        if (round->operate(round->site, number, &err) == 0)
            continue;
        (void)pthread_mutex_lock(&round->lock);
        round->rc = err_copy(&round->err, &err);
        (void)pthread_mutex_unlock(&round->lock);
        break;
    }
    return NULL;
}

/* Of all threads. */
static double process_us(void)
{
    struct rusage usage = {.ru_utime = {0, 0}};

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* What was read by all threads so far, wherever it was (proc(5), io). */
static double read_kb(void)
{
    unsigned long long octets = 0;
    FILE *file = fopen("/proc/self/io", "re");

    if (file == NULL)
        return 0;
    if (fscanf(file, "rchar: %llu", &octets) != 1)
        octets = 0;
    (void)fclose(file);
    return (double)octets / 1000;
}

static int run(struct scale_site *site,
               int (*operate)(const struct scale_site *site, uint64_t number, struct err *err),
               uint64_t count, struct scale_cost *ret, struct err *err)
{
    struct round round = {.site = site,
                          .operate = operate,
                          .next = site->done,
                          .end = site->done + count,
                          .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS];
    int64_t started = monotonic_us();
    double worked = process_us();
    double had_read = read_kb();
    size_t made = 0;

    while (made < THREADS && pthread_create(&threads[made], NULL, work, &round) == 0)
        made++;
    for (size_t i = 0; i < made; i++)
        (void)pthread_join(threads[i], NULL);
    site->done += count;
    if (made < THREADS)
        return FAIL(err, ERR_SYSTEM, "not enough threads");
    if (round.rc < 0)
        return err_copy(err, &round.err);
    ret->clock_us = (double)(monotonic_us() - started) / (double)count;
    ret->processor_us = (process_us() - worked) / (double)count;
    ret->read_kb = (read_kb() - had_read) / (double)count;
    return 0;
}

int scale_store_issue(struct scale_site *site, struct scale_cost *ret, struct err *err)
{
    return run(site, issue, OPERATIONS, ret, err);
}

int scale_store_revoke(struct scale_site *site, struct scale_cost *ret, struct err *err)
{
    return run(site, revoke, OPERATIONS, ret, err);
}
