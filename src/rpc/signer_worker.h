/* SPDX-License-Identifier: Apache-2.0 */
/* A server's worker that asks signerd: one connection each, opened when it is needed first. */
#pragma once

#include "rpc/signer_client.h"

/* For http_server_options; context is not looked at. */
int signer_worker_open(void *context, void **ret, struct err *err);
void signer_worker_close(void *context, void *worker);
/* The connection of a worker, which stays the worker's; path is signerd's socket. */
MUST_CHECK int signer_worker_get(void *worker, const char *path, struct signer **ret,
                                 struct err *err);
