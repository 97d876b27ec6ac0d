/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of one signerd and what they answer: a frame and the peer's user id in, a frame out.
 * No sockets here, and nothing but the directory of keys is touched.
 */
#pragma once

#include "rpc/frame.h"
#include "signer/key.h"

struct service;

/* What happened; for the log. */
struct service_record {
    enum rpc_verb verb;
    char key[RPC_NAME_MAX + 1]; /* "" if the question named none */
    uid_t uid;
    struct key_act act;
    struct err err; /* kind ERR_NONE if it was answered */
};

/*
 * Read the configuration and open every key in it. Opening one directory twice is the caller's
 * to prevent: service_lock.
 */
MUST_CHECK int service_open(const char *config_path, struct service **ret, struct err *err);
void service_free(struct service *service);
void service_freep(struct service **service);
const struct signer_config *service_config(const struct service *service);
size_t service_key_count(const struct service *service);
const struct key *service_key(const struct service *service, size_t index);

/*
 * Read the configuration anew and go by it, without a moment between old and new: peers and rules
 * of keys change, sections come and go. A key that stays is not read again. On failure the service
 * is as it was. Socket and directory of keys cannot change: ERR_CONFLICT.
 */
MUST_CHECK int service_reload(struct service *service, const char *config_path, struct err *err);

/* Whether this user may use any key, or may at least ask for the status (root, ourselves). */
bool service_knows(const struct service *service, uid_t uid);

/* How a connection stands; zeroed at its beginning. */
struct service_session {
    uid_t uid;
    uint16_t version; /* 0 before the greeting */
};

/* What the status tells about the process around the service. */
struct service_surroundings {
    uint32_t connections;
    bool memory_locked;
};

/* One question and what came of it. */
struct service_exchange {
    struct service_session *session;
    struct service_surroundings around;
    struct service_record record; /* filled by service_answer */
};

/*
 * Answer a question: appends a frame to *out, which also says what was wrong if it was refused.
 * Fails only if there can be no answer (out of memory); the connection is then of no use.
 */
MUST_CHECK int service_answer(struct service *service, struct service_exchange *exchange,
                              const struct rpc_frame *frame, struct buf *out, struct err *err);
/* The refusal of something that is no question, or of a connection: id 0. */
MUST_CHECK int service_refuse(const struct err *why, struct buf *out, struct err *err);

/*
 * The lock on a directory of keys: ERR_CONFLICT while another process has it. Held until the
 * descriptor is closed.
 */
MUST_CHECK int service_lock(const char *dir, int *ret_fd, struct err *err);
