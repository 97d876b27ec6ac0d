/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait for a bell: many of them, and no worker the less for the others. */
#include "base/clock.h"
#include "base/file.h"
#include "support/httpclient.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* Nobody here waits until LONG_MS are over, however busy the machine. */
enum { NODES = 200, WORKERS = 2, LONG_MS = HTTP_WAIT_MS, PATIENCE_MS = 60 * 1000 };

static struct http_bell bell;
static struct httpserver *server;
static _Atomic unsigned news;    /* what is told */
static _Atomic unsigned looks;   /* how often a handler has looked */
static _Atomic int64_t until_ms; /* of the last one that waits */
static _Atomic int64_t least_ms; /* how long it may at least, and at most */
static _Atomic int64_t most_ms;

/* As soon as there are news, their number; 0 when time is up. */
static int get_news(struct http_call *call, struct err *err)
{
    uint64_t rings = http_bell_rings(&bell);
    char text[32];

    int64_t before = monotonic_ms();

    looks++;
    if (news == 0 && http_wait(call, rings, strtol(http_query(&call->request, "wait"), NULL, 10))) {
        least_ms = call->pause.until_ms - monotonic_ms();
        most_ms = call->pause.until_ms - before;
        until_ms = call->pause.until_ms;
        return 0;
    }
    (void)snprintf(text, sizeof text, "news %u", news);
    return http_reply_bytes(&call->response, 200, "text/plain", bytes_text(text), err);
}

static int get_plain(struct http_call *call, struct err *err)
{
    return http_reply_bytes(&call->response, 200, "text/plain", bytes_text("plain"), err);
}

static const struct http_member query[] = {{"wait", HTTP_INT, HTTP_REQUIRED, "ms"}, {NULL}};
static const struct http_answer answers[] = {{200, "text", .type = "text/plain"}, {0}};
static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/news",
     .access = &http_anyone,
     .query = query,
     .handle = get_news,
     .operation = "getNews",
     .summary = "Wait",
     .answers = answers},
    {.method = HTTP_GET,
     .path = "/plain",
     .access = &http_anyone,
     .handle = get_plain,
     .operation = "getPlain",
     .summary = "Do not wait",
     .answers = answers},
    {.path = NULL},
};

static void start(int work_ms, struct http_bell *of)
{
    server = httpserver_start((struct http_server_options){
        .routes = routes, .workers = WORKERS, .queue = NODES, .bell = of, .work_ms = work_ms});
}

static int set_up(void **state)
{
    (void)state;
    news = looks = 0;
    until_ms = least_ms = most_ms = 0;
    http_bell_init(&bell);
    start(0, &bell);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (server != NULL)
        httpserver_done(&server);
    server = NULL;
    http_bell_done(&bell);
    return 0;
}

static int ask_news(int ms)
{
    int fd = httpclient_dial(server);
    char request[96];

    (void)snprintf(request, sizeof request, "GET /news?wait=%d HTTP/1.1\r\nHost: a\r\n\r\n", ms);
    httpclient_say(fd, request);
    return fd;
}

static void wait_until_looked(unsigned times)
{
    int64_t end = monotonic_ms() + PATIENCE_MS;

    while (looks < times && monotonic_ms() < end)
        (void)poll(NULL, 0, 1);
    assert_int_equal(looks, times);
}

/* When the one that looks is to be answered at the latest. */
static int64_t wait_until_waiting(void)
{
    int64_t end = monotonic_ms() + PATIENCE_MS;

    while (until_ms == 0 && monotonic_ms() < end)
        (void)poll(NULL, 0, 1);
    assert_true(until_ms != 0);
    return until_ms;
}

static void assert_hears(int fd, const char *words)
{
    struct httpanswer answer = httpclient_hear(fd);

    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.text, words));
}

static void assert_plain_is_answered(void)
{
    assert_int_equal(httpclient_ask(server, HTTP_GET_OF("/plain")).status, 200);
}

static void more_wait_than_there_are_workers_and_all_hear_the_bell(void **state)
{
    int nodes[NODES];

    (void)state;
    for (int i = 0; i < NODES; i++)
        nodes[i] = ask_news(LONG_MS);
    wait_until_looked(NODES);
    for (int i = 0; i < 2 * WORKERS; i++)
        assert_plain_is_answered();
    http_bell_ring(&bell); /* for nothing: they look, and wait again */
    wait_until_looked(2 * NODES);
    assert_plain_is_answered();
    news = 7;
    http_bell_ring(&bell);
    for (int i = 0; i < NODES; i++) {
        assert_hears(nodes[i], "news 7");
        fd_done(&nodes[i]);
    }
    assert_int_equal(looks, 3 * NODES);
}

static void without_a_bell_it_is_answered_when_time_is_up(void **state)
{
    CLEANUP(fd_done) int fd = -1;
    int64_t begun = monotonic_ms();
    int64_t until;

    (void)state;
    fd = ask_news(150);
    assert_hears(fd, "news 0");
    assert_true(monotonic_ms() - begun >= 150);
    assert_int_equal(looks, 2);
    /* A bell that rings for nothing does not make it longer. */
    fd_done(&fd);
    until_ms = 0;
    fd = ask_news(600);
    until = wait_until_waiting();
    for (unsigned i = 0; i < 5; i++) {
        http_bell_ring(&bell);
        (void)poll(NULL, 0, 20);
    }
    assert_hears(fd, "news 0");
    assert_int_equal(until_ms, until);
}

static void who_asks_again_on_the_same_connection_waits_again(void **state)
{
    CLEANUP(fd_done) int fd = ask_news(LONG_MS);
    char request[96];

    (void)state;
    (void)snprintf(request, sizeof request, "GET /news?wait=%d HTTP/1.1\r\nHost: a\r\n\r\n",
                   LONG_MS);
    for (unsigned i = 1; i <= 3; i++) {
        wait_until_looked(2 * i - 1);
        news = i;
        http_bell_ring(&bell);
        assert_hears(fd, "news");
        news = 0;
        httpclient_say(fd, request);
    }
    wait_until_looked(7);
}

/* Nobody looks for them any more, as would be done when their time is up. */
static void who_leaves_is_forgotten_and_who_half_closes_is_answered(void **state)
{
    size_t before = httpclient_descriptors();
    CLEANUP(fd_done) int half = -1;
    int64_t end = monotonic_ms() + PATIENCE_MS;

    (void)state;
    for (int i = 0; i < 20; i++) {
        int fd = ask_news(LONG_MS);

        wait_until_looked((unsigned)i + 1);
        fd_done(&fd);
    }
    while (httpclient_descriptors() > before && monotonic_ms() < end)
        (void)poll(NULL, 0, 20);
    assert_int_equal(httpclient_descriptors(), before);
    assert_int_equal(looks, 20);
    half = ask_news(1200);
    (void)shutdown(half, SHUT_WR);
    assert_hears(half, "news 0");
}

static void a_server_that_stops_answers_at_once(void **state)
{
    int fd = ask_news(LONG_MS);
    int64_t until = wait_until_waiting();

    (void)state;
    http_server_stopp(&server->server);
    assert_true(monotonic_ms() < until);
    assert_hears(fd, "news 0");
    fd_done(&fd);
}

static void nobody_waits_longer_than_the_server_works(void **state)
{
    CLEANUP(fd_done) int fd = -1;

    (void)state;
    fd = ask_news(HTTP_WAIT_MS + 1);
    (void)wait_until_waiting();
    assert_true(least_ms <= HTTP_WAIT_MS && most_ms >= HTTP_WAIT_MS);
    fd_done(&fd);
    httpserver_done(&server);
    start(300, &bell);
    fd = ask_news(LONG_MS);
    assert_hears(fd, "news 0"); /* and not 503 */
}

static void a_server_without_a_bell_never_waits(void **state)
{
    CLEANUP(fd_done) int fd = -1;

    (void)state;
    httpserver_done(&server);
    start(0, NULL);
    fd = ask_news(LONG_MS);
    assert_hears(fd, "news 0");
    assert_int_equal(looks, 1);
}

static void one_bell_wakes_so_many_servers(void **state)
{
    struct httpserver *others[HTTP_BELL_POOLS_MAX];
    struct httpserver *first = server;
    int fds[HTTP_BELL_POOLS_MAX];
    struct http_pool *nobody = NULL;

    (void)state;
    for (int i = 1; i < HTTP_BELL_POOLS_MAX; i++) {
        start(0, &bell);
        others[i] = server;
        fds[i] = ask_news(LONG_MS);
    }
    assert_int_equal(http_bell_listen(&bell, nobody, NULL), -ERR_USAGE);
    wait_until_looked(HTTP_BELL_POOLS_MAX - 1);
    news = 1;
    http_bell_ring(&bell);
    for (int i = 1; i < HTTP_BELL_POOLS_MAX; i++) {
        assert_hears(fds[i], "news 1");
        fd_done(&fds[i]);
        httpserver_done(&others[i]);
    }
    server = first;
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(more_wait_than_there_are_workers_and_all_hear_the_bell),
        WITH_SERVER(without_a_bell_it_is_answered_when_time_is_up),
        WITH_SERVER(who_asks_again_on_the_same_connection_waits_again),
        WITH_SERVER(who_leaves_is_forgotten_and_who_half_closes_is_answered),
        WITH_SERVER(a_server_that_stops_answers_at_once),
        WITH_SERVER(nobody_waits_longer_than_the_server_works),
        WITH_SERVER(a_server_without_a_bell_never_waits),
        WITH_SERVER(one_bell_wakes_so_many_servers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
