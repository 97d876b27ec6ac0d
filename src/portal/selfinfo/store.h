/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of people for what is held about them, as they are kept: which names were asked for, of
 * which bodies, and which question of the exchange each became. What was answered is the
 * exchange's.
 */
#pragma once

#include "exchange/exchange.h"
#include "portal/limits.h"
#include "portal/store.h"

struct selfinfo_item {
    unsigned number;
    char info[CODE_SIZE], provider[CODE_SIZE];
    int64_t question; /* of the exchange; 0: none yet */
};

struct selfinfo_request {
    char id[PORTAL_ID_SIZE];
    int64_t person; /* the exchange's number of whom it is about */
    int64_t made_at;
    int year; /* the year that was asked for; 0: all that is held */
    unsigned count;
    struct selfinfo_item items[PORTAL_SELFINFO_ITEMS_MAX];
};

/*
 * Keep a request of an account, under the id it has. The account's oldest one goes where there are
 * PORTAL_SELFINFO_REQUESTS_MAX.
 */
MUST_CHECK int selfinfo_add(struct portal_store *store, const char *account,
                            const struct selfinfo_request *request, const struct audit_origin *by,
                            struct err *err);
/* Note which question an item became; one that has one keeps it. */
MUST_CHECK int selfinfo_note_question(struct portal_store *store, const char *request,
                                      const struct selfinfo_item *item, struct err *err);
/* ERR_ABSENT for another account's as for none. */
MUST_CHECK int selfinfo_get(struct portal_store *store, const char *account, const char *id,
                            struct selfinfo_request *ret, struct err *err);
/*
 * All requests of an account at one moment, the newest first; each goes as soon as there are others
 * enough. To be released by free().
 */
struct selfinfo_requests {
    unsigned count;
    struct selfinfo_request at[PORTAL_SELFINFO_REQUESTS_MAX];
};
MUST_CHECK int selfinfo_list(struct portal_store *store, const char *account,
                             struct selfinfo_requests **ret, struct err *err);
void selfinfo_requests_freep(struct selfinfo_requests **requests);
