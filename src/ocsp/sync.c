/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/sync.h"

#include "base/chore.h"

#include <stdlib.h>

enum { LOADING_MS = 10000 };
enum { REST_MS = 20 }; /* between polls that wait: what happens meanwhile comes together */

struct sync {
    struct sync_options options;
    struct chore chore;
    bool is_stopped; /* seen by the thread in the middle of a poll */
    int64_t told_ms; /* monotonic: when loading was told of, or the poll began */
};

/* Between two pages, of which the first poll has thousands. */
static int look(void *context, uint64_t last, struct err *err)
{
    struct sync *sync = context;
    int every_ms = sync->options.loading_ms > 0 ? sync->options.loading_ms : LOADING_MS;
    int64_t now_ms = monotonic_ms();

    sync->is_stopped = !chore_rest(&sync->chore, 0);
    if (sync->is_stopped)
        return FAIL(err, ERR_REMOTE, "stopped while revocations were taken in");
    if (sync->options.loading != NULL && now_ms - sync->told_ms >= every_ms) {
        sync->told_ms = now_ms;
        sync->options.loading(last);
    }
    return 0;
}

static int64_t tick_now(const struct sync_options *options)
{
    int64_t now = clock_now(options->clock);

    return options->refresh_s == 0 ? now : now / options->refresh_s;
}

static int pause_of(const struct sync_options *options, bool works)
{
    return works && options->wait_ms > 0 && options->refresh_s == 0 ? REST_MS
                                                                    : options->interval_ms;
}

static int deliver(const struct sync_options *options, struct err *err)
{
    return options->meter == NULL
               ? 0
               : err_prefix(err, ocsp_meter_deliver(options->meter, options->authority, err),
                            "the meter of questions");
}

/* Whether or not the authority can be told. */
static int keep_counts(const struct sync_options *options, struct err *err)
{
    return options->meter == NULL ? 0 : ocsp_meter_keep(options->meter, err);
}

static void *run(void *argument)
{
    struct sync *sync = argument;
    enum { UNTRIED, WORKS, FAILS } was = UNTRIED;
    int64_t done = 0;

    do {
        struct err why = {0};
        int64_t tick = tick_now(&sync->options);
        bool works = keep_counts(&sync->options, &why) == 0;

        if (works && was == WORKS && sync->options.refresh_s > 0 && tick == done)
            continue;
        sync->told_ms = monotonic_ms();
        works = works && feed_poll(sync->options.feed, sync->options.clock, &why) == 0 &&
                deliver(&sync->options, &why) == 0;
        if (sync->is_stopped)
            break;
        done = tick;
        if (was != (works ? WORKS : FAILS) && sync->options.report != NULL)
            sync->options.report(sync->options.feed, works ? NULL : &why);
        was = works ? WORKS : FAILS;
    } while (chore_rest(&sync->chore, pause_of(&sync->options, was == WORKS)));
    return NULL;
}

int sync_start(const struct sync_options *options, struct sync **ret, struct err *err)
{
    struct sync *sync = calloc(1, sizeof *sync);
    int rc;

    if (sync == NULL)
        return FAIL_NOMEM(err);
    sync->options = *options;
    feed_set_wait(options->feed, options->refresh_s == 0 ? options->wait_ms : 0);
    feed_set_watch(options->feed, look, sync);
    rc = chore_start(&sync->chore, run, sync, err);
    if (rc < 0) {
        free(sync);
        return rc;
    }
    *ret = sync;
    return 0;
}

void sync_stop(struct sync *sync)
{
    if (sync == NULL)
        return;
    chore_stop(&sync->chore);
    feed_set_watch(sync->options.feed, NULL, NULL);
    free(sync);
}

void sync_stopp(struct sync **sync)
{
    sync_stop(*sync);
    *sync = NULL;
}
