/* SPDX-License-Identifier: Apache-2.0 */
#include "card/peer.h"

#include "base/clock.h"

#include <poll.h>
#include <sys/epoll.h>

/* A peer that hung up while it waits is noticed here, too. */
static void on_ready(void *context, uint32_t events)
{
    struct peer *peer = context;
    int rc = -ERR_REMOTE;

    if ((events & EPOLLIN) != 0)
        rc = line_receive(&peer->line, NULL);
    else if ((events & EPOLLOUT) != 0)
        rc = line_flush(&peer->line, NULL);
    if (rc < 0)
        peer->lost(peer->context);
    else
        peer->moved(peer->context);
}

/* The deadline is over, or an answer that was held back may go now, or it is woken. */
static void on_due(void *context)
{
    struct peer *peer = context;

    if (peer->deadline_ms <= monotonic_ms() || line_flush(&peer->line, NULL) < 0)
        peer->lost(peer->context);
    else
        peer->moved(peer->context);
}

int peer_open(struct peer *peer, struct loop *loop, int fd, enum line_kind kind, struct err *err)
{
    TRY(line_open(&peer->line, fd, kind, err));
    peer->loop = loop;
    peer->deadline_ms = INT64_MAX;
    peer->wake_ms = INT64_MAX;
    peer->watch = (struct watch){.fd = fd, .ready = on_ready, .context = peer};
    peer->timer = (struct timer){.at_ms = INT64_MAX, .due = on_due, .context = peer};
    if (loop_watch(loop, &peer->watch, EPOLLIN, err) == 0)
        return 0;
    line_close(&peer->line);
    return -ERR_SYSTEM;
}

void peer_close(struct peer *peer)
{
    if (peer->line.fd < 0)
        return;
    loop_set(peer->loop, &peer->timer, INT64_MAX);
    loop_unwatch(peer->loop, &peer->watch);
    line_close(&peer->line);
}

bool peer_is_gone(const struct peer *peer)
{
    struct pollfd ready = {peer->line.fd, 0, 0};

    return poll(&ready, 1, 0) > 0 && (ready.revents & (POLLHUP | POLLERR)) != 0;
}

/* epoll can only fail to change what it watches if it does not watch it. */
void peer_settle(struct peer *peer)
{
    int64_t at_ms = peer->deadline_ms < peer->wake_ms ? peer->deadline_ms : peer->wake_ms;

    if (peer->line.quiet_until_ms != 0 && peer->line.quiet_until_ms < at_ms)
        at_ms = peer->line.quiet_until_ms;
    if (peer->timer.at_ms != at_ms || !peer->timer.is_set)
        loop_set(peer->loop, &peer->timer, at_ms);
    (void)!loop_watch(peer->loop, &peer->watch, line_events(&peer->line), NULL);
}
