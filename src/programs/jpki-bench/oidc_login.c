/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole logins at the OpenID provider: from the relying party's request to its ID token, with a
 * card that nobody has seen before, everything over HTTP and durable. Beside it the public-key
 * operations that such a login has, alone, in the same rounds. Browser, card and relying party are
 * in this process, so theirs are counted on both sides.
 */
#include "base/file.h"
#include "card/keygen.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/ocsp_lab.h"
#include "programs/jpki-bench/oidc_client.h"

#include <pthread.h>

enum { CLIENTS = 8, LOGINS = OIDC_LAB_CARDS / BENCH_ROUNDS, REPEATS = 100 };

static const double least = 0.3;

/* ---- alone ---- */

/* What is signed and verified; each key is the one of its kind that the logins have. */
struct alone {
    const struct oidc_lab *lab;
    struct privkey *platform; /* on P-256, as signerd has it for the platform */
    struct pubkey *platform_public, *card, *client;
    struct digest digest;
};

static void alone_done(struct alone *alone)
{
    privkey_freep(&alone->platform);
    pubkey_freep(&alone->platform_public);
    pubkey_freep(&alone->card);
    pubkey_freep(&alone->client);
}

static int public_of(const struct privkey *key, struct pubkey **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    TRY(privkey_spki(key, &spki, err));
    return pubkey_from_spki_jws(buf_bytes(&spki), ret, err);
}

static int alone_make(const struct oidc_lab *lab, struct alone *alone, struct err *err)
{
    alone->lab = lab;
    TRY(privkey_generate_p256(&alone->platform, err));
    TRY(public_of(alone->platform, &alone->platform_public, err));
    TRY(public_of(lab->card_key, &alone->card, err));
    TRY(public_of(lab->client_key, &alone->client, err));
    return digest_compute(DIGEST_SHA256, BYTES_LITERAL("a login"), &alone->digest, err);
}

/* The certificate is encrypted to the platform and opened there. */
static int agree(const struct alone *alone, struct err *err)
{
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    CLEANUP(secret_done) struct secret sent = SECRET_INIT;
    CLEANUP(secret_done) struct secret found = SECRET_INIT;

    TRY(pubkey_agree(alone->platform_public, &sent, &point, err));
    return privkey_agree(alone->platform, buf_bytes(&point), &found, err);
}

/* The card signs; its signature and the CA's on its certificate are verified. */
static int sign_and_verify(const struct alone *alone, const struct privkey *key,
                           const struct pubkey *public, unsigned verifications, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    TRY(privkey_sign(key, &alone->digest, &signature, err));
    for (unsigned i = 0; i < verifications; i++)
        TRY(pubkey_verify_kind(public, privkey_kind(key), &alone->digest, buf_bytes(&signature),
                               err));
    return 0;
}

/* An assertion that is verified, and an ID token that is not. */
static int time_alone(const struct alone *alone, double *ret_us, struct err *err)
{
    double started = ocsp_lab_worked_us(RUSAGE_THREAD);

    for (int i = 0; i < REPEATS; i++) {
        TRY(agree(alone, err));
        TRY(sign_and_verify(alone, alone->lab->card_key, alone->card, 2, err));
        TRY(sign_and_verify(alone, alone->lab->client_key, alone->client, 1, err));
        TRY(sign_and_verify(alone, alone->lab->client_key, alone->client, 0, err));
    }
    *ret_us = (ocsp_lab_worked_us(RUSAGE_THREAD) - started) / REPEATS;
    return 0;
}

/* ---- over HTTP ---- */

struct visitor {
    pthread_t thread;
    const struct oidc_lab *lab;
    size_t first, count; /* of the cards */
    int rc;
    struct err err;
};

static int visit(struct visitor *visitor, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;

    TRY(oidc_client_connect(visitor->lab, &fd, err));
    for (size_t i = 0; i < visitor->count; i++)
        TRY(oidc_client_login(visitor->lab, fd, visitor->first + i, err));
    return 0;
}

static void *visit_apart(void *context)
{
    struct visitor *visitor = context;

    visitor->rc = visit(visitor, &visitor->err);
    return NULL;
}

/* All of one round's, by several at once; the first failure of any. */
static int log_in_all(const struct oidc_lab *lab, int round, struct err *err)
{
    struct visitor visitors[CLIENTS];
    size_t begun = 0;
    int rc = 0;

    for (; begun < CLIENTS; begun++) {
        struct visitor *visitor = &visitors[begun];
        size_t from = LOGINS * begun / CLIENTS;

        *visitor = (struct visitor){.lab = lab,
                                    .first = (size_t)round * LOGINS + from,
                                    .count = LOGINS * (begun + 1) / CLIENTS - from};
        if (pthread_create(&visitor->thread, NULL, visit_apart, visitor) != 0)
            break;
    }
    for (size_t i = 0; i < begun; i++) {
        (void)pthread_join(visitors[i].thread, NULL);
        if (rc == 0 && visitors[i].rc < 0)
            rc = err_copy(err, &visitors[i].err);
    }
    return begun == CLIENTS ? rc : FAIL_NOMEM(err);
}

/* Time of processors up to now: of this process, of both signerds. */
static int read_worked(const struct oidc_lab *lab, double *ret_here, double *ret_signing,
                       struct err *err)
{
    double signing[2];

    for (int i = 0; i < 2; i++)
        TRY(processor_time_us(lab->signerds[i], &signing[i], err));
    *ret_here = ocsp_lab_worked_us(RUSAGE_SELF);
    *ret_signing = signing[0] + signing[1];
    return 0;
}

struct times {
    double ours[BENCH_ROUNDS], alone[BENCH_ROUNDS], ratio[BENCH_ROUNDS], here[BENCH_ROUNDS],
        signing[BENCH_ROUNDS], rate[BENCH_ROUNDS];
};

static int time_round(const struct oidc_lab *lab, const struct alone *alone, int i,
                      struct times *times, struct err *err)
{
    double here[2];
    double signing[2];
    int64_t started;

    TRY(time_alone(alone, &times->alone[i], err));
    TRY(read_worked(lab, &here[0], &signing[0], err));
    started = monotonic_us();
    TRY(log_in_all(lab, i, err));
    times->rate[i] = LOGINS * 1e6 / (double)(monotonic_us() - started);
    TRY(read_worked(lab, &here[1], &signing[1], err));
    times->here[i] = (here[1] - here[0]) / LOGINS;
    times->signing[i] = (signing[1] - signing[0]) / LOGINS;
    times->ours[i] = times->here[i] + times->signing[i];
    times->ratio[i] = times->alone[i] / times->ours[i];
    return 0;
}

static void conclude(struct times *times, struct bench_result *ret)
{
    const struct bench_goal goal = {"of the rate of its public-key operations alone",
                                    median(times->ratio, BENCH_ROUNDS), least, true};
    const struct bench_part parts[] = {
        {"provider, platform, browser, card and relying party, of a processor",
         median(times->here, BENCH_ROUNDS), "us"},
        {"signerd, which opens and signs", median(times->signing, BENCH_ROUNDS), "us"},
        {"logins a second by the clock, 8 at a time", median(times->rate, BENCH_ROUNDS), "/s"},
    };

    *ret = (struct bench_result){
        .limit = median(times->alone, BENCH_ROUNDS),
        .unit = "us",
        .note = "time of a processor of a whole login, from the relying party's request to its ID "
                "token, by a card never seen, durable and audited, signerd included; limit: its "
                "public-key operations alone (RSA-2048: signing, two verifications; P-256: "
                "agreeing on a key on both sides, two signatures, a verification)",
    };
    bench_add_goal(ret, &goal);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        bench_add_part(ret, &parts[i]);
    bench_set_ours(ret, times->ours, BENCH_ROUNDS);
}

int bench_oidc_login(struct bench_result *ret, struct err *err)
{
    CLEANUP(oidc_lab_down) struct oidc_lab lab = {.dir = NULL};
    CLEANUP(alone_done) struct alone alone = {.platform = NULL};
    struct times times;

    TRY(oidc_lab_up(&lab, err));
    TRY(alone_make(&lab, &alone, err));
    for (int round = 0; round < BENCH_ROUNDS; round++)
        TRY(time_round(&lab, &alone, round, &times, err));
    conclude(&times, ret);
    return 0;
}
