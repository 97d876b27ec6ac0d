/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP over sockets by libmicrohttpd, driven from one thread of ours: the library's own thread
 * pool would gather connections on few threads and let one slow handler stop the others.
 *
 * That thread owns every connection. A request that needs a worker goes to the pool while its
 * connection is suspended; the pool's event descriptor brings it back. So libmicrohttpd is never
 * called by two threads, and what the threads share is the pool and one stop descriptor.
 *
 * The library's timeout starts anew with each byte. Ours are per phase (http/deadline.h), so a
 * peer that trickles gains nothing: at the deadline its socket is shut down, and the library then
 * closes the connection by itself. Where an answer did not wait for the body, what still comes is
 * read and dropped for a while after that (http/linger.h).
 */
#include "http/engine.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "http/deadline.h"
#include "http/linger.h"

#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    /*
     * Of one connection. The library begins to read into one half, which holds the largest legal
     * header; in the other there is room for its index and for that of the answer. It clears all
     * of it after each request, and above 32 KiB maps it anew for each connection.
     */
    POOL_BYTES = 32 * 1024,
    BLOCK_BYTES = 64 * 1024, /* of a file, at a time */
    /* Connections above the limit, taken so that an idle one can be closed for each. */
    SPARE_CONNECTIONS = 16,
    /* How often to look for peers that are gone, and where there are too many connections. */
    SWEEP_MS = 500,
    SWEEP_CROWDED_MS = 20,
};

_Static_assert(POOL_BYTES / 2 >= HTTP_TARGET_MAX + HTTP_FIELDS_BYTES_MAX + 4 * HTTP_FIELDS_MAX + 64,
               "the largest legal header, with what is between its fields");

enum phase {
    PHASE_HEAD,  /* idle, or the header is arriving */
    PHASE_BODY,  /* the body is arriving */
    PHASE_WORK,  /* in the pool; the connection is suspended */
    PHASE_WRITE, /* the response is leaving */
    PHASES_
};

struct connection {
    struct deadline deadline; /* first: see of_deadline() */
    struct http_engine *engine;
    struct MHD_Connection *mhd;
    int fd;
    struct http_peer peer;
    enum phase phase;
    bool is_complete; /* the whole request has been seen once */
    bool is_answered; /* the exchange's response is complete and waits to be queued */
    bool is_early;    /* the last answer left before the request's body had come */
    size_t discarded; /* bytes read and dropped after a refusal */
    /* Of a file that is being sent: how far it was read, now and when the deadline last began. */
    size_t sent, sent_before;
    struct http_exchange *exchange;
    size_t target_len; /* above HTTP_TARGET_MAX: too long, and target is not filled */
    char target[HTTP_TARGET_MAX];
};

struct http_engine {
    const struct http_site *site;
    struct http_pool *pool;
    struct lingering *linger;
    struct MHD_Daemon *daemon;
    int listen_fd;
    int epoll_fd; /* the daemon's */
    int stop_fd;
    bool is_unix;
    bool is_draining;
    unsigned connections;
    struct deadline_queue phases[PHASES_];
    int64_t swept_ms; /* monotonic: the last sweep */
    pthread_t thread;
};

static struct connection *of_deadline(struct deadline *deadline)
{
    return (struct connection *)(void *)deadline;
}

static void enter(struct connection *connection, enum phase phase)
{
    connection->phase = phase;
    deadline_start(&connection->deadline, &connection->engine->phases[phase], monotonic_ms());
}

/* The library sees the end of the stream and closes. Nothing more is sent. */
static void cut(struct connection *connection)
{
    deadline_stop(&connection->deadline);
    (void)shutdown(connection->fd, SHUT_RDWR);
}

/* The request is over, however it ended. */
static void release(struct connection *connection)
{
    struct http_exchange *exchange = connection->exchange;

    connection->exchange = NULL;
    if (exchange == NULL)
        return;
    if (connection->phase != PHASE_WORK || !http_pool_abandon(connection->engine->pool, exchange))
        http_exchange_free(exchange);
}

/* ---- connections ---- */

/* Nothing more can come: the end of the stream is all that is left to be read. */
static bool has_hung_up(const struct connection *connection)
{
    char byte;

    return recv(connection->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Closed from the other side, not only half: nobody is left to be answered. */
static bool is_gone(const struct connection *connection)
{
    struct pollfd peer = {.fd = connection->fd};

    return poll(&peer, 1, 0) > 0 && (peer.revents & (POLLHUP | POLLERR)) != 0;
}

/* Whose answer may take long, because it waits for a bell, and who has left; whether there was one.
 */
static bool forsake(struct http_engine *engine)
{
    struct deadline *next;
    bool any = false;

    for (struct deadline *one = engine->phases[PHASE_WORK].first; one != NULL; one = next) {
        struct connection *connection = of_deadline(one);

        next = one->after;
        if (!is_gone(connection) || !http_pool_abandon(engine->pool, connection->exchange))
            continue;
        connection->exchange = NULL; /* on_access closes */
        enter(connection, PHASE_WRITE);
        MHD_resume_connection(connection->mhd);
        any = true;
    }
    return any;
}

/*
 * Cut those who are gone and from whom something is still to come; whether there was one. The
 * library (0.9.75) misses ends of streams where hundreds end at once, and would keep these
 * connections for as long as their phase may take.
 */
static bool sweep(struct http_engine *engine, int every_ms)
{
    static const enum phase phases[] = {PHASE_HEAD, PHASE_BODY};
    int64_t now = monotonic_ms();
    struct deadline *next;
    bool any = false;

    if (now - engine->swept_ms < every_ms)
        return false;
    engine->swept_ms = now;
    any = forsake(engine);
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
        for (struct deadline *one = engine->phases[phases[i]].first; one != NULL; one = next) {
            next = one->after;
            if (!has_hung_up(of_deadline(one)))
                continue;
            cut(of_deadline(one));
            any = true;
        }
    }
    return any;
}

/*
 * Who goes when there are too many: whoever has been idle longest; where nobody else is idle,
 * whoever has been sending a body longest, so that slow senders cannot shut the others out.
 */
static struct deadline *one_too_many(const struct http_engine *engine,
                                     const struct connection *newest)
{
    struct deadline *idle = engine->phases[PHASE_HEAD].first;
    struct deadline *sending = engine->phases[PHASE_BODY].first;

    if (sending != NULL && (idle == NULL || idle == &newest->deadline))
        return sending;
    return idle;
}

static void connection_begin(struct http_engine *engine, struct MHD_Connection *mhd, void **ret)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *connection = calloc(1, sizeof *connection);

    if (connection == NULL || info == NULL) {
        free(connection);
        if (info != NULL)
            (void)shutdown(info->connect_fd, SHUT_RDWR);
        return;
    }
    connection->engine = engine;
    connection->mhd = mhd;
    connection->fd = info->connect_fd;
    connection->peer.is_unix = engine->is_unix;
    engine->connections++;
    *ret = connection;
    if (engine->is_unix && sock_peer(connection->fd, &connection->peer.cred, NULL) < 0)
        cut(connection);
    else
        enter(connection, PHASE_HEAD);
    if (engine->connections > engine->site->options.connections &&
        !sweep(engine, SWEEP_CROWDED_MS)) {
        struct deadline *victim = one_too_many(engine, connection);

        if (victim != NULL)
            cut(of_deadline(victim));
    }
}

static void connection_end(struct connection *connection)
{
    deadline_stop(&connection->deadline);
    connection->engine->connections--;
    if (connection->is_early)
        linger_add(connection->engine->linger, connection->fd, monotonic_ms());
    release(connection);
    free(connection);
}

static void on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        connection_begin(context, mhd, socket_context);
    else if (*socket_context != NULL)
        connection_end(*socket_context);
}

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info == NULL ? NULL : info->socket_context;
}

/* ---- one request ---- */

/* The target as it was sent, before the library takes it apart. */
static void *on_target(void *context, const char *target, struct MHD_Connection *mhd)
{
    struct connection *connection = connection_of(mhd);

    (void)context;
    if (connection != NULL) {
        connection->target_len = strlen(target);
        if (connection->target_len <= HTTP_TARGET_MAX)
            memcpy(connection->target, target, connection->target_len);
    }
    return NULL;
}

struct field_list {
    struct http_head_field at[HTTP_FIELDS_MAX];
    size_t count;
};

static enum MHD_Result on_field(void *context, enum MHD_ValueKind kind, const char *name,
                                size_t name_len, const char *value, size_t value_len)
{
    struct field_list *list = context;

    (void)kind;
    if (list->count < HTTP_FIELDS_MAX)
        list->at[list->count] = (struct http_head_field){bytes_of(name, name_len),
                                                         bytes_of(value, value_len)};
    list->count++;
    return MHD_YES;
}

/* The header is in. Whatever the outcome, an answer is either being made or waiting. */
static enum MHD_Result begin(struct connection *connection, const char *method, const char *version)
{
    struct field_list fields = {.count = 0};
    struct http_head head = {
        .method = bytes_text(method),
        .target = bytes_of(connection->target, connection->target_len),
        .is_http_10 = strcmp(version, "HTTP/1.0") == 0,
        .fields = fields.at,
    };

    if (http_exchange_new(connection->engine->site, &connection->peer, &connection->exchange,
                          NULL) < 0)
        return MHD_NO;
    (void)MHD_get_connection_values_n(connection->mhd, MHD_HEADER_KIND, on_field, &fields);
    head.field_count = fields.count;
    connection->exchange->owner = connection;
    connection->is_complete = false;
    connection->is_answered = !http_exchange_head(connection->exchange, &head);
    connection->discarded = 0;
    enter(connection, PHASE_BODY);
    return MHD_YES;
}

static ssize_t read_file(void *context, uint64_t at, char *buffer, size_t max)
{
    struct connection *connection = context;
    const struct http_file_body *file = &connection->exchange->call.response.file;
    size_t left = file->len - (size_t)at;
    ssize_t got = pread(file->fd, buffer, max < left ? max : left,
                        (off_t)(file->first + (size_t)at));

    if (got <= 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    connection->sent = (size_t)at + (size_t)got;
    return got;
}

/* The body stays the exchange's, which lives until on_completed. */
static struct MHD_Response *body_of(struct connection *connection)
{
    const struct http_response *response = &connection->exchange->call.response;

    connection->sent = connection->sent_before = 0;
    if (response->file.is_there)
        return MHD_create_response_from_callback(response->file.len, BLOCK_BYTES, read_file,
                                                 connection, NULL);
    return MHD_create_response_from_buffer(response->body.len,
                                           response->body.len == 0 ? NULL : response->body.ptr,
                                           MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result answer(struct connection *connection)
{
    struct http_exchange *exchange = connection->exchange;
    struct http_response *response = &exchange->call.response;
    struct MHD_Response *mhd = body_of(connection);
    enum MHD_Result done;

    if (mhd == NULL)
        return MHD_NO;
    done = MHD_add_response_header(mhd, "traceparent", exchange->call.request.traceparent);
    if (done == MHD_YES && !http_response_may_be_kept(response))
        done = MHD_add_response_header(mhd, "Cache-Control", "no-store");
    if (done == MHD_YES && response->type != NULL)
        done = MHD_add_response_header(mhd, "Content-Type", response->type);
    if (done == MHD_YES && http_response_needs_nosniff(response))
        done = MHD_add_response_header(mhd, "X-Content-Type-Options", "nosniff");
    if (done == MHD_YES && (exchange->must_close || connection->engine->is_draining))
        done = MHD_add_response_header(mhd, "Connection", "close");
    for (size_t i = 0; done == MHD_YES && i < response->field_count; i++)
        done = MHD_add_response_header(mhd, response->fields[i].name, response->fields[i].value);
    if (done == MHD_YES && response->location.len > 0)
        done = MHD_add_response_header(mhd, "Location", (const char *)response->location.ptr);
    if (done == MHD_YES)
        done = MHD_queue_response(connection->mhd, response->status, mhd);
    MHD_destroy_response(mhd);
    enter(connection, PHASE_WRITE);
    return done;
}

static enum MHD_Result take_body(struct connection *connection, const char *data, size_t *len)
{
    if (!connection->is_answered)
        connection->is_answered = !http_exchange_body(connection->exchange, bytes_of(data, *len));
    else
        connection->discarded += *len;
    *len = 0;
    /* A response can only follow the whole request; too much of it is not worth reading. */
    return connection->discarded > HTTP_DISCARD_MAX ? MHD_NO : MHD_YES;
}

/* The request is complete: answer here, or hand it to a worker. */
static enum MHD_Result dispatch(struct connection *connection)
{
    struct http_exchange *exchange = connection->exchange;

    if (!connection->is_answered && connection->engine->is_draining)
        connection->is_answered = !http_exchange_refuse(exchange, 503, "the server is stopping");
    if (!connection->is_answered && exchange->call.route->is_inline) {
        http_exchange_run(exchange, NULL);
        connection->is_answered = true;
    }
    if (!connection->is_answered && !connection->is_complete &&
        exchange->call.route->quick != NULL && exchange->call.options->powers == NULL)
        connection->is_answered = http_exchange_quick(exchange);
    if (connection->is_answered)
        return answer(connection);
    /*
     * Suspended in the call that completes the request, the library reads first of all when it is
     * resumed, and takes a peer that has half-closed for one that is gone (0.9.75). In the next
     * call, which comes at once, it has left the reading state.
     */
    if (!connection->is_complete) {
        connection->is_complete = true;
        enter(connection, PHASE_WRITE); /* it is our turn: the body's deadline is over */
        return MHD_YES;
    }
    if (!http_pool_put(connection->engine->pool, exchange)) {
        fault_note(FAULT_REQUESTS_TOO_MANY);
        (void)http_exchange_refuse(exchange, 503, "the server has too much to do");
        return answer(connection);
    }
    enter(connection, PHASE_WORK);
    MHD_suspend_connection(connection->mhd);
    return MHD_YES;
}

/* Called with the header, with each piece of body, at the end, and again after each resume. */
static enum MHD_Result on_access(void *context, struct MHD_Connection *mhd, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *len, void **request)
{
    struct connection *connection = connection_of(mhd);

    (void)context;
    (void)url;
    if (connection == NULL)
        return MHD_NO;
    if (*request == NULL) {
        *request = connection;
        if (begin(connection, method, version) != MHD_YES)
            return MHD_NO;
        /* What follows cannot be trusted or is not wanted: answered now, then closed. */
        connection->is_early = connection->is_answered && connection->exchange->must_close;
        if (connection->is_early)
            return answer(connection);
        return MHD_YES;
    }
    if (connection->exchange == NULL)
        return MHD_NO;
    if (*len > 0)
        return take_body(connection, data, len);
    return connection->is_answered ? answer(connection) : dispatch(connection);
}

static void on_completed(void *context, struct MHD_Connection *mhd, void **request,
                         enum MHD_RequestTerminationCode how)
{
    struct connection *connection = connection_of(mhd);

    (void)context;
    (void)request;
    (void)how;
    if (connection == NULL)
        return;
    release(connection);
    connection->is_answered = false;
    enter(connection, PHASE_HEAD);
}

/* ---- the polling thread ---- */

/* Bring back what the workers have finished. */
static void collect(struct http_engine *engine)
{
    struct http_exchange *exchange;

    while ((exchange = http_pool_take(engine->pool)) != NULL) {
        struct connection *connection = exchange->owner;

        connection->is_answered = true;
        MHD_resume_connection(connection->mhd);
    }
}

/* The worker is late: answer without it. It keeps the exchange, which the pool then frees. */
static void give_up(struct connection *connection)
{
    struct http_exchange *instead = NULL;

    /* Without memory for an answer the connection is closed by on_access. */
    if (http_exchange_again(connection->exchange, &instead, NULL) < 0)
        instead = NULL;
    if (!http_pool_abandon(connection->engine->pool, connection->exchange)) {
        /* Finished at this very moment; collect() finds it. */
        http_exchange_free(instead);
        enter(connection, PHASE_WORK);
        return;
    }
    connection->exchange = instead;
    if (instead != NULL)
        connection->is_answered = !http_exchange_refuse(instead, 503,
                                                        "the answer was not ready in time");
    enter(connection, PHASE_WRITE);
    MHD_resume_connection(connection->mhd);
}

/* Whoever takes enough of a long file in the time for a response has that time once more. */
static bool goes_on(struct connection *connection)
{
    bool is_enough = connection->sent - connection->sent_before >= HTTP_WRITE_LEAST;

    connection->sent_before = connection->sent;
    return connection->phase == PHASE_WRITE && is_enough && !connection->engine->is_draining;
}

/* Whether there was one to end. */
static bool expire(struct http_engine *engine)
{
    int64_t now = monotonic_ms();
    struct deadline *late;
    bool any = false;

    for (int phase = 0; phase < PHASES_; phase++) {
        while ((late = deadline_passed(&engine->phases[phase], now)) != NULL) {
            any = true;
            if (phase == PHASE_WORK)
                give_up(of_deadline(late));
            else if (goes_on(of_deadline(late)))
                enter(of_deadline(late), PHASE_WRITE);
            else
                cut(of_deadline(late));
        }
    }
    return any;
}

static int wait_ms(struct http_engine *engine)
{
    MHD_UNSIGNED_LONG_LONG library;
    int64_t now = monotonic_ms();
    int wait = -1;

    if (MHD_get_timeout(engine->daemon, &library) == MHD_YES)
        wait = library > INT_MAX ? INT_MAX : (int)library;
    wait = linger_wait(engine->linger, now, wait);
    for (int phase = 0; phase < PHASES_; phase++)
        wait = deadline_wait(&engine->phases[phase], now, wait);
    if (wait > SWEEP_MS &&
        (engine->phases[PHASE_HEAD].first != NULL || engine->phases[PHASE_BODY].first != NULL ||
         engine->phases[PHASE_WORK].first != NULL))
        wait = SWEEP_MS;
    return wait;
}

static bool is_drained(const struct http_engine *engine)
{
    return engine->is_draining && engine->phases[PHASE_BODY].first == NULL &&
           engine->phases[PHASE_WORK].first == NULL && engine->phases[PHASE_WRITE].first == NULL;
}

/* The library does not close a descriptor it has been told to leave alone. */
static void stop_listening(struct http_engine *engine)
{
    if (engine->daemon != NULL && engine->listen_fd >= 0)
        (void)MHD_quiesce_daemon(engine->daemon);
    fd_done(&engine->listen_fd);
}

static void *engine_main(void *argument)
{
    struct http_engine *engine = argument;
    struct pollfd fds[] = {
        {.fd = engine->epoll_fd, .events = POLLIN},
        {.fd = http_pool_fd(engine->pool), .events = POLLIN},
        {.fd = engine->stop_fd, .events = POLLIN},
        {.fd = linger_fd(engine->linger), .events = POLLIN},
    };

    while (!is_drained(engine)) {
        if (poll(fds, sizeof fds / sizeof fds[0], wait_ms(engine)) < 0)
            continue; /* EINTR: revents are as they were */
        if (fds[2].revents != 0) {
            engine->is_draining = true;
            http_pool_hurry(engine->pool);
            fds[2].fd = -1; /* once is enough */
            stop_listening(engine);
        }
        collect(engine);
        (void)MHD_run(engine->daemon);
        /*
         * Deadlines last, so that what had arrived in time counts even if this thread was late;
         * and then once more, because a resumed connection does not wake the poll.
         */
        bool any = sweep(engine, SWEEP_MS);

        if (expire(engine) || any)
            (void)MHD_run(engine->daemon);
        linger_run(engine->linger, monotonic_ms());
    }
    return NULL;
}

/* ---- start and stop ---- */

/* TLS and strangers are nginx's: a Unix socket or loopback, nothing else. */
static int check_address(int fd, bool *ret_is_unix, struct err *err)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return FAIL_ERRNO(err, "the listening socket");
    if (address.ss_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, &address, sizeof in);
        if (ntohl(in.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
            return FAIL(err, ERR_USAGE, "HTTP is served on loopback and Unix sockets only");
    } else if (address.ss_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, &address, sizeof in6);
        if (!IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr))
            return FAIL(err, ERR_USAGE, "HTTP is served on loopback and Unix sockets only");
    } else if (address.ss_family != AF_UNIX) {
        return FAIL(err, ERR_USAGE, "HTTP is served on loopback and Unix sockets only");
    }
    *ret_is_unix = address.ss_family == AF_UNIX;
    return 0;
}

static int daemon_start(struct http_engine *engine, struct err *err)
{
    const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
                           MHD_USE_SUPPRESS_DATE_NO_CLOCK;
    struct MHD_OptionItem numbers[] = {
        {MHD_OPTION_LISTEN_SOCKET, engine->listen_fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT,
         (intptr_t)engine->site->options.connections + SPARE_CONNECTIONS, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL_BYTES, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    const union MHD_DaemonInfo *info;

    engine->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_access, engine, MHD_OPTION_ARRAY, numbers,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, engine, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, engine, MHD_OPTION_URI_LOG_CALLBACK, on_target, engine, MHD_OPTION_END);
    if (engine->daemon == NULL)
        return FAIL(err, ERR_SYSTEM, "libmicrohttpd does not start");
    info = MHD_get_daemon_info(engine->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL)
        return FAIL(err, ERR_SYSTEM, "libmicrohttpd has no epoll descriptor");
    engine->epoll_fd = info->epoll_fd;
    return 0;
}

static void engine_free(struct http_engine **held)
{
    struct http_engine *engine = *held;

    if (engine == NULL)
        return;
    stop_listening(engine);
    if (engine->daemon != NULL)
        MHD_stop_daemon(engine->daemon);
    linger_free(engine->linger);
    fd_done(&engine->stop_fd);
    free(engine);
}

int http_engine_start(const struct http_site *site, struct http_pool *pool, int listen_fd,
                      struct http_engine **ret, struct err *err)
{
    CLEANUP(fd_done) int listening = listen_fd;
    CLEANUP(engine_free) struct http_engine *engine = calloc(1, sizeof *engine);
    const struct http_server_options *options = &site->options;

    if (engine == NULL)
        return FAIL_NOMEM(err);
    engine->site = site;
    engine->pool = pool;
    engine->listen_fd = listening;
    listening = -1;
    engine->phases[PHASE_HEAD].duration_ms = options->head_ms;
    engine->phases[PHASE_BODY].duration_ms = options->body_ms;
    engine->phases[PHASE_WORK].duration_ms = options->work_ms;
    engine->phases[PHASE_WRITE].duration_ms = options->write_ms;
    engine->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (engine->stop_fd < 0)
        return FAIL_ERRNO(err, "cannot make an event descriptor");
    TRY(linger_new(&engine->linger, err));
    TRY(check_address(engine->listen_fd, &engine->is_unix, err));
    TRY(daemon_start(engine, err));
    errno = pthread_create(&engine->thread, NULL, engine_main, engine);
    if (errno != 0)
        return FAIL_ERRNO(err, "cannot start the polling thread");
    *ret = engine;
    engine = NULL;
    return 0;
}

void http_engine_stop(struct http_engine *engine)
{
    const uint64_t one = 1;

    if (engine == NULL)
        return;
    /* An eventfd that is written once cannot be full. */
    while (write(engine->stop_fd, &one, sizeof one) < 0)
        continue;
    (void)pthread_join(engine->thread, NULL);
    engine_free(&engine);
}
