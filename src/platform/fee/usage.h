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
/* The same in a transaction of its own. */
MUST_CHECK int platform_count_use(struct platform_store *store, const char *client_id,
                                  enum fee_item item, int64_t at, struct err *err);

/* What a tenant used on a day. */
struct fee_use {
    char client_id[CLIENT_ID_MAX + 1];
    char day[sizeof "YYYY-MM-DD"];
    enum fee_item item;
    int64_t count;
};
typedef int fee_use_fn(void *context, const struct fee_use *use, struct err *err);
/* Of a month, by tenant, item and day; client_id NULL: of all tenants. */
MUST_CHECK int platform_each_use(struct platform_store *store, const char *month,
                                 const char *client_id, fee_use_fn *visit, void *context,
                                 struct err *err);
