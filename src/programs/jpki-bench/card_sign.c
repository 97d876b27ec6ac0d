/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/bench.h"

#include "base/file.h"
#include "base/sock.h"
#include "programs/jpki-bench/one_core.h"
#include "programs/jpki-bench/softcard.h"

#include <stdlib.h>
#include <string.h>

enum { SIGNATURES = 2000, STATUS = 4, SIGNATURE = 2 + 256 + 2 };

/* card.md 4.1 */
static const uint8_t select_jpki[] = {0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0,
                                      0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
static const uint8_t verify[] = {0x00, 0x20, 0x00, 0x98, 0x04, '1', '2', '3', '4'};
static const uint8_t sign[] = {0x80, 0x2a, 0x00, 0x97, 0x02, 0x31, 0x32, 0x00};

/* What one signature costs, the socket and the command's way to the key included. */
static int measure_card(const struct softcard *softcard, int fd, double *ret_us, struct err *err)
{
    double before, after, unused;

    TRY(processor_time_us(softcard->pid, &before, err));
    TRY(softcard_exchange(fd, BYTES_ARRAY(sign), SIGNATURE, SIGNATURES, &unused, err));
    TRY(processor_time_us(softcard->pid, &after, err));
    *ret_us = (after - before) / SIGNATURES;
    return 0;
}

int bench_card_sign(struct bench_result *ret, struct err *err)
{
    CLEANUP(one_core_leave) struct one_core core = ONE_CORE_INIT;
    CLEANUP(softcard_down) struct softcard softcard = SOFTCARD_INIT;
    CLEANUP(fd_done) int fd = -1;
    double ours[BENCH_ROUNDS];
    double peer[BENCH_ROUNDS];
    double unused;

    TRY(one_core_enter(&core, err));
    TRY(softcard_up(&softcard, err));
    TRY(softcard_personalise(&softcard, err));
    TRY(sock_connect(softcard.direct, &fd, err));
    TRY(softcard_exchange(fd, BYTES_ARRAY(select_jpki), STATUS, 1, &unused, err));
    TRY(softcard_exchange(fd, BYTES_ARRAY(verify), STATUS, 1, &unused, err));
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        TRY(measure_card(&softcard, fd, &ours[round], err));
        TRY(openssl_sign_us(OPENSSL_PROCESSOR, &peer[round], err));
    }
    *ret = (struct bench_result){
        .ours = median(ours, BENCH_ROUNDS),
        .peer = median(peer, BENCH_ROUNDS),
        .unit = "us",
        .note = "processor time of one signature with RSA-2048 in the card, asked for on its "
                "socket; peer: openssl speed rsa2048; limit: the goal of 0.9 of its rate",
    };
    ret->limit = ret->peer / 0.9;
    return 0;
}
