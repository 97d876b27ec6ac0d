/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A jpki-signerd for the time of one step: a process that holds one key, goes by all its rules, and
 * answers its parent alone. It ends with its parent.
 */
#pragma once

#include "programs/jpkictl/key/site.h"
#include "rpc/signer_client.h"

#include <sys/types.h>

struct step_signer {
    struct signer *client;
    pid_t pid;
    char *socket;
};

/* The key of this name in KEYS. Release with step_signer_stop, also after a failure. */
MUST_CHECK int step_signer_start(struct key_site *site, const char *key,
                                 const struct secret *passphrase, struct step_signer *ret,
                                 struct err *err);
void step_signer_stop(struct step_signer *signer);
