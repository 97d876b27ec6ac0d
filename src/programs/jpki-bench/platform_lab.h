/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform as it serves providers, in this process: its routes over HTTP, its database and audit
 * log on the disk, revocations in memory, its keys at a jpki-signerd; and wrk as whoever asks. Each
 * request is a verification by a certificate that is encrypted to the platform.
 */
#pragma once

#include "platform/platform.h"
#include "programs/jpki-bench/signed_cases.h"

#include <sys/types.h>

enum { PLATFORM_LAB_CONNECTIONS = 16 };

/* How the key of the certificate comes to the platform. */
enum platform_way {
    PLATFORM_AGREED,  /* ECDH-ES: as clients of ours choose */
    PLATFORM_WRAPPED, /* RSA-OAEP-256 */
    PLATFORM_WAYS_
};

struct platform_lab {
    char *dir, *socket, *bodies[PLATFORM_WAYS_], *keys;
    pid_t signerd;
    struct signed_cases *cases;
    struct clock clock;
    struct platform platform;
    struct http_server *server;
    uint16_t port;
};

#define PLATFORM_LAB_INIT                                                                          \
    {                                                                                              \
        .dir = NULL                                                                                \
    }

/* With so many tenants, each of which has one key. */
MUST_CHECK int platform_lab_up(struct platform_lab *lab, size_t tenants, struct err *err);
void platform_lab_down(struct platform_lab *lab);

struct platform_load {
    double rate;       /* answers a second */
    double p99_ms;     /* from the question to the answer */
    double here_us;    /* of a processor, for an answer: the platform */
    double signing_us; /* the same in signerd, which unwraps */
    double asking_us;  /* the same in wrk */
};
/*
 * PLATFORM_LAB_CONNECTIONS ask as the tenants in turn, each waiting so long between two questions.
 */
MUST_CHECK int platform_lab_load(const struct platform_lab *lab, enum platform_way way,
                                 unsigned pause_ms, struct platform_load *ret, struct err *err);
