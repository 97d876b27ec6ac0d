/* SPDX-License-Identifier: Apache-2.0 */
/* A jpki-signerd of a measurement, with a key that is made for it. */
#pragma once

#include "rpc/signer_client.h"

#include <sys/types.h>

struct bench_signerd {
    const char *dir;     /* where its files go */
    const char *section; /* of its configuration: [key NAME] and what follows */
    const char *key;     /* the NAME */
    const char *more;    /* the NAME of a second one; NULL: none */
};
/* Start it; its socket is free_text's. Whoever asks first waits: bench_signerd_connect. */
MUST_CHECK int bench_signerd_start(const struct bench_signerd *made, char **ret_socket, pid_t *ret,
                                   struct err *err);
MUST_CHECK int bench_signerd_connect(const char *socket, struct signer **ret, struct err *err);
