/* SPDX-License-Identifier: Apache-2.0 */
#include "http/linger.h"

#include "base/file.h"
#include "http/limits.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static struct lingering *linger;

static int set_up(void **state)
{
    (void)state;
    return linger_new(&linger, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    linger_free(linger);
    return 0;
}

/* The peer of a connection that was given to the lingering ones and closed by its owner. */
static int add_one(int64_t now_ms)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    linger_add(linger, ends[0], now_ms);
    fd_done(&ends[0]);
    return ends[1];
}

static bool may_send(int peer)
{
    return send(peer, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

static void the_peer_reads_an_end_and_may_still_send(void **state)
{
    CLEANUP(fd_done) int peer = add_one(1000);
    char byte;

    (void)state;
    assert_int_equal(recv(peer, &byte, 1, MSG_DONTWAIT), 0);
    assert_true(may_send(peer));
    linger_run(linger, 1000);
    assert_true(may_send(peer));
}

static void it_ends_at_its_millisecond(void **state)
{
    CLEANUP(fd_done) int peer = add_one(1000);

    (void)state;
    assert_int_equal(linger_wait(linger, 1001, -1), HTTP_LINGER_MS - 1);
    linger_run(linger, 1000 + HTTP_LINGER_MS - 1);
    assert_true(may_send(peer));
    linger_run(linger, 1000 + HTTP_LINGER_MS);
    assert_false(may_send(peer));
    assert_int_equal(linger_wait(linger, 1001, -1), -1);
}

static void it_ends_with_the_peer(void **state)
{
    int peer = add_one(1000);

    (void)state;
    fd_done(&peer);
    linger_run(linger, 1000);
    assert_int_equal(linger_wait(linger, 1000, -1), -1);
}

static void it_is_readable_when_there_is_something_to_do(void **state)
{
    CLEANUP(fd_done) int peer = add_one(1000);
    struct pollfd set = {.fd = linger_fd(linger), .events = POLLIN};

    (void)state;
    assert_int_equal(poll(&set, 1, 0), 0);
    assert_true(may_send(peer));
    assert_int_equal(poll(&set, 1, 0), 1);
    linger_run(linger, 1000);
    assert_int_equal(poll(&set, 1, 0), 0);
}

/* Sends and has it dropped until the connection ends; how much was taken. */
static size_t drain(int peer, size_t most)
{
    static const char chunk[1024];
    size_t sent = 0;

    while (sent < most) {
        if (send(peer, chunk, sizeof chunk, MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof chunk)
            break;
        sent += sizeof chunk;
        linger_run(linger, 1000);
    }
    return sent;
}

static void so_many_bytes_are_dropped_and_one_more_ends_it(void **state)
{
    CLEANUP(fd_done) int peer = add_one(1000);

    (void)state;
    assert_int_equal(drain(peer, HTTP_LINGER_BYTES), HTTP_LINGER_BYTES);
    assert_true(may_send(peer));
    linger_run(linger, 1000);
    assert_false(may_send(peer));
}

static void one_too_many_ends_the_oldest(void **state)
{
    int peers[HTTP_LINGER_MAX + 1];

    (void)state;
    for (int i = 0; i < HTTP_LINGER_MAX; i++)
        peers[i] = add_one(1000 + i);
    assert_true(may_send(peers[0]));
    peers[HTTP_LINGER_MAX] = add_one(1000 + HTTP_LINGER_MAX);
    assert_false(may_send(peers[0]));
    for (int i = 1; i <= HTTP_LINGER_MAX; i++)
        assert_true(may_send(peers[i]));
    for (int i = 0; i <= HTTP_LINGER_MAX; i++)
        fd_done(&peers[i]);
}

static void what_is_no_socket_is_left_alone(void **state)
{
    (void)state;
    linger_add(linger, -1, 1000);
    assert_int_equal(linger_wait(linger, 1000, -1), -1);
    linger_free(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_peer_reads_an_end_and_may_still_send),
        TEST(it_ends_at_its_millisecond),
        TEST(it_ends_with_the_peer),
        TEST(it_is_readable_when_there_is_something_to_do),
        TEST(so_many_bytes_are_dropped_and_one_more_ends_it),
        TEST(one_too_many_ends_the_oldest),
        TEST(what_is_no_socket_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
