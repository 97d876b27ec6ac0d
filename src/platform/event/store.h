/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tenant is told without asking, as it is kept (platform/store.h). An event is put down in
 * the transaction of what happened, so it is there once or not at all; with it one delivery for
 * each webhook of the tenant. Numbers are each tenant's own, so that none shows how much happens to
 * others.
 */
#pragma once

#include "base/json.h"
#include "platform/limits.h"
#include "platform/store.h"

enum { EVENT_ID_SIZE = 27 }; /* "evt_", 16 octets in base64url and a NUL */

enum event_type {
    EVENT_DATA_MAY_HAVE_CHANGED,
    EVENT_CONSENT_GIVEN,
    EVENT_CONSENT_WITHDRAWN,
    EVENT_CONSENT_EXPIRING,
    EVENT_CONSENT_EXPIRED,
    EVENT_TYPES_
};
extern const char *const event_types[]; /* "holder.data_may_have_changed", ..., NULL */

struct db_txn;
/* Inside a transaction. data is the member of that name; taken. */
MUST_CHECK int event_put(struct db_txn *txn, const char *client_id, enum event_type type,
                         struct json *data, int64_t at, struct err *err);

/*
 * The events of a tenant behind one, or the first ones if after is NULL, EVENTS_PAGE_MAX at most:
 * the body of an answer, with "more". ERR_ABSENT if after is none of the tenant's.
 */
MUST_CHECK int platform_list_events(struct platform_store *store, const char *client_id,
                                    const char *after, struct json **ret, struct err *err);
