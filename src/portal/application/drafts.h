/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many drafts there may be, and how long they are kept: nobody has to log in to begin one, so
 * those of tickets are limited as a whole, and soon forgotten.
 */
#pragma once

#include "base/chore.h"
#include "base/clock.h"
#include "portal/application/store.h"

/*
 * In the transaction that begins one. ERR_CONFLICT where an account has APPLICATION_OPEN_MAX, or
 * APPLICATION_BEGUN_MAX with those that it withdrew unsubmitted; ERR_REMOTE where tickets have
 * APPLICATION_TICKETS_MAX of both.
 */
MUST_CHECK int drafts_check(struct db_txn *txn, const char *owner, int64_t at, struct err *err);
/*
 * In the transaction that attaches a file to an application that was changed last then. ERR_REMOTE
 * where it is a ticket's, and tickets have APPLICATION_TICKET_FILES_MAX, submitted or not.
 */
MUST_CHECK int drafts_check_file(struct db_txn *txn, const char *owner, int64_t changed_at,
                                 struct err *err);
/* Forget those, and what was withdrawn unsubmitted, that are too old, with all that belongs to
 * them, some at a time: *ret_count. */
MUST_CHECK int drafts_forget(struct db *db, int64_t now, unsigned *ret_count, struct err *err);

/* A thread that does so again and again. The keeper outlives it and stays where it is. */
struct drafts_keeper {
    struct db *db;
    const struct clock *clock;
    struct chore chore;
};
MUST_CHECK int drafts_keeper_start(struct drafts_keeper *keeper, struct err *err);
void drafts_keeper_stop(struct drafts_keeper *keeper);
