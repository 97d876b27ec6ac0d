/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/webhook/courier.h"

#include "base/chore.h"
#include "platform/webhook/webhook.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    WAKE_MS = 200,
    COURIER_TENANTS_MAX = 32, /* to whom is delivered at one time; others wait for their turn */
};

/* A tenant that is being delivered to. */
struct run {
    struct courier *courier;
    pthread_t thread;
    char client_id[CLIENT_ID_MAX + 1]; /* "": the place is free */
    atomic_bool is_over;
};

struct courier {
    struct courier_options options;
    struct chore chore; /* its thread is the only one that touches runs but for is_over */
    atomic_bool is_stopping;
    struct run runs[COURIER_TENANTS_MAX];
};

static void report(const struct courier *courier, const struct err *why)
{
    if (courier->options.report != NULL)
        courier->options.report(why);
}

static bool is_stopping(void *context)
{
    const struct courier *courier = context;

    return atomic_load(&courier->is_stopping);
}

static void *deliver(void *argument)
{
    struct run *run = argument;
    CLEANUP(turn_releasep) struct turn *turn = turns_hold(run->courier->options.platforms);
    struct err why = {0};

    if (webhook_deliver_due(turn_value(turn), run->client_id, is_stopping, run->courier, &why) < 0)
        report(run->courier, &why);
    atomic_store(&run->is_over, true);
    return NULL;
}

/* Join those that are over; *ret_free is a free place, or NULL. */
static bool is_at_work(struct courier *courier, const char *client_id, struct run **ret_free)
{
    bool found = false;

    *ret_free = NULL;
    for (size_t i = 0; i < COURIER_TENANTS_MAX; i++) {
        struct run *run = &courier->runs[i];

        if (run->client_id[0] != '\0' && atomic_load(&run->is_over)) {
            (void)pthread_join(run->thread, NULL);
            run->client_id[0] = '\0';
        }
        if (run->client_id[0] == '\0')
            *ret_free = run;
        else if (strcmp(run->client_id, client_id) == 0)
            found = true;
    }
    return found;
}

static int start_run(struct courier *courier, struct run *run, const char *client_id,
                     struct err *err)
{
    run->courier = courier;
    atomic_store(&run->is_over, false);
    memcpy(run->client_id, client_id, strlen(client_id) + 1);
    errno = pthread_create(&run->thread, NULL, deliver, run);
    if (errno == 0)
        return 0;
    run->client_id[0] = '\0';
    return FAIL_ERRNO(err, "cannot start a thread");
}

static int look(struct courier *courier, struct err *err)
{
    CLEANUP(turn_releasep) struct turn *turn = turns_hold(courier->options.platforms);
    const struct platform *platform = turn_value(turn);
    char client_id[CLIENT_ID_MAX + 1] = "";
    int rc;

    while ((rc = platform_due_tenant(platform->store, client_id, clock_now(platform->clock),
                                     client_id, err)) == 0) {
        struct run *place;

        if (is_at_work(courier, client_id, &place))
            continue;
        if (place == NULL)
            return 0;
        TRY(start_run(courier, place, client_id, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

static void *run_courier(void *argument)
{
    struct courier *courier = argument;

    do {
        struct err why = {0};

        if (look(courier, &why) < 0)
            report(courier, &why);
    } while (chore_rest(&courier->chore, WAKE_MS));
    return NULL;
}

int courier_start(const struct courier_options *options, struct courier **ret, struct err *err)
{
    struct courier *courier = calloc(1, sizeof *courier);
    int rc;

    if (courier == NULL)
        return FAIL_NOMEM(err);
    courier->options = *options;
    rc = chore_start(&courier->chore, run_courier, courier, err);
    if (rc < 0) {
        free(courier);
        return rc;
    }
    *ret = courier;
    return 0;
}

void courier_stopp(struct courier **courier)
{
    struct courier *c = *courier;

    if (c == NULL)
        return;
    atomic_store(&c->is_stopping, true);
    chore_stop(&c->chore);
    for (size_t i = 0; i < COURIER_TENANTS_MAX; i++)
        if (c->runs[i].client_id[0] != '\0')
            (void)pthread_join(c->runs[i].thread, NULL);
    free(c);
    *courier = NULL;
}
