/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/witness.h"

#include "base/chore.h"

#include <stdlib.h>

struct witness_watch {
    struct witness_watch_options options;
    struct chore chore;
};

/* What was found is in the log's sight before anybody is told. */
static void tell(struct witness_watch *watch, struct witness_log *log,
                 struct witness_report *report, int rc, const struct err *why)
{
    enum witness_sight before = atomic_load(&log->sight);

    report->log = log;
    if (rc < 0) {
        report->sight = SIGHT_FAILED;
        atomic_fetch_add(&log->failed, 1);
    }
    atomic_store(&log->sight, report->sight);
    report->is_new = report->is_new || report->sight != before;
    report->failure = rc < 0 || report->sight == SIGHT_REFUSED ? why : NULL;
    if (report->is_new && report->sight != SIGHT_NONE && watch->options.report != NULL)
        watch->options.report(report);
}

static void look_at(struct witness_watch *watch, struct signer *signer, struct witness_log *log)
{
    struct witness_report report = {.sight = SIGHT_NONE};
    struct err why = {0};
    int rc = witness_look(watch->options.witness, signer, log, &report, &why);

    tell(watch, log, &report, rc, &why);
}

static void look_at_all(struct witness_watch *watch)
{
    struct witness *witness = watch->options.witness;
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct err why = {0};
    int rc = signer_open(witness->signer, &signer, &why);

    for (size_t i = 0; i < witness->log_count; i++) {
        struct witness_report report = {.sight = SIGHT_NONE};

        if (rc == 0)
            look_at(watch, signer, &witness->logs[i]);
        else
            tell(watch, &witness->logs[i], &report, rc, &why);
    }
}

static void *run(void *argument)
{
    struct witness_watch *watch = argument;

    do
        look_at_all(watch);
    while (chore_rest(&watch->chore, watch->options.interval_ms));
    return NULL;
}

int witness_watch_start(const struct witness_watch_options *options, struct witness_watch **ret,
                        struct err *err)
{
    struct witness_watch *watch = calloc(1, sizeof *watch);
    int rc;

    if (watch == NULL)
        return FAIL_NOMEM(err);
    watch->options = *options;
    rc = chore_start(&watch->chore, run, watch, err);
    if (rc < 0) {
        free(watch);
        return rc;
    }
    *ret = watch;
    return 0;
}

void witness_watch_stopp(struct witness_watch **watch)
{
    if (*watch == NULL)
        return;
    chore_stop(&(*watch)->chore);
    free(*watch);
    *watch = NULL;
}
