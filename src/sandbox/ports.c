/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block is claimed by an abstract Unix socket of its name: the kernel gives a name to one process
 * and takes it back when that ends, so two sandboxes that start at once cannot find the same ports
 * free. Whether a stranger listens on one of them is found out by binding it. The ports that are
 * used stay bound, so that until a program listens there (who wants the port again, as we do, may)
 * they are given to no stranger.
 */
#include "sandbox/ports.h"

#include "base/file.h"
#include "sandbox/limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Not all are used; further services find theirs here without moving the next block. */
enum { BLOCK = 16 };

/* -1 if another sandbox has the block. */
static int claim(uint16_t first)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int len = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "jpki-sandbox-ports-%u",
                       (unsigned)first);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&name, size) == 0)
        return fd;
    fd_done(&fd);
    return -1;
}

/* -1 if somebody listens there. */
static int hold(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int on = 1;

    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    fd_done(&fd);
    return -1;
}

/* All of a block, or nothing. */
static bool hold_all(uint16_t first, struct ports *ports)
{
    for (uint16_t i = 0; i < BLOCK; i++) {
        int fd = hold((uint16_t)(first + i));

        if (fd < 0)
            return false;
        if (i < PORTS_USED)
            ports->held_fds[ports->held_count++] = fd;
        else
            fd_done(&fd);
    }
    return true;
}

int ports_claim(uint16_t first, struct ports *ret, struct err *err)
{
    for (unsigned block = 0; block < SANDBOX_PORT_BLOCKS_MAX; block++) {
        uint16_t port = (uint16_t)(first + block * BLOCK);
        struct ports ports = {.page = port,
                              .platform = (uint16_t)(port + 1),
                              .ocsp = (uint16_t)(port + 2),
                              .authority = (uint16_t)(port + 3),
                              .authapp = (uint16_t)(port + 4),
                              .portal = (uint16_t)(port + 5),
                              .tax = (uint16_t)(port + 6),
                              .pension = (uint16_t)(port + 7),
                              .counter = (uint16_t)(port + 8),
                              .claim_fd = claim(port)};

        if (ports.claim_fd >= 0 && hold_all(port, &ports)) {
            *ret = ports;
            return 0;
        }
        ports_done(&ports);
    }
    return FAIL(err, ERR_CONFLICT, "no ports are free for a sandbox on 127.0.0.1, from %u on",
                (unsigned)first);
}

void ports_done(struct ports *ports)
{
    while (ports->held_count > 0)
        fd_done(&ports->held_fds[--ports->held_count]);
    fd_done(&ports->claim_fd);
}
