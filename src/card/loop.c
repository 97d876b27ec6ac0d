/* SPDX-License-Identifier: Apache-2.0 */
#include "card/loop.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum { WAIT_MAX_MS = 60000 };

struct loop {
    int epoll_fd;
    struct timer *timers;
    int64_t next_ms; /* no timer is due before; one that was moved away leaves it too early */
};

int loop_new(struct loop **ret, struct err *err)
{
    struct loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL)
        return FAIL_NOMEM(err);
    loop->next_ms = INT64_MAX;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0) {
        free(loop);
        return FAIL_ERRNO(err, "cannot make an epoll");
    }
    *ret = loop;
    return 0;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    fd_done(&loop->epoll_fd);
    free(loop);
}

int loop_watch(struct loop *loop, struct watch *watch, uint32_t events, struct err *err)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    if (watch->is_watched && watch->events == events)
        return 0;
    if (epoll_ctl(loop->epoll_fd, watch->is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watch->fd,
                  &event) < 0)
        return FAIL_ERRNO(err, "cannot watch a connection");
    watch->events = events;
    watch->is_watched = true;
    return 0;
}

void loop_unwatch(struct loop *loop, struct watch *watch)
{
    if (watch->is_watched)
        (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->is_watched = false;
}

static void unset(struct loop *loop, struct timer *timer)
{
    if (!timer->is_set)
        return;
    if (timer->previous == NULL)
        loop->timers = timer->next;
    else
        timer->previous->next = timer->next;
    if (timer->next != NULL)
        timer->next->previous = timer->previous;
    timer->is_set = false;
}

void loop_set(struct loop *loop, struct timer *timer, int64_t at_ms)
{
    timer->at_ms = at_ms;
    if (at_ms == INT64_MAX) {
        unset(loop, timer);
        return;
    }
    if (at_ms < loop->next_ms)
        loop->next_ms = at_ms;
    if (timer->is_set)
        return;
    timer->previous = NULL;
    timer->next = loop->timers;
    if (loop->timers != NULL)
        loop->timers->previous = timer;
    loop->timers = timer;
    timer->is_set = true;
}

/* A timer that is due; NULL if there is none, and then next_ms is exact. */
static struct timer *find_due(struct loop *loop, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;

    for (struct timer *timer = loop->timers; timer != NULL; timer = timer->next) {
        if (timer->at_ms <= now_ms)
            return timer;
        if (timer->at_ms < next_ms)
            next_ms = timer->at_ms;
    }
    loop->next_ms = next_ms;
    return NULL;
}

/* What becomes due on the way waits for the next round. Gives how long that may be away. */
static int run_timers(struct loop *loop)
{
    int64_t now_ms;
    struct timer *due;

    if (loop->next_ms == INT64_MAX)
        return -1;
    now_ms = monotonic_ms();
    while (loop->next_ms <= now_ms && (due = find_due(loop, now_ms)) != NULL) {
        unset(loop, due);
        due->due(due->context);
    }
    if (loop->next_ms == INT64_MAX)
        return -1;
    now_ms = loop->next_ms - monotonic_ms();
    return now_ms < 0 ? 0 : (int)(now_ms > WAIT_MAX_MS ? WAIT_MAX_MS : now_ms);
}

/* True once until is readable. */
static int run_round(struct loop *loop, const struct watch *until, bool *ret_is_over,
                     struct err *err)
{
    struct epoll_event event;
    int count = epoll_wait(loop->epoll_fd, &event, 1, run_timers(loop));

    if (count < 0 && errno != EINTR)
        return FAIL_ERRNO(err, "cannot wait for readers");
    if (count == 1 && event.data.ptr == until) {
        *ret_is_over = true;
    } else if (count == 1) {
        struct watch *watch = event.data.ptr;

        watch->ready(watch->context, event.events);
    }
    return 0;
}

int loop_run(struct loop *loop, int until_fd, struct err *err)
{
    struct watch until = {.fd = until_fd};
    bool is_over = false;
    int rc = 0;

    TRY(loop_watch(loop, &until, EPOLLIN, err));
    while (rc == 0 && !is_over)
        rc = run_round(loop, &until, &is_over, err);
    loop_unwatch(loop, &until);
    return rc;
}
