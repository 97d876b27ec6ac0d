/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mails that are to go out. A mail is "waiting" until a server is ready to take it; in that moment
 * it becomes "handed", durably, before the first byte of it is sent. So whoever dies before that
 * has sent nothing, and one that is handed is never sent again, whatever dies: nobody gets two
 * mails of one notice, and the notice itself is on the portal's page anyway.
 *
 *     waiting ─► handed ─► sent
 *       ▲ │        │  └──► waiting (it was refused for now)
 *       └─┘        └─────► dead (refused for good, or nobody knows); waiting ─► dead (too many
 * tries)
 *
 * Mails have no address: it is looked up when they go out. Inside this room only.
 */
#pragma once

#include "audit/audit.h"
#include "base/json.h"
#include "fetch/mail.h"
#include "portal/limits.h"
#include "portal/mail/limits.h"

/* In the transaction of notices from this number on: a mail for each whose owner wants one. */
MUST_CHECK int mail_queue_notices(struct db_txn *txn, int64_t first, int64_t at, struct err *err);
/* One that shows a code, in place of those of this account that wait. */
MUST_CHECK int mail_queue_code(struct db_txn *txn, const char *account, const char *code,
                               int64_t at, struct err *err);

enum { MAIL_CODE_SIZE = 7, MAIL_LANGUAGE_SIZE = 3, MAIL_STATE_SIZE = 8 };
struct mail_job {
    int64_t id;
    char account[PORTAL_ID_SIZE];
    char code[MAIL_CODE_SIZE]; /* "": it says that there is a notice */
    char address[MAILBOX_MAX + 1];
    char language[MAIL_LANGUAGE_SIZE];
    int64_t tries; /* before this one */
};
/* The one that is due for the longest time; ERR_ABSENT if none is. */
MUST_CHECK int mail_next(struct db *db, int64_t now, struct mail_job *ret, struct err *err);
/* It is being sent from now on. ERR_ABSENT if it is not wanted any more. */
MUST_CHECK int mail_hand(struct db *db, const struct mail_job *job, struct err *err);
/* What became of it; why is for operators: "" if it arrived. */
MUST_CHECK int mail_settle(struct db *db, const struct mail_job *job, enum mail_outcome outcome,
                           const char *why, int64_t now, struct err *err);
/* Those that were handed over by a process that is gone are given up. Before the first mail_next.
 */
MUST_CHECK int mail_recover(struct db *db, struct err *err);
/* What became of mails of long ago is forgotten. */
MUST_CHECK int mail_forget(struct db *db, int64_t now, struct err *err);

/* ---- for operators ---- */

/* {waiting, handed, sent, dead}: how many; and an array of the dead ones behind this number. */
MUST_CHECK int mail_tell(struct db *db, int64_t after, struct json **ret_counts,
                         struct json **ret_dead, struct err *err);
/* Try a dead one again, whatever became of it. ERR_ABSENT if it is none. */
MUST_CHECK int mail_again(struct db *db, int64_t id, const struct audit_origin *by,
                          struct err *err);

enum mail_act {
    MAIL_ADDRESS_GIVEN,
    MAIL_ADDRESS_PROVED,
    MAIL_ADDRESS_REMOVED,
    MAIL_TRIED_AGAIN,
    MAIL_ACTS_
};
extern const struct audit_act mail_acts[];
MUST_CHECK int mail_note(struct db_txn *txn, enum mail_act act, const char *subject,
                         const struct audit_origin *by, struct err *err);
