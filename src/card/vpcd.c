/* SPDX-License-Identifier: Apache-2.0 */
#include "card/vpcd.h"

#include "base/bytes.h"
#include "base/file.h"
#include "card/limits.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>

int vpcd_init(struct vpcd *vpcd, const char *host_port, struct err *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    CLEANUP(free_text) char *host = strdup(host_port);
    struct addrinfo *found = NULL;
    char *colon;
    int rc;

    if (host == NULL)
        return FAIL_NOMEM(err);
    colon = strrchr(host, ':');
    if (colon == NULL || colon == host || colon[1] == 0)
        return FAIL(err, ERR_INPUT, "vpcd is at HOST:PORT, not at \"%.60s\"", host_port);
    *colon = 0;
    rc = getaddrinfo(host, colon + 1, &hints, &found);
    if (rc != 0)
        return FAIL(err, ERR_INPUT, "%.60s: %s", host_port, gai_strerror(rc));
    *vpcd = (struct vpcd){.fd = -1, .address_len = found->ai_addrlen};
    memcpy(&vpcd->address, found->ai_addr, found->ai_addrlen);
    vpcd->delay_ms = VPCD_RETRY_FIRST_MS;
    freeaddrinfo(found);
    return 0;
}

void vpcd_done(struct vpcd *vpcd)
{
    fd_done(&vpcd->fd);
}

void vpcd_again(struct vpcd *vpcd, int64_t now_ms)
{
    fd_done(&vpcd->fd);
    vpcd->delay_ms = VPCD_RETRY_FIRST_MS;
    vpcd->retry_at_ms = now_ms + vpcd->delay_ms;
}

static void give_up(struct vpcd *vpcd, int64_t now_ms)
{
    fd_done(&vpcd->fd);
    vpcd->retry_at_ms = now_ms + vpcd->delay_ms;
    vpcd->delay_ms = vpcd->delay_ms * 2 > VPCD_RETRY_LAST_MS ? VPCD_RETRY_LAST_MS
                                                             : vpcd->delay_ms * 2;
}

/* 0 connected, EINPROGRESS not yet, or why it failed. */
static int begin(struct vpcd *vpcd)
{
    vpcd->fd = socket(vpcd->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (vpcd->fd < 0)
        return errno;
    if (connect(vpcd->fd, (const struct sockaddr *)&vpcd->address, vpcd->address_len) < 0)
        return errno;
    return 0;
}

static int look(const struct vpcd *vpcd)
{
    struct pollfd ready = {vpcd->fd, POLLOUT, 0};
    int why = 0;
    socklen_t len = sizeof why;

    if (poll(&ready, 1, 0) == 0)
        return EINPROGRESS;
    return getsockopt(vpcd->fd, SOL_SOCKET, SO_ERROR, &why, &len) < 0 ? errno : why;
}

bool vpcd_step(struct vpcd *vpcd, int64_t now_ms, int *ret_fd)
{
    int why;

    if (vpcd->address_len == 0 || (vpcd->fd < 0 && now_ms < vpcd->retry_at_ms))
        return false;
    why = vpcd->fd < 0 ? begin(vpcd) : look(vpcd);
    if (why == EINPROGRESS)
        return false;
    if (why != 0) {
        give_up(vpcd, now_ms);
        return false;
    }
    *ret_fd = vpcd->fd;
    vpcd->fd = -1;
    return true;
}
