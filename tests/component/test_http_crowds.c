/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ten thousand bad connections, two thousand of each kind and never more than CROWD at a time.
 * After each crowd the server still answers and holds no descriptor of theirs.
 */
#include "base/clock.h"
#include "base/file.h"
#include "support/httpclient.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

enum { CROWD = 100, ROUNDS = 20, CLIENTS = 8, REQUESTS = 250 };

static struct httpserver *server;
static size_t descriptors; /* with the server up and nobody connected */

static int start(void **state)
{
    (void)state;
    server = httpserver_start((struct http_server_options){.workers = 4,
                                                           .queue = 2 * CROWD,
                                                           .head_ms = 2000,
                                                           .body_ms = 300,
                                                           .write_ms = 1000,
                                                           .connections = 256});
    descriptors = httpclient_descriptors();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    httpserver_done(&server);
    return 0;
}

static void pause_ms(long ms)
{
    const struct timespec pause = {0, ms * 1000000};

    (void)nanosleep(&pause, NULL);
}

static void assert_all_is_well(void)
{
    int64_t begun = monotonic_ms();

    assert_int_equal(httpclient_ask(server, HTTP_GET_OF("/v1/things/7")).status, 200);
    assert_int_equal(httpclient_ask(server, HTTP_GET_OF("/livez")).status, 200);
    while (httpclient_descriptors() != descriptors) {
        if (monotonic_ms() - begun > 10000)
            fail_msg("%zu descriptors instead of %zu", httpclient_descriptors(), descriptors);
        pause_ms(10);
    }
}

/* Each of the crowd says something, then all of them do what end does. */
static void crowd(const char *says, void (*end)(int *fd))
{
    int fds[CROWD];

    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CROWD; i++) {
            fds[i] = httpclient_dial(server);
            httpclient_say(fds[i], says);
        }
        for (int i = 0; i < CROWD; i++) {
            end(&fds[i]);
            fd_done(&fds[i]);
        }
    }
    assert_all_is_well();
}

static void leave(int *fd)
{
    fd_done(fd);
}

/* Unread bytes at close are a reset for the peer. */
static void hear_nothing_and_leave(int *fd)
{
    (void)shutdown(*fd, SHUT_RD);
    fd_done(fd);
}

static void wait_for_the_end(int *fd)
{
    assert_true(httpclient_is_closed(*fd));
}

static void wait_for_a_refusal(int *fd)
{
    int status = httpclient_hear(*fd).status;

    assert_true(status == 400 || status == 0);
}

static void half_close_and_hear(int *fd)
{
    assert_int_equal(shutdown(*fd, SHUT_WR), 0);
    assert_int_equal(httpclient_hear(*fd).status, 200);
}

static void the_empty(void **state)
{
    (void)state;
    crowd("", leave);
}

static void the_malformed(void **state)
{
    (void)state;
    crowd("\x16\x03\x01\x02 this is TLS or nonsense\r\n\r\n\r\n", wait_for_a_refusal);
}

static void the_slow(void **state)
{
    (void)state;
    crowd(HTTP_POST_OF("/v1/things") "Content-Length: 100\r\n\r\n{\"name\":", wait_for_the_end);
}

/* As many as there may be, each with half a body, do not shut out somebody with a whole request. */
static void slow_senders_make_room(void **state)
{
    struct httpserver *small = httpserver_start(
        (struct http_server_options){.workers = 2, .body_ms = 30000, .connections = CROWD});
    int fds[CROWD];

    (void)state;
    for (int i = 0; i < CROWD; i++) {
        fds[i] = httpclient_dial(small);
        httpclient_say(fds[i], HTTP_POST_OF("/v1/things") "Content-Length: 100\r\n\r\n{");
    }
    pause_ms(200); /* until they are no longer idle, but sending */
    for (int i = 0; i < 3; i++)
        assert_int_equal(httpclient_ask(small, HTTP_GET_OF("/v1/things/7")).status, 200);
    assert_true(httpclient_is_closed(fds[0]));
    for (int i = 0; i < CROWD; i++)
        fd_done(&fds[i]);
    httpserver_done(&small);
}

static int dial_port(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/*
 * Many that go at once, in the middle of a body: nobody waits for the rest of them as long as a
 * rest may take.
 */
static void who_is_gone_is_forgotten(void **state)
{
    const struct http_server_options patient = {.routes = httpsite_routes,
                                                .workers = 2,
                                                .head_ms = 60000,
                                                .body_ms = 60000,
                                                .connections = 8 * CROWD};
    struct http_server *server_of_port;
    int fds[4 * CROWD];
    int64_t begun;
    size_t before;
    uint16_t port;
    int fd;

    (void)state;
    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    assert_int_equal(http_server_start(&patient, fd, &server_of_port, NULL), 0);
    before = httpclient_descriptors();
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 4 * CROWD; i++)
            fds[i] = dial_port(port);
        for (int i = 0; i < 4 * CROWD; i++)
            httpclient_say(fds[i], HTTP_POST_OF("/v1/things") "Content-Length: 100\r\n\r\n{");
        for (int i = 0; i < 4 * CROWD; i++)
            fd_done(&fds[i]);
    }
    for (begun = monotonic_ms(); httpclient_descriptors() > before; pause_ms(10))
        assert_true(monotonic_ms() - begun < 20000);
    http_server_stop(server_of_port);
}

static void the_half_closed(void **state)
{
    (void)state;
    crowd(HTTP_GET_OF("/v1/waits/1"), half_close_and_hear);
}

static void the_vanishing(void **state)
{
    (void)state;
    crowd(HTTP_GET_OF("/v1/bytes/100000"), hear_nothing_and_leave);
}

static void *ask_many(void *argument)
{
    size_t *good = argument;

    for (int i = 0; i < REQUESTS; i++) {
        CLEANUP(fd_done) int fd = httpclient_dial(server);

        httpclient_say(fd, HTTP_GET_OF("/v1/things/7"));
        *good += httpclient_hear(fd).status == 200;
        httpclient_say(fd, HTTP_POST_OF("/v1/things") "Content-Length: 12\r\n\r\n{\"name\":\"x\"}");
        *good += httpclient_hear(fd).status == 201;
    }
    return NULL;
}

static void the_many_and_good(void **state)
{
    pthread_t threads[CLIENTS];
    size_t good[CLIENTS] = {0};

    (void)state;
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &good[i]), 0);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(good[i], 2 * REQUESTS);
    }
    assert_all_is_well();
}

/*
 * The time for a body is the sender's. Here it is over before the server has looked at all of a
 * crowd, of which everybody has sent everything; none of them is late.
 */
static void who_has_sent_all_is_answered_by_a_server_that_is_late(void **state)
{
    struct httpserver *hasty = httpserver_start(
        (struct http_server_options){.queue = 2 * CROWD, .connections = 256, .body_ms = 1});
    static const char say[] = HTTP_POST_OF(
        "/v1/things") "Content-Length: 12\r\n\r\n{\"name\":\"x\"}";
    int fds[CROWD];

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CROWD; i++) {
            fds[i] = httpclient_dial(hasty);
            httpclient_say(fds[i], say);
        }
        for (int i = 0; i < CROWD; i++) {
            assert_int_equal(httpclient_hear(fds[i]).status, 201);
            fd_done(&fds[i]);
        }
    }
    httpserver_done(&hasty);
}

enum { FILE_SIZE = 24 << 20, BITE = 4 << 20 };

/* How much of it comes after so many pauses at first, and one after each bite. */
static size_t read_in_bites(int pauses_before, bool pauses_between)
{
    CLEANUP(fd_done) int fd = httpclient_dial(server);
    static char bite[1 << 16];
    size_t total = 0;
    ssize_t got;

    httpclient_say(fd, HTTP_GET_OF("/v1/files/25165824"));
    for (int i = 0; i < pauses_before; i++)
        pause_ms(300);
    while (total < FILE_SIZE && (got = recv(fd, bite, sizeof bite, 0)) > 0) {
        if (pauses_between && total / BITE != (total + (size_t)got) / BITE)
            pause_ms(300);
        total += (size_t)got;
    }
    return total;
}

/* A file may take longer than other answers, as long as enough of it is taken. */
static void who_takes_enough_of_a_long_file_has_time(void **state)
{
    int64_t begun = monotonic_ms();

    (void)state;
    assert_true(BITE > (int)HTTP_WRITE_LEAST);
    assert_true(read_in_bites(0, true) >= FILE_SIZE);
    assert_true(monotonic_ms() - begun > 1200);
    assert_true(read_in_bites(10, false) < FILE_SIZE);
    assert_all_is_well();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty),
        cmocka_unit_test(the_malformed),
        cmocka_unit_test(the_slow),
        cmocka_unit_test(slow_senders_make_room),
        cmocka_unit_test(who_is_gone_is_forgotten),
        cmocka_unit_test(the_half_closed),
        cmocka_unit_test(the_vanishing),
        cmocka_unit_test(the_many_and_good),
        cmocka_unit_test(who_takes_enough_of_a_long_file_has_time),
        cmocka_unit_test(who_has_sent_all_is_answered_by_a_server_that_is_late),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
