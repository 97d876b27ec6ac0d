/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When an interface of the gateway is out of service: outages, which end when somebody says so, and
 * maintenance, which is announced with its end (portal.md 2.2). While one lasts the interface
 * answers that it does. The exchange's own hours and maintenance are exchange/hours.h's.
 */
#pragma once

#include "audit/audit.h"
#include "db/db.h"
#include "portal/outage/limits.h"

enum outage_kind { OUTAGE_FAILURE, OUTAGE_MAINTENANCE, OUTAGE_KINDS_ };
extern const char *const outage_kinds[]; /* "outage", "maintenance", NULL */

struct outage {
    int64_t id;
    char api[32]; /* of gateway_apis[]; "*": all of them */
    enum outage_kind kind;
    char text[4 * OUTAGE_TEXT_MAX + 1], text_en[4 * OUTAGE_TEXT_MAX + 1];
    int64_t begins;
    int64_t ends; /* 0: nobody knows yet */
};

/*
 * Announce one; it gets its id. ERR_INPUT for another interface, for maintenance without an end, an
 * end that is not behind the beginning, and texts that are none; ERR_CONFLICT if OUTAGES_MAX are
 * not over.
 */
MUST_CHECK int outage_announce(struct db *db, struct outage *outage, const struct audit_origin *by,
                               struct err *err);
/* It is over now; one that has not begun is called off. ERR_ABSENT for one that is over or none. */
MUST_CHECK int outage_end(struct db *db, int64_t id, const struct audit_origin *by,
                          struct err *err);
/* Whether an interface is out of service. */
MUST_CHECK int outage_is_now(struct db *db, const char *api, int64_t now, bool *ret,
                             struct err *err);
/* Those that were not over at a time, the earliest first; at most OUTAGES_SHOWN. */
MUST_CHECK int outage_list(struct db *db, int64_t since, struct outage ret[OUTAGES_SHOWN],
                           size_t *ret_count, struct err *err);

enum outage_act { OUTAGE_ACT_ANNOUNCED, OUTAGE_ACT_ENDED, OUTAGE_ACTS_ };
extern const struct audit_act outage_acts[];
