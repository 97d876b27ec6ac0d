/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret split among custodians so that some of them, and no fewer, can put it together again
 * (Shamir's scheme by libgfshare, docs/decisions/0056). What is known of a splitting without any
 * secret is a file beside the keys: how many are needed, a check of each share, and a commitment to
 * the secret, so that a share that is wrong is named before anything is put together.
 */
#pragma once

#include "crypto/mac.h"
#include "signer/share.h"

enum { QUORUM_FILE_MAX = 8192 }; /* bytes */

struct quorum {
    uint8_t set[SHARE_SET_SIZE];
    bool is_rehearsal;
    uint8_t needed, total;
    uint8_t commitment[MAC_SIZE];
    uint8_t checks[SHARES_MAX][MAC_SIZE];
};

/* How a secret is to be split. */
struct quorum_plan {
    unsigned needed, total; /* SHARES_NEEDED_MIN to SHARES_MAX */
    bool is_rehearsal;
};

/* 32 random bytes. */
MUST_CHECK int quorum_secret(struct secret *ret, struct err *err);
/* total shares, each to be released with share_done. ERR_USAGE for numbers that cannot be. */
MUST_CHECK int quorum_split(const struct secret *secret, const struct quorum_plan *plan,
                            struct quorum *ret, struct share ret_shares[SHARES_MAX],
                            struct err *err);
/* The passphrase of the keys that a secret stands for: its hexadecimal digits. */
MUST_CHECK int quorum_passphrase(const struct secret *secret, struct secret *ret, struct err *err);

/* JSON. */
MUST_CHECK int quorum_write(const struct quorum *quorum, struct buf *ret, struct err *err);
MUST_CHECK int quorum_parse(struct bytes text, struct quorum *ret, struct err *err);
/* ERR_ABSENT if there is no such file, else ERR_INPUT. */
MUST_CHECK int quorum_read(const char *path, struct quorum *ret, struct err *err);
enum { QUORUM_SET_TEXT_SIZE = 2 * SHARE_SET_SIZE + 1 };
void quorum_set_text(const uint8_t set[SHARE_SET_SIZE], char ret[QUORUM_SET_TEXT_SIZE]);

/* Shares that have come so far. */
struct gathering {
    const struct quorum *quorum;
    struct share shares[SHARES_MAX];
    size_t count;
};

/*
 * Take one more. ERR_INPUT if it is no share; ERR_UNTRUSTED, naming it, if it is of another
 * splitting or a rehearsal, or was changed; ERR_CONFLICT if it is there already, or enough are.
 */
MUST_CHECK int gathering_add(struct gathering *gathering, struct bytes whole, struct err *err);
bool gathering_is_complete(const struct gathering *gathering);
/* The secret. ERR_USAGE before it is complete; ERR_UNTRUSTED if it is not what was committed to. */
MUST_CHECK int gathering_join(const struct gathering *gathering, struct secret *ret,
                              struct err *err);
/* Forget all shares. */
void gathering_clear(struct gathering *gathering);
