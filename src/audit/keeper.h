/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who makes checkpoints of a log (room note): every so often, and when somebody asks. The daemon's
 * key for that is at signerd, which signs no checkpoint of another log, none that is smaller than
 * the one before, and no two of one size; so a log that was rewritten, or put back from a copy, has
 * no checkpoints any more. That nobody is shown another log than the rest is a witness's business.
 *
 * A checkpoint is stored before it is told. Any thread may call.
 */
#pragma once

#include "audit/merkle.h"
#include "base/clock.h"
#include "db/db.h"

#include <sys/types.h>

/* A migration behind audit_tree_schema_v1. */
extern const char audit_checkpoint_schema_v1[];

struct audit_keeper;

struct audit_keeper_options {
    struct db *db;       /* with the log */
    const char *signer;  /* the path of signerd's socket */
    const char *key;     /* of role checkpoint there */
    const char *origin;  /* what the log is called */
    int64_t interval_ms; /* between two checkpoints, if there are records between them */
    const struct clock *clock;
    const uid_t *witnesses; /* who may read checkpoints and proofs, and nothing else of the log */
    size_t witness_count;
    /* Told by the thread of each checkpoint, and of the first failure in a row. */
    void (*report)(int64_t size, const struct err *failure);
};

/* The texts of the options must outlive it. */
MUST_CHECK int audit_keeper_new(const struct audit_keeper_options *options,
                                struct audit_keeper **ret, struct err *err);
/* Begin to make checkpoints by itself, the first one at once. */
MUST_CHECK int audit_keeper_start(struct audit_keeper *keeper, struct err *err);
/* Waits for a checkpoint at work; nothing if it was not started. Accepts NULL. */
void audit_keeper_stop(struct audit_keeper *keeper);
void audit_keeper_freep(struct audit_keeper **keeper); /* stops it */

/* Whether this user is a witness of the log. keeper may be NULL. */
bool audit_keeper_knows(const struct audit_keeper *keeper, uid_t uid);

/*
 * A checkpoint of all records that are there now, signed; the last one if there are no others
 * since. ERR_ABSENT for a log without records; ERR_CONFLICT if signerd has signed one that this log
 * does not continue; ERR_REMOTE while signerd cannot be asked.
 */
MUST_CHECK int audit_keeper_make(struct audit_keeper *keeper, struct buf *ret_note,
                                 int64_t *ret_size, struct err *err);
/*
 * The last checkpoint that was made, or the one of so many records (decimal digits; NULL: the
 * last). ERR_ABSENT if there is none.
 */
MUST_CHECK int audit_keeper_show(struct audit_keeper *keeper, const char *size,
                                 struct buf *ret_note, struct err *err);
