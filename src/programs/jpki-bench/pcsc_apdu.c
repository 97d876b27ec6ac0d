/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two PC/SC services side by side: the sandbox's, where an APDU goes through vpcd and a socket to
 * our card, and one whose reader driver answers by itself (bench/ifd_peer.c). Clients are
 * processes of their own, because libpcsclite remembers the first service it talked to.
 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/sock.h"
#include "sandbox/namespace.h"
#include "sandbox/probe.h"
#include "sandbox/process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { APDUS = 1000, COMMAND_LEN = 16, READY_MS = 5000, STOP_MS = 5000 };

struct peer {
    char *dir, *conf, *comm;
    struct namespace ns;
    pid_t pid;
};

static void peer_down(struct peer *peer)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", peer->dir, NULL};
    double unused = 0;

    process_stop(peer->pid, STOP_MS);
    namespace_done(&peer->ns);
    if (peer->dir != NULL && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", peer->dir);
    free_text(&peer->dir);
    free_text(&peer->conf);
    free_text(&peer->comm);
}

static int write_conf(struct peer *peer, struct err *err)
{
    CLEANUP(free_text) char *driver = NULL;
    CLEANUP(free_text) char *file = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char dir[] = "/tmp/jpki-bench-peer-XXXXXX";

    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&peer->dir, err, "%s", dir));
    TRY(path_format(&peer->conf, err, "%s/reader.conf.d", dir));
    TRY(path_format(&peer->comm, err, "%s/pcscd.comm", dir));
    TRY(path_format(&file, err, "%s/peer", peer->conf));
    TRY(beside("../bench/ifd_peer.so", &driver, err));
    TRY(buf_append_format(&text, err,
                          "FRIENDLYNAME \"Peer\"\nDEVICENAME /dev/null\nLIBPATH %s\nCHANNELID 1\n",
                          driver));
    TRY(dir_make(peer->conf, 0755, err));
    return file_replace(file, 0644, buf_bytes(&text), err);
}

static int peer_up(struct peer *peer, struct err *err)
{
    static const char *const argv[] = {"/usr/sbin/pcscd", "--foreground", "--config",
                                       "/run/pcscd/reader.conf.d", NULL};
    CLEANUP(free_text) char *log = NULL;
    int64_t deadline = monotonic_ms() + READY_MS;

    TRY(write_conf(peer, err));
    TRY(namespace_make(&peer->ns, err));
    TRY(path_format(&log, err, "%s/log", peer->dir));
    struct process process = {.argv = argv,
                              .log_path = log,
                              .identity = IDENTITY_OWNER,
                              .ns = &peer->ns,
                              .cover_pcscd = peer->dir};
    TRY(process_start(&process, &peer->pid, err));
    while (!probe_is_ready(PROBE_SOCKET, peer->comm)) {
        if (monotonic_ms() > deadline)
            return FAIL(err, ERR_REMOTE, "the peer's pcscd is not ready after %d ms; its log is %s",
                        READY_MS, log);
        if (poll(NULL, 0, 20) < 0 && errno != EINTR)
            return FAIL_ERRNO(err, "poll");
    }
    return 0;
}

/* One round against the PC/SC service with this socket: the median that "apdu" prints. */
static int round_of(const char *comm, double *ret_us, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(free_text) char *self = NULL;
    char count[16];
    const char *text = "";
    double unused = 0;

    TRY(beside("jpki-bench", &self, err));
    snprintf(count, sizeof count, "%d", APDUS);
    const char *const argv[] = {self, "apdu", "--count", count, NULL};
    if (setenv("PCSCLITE_CSOCK_NAME", comm, 1) < 0)
        return FAIL_NOMEM(err);
    TRY(run_command(argv, &unused, &out, err));
    TRY(buf_text(&out, &text, err));
    char *end = NULL;
    double us = strtod(text, &end);
    if (end == text || us <= 0)
        return FAIL(err, ERR_REMOTE, "jpki-bench apdu printed no time");
    *ret_us = us;
    return 0;
}

static void echo(int fd)
{
    uint8_t bytes[COMMAND_LEN];

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (sock_read_exact(fd, bytes, sizeof bytes, NULL) == 0 &&
           sock_write_all(fd, bytes_of(bytes, 2), NULL) == 0)
        ;
    _exit(0);
}

static int ping(int fd, double *ret_us, struct err *err)
{
    static const uint8_t command[COMMAND_LEN] = {0};
    double times[APDUS];
    uint8_t answer[2];

    for (int i = 0; i < APDUS; i++) {
        int64_t started = monotonic_us();

        TRY(sock_write_all(fd, BYTES_ARRAY(command), err));
        TRY(sock_read_exact(fd, answer, sizeof answer, err));
        times[i] = (double)(monotonic_us() - started);
    }
    *ret_us = median(times, APDUS);
    return 0;
}

/* The same bytes there and back between two processes, and nothing else. */
static int round_trip(double *ret_us, struct err *err)
{
    CLEANUP(fd_done) int here = -1;
    CLEANUP(fd_done) int there = -1;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return FAIL_ERRNO(err, "socketpair");
    here = ends[0];
    there = ends[1];
    pid_t pid = fork();
    if (pid < 0)
        return FAIL_ERRNO(err, "fork");
    if (pid == 0) {
        fd_done(&here);
        echo(there);
    }
    fd_done(&there);
    int rc = ping(here, ret_us, err);
    fd_done(&here);
    (void)waitpid(pid, NULL, 0);
    return rc;
}

int bench_pcsc_apdu(struct bench_result *ret, struct err *err)
{
    CLEANUP(lab_down) struct lab lab = LAB_INIT;
    CLEANUP(peer_down) struct peer peer = {.ns = NAMESPACE_INIT};
    CLEANUP(free_text) char *comm = NULL;
    double ours[BENCH_ROUNDS];
    double theirs[BENCH_ROUNDS];
    double limit[BENCH_ROUNDS];

    TRY(lab_up(&lab, err));
    TRY(lab_insert_card(&lab, err));
    TRY(path_format(&comm, err, "%s/pcscd/pcscd.comm", lab.dir));
    TRY(peer_up(&peer, err));
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        TRY(round_of(comm, &ours[round], err));
        TRY(round_of(peer.comm, &theirs[round], err));
        TRY(round_trip(&limit[round], err));
    }
    *ret = (struct bench_result){
        .ours = median(ours, BENCH_ROUNDS),
        .peer = median(theirs, BENCH_ROUNDS),
        .limit = median(limit, BENCH_ROUNDS),
        .unit = "us",
        .note = "one SELECT through pcscd and vpcd to our card; peer: through pcscd to a driver "
                "that answers by itself; limit: the same bytes between two processes",
    };
    return 0;
}
