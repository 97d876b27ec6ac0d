/* SPDX-License-Identifier: Apache-2.0 */
/* What signerd takes at most, besides rpc/limits.h. */
#pragma once

enum {
    SIGNERD_CONNECTIONS_MAX = 64,      /* at once */
    SIGNERD_CONNECTIONS_PER_USER = 32, /* of them, of one user id */
    SIGNERD_THREADS_MAX = 32,          /* that sign */
    SIGNERD_QUESTIONS_AT_ONCE = 64,    /* answered after one sync; more wait */
    SIGNERD_PEERS_MAX = 8,             /* user ids that may use one key */
    SIGNERD_POLICIES_MAX = 4,          /* policies, and as many purposes, of one key */
    SIGNERD_SUBJECTS_MAX = 4,          /* key ids that one root of card data may certify */
    SIGNERD_PICTURE_MAX = 1024,        /* bytes of the picture of a number */
    SIGNERD_REQUEST_MAX = 4096,        /* bytes of a verifier's request */
    SIGNERD_PASSPHRASE_MIN = 16,       /* bytes */
    SIGNERD_PASSPHRASE_MAX = 256,      /* bytes */
    SIGNERD_KEY_FILE_MAX = 8192,       /* bytes of an encrypted key */
    SHARES_NEEDED_MIN = 2,             /* custodians that must come together, at least */
    SHARES_MAX = 16,                   /* shares of one secret */
    SIGNERD_LEDGER_WINDOW = 4096,      /* serial numbers that may be asked for again */
};
