/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single-threaded and never blocking: each round of the loop receives what is there, gives the card
 * to whoever waits longest, and answers whole frames of whoever has it. A frame of a line that has
 * to wait stays in its buffer, and no more is read from it.
 */
#include "card/serve.h"

#include "base/clock.h"
#include "base/file.h"
#include "card/line.h"
#include "card/vpcd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { VPCD_LINE, DIRECT_LINES, LINES = DIRECT_LINES + DIRECT_CLIENTS_MAX };
enum { POLL_UNTIL, POLL_CHANGED, POLL_LISTEN, POLL_DIAL, POLL_LINES, POLLS = POLL_LINES + LINES };
enum { CONTROL_OFF = 0, CONTROL_ON = 1, CONTROL_RESET = 2, CONTROL_GET_ATR = 4 };

struct serve {
    struct serve_options options;
    struct vpcd vpcd;
    struct line lines[LINES];
    uint64_t last_ticket;
};

static void report(const struct serve *serve, const char *event, const struct err *failure)
{
    if (serve->options.report != NULL)
        serve->options.report(serve->options.context, event, failure);
}

/* The card is powered off for whoever had it. */
static void release(struct serve *serve, struct line *line)
{
    if (line->holds_card)
        slot_reset(serve->options.slot);
    line->holds_card = false;
}

static void drop(struct serve *serve, struct line *line)
{
    if (line->fd < 0)
        return;
    release(serve, line);
    line_close(line);
    if (line == &serve->lines[VPCD_LINE]) {
        report(serve, "card.vpcd.lost", NULL);
        vpcd_again(&serve->vpcd, monotonic_ms());
    }
}

static struct line *holder(struct serve *serve)
{
    for (int i = 0; i < LINES; i++) {
        if (serve->lines[i].holds_card)
            return &serve->lines[i];
    }
    return NULL;
}

/* Stand in line, and get the card if it is free and nobody waits longer. */
static bool take_card(struct serve *serve, struct line *line)
{
    struct line *first = line;

    if (line->holds_card)
        return true;
    if (!line->is_waiting) {
        line->is_waiting = true;
        line->ticket = ++serve->last_ticket;
        line->active_ms = monotonic_ms();
    }
    for (int i = 0; i < LINES; i++) {
        if (serve->lines[i].is_waiting && serve->lines[i].ticket < first->ticket)
            first = &serve->lines[i];
    }
    if (first != line || holder(serve) != NULL)
        return false;
    line->is_waiting = false;
    line->holds_card = true;
    return true;
}

static int answer_command(struct serve *serve, struct line *line, struct bytes command,
                          struct err *err)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct err failure;

    switch (slot_transmit(serve->options.slot, command, &response, &failure)) {
    case SLOT_ANSWERED:
        if (failure.kind != ERR_NONE)
            report(serve, "card.failure", &failure);
        return line_send(line, buf_bytes(&response), err);
    case SLOT_MUTE:
        return 0;
    case SLOT_ABSENT:
        return FAIL(err, ERR_ABSENT, "the card was pulled out");
    }
    return FAIL(err, ERR_USAGE, "unreachable");
}

/* A frame of one byte that is no control byte is a command of one byte (card.md 8). */
static bool is_control(struct bytes frame)
{
    return frame.len == 1 && (frame.ptr[0] <= CONTROL_RESET || frame.ptr[0] == CONTROL_GET_ATR);
}

/* Power off, on and reset have no answer. */
static int handle_control(struct serve *serve, struct line *line, uint8_t control, struct err *err)
{
    if (control == CONTROL_GET_ATR)
        return line_send(line, serve->options.atr, err);
    if (line->holds_card)
        slot_reset(serve->options.slot);
    if (line == &serve->lines[VPCD_LINE])
        line->holds_card = false;
    return 0;
}

/* Whether a frame may be handled now; vpcd's control bytes do not need the card. */
static bool may_handle(struct serve *serve, struct line *line, struct bytes frame)
{
    if (line == &serve->lines[VPCD_LINE] && is_control(frame))
        return true;
    return take_card(serve, line);
}

/* All frames that may be handled now. A failure means that the line is of no more use. */
static int handle_frames(struct serve *serve, struct line *line, struct err *err)
{
    struct bytes frame;

    while (line->out.len == 0 && line_frame(line, &frame) && may_handle(serve, line, frame)) {
        line->active_ms = monotonic_ms();
        if (!slot_is_inserted(serve->options.slot)) {
            TRY(line_send(line, bytes_of(NULL, 0), err)); /* no card (card.md 8) */
            return FAIL(err, ERR_ABSENT, "there is no card");
        }
        if (is_control(frame))
            TRY(handle_control(serve, line, frame.ptr[0], err));
        else
            TRY(answer_command(serve, line, frame, err));
        line_consume(line);
    }
    return 0;
}

static struct line *free_line(struct serve *serve)
{
    for (int i = DIRECT_LINES; i < LINES; i++) {
        if (serve->lines[i].fd < 0)
            return &serve->lines[i];
    }
    return NULL;
}

static void accept_client(struct serve *serve)
{
    int fd = accept4(serve->options.direct_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct line *line = free_line(serve);

    if (fd < 0)
        return;
    if (line == NULL || line_open(line, fd, false, NULL) < 0) {
        report(serve, "card.direct.full", NULL);
        if (line == NULL)
            fd_done(&fd);
        return;
    }
    line->active_ms = monotonic_ms();
}

static void dial(struct serve *serve)
{
    struct line *line = &serve->lines[VPCD_LINE];
    int fd;

    if (line->fd >= 0 || !slot_is_inserted(serve->options.slot) ||
        !vpcd_step(&serve->vpcd, monotonic_ms(), &fd))
        return;
    if (line_open(line, fd, true, NULL) < 0)
        vpcd_again(&serve->vpcd, monotonic_ms());
    else
        report(serve, "card.vpcd.connected", NULL);
}

/* The card was pulled out or put in: all sessions end, and vpcd learns of it by its connection. */
static void changed(struct serve *serve)
{
    slot_changed_clear(serve->options.slot);
    for (int i = 0; i < LINES; i++)
        drop(serve, &serve->lines[i]);
    vpcd_again(&serve->vpcd, monotonic_ms());
}

/* When a direct session has waited or been idle for too long; INT64_MAX: never. */
static int64_t deadline(const struct serve *serve, const struct line *line)
{
    if (line->fd < 0 || line == &serve->lines[VPCD_LINE])
        return INT64_MAX;
    return line->active_ms + (line->is_waiting ? serve->options.wait_ms : serve->options.idle_ms);
}

static void drop_late(struct serve *serve)
{
    int64_t now = monotonic_ms();

    for (int i = 0; i < LINES; i++) {
        if (deadline(serve, &serve->lines[i]) <= now)
            drop(serve, &serve->lines[i]);
    }
}

static int poll_timeout(struct serve *serve)
{
    int64_t now = monotonic_ms();
    int64_t next = INT64_MAX;

    for (int i = 0; i < LINES; i++) {
        int64_t at = deadline(serve, &serve->lines[i]);

        next = at < next ? at : next;
    }
    if (serve->vpcd.address_len != 0 && serve->lines[VPCD_LINE].fd < 0 && serve->vpcd.fd < 0 &&
        slot_is_inserted(serve->options.slot) && serve->vpcd.retry_at_ms < next)
        next = serve->vpcd.retry_at_ms;
    if (next == INT64_MAX)
        return -1;
    return next <= now ? 0 : (int)(next - now > 60000 ? 60000 : next - now);
}

static void fill(const struct serve *serve, int until_fd, struct pollfd polls[POLLS])
{
    polls[POLL_UNTIL] = (struct pollfd){until_fd, POLLIN, 0};
    polls[POLL_CHANGED] = (struct pollfd){slot_changed_fd(serve->options.slot), POLLIN, 0};
    polls[POLL_LISTEN] = (struct pollfd){serve->options.direct_fd, POLLIN, 0};
    polls[POLL_DIAL] = (struct pollfd){serve->vpcd.fd, POLLOUT, 0};
    for (int i = 0; i < LINES; i++) {
        const struct line *line = &serve->lines[i];

        polls[POLL_LINES + i] = (struct pollfd){line->fd, 0, 0};
        if (line->fd >= 0)
            polls[POLL_LINES + i].events = line_events(line);
    }
}

/* Move bytes; a peer that hung up while it waits is noticed here, too. */
static void move_bytes(struct serve *serve, struct line *line, short events)
{
    int rc = 0;

    if (line->fd < 0 || events == 0)
        return;
    if ((events & POLLIN) != 0)
        rc = line_receive(line, NULL);
    else if ((events & POLLOUT) != 0)
        rc = line_flush(line, NULL);
    else
        rc = -ERR_REMOTE;
    if (rc < 0)
        drop(serve, line);
}

/* Whoever has the card may give it back on the way, so go on until nobody can go on. */
static void handle_all(struct serve *serve)
{
    bool has_moved;

    do {
        has_moved = false;
        for (int i = 0; i < LINES; i++) {
            struct line *line = &serve->lines[i];
            size_t before = line->in.len;

            if (line->fd < 0)
                continue;
            if (handle_frames(serve, line, NULL) < 0)
                drop(serve, line);
            has_moved = has_moved || line->in.len != before;
        }
    } while (has_moved);
}

int serve_run(struct serve *serve, int until_fd, struct err *err)
{
    struct pollfd polls[POLLS];

    for (;;) {
        fill(serve, until_fd, polls);
        if (poll(polls, POLLS, poll_timeout(serve)) < 0) {
            if (errno == EINTR)
                continue;
            return FAIL_ERRNO(err, "cannot wait for readers");
        }
        if (polls[POLL_UNTIL].revents != 0)
            return 0;
        if (polls[POLL_CHANGED].revents != 0) {
            changed(serve);
            continue;
        }
        for (int i = 0; i < LINES; i++)
            move_bytes(serve, &serve->lines[i], polls[POLL_LINES + i].revents);
        if (polls[POLL_LISTEN].revents != 0)
            accept_client(serve);
        dial(serve);
        drop_late(serve);
        handle_all(serve);
    }
}

int serve_new(const struct serve_options *options, struct serve **ret, struct err *err)
{
    CLEANUP(serve_freep) struct serve *serve = calloc(1, sizeof *serve);

    if (serve == NULL)
        return FAIL_NOMEM(err);
    for (int i = 0; i < LINES; i++)
        serve->lines[i] = (struct line)LINE_INIT;
    serve->vpcd = (struct vpcd)VPCD_INIT;
    serve->options = *options;
    serve->options.direct_fd = -1; /* taken at the end */
    if (options->wait_ms == 0)
        serve->options.wait_ms = DIRECT_WAIT_MS;
    if (options->idle_ms == 0)
        serve->options.idle_ms = DIRECT_IDLE_MS;
    if (options->vpcd != NULL)
        TRY(vpcd_init(&serve->vpcd, options->vpcd, err));
    serve->options.direct_fd = options->direct_fd;
    *ret = serve;
    serve = NULL;
    return 0;
}

void serve_free(struct serve *serve)
{
    if (serve == NULL)
        return;
    for (int i = 0; i < LINES; i++) {
        release(serve, &serve->lines[i]);
        line_close(&serve->lines[i]);
    }
    vpcd_done(&serve->vpcd);
    fd_done(&serve->options.direct_fd);
    free(serve);
}

void serve_freep(struct serve **serve)
{
    serve_free(*serve);
    *serve = NULL;
}
