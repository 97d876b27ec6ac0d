/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applications that wait for their review: how many of whom, and until when. Nobody knows who
 * applies, so an application is its requester's, one of whom has few, and so has one network; and
 * it goes by itself after a day unless it was confirmed with the certificate or the key that the
 * service is to be known by (docs/decisions/0125). Inside this subject only.
 */
#pragma once

#include "http/server.h"
#include "portal/operator/client.h"

/*
 * From where a request comes, as far as nobody can claim it for another: the address that the proxy
 * names last in X-Forwarded-For, of IPv6 the first 48 bits, or the user of the socket; "": neither.
 */
void operator_requester(const struct http_call *call, char ret[OPERATOR_REQUESTER_SIZE]);

/* In the transaction in which one more comes: ERR_CONFLICT if there are too many. */
MUST_CHECK int operator_waiting_check(struct db_txn *txn, const char *requester, struct err *err);
/* Those that nobody confirmed in time are gone. */
MUST_CHECK int operator_waiting_lapse(struct db_txn *txn, const struct audit_origin *by,
                                      struct err *err);
/* The same in a transaction of its own, if there is one. */
MUST_CHECK int operator_waiting_sweep(struct db *db, int64_t now, struct err *err);
/*
 * It waits for its review from now on, however long. ERR_ABSENT if there is none (any more);
 * ERR_CONFLICT if it does not wait. Once is as good as twice.
 */
MUST_CHECK int operator_waiting_confirm(struct db *db, const char *id,
                                        const struct audit_origin *by, struct err *err);
