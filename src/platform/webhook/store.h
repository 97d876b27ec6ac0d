/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where tenants are called, and what is still to be delivered there, as it is kept
 * (platform/store.h). A delivery is put down with its event, so it survives what the event
 * survives; it is over when the tenant has acknowledged it, or after DELIVERY_TRIES.
 */
#pragma once

#include "platform/event/store.h"

enum { WEBHOOK_ID_SIZE = 27 }; /* "whk_", 16 octets in base64url and a NUL */

struct webhook {
    char id[WEBHOOK_ID_SIZE];
    char client_id[CLIENT_ID_MAX + 1];
    char url[WEBHOOK_URL_MAX + 1];
    int64_t generation;   /* of its secret */
    int64_t before_until; /* until then the secret before signs as well; 0: there is none */
};

/* ERR_CONFLICT if the tenant has WEBHOOKS_MAX. */
MUST_CHECK int platform_add_webhook(struct platform_store *store, const struct webhook *webhook,
                                    const struct audit_origin *by, struct err *err);
/* No more deliveries, also of what is waiting. ERR_ABSENT also if it is another tenant's. */
MUST_CHECK int platform_end_webhook(struct platform_store *store, const char *client_id,
                                    const char *id, const struct audit_origin *by, struct err *err);
/* Another secret; the one before signs as well until a moment. ERR_ABSENT. */
MUST_CHECK int platform_rotate_webhook(struct platform_store *store, const char *client_id,
                                       const char *id, int64_t before_until,
                                       const struct audit_origin *by, struct err *err);
MUST_CHECK int platform_get_webhook(struct platform_store *store, const char *client_id,
                                    const char *id, struct webhook *ret, struct err *err);
typedef int webhook_visit_fn(void *context, const struct webhook *webhook, struct err *err);
MUST_CHECK int platform_each_webhook(struct platform_store *store, const char *client_id,
                                     webhook_visit_fn *visit, void *context, struct err *err);

/* Something to be delivered. Release with delivery_done. */
struct delivery {
    struct webhook webhook;
    int64_t number;
    int64_t tries; /* that failed */
    char event[EVENT_ID_SIZE];
    struct buf body;
};
void delivery_done(struct delivery *delivery);
extern const char *const delivery_states[]; /* "waiting", "delivered", "dead", NULL */
/* The tenant behind another ("": the first) for which something is due; ERR_ABSENT. */
MUST_CHECK int platform_due_tenant(struct platform_store *store, const char *behind, int64_t now,
                                   char ret[CLIENT_ID_MAX + 1], struct err *err);
/* What is due for a tenant, the longest due first; ERR_ABSENT. */
MUST_CHECK int platform_due_delivery(struct platform_store *store, const char *client_id,
                                     int64_t now, struct delivery *ret, struct err *err);
/* It was taken, now. */
MUST_CHECK int platform_delivered(struct platform_store *store, const struct delivery *delivery,
                                  int64_t now, struct err *err);
/* It was not: when to try again (0: never), and why, in one sentence of ours. */
struct delivery_failure {
    int64_t due_at;
    const char *why;
};
MUST_CHECK int platform_not_delivered(struct platform_store *store, const struct delivery *delivery,
                                      const struct delivery_failure *failure, int64_t now,
                                      struct err *err);

/* What was given up, as the body of an answer. ERR_ABSENT. */
MUST_CHECK int platform_list_dead(struct platform_store *store, const char *client_id,
                                  const char *webhook, struct json **ret, struct err *err);
/*
 * The newest deliveries to a webhook, whatever became of them, EVENTS_PAGE_MAX at most: the body of
 * an answer.
 */
MUST_CHECK int platform_list_deliveries(struct platform_store *store, const char *client_id,
                                        const char *webhook, struct json **ret, struct err *err);
/* What to deliver again: one event, or all of a time. */
struct replay {
    const char *event; /* NULL: all of the time */
    int64_t from, until;
};
/* Deliver it, once more or for the first time, now; how much that is. ERR_ABSENT. */
MUST_CHECK int platform_replay(struct platform_store *store, const struct webhook *webhook,
                               const struct replay *replay, const struct audit_origin *by,
                               int64_t *ret_count, struct err *err);
