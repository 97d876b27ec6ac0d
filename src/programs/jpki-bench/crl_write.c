/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a list of revocations: entries one by one, hashed on the way and signed at the end, as
 * bytes to /dev/null. The same by libcrypto's functions, and by `openssl ca` from its index.
 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "programs/jpki-bench/revocations.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NANO = 1000, PATH_SIZE = 64 };
/* What takes us and the hash milliseconds is done so often, to last as long as a peer's round. */
enum { OFTEN = 20 };

struct bench {
    struct list_ca *ca;
    int null;
    struct buf list; /* REVOCATIONS_PEERS entries */
    char dir[PATH_SIZE];
    char index[PATH_SIZE], config[PATH_SIZE], number[PATH_SIZE], key[PATH_SIZE], cert[PATH_SIZE];
};

static int time_ours(const struct bench *bench, uint32_t count, int times, double *ret_ns,
                     struct err *err)
{
    int64_t started = monotonic_us();

    for (int i = 0; i < times; i++)
        TRY(list_write(bench->ca, count, bench->null, err));
    *ret_ns = (double)(monotonic_us() - started) * NANO / count / times;
    return 0;
}

static int time_api(const struct bench *bench, double *ret_ns, struct err *err)
{
    int64_t started = monotonic_us();

    TRY(peer_write_list(bench->ca, REVOCATIONS_PEERS, bench->null, err));
    *ret_ns = (double)(monotonic_us() - started) * NANO / REVOCATIONS_PEERS;
    return 0;
}

static int time_command_ca(const struct bench *bench, double *ret_ns, struct err *err)
{
    const char *const argv[] = {"/usr/bin/openssl", "ca",   "-gencrl",   "-config",
                                bench->config,      "-out", "/dev/null", NULL};
    double us = 0;

    TRY(run_command(argv, &us, NULL, err));
    *ret_ns = us * NANO / REVOCATIONS_PEERS;
    return 0;
}

static int time_hash(const struct bench *bench, double *ret_ns, struct err *err)
{
    int64_t started = monotonic_us();
    struct digest digest;

    for (int i = 0; i < OFTEN; i++)
        TRY(digest_compute(DIGEST_SHA256, buf_bytes(&bench->list), &digest, err));
    *ret_ns = (double)(monotonic_us() - started) * NANO / REVOCATIONS_PEERS / OFTEN;
    return 0;
}

/* The most memory of a process that writes so many, in kB. */
static int peak_memory(const struct bench *bench, uint32_t count, double *ret_kb, struct err *err)
{
    struct rusage usage;
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        _exit(list_write(bench->ca, count, bench->null, NULL) < 0);
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
        return FAIL_ERRNO(err, "a process could not be measured");
    if (status != 0)
        return FAIL(err, ERR_SYSTEM, "a process that wrote a list failed");
    *ret_kb = (double)usage.ru_maxrss;
    return 0;
}

/* A row of `openssl ca` for each revoked certificate. */
static int write_index(const char *path, struct err *err)
{
    FILE *file = fopen(path, "w");
    bool is_written = file != NULL;

    for (uint32_t i = 0; is_written && i < REVOCATIONS_PEERS; i++) {
        const struct revocation entry = made_up_at(i);

        is_written = fprintf(file,
                             "R\t330101000000Z\t25%02u%02u%02u%02u%02uZ,%s\t%08X\tunknown\t/O=x\n",
                             1 + i % 12, 1 + i % 28, i % 24, i % 60, i % 59,
                             crl_reason_name(entry.reason), (unsigned)entry.serial) > 0;
    }
    if (file == NULL || fclose(file) != 0 || !is_written)
        return FAIL_ERRNO(err, "%s", path);
    return 0;
}

static void bench_done(struct bench *bench)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", bench->dir, NULL};
    double unused;

    list_ca_freep(&bench->ca);
    fd_done(&bench->null);
    buf_done(&bench->list);
    /* What cannot be removed is only a directory below /tmp. */
    if (bench->dir[0] != '\0' && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", bench->dir);
}

/* What `openssl ca` needs. */
static int lay_out(struct bench *bench, struct err *err)
{
    CLEANUP(buf_done) struct buf config = BUF_INIT;
    char dir[] = "/tmp/jpki-bench-crl-XXXXXX";

    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    (void)snprintf(bench->dir, sizeof bench->dir, "%s", dir);
    (void)snprintf(bench->index, sizeof bench->index, "%s/index", dir);
    (void)snprintf(bench->number, sizeof bench->number, "%s/number", dir);
    (void)snprintf(bench->key, sizeof bench->key, "%s/key", dir);
    (void)snprintf(bench->cert, sizeof bench->cert, "%s/cert", dir);
    (void)snprintf(bench->config, sizeof bench->config, "%s/conf", dir);
    TRY(list_ca_save(bench->ca, bench->key, bench->cert, err));
    TRY(write_index(bench->index, err));
    TRY(file_replace(bench->number, 0600, BYTES_LITERAL("01\n"), err));
    TRY(buf_append_format(&config, err,
                          "[ca]\ndefault_ca = d\n[d]\ndatabase = %s\ncrlnumber = %s\n"
                          "private_key = %s\ncertificate = %s\ndefault_md = sha256\n"
                          "default_crl_days = 2\ncrl_extensions = e\n"
                          "[e]\nauthorityKeyIdentifier = keyid\n",
                          bench->index, bench->number, bench->key, bench->cert));
    return file_replace(bench->config, 0600, buf_bytes(&config), err);
}

static int read_whole(const struct list_ca *ca, struct buf *ret, struct err *err)
{
    CLEANUP(fd_done) int fd = memfd_create("list", MFD_CLOEXEC);

    if (fd < 0)
        return FAIL_ERRNO(err, "a file in memory");
    TRY(list_write(ca, REVOCATIONS_PEERS, fd, err));
    if (lseek(fd, 0, SEEK_SET) < 0)
        return FAIL_ERRNO(err, "a file in memory");
    return file_read_fd(fd, SIZE_MAX, ret, err);
}

/* Nanoseconds an entry, by round. */
struct times {
    double nation[BENCH_ROUNDS], ours[BENCH_ROUNDS], hash[BENCH_ROUNDS];
    double api[BENCH_ROUNDS], command[BENCH_ROUNDS];
};

static int take_times(const struct bench *bench, struct times *times, struct err *err)
{
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        TRY(time_ours(bench, REVOCATIONS_NATION, 1, &times->nation[round], err));
        TRY(time_hash(bench, &times->hash[round], err));
        TRY(time_ours(bench, REVOCATIONS_PEERS, OFTEN, &times->ours[round], err));
        TRY(time_api(bench, &times->api[round], err));
        TRY(time_command_ca(bench, &times->command[round], err));
    }
    return 0;
}

static void judge(struct bench_result *ret, struct times *times, double memory)
{
    double ours = median(times->ours, BENCH_ROUNDS);
    double command = median(times->command, BENCH_ROUNDS);

    ret->peer = median(times->api, BENCH_ROUNDS);
    ret->limit = median(times->hash, BENCH_ROUNDS);
    bench_set_ours(ret, times->nation, BENCH_ROUNDS);
    bench_add_goal(ret, &(struct bench_goal){"times as fast as openssl ca -gencrl, at 1 M",
                                             command / ours, 100, true});
    bench_add_goal(ret, &(struct bench_goal){"times as fast as libcrypto, at 1 M", ret->peer / ours,
                                             40, true});
    bench_add_goal(ret, &(struct bench_goal){"of the time of SHA-256 of as many bytes, at 25 M",
                                             ret->ours / ret->limit, 3.5, false});
    bench_add_goal(ret,
                   &(struct bench_goal){"of the memory for 1 M, at 25 M", memory, 1.05, false});
}

int bench_crl_write(struct bench_result *ret, struct err *err)
{
    CLEANUP(bench_done) struct bench bench = {.null = -1};
    struct times times;
    double few = 0;
    double many = 0;

    bench.null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (bench.null < 0)
        return FAIL_ERRNO(err, "/dev/null");
    TRY(list_ca_new(&bench.ca, err));
    TRY(peak_memory(&bench, REVOCATIONS_PEERS, &few, err));
    TRY(peak_memory(&bench, REVOCATIONS_NATION, &many, err));
    TRY(lay_out(&bench, err));
    TRY(read_whole(bench.ca, &bench.list, err));
    TRY(take_times(&bench, &times, err));
    *ret = (struct bench_result){
        .unit = "ns",
        .note = "an entry of a list of 25 M with reasons, hashed and signed, to /dev/null; peer: "
                "X509_CRL of libcrypto with 1 M; limit: SHA-256 of an entry's bytes",
    };
    judge(ret, &times, many / few);
    return 0;
}
