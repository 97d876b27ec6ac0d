/* SPDX-License-Identifier: Apache-2.0 */
/* The key of what others encrypted to a key of signerd. */
#pragma once

#include "crypto/jwe.h"
#include "rpc/signer_client.h"

/*
 * For jwe_decrypt, by a key of role token. One that signerd cannot unwrap is replaced by a random
 * one, so that whoever sent it sees the same failure, made in the same place (RFC 7516, 11.5).
 * ERR_SYSTEM if there is no such key for this process, which is not the sender's fault.
 */
MUST_CHECK int content_key_get(struct signer *signer, const char *name, const struct jwe *jwe,
                               struct secret *ret, struct err *err);
