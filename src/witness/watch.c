/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/witness.h"

#include "base/file.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct witness_watch {
    struct witness_watch_options options;
    int stop_fd; /* readable: stop */
    pthread_t thread;
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
    struct pollfd stop = {.fd = watch->stop_fd, .events = POLLIN};

    do
        look_at_all(watch);
    while (poll(&stop, 1, watch->options.interval_ms) <= 0);
    return NULL;
}

static void free_watch(struct witness_watch *watch)
{
    fd_done(&watch->stop_fd);
    free(watch);
}

int witness_watch_start(const struct witness_watch_options *options, struct witness_watch **ret,
                        struct err *err)
{
    struct witness_watch *watch = calloc(1, sizeof *watch);
    int rc = 0;

    if (watch == NULL)
        return FAIL_NOMEM(err);
    watch->options = *options;
    watch->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (watch->stop_fd < 0)
        rc = FAIL_ERRNO(err, "cannot make an event descriptor");
    if (rc == 0) {
        errno = pthread_create(&watch->thread, NULL, run, watch);
        rc = errno == 0 ? 0 : FAIL_ERRNO(err, "cannot start a thread");
    }
    if (rc < 0) {
        free_watch(watch);
        return rc;
    }
    *ret = watch;
    return 0;
}

void witness_watch_stopp(struct witness_watch **watch)
{
    const uint64_t one = 1;

    if (*watch == NULL)
        return;
    /* A new eventfd takes one write. */
    while (write((*watch)->stop_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
    (void)pthread_join((*watch)->thread, NULL);
    free_watch(*watch);
    *watch = NULL;
}
