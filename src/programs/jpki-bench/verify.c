/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document of four kilobytes, the certificate of somebody never seen, and a nation's revocations:
 * what a verifier does all day, in one thread. Certificates are many, keys are few, because only
 * the certificate and the key in it have to be new to the verifier; each key is made anew from the
 * certificate every time.
 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "card/keygen.h"
#include "programs/jpki-bench/one_core.h"
#include "programs/jpki-bench/signed_cases.h"
#include "revocation/crl_write.h"

#include <stdlib.h>
#include <sys/resource.h>

enum {
    CASES = SIGNED_CASES,
    SEEN = 100, /* of them that come again and again */
    TURN = 20,  /* of them at a time */
    REVOKED = 25000000,
    PEER_REVOKED = 1000000, /* what its list holds */
    PEER_CASES = 10,        /* it is slow */
    PROVEN_CASES = 200,
    NOW = SIGNED_CASES_NOW,
    DAY = 86400,
};

#define GOAL_PARTS  0.85
#define GOAL_PEER   300.0
#define GOAL_PROVEN 2.5
#define GOAL_SEEN   0.7

struct scene {
    struct signed_cases *made;
    struct buf crl;
    struct openssl_store *store, *proven;
    struct bare *bare;
};

static void scene_freep(struct scene **scene)
{
    struct scene *old = *scene;

    if (old == NULL)
        return;
    signed_cases_freep(&old->made);
    buf_done(&old->crl);
    openssl_store_freep(&old->store);
    openssl_store_freep(&old->proven);
    bare_freep(&old->bare);
    free(old);
    *scene = NULL;
}

static int make_crl(struct scene *scene, struct err *err)
{
    const struct tbs *ca = x509_cert_tbs(scene->made->ca);
    const struct crl_head head = {.issuer = ca->subject,
                                  .authority_key_id = ca->subject_key_id,
                                  .number = 1,
                                  .this_update = NOW - DAY,
                                  .next_update = NOW + DAY};
    struct revocations_made made = {.count = PEER_REVOKED};
    const struct revocation_source source = revocations_made(&made);
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct crl_sink to_tbs = crl_sink_buf(&tbs);
    const struct crl_sink to_list = crl_sink_buf(&scene->crl);
    struct digest digest;

    TRY(crl_write_tbs(&head, &source, &to_tbs, NULL, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, err));
    TRY(privkey_sign(signed_cases_ca_key(scene->made), &digest, &signature, err));
    return crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &to_list, err);
}

static int make_peers(struct scene *scene, struct err *err)
{
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;
    struct bytes ca = x509_cert_der(scene->made->ca);

    TRY(pubkey_modulus(x509_cert_pubkey(scene->made->ca), &modulus, err));
    TRY(bare_new(buf_bytes(&modulus), &scene->made->cases[0], &scene->bare, err));
    TRY(openssl_store_new(ca, buf_bytes(&scene->crl), NOW, false, &scene->store, err));
    return openssl_store_new(ca, buf_bytes(&scene->crl), NOW, true, &scene->proven, err);
}

static int scene_make(struct scene *scene, struct err *err)
{
    TRY(signed_cases_new(REVOKED, &scene->made, err));
    TRY(make_crl(scene, err));
    return make_peers(scene, err);
}

static int verify_one(const struct scene *scene, const struct signed_case *signed_case,
                      struct err *err)
{
    return signed_cases_verify(scene->made, signed_case, err);
}

static int parts_one(const struct scene *scene, const struct signed_case *signed_case,
                     struct err *err)
{
    return bare_parts(scene->bare, signed_case, err);
}

static int raw_one(const struct scene *scene, const struct signed_case *signed_case,
                   struct err *err)
{
    (void)signed_case;
    return bare_raw(scene->bare, err);
}

static int store_one(const struct scene *scene, const struct signed_case *signed_case,
                     struct err *err)
{
    return openssl_store_verify(scene->store, signed_case, err);
}

static int proven_one(const struct scene *scene, const struct signed_case *signed_case,
                      struct err *err)
{
    return openssl_store_verify(scene->proven, signed_case, err);
}

typedef int one_fn(const struct scene *scene, const struct signed_case *signed_case,
                   struct err *err);

/* Processor time of this thread in microseconds: what others do on the machine does not count. */
static double processor_us(void)
{
    struct rusage usage = {.ru_utime = {0, 0}};

    (void)getrusage(RUSAGE_THREAD, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static int do_cases(const struct scene *scene, one_fn *one, size_t first, size_t count,
                    struct err *err)
{
    for (size_t i = first; i < first + count; i++)
        TRY(one(scene, &scene->made->cases[i % CASES], err));
    return 0;
}

/* Of what takes long: the kernel's account goes by its ticks. */
static int time_each(const struct scene *scene, one_fn *one, size_t count, double *ret_us,
                     struct err *err)
{
    double started = processor_us();

    TRY(do_cases(scene, one, 0, count, err));
    *ret_us = (processor_us() - started) / (double)count;
    return 0;
}

/*
 * In turns of about a millisecond by the clock; the median turn of each, so that those in which
 * something else was let onto the processor do not count.
 */
static int time_two(const struct scene *scene, one_fn *const two[2], size_t among, double ret_us[2],
                    struct err *err)
{
    double turns[2][CASES / TURN] = {{0}};

    for (size_t i = 0; i < CASES / TURN; i++)
        for (size_t n = 0; n < 2; n++) {
            int64_t started = monotonic_us();

            TRY(do_cases(scene, two[n], i * TURN % among, TURN, err));
            turns[n][i] = (double)(monotonic_us() - started);
        }
    for (size_t n = 0; n < 2; n++)
        ret_us[n] = median(turns[n], CASES / TURN) / TURN;
    return 0;
}

/* Microseconds of each, round by round. */
struct times {
    double ours[BENCH_ROUNDS], seen[BENCH_ROUNDS], parts[BENCH_ROUNDS], raw[BENCH_ROUNDS],
        store[BENCH_ROUNDS], proven[BENCH_ROUNDS];
};

static int time_seen(struct scene *scene, double ret_us[2], struct err *err)
{
    static one_fn *const two[2] = {verify_one, raw_one};
    int rc;

    TRY(anchors_remember(scene->made->anchors, 4 * (size_t)SEEN, err));
    rc = do_cases(scene, verify_one, 0, SEEN, err); /* shows all of them */
    if (rc == 0)
        rc = time_two(scene, two, SEEN, ret_us, err);
    TRY(anchors_remember(scene->made->anchors, 0, err));
    return rc;
}

static int time_round(struct scene *scene, int round, struct times *times, struct err *err)
{
    static one_fn *const two[2] = {verify_one, parts_one};
    double us[2];

    TRY(time_two(scene, two, CASES, us, err));
    times->ours[round] = us[0];
    times->parts[round] = us[1];
    TRY(time_seen(scene, us, err));
    times->seen[round] = us[0];
    times->raw[round] = us[1];
    TRY(time_each(scene, proven_one, PROVEN_CASES, &times->proven[round], err));
    return time_each(scene, store_one, PEER_CASES, &times->store[round], err);
}

/* The median over the rounds of what one took by what the other took. */
static double ratio(const double *one, const double *other)
{
    double ratios[BENCH_ROUNDS];

    for (int i = 0; i < BENCH_ROUNDS; i++)
        ratios[i] = one[i] / other[i];
    return median(ratios, BENCH_ROUNDS);
}

static void conclude(struct times *times, struct bench_result *ret)
{
    const struct bench_goal goals[] = {
        {"of the rate of its hashes and verifications alone", ratio(times->parts, times->ours),
         GOAL_PARTS, true},
        {"times X509_verify_cert with a list of a million in the store",
         ratio(times->store, times->ours), GOAL_PEER, true},
        {"times the same with the list's signature checked once", ratio(times->proven, times->ours),
         GOAL_PROVEN, true},
        {"of the raw verification rate for a certificate seen before",
         ratio(times->raw, times->seen), GOAL_SEEN, true},
    };

    *ret = (struct bench_result){
        .peer = median(times->store, BENCH_ROUNDS),
        .limit = median(times->parts, BENCH_ROUNDS),
        .unit = "us",
        .note = "a signature over 4 kB, a certificate never seen and 25 million revocations in "
                "memory, one thread; peer: d2i_X509, X509_verify_cert with a list of a million in "
                "the store and EVP_DigestVerify; limit: two hashes, the CA's verification with a "
                "kept key and one with a key made of its modulus",
    };
    for (size_t i = 0; i < sizeof goals / sizeof goals[0]; i++)
        bench_add_goal(ret, &goals[i]);
    bench_set_ours(ret, times->ours, BENCH_ROUNDS);
}

int bench_verify(struct bench_result *ret, struct err *err)
{
    CLEANUP(scene_freep) struct scene *scene = calloc(1, sizeof *scene);
    struct one_core core = ONE_CORE_INIT;
    struct times times;
    int rc;

    if (scene == NULL)
        return FAIL_NOMEM(err);
    TRY(scene_make(scene, err));
    rc = one_core_enter(&core, err);
    for (int round = 0; rc == 0 && round < BENCH_ROUNDS; round++)
        rc = time_round(scene, round, &times, err);
    one_core_leave(&core);
    TRY(rc);
    conclude(&times, ret);
    return 0;
}
