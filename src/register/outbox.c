/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders to revoke wait in the register until the authority has answered. The authority knows each
 * by its id, so an order that was delivered by two at once, or again after a crash, is one.
 */
#include "register/outbox.h"

#include "register/authority_client.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { MILLISECONDS = 1000, NANOSECONDS = 1000000 }; /* in a second; in a millisecond */

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

struct outbox {
    const struct counter *counter;
    unsigned every_ms;
    void (*observe)(int rc, const struct delivered *counts, const struct err *failure);
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool is_stopping;
    pthread_t thread;
};

/* Wait for the next round; false: stop. The lock is held. */
static bool wait_round(struct outbox *outbox)
{
    int64_t at = monotonic_ms() + outbox->every_ms;
    const struct timespec until = {.tv_sec = at / MILLISECONDS,
                                   .tv_nsec = at % MILLISECONDS * NANOSECONDS};
    int rc = 0;

    while (!outbox->is_stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&outbox->stop, &outbox->lock, &until);
    return !outbox->is_stopping;
}

static void *outbox_main(void *context)
{
    struct outbox *outbox = context;

    (void)pthread_mutex_lock(&outbox->lock);
    do {
        struct delivered counts = {0, 0};
        struct err failure = {0};
        int rc;

        (void)pthread_mutex_unlock(&outbox->lock);
        rc = outbox_deliver(outbox->counter, NULL, &counts, &failure);
        outbox->observe(rc, &counts, &failure);
        (void)pthread_mutex_lock(&outbox->lock);
    } while (wait_round(outbox));
    (void)pthread_mutex_unlock(&outbox->lock);
    return NULL;
}

static int start(struct outbox *outbox, struct err *err)
{
    pthread_condattr_t attributes;
    int rc;

    if (pthread_condattr_init(&attributes) != 0)
        return FAIL_NOMEM(err);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&outbox->lock, NULL);
    (void)pthread_cond_init(&outbox->stop, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    rc = pthread_create(&outbox->thread, NULL, outbox_main, outbox);
    if (rc != 0) {
        errno = rc;
        return FAIL_ERRNO(err, "a thread cannot be started");
    }
    return 0;
}

int outbox_start(const struct counter *counter, unsigned every_ms,
                 void (*observe)(int rc, const struct delivered *counts, const struct err *failure),
                 struct outbox **ret, struct err *err)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    int rc;

    if (outbox == NULL)
        return FAIL_NOMEM(err);
    outbox->counter = counter;
    outbox->every_ms = every_ms;
    outbox->observe = observe;
    rc = start(outbox, err);
    if (rc < 0) {
        free(outbox);
        return rc;
    }
    *ret = outbox;
    return 0;
}

void outbox_stopp(struct outbox **outbox)
{
    struct outbox *o = *outbox;

    if (o == NULL)
        return;
    (void)pthread_mutex_lock(&o->lock);
    o->is_stopping = true;
    (void)pthread_cond_signal(&o->stop);
    (void)pthread_mutex_unlock(&o->lock);
    (void)pthread_join(o->thread, NULL);
    (void)pthread_cond_destroy(&o->stop);
    (void)pthread_mutex_destroy(&o->lock);
    free(o);
    *outbox = NULL;
}
