/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/ports.h"

#include "base/file.h"
#include "http/server.h"
#include "sandbox/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* Not where real sandboxes look: they may be starting just now. */
enum { FROM = 9720 };

static struct sockaddr_in on_loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static int listener_on(uint16_t port)
{
    const struct sockaddr_in address = on_loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void two_sandboxes_never_share_a_port(void **state)
{
    CLEANUP(ports_done) struct ports one = PORTS_INIT;
    CLEANUP(ports_done) struct ports other = PORTS_INIT;
    uint16_t first;

    (void)state;
    assert_int_equal(ports_claim(FROM, &one, NULL), 0);
    assert_int_equal(ports_claim(FROM, &other, NULL), 0);
    assert_true(other.page > one.page);
    assert_int_equal((other.page - one.page) % 16, 0);
    assert_int_equal(one.platform, one.page + 1);
    assert_int_equal(one.ocsp, one.page + 2);
    assert_int_equal(one.authority, one.page + 3);
    assert_int_equal(one.authapp, one.page + 4);
    assert_int_equal(one.portal, one.page + 5);
    assert_int_equal(one.counter, one.page + 8);
    first = one.page;
    ports_done(&one);
    assert_int_equal(ports_claim(FROM, &one, NULL), 0);
    assert_int_equal(one.page, first);
}

static void a_block_in_which_a_stranger_listens_is_left_out(void **state)
{
    CLEANUP(ports_done) struct ports ports = PORTS_INIT;
    CLEANUP(fd_done) int stranger = -1;
    uint16_t taken;

    (void)state;
    assert_int_equal(ports_claim(FROM, &ports, NULL), 0);
    taken = ports.platform;
    ports_done(&ports);
    stranger = listener_on(taken);
    assert_int_equal(ports_claim(FROM, &ports, NULL), 0);
    assert_true(ports.page > taken);
}

static void claimed_ports_are_given_to_no_stranger_and_to_its_programs(void **state)
{
    CLEANUP(ports_done) struct ports ports = PORTS_INIT;

    (void)state;
    assert_int_equal(ports_claim(FROM, &ports, NULL), 0);
    for (uint16_t port = ports.page; port <= ports.counter; port++) {
        CLEANUP(fd_done) int stranger = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CLEANUP(fd_done) int program = -1;
        const struct sockaddr_in address = on_loopback(port);
        uint16_t listens;

        assert_int_equal(bind(stranger, (const struct sockaddr *)&address, sizeof address), -1);
        assert_int_equal(errno, EADDRINUSE);
        assert_int_equal(http_listen_loopback(port, &program, &listens, NULL), 0);
        assert_int_equal(listens, port);
    }
}

static void one_sandbox_more_than_the_limit_is_refused(void **state)
{
    struct ports all[SANDBOX_PORT_BLOCKS_MAX];
    struct ports more = PORTS_INIT;
    struct err err;
    size_t count = 0;

    (void)state;
    while (count < SANDBOX_PORT_BLOCKS_MAX && ports_claim(FROM, &all[count], NULL) == 0)
        count++;
    assert_int_equal(count, SANDBOX_PORT_BLOCKS_MAX);
    assert_int_equal(ports_claim(FROM, &more, &err), -ERR_CONFLICT);
    assert_int_equal(more.claim_fd, -1);
    assert_non_null(strstr(err.text, "127.0.0.1"));
    while (count > 0)
        ports_done(&all[--count]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_sandboxes_never_share_a_port),
        cmocka_unit_test(a_block_in_which_a_stranger_listens_is_left_out),
        cmocka_unit_test(claimed_ports_are_given_to_no_stranger_and_to_its_programs),
        cmocka_unit_test(one_sandbox_more_than_the_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
