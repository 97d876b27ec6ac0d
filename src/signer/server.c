/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection is in one of two states: it reads questions, or it writes answers and reads nothing
 * until they are out. So no buffer grows beyond one frame or the answers of one round, and a peer
 * that does not read its answers stops itself. In a round all that has been asked is checked and
 * noted, one question after the other and by turns where several connections have asked several;
 * then all that is left to be signed is signed by as many threads as there are processors; then
 * what was noted is synced, once; and then the answers leave. The clock of a connection starts
 * with the first byte of a question and is not moved by the following ones, so that bytes cannot be
 * dripped for ever. Buffers stay where they are, because locked memory is dear to get.
 */
#include "signer/server.h"

#include "base/clock.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/sock.h"
#include "signer/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME_MAX = RPC_HEADER_SIZE + RPC_BODY_MAX, ACCEPT_PAUSE_MS = 200 };

struct connection {
    int fd;
    struct keyring_session session;
    struct buf in;
    struct buf out;
    size_t sent;      /* of out */
    int64_t since_ms; /* the present wait */
    bool has_ended;   /* the peer sends no more */
    bool is_ending;   /* no question after the present one; closed when its answer is out */
    bool has_asked;   /* a question that is being answered */
    bool has_news;    /* what is in `out` has not been synced */
    bool is_over;     /* to be dropped */
};

/* A question on its way through a round. What it has allocated stays for the next one. */
struct asked {
    struct connection *by;
    struct keyring_exchange exchange;
};

struct server {
    struct keyring *keyring;
    const struct server_setup *setup;
    struct crew *crew;
    int listener; /* -1 once it drains */
    int64_t accept_after_ms;
    size_t count;
    struct connection connections[SIGNERD_CONNECTIONS_MAX];
    size_t asked_count;
    struct asked asked[SIGNERD_QUESTIONS_AT_ONCE];
};

static void event(const struct server *server, const char *name, const struct err *err)
{
    if (server->setup->on_event != NULL)
        server->setup->on_event(name, err);
}

static void drop(struct server *server, size_t i)
{
    struct connection *connection = &server->connections[i];

    fd_done(&connection->fd);
    keyring_session_done(&connection->session);
    buf_done(&connection->in);
    wipe(connection->out.ptr, connection->out.len);
    buf_done(&connection->out);
    *connection = server->connections[--server->count];
}

/* Whether there is a frame's worth of work, of either direction, or the greeting is due. */
static bool is_busy(const struct connection *connection)
{
    return connection->in.len > 0 || connection->out.len > 0 || connection->session.version == 0;
}

static int64_t deadline_of(const struct server *server, const struct connection *connection)
{
    return connection->since_ms + (is_busy(connection) ? server->setup->stall_ms : SERVER_IDLE_MS);
}

/* False if the connection is of no more use. */
static bool send_some(struct connection *connection)
{
    while (connection->sent < connection->out.len) {
        ssize_t put = send(connection->fd, connection->out.ptr + connection->sent,
                           connection->out.len - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == EAGAIN;
        connection->sent += (size_t)put;
    }
    wipe(connection->out.ptr, connection->out.len);
    buf_clear(&connection->out);
    connection->sent = 0;
    connection->since_ms = monotonic_ms();
    return !connection->is_ending || connection->in.len > 0;
}

static bool receive_some(struct connection *connection)
{
    size_t room = FRAME_MAX - connection->in.len;
    ssize_t got;

    if (buf_reserve(&connection->in, room, NULL) < 0)
        return false;
    /* Descriptors that somebody sends along are dropped by the kernel: nobody asked for them. */
    got = recv(connection->fd, connection->in.ptr + connection->in.len, room, MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0) /* half closed: what was asked is still answered */
        connection->is_ending = connection->has_ended = true;
    if (connection->in.len == 0)
        connection->since_ms = monotonic_ms();
    connection->in.len += (size_t)got;
    return true;
}

static void consume(struct buf *in, size_t len)
{
    in->len -= len;
    memmove(in->ptr, in->ptr + len, in->len);
    wipe(in->ptr + in->len, len);
}

/* Where the next frame would begin is not known any more. */
static int refuse_stream(struct server *server, struct connection *connection,
                         const struct err *why)
{
    connection->is_ending = true;
    connection->has_news = true;
    buf_clear(&connection->in);
    event(server, "frame.malformed", why);
    return keyring_refuse(why, &connection->out, NULL);
}

/* Take one question off the buffer; *ret is false if there is none that is complete. */
static int ask(struct server *server, struct connection *connection, bool *ret)
{
    struct asked *asked = &server->asked[server->asked_count];
    struct bytes rest = buf_bytes(&connection->in);
    struct rpc_frame question;
    struct err why;
    int rc = rpc_frame_take(&rest, &question, &why);

    *ret = rc == 0;
    if (rc == -ERR_ABSENT || (rc < 0 && connection->has_asked)) /* answers keep their order */
        return 0;
    if (rc < 0)
        return refuse_stream(server, connection, &why);
    asked->by = connection;
    asked->exchange.session = &connection->session;
    asked->exchange.around = (struct keyring_surroundings){(uint32_t)server->count,
                                                           server->setup->memory_locked};
    connection->has_asked = true;
    server->asked_count++;
    rc = keyring_ask(server->keyring, &asked->exchange, &question, NULL);
    consume(&connection->in, connection->in.len - rest.len);
    return rc;
}

/* What poll() has told of a connection. */
static void turn(struct connection *connection, short events)
{
    if ((events & (POLLERR | POLLNVAL)) != 0)
        connection->is_over = true;
    else if (events != 0 && connection->out.len > 0)
        connection->is_over = !send_some(connection);
    else if ((events & (POLLIN | POLLHUP)) != 0)
        connection->is_over = !receive_some(connection);
}

/* True if there was a question. */
static bool ask_next(struct server *server, struct connection *connection)
{
    bool has_asked = false;

    if (connection->is_over || connection->out.len > 0 || connection->in.len == 0)
        return false;
    if (ask(server, connection, &has_asked) < 0)
        connection->is_over = true;
    return has_asked;
}

/* By turns, so that nobody waits for all that another one has to ask. */
static void ask_all(struct server *server)
{
    bool has_more = true;

    server->asked_count = 0;
    while (has_more) {
        has_more = false;
        for (size_t i = 0; i < server->count; i++) {
            if (server->asked_count == SIGNERD_QUESTIONS_AT_ONCE)
                return;
            has_more = ask_next(server, &server->connections[i]) || has_more;
        }
    }
}

static void sign_one(void *job)
{
    keyring_sign(job);
}

static void sign_all(struct server *server)
{
    void *jobs[SIGNERD_QUESTIONS_AT_ONCE];
    size_t count = 0;

    for (size_t i = 0; i < server->asked_count; i++) {
        if (keyring_has_to_sign(&server->asked[i].exchange))
            jobs[count++] = &server->asked[i].exchange;
    }
    crew_run(server->crew, sign_one, jobs, count);
}

static void answer(struct server *server, struct asked *asked)
{
    struct connection *connection = asked->by;
    struct keyring_exchange *exchange = &asked->exchange;

    if (!connection->is_over &&
        keyring_answer(server->keyring, exchange, &connection->out, NULL) < 0)
        connection->is_over = true;
    if (!connection->is_over && server->setup->on_record != NULL)
        server->setup->on_record(&exchange->record);
    keyring_exchange_clear(exchange);
    connection->has_asked = false;
    connection->has_news = !connection->is_over;
}

/* One round; false if nobody has asked anything. */
static bool answer_all(struct server *server)
{
    bool has_news = false;
    struct err err;

    ask_all(server);
    sign_all(server);
    for (size_t i = 0; i < server->asked_count; i++)
        answer(server, &server->asked[i]);
    for (size_t i = 0; i < server->count; i++)
        has_news = has_news || server->connections[i].has_news;
    if (!has_news || keyring_sync(server->keyring, &err) == 0)
        return has_news;
    event(server, "ledger.failed", &err);
    for (size_t i = 0; i < server->count; i++)
        if (server->connections[i].has_news)
            server->connections[i].is_over = true;
    return false;
}

static void send_all(struct server *server)
{
    for (size_t i = 0; i < server->count; i++) {
        struct connection *connection = &server->connections[i];

        if (connection->has_news && !send_some(connection))
            connection->is_over = true;
        connection->has_news = false;
    }
}

static bool is_over(const struct server *server, const struct connection *connection)
{
    bool has_more = connection->in.len > 0 && !connection->has_ended;

    if (connection->is_over || monotonic_ms() >= deadline_of(server, connection))
        return true;
    return connection->out.len == 0 && connection->is_ending && !has_more;
}

/* Say why, as far as the socket takes it at once, and close. */
static void turn_away(const struct server *server, int fd, const struct err *why)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    if (keyring_refuse(why, &out, NULL) == 0)
        (void)send(fd, out.ptr, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)close(fd);
    event(server, "connection.refused", why);
}

static int may_connect(const struct server *server, uid_t uid, struct err *err)
{
    size_t same = 0;

    if (!keyring_knows(server->keyring, uid))
        return FAIL(err, ERR_DENIED, "user %u may not use any key here", (unsigned)uid);
    for (size_t i = 0; i < server->count; i++)
        same += server->connections[i].session.uid == uid;
    if (same >= SIGNERD_CONNECTIONS_PER_USER)
        return FAIL(err, ERR_REMOTE, "user %u has %d connections already", (unsigned)uid,
                    SIGNERD_CONNECTIONS_PER_USER);
    if (server->count == SIGNERD_CONNECTIONS_MAX)
        return FAIL(err, ERR_REMOTE, "there are %d connections already", SIGNERD_CONNECTIONS_MAX);
    return 0;
}

static void accept_one(struct server *server)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct sock_peer peer;
    struct err err;

    if (fd < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            server->accept_after_ms = monotonic_ms() + ACCEPT_PAUSE_MS;
        return;
    }
    if (sock_peer(fd, &peer, &err) < 0 || may_connect(server, peer.uid, &err) < 0) {
        turn_away(server, fd, &err);
        return;
    }
    server->connections[server->count++] = (struct connection){
        .fd = fd,
        .session = {.uid = peer.uid},
        .since_ms = monotonic_ms(),
    };
}

static void start_draining(struct server *server)
{
    daemon_stopping();
    event(server, "server.draining", NULL);
    fd_done(&server->listener);
    for (size_t i = server->count; i-- > 0;) {
        struct connection *connection = &server->connections[i];

        connection->is_ending = true;
        connection->since_ms = monotonic_ms();
        if (connection->in.len == 0 && connection->out.len == 0)
            drop(server, i);
    }
}

static void reload(struct server *server)
{
    struct err err;

    daemon_reloading();
    if (keyring_reload(server->keyring, server->setup->config_path, &err) < 0)
        event(server, "config.refused", &err);
    else
        event(server, "config.reloaded", NULL);
    daemon_ready();
}

static int take_signal(struct server *server, struct err *err)
{
    enum daemon_signal signal;

    TRY(daemon_wait(server->setup->signals, &signal, err));
    switch (signal) {
    case DAEMON_STOP:
        if (server->listener >= 0)
            start_draining(server);
        break;
    case DAEMON_RELOAD:
        reload(server);
        break;
    }
    return 0;
}

/* Fills rows for the signals, the listener and every connection; the result is the time to wait. */
static int prepare(const struct server *server, struct pollfd *rows)
{
    int64_t now = monotonic_ms();
    bool may_accept = server->listener >= 0 && now >= server->accept_after_ms;
    int64_t first = now + SERVER_IDLE_MS;

    if (server->listener >= 0 && !may_accept)
        first = server->accept_after_ms;
    rows[0] = (struct pollfd){.fd = server->setup->signals, .events = POLLIN};
    rows[1] = (struct pollfd){.fd = may_accept ? server->listener : -1, .events = POLLIN};
    for (size_t i = 0; i < server->count; i++) {
        const struct connection *connection = &server->connections[i];
        int64_t deadline = deadline_of(server, connection);

        rows[2 + i] = (struct pollfd){
            .fd = connection->fd,
            .events = connection->out.len > 0 ? POLLOUT : POLLIN,
        };
        if (deadline < first)
            first = deadline;
    }
    return first <= now ? 0 : (int)(first - now);
}

static int round_trip(struct server *server, struct err *err)
{
    struct pollfd rows[2 + SIGNERD_CONNECTIONS_MAX];
    int wait_ms = prepare(server, rows);

    if (poll(rows, 2 + server->count, wait_ms) < 0)
        return errno == EINTR ? 0 : FAIL_ERRNO(err, "cannot wait for peers");
    for (size_t i = 0; i < server->count; i++)
        turn(&server->connections[i], rows[2 + i].revents);
    while (answer_all(server))
        send_all(server);
    /* From the last to the first: dropping one moves the last into its place. */
    for (size_t i = server->count; i-- > 0;)
        if (is_over(server, &server->connections[i]))
            drop(server, i);
    if (rows[1].revents != 0)
        accept_one(server);
    if (rows[0].revents != 0)
        TRY(take_signal(server, err));
    return 0;
}

static int set_nonblocking(int fd, struct err *err)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return FAIL_ERRNO(err, "cannot prepare the socket");
    return 0;
}

int server_run(struct keyring *keyring, const struct server_setup *setup, struct err *err)
{
    struct server server = {.keyring = keyring, .setup = setup, .listener = setup->listener};
    int rc = set_nonblocking(server.listener, err);

    if (rc == 0)
        rc = crew_new(crew_size(), &server.crew, err);
    if (rc == 0)
        daemon_ready();
    while (rc == 0 && (server.listener >= 0 || server.count > 0))
        rc = round_trip(&server, err);
    while (server.count > 0)
        drop(&server, server.count - 1);
    for (size_t i = 0; i < SIGNERD_QUESTIONS_AT_ONCE; i++)
        keyring_exchange_done(&server.asked[i].exchange);
    crew_free(server.crew);
    fd_done(&server.listener);
    return rc;
}
