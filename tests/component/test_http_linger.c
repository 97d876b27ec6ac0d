/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever sends a body that is not wanted still reads why, within limits (http/linger.h). */
#include "base/clock.h"
#include "base/file.h"
#include "http/limits.h"
#include "support/httpclient.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define LARGE_POST HTTP_POST_OF("/v1/things") "Content-Length: 9000000\r\n\r\n"

static struct httpserver *server;

static int set_up(void **state)
{
    (void)state;
    server = httpserver_start((struct http_server_options){.workers = 1});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    httpserver_done(&server);
    return 0;
}

/* The answer is there before a byte of the body was sent. */
static int dial_and_be_refused(void)
{
    int fd = httpclient_dial(server);
    struct pollfd answer = {.fd = fd, .events = POLLIN};

    httpclient_say(fd, LARGE_POST);
    assert_int_equal(poll(&answer, 1, 60000), 1);
    return fd;
}

/* How many of so many bytes are still taken. */
static size_t say_more(int fd, size_t len)
{
    char chunk[4096];
    size_t sent = 0;

    memset(chunk, 'x', sizeof chunk);
    while (sent < len) {
        size_t want = len - sent < sizeof chunk ? len - sent : sizeof chunk;
        ssize_t put = send(fd, chunk, want, MSG_NOSIGNAL);

        if (put <= 0)
            return sent;
        sent += (size_t)put;
    }
    return sent;
}

static void who_goes_on_sending_reads_why_it_was_refused(void **state)
{
    CLEANUP(fd_done) int fd = dial_and_be_refused();

    (void)state;
    assert_int_equal(say_more(fd, HTTP_LINGER_BYTES), HTTP_LINGER_BYTES);
    assert_int_equal(httpclient_hear(fd).status, 413);
    assert_true(httpclient_is_closed(fd));
}

static void more_than_that_is_cut(void **state)
{
    CLEANUP(fd_done) int fd = dial_and_be_refused();

    (void)state;
    assert_true(say_more(fd, (size_t)8 * HTTP_LINGER_BYTES) < (size_t)8 * HTTP_LINGER_BYTES);
}

static void descriptors_come_back(void **state)
{
    size_t before = httpclient_descriptors();
    int64_t end = monotonic_ms() + 60000;

    (void)state;
    for (int i = 0; i < 2 * HTTP_LINGER_MAX; i++) {
        int fd = dial_and_be_refused();

        fd_done(&fd);
    }
    while (httpclient_descriptors() > before && monotonic_ms() < end)
        (void)poll(NULL, 0, 10);
    assert_true(httpclient_descriptors() <= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_goes_on_sending_reads_why_it_was_refused),
        cmocka_unit_test(more_than_that_is_cut),
        cmocka_unit_test(descriptors_come_back),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
