/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A witness of logs: looks at the checkpoints of each, and cosigns one if it continues all that it
 * has seen of this log before. What does not is never cosigned; it is kept as proof, and told. A
 * witness has nothing to do with those whose logs it sees but their public keys.
 */
#pragma once

#include "base/clock.h"
#include "note/key.h"
#include "rpc/signer_client.h"
#include "witness/limits.h"
#include "witness/store.h"

#include <stdatomic.h>

/* How the last look at a log ended. */
enum witness_sight {
    SIGHT_NONE,    /* there was none, or no checkpoint yet */
    SIGHT_CURRENT, /* what it showed is cosigned */
    SIGHT_FAILED,  /* it, or signerd, could not be asked: later */
    SIGHT_REFUSED, /* what it showed is not cosigned: there is an alarm */
    SIGHTS_
};
extern const char *const witness_sight_words[SIGHTS_ + 1]; /* "none", ...; ended by NULL */

/* A log that is witnessed. */
struct witness_log {
    const char *name;    /* here */
    const char *socket;  /* of the daemon that keeps it */
    struct note_key key; /* its own; the name is its origin */
    _Atomic enum witness_sight sight;
    _Atomic int64_t looked_at; /* when it was last cosigned or found unchanged, UTC; 0: never */
    _Atomic uint64_t cosigned, refused, failed; /* since the start */
};

struct witness {
    struct witness_store *store;
    const struct clock *clock;
    const char *signer; /* the path of signerd's socket */
    const char *key;    /* of role cosignature there */
    const char *name;   /* of the witness */
    int64_t again_s;    /* cosign what did not change anew after so long */
    struct witness_log logs[WITNESS_LOGS_MAX];
    size_t log_count;
    struct note_key own; /* by witness_load */
};

/* Learn the own key. ERR_REMOTE if signerd cannot be asked. */
MUST_CHECK int witness_load(struct witness *witness, struct err *err);

/* What there is to tell of a look. */
struct witness_report {
    const struct witness_log *log;
    enum witness_sight sight;
    enum witness_doubt doubt;  /* with SIGHT_REFUSED */
    bool is_new;               /* another checkpoint, a new alarm, another sight than before */
    int64_t size;              /* with SIGHT_CURRENT */
    const struct err *failure; /* NULL: none */
};

/* Look at a log once. Fails if what was seen could not be stored or cosigned. */
MUST_CHECK int witness_look(struct witness *witness, struct signer *signer, struct witness_log *log,
                            struct witness_report *ret, struct err *err);

/* Looks at all logs every so often, in a thread; report is told of what is new. */
struct witness_watch_options {
    struct witness *witness;
    int interval_ms;
    void (*report)(const struct witness_report *report);
};
struct witness_watch;
MUST_CHECK int witness_watch_start(const struct witness_watch_options *options,
                                   struct witness_watch **ret, struct err *err);
/* Waits for a look at work. Accepts NULL. */
void witness_watch_stopp(struct witness_watch **watch);
