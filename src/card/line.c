/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian's vpcd sends each message in two pieces without TCP_NODELAY, so the second waits until the
 * first is acknowledged; TCP_QUICKACK, which does not last and so is set before each receive,
 * makes an APDU 400 times faster (realclients.md 1.3).
 */
#include "card/line.h"

#include "base/clock.h"
#include "base/file.h"
#include "card/limits.h"
#include "softpcsc/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { HEAD_SIZE = 2, RECEIVE_SIZE = 4096 };

int line_open(struct line *line, int fd, enum line_kind kind, struct err *err)
{
    const int on = 1;
    int flags = fcntl(fd, F_GETFL);

    *line = (struct line){.fd = fd, .kind = kind};
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        (kind == LINE_VPCD && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)) {
        line_close(line);
        return FAIL_ERRNO(err, "cannot prepare a connection");
    }
    return 0;
}

void line_close(struct line *line)
{
    fd_done(&line->fd);
    buf_done(&line->in);
    buf_done(&line->out);
    *line = (struct line)LINE_INIT;
}

static size_t head_size(const struct line *line)
{
    return line->kind == LINE_PCSC ? WIRE_HEAD_SIZE : HEAD_SIZE;
}

/* With its head; 0 if the head is not there yet or is none. */
static size_t frame_size(const struct line *line)
{
    const struct buf *in = &line->in;
    size_t size;

    if (in->len < head_size(line))
        return 0;
    if (line->kind != LINE_PCSC)
        return HEAD_SIZE + ((size_t)in->ptr[0] << 8 | in->ptr[1]);
    return wire_parse_head(in->ptr, &size, NULL) < 0 ? 0 : WIRE_HEAD_SIZE + size;
}

bool line_is_broken(const struct line *line)
{
    return line->in.len >= head_size(line) && frame_size(line) == 0;
}

bool line_frame(const struct line *line, struct bytes *ret)
{
    size_t size = frame_size(line);

    if (size == 0 || line->in.len < size)
        return false;
    *ret = bytes_of(line->in.ptr + head_size(line), size - head_size(line));
    return true;
}

void line_consume(struct line *line)
{
    size_t size = frame_size(line);

    /* Commands carry PINs, so nothing of them stays behind. */
    memmove(line->in.ptr, line->in.ptr + size, line->in.len - size);
    line->in.len -= size;
    wipe(line->in.ptr + line->in.len, size);
}

/* How much to ask for: the rest of a large frame, or whatever is there. */
static size_t receive_size(const struct line *line)
{
    size_t whole = frame_size(line);

    return whole > line->in.len + RECEIVE_SIZE ? whole - line->in.len : RECEIVE_SIZE;
}

int line_receive(struct line *line, struct err *err)
{
    const int on = 1;
    size_t size = receive_size(line);
    ssize_t got;

    TRY(buf_reserve(&line->in, size, err));
    if (line->kind == LINE_VPCD)
        (void)setsockopt(line->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    got = recv(line->fd, line->in.ptr + line->in.len, size, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return 0;
    if (got < 0)
        return FAIL(err, ERR_REMOTE, "the connection was cut");
    if (got == 0)
        return FAIL(err, ERR_ABSENT, "the connection was closed");
    line->in.len += (size_t)got;
    return line_is_broken(line) ? wire_parse_head(line->in.ptr, &size, err) : 0;
}

int line_flush(struct line *line, struct err *err)
{
    ssize_t put;

    if (line->out.len == 0 || (line->quiet_until_ms != 0 && line->quiet_until_ms > monotonic_ms()))
        return 0;
    line->quiet_until_ms = 0;
    put = send(line->fd, line->out.ptr, line->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return 0;
    if (put < 0)
        return FAIL(err, ERR_REMOTE, "the connection was cut");
    memmove(line->out.ptr, line->out.ptr + put, line->out.len - (size_t)put);
    line->out.len -= (size_t)put;
    return 0;
}

int line_send(struct line *line, struct bytes payload, struct err *err)
{
    const uint8_t head[HEAD_SIZE] = {(uint8_t)(payload.len >> 8 & 0xff),
                                     (uint8_t)(payload.len & 0xff)};

    if (payload.len > FRAME_MAX)
        return FAIL(err, ERR_USAGE, "%zu bytes do not fit a frame", payload.len);
    TRY(buf_reserve(&line->out, HEAD_SIZE + payload.len, err));
    TRY(buf_append(&line->out, BYTES_ARRAY(head), err));
    TRY(buf_append(&line->out, payload, err));
    return line_flush(line, err);
}

uint32_t line_events(const struct line *line)
{
    struct bytes frame;

    if (line->out.len > 0)
        return line->quiet_until_ms == 0 ? EPOLLOUT : 0;
    return line_frame(line, &frame) ? 0 : EPOLLIN;
}
