/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card of somebody's is five keys, and everything else should hardly show. How long one key
 * takes is left to chance, so each round makes several cards and as many sets of keys.
 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "card/keygen.h"

#include <stdio.h>
#include <stdlib.h>

enum { CARDS = 3, KEYS = 5 };

#define GOAL 1.3

struct place {
    char dir[sizeof "/tmp/jpki-bench-make-XXXXXX"];
    char *program, *ca;
};

static void place_done(struct place *place)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", place->dir, NULL};
    double unused = 0;

    if (place->dir[0] != '\0' && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", place->dir);
    free_text(&place->program);
    free_text(&place->ca);
}

static int place_make(struct place *place, struct err *err)
{
    struct place made = {.dir = "/tmp/jpki-bench-make-XXXXXX"};

    if (mkdtemp(made.dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    *place = made;
    TRY(path_format(&place->ca, err, "%s/ca", place->dir));
    return beside("jpki-softcard", &place->program, err);
}

static int make_card(const struct place *place, int round, int number, double *ret_us,
                     struct err *err)
{
    CLEANUP(free_text) char *card = NULL;

    TRY(path_format(&card, err, "%s/%d-%d", place->dir, round, number));
    const char *const argv[] = {place->program, "make",   "--own-ca", place->ca,
                                "--persona",    "hanako", "--kind",   "plastic",
                                "-o",           card,     NULL};
    return run_command(argv, ret_us, NULL, err);
}

static int time_cards(const struct place *place, int round, double *ret_us, struct err *err)
{
    double sum = 0;

    for (int i = 0; i < CARDS; i++) {
        double one;

        TRY(make_card(place, round, i, &one, err));
        sum += one;
    }
    *ret_us = sum / CARDS;
    return 0;
}

static int time_keys(double *ret_us, struct err *err)
{
    static const enum key_kind kinds[KEYS]; /* RSA, all of them */
    int64_t started = monotonic_us();

    _Static_assert(KEY_RSA == 0, "zeros are RSA keys");
    for (int i = 0; i < CARDS; i++) {
        struct privkey *keys[KEYS];

        TRY(keygen(kinds, keys, KEYS, err));
        for (int k = 0; k < KEYS; k++)
            privkey_free(keys[k]);
    }
    *ret_us = (double)(monotonic_us() - started) / CARDS;
    return 0;
}

int bench_card_make(struct bench_result *ret, struct err *err)
{
    CLEANUP(place_done) struct place place = {.dir = ""};
    double ours[BENCH_ROUNDS];
    double peer[BENCH_ROUNDS];
    double unused;

    TRY(place_make(&place, err));
    TRY(make_card(&place, BENCH_ROUNDS, 0, &unused, err)); /* makes the CA, once */
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        TRY(time_cards(&place, round, &ours[round], err));
        TRY(time_keys(&peer[round], err));
    }
    *ret = (struct bench_result){
        .ours = median(ours, BENCH_ROUNDS) / 1e3,
        .peer = median(peer, BENCH_ROUNDS) / 1e3,
        .unit = "ms",
        .note = "jpki-softcard make --own-ca as a whole process, the CA being there; peer: five "
                "RSA-2048 keys in as many threads and nothing else; limit: the goal of 1.3 of that",
    };
    ret->limit = ret->peer * GOAL;
    return 0;
}
