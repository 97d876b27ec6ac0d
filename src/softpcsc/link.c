/* SPDX-License-Identifier: Apache-2.0 */
#include "softpcsc/link.h"

#include "base/file.h"
#include "base/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { RECEIVE_SIZE = 1024 };

int link_open(struct link *link, const char *path, struct err *err)
{
    *link = (struct link)LINK_INIT;
    return sock_connect(path, &link->fd, err);
}

void link_close(struct link *link)
{
    fd_done(&link->fd);
    buf_done(&link->in);
    *link = (struct link)LINK_INIT;
}

int link_send(struct link *link, const struct wire_request *request, struct err *err)
{
    CLEANUP(buf_done) struct buf frame = BUF_INIT; /* commands carry PINs: wiped */

    TRY(wire_put_request(request, &frame, err));
    return sock_write_all(link->fd, buf_bytes(&frame), err);
}

/* Some bytes, perhaps more than are missing. */
static int receive_some(struct link *link, size_t missing, struct err *err)
{
    size_t want = missing > RECEIVE_SIZE ? missing : RECEIVE_SIZE;
    ssize_t got;

    TRY(buf_reserve(&link->in, want, err));
    do {
        got = recv(link->fd, link->in.ptr + link->in.len, want, 0);
    } while (got < 0 && errno == EINTR);
    if (got <= 0)
        return FAIL(err, ERR_REMOTE, "the card's server is gone");
    link->in.len += (size_t)got;
    return 0;
}

static void forget_last(struct link *link)
{
    size_t rest = link->in.len - link->taken;

    if (link->taken == 0)
        return;
    memmove(link->in.ptr, link->in.ptr + link->taken, rest);
    wipe(link->in.ptr + rest, link->taken);
    link->in.len = rest;
    link->taken = 0;
}

int link_receive(struct link *link, struct wire_answer *ret, struct err *err)
{
    size_t size = 0;

    forget_last(link);
    while (link->in.len < WIRE_HEAD_SIZE)
        TRY(receive_some(link, WIRE_HEAD_SIZE - link->in.len, err));
    TRY(wire_parse_head(link->in.ptr, &size, err));
    while (link->in.len < WIRE_HEAD_SIZE + size)
        TRY(receive_some(link, WIRE_HEAD_SIZE + size - link->in.len, err));
    link->taken = WIRE_HEAD_SIZE + size;
    return wire_parse_answer(bytes_part(buf_bytes(&link->in), WIRE_HEAD_SIZE, size), ret, err);
}

bool link_has_more(const struct link *link)
{
    return link->in.len > link->taken;
}

int link_ask(struct link *link, const struct wire_request *request, struct wire_answer *ret,
             struct err *err)
{
    TRY(link_send(link, request, err));
    return link_receive(link, ret, err);
}
