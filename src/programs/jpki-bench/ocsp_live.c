/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that are signed for each question, because it has a nonce: through HTTP and signerd, and
 * in this process alone, beside what `openssl speed` signs on the same processors.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/ocsp_lab.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

enum { QUESTIONS = 8192, NONCE = 32, RUN_US = 1000000 };

static const double least_live = 0.65, least_in_process = 0.85;

static int prepare(struct ocsp_lab *lab, struct ocsp_lab_file *questions, struct err *err)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        CLEANUP(buf_done) struct buf request = BUF_INIT;
        uint8_t nonce[NONCE];
        uint32_t serial;

        TRY(rand_fill(nonce, sizeof nonce, err));
        TRY(rand_fill(&serial, sizeof serial, err));
        TRY(ocsp_lab_request(lab, 1 + serial % OCSP_LAB_ISSUED, BYTES_ARRAY(nonce), &request, err));
        TRY(ocsp_lab_add(questions, buf_bytes(&request), err));
    }
    return ocsp_lab_save(lab, questions, "live", err);
}

/*
 * "+F2:2:2048:<signatures a second>:<verifications>" at the end. Two processes count the time on
 * the clock, all signatures together; one counts the time of its processor.
 */
static int measure_speed(const char *processes, double *ret, struct err *err)
{
    static const char label[] = "+F2:2:2048:";
    const char *const one[] = {"/usr/bin/openssl", "speed", "-seconds", "1", "-mr",
                               "rsa2048",          NULL};
    const char *const many[] = {"/usr/bin/openssl", "speed",   "-seconds", "1", "-mr",
                                "-multi",           processes, "rsa2048",  NULL};
    CLEANUP(buf_done) struct buf said = BUF_INIT;
    const char *at;
    const char *last = NULL;
    double unused = 0;

    TRY(run_command(processes == NULL ? one : many, &unused, &said, err));
    TRY(buf_text(&said, &at, err));
    for (at = strstr(at, label); at != NULL; at = strstr(at + 1, label))
        last = at;
    if (last == NULL)
        return FAIL(err, ERR_REMOTE, "openssl speed says nothing that is understood");
    *ret = strtod(last + sizeof label - 1, NULL);
    return 0;
}

/* ---- in process ---- */

struct signing {
    struct ocsp_lab *lab;
    EVP_PKEY *key; /* of this measurement, and thrown away */
    struct bytes questions;
};

static void key_done(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

/* As signerd does it. */
static int sign_digest(EVP_PKEY *key, const struct digest *digest, struct buf *ret, struct err *err)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    uint8_t signature[512];
    size_t len = sizeof signature;
    bool is_done = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
                   EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                   EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
                   EVP_PKEY_sign(ctx, signature, &len, digest->value, digest->len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return is_done ? buf_append(ret, bytes_of(signature, len), err)
                   : FAIL(err, ERR_SYSTEM, "nothing was signed");
}

/* As ocsp_respond, with the key at hand. */
static int sign_one(const struct signing *signing, struct bytes question, struct err *err)
{
    const struct ocsp_responder *responder = &signing->lab->responder;
    struct ocsp_knowledge knowledge = {.valid_s = responder->valid_s};
    struct ocsp_client client = {signing->lab->client, REQUESTER_UNCOUNTED};
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    int64_t now = clock_now(responder->clock);
    enum ocsp_status status = OCSP_INTERNAL_ERROR;
    struct ocsp_request request;
    struct ocsp_response response;
    struct digest digest;
    int rc;

    TRY(ocsp_request_parse(question, &request, err));
    ocsp_index_read(&signing->lab->responder.index, OCSP_CA_SIGN, &knowledge);
    rc = ocsp_admit(&knowledge, &request, &client, now, &status, err);
    if (rc == 0 && status == OCSP_SUCCESSFUL)
        rc = ocsp_build(&knowledge, &request, now, &response, &data, err);
    ocsp_index_release(&signing->lab->responder.index);
    TRY(rc);
    if (status != OCSP_SUCCESSFUL)
        return FAIL(err, ERR_REMOTE, "a question is refused");
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&data), &digest, err));
    TRY(sign_digest(signing->key, &digest, &signature, err));
    return ocsp_response_assemble(buf_bytes(&data), buf_bytes(&signature),
                                  x509_cert_der(knowledge.responder), &answer, err);
}

static int measure_in_process(const struct signing *signing, double *ret, struct err *err)
{
    struct bytes rest = signing->questions;
    double begun = ocsp_lab_worked_us(RUSAGE_THREAD);
    unsigned count = 0;

    for (; ocsp_lab_worked_us(RUSAGE_THREAD) - begun < RUN_US && rest.len > 0; count++) {
        size_t len = (size_t)rest.ptr[0] << 8 | rest.ptr[1];

        TRY(sign_one(signing, bytes_part(rest, 2, len), err));
        rest = bytes_part(rest, 2 + len, rest.len - 2 - len);
    }
    *ret = count * 1e6 / (ocsp_lab_worked_us(RUSAGE_THREAD) - begun);
    return 0;
}

struct rounds {
    double live[BENCH_ROUNDS], speed[BENCH_ROUNDS]; /* a second, on all processors */
    double here[BENCH_ROUNDS], signing[BENCH_ROUNDS], asking[BENCH_ROUNDS]; /* us of a processor */
    double p99_ms[BENCH_ROUNDS];                              /* at half of the rate */
    double in_process[BENCH_ROUNDS], speed_one[BENCH_ROUNDS]; /* and of one's time */
};

static int measure_live(const struct ocsp_lab *lab, const struct ocsp_target *target,
                        struct rounds *ret, size_t i, struct err *err)
{
    struct ocsp_lab_load load;

    TRY(ocsp_lab_load(lab, target, 0, &load, err));
    ret->live[i] = load.rate;
    ret->here[i] = load.cost.here;
    ret->signing[i] = load.cost.signing;
    ret->asking[i] = load.cost.asking;
    TRY(ocsp_lab_load(lab, target, ocsp_lab_half(load.rate), &load, err));
    ret->p99_ms[i] = load.p99_ms;
    return 0;
}

static int run(struct ocsp_lab *lab, struct ocsp_lab_file *questions, struct rounds *ret,
               struct err *err)
{
    CLEANUP(key_done) EVP_PKEY *key = EVP_RSA_gen(2048);
    struct ocsp_target target = {.path = "/sign"};

    TRY(ocsp_lab_up(lab, 0, err));
    TRY(prepare(lab, questions, err));
    if (key == NULL)
        return FAIL(err, ERR_SYSTEM, "there is no key to sign with");
    target.file = questions->path;
    target.port = lab->port;
    const struct signing signing = {lab, key, buf_bytes(&questions->text)};
    for (size_t i = 0; i < BENCH_ROUNDS; i++) {
        TRY(measure_speed("2", &ret->speed[i], err));
        TRY(measure_live(lab, &target, ret, i, err));
        TRY(measure_speed(NULL, &ret->speed_one[i], err));
        TRY(measure_in_process(&signing, &ret->in_process[i], err));
    }
    return 0;
}

/* Where the time of an answer goes. */
static void add_parts(struct rounds *rounds, double sum, struct bench_result *ret)
{
    bench_add_part(ret, &(struct bench_part){"of a processor for an answer", sum, "us"});
    bench_add_part(ret, &(struct bench_part){"of them in signerd",
                                             median(rounds->signing, BENCH_ROUNDS), "us"});
    bench_add_part(ret, &(struct bench_part){"of them in the responder",
                                             median(rounds->here, BENCH_ROUNDS), "us"});
    bench_add_part(ret, &(struct bench_part){"of them in wrk, which asks",
                                             median(rounds->asking, BENCH_ROUNDS), "us"});
    bench_add_part(ret, &(struct bench_part){"until 99 of 100 answers are there, at half the rate",
                                             median(rounds->p99_ms, BENCH_ROUNDS), "ms"});
}

static void conclude(struct rounds *rounds, struct bench_result *ret)
{
    double ours[BENCH_ROUNDS];
    double speed = median(rounds->speed, BENCH_ROUNDS);
    double live = median(rounds->live, BENCH_ROUNDS);
    double in_process = median(rounds->in_process, BENCH_ROUNDS);
    double speed_one = median(rounds->speed_one, BENCH_ROUNDS);
    double cost_us = median(rounds->here, BENCH_ROUNDS) + median(rounds->signing, BENCH_ROUNDS) +
                     median(rounds->asking, BENCH_ROUNDS);

    for (size_t i = 0; i < BENCH_ROUNDS; i++)
        ours[i] = 1e6 / rounds->live[i];
    bench_set_ours(ret, ours, BENCH_ROUNDS);
    ret->limit = 1e6 / speed;
    bench_add_goal(ret, &(struct bench_goal){"of what openssl speed signs, by the clock",
                                             live / speed, least_live, true});
    bench_add_goal(ret, &(struct bench_goal){"of it in time of processors, with wrk's",
                                             1e6 / speed_one / cost_us, least_live, true});
    bench_add_goal(ret, &(struct bench_goal){"of it in this process, in time of a processor",
                                             in_process / speed_one, least_in_process, true});
    add_parts(rounds, cost_us, ret);
    ret->unit = "us";
    ret->note = "an answer with a nonce, RSA-2048, through HTTP and signerd, with wrk on the same "
                "processors; limit: openssl speed -multi 2";
}

int bench_ocsp_live(struct bench_result *ret, struct err *err)
{
    static struct ocsp_lab lab;
    CLEANUP(ocsp_lab_file_done) struct ocsp_lab_file questions = {.path = NULL};
    struct rounds rounds;
    int rc = run(&lab, &questions, &rounds, err);

    ocsp_lab_down(&lab);
    TRY(rc);
    conclude(&rounds, ret);
    return 0;
}
