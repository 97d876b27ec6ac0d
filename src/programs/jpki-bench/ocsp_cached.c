/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that are kept, of a hundred thousand certificates among a hundred million, beside the
 * same engine that answers a constant of that size, and beside `openssl ocsp`.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/rand.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/ocsp_lab.h"
#include "sandbox/process.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HOT = 100000,
    KEEP = 131072,
    THREADS = 2,
    PEER_START_MS = 20000,
    PEER_STOP_MS = 2000,
    LOG_MAX = 1 << 24
};

static const double least_of_constant = 0.8, least_of_peer = 25, least_of_peer_new = 5;

/* A CA of openssl's own with a thousand certificates. */
static const char make_peer[] =
    "set -e; cd \"$1\"\n"
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout peer.key -out peer.pem -days 30"
    " -subj /CN=peer 2> /dev/null\n"
    "for i in $(seq 4096 5095); do\n"
    "  printf 'V\\t400101000000Z\\t\\t%X\\tunknown\\t/CN=%d\\n' $i $i\n"
    "done > index.txt\n"
    "openssl ocsp -issuer peer.pem -serial 4100 -no_nonce -reqout peer.req\n";

struct warming {
    pthread_t thread;
    struct ocsp_lab *lab;
    const uint32_t *serials;
    size_t count;
    int rc;
    struct err err;
};

static int warm_one(struct ocsp_lab *lab, struct ocsp_worker *worker, uint32_t serial,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(ocsp_exchange_done)
    struct ocsp_exchange exchange = {.client = {.certificate = lab->client},
                                     .now = clock_now(lab->responder.clock)};

    TRY(ocsp_lab_request(lab, serial, (struct bytes){NULL, 0}, &request, err));
    exchange.request = buf_bytes(&request);
    TRY(ocsp_respond(&lab->responder, worker, &exchange, err));
    if (exchange.status != OCSP_SUCCESSFUL)
        return FAIL(err, ERR_REMOTE, "a question is refused: %s",
                    ocsp_status_name(exchange.status));
    return 0;
}

static void *warm(void *argument)
{
    struct warming *warming = argument;
    void *worker = NULL;

    warming->rc = ocsp_worker_open(&warming->lab->responder, &worker, &warming->err);
    for (size_t i = 0; warming->rc == 0 && i < warming->count; i++)
        warming->rc = warm_one(warming->lab, worker, warming->serials[i], &warming->err);
    ocsp_worker_close(&warming->lab->responder, worker);
    return NULL;
}

/* Have them signed before, by as many threads as there are processors. */
static int warm_all(struct ocsp_lab *lab, const uint32_t *serials, struct err *err)
{
    struct warming all[THREADS];

    (void)fprintf(stderr, "signing %d answers ...\n", HOT);
    for (size_t i = 0; i < THREADS; i++) {
        all[i] = (struct warming){
            .lab = lab, .serials = serials + i * (HOT / THREADS), .count = HOT / THREADS};
        if (pthread_create(&all[i].thread, NULL, warm, &all[i]) != 0)
            return FAIL(err, ERR_SYSTEM, "cannot start a thread");
    }
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(all[i].thread, NULL);
    for (size_t i = 0; i < THREADS; i++) {
        if (all[i].rc < 0)
            return err_copy(err, &all[i].err);
    }
    return 0;
}

static int choose(uint32_t *serials, struct err *err)
{
    TRY(rand_fill(serials, HOT * sizeof *serials, err));
    for (size_t i = 0; i < HOT; i++)
        serials[i] = 1 + serials[i] % OCSP_LAB_ISSUED;
    return 0;
}

static int prepare(struct ocsp_lab *lab, struct ocsp_lab_file *requests, struct err *err)
{
    uint32_t *serials = malloc(HOT * sizeof *serials);
    int rc = serials == NULL ? FAIL_NOMEM(err) : choose(serials, err);

    for (size_t i = 0; rc == 0 && i < HOT; i++) {
        CLEANUP(buf_done) struct buf request = BUF_INIT;

        rc = ocsp_lab_request(lab, serials[i], (struct bytes){NULL, 0}, &request, err);
        if (rc == 0)
            rc = ocsp_lab_add(requests, buf_bytes(&request), err);
    }
    if (rc == 0)
        rc = ocsp_lab_save(lab, requests, "hot", err);
    if (rc == 0)
        rc = warm_all(lab, serials, err);
    free(serials);
    return rc;
}

/* Of the size of an answer, which all have. */
static int have_constant(struct ocsp_lab *lab, struct err *err)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(ocsp_exchange_done)
    struct ocsp_exchange exchange = {.client = {.certificate = lab->client},
                                     .now = clock_now(lab->responder.clock)};
    void *worker = NULL;
    int rc;

    TRY(ocsp_lab_request(lab, OCSP_LAB_ISSUED - 1, (struct bytes){NULL, 0}, &request, err));
    exchange.request = buf_bytes(&request);
    TRY(ocsp_worker_open(&lab->responder, &worker, err));
    rc = ocsp_respond(&lab->responder, worker, &exchange, err);
    ocsp_worker_close(&lab->responder, worker);
    buf_move(&lab->constant, &exchange.body);
    return rc;
}

/* One hot request as it is sent, for measurements with new connections. */
static int have_fresh(const struct ocsp_lab *lab, const struct ocsp_lab_file *hot, char **ret,
                      struct err *err)
{
    struct bytes text = buf_bytes(&hot->text);
    size_t len = (size_t)text.ptr[0] << 8 | text.ptr[1];

    TRY(path_format(ret, err, "%s/fresh", lab->dir));
    return file_replace(*ret, 0600, bytes_part(text, 2, len), err);
}

static int have_peer(const struct ocsp_lab *lab, char **ret, struct err *err)
{
    TRY(ocsp_lab_script(lab, make_peer, err));
    return path_format(ret, err, "%s/peer.req", lab->dir);
}

/* Until it says that it waits: a connection to see whether it does would be its end. */
static int wait_for_peer(const char *log, struct err *err)
{
    for (int64_t end = monotonic_ms() + PEER_START_MS; monotonic_ms() < end;) {
        CLEANUP(buf_done) struct buf said = BUF_INIT;
        const char *text;

        if (file_read(log, LOG_MAX, &said, NULL) == 0) {
            TRY(buf_text(&said, &text, err));
            if (strstr(text, "waiting for OCSP client connections") != NULL)
                return 0;
        }
        (void)poll(NULL, 0, 20);
    }
    return FAIL(err, ERR_REMOTE, "openssl ocsp does not start");
}

/* It ends at the first connection that ends early, so it is started for each round. */
static int load_peer(const struct ocsp_lab *lab, const char *request, double *ret, struct err *err)
{
    const char *const argv[] = {
        "/usr/bin/openssl", "ocsp",  "-index",   "index.txt", "-port",    NULL, "-rsigner",
        "peer.pem",         "-rkey", "peer.key", "-CA",       "peer.pem", NULL};
    const char *with_port[sizeof argv / sizeof argv[0]];
    struct ocsp_target target = {.path = "/", .file = request};
    CLEANUP(free_text) char *log = NULL;
    struct process process = {.argv = with_port, .directory = lab->dir, .identity = IDENTITY_OWNER};
    char port[8];
    pid_t pid = 0;
    int fd;
    int rc;

    TRY(http_listen_loopback(0, &fd, &target.port, err));
    fd_done(&fd); /* free again, and nobody else is quick enough to take it */
    (void)snprintf(port, sizeof port, "%u", (unsigned)target.port);
    memcpy(with_port, argv, sizeof argv);
    with_port[5] = port;
    TRY(path_format(&log, err, "%s/peer.log", lab->dir));
    (void)unlink(log);
    process.log_path = log;
    TRY(process_start(&process, &pid, err));
    rc = wait_for_peer(log, err);
    if (rc == 0)
        rc = ocsp_lab_dial(lab, &target, ret, err);
    process_stop(pid, PEER_STOP_MS);
    return rc;
}

struct rounds {
    double ours[BENCH_ROUNDS], fresh[BENCH_ROUNDS]; /* requests/s; fresh: with new connections */
    double constant[BENCH_ROUNDS], peer[BENCH_ROUNDS];
    double ours_us[BENCH_ROUNDS], constant_us[BENCH_ROUNDS]; /* of a processor, in this process */
    double asking_us[BENCH_ROUNDS];                          /* and in wrk */
    double p99_ms[BENCH_ROUNDS];                             /* at half of the rate */
};

/* What is sent: hot by wrk, fresh and peer by ab. */
struct files {
    struct ocsp_lab_file hot;
    char *fresh, *peer;
};

static void files_done(struct files *files)
{
    ocsp_lab_file_done(&files->hot);
    free_text(&files->fresh);
    free_text(&files->peer);
}

static int measure(const struct ocsp_lab *lab, const struct files *files, struct rounds *ret,
                   struct err *err)
{
    const struct ocsp_target ours = {"/sign", files->hot.path, lab->port};
    const struct ocsp_target constant = {"/constant", files->hot.path, lab->port};
    const struct ocsp_target fresh = {"/sign", files->fresh, lab->port};
    struct ocsp_lab_load load;

    for (size_t i = 0; i < BENCH_ROUNDS; i++) {
        TRY(ocsp_lab_load(lab, &constant, 0, &load, err));
        ret->constant[i] = load.rate;
        ret->constant_us[i] = load.cost.here;
        TRY(ocsp_lab_load(lab, &ours, 0, &load, err));
        ret->ours[i] = load.rate;
        ret->ours_us[i] = load.cost.here;
        ret->asking_us[i] = load.cost.asking;
        TRY(ocsp_lab_load(lab, &ours, ocsp_lab_half(load.rate), &load, err));
        ret->p99_ms[i] = load.p99_ms;
        TRY(load_peer(lab, files->peer, &ret->peer[i], err));
        TRY(ocsp_lab_dial(lab, &fresh, &ret->fresh[i], err));
    }
    return 0;
}

static void conclude(struct rounds *rounds, struct bench_result *ret)
{
    double ours[BENCH_ROUNDS];
    double rate = median(rounds->ours, BENCH_ROUNDS);
    double peer = median(rounds->peer, BENCH_ROUNDS);
    double constant = median(rounds->constant, BENCH_ROUNDS);

    for (size_t i = 0; i < BENCH_ROUNDS; i++)
        ours[i] = 1e6 / rounds->ours[i];
    bench_set_ours(ret, ours, BENCH_ROUNDS);
    ret->peer = 1e6 / peer;
    ret->limit = 1e6 / constant;
    bench_add_goal(ret, &(struct bench_goal){"of a constant's rate, by the clock", rate / constant,
                                             least_of_constant, true});
    bench_add_goal(ret, &(struct bench_goal){"of a constant's rate, in time of a processor",
                                             median(rounds->constant_us, BENCH_ROUNDS) /
                                                 median(rounds->ours_us, BENCH_ROUNDS),
                                             least_of_constant, true});
    bench_add_goal(ret, &(struct bench_goal){"times the rate of openssl ocsp", rate / peer,
                                             least_of_peer, true});
    bench_add_goal(ret, &(struct bench_goal){"times that rate with new connections",
                                             median(rounds->fresh, BENCH_ROUNDS) / peer,
                                             least_of_peer_new, true});
    bench_add_part(ret, &(struct bench_part){"of a processor for an answer, without wrk",
                                             median(rounds->ours_us, BENCH_ROUNDS), "us"});
    bench_add_part(ret, &(struct bench_part){"of a processor in wrk, which asks",
                                             median(rounds->asking_us, BENCH_ROUNDS), "us"});
    bench_add_part(ret, &(struct bench_part){"until 99 of 100 answers are there, at half the rate",
                                             median(rounds->p99_ms, BENCH_ROUNDS), "ms"});
    ret->unit = "us";
    ret->note =
        "one of 100000 kept answers among 100 million certificates, asked for by wrk on the same "
        "processors; peer: openssl ocsp; limit: the same engine and a constant";
}

static int run(struct ocsp_lab *lab, struct rounds *rounds, struct err *err)
{
    CLEANUP(files_done) struct files files = {.fresh = NULL};

    TRY(ocsp_lab_up(lab, KEEP, err));
    TRY(have_constant(lab, err));
    TRY(have_peer(lab, &files.peer, err));
    TRY(prepare(lab, &files.hot, err));
    TRY(have_fresh(lab, &files.hot, &files.fresh, err));
    return measure(lab, &files, rounds, err);
}

int bench_ocsp_cached(struct bench_result *ret, struct err *err)
{
    static struct ocsp_lab lab;
    struct rounds rounds;
    int rc = run(&lab, &rounds, err);

    ocsp_lab_down(&lab);
    TRY(rc);
    conclude(&rounds, ret);
    return 0;
}
