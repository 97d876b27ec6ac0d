/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include "base/file.h"
#include "http/engine.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

struct http_server {
    struct http_site site;
    struct http_pool *pool;
    struct http_engine *engine;
};

int http_server_start(const struct http_server_options *options, int listen_fd,
                      struct http_server **ret, struct err *err)
{
    CLEANUP(fd_done) int listening = listen_fd;
    CLEANUP(http_server_stopp) struct http_server *server = calloc(1, sizeof *server);
    int taken;

    if (server == NULL)
        return FAIL_NOMEM(err);
    TRY(http_site_init(&server->site, options, err));
    TRY(http_pool_start(&server->site, &server->pool, err));
    taken = listening;
    listening = -1;
    TRY(http_engine_start(&server->site, server->pool, taken, &server->engine, err));
    *ret = server;
    server = NULL;
    return 0;
}

void http_server_stop(struct http_server *server)
{
    if (server == NULL)
        return;
    /* The engine gives its exchanges up to the pool, so the pool goes last. */
    http_engine_stop(server->engine);
    http_pool_stop(server->pool);
    free(server);
}

void http_server_stopp(struct http_server **server)
{
    http_server_stop(*server);
    *server = NULL;
}

/* *address becomes the one that was taken. */
static int listen_at(struct sockaddr *address, socklen_t len, int *ret_fd, struct err *err)
{
    CLEANUP(fd_done) int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, address, len) < 0 || listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, address, &len) < 0)
        return FAIL_ERRNO(err, "cannot listen");
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int http_listen_loopback(uint16_t port, int *ret_fd, uint16_t *ret_port, struct err *err)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    TRY(err_prefix(err, listen_at((struct sockaddr *)&address, sizeof address, ret_fd, err),
                   "127.0.0.1, port %u", (unsigned)port));
    *ret_port = ntohs(address.sin_port);
    return 0;
}

int http_listen_loopback6(uint16_t port, int *ret_fd, uint16_t *ret_port, struct err *err)
{
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6,
        .sin6_port = htons(port),
        .sin6_addr = IN6ADDR_LOOPBACK_INIT,
    };

    TRY(err_prefix(err, listen_at((struct sockaddr *)&address, sizeof address, ret_fd, err),
                   "::1, port %u", (unsigned)port));
    *ret_port = ntohs(address.sin6_port);
    return 0;
}
