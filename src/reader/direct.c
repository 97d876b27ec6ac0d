/* SPDX-License-Identifier: Apache-2.0 */
#include "reader/direct.h"

#include "base/file.h"
#include "base/sock.h"
#include "reader/backend.h"

#include <errno.h>
#include <stdlib.h>

enum { CONTROL_POWER_ON = 0x01, CONTROL_GET_ATR = 0x04, ATR_MAX = 33 };

struct direct {
    struct reader reader;
    int fd;
};

static int send_frame(int fd, struct bytes payload, struct err *err)
{
    CLEANUP(buf_done) struct buf frame = BUF_INIT;

    TRY(buf_append_byte(&frame, (uint8_t)(payload.len >> 8), err));
    TRY(buf_append_byte(&frame, (uint8_t)payload.len, err));
    TRY(buf_append(&frame, payload, err));
    return sock_write_all(fd, buf_bytes(&frame), err);
}

/*
 * An end of the stream and an empty frame both mean that the card is gone (card.md 8). So does a
 * connection that was reset: its server closed it without reading what we had sent.
 */
static int receive_frame(int fd, struct buf *ret, struct err *err)
{
    struct err why = {0};
    uint8_t head[2];
    size_t len;
    int rc = sock_read_exact(fd, head, sizeof head, &why);

    if (rc == -ERR_ABSENT || (rc == -ERR_REMOTE && why.detail == ECONNRESET))
        return FAIL(err, ERR_ABSENT, "the card was removed");
    if (rc == -ERR_REMOTE && why.detail == EAGAIN)
        return FAIL_WITH(err, ERR_REMOTE, EAGAIN, "the card took too long to answer");
    if (rc < 0)
        return FAIL(err, ERR_REMOTE, "the card's answer was cut off");
    len = (size_t)head[0] << 8 | head[1];
    if (len == 0)
        return FAIL(err, ERR_ABSENT, "the card was removed");
    TRY(buf_reserve(ret, len, err));
    rc = sock_read_exact(fd, ret->ptr + ret->len, len, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_REMOTE, "the card's answer was cut off");
    TRY(rc);
    ret->len += len;
    return 0;
}

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    const struct direct *direct = (const struct direct *)reader;

    if (command.len > DIRECT_FRAME_MAX)
        return FAIL(err, ERR_USAGE, "a command of %zu bytes does not fit a frame", command.len);
    if (send_frame(direct->fd, command, err) < 0)
        return FAIL(err, ERR_ABSENT, "the card was removed");
    return receive_frame(direct->fd, ret, err);
}

/* Closing the connection powers the card off, whatever was asked for. */
static void release(struct reader *reader, enum reader_leave leave)
{
    struct direct *direct = (struct direct *)reader;

    (void)leave;
    fd_done(&direct->fd);
    free(direct);
}

static const struct reader_ops ops = {.transmit = transmit, .free = release};

/* A card is there once it has told its ATR. */
static int power_on(int fd, struct err *err)
{
    static const uint8_t on = CONTROL_POWER_ON;
    static const uint8_t get_atr = CONTROL_GET_ATR;
    CLEANUP(buf_done) struct buf atr = BUF_INIT;
    struct err why = {0};
    int rc;

    if (send_frame(fd, bytes_of(&on, 1), NULL) < 0 ||
        send_frame(fd, bytes_of(&get_atr, 1), NULL) < 0)
        return FAIL(err, ERR_ABSENT, "there is no card in the reader");
    rc = receive_frame(fd, &atr, &why);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no card in the reader");
    if (rc == -ERR_REMOTE && why.detail == EAGAIN)
        return FAIL(err, ERR_ABSENT,
                    "another program keeps the card for itself; close it and try again");
    if (rc < 0)
        return err_copy(err, &why);
    if (atr.len < 2 || atr.len > ATR_MAX)
        return FAIL(err, ERR_REMOTE, "the card answered garbage: an ATR of %zu bytes", atr.len);
    return 0;
}

int direct_connect(const char *path, struct reader **ret, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;
    CLEANUP(free_text) char *name = NULL;
    struct direct *direct;
    int rc = sock_connect(path, &fd, err);

    if (rc == -ERR_REMOTE || rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no reader at %s: nobody serves a card there", path);
    TRY(rc);
    TRY(sock_timeout(fd, DIRECT_TIMEOUT_MS, err));
    TRY(err_prefix(err, power_on(fd, err), "%s", path));
    TRY(path_format(&name, err, "direct:%s", path));
    direct = calloc(1, sizeof *direct);
    if (direct == NULL)
        return FAIL_NOMEM(err);
    reader_init(&direct->reader, &ops, name);
    direct->fd = fd;
    fd = -1;
    *ret = &direct->reader;
    return 0;
}
