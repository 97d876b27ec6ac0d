/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much a tenant used, by days in Japan, counted in the transaction of what is counted. A
 * verification that is deleted was made all the same.
 */
#pragma once

#include "base/json.h"
#include "platform/limits.h"
#include "platform/platform.h"
#include "platform/revocation/asking.h"

enum usage_kind { USAGE_JUDGEMENT, USAGE_DELIVERED, USAGE_NOT_DELIVERED, USAGE_KINDS_ };

/* What a judgement was about; NULL is kept as "". */
struct usage_judgement {
    const char *purpose; /* "signature", "liveness", "authentication", "presentation" */
    const char *verdict;
    const char *method; /* usage_method */
};
extern const char *const usage_purposes[]; /* ended by NULL */
extern const char *const usage_methods[];  /* "online" (OCSP), "feed", "lists", NULL */

/* The way in which revocation is looked up, if it is wished so. */
const char *usage_method(const struct platform *platform, enum asking_check check);

/* Inside a transaction: one judgement more, whom the month's quota allows (tenant/store.h). */
MUST_CHECK int usage_count_judgement(struct db_txn *txn, const char *client_id, int64_t at,
                                     const struct usage_judgement *what, struct err *err);
/* Inside a transaction: one try more to deliver to a webhook. */
MUST_CHECK int usage_count_delivery(struct db_txn *txn, const char *client_id, int64_t at,
                                    bool is_delivered, struct err *err);

/* Which days of a tenant are told, the oldest first. */
struct usage_filter {
    const char *client_id;
    const char *since, *until; /* "YYYY-MM-DD", both inclusive */
    unsigned count;            /* at most USAGE_PAGE_MAX */
};
/*
 * Put days, one object for each on which there was anything, into the body, and next, the day with
 * which to go on, if there are more of them.
 */
MUST_CHECK int platform_put_usage(struct platform_store *store, const struct usage_filter *filter,
                                  struct json *body, struct err *err);
