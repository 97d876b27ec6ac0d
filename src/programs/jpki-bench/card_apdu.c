/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/bench.h"

#include "base/file.h"
#include "base/sock.h"
#include "programs/jpki-bench/one_core.h"
#include "programs/jpki-bench/softcard.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { APDUS = 5000, ANSWER = 4, GOAL = 2, RECEIVE_MAX = 4096 };

/* SELECT of the issuer's security domain, which every card has (card.md 2). */
static const uint8_t select_domain[] = {0x00, 0xa4, 0x04, 0x0c, 0x07, 0xa0,
                                        0x00, 0x00, 0x01, 0x51, 0x00, 0x00};

/* A process that reads what comes and writes as much as the card would answer. */
static void echo(int fd)
{
    uint8_t bytes[RECEIVE_MAX];

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (recv(fd, bytes, sizeof bytes, 0) > 0) {
        if (send(fd, bytes, ANSWER, MSG_NOSIGNAL) != ANSWER)
            break;
    }
    _exit(0);
}

static int start_echo(int *ret_fd, pid_t *ret_pid, struct err *err)
{
    int ends[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return FAIL_ERRNO(err, "socketpair");
    pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        echo(ends[1]);
    }
    (void)close(ends[1]);
    *ret_fd = ends[0];
    *ret_pid = pid;
    return pid < 0 ? FAIL_ERRNO(err, "fork") : 0;
}

int bench_card_apdu(struct bench_result *ret, struct err *err)
{
    CLEANUP(one_core_leave) struct one_core core = ONE_CORE_INIT;
    CLEANUP(softcard_down) struct softcard softcard = SOFTCARD_INIT;
    CLEANUP(fd_done) int card_fd = -1;
    CLEANUP(fd_done) int echo_fd = -1;
    double ours[BENCH_ROUNDS];
    double peer[BENCH_ROUNDS];
    pid_t pid = 0;
    int rc;

    TRY(one_core_enter(&core, err));
    TRY(softcard_up(&softcard, err));
    TRY(sock_connect(softcard.direct, &card_fd, err));
    rc = start_echo(&echo_fd, &pid, err);
    for (int round = 0; rc == 0 && round < BENCH_ROUNDS; round++) {
        rc = softcard_exchange(card_fd, BYTES_ARRAY(select_domain), ANSWER, APDUS, &ours[round],
                               err);
        if (rc == 0)
            rc = softcard_exchange(echo_fd, BYTES_ARRAY(select_domain), ANSWER, APDUS, &peer[round],
                                   err);
    }
    fd_done(&echo_fd);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    TRY(rc);
    *ret = (struct bench_result){
        .ours = median(ours, BENCH_ROUNDS),
        .peer = median(peer, BENCH_ROUNDS),
        .unit = "us",
        .note = "one SELECT on the card's own socket; peer: the same bytes to a process that only "
                "reads and writes; limit: the goal of twice that",
    };
    ret->limit = GOAL * ret->peer;
    return 0;
}
