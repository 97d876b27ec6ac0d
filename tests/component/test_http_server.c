/* SPDX-License-Identifier: Apache-2.0 */
/* The server as its peers meet it: real sockets and threads, and every way of talking badly. */
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "support/httpclient.h"
#include "support/httprows.h"
#include "support/loopback.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define START(...) httpserver_start((struct http_server_options){__VA_ARGS__})

enum { PATIENCE_MS = 60000 };

static void sleep_ms(long ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&left, &left) < 0)
        continue;
}

/* ---- what is refused ---- */

/* Two readers of HTTP that agree: ours in memory and the one behind the socket. */
static void the_socket_and_the_memory_agree(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.head_ms = 1000);

    (void)state;
    for (size_t i = 0; i < httprows_count; i++) {
        const struct httprow *row = &httprows[i];
        int status = httpclient_ask(server, row->request).status;
        bool is_good = status == (int)row->status;

        if (row->rule == ROWS_SYNTAX) /* RFC 9110, 15.6.6: another version is 505 */
            is_good = is_good || status == 0 || status == 505;
        if (row->rule == ROWS_TOLERATED)
            is_good = is_good || status == 200;
        if (!is_good)
            fail_msg("%d, not %u, for: %s", status, row->status, row->request);
    }
}

static void other_users_do_not_get_in(void **state)
{
    const uid_t other = getuid() + 1;
    CLEANUP(httpserver_done) struct httpserver *ours = START(.workers = 1);
    CLEANUP(httpserver_done)
    struct httpserver *theirs = START(.uids = &other, .uid_count = 1, .workers = 1);

    (void)state;
    assert_int_equal(httpclient_ask(theirs, HTTP_GET_OF("/v1/private")).status, 403);
    assert_int_equal(httpclient_ask(ours, HTTP_GET_OF("/v1/private")).status, 200);
}

static void a_refused_body_ends_the_connection(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.workers = 1);
    CLEANUP(fd_done) int fd = httpclient_dial(server);
    struct httpanswer answer;

    (void)state;
    httpclient_say(fd, HTTP_POST_OF("/v1/things") "Content-Length: 1025\r\n\r\n");
    answer = httpclient_hear(fd);
    assert_int_equal(answer.status, 413);
    assert_true(fault_count(FAULT_REQUEST_TOO_LARGE) > 0);
    assert_non_null(strstr(answer.text, "\r\nConnection: close\r\n"));
    assert_true(httpclient_is_closed(fd));
}

static struct httpanswer post_chunks(const struct httpserver *server, size_t count, size_t size)
{
    CLEANUP(fd_done) int fd = httpclient_dial(server);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *request;

    assert_int_equal(buf_append_text(&text,
                                     HTTP_POST_OF("/v1/things") "Transfer-Encoding: chunked\r\n\r\n"
                                                                "9\r\n{\"name\":\"\r\n",
                                     NULL),
                     0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(buf_append_format(&text, NULL, "%zx\r\n", size), 0);
        for (size_t at = 0; at < size; at++)
            assert_int_equal(buf_append_byte(&text, 'x', NULL), 0);
        assert_int_equal(buf_append_text(&text, "\r\n", NULL), 0);
    }
    assert_int_equal(buf_append_text(&text, "2\r\n\"}\r\n0\r\n\r\n", NULL), 0);
    assert_int_equal(buf_text(&text, &request, NULL), 0);
    httpclient_say(fd, request);
    return httpclient_hear(fd);
}

static void chunks_are_counted(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.workers = 1);

    (void)state;
    assert_int_equal(post_chunks(server, HTTPSITE_BODY_MAX - 11, 1).status, 201);
    assert_int_equal(post_chunks(server, HTTPSITE_BODY_MAX - 10, 1).status, 413);
    assert_int_equal(post_chunks(server, 1, HTTPSITE_BODY_MAX - 11).status, 201);
    /* What comes behind a refused body is read so far that the refusal arrives, and no further. */
    assert_int_equal(post_chunks(server, HTTP_DISCARD_MAX / 1024, 1024).status, 413);
    assert_int_equal(post_chunks(server, HTTP_DISCARD_MAX / 1024 + 64, 1024).status, 0);
}

static void malformed_chunks_are_refused(void **state)
{
    static const char *const bodies[] = {"x\r\n", "-1\r\n", "2\r\n{}x\r\n0\r\n\r\n",
                                         "ffffffffffffffffff\r\n", "\r\n"};
    CLEANUP(httpserver_done) struct httpserver *server = START(.body_ms = 300);

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        CLEANUP(fd_done) int fd = httpclient_dial(server);
        int status;

        httpclient_say(fd, HTTP_POST_OF("/v1/things") "Transfer-Encoding: chunked\r\n\r\n");
        httpclient_say(fd, bodies[i]);
        status = httpclient_hear(fd).status;
        if (status != 400 && status != 413 && status != 0)
            fail_msg("%d for chunk %s", status, bodies[i]);
    }
    assert_int_equal(httpclient_ask(server, HTTP_GET_OF("/livez")).status, 200);
}

static void a_header_without_end_is_refused(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.workers = 1);
    CLEANUP(fd_done) int fd = httpclient_dial(server);
    int status;

    (void)state;
    httpclient_say(fd, "GET /livez HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 3000; i++)
        httpclient_say(fd, "X-Filler: 0123456789012345678901234567890123456789\r\n");
    status = httpclient_hear(fd).status;
    assert_true(status == 431 || status == 0);
    assert_true(httpclient_is_closed(fd));
}

/* ---- what is slow ---- */

/* Send a byte every few milliseconds; how long the server listens. */
static int64_t trickle(int fd, const char *start, const char *byte)
{
    int64_t begun = monotonic_ms();
    struct pollfd end = {.fd = fd, .events = POLLIN};

    httpclient_say(fd, start);
    while (poll(&end, 1, 5) == 0 && monotonic_ms() - begun < 10000)
        httpclient_say(fd, byte);
    return monotonic_ms() - begun;
}

static void trickling_gains_nothing(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.head_ms = 1000, .body_ms = 1500);
    CLEANUP(fd_done) int head = httpclient_dial(server);
    CLEANUP(fd_done) int body = -1;
    CLEANUP(fd_done) int idle = httpclient_dial(server);
    int64_t took;

    (void)state;
    took = trickle(head, "GET /livez HTTP/1.1\r\nHost: a\r\nX: ", "x");
    assert_in_range(took, 950, 9000);
    assert_int_equal(httpclient_hear(head).status, 0);
    body = httpclient_dial(server);
    took = trickle(body, HTTP_POST_OF("/v1/things") "Content-Length: 1000\r\n\r\n", "x");
    assert_in_range(took, 1450, 9000);
    assert_int_equal(httpclient_hear(body).status, 0);
    assert_true(httpclient_is_closed(idle));
    assert_int_equal(httpclient_ask(server, HTTP_GET_OF("/livez")).status, 200);
}

static void who_does_not_read_is_cut(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.write_ms = 200);
    CLEANUP(fd_done) int fd = httpclient_dial(server);
    struct pollfd cut = {.fd = fd, .events = POLLRDHUP};
    struct httpanswer answer;

    (void)state;
    httpclient_say(fd, HTTP_GET_OF("/v1/bytes/16000000"));
    assert_true(poll(&cut, 1, PATIENCE_MS) == 1);
    answer = httpclient_hear(fd);
    assert_int_equal(answer.status, 200);
    assert_true(answer.missing > 0);
    assert_int_equal(httpclient_ask(server, HTTP_GET_OF("/livez")).status, 200);
}

static void a_late_worker_is_answered_for(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.work_ms = 100, .workers = 1);
    CLEANUP(fd_done) int fd = httpclient_dial(server);
    int64_t begun = monotonic_ms();
    struct httpanswer answer;

    (void)state;
    httpclient_say(fd, HTTP_GET_OF("/v1/waits/4000"));
    answer = httpclient_hear(fd);
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(answer.text, "not ready in time"));
    assert_non_null(strstr(answer.text, "\r\nRetry-After: 1\r\n"));
    assert_in_range(monotonic_ms() - begun, 80, 3500);
    /* The connection lives on; this one never reaches the worker, which is still away. */
    httpclient_say(fd, HTTP_GET_OF("/v1/things/7"));
    assert_int_equal(httpclient_hear(fd).status, 503);
    /* Until it is back. */
    do {
        sleep_ms(50);
        httpclient_say(fd, HTTP_GET_OF("/v1/things/7"));
        answer = httpclient_hear(fd);
    } while (answer.status == 503 && monotonic_ms() - begun < PATIENCE_MS);
    assert_int_equal(answer.status, 200);
    assert_true(monotonic_ms() - begun >= 4000);
}

static void a_full_queue_is_a_503_at_once(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.workers = 1, .queue = 2);
    CLEANUP(fd_done) int first = httpclient_dial(server);
    CLEANUP(fd_done) int second = httpclient_dial(server);
    CLEANUP(fd_done) int third = httpclient_dial(server);
    struct pollfd early = {.fd = first, .events = POLLIN};
    struct httpanswer answer;
    unsigned waits = httpsite_waits();
    int64_t begun = monotonic_ms();

    (void)state;
    httpclient_say(first, HTTP_GET_OF("/v1/waits/4000"));
    while (httpsite_waits() == waits && monotonic_ms() - begun < PATIENCE_MS)
        sleep_ms(1);
    /* These are before the fourth, which is not even connected yet. */
    httpclient_say(second, HTTP_GET_OF("/v1/things/2"));
    httpclient_say(third, HTTP_GET_OF("/v1/things/3"));
    answer = httpclient_ask(server, HTTP_GET_OF("/v1/things/4"));
    assert_int_equal(answer.status, 503);
    assert_int_equal(fault_count(FAULT_REQUESTS_TOO_MANY), 1);
    assert_non_null(strstr(answer.text, "\r\nRetry-After: 1\r\n"));
    /* What is cheap does not wait for workers. */
    assert_int_equal(httpclient_ask(server, HTTP_GET_OF("/livez")).status, 200);
    assert_int_equal(poll(&early, 1, 0), 0);
    assert_int_equal(httpclient_hear(first).status, 200);
    assert_int_equal(httpclient_hear(second).status, 200);
    assert_int_equal(httpclient_hear(third).status, 200);
}

/* ---- connections ---- */

static void one_too_many_displaces_the_longest_idle(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.connections = 3);
    int fds[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        fds[i] = httpclient_dial(server);
        httpclient_say(fds[i], HTTP_GET_OF("/livez"));
        assert_int_equal(httpclient_hear(fds[i]).status, 200);
    }
    assert_int_equal(httpclient_ask(server, HTTP_GET_OF("/livez")).status, 200);
    assert_true(httpclient_is_closed(fds[0]));
    httpclient_say(fds[2], HTTP_GET_OF("/livez"));
    assert_int_equal(httpclient_hear(fds[2]).status, 200);
    for (int i = 0; i < 3; i++)
        fd_done(&fds[i]);
}

static void requests_may_share_a_connection(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.workers = 2);
    CLEANUP(fd_done) int fd = httpclient_dial(server);

    (void)state;
    /* Pipelined: answered one after the other, in order. */
    httpclient_say(fd, HTTP_GET_OF("/v1/waits/50") HTTP_GET_OF("/livez")
                           HTTP_POST_OF("/v1/things") "Content-Length: 12\r\n\r\n{\"name\":\"x\"}");
    assert_non_null(strstr(httpclient_hear(fd).text, "\"waited\":\"50\""));
    assert_non_null(strstr(httpclient_hear(fd).text, "\"live\""));
    assert_int_equal(httpclient_hear(fd).status, 201);
    /* A refusal without a body to skip does not end it. */
    httpclient_say(fd, HTTP_GET_OF("/v1/nowhere"));
    assert_int_equal(httpclient_hear(fd).status, 404);
    httpclient_say(fd, HTTP_GET_OF("/v1/things/7"));
    assert_int_equal(httpclient_hear(fd).status, 200);
}

static void a_half_closed_connection_still_gets_its_answer(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.workers = 1);
    CLEANUP(fd_done) int fd = httpclient_dial(server);

    (void)state;
    httpclient_say(fd, HTTP_GET_OF("/v1/waits/50"));
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_int_equal(httpclient_hear(fd).status, 200);
    assert_true(httpclient_is_closed(fd));
}

/* RFC 9110, 10.1.1 */
static void a_body_is_asked_for_only_if_it_is_wanted(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.workers = 1);
    CLEANUP(fd_done) int wanted = httpclient_dial(server);
    CLEANUP(fd_done) int unwanted = httpclient_dial(server);

    (void)state;
    httpclient_say(unwanted, "POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                             "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n");
    assert_int_equal(httpclient_hear(unwanted).status, 415);
    httpclient_say(wanted, HTTP_POST_OF("/v1/things") "Expect: 100-continue\r\n"
                                                      "Content-Length: 12\r\n\r\n");
    assert_int_equal(httpclient_hear(wanted).status, 100);
    httpclient_say(wanted, "{\"name\":\"x\"}");
    assert_int_equal(httpclient_hear(wanted).status, 201);
}

static void the_largest_header_fits(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.workers = 1);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *request;

    (void)state;
    assert_int_equal(buf_append_text(&text, "GET /v1/things/", NULL), 0);
    while (text.len < 4 + HTTP_TARGET_MAX)
        assert_int_equal(buf_append_byte(&text, 'x', NULL), 0);
    assert_int_equal(buf_append_text(&text, " HTTP/1.1\r\nHost: a\r\nX: ", NULL), 0);
    for (int i = 0; i < HTTP_FIELDS_BYTES_MAX - 6; i++)
        assert_int_equal(buf_append_byte(&text, 'y', NULL), 0);
    assert_int_equal(buf_append_text(&text, "\r\n\r\n", NULL), 0);
    assert_int_equal(buf_text(&text, &request, NULL), 0);
    assert_int_equal(httpclient_ask(server, request).status, 200);
}

static void a_large_answer_arrives_whole(void **state)
{
    CLEANUP(httpserver_done) struct httpserver *server = START(.workers = 1);
    struct httpanswer answer = httpclient_ask(server, HTTP_GET_OF("/v1/bytes/16777216"));

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.missing, 0);
}

/* ---- TCP ---- */

static int listen_on(in_addr_t address)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (const struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static int listen_on6(struct in6_addr address)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = address};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) /* there is none here: as good as another stranger */
        return listen_on(INADDR_ANY);
    assert_int_equal(bind(fd, (const struct sockaddr *)&in6, sizeof in6), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static void strangers_are_not_served(void **state)
{
    const struct http_server_options options = {.routes = httpsite_routes};
    struct http_server *server = NULL;
    struct err err = {0};
    size_t before = httpclient_descriptors();

    (void)state;
    assert_int_equal(http_server_start(&options, listen_on(INADDR_ANY), &server, &err), -ERR_USAGE);
    assert_non_null(strstr(err.text, "loopback"));
    assert_int_equal(http_server_start(&options, listen_on6(in6addr_any), &server, &err),
                     -ERR_USAGE);
    assert_non_null(strstr(err.text, "loopback"));
    assert_null(server);
    assert_int_equal(httpclient_descriptors(), before);
}

static void loopback_is_served_without_peers(void **state)
{
    const struct http_server_options options = {.routes = httpsite_routes};
    CLEANUP(http_server_stopp) struct http_server *server = NULL;
    CLEANUP(fd_done) int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint16_t port = 0;
    int fd;

    (void)state;
    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &server, NULL), 0);
    in.sin_port = htons(port);
    assert_int_equal(connect(client, (const struct sockaddr *)&in, sizeof in), 0);
    httpclient_say(client, HTTP_GET_OF("/v1/private"));
    assert_int_equal(httpclient_hear(client).status, 403);
    httpclient_say(client, HTTP_GET_OF("/v1/things/7"));
    assert_int_equal(httpclient_hear(client).status, 200);
}

static void loopback_of_ipv6_is_served(void **state)
{
    const struct http_server_options options = {.routes = httpsite_routes};
    CLEANUP(http_server_stopp) struct http_server *server = NULL;
    CLEANUP(fd_done) int client = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    uint16_t port = 0;
    int fd;

    (void)state;
    if (http_listen_loopback6(0, &fd, &port, NULL) < 0)
        skip(); /* no ::1 here */
    assert_int_equal(http_server_start(&options, fd, &server, NULL), 0);
    in6.sin6_port = htons(port);
    assert_int_equal(connect(client, (const struct sockaddr *)&in6, sizeof in6), 0);
    httpclient_say(client, HTTP_GET_OF("/v1/things/7"));
    assert_int_equal(httpclient_hear(client).status, 200);
}

/* ---- stopping ---- */

static void *stop_server(void *argument)
{
    struct httpserver *server = argument;

    http_server_stop(server->server);
    return NULL;
}

static void stopping_finishes_what_is_in_flight(void **state)
{
    struct httpserver *server = START(.workers = 1);
    CLEANUP(fd_done) int busy = httpclient_dial(server);
    CLEANUP(fd_done) int open = httpclient_dial(server);
    CLEANUP(fd_done) int late = -1;
    struct httpanswer answer;
    pthread_t thread;

    (void)state;
    httpclient_say(open, HTTP_GET_OF("/livez"));
    assert_int_equal(httpclient_hear(open).status, 200);
    httpclient_say(busy, HTTP_GET_OF("/v1/waits/2000"));
    sleep_ms(200);
    assert_int_equal(pthread_create(&thread, NULL, stop_server, server), 0);
    while (sock_connect(server->path, &late, NULL) == 0) {
        fd_done(&late);
        sleep_ms(10);
    }
    httpclient_say(open, HTTP_GET_OF("/v1/things/7"));
    answer = httpclient_hear(open);
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(answer.text, "\r\nConnection: close\r\n"));
    assert_true(httpclient_is_closed(open));
    assert_int_equal(sock_connect(server->path, &late, NULL), -ERR_REMOTE);
    answer = httpclient_hear(busy);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.text, "\r\nConnection: close\r\n"));
    assert_int_equal(pthread_join(thread, NULL), 0);
    server->server = NULL;
    httpserver_done(&server);
}

static void stopping_does_not_wait_for_the_idle(void **state)
{
    struct httpserver *server = START(.workers = 1);
    CLEANUP(fd_done) int idle = httpclient_dial(server);
    CLEANUP(fd_done) int half = httpclient_dial(server);
    int64_t begun;

    (void)state;
    httpclient_say(half, "GET /livez HT");
    sleep_ms(50);
    begun = monotonic_ms();
    httpserver_done(&server);
    assert_true(monotonic_ms() - begun < 5000);
    assert_true(httpclient_is_closed(idle));
    assert_true(httpclient_is_closed(half));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_socket_and_the_memory_agree),
        cmocka_unit_test(other_users_do_not_get_in),
        cmocka_unit_test(a_refused_body_ends_the_connection),
        cmocka_unit_test(chunks_are_counted),
        cmocka_unit_test(malformed_chunks_are_refused),
        cmocka_unit_test(a_header_without_end_is_refused),
        cmocka_unit_test(trickling_gains_nothing),
        cmocka_unit_test(who_does_not_read_is_cut),
        cmocka_unit_test(a_late_worker_is_answered_for),
        cmocka_unit_test(a_full_queue_is_a_503_at_once),
        cmocka_unit_test(one_too_many_displaces_the_longest_idle),
        cmocka_unit_test(requests_may_share_a_connection),
        cmocka_unit_test(a_half_closed_connection_still_gets_its_answer),
        cmocka_unit_test(a_body_is_asked_for_only_if_it_is_wanted),
        cmocka_unit_test(the_largest_header_fits),
        cmocka_unit_test(a_large_answer_arrives_whole),
        cmocka_unit_test(strangers_are_not_served),
        cmocka_unit_test(loopback_is_served_without_peers),
        cmocka_unit_test(loopback_of_ipv6_is_served),
        cmocka_unit_test(stopping_finishes_what_is_in_flight),
        cmocka_unit_test(stopping_does_not_wait_for_the_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
