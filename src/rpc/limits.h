/* SPDX-License-Identifier: Apache-2.0 */
/* What signerd's protocol allows at most. Both sides enforce all of it. */
#pragma once

enum {
    RPC_NAME_MAX = 32,        /* bytes of a key's name: a-z 0-9 and "-" */
    RPC_WORD_MAX = 32,        /* bytes of a role or an algorithm name */
    RPC_TBS_MAX = 8192,       /* bytes of a to-be-signed structure in a frame */
    RPC_SPKI_MAX = 1024,      /* bytes of a SubjectPublicKeyInfo */
    RPC_SIGNATURE_MAX = 1024, /* bytes of a signature */
    RPC_SENTENCE_MAX = 255,   /* bytes of the reason of a refusal */
    RPC_WRAPPED_MAX = 512,    /* bytes of a wrapped key: one RSA block */
    RPC_PLAIN_MAX = 64,       /* bytes of the key in it */
    RPC_SET_SIZE = 8,         /* bytes that name a set of shares */
    RPC_SHARE_SIZE = 48,      /* bytes of a custodian's share */
    RPC_PIECE_MAX = 16000,    /* bytes of a piece of a list, in a frame */
    RPC_LIST_MAX = 1 << 30,   /* bytes of a to-be-signed list in pieces */
    RPC_KEYS_MAX = 16,        /* keys of one signerd */
    RPC_BODY_MAX = 16384,     /* bytes of a frame behind its header */
    RPC_WISHES_MAX = 16,      /* questions of one client before it reads an answer */
};
