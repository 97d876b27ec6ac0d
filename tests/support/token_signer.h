/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the place of rpc/signer_client.c in a test program: keys that unwrap and one that signs
 * questions, in this process. For tests of what a platform does with signerd's answers, also when
 * there are none.
 */
#pragma once

#include "crypto/privkey.h"
#include "rpc/signer_client.h"

struct token_signer {
    const struct privkey *key;   /* for every name */
    const struct privkey *jws;   /* for tokens and names that begin with "jws"; NULL: key */
    const struct privkey *point; /* on P-256, for names that begin with "agreement"; NULL: key */
    bool is_down;                /* every call is ERR_REMOTE */
    enum err_kind refusal;       /* of every unwrapping; ERR_NONE: none */
    /* Signs instead of key; NULL: key does, whatever it is. */
    int (*sign)(enum signer_kind kind, struct bytes tbs, struct buf *ret, struct err *err);
};

extern struct token_signer token_signer;
