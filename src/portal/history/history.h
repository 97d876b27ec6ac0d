/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of the exchange for whom it is about, in words (S305). A record has the five fields of
 * Estonia's protocol (portal.md 5: time, action in words, receiver, the receiver's name, the
 * receiver's system), and who gave what under which duty, whose words stand once in a page. Newest
 * first, with the count of all; what is not shown by law is counted.
 */
#pragma once

#include "audit/keeper.h"
#include "exchange/exchange.h"
#include "exchange/note.h"
#include "http/writer.h"

/* Write a page as the members of an answer: first_at, total, hidden, offset, records, words. */
MUST_CHECK int history_page(const struct exchange *x, const struct log_query *query,
                            struct http_writer *page, struct err *err);
/*
 * Write a record with what proves that the signed log has it: record and words (as in a page), text
 * (what the audit log was committed to) and proof (audit/opening.h; with checkpoint, the newest one
 * signed, whose tree the proof leads to). Without a keeper nobody signs any. ERR_ABSENT for
 * another's as for none; ERR_REMOTE while nothing can be signed.
 */
MUST_CHECK int history_proof(const struct exchange *x, struct audit_keeper *keeper, int64_t person,
                             int64_t id, struct http_writer *answer, struct err *err);
/*
 * What a service did with somebody's card or consent, into the log of whose account it is, in the
 * transaction of what was done. An account that the exchange does not know by a code (the register
 * was never there) has no log: then nothing is written. ERR_ABSENT if there is no such account.
 */
MUST_CHECK int history_note(struct db_txn *txn, const char *account, const struct note *note,
                            const struct audit_origin *by, struct err *err);
