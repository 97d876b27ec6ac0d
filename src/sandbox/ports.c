/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block is claimed by an abstract Unix socket of its name: the kernel gives a name to one process
 * and takes it back when that ends, so two sandboxes that start at once cannot find the same ports
 * free. Whether a stranger listens on one of them is found out by binding it.
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
enum { BLOCK = 16, COUNTER_AT = 8 };

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

static bool is_port_free(uint16_t port)
{
    CLEANUP(fd_done) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int on = 1;

    return fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
}

static bool is_free(uint16_t first)
{
    for (uint16_t i = 0; i < BLOCK; i++)
        if (!is_port_free((uint16_t)(first + i)))
            return false;
    return true;
}

int ports_claim(uint16_t first, struct ports *ret, struct err *err)
{
    for (unsigned block = 0; block < SANDBOX_PORT_BLOCKS_MAX; block++) {
        uint16_t port = (uint16_t)(first + block * BLOCK);
        int fd = claim(port);

        if (fd < 0)
            continue;
        if (is_free(port)) {
            *ret = (struct ports){port,
                                  (uint16_t)(port + 1),
                                  (uint16_t)(port + 2),
                                  (uint16_t)(port + 3),
                                  (uint16_t)(port + 4),
                                  (uint16_t)(port + 5),
                                  (uint16_t)(port + 6),
                                  (uint16_t)(port + 7),
                                  (uint16_t)(port + COUNTER_AT),
                                  fd};
            return 0;
        }
        fd_done(&fd);
    }
    return FAIL(err, ERR_CONFLICT, "no ports are free for a sandbox on 127.0.0.1, from %u on",
                (unsigned)first);
}

void ports_done(struct ports *ports)
{
    fd_done(&ports->claim_fd);
}
