/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders to revoke wait in the register until the authority has answered. The authority knows each
 * by its id, so an order that was delivered by two at once, or again after a crash, is one.
 */
#include "register/outbox.h"

#include "register/authority_client.h"

/*
 * An answer that ends an order. An authority that does not know the certificate, or the reason, is
 * an old copy of itself or a wrong one: the order outlives that.
 */
static int settle(const struct counter *counter, const struct revocation_order *order, int rc,
                  struct delivered *counts, struct err *err)
{
    const struct audit_origin by = audit_by_self(clock_now(counter->clock));
    bool is_done = rc == 0;

    if (!is_done && rc != -ERR_CONFLICT)
        return 0;
    TRY(register_settle_revocation(counter->store, order,
                                   is_done ? REVOCATION_DONE : REVOCATION_REFUSED, &by, err));
    counts->done += is_done;
    counts->refused += !is_done;
    return 0;
}

/* Whether the next order would have no better luck. */
static bool is_hopeless(int rc)
{
    return rc < 0 && rc != -ERR_CONFLICT && rc != -ERR_ABSENT && rc != -ERR_INPUT;
}

int outbox_deliver(const struct counter *counter, const char *traceparent, struct delivered *ret,
                   struct err *err)
{
    struct revocation_order order = {.id = 0};
    struct delivered counts = {0, 0};
    struct err failure = {0};
    int rc = 0;

    while (!is_hopeless(rc)) {
        struct err refusal = {0};
        int end = register_next_revocation(counter->store, order.id, &order, err);

        if (end == -ERR_ABSENT)
            break;
        TRY(end);
        rc = authority_ask_revocation(counter->authority, &order, traceparent, &refusal);
        TRY(settle(counter, &order, rc, &counts, err));
        if (rc < 0 && rc != -ERR_CONFLICT)
            failure = refusal;
    }
    *ret = counts;
    if (failure.kind != ERR_NONE)
        return FAIL_WITH(err, failure.kind, failure.detail, "%s", failure.text);
    return 0;
}
