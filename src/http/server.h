/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP server on one listening socket: routes, health, workers, drain. Unix sockets and
 * loopback TCP only; TLS, HTTP/2 and rate limits are nginx's.
 *
 * One thread polls all connections and never blocks; N workers run the handlers. A request waits
 * in a bounded queue or gets a 503 at once. GET /livez, GET /readyz and GET /openapi.json, the
 * document of the API, are served by themselves.
 */
#pragma once

#include "base/turns.h"
#include "http/bell.h"
#include "http/powers.h"
#include "http/route.h"

/* One answered request, for the program's log. */
struct http_event {
    const struct route *route; /* NULL: there is none */
    enum http_method method;
    unsigned status;
    int64_t duration_us;
    const char *trace_id;
    const struct err *failure; /* NULL: none. Its text may hold more than the client was told */
    bool is_undeclared;        /* its row does not have this status: a mistake in the row */
};

/* What an API is called in its document (http/openapi.h). */
struct http_about {
    const char *name; /* of the file it is written to, a word */
    const char *title;
    const char *text; /* for whom it is */
};

struct http_server_options {
    /* One table of routes, or several, ended by NULL; they live as long as the server. */
    const struct route *routes;
    const struct route *const *tables;
    const struct http_about *about; /* NULL: an API without a name */
    void *context;
    /*
     * Where each request finds its context instead, which it holds from its first byte to its last:
     * what is replaced meanwhile is for those that come later. NULL: all have context, which is
     * that of the workers either way.
     */
    struct turns *turns;
    /* Called in each worker before its first and after its last request; may be NULL. */
    int (*worker_open)(void *context, void **ret, struct err *err);
    void (*worker_close)(void *context, void *worker);
    /*
     * For /readyz, in a worker: a failure is a 503 with its sentence, or a bare 500 if it is
     * ERR_SYSTEM or ERR_USAGE. NULL: always ready.
     */
    int (*ready)(struct http_call *call, struct err *err);
    /* For /readyz: words of what will not go well for long, added to an array. NULL: none. */
    int (*warn)(struct http_call *call, struct json *words, struct err *err);
    /* Called by any thread, also by several at once. NULL: nobody listens. */
    void (*observe)(void *context, const struct http_event *event);
    const uid_t *uids; /* for http_listed_peer */
    size_t uid_count;
    struct http_bell *bell;               /* what its requests may wait for; NULL: nothing */
    const struct http_powers *powers;     /* of a sandbox's build (http/powers.h); NULL: none */
    unsigned workers, queue, connections; /* 0: the default of http/limits.h */
    /* Deadlines in ms; 0: the default of http/limits.h. */
    int head_ms, body_ms, work_ms, write_ms;
};

struct http_server;

/*
 * Start serving on a socket that listens already (base/sock.h), which the server takes, also on
 * failure. Returns once all workers are open. ERR_USAGE for a faulty route table. options is
 * copied; what it points to must outlive the server.
 */
MUST_CHECK int http_server_start(const struct http_server_options *options, int listen_fd,
                                 struct http_server **ret, struct err *err);
/*
 * Drain: no new connection is taken, requests being worked on are finished and answered, new ones
 * on open connections get 503 and Connection: close. Returns when all threads have ended and
 * releases the server; accepts NULL.
 */
void http_server_stop(struct http_server *server);
void http_server_stopp(struct http_server **server); /* CLEANUP(http_server_stopp) */

/* Listen on 127.0.0.1 at port; 0 chooses one. *ret_port is the one taken. */
MUST_CHECK int http_listen_loopback(uint16_t port, int *ret_fd, uint16_t *ret_port,
                                    struct err *err);

/* The same on ::1, and nowhere else. */
MUST_CHECK int http_listen_loopback6(uint16_t port, int *ret_fd, uint16_t *ret_port,
                                     struct err *err);

/*
 * The main loop of a daemon: say that it is ready, wait for signals (daemon_signals), call reload
 * for SIGHUP (NULL: ignored), return at SIGTERM or SIGINT, or with reload's failure. The caller
 * then stops its servers.
 */
MUST_CHECK int http_serve(int signal_fd, int (*reload)(void *context, struct err *err),
                          void *context, struct err *err);
