/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The revocation feed at the size of a nation: five of a hundred million dense serial numbers are
 * revoked. Size and answers are compared with a plain bitmap's, the size with a CRL's, too. Lookups
 * are timed by the processor's time of this thread.
 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "revocation/crl_write.h"
#include "revocation/feed_body.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ISSUED = 100000000,
    REVOKED = 5000000,
    DAY_REVOKED = 13700,
    DAY_ISSUED = 110000,
    LOOKUPS = 5000000,
    ENVELOPE = 2048, /* bytes of head, signature and certificate, rounded up */
    DAY_SECONDS = 86400,
    WORD_BITS = 64,
    BYTE_BITS = 8,
};

static const double bound_bits = 5.728; /* entropy of one in twenty, for each that is revoked */

/* xorshift64 (G. Marsaglia, 2003): the same numbers in each run. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static uint32_t random_serial(uint64_t *seed, uint32_t last)
{
    return 1 + (uint32_t)((next_random(seed) >> 32) * (uint64_t)last >> 32);
}

struct nation {
    struct feed_state state;
    struct feed_state read; /* the same, from the bytes of its snapshot */
    struct feed_state random;
    struct buf body;
    uint64_t *bitmap;
    double lookups_us[2][BENCH_ROUNDS]; /* of the feed, of the bitmap */
    double random_bits, random_us, crl_bytes, delta_kb;
};

static void nation_done(struct nation *nation)
{
    feed_state_done(&nation->state);
    feed_state_done(&nation->read);
    feed_state_done(&nation->random);
    buf_done(&nation->body);
    free(nation->bitmap);
}

static bool has_bit(const uint64_t *bitmap, uint32_t serial)
{
    return (bitmap[serial / WORD_BITS] >> serial % WORD_BITS & 1) != 0;
}

static int revoke_some(struct feed_state *state, size_t count, uint64_t *seed, struct err *err)
{
    size_t goal = serial_set_count(state->revoked) + count;

    while (serial_set_count(state->revoked) < goal) {
        int rc = serial_set_add(state->revoked, random_serial(seed, state->issued), err);

        if (rc < 0 && rc != -ERR_CONFLICT)
            return rc;
    }
    return 0;
}

static int make_nation(struct nation *nation, uint64_t *seed, struct err *err)
{
    nation->bitmap = calloc(ISSUED / WORD_BITS + 1, sizeof *nation->bitmap);
    if (nation->bitmap == NULL)
        return FAIL_NOMEM(err);
    TRY(feed_state_init(&nation->state, err));
    nation->state.issued = ISSUED;
    TRY(revoke_some(&nation->state, REVOKED, seed, err));
    for (uint32_t serial = 1; serial <= ISSUED; serial++)
        if (serial_set_has(nation->state.revoked, serial))
            nation->bitmap[serial / WORD_BITS] |= UINT64_C(1) << serial % WORD_BITS;
    TRY(feed_write_snapshot(&nation->state, &nation->body, err));
    return feed_read_snapshot(buf_bytes(&nation->body), 0, &nation->read, err);
}

/* Every number, also those that are not covered. */
static int check_exact(const struct nation *nation, struct err *err)
{
    for (uint32_t serial = 1; serial <= ISSUED; serial++)
        if ((feed_state_find(&nation->read, serial) == FEED_REVOKED) !=
            has_bit(nation->bitmap, serial))
            return FAIL(err, ERR_SYSTEM, "the feed and the bitmap differ");
    if (feed_state_find(&nation->read, 0) != FEED_NOT_COVERED ||
        feed_state_find(&nation->read, ISSUED + 1) != FEED_NOT_COVERED)
        return FAIL(err, ERR_SYSTEM, "the feed covers what was not issued");
    return 0;
}

static double time_feed(const struct feed_state *state, uint64_t seed, size_t *ret_revoked)
{
    int64_t started = thread_us();
    size_t revoked = 0;

    for (int i = 0; i < LOOKUPS; i++)
        revoked += feed_state_find(state, random_serial(&seed, state->issued)) == FEED_REVOKED;
    *ret_revoked = revoked;
    return (double)(thread_us() - started);
}

static double time_bitmap(const uint64_t *bitmap, uint64_t seed, size_t *ret_revoked)
{
    int64_t started = thread_us();
    size_t revoked = 0;

    for (int i = 0; i < LOOKUPS; i++)
        revoked += has_bit(bitmap, random_serial(&seed, ISSUED));
    *ret_revoked = revoked;
    return (double)(thread_us() - started);
}

static int measure_lookups(struct nation *nation, uint64_t seed, struct err *err)
{
    size_t found[2];

    for (int round = 0; round < BENCH_ROUNDS; round++) {
        nation->lookups_us[0][round] = time_feed(&nation->read, seed, &found[0]);
        nation->lookups_us[1][round] = time_bitmap(nation->bitmap, seed, &found[1]);
        if (found[0] != found[1] || found[0] == 0)
            return FAIL(err, ERR_SYSTEM, "the feed and the bitmap differ");
        seed = seed * 3 + 1;
    }
    return 0;
}

static int measure_day(struct nation *nation, uint64_t *seed, struct err *err)
{
    CLEANUP(feed_change_done) struct feed_change change = {.number = 0};
    CLEANUP(feed_change_done) struct feed_change read = {.number = 0};
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    nation->state.issued += DAY_ISSUED;
    nation->state.number += DAY_REVOKED;
    TRY(revoke_some(&nation->state, DAY_REVOKED, seed, err));
    TRY(feed_state_compare(&nation->read, &nation->state, &change, err));
    TRY(feed_write_delta(&change, &body, err));
    TRY(feed_read_delta(buf_bytes(&body), change.number, &read, err));
    TRY(feed_state_apply(&nation->read, &read, NULL, err));
    if (serial_set_count(nation->read.revoked) != REVOKED + DAY_REVOKED)
        return FAIL(err, ERR_SYSTEM, "the delta has lost a revocation");
    nation->delta_kb = (double)(body.len + ENVELOPE) / 1000;
    return 0;
}

/* The same number of revocations among all numbers of four octets. */
static int measure_random(struct nation *nation, uint64_t *seed, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(feed_state_done) struct feed_state state = {.revoked = NULL};
    double times[BENCH_ROUNDS];
    size_t found;

    TRY(feed_state_init(&state, err));
    state.issued = UINT32_MAX;
    TRY(revoke_some(&state, REVOKED, seed, err));
    TRY(feed_write_snapshot(&state, &body, err));
    TRY(feed_read_snapshot(buf_bytes(&body), 0, &nation->random, err));
    for (int round = 0; round < BENCH_ROUNDS; round++)
        times[round] = time_feed(&nation->random, *seed + (unsigned)round, &found);
    nation->random_us = median(times, BENCH_ROUNDS);
    nation->random_bits = (double)body.len * BYTE_BITS / REVOKED;
    return 0;
}

/* What a list of the same revocations has, for its size: dates of a year, one reason. */
struct walk {
    const uint64_t *bitmap;
    uint32_t serial;
};

static int walk_rewind(void *context, struct err *err)
{
    struct walk *walk = context;

    (void)err;
    walk->serial = 0;
    return 0;
}

static int walk_next(void *context, struct revocation *ret, struct err *err)
{
    struct walk *walk = context;

    do
        walk->serial++;
    while (walk->serial <= ISSUED && !has_bit(walk->bitmap, walk->serial));
    if (walk->serial > ISSUED)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    *ret = (struct revocation){walk->serial,
                               1790000000 - (int64_t)(walk->serial % 365) * DAY_SECONDS,
                               CRL_AFFILIATION_CHANGED};
    return 0;
}

static int count_bytes(void *context, struct bytes piece, struct err *err)
{
    double *size = context;

    (void)err;
    *size += (double)piece.len;
    return 0;
}

static int measure_crl(struct nation *nation, struct err *err)
{
    static const uint8_t name[] = {0x30, 0x00};
    static const uint8_t key_id[20] = {0};
    struct walk walk = {nation->bitmap, 0};
    const struct revocation_source source = {&walk, walk_rewind, walk_next};
    const struct crl_sink sink = {&nation->crl_bytes, count_bytes};
    const struct crl_head head = {.issuer = BYTES_ARRAY(name),
                                  .authority_key_id = BYTES_ARRAY(key_id),
                                  .number = 1,
                                  .this_update = 1790000000,
                                  .next_update = 1790000000 + DAY_SECONDS};

    return crl_write_tbs(&head, &source, &sink, NULL, err);
}

static void tell(struct nation *nation, struct bench_result *ret)
{
    static char note[512];
    double bits = (double)nation->body.len * BYTE_BITS / REVOKED;
    double lookup = median(nation->lookups_us[0], BENCH_ROUNDS);
    double bitmap = median(nation->lookups_us[1], BENCH_ROUNDS);

    (void)snprintf(
        note, sizeof note,
        "5 M revoked of 100 M dense serial numbers, bits for each; peer: a plain "
        "bitmap; limit: the entropy. All answers are the bitmap's. %.0f M lookups/s "
        "(bitmap %.0f M) in %.1f MB of memory. A CRL takes %.0f bits. 5 M random "
        "serial numbers of 4 octets: %.2f bits, %.0f M lookups/s, %.1f MB",
        LOOKUPS / lookup, LOOKUPS / bitmap, (double)serial_set_memory(nation->read.revoked) / 1e6,
        nation->crl_bytes * BYTE_BITS / REVOKED, nation->random_bits, LOOKUPS / nation->random_us,
        (double)serial_set_memory(nation->random.revoked) / 1e6);
    *ret = (struct bench_result){.ours = bits,
                                 .peer = (double)ISSUED / REVOKED,
                                 .limit = bound_bits,
                                 .unit = "bits",
                                 .note = note};
    bench_add_goal(ret, &(struct bench_goal){"bits for a revocation", bits, 7, false});
    bench_add_goal(ret, &(struct bench_goal){"kB for a day's delta", nation->delta_kb, 40, false});
    bench_add_goal(ret,
                   &(struct bench_goal){"million lookups a second", LOOKUPS / lookup, 10, true});
}

int bench_feed(struct bench_result *ret, struct err *err)
{
    CLEANUP(nation_done) struct nation nation = {.body = BUF_INIT};
    uint64_t seed = 20261125;

    TRY(make_nation(&nation, &seed, err));
    TRY(check_exact(&nation, err));
    TRY(measure_lookups(&nation, seed, err));
    TRY(measure_crl(&nation, err));
    TRY(measure_day(&nation, &seed, err));
    TRY(measure_random(&nation, &seed, err));
    tell(&nation, ret);
    return 0;
}
