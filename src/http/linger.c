/* SPDX-License-Identifier: Apache-2.0 */
#include "http/linger.h"

#include "base/file.h"
#include "http/deadline.h"
#include "http/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 16 };

struct last_words {
    struct deadline deadline; /* first: see linger_run() */
    int fd;
    size_t dropped;
};

struct lingering {
    int epoll_fd;
    size_t count;
    struct deadline_queue queue;
};

int linger_new(struct lingering **ret, struct err *err)
{
    struct lingering *linger = calloc(1, sizeof *linger);

    if (linger == NULL)
        return FAIL_NOMEM(err);
    linger->queue.duration_ms = HTTP_LINGER_MS;
    linger->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (linger->epoll_fd < 0) {
        free(linger);
        return FAIL_ERRNO(err, "cannot make an epoll descriptor");
    }
    *ret = linger;
    return 0;
}

/* The last descriptor of the socket: closing it takes it out of the epoll set. */
static void end(struct lingering *linger, struct last_words *one)
{
    deadline_stop(&one->deadline);
    fd_done(&one->fd);
    free(one);
    linger->count--;
}

void linger_free(struct lingering *linger)
{
    if (linger == NULL)
        return;
    while (linger->queue.first != NULL)
        end(linger, (struct last_words *)(void *)linger->queue.first);
    fd_done(&linger->epoll_fd);
    free(linger);
}

void linger_add(struct lingering *linger, int fd, int64_t now_ms)
{
    struct last_words *one = calloc(1, sizeof *one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};

    if (one == NULL)
        return;
    one->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (one->fd < 0 || epoll_ctl(linger->epoll_fd, EPOLL_CTL_ADD, one->fd, &event) < 0) {
        fd_done(&one->fd);
        free(one);
        return;
    }
    (void)shutdown(one->fd, SHUT_WR);
    deadline_start(&one->deadline, &linger->queue, now_ms);
    if (++linger->count > HTTP_LINGER_MAX)
        end(linger, (struct last_words *)(void *)linger->queue.first);
}

int linger_fd(const struct lingering *linger)
{
    return linger->epoll_fd;
}

/* Whether more may come. */
static bool drop(struct last_words *one)
{
    char rest[16 * 1024];
    ssize_t got = recv(one->fd, rest, sizeof rest, MSG_DONTWAIT);

    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    one->dropped += (size_t)got;
    return got > 0 && one->dropped <= HTTP_LINGER_BYTES;
}

void linger_run(struct lingering *linger, int64_t now_ms)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    struct deadline *late;
    int count = 0;

    if (linger->count > 0)
        count = epoll_wait(linger->epoll_fd, events, EVENTS_AT_ONCE, 0);
    for (int i = 0; i < count; i++) {
        if (!drop(events[i].data.ptr))
            end(linger, events[i].data.ptr);
    }
    while ((late = deadline_passed(&linger->queue, now_ms)) != NULL)
        end(linger, (struct last_words *)(void *)late);
}

int linger_wait(const struct lingering *linger, int64_t now_ms, int otherwise)
{
    return deadline_wait(&linger->queue, now_ms, otherwise);
}
