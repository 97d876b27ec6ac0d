/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a list of revocations: the signature verified, then all entries with date and reason in a
 * set that is searched in. libcrypto decodes, verifies, and sorts before its first search.
 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "programs/jpki-bench/revocations.h"
#include "revocation/crl_file.h"
#include "revocation/set.h"
#include "revocation/survey.h"

#include <sys/mman.h>
#include <unistd.h>

enum { NANO = 1000, LIST_LIMIT = 1 << 30 };

struct bench {
    struct list_ca *ca;
    struct pubkey *key;
    int peers, nation; /* files in memory with a list */
    double bytes;      /* an entry of the nation's takes in memory */
};

static void bench_done(struct bench *bench)
{
    list_ca_freep(&bench->ca);
    pubkey_freep(&bench->key);
    fd_done(&bench->peers);
    fd_done(&bench->nation);
}

static int make_list(const struct list_ca *ca, uint32_t count, int *ret_fd, struct err *err)
{
    *ret_fd = memfd_create("list", MFD_CLOEXEC);
    if (*ret_fd < 0)
        return FAIL_ERRNO(err, "a file in memory");
    return list_write(ca, count, *ret_fd, err);
}

/* From the file to the first answer. */
static int time_ours(struct bench *bench, int fd, uint32_t count, double *ret_ns, struct err *err)
{
    CLEANUP(crl_file_done) struct crl_file file = CRL_FILE_INIT;
    CLEANUP(revocation_set_freep) struct revocation_set *set = NULL;
    const struct revocation expected = made_up_at(REVOCATIONS_PEERS / 2);
    int64_t started = monotonic_us();
    struct revocation found;

    TRY(crl_file_map(fd, LIST_LIMIT, &file, err));
    TRY(crl_verify(&file.crl, bench->key, err));
    TRY(crl_collect(&file.crl, count, &set, err));
    TRY(revocation_set_find(set, expected.serial, &found, err));
    *ret_ns = (double)(monotonic_us() - started) * NANO / count;
    if (found.at != expected.at || found.reason != expected.reason ||
        revocation_set_count(set) != count)
        return FAIL(err, ERR_REMOTE, "a list was read wrongly");
    bench->bytes = (double)(revocation_set_memory(set)) / count;
    return 0;
}

static int time_peer(const struct bench *bench, struct bytes der, double *ret_ns, struct err *err)
{
    int64_t started = monotonic_us();

    TRY(peer_read_list(bench->ca, der, err));
    *ret_ns = (double)(monotonic_us() - started) * NANO / REVOCATIONS_PEERS;
    return 0;
}

int bench_crl_read(struct bench_result *ret, struct err *err)
{
    CLEANUP(bench_done) struct bench bench = {.peers = -1, .nation = -1};
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    double nation[BENCH_ROUNDS];
    double ours[BENCH_ROUNDS];
    double peer[BENCH_ROUNDS];

    TRY(list_ca_new(&bench.ca, err));
    TRY(pubkey_from_spki(list_ca_spki(bench.ca), &bench.key, err));
    TRY(make_list(bench.ca, REVOCATIONS_PEERS, &bench.peers, err));
    TRY(make_list(bench.ca, REVOCATIONS_NATION, &bench.nation, err));
    if (lseek(bench.peers, 0, SEEK_SET) < 0)
        return FAIL_ERRNO(err, "a file in memory");
    TRY(file_read_fd(bench.peers, LIST_LIMIT, &der, err));
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        TRY(time_ours(&bench, bench.peers, REVOCATIONS_PEERS, &ours[round], err));
        TRY(time_peer(&bench, buf_bytes(&der), &peer[round], err));
        TRY(time_ours(&bench, bench.nation, REVOCATIONS_NATION, &nation[round], err));
    }
    *ret = (struct bench_result){
        .peer = median(peer, BENCH_ROUNDS),
        .unit = "ns",
        .note = "an entry of a list of 25 M verified and loaded, to the first search; peer: "
                "d2i_X509_CRL, X509_CRL_verify and the first search, with 1 M",
    };
    bench_set_ours(ret, nation, BENCH_ROUNDS);
    bench_add_goal(ret, &(struct bench_goal){"times as fast as libcrypto, at 1 M",
                                             ret->peer / median(ours, BENCH_ROUNDS), 20, true});
    bench_add_goal(ret, &(struct bench_goal){"times as fast, with 25 M of ours",
                                             ret->peer / ret->ours, 20, true});
    bench_add_goal(ret,
                   &(struct bench_goal){"bytes of memory an entry, at 25 M",
                                        (double)(long)(bench.bytes * 100 + 0.5) / 100, 8, false});
    return 0;
}
