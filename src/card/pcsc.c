/* SPDX-License-Identifier: Apache-2.0 */
#include "card/pcsc.h"

#include "base/clock.h"
#include "base/file.h"
#include "card/limits.h"
#include "card/peer.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

struct session {
    struct pcsc *pcsc;
    struct peer peer;
    struct share_handle handle;
    bool is_waiting; /* for the turn of all sessions */
    int64_t wait_until_ms;
    bool is_watching, is_tracing;
    struct wire_answer told; /* to one that watches */
    struct session *next;
};

struct pcsc {
    struct pcsc_options options;
    struct watch listener;
    struct timer linger;
    struct share share;
    struct turn turn;
    struct session *sessions;
    unsigned count, tracing;
};

static void take_out(struct pcsc *pcsc, struct session *session)
{
    struct session **at = &pcsc->sessions;

    while (*at != session)
        at = &(*at)->next;
    *at = session->next;
    session->next = NULL;
}

/* The end of the list: whoever was not answered for longest comes first. */
static void append(struct pcsc *pcsc, struct session *session)
{
    struct session **at = &pcsc->sessions;

    while (*at != NULL)
        at = &(*at)->next;
    *at = session;
}

static void drop(struct session *session)
{
    struct pcsc *pcsc = session->pcsc;

    take_out(pcsc, session);
    pcsc->count--;
    pcsc->tracing -= session->is_tracing;
    share_drop(&pcsc->share, &session->handle);
    peer_close(&session->peer);
    free(session);
}

static void on_moved(void *context)
{
    const struct session *session = context;

    session->pcsc->options.moved(session->pcsc->options.context);
}

static void on_lost(void *context)
{
    struct session *session = context;
    struct pcsc *pcsc = session->pcsc;

    drop(session);
    pcsc->options.moved(pcsc->options.context);
}

static int put_answer(struct session *session, const struct wire_answer *answer, struct err *err)
{
    TRY(wire_put_answer(answer, &session->peer.line.out, err));
    return line_flush(&session->peer.line, err);
}

/* A handle of the reader alone does not need the card, unless it uses it all the same. */
static bool needs_card(const struct session *session, const struct wire_request *request)
{
    static const bool always[WIRE_VERBS_] = {
        [WIRE_RECONNECT] = true, [WIRE_BEGIN] = true, [WIRE_TRANSMIT] = true};

    if (request->verb == WIRE_CONNECT)
        return request->share != WIRE_DIRECT;
    return session->handle.is_connected &&
           (always[request->verb] ||
            (request->action != WIRE_LEAVE &&
             (request->verb == WIRE_END || request->verb == WIRE_DISCONNECT)));
}

/* Whether a request may reach the card; *ret_is_refused once it has waited for too long. */
static bool may_ask(struct session *session, const struct wire_request *request,
                    bool *ret_is_refused)
{
    struct pcsc *pcsc = session->pcsc;
    int64_t now_ms = monotonic_ms();

    *ret_is_refused = false;
    if (!needs_card(session, request) || turn_take(pcsc->options.turns, &pcsc->turn)) {
        session->is_waiting = false;
        return true;
    }
    if (!session->is_waiting)
        session->wait_until_ms = now_ms + pcsc->options.wait_ms;
    *ret_is_refused = session->is_waiting && session->wait_until_ms <= now_ms;
    session->is_waiting = !*ret_is_refused;
    return *ret_is_refused;
}

static void subscribe(struct session *session, enum wire_verb verb,
                      const struct wire_answer *answer)
{
    if (verb == WIRE_WATCH) {
        session->is_watching = true;
        session->told = *answer;
    } else if (verb == WIRE_TRACE && !session->is_tracing) {
        session->is_tracing = true;
        session->pcsc->tracing++;
    }
}

static enum share_outcome ask(struct session *session, const struct wire_request *request,
                              struct err *err, int *ret_rc)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct pcsc *pcsc = session->pcsc;
    struct wire_answer answer = {.code = WIRE_SHARING_VIOLATION};
    struct err failure = {.kind = ERR_NONE};
    bool is_refused;

    if (!may_ask(session, request, &is_refused))
        return SHARE_LATER;
    if (!is_refused &&
        share_ask(&pcsc->share, &session->handle, request, &answer, &data, &failure) == SHARE_LATER)
        return SHARE_LATER;
    if (failure.kind != ERR_NONE && pcsc->options.report != NULL)
        pcsc->options.report(pcsc->options.context, "card.failure", &failure);
    if (request->verb == WIRE_TRANSMIT && slot_latency_ms(pcsc->options.slot) > 0)
        session->peer.line.quiet_until_ms = monotonic_ms() + slot_latency_ms(pcsc->options.slot);
    subscribe(session, request->verb, &answer);
    answer.data = buf_bytes(&data);
    *ret_rc = put_answer(session, &answer, err);
    return SHARE_ANSWERED;
}

/* All requests that can be answered now; a failure means that the connection is of no more use. */
static int handle_frames(struct session *session, bool *ret_has_moved, struct err *err)
{
    struct line *line = &session->peer.line;
    struct wire_request request;
    struct bytes frame;
    int rc;

    while (line->out.len == 0 && line_frame(line, &frame)) {
        TRY(wire_parse_request(frame, &request, err));
        if (ask(session, &request, err, &rc) == SHARE_LATER)
            return 0;
        TRY(rc);
        line_consume(line);
        *ret_has_moved = true;
    }
    return line_is_broken(line) ? FAIL(err, ERR_INPUT, "no frame") : 0;
}

/* One that does not read gets the newest state once it does. */
static int tell(struct session *session, struct err *err)
{
    struct wire_answer now;

    share_state(&session->pcsc->share, &now);
    if (!session->is_watching || session->peer.line.out.len > 0 ||
        (now.state == session->told.state && now.sharing == session->told.sharing &&
         now.counter == session->told.counter))
        return 0;
    session->told = now;
    return put_answer(session, &now, err);
}

static bool handle_sessions(struct pcsc *pcsc)
{
    bool has_moved = false;
    struct session *next;

    for (struct session *session = pcsc->sessions; session != NULL; session = next) {
        bool is_answered = false;

        next = session->next;
        if (handle_frames(session, &is_answered, NULL) < 0) {
            drop(session);
            is_answered = true;
        } else if (is_answered && next != NULL) {
            take_out(pcsc, session);
            append(pcsc, session);
        }
        has_moved = has_moved || is_answered;
    }
    return has_moved;
}

static void tell_and_settle(struct pcsc *pcsc)
{
    struct session *next;

    for (struct session *session = pcsc->sessions; session != NULL; session = next) {
        next = session->next;
        session->peer.wake_ms = session->is_waiting ? session->wait_until_ms : INT64_MAX;
        if (tell(session, NULL) < 0)
            drop(session);
        else
            peer_settle(&session->peer);
    }
}

static bool is_waiting(const struct pcsc *pcsc)
{
    for (const struct session *session = pcsc->sessions; session != NULL; session = session->next) {
        if (session->is_waiting)
            return true;
    }
    return false;
}

static void give_back(struct pcsc *pcsc)
{
    loop_set(pcsc->options.loop, &pcsc->linger, INT64_MAX);
    if (pcsc->turn.has_card)
        share_power_off(&pcsc->share);
    turn_leave(pcsc->options.turns, &pcsc->turn);
}

/* Whether the card was given back to somebody who waits. */
static bool keep_or_give_back(struct pcsc *pcsc)
{
    bool is_used = pcsc->share.handles != NULL || is_waiting(pcsc);

    if (is_used || (!pcsc->turn.has_card && !pcsc->turn.is_waiting)) {
        loop_set(pcsc->options.loop, &pcsc->linger, INT64_MAX);
        return false;
    }
    if (pcsc->turn.is_waiting || pcsc->options.turns->first != NULL) {
        give_back(pcsc);
        return true;
    }
    if (!pcsc->linger.is_set)
        loop_set(pcsc->options.loop, &pcsc->linger, monotonic_ms() + PCSC_LINGER_MS);
    return false;
}

bool pcsc_handle(struct pcsc *pcsc)
{
    bool has_moved = false;

    share_notice(&pcsc->share);
    while (handle_sessions(pcsc))
        has_moved = true;
    has_moved = keep_or_give_back(pcsc) || has_moved;
    tell_and_settle(pcsc);
    return has_moved;
}

bool pcsc_is_traced(const struct pcsc *pcsc)
{
    return pcsc->tracing > 0;
}

/* It is sent when the connections are settled: pcsc_handle follows each command. */
void pcsc_trace(struct pcsc *pcsc, struct bytes text)
{
    const struct wire_answer answer = {.code = WIRE_OK, .data = text};

    for (struct session *session = pcsc->sessions; session != NULL; session = session->next) {
        struct buf *out = &session->peer.line.out;

        if (session->is_tracing && out->len + text.len <= PCSC_TRACE_MAX)
            (void)!wire_put_answer(&answer, out, NULL);
    }
}

static void on_linger(void *context)
{
    struct pcsc *pcsc = context;

    give_back(pcsc);
    pcsc->options.moved(pcsc->options.context);
}

static int add(struct pcsc *pcsc, int fd)
{
    struct session *session = calloc(1, sizeof *session);

    if (session == NULL) {
        fd_done(&fd);
        return -ERR_NOMEM;
    }
    session->pcsc = pcsc;
    session->peer.moved = on_moved;
    session->peer.lost = on_lost;
    session->peer.context = session;
    if (peer_open(&session->peer, pcsc->options.loop, fd, LINE_PCSC, NULL) < 0) {
        free(session);
        return -ERR_SYSTEM;
    }
    append(pcsc, session);
    pcsc->count++;
    return 0;
}

/* Events come one by one, so a new program may come before old ones are known to be gone. */
static void make_room(struct pcsc *pcsc)
{
    struct session *next;

    for (struct session *session = pcsc->sessions; session != NULL; session = next) {
        next = session->next;
        if (peer_is_gone(&session->peer))
            drop(session);
    }
}

static void on_client(void *context, uint32_t events)
{
    struct pcsc *pcsc = context;
    int fd = accept4(pcsc->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)events;
    if (fd < 0)
        return;
    if (pcsc->count == PCSC_CLIENTS_MAX)
        make_room(pcsc);
    if (pcsc->count < PCSC_CLIENTS_MAX && add(pcsc, fd) == 0) {
        pcsc->options.moved(pcsc->options.context); /* room may have been made */
        return;
    }
    if (pcsc->count == PCSC_CLIENTS_MAX)
        fd_done(&fd);
    if (pcsc->options.report != NULL)
        pcsc->options.report(pcsc->options.context, "card.pcsc.full", NULL);
}

int pcsc_new(const struct pcsc_options *options, struct pcsc **ret, struct err *err)
{
    struct pcsc *pcsc = calloc(1, sizeof *pcsc);
    int rc;

    if (pcsc == NULL)
        return FAIL_NOMEM(err);
    pcsc->options = *options;
    pcsc->listener = (struct watch){.fd = options->fd, .ready = on_client, .context = pcsc};
    pcsc->linger = (struct timer){.due = on_linger, .context = pcsc};
    share_init(&pcsc->share, options->slot, options->atr);
    rc = loop_watch(options->loop, &pcsc->listener, EPOLLIN, err);
    if (rc < 0) {
        free(pcsc);
        return rc;
    }
    *ret = pcsc;
    return 0;
}

void pcsc_free(struct pcsc *pcsc)
{
    if (pcsc == NULL)
        return;
    while (pcsc->sessions != NULL)
        drop(pcsc->sessions);
    give_back(pcsc);
    loop_unwatch(pcsc->options.loop, &pcsc->listener);
    fd_done(&pcsc->listener.fd);
    free(pcsc);
}
