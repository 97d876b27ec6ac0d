/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How soon an act at the counter is known: from when the authority has acknowledged a revocation,
 * which is then durable, to the first answer with it of each OCSP node, and until a platform's copy
 * of the revocation feed has it. First many acts in a row, five a second, more than a nation has;
 * then bursts as fast as they go. Each observer is asked about the acts in the order in which they
 * were acknowledged, so that none is passed over, and must never know a later one before.
 */
#include "base/clock.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/freshness_site.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
    ROW = 450, /* more than the authority tells one verifier of in a minute, wherever that begins */
    ROW_PAUSE_MS = 200,
    BURSTS = 10,
    BURST = 10,
    BURST_PAUSE_MS = 1500,
    ACTS = ROW + BURSTS * BURST,
    LOOK_MS = 5,
    NEVER_US = 60000000, /* what has not shown by then never does */
};

static const double ocsp_goal_s = 1, platform_goal_s = 5;

struct acts {
    struct freshness_site site;
    int64_t done_us[ACTS]; /* monotonic: acknowledged */
    atomic_size_t done;
    atomic_bool is_cut; /* an act failed, or an observer: no more are waited for */
};

struct observer {
    struct acts *acts;
    unsigned number;
    pthread_t thread;
    double took_s[ACTS];
    int rc;
    struct err why;
};

/* ---- observers ---- */

static const char *name_of(const struct observer *observer)
{
    return observer->number < FRESHNESS_NODES ? "an OCSP node" : "the platform";
}

/* The act was not known just now; then none that came later may be, unless it is known by now. */
static int check_order(const struct observer *observer, size_t index, struct err *err)
{
    const struct freshness_site *site = &observer->acts->site;
    size_t last = atomic_load(&observer->acts->done) - 1;
    enum status_answer answer;

    if (last == index)
        return 0;
    TRY(freshness_site_look(site, observer->number, last, &answer, err));
    if (answer != STATUS_REVOKED)
        return 0;
    TRY(freshness_site_look(site, observer->number, index, &answer, err));
    return answer != STATUS_GOOD /* revoked by now, or the answer did not come */
               ? 0
               : FAIL(err, ERR_CONFLICT, "%s knows act %zu and not act %zu before it",
                      name_of(observer), last + 1, index + 1);
}

static int observe_one(struct observer *observer, size_t index, struct err *err)
{
    int64_t done_us = observer->acts->done_us[index];

    for (;;) {
        enum status_answer answer;

        TRY(freshness_site_look(&observer->acts->site, observer->number, index, &answer, err));
        if (answer == STATUS_REVOKED)
            break;
        TRY(check_order(observer, index, err));
        if (monotonic_us() - done_us > NEVER_US)
            return FAIL(err, ERR_ABSENT, "act %zu does not show at %s", index + 1,
                        name_of(observer));
        (void)poll(NULL, 0, LOOK_MS);
    }
    observer->took_s[index] = (double)(monotonic_us() - done_us) / 1e6;
    return 0;
}

/* What nobody has revoked is good to the end. */
static int observe_other(const struct observer *observer, struct err *err)
{
    enum status_answer answer;

    TRY(freshness_site_look(&observer->acts->site, observer->number, ACTS, &answer, err));
    return answer == STATUS_GOOD
               ? 0
               : FAIL(err, ERR_CONFLICT, "%s does not know what is good", name_of(observer));
}

static int observe(struct observer *observer, struct err *err)
{
    for (size_t i = 0; i < ACTS; i++) {
        while (atomic_load(&observer->acts->done) == i) {
            if (atomic_load(&observer->acts->is_cut))
                return 0;
            (void)poll(NULL, 0, 1);
        }
        TRY(observe_one(observer, i, err));
    }
    return observe_other(observer, err);
}

static void *run(void *argument)
{
    struct observer *observer = argument;

    observer->rc = observe(observer, &observer->why);
    if (observer->rc < 0)
        atomic_store(&observer->acts->is_cut, true);
    return NULL;
}

/* ---- acts ---- */

static int act(struct acts *acts, int pause_ms, struct err *err)
{
    size_t index = atomic_load(&acts->done);

    TRY(freshness_site_revoke(&acts->site, index, err));
    acts->done_us[index] = monotonic_us();
    atomic_store(&acts->done, index + 1);
    (void)poll(NULL, 0, pause_ms);
    return 0;
}

static int act_all(struct acts *acts, struct err *err)
{
    for (int i = 0; i < ROW && !atomic_load(&acts->is_cut); i++)
        TRY(act(acts, ROW_PAUSE_MS, err));
    for (int i = 0; i < BURSTS * BURST && !atomic_load(&acts->is_cut); i++)
        TRY(act(acts, (i + 1) % BURST == 0 ? BURST_PAUSE_MS : 0, err));
    return 0;
}

/* Have all watched, and act. */
static int measure(struct acts *acts, struct observer observers[FRESHNESS_OBSERVERS],
                   struct err *err)
{
    unsigned count = 0;
    int rc = 0;

    for (; rc == 0 && count < FRESHNESS_OBSERVERS; count++) {
        observers[count] = (struct observer){.acts = acts, .number = count};
        if (pthread_create(&observers[count].thread, NULL, run, &observers[count]) != 0) {
            rc = FAIL(err, ERR_SYSTEM, "no thread");
            break;
        }
    }
    if (rc == 0)
        rc = act_all(acts, err);
    if (rc < 0)
        atomic_store(&acts->is_cut, true);
    for (unsigned i = 0; i < count; i++)
        (void)pthread_join(observers[i].thread, NULL);
    for (unsigned i = 0; rc == 0 && i < count; i++)
        rc = observers[i].rc < 0 ? err_copy(err, &observers[i].why) : 0;
    return rc;
}

static double most(const double *values, size_t count)
{
    double most = 0;

    for (size_t i = 0; i < count; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

static void tell(struct observer observers[FRESHNESS_OBSERVERS], struct bench_result *ret)
{
    double ocsp[FRESHNESS_NODES * ACTS];
    double *platform = observers[FRESHNESS_NODES].took_s;
    struct bench_goal node = {"s to the first answer of each of two OCSP nodes, the latest act", 0,
                              ocsp_goal_s, false};
    struct bench_goal copy = {"s until a platform's copy of the feed has it, the latest act",
                              most(platform, ACTS), platform_goal_s, false};

    for (size_t i = 0; i < FRESHNESS_NODES; i++)
        memcpy(ocsp + i * ACTS, observers[i].took_s, sizeof observers[i].took_s);
    node.ratio = most(ocsp, FRESHNESS_NODES * ACTS);
    bench_add_goal(ret, &node);
    bench_add_goal(ret, &copy);
    bench_add_part(ret,
                   &(struct bench_part){"until the platform has the latest act of those in a row",
                                        most(platform, ROW), "s"});
    bench_add_part(
        ret, &(struct bench_part){"the same in bursts", most(platform + ROW, ACTS - ROW), "s"});
    bench_set_ours(ret, ocsp, FRESHNESS_NODES * ACTS);
    bench_add_part(
        ret, &(struct bench_part){"the same, the median of all acts", median(platform, ACTS), "s"});
}

static void site_down(struct acts *acts)
{
    freshness_site_down(&acts->site);
}

_Static_assert(ROW == 450 && ROW_PAUSE_MS == 200 && BURST == 10 && BURSTS * BURST == 100,
               "as the note says");
int bench_freshness(struct bench_result *ret, struct err *err)
{
    static struct observer observers[FRESHNESS_OBSERVERS];
    CLEANUP(site_down) struct acts acts = {.site = FRESHNESS_SITE_INIT};

    *ret = (struct bench_result){
        .limit = ocsp_goal_s,
        .unit = "s",
        .note = "from the acknowledged revocation to the first answer of an OCSP node with it, 550 "
                "acts, 450 of them five a second and 100 in bursts of ten; limit: the goal",
    };
    TRY(freshness_site_up(&acts.site, ACTS + 1, err));
    TRY(measure(&acts, observers, err));
    tell(observers, ret);
    return 0;
}
