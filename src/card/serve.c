/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Never blocks: each event moves bytes or ends a session; then the card goes to whoever waits
 * longest, and whole frames of whoever has it are answered. A frame of a line that has to wait
 * stays in its buffer, and no more is read from it.
 */
#include "card/serve.h"

#include "base/clock.h"
#include "base/file.h"
#include "card/limits.h"
#include "card/pcsc.h"
#include "card/peer.h"
#include "card/turn.h"
#include "card/vpcd.h"
#include "iso7816/trace.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { CONTROL_OFF = 0, CONTROL_ON = 1, CONTROL_RESET = 2, CONTROL_GET_ATR = 4 };

/* vpcd, or a client of the direct socket. */
struct client {
    struct serve *serve;
    struct peer peer;
    struct turn turn;
    bool is_vpcd;
    int64_t active_ms; /* when it last got what it waited for, or began to wait */
    struct client *next;
};

struct serve {
    struct serve_options options;
    struct vpcd vpcd;
    struct watch dial; /* an attempt to reach vpcd */
    struct timer redial;
    struct watch changed, listener;
    struct turns turns;
    struct client *clients;
    unsigned direct_clients;
    bool has_vpcd; /* among the clients */
    struct pcsc *pcsc;
};

static void handle_all(void *context);
static void dial(void *context);

static void report(void *context, const char *event, const struct err *failure)
{
    const struct serve *serve = context;

    if (serve->options.report != NULL)
        serve->options.report(serve->options.context, event, failure);
}

/* The card is powered off for whoever had it. */
static void release(struct client *client)
{
    if (client->turn.has_card)
        slot_reset(client->serve->options.slot);
    turn_leave(&client->serve->turns, &client->turn);
}

static void take_out(struct serve *serve, struct client *client)
{
    struct client **at = &serve->clients;

    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
}

/* Connect to vpcd once the pause after a connection that was lost is over. */
static void dial_again(struct serve *serve)
{
    loop_unwatch(serve->options.loop, &serve->dial);
    vpcd_again(&serve->vpcd, monotonic_ms());
    dial(serve);
}

static void drop(struct client *client)
{
    struct serve *serve = client->serve;
    bool is_vpcd = client->is_vpcd;

    take_out(serve, client);
    release(client);
    peer_close(&client->peer);
    free(client);
    if (!is_vpcd) {
        serve->direct_clients--;
        return;
    }
    serve->has_vpcd = false;
    report(serve, "card.vpcd.lost", NULL);
    dial_again(serve);
}

static void on_lost(void *context)
{
    struct client *client = context;
    struct serve *serve = client->serve;

    drop(client);
    handle_all(serve);
}

static void on_moved(void *context)
{
    const struct client *client = context;

    handle_all(client->serve);
}

static int add(struct serve *serve, int fd, bool is_vpcd, struct err *err)
{
    struct client *client = calloc(1, sizeof *client);
    int rc;

    if (client == NULL) {
        fd_done(&fd);
        return FAIL_NOMEM(err);
    }
    client->serve = serve;
    client->is_vpcd = is_vpcd;
    client->active_ms = monotonic_ms();
    client->peer.context = client;
    client->peer.moved = on_moved;
    client->peer.lost = on_lost;
    rc = peer_open(&client->peer, serve->options.loop, fd, is_vpcd ? LINE_VPCD : LINE_DIRECT, err);
    if (rc < 0) {
        free(client);
        return rc;
    }
    client->next = serve->clients;
    serve->clients = client;
    return 0;
}

static bool take_card(struct client *client)
{
    bool was_waiting = client->turn.is_waiting;
    bool has_card = turn_take(&client->serve->turns, &client->turn);

    if (!was_waiting && client->turn.is_waiting)
        client->active_ms = monotonic_ms();
    return has_card;
}

static int answer_command(struct client *client, struct bytes command, struct err *err)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct slot *slot = client->serve->options.slot;
    int64_t latency_ms = slot_latency_ms(slot);
    struct err failure;

    switch (slot_transmit(slot, command, &response, &failure)) {
    case SLOT_ANSWERED:
        if (failure.kind != ERR_NONE)
            report(client->serve, "card.failure", &failure);
        if (latency_ms > 0)
            client->peer.line.quiet_until_ms = monotonic_ms() + latency_ms;
        return line_send(&client->peer.line, buf_bytes(&response), err);
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
static int handle_control(struct client *client, uint8_t control, struct err *err)
{
    if (control == CONTROL_GET_ATR)
        return line_send(&client->peer.line, client->serve->options.atr, err);
    if (client->turn.has_card)
        slot_reset(client->serve->options.slot);
    if (client->is_vpcd)
        turn_leave(&client->serve->turns, &client->turn);
    return 0;
}

/* Whether a frame may be handled now; vpcd's control bytes do not need the card. */
static bool may_handle(struct client *client, struct bytes frame)
{
    return (client->is_vpcd && is_control(frame)) || take_card(client);
}

/* All frames that may be handled now. A failure means that the line is of no more use. */
static int handle_frames(struct client *client, bool *ret_has_moved, struct err *err)
{
    struct line *line = &client->peer.line;
    struct bytes frame;

    while (line->out.len == 0 && line_frame(line, &frame) && may_handle(client, frame)) {
        client->active_ms = monotonic_ms();
        if (!slot_is_inserted(client->serve->options.slot)) {
            TRY(line_send(line, bytes_of(NULL, 0), err)); /* no card (card.md 8) */
            return FAIL(err, ERR_ABSENT, "there is no card");
        }
        if (is_control(frame))
            TRY(handle_control(client, frame.ptr[0], err));
        else
            TRY(answer_command(client, frame, err));
        line_consume(line);
        *ret_has_moved = true;
    }
    return 0;
}

static bool handle_clients(struct serve *serve)
{
    bool has_moved = false;
    struct client *next;

    for (struct client *client = serve->clients; client != NULL; client = next) {
        next = client->next;
        if (handle_frames(client, &has_moved, NULL) < 0) {
            drop(client);
            has_moved = true;
        }
    }
    return has_moved;
}

/* A direct session ends when it has waited or been idle for too long. */
static void settle(struct client *client)
{
    const struct serve_options *options = &client->serve->options;

    if (!client->is_vpcd)
        client->peer.deadline_ms = client->active_ms +
                                   (client->turn.is_waiting ? options->wait_ms : options->idle_ms);
    peer_settle(&client->peer);
}

/* Whoever has the card may give it back on the way, so go on until nobody can go on. */
static void handle_all(void *context)
{
    struct serve *serve = context;
    bool has_moved;

    do {
        has_moved = handle_clients(serve);
        if (serve->pcsc != NULL)
            has_moved = pcsc_handle(serve->pcsc) || has_moved;
    } while (has_moved);
    for (struct client *client = serve->clients; client != NULL; client = client->next)
        settle(client);
}

/* Events come one by one, so a new client may come before old ones are known to be gone. */
static void make_room(struct serve *serve)
{
    struct client *next;

    for (struct client *client = serve->clients; client != NULL; client = next) {
        next = client->next;
        if (!client->is_vpcd && peer_is_gone(&client->peer))
            drop(client);
    }
}

static void on_client(void *context, uint32_t events)
{
    struct serve *serve = context;
    int fd = accept4(serve->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)events;
    if (fd < 0)
        return;
    if (serve->direct_clients == DIRECT_CLIENTS_MAX)
        make_room(serve);
    if (serve->direct_clients == DIRECT_CLIENTS_MAX) {
        report(serve, "card.direct.full", NULL);
        fd_done(&fd);
        return;
    }
    if (add(serve, fd, false, NULL) < 0) {
        report(serve, "card.direct.full", NULL);
        return;
    }
    serve->direct_clients++;
    handle_all(serve);
}

/* One step of an attempt; then wait for the next step. */
static void dial(void *context)
{
    struct serve *serve = context;
    struct loop *loop = serve->options.loop;
    int fd;

    loop_unwatch(loop, &serve->dial);
    loop_set(loop, &serve->redial, INT64_MAX);
    if (serve->has_vpcd || serve->vpcd.address_len == 0 || !slot_is_inserted(serve->options.slot))
        return;
    if (vpcd_step(&serve->vpcd, monotonic_ms(), &fd)) {
        serve->has_vpcd = add(serve, fd, true, NULL) == 0;
        if (serve->has_vpcd) {
            report(serve, "card.vpcd.connected", NULL);
            return;
        }
        vpcd_again(&serve->vpcd, monotonic_ms());
    }
    serve->dial.fd = serve->vpcd.fd;
    if (serve->vpcd.fd < 0 || loop_watch(loop, &serve->dial, EPOLLOUT, NULL) < 0)
        loop_set(loop, &serve->redial, serve->vpcd.retry_at_ms);
}

static void on_dial(void *context, uint32_t events)
{
    (void)events;
    dial(context);
}

/* The card was pulled out or put in: all sessions end, and vpcd learns of it by its connection. */
static void on_changed(void *context, uint32_t events)
{
    struct serve *serve = context;

    (void)events;
    slot_changed_clear(serve->options.slot);
    while (serve->clients != NULL)
        drop(serve->clients);
    dial_again(serve);
    handle_all(serve);
}

/* Without memory for them, lines are left out. */
static void on_command(void *context, struct bytes command, struct bytes response)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct serve *serve = context;
    bool is_traced = serve->pcsc != NULL && pcsc_is_traced(serve->pcsc);

    if (!is_traced && serve->options.trace == NULL)
        return;
    if (trace_exchange(command, response, &text, NULL) < 0)
        return;
    if (serve->options.trace != NULL)
        serve->options.trace(serve->options.context, buf_bytes(&text));
    if (is_traced)
        pcsc_trace(serve->pcsc, buf_bytes(&text));
}

static int watch_all(struct serve *serve, struct err *err)
{
    struct loop *loop = serve->options.loop;

    serve->dial = (struct watch){.fd = -1, .ready = on_dial, .context = serve};
    serve->redial = (struct timer){.due = dial, .context = serve};
    serve->changed = (struct watch){
        .fd = slot_changed_fd(serve->options.slot), .ready = on_changed, .context = serve};
    serve->listener = (struct watch){.fd = -1, .ready = on_client, .context = serve};
    TRY(loop_watch(loop, &serve->changed, EPOLLIN, err));
    if (serve->options.direct_fd < 0)
        return 0;
    serve->listener.fd = serve->options.direct_fd;
    return loop_watch(loop, &serve->listener, EPOLLIN, err);
}

static int open_pcsc(struct serve *serve, struct err *err)
{
    const struct serve_options *options = &serve->options;
    const struct pcsc_options pcsc = {options->loop,    options->slot, options->atr, &serve->turns,
                                      options->pcsc_fd, handle_all,    report,       serve,
                                      options->wait_ms};

    return options->pcsc_fd < 0 ? 0 : pcsc_new(&pcsc, &serve->pcsc, err);
}

int serve_new(const struct serve_options *options, struct serve **ret, struct err *err)
{
    CLEANUP(serve_freep) struct serve *serve = calloc(1, sizeof *serve);

    if (serve == NULL)
        return FAIL_NOMEM(err);
    serve->vpcd = (struct vpcd)VPCD_INIT;
    serve->listener.fd = -1;
    serve->options = *options;
    if (options->wait_ms == 0)
        serve->options.wait_ms = DIRECT_WAIT_MS;
    if (options->idle_ms == 0)
        serve->options.idle_ms = DIRECT_IDLE_MS;
    if (options->vpcd != NULL)
        TRY(vpcd_init(&serve->vpcd, options->vpcd, err));
    TRY(open_pcsc(serve, err));
    TRY(watch_all(serve, err));
    slot_observe(options->slot, on_command, serve);
    dial(serve);
    *ret = serve;
    serve = NULL;
    return 0;
}

void serve_free(struct serve *serve)
{
    if (serve == NULL)
        return;
    serve->vpcd.address_len = 0; /* it is not dialled again */
    while (serve->clients != NULL)
        drop(serve->clients);
    pcsc_free(serve->pcsc);
    loop_unwatch(serve->options.loop, &serve->dial);
    loop_unwatch(serve->options.loop, &serve->changed);
    loop_unwatch(serve->options.loop, &serve->listener);
    loop_set(serve->options.loop, &serve->redial, INT64_MAX);
    slot_observe(serve->options.slot, NULL, NULL);
    vpcd_done(&serve->vpcd);
    fd_done(&serve->listener.fd);
    free(serve);
}

void serve_freep(struct serve **serve)
{
    serve_free(*serve);
    *serve = NULL;
}
