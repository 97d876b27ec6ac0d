/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of one signerd and what they answer: a frame and the peer's user id in, a frame out.
 * No sockets here, and nothing but the directory of keys is touched.
 */
#pragma once

#include "rpc/frame.h"
#include "signer/key.h"

struct keyring;

/* What happened; for the log. */
struct keyring_record {
    enum rpc_verb verb;
    char key[RPC_NAME_MAX + 1]; /* "" if the question named none */
    uid_t uid;
    struct key_act act;
    struct err err; /* kind ERR_NONE if it was answered */
};

/*
 * Read the configuration and open every key in it. Opening one directory twice is the caller's
 * to prevent: keyring_lock.
 */
MUST_CHECK int keyring_open(const char *config_path, struct keyring **ret, struct err *err);
/* The same with a configuration, which is taken, also on failure, and the passphrase. */
MUST_CHECK int keyring_open_with(struct signer_config *config, const struct secret *passphrase,
                                 struct keyring **ret, struct err *err);
void keyring_free(struct keyring *keyring);
void keyring_freep(struct keyring **keyring);

/* What each configuration that is read anew must pass, too; NULL, as at the beginning: nothing. */
void keyring_require(struct keyring *keyring,
                     int (*accepts)(const struct signer_config *config, struct err *err));
/*
 * Read the configuration anew and go by it, without a moment between old and new: peers and rules
 * of keys change, sections come and go. A key that stays is not read again. On failure the keyring
 * is as it was. Socket, directory of keys and roles of keys cannot change: ERR_CONFLICT; nor are
 * keys added to those that custodians opened.
 */
MUST_CHECK int keyring_reload(struct keyring *keyring, const char *config_path, struct err *err);

/* Whether this user may use any key, or may at least ask for the status (root, ourselves). */
bool keyring_knows(const struct keyring *keyring, uid_t uid);

/* How a connection stands; zeroed at its beginning. */
struct keyring_session {
    uid_t uid;
    uint16_t version;  /* 0 before the greeting */
    struct list *list; /* that is coming in; NULL: none */
};
void keyring_session_done(struct keyring_session *session);

/* What the status tells about the process around the keyring. */
struct keyring_surroundings {
    uint32_t connections;
    bool memory_locked;
};

/* One question and what came of it. All but the first two members are the keyring's. */
struct keyring_exchange {
    struct keyring_session *session;
    struct keyring_surroundings around;
    struct keyring_record record;
    uint32_t id;
    uint16_t version;     /* of the answer's frame */
    int rc;               /* of the question so far */
    struct buf body;      /* of the answer */
    struct key_work work; /* without a key: nothing is to be signed */
};
/* It is zeroed before its first use, and cleared before each further one: its memory stays. */
void keyring_exchange_clear(struct keyring_exchange *exchange);
void keyring_exchange_done(struct keyring_exchange *exchange);

/*
 * Answer a question, in three steps of which the second may be done for many questions at a time.
 *
 * First everything is checked, and noted if something is to be signed. Fails only if there can be
 * no answer (out of memory); the connection is then of no use.
 */
MUST_CHECK int keyring_ask(struct keyring *keyring, struct keyring_exchange *exchange,
                           const struct rpc_frame *frame, struct err *err);
bool keyring_has_to_sign(const struct keyring_exchange *exchange);
/* By any thread, while nothing is done with the keyring but this for other questions. */
void keyring_sign(struct keyring_exchange *exchange);
/*
 * Append the answer's frame to *out, which says what was wrong if the question was refused; fails
 * as keyring_ask. The answer must not leave before keyring_sync, so that one sync does for the
 * answers to many.
 */
MUST_CHECK int keyring_answer(struct keyring *keyring, struct keyring_exchange *exchange,
                              struct buf *out, struct err *err);
/* On failure none of the answers since the last sync may leave. */
MUST_CHECK int keyring_sync(struct keyring *keyring, struct err *err);
/* The refusal of something that is no question, or of a connection: id 0. */
MUST_CHECK int keyring_refuse(const struct err *why, struct buf *out, struct err *err);

/*
 * The lock on a directory of keys: ERR_CONFLICT while another process has it. Held until the
 * descriptor is closed.
 */
MUST_CHECK int keyring_lock(const char *dir, int *ret_fd, struct err *err);
