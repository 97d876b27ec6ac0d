/* SPDX-License-Identifier: Apache-2.0 */
/* One key with its role and its memory: the only place where a private key is used. */
#pragma once

#include "base/secret.h"
#include "crypto/digest.h"
#include "rpc/signer_client.h"
#include "signer/config.h"
#include "signer/list.h"

struct key;

/* What a signature, or its refusal, was about; for the log. */
struct key_act {
    uint32_t serial;  /* or the number of a CRL, the edition of a feed, the size of a log; 0 if it
                         was not read or there is none */
    const char *what; /* "certificate", "responder", "ca", "crl", "empty-crl", "card-age", ...; NULL
                         if it was not read */
};

/*
 * Open a key of the configuration, which must outlive it. ERR_ABSENT if the key or its ledger is
 * missing; nothing is made here.
 */
MUST_CHECK int key_open(const struct signer_config *config, const struct key_config *row,
                        const struct secret *passphrase, struct key **ret, struct err *err);
void key_free(struct key *key);
void key_freep(struct key **key);
/* Go by another row from now on: of the same name, in a configuration that outlives the key. */
void key_use_config(struct key *key, const struct key_config *row);

const struct key_config *key_config_of(const struct key *key);
struct bytes key_spki(const struct key *key);
/* "RSA-2048", "P-256" */
const char *key_algorithm(const struct key *key);
bool key_has_ca(const struct key *key);

/* What has been approved and noted, on its way to a signature. */
struct key_work {
    const struct key *key;
    struct digest digest; /* over which the signature goes */
    struct buf info;      /* or, if there is something in it, what is padded or signed as it is */
};
#define KEY_WORK_INIT                                                                              \
    {                                                                                              \
        .info = BUF_INIT                                                                           \
    }
void key_work_done(struct key_work *work);

/*
 * Check the whole structure against the role and note it. The failures are those of signer_sign in
 * rpc/signer_client.h, and ERR_SYSTEM if it cannot be noted. *ret_act is filled as far as it came,
 * on failure too.
 */
MUST_CHECK int key_approve(struct key *key, enum signer_kind kind, struct bytes tbs,
                           struct key_work *ret, struct key_act *ret_act, struct err *err);
/* The same for a list that has come as a whole, which is then over. */
MUST_CHECK int key_approve_list(struct key *key, struct list *list, struct key_work *ret,
                                struct key_act *ret_act, struct err *err);
/* By any thread, beside others that do the same. The signature must not leave before key_sync. */
MUST_CHECK int key_work_sign(const struct key_work *work, struct buf *ret_signature,
                             struct err *err);
/* Both. */
MUST_CHECK int key_sign(struct key *key, enum signer_kind kind, struct bytes tbs,
                        struct buf *ret_signature, struct key_act *ret_act, struct err *err);
/* Have all that was noted on the disk; on failure no signature since the last sync may leave. */
MUST_CHECK int key_sync(struct key *key, struct err *err);
/* Of RSA by RSA-OAEP, on P-256 by ECDH-ES. The failures are those of signer_unwrap. */
MUST_CHECK int key_unwrap(const struct key *key, struct bytes wrapped, struct secret *ret,
                          struct err *err);
/*
 * The self-signed certificate of a key of role verifier, from now on for the days of its section;
 * ERR_USAGE for another role. On the command line only, never over the socket.
 */
MUST_CHECK int key_certify(const struct key *key, int64_t now, struct buf *ret_der,
                           struct err *err);
/*
 * The CV certificate by which a key of role cv-root vouches for one of role card-data: EF 0004 of
 * the applet (card.md 3.2). The same again for the same two keys; the failures are those of
 * key_sign, and ERR_USAGE for other roles. On the command line only, too.
 */
MUST_CHECK int key_certify_card(struct key *root, const struct key *subject, struct buf *ret,
                                struct err *err);
