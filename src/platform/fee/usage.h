/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the authority bills a platform for, by the tenant it was asked for, day in Japan and item;
 * as the authority counts it (its usage/usage.h).
 */
#pragma once

#include "base/json.h"
#include "platform/limits.h"
#include "platform/store.h"

enum fee_item {
    FEE_SIGN_CHECK,
    FEE_AUTH_CHECK,
    FEE_SIGN_LIST,
    FEE_AUTH_LIST,
    FEE_ATTRIBUTES,
    FEE_ITEMS_
};
extern const char *const fee_items[]; /* "sign-check", ..., as the authority calls them; NULL */

struct db_txn;
/* Inside the transaction of what is counted: so many more at a moment. */
MUST_CHECK int fee_count(struct db_txn *txn, const char *client_id, enum fee_item item, int64_t at,
                         int64_t count, struct err *err);
