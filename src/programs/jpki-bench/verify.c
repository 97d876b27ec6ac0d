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
#include "programs/jpki-bench/verify_peer.h"
#include "revocation/crl_write.h"
#include "verify/index_status.h"
#include "verify/signature.h"
#include "x509/profile.h"

#include <stdlib.h>
#include <sys/resource.h>

enum {
    KEYS = 4,     /* of holders */
    CASES = 1000, /* certificates */
    SEEN = 100,   /* of them that come again and again */
    TURN = 20,    /* of them at a time */
    DOCUMENT = 4096,
    REVOKED = 25000000,
    PEER_REVOKED = 1000000, /* what its list holds */
    PEER_CASES = 10,        /* it is slow */
    PROVEN_CASES = 200,
    NOW = 1790000000,
    DAY = 86400,
};

#define GOAL_PARTS  0.85
#define GOAL_PEER   300.0
#define GOAL_PROVEN 2.5
#define GOAL_SEEN   0.7

/* Numbers that look random and are the same in each run. */
static uint32_t step(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* Revocations of about every fourth number. */
struct generator {
    size_t count, given;
    uint32_t serial, state;
};

static int generator_rewind(void *context, struct err *err)
{
    struct generator *generator = context;

    (void)err;
    generator->given = 0;
    generator->serial = 0;
    generator->state = 1;
    return 0;
}

static int generator_next(void *context, struct revocation *ret, struct err *err)
{
    struct generator *generator = context;

    if (generator->given++ == generator->count)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    generator->serial += 1 + step(&generator->state) % 7;
    *ret = (struct revocation){generator->serial,
                               NOW - DAY - (int64_t)(step(&generator->state) * 2000u),
                               (enum crl_reason)(1 + step(&generator->state) % 6)};
    return 0;
}

struct scene {
    struct privkey *keys[KEYS + 1]; /* the last one is the CA's */
    struct x509_cert *ca;
    struct buf certs[CASES];
    struct buf signatures[KEYS];
    struct signed_case cases[CASES];
    uint8_t document[DOCUMENT];
    struct revocation_set *set;
    struct buf crl;
    struct anchors *anchors;
    struct openssl_store *store, *proven;
    struct bare *bare;
};

static void scene_freep(struct scene **scene)
{
    struct scene *old = *scene;

    if (old == NULL)
        return;
    for (size_t i = 0; i <= KEYS; i++)
        privkey_free(old->keys[i]);
    for (size_t i = 0; i < KEYS; i++)
        buf_done(&old->signatures[i]);
    for (size_t i = 0; i < CASES; i++)
        buf_done(&old->certs[i]);
    x509_cert_free(old->ca);
    revocation_set_free(old->set);
    buf_done(&old->crl);
    anchors_free(old->anchors);
    openssl_store_freep(&old->store);
    openssl_store_freep(&old->proven);
    bare_freep(&old->bare);
    free(old);
    *scene = NULL;
}

static int sign_tbs(struct bytes tbs, const struct privkey *key, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, tbs, &digest, err));
    TRY(privkey_sign(key, &digest, &signature, err));
    return cert_assemble(tbs, buf_bytes(&signature), ret, err);
}

static int make_ca(struct scene *scene, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct profile_inputs inputs = {
        .serial = 1, .not_before = NOW - 365LL * DAY, .not_after = NOW + 9 * 365LL * DAY};

    TRY(privkey_spki(scene->keys[KEYS], &spki, err));
    inputs.spki = buf_bytes(&spki);
    TRY(profile_build_tbs(profile_of(PROFILE_SIGN_CA), &inputs, &tbs, err));
    TRY(sign_tbs(buf_bytes(&tbs), scene->keys[KEYS], &der, err));
    TRY(x509_cert_parse(buf_bytes(&der), &scene->ca, err));
    TRY(anchors_new(&scene->anchors, err));
    return anchors_add(scene->anchors, scene->ca, err);
}

static const struct holder holder = {
    .name = {(const uint8_t *)"試験　太郎", 15},
    .birth = {(const uint8_t *)"419900217", 9},
    .sex = {(const uint8_t *)"1", 1},
    .address = {(const uint8_t *)"兵庫県神戸市中央区見本町1丁目1番1号", 51},
    .name_substitutes = {(const uint8_t *)"00000", 5},
    .address_substitutes = {(const uint8_t *)"0000000000000000000", 19},
};

/* One that is not revoked, somewhere among those that are. */
static uint32_t free_serial(const struct revocation_set *set, uint32_t *state)
{
    struct revocation found;
    uint32_t serial;

    do
        serial = 1 + (step(state) << 12 ^ step(state)) % (3u * REVOKED);
    while (revocation_set_find(set, serial, &found, NULL) == 0);
    return serial;
}

static int make_case(struct scene *scene, size_t i, uint32_t serial, struct err *err)
{
    struct signed_case *made = &scene->cases[i];
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct profile_inputs inputs = {.serial = serial,
                                    .not_before = NOW - DAY,
                                    .not_after = NOW + 1000LL * DAY,
                                    .issuer = x509_cert_tbs(scene->ca),
                                    .common_name = "2026092023132000001281003A01",
                                    .prefecture = "Hyogo-ken",
                                    .municipality = "Kobe-shi",
                                    .holder = &holder};
    struct tbs parsed;

    TRY(privkey_spki(scene->keys[i % KEYS], &spki, err));
    inputs.spki = buf_bytes(&spki);
    TRY(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, &tbs, err));
    TRY(sign_tbs(buf_bytes(&tbs), scene->keys[KEYS], &scene->certs[i], err));
    made->cert = buf_bytes(&scene->certs[i]);
    TRY(x509_cert_read(made->cert, &parsed, &made->ca_value, err));
    made->tbs = parsed.der;
    /* The key's sequence ends with the modulus and five bytes of exponent. */
    made->modulus = bytes_part(parsed.spki, parsed.spki.len - 256 - 5, 256);
    made->document = BYTES_ARRAY(scene->document);
    made->signature = buf_bytes(&scene->signatures[i % KEYS]);
    return 0;
}

static int make_cases(struct scene *scene, struct err *err)
{
    struct digest digest;
    uint32_t state = 7;

    for (size_t i = 0; i < sizeof scene->document; i++)
        scene->document[i] = (uint8_t)step(&state);
    TRY(digest_compute(DIGEST_SHA256, BYTES_ARRAY(scene->document), &digest, err));
    for (size_t i = 0; i < KEYS; i++)
        TRY(privkey_sign(scene->keys[i], &digest, &scene->signatures[i], err));
    for (size_t i = 0; i < CASES; i++)
        TRY(make_case(scene, i, free_serial(scene->set, &state), err));
    return 0;
}

static int make_crl(struct scene *scene, struct err *err)
{
    const struct tbs *ca = x509_cert_tbs(scene->ca);
    const struct crl_head head = {.issuer = ca->subject,
                                  .authority_key_id = ca->subject_key_id,
                                  .number = 1,
                                  .this_update = NOW - DAY,
                                  .next_update = NOW + DAY};
    struct generator generator = {.count = PEER_REVOKED};
    const struct revocation_source source = {&generator, generator_rewind, generator_next};
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct crl_sink to_tbs = crl_sink_buf(&tbs);
    const struct crl_sink to_list = crl_sink_buf(&scene->crl);
    struct digest digest;

    TRY(crl_write_tbs(&head, &source, &to_tbs, NULL, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, err));
    TRY(privkey_sign(scene->keys[KEYS], &digest, &signature, err));
    return crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &to_list, err);
}

static int make_peers(struct scene *scene, struct err *err)
{
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;
    struct bytes ca = x509_cert_der(scene->ca);

    TRY(pubkey_modulus(x509_cert_pubkey(scene->ca), &modulus, err));
    TRY(bare_new(buf_bytes(&modulus), &scene->cases[0], &scene->bare, err));
    TRY(openssl_store_new(ca, buf_bytes(&scene->crl), NOW, false, &scene->store, err));
    return openssl_store_new(ca, buf_bytes(&scene->crl), NOW, true, &scene->proven, err);
}

static int scene_make(struct scene *scene, struct err *err)
{
    static const enum key_kind kinds[KEYS + 1]; /* RSA, all of them */
    struct generator generator = {.count = REVOKED};
    const struct revocation_source source = {&generator, generator_rewind, generator_next};

    TRY(keygen(kinds, scene->keys, KEYS + 1, err));
    TRY(revocation_set_new(&source, &scene->set, err));
    TRY(make_ca(scene, err));
    TRY(make_cases(scene, err));
    TRY(make_crl(scene, err));
    return make_peers(scene, err);
}

static int verify_one(const struct scene *scene, const struct signed_case *signed_case,
                      struct err *err)
{
    const struct tbs *ca = x509_cert_tbs(scene->ca);
    const struct revocation_index index = {.issuer = ca->subject,
                                           .authority_key_id = ca->subject_key_id,
                                           .voucher = pubkey_spki(x509_cert_pubkey(scene->ca)),
                                           .this_update = NOW - DAY,
                                           .next_update = NOW + DAY,
                                           .set = scene->set};
    const struct index_list list = {&index, 1};
    const struct status_source status = index_status_source(&list);
    CLEANUP(signature_report_done) struct signature_report report = SIGNATURE_REPORT_INIT;
    struct signature_inputs inputs = {.signature = signed_case->signature,
                                      .certificate = signed_case->cert,
                                      .purpose = PURPOSE_DOCUMENT,
                                      .trust = {scene->anchors, &status, NOW}};

    TRY(digest_compute(DIGEST_SHA256, signed_case->document, &inputs.digest, err));
    TRY(signature_verify(&inputs, &report, err));
    if (report.report.verdict != VERDICT_VALID)
        return FAIL(err, ERR_REMOTE, "a good document is not valid: %s",
                    reason_name(report.report.reasons[0]));
    return 0;
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
        TRY(one(scene, &scene->cases[i % CASES], err));
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

    TRY(anchors_remember(scene->anchors, 4 * (size_t)SEEN, err));
    rc = do_cases(scene, verify_one, 0, SEEN, err); /* shows all of them */
    if (rc == 0)
        rc = time_two(scene, two, SEEN, ret_us, err);
    TRY(anchors_remember(scene->anchors, 0, err));
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
