/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sock.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/openjpki-test-sock-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL || chdir(dir) < 0 ? -1 : 0;
}

static int leave(void **state)
{
    (void)state;
    (void)unlink("s");
    return chdir("/") < 0 || rmdir(dir) < 0 ? -1 : 0;
}

static void a_path_longer_than_the_system_allows_is_refused(void **state)
{
    char path[SOCK_PATH_MAX + 2];
    struct err err;

    (void)state;
    memset(path, 'p', sizeof path - 1);
    path[SOCK_PATH_MAX] = 0;
    assert_int_equal(sock_path_check(path, NULL), 0);
    path[SOCK_PATH_MAX] = 'p';
    path[SOCK_PATH_MAX + 1] = 0;
    assert_int_equal(sock_path_check(path, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "108 bytes"));
    assert_int_equal(sock_path_check("", NULL), -ERR_INPUT);
}

static void nobody_there_and_nobody_listening_are_told_apart(void **state)
{
    CLEANUP(fd_done) int listener = -1;
    int fd = -1;

    (void)state;
    assert_int_equal(sock_connect("s", &fd, NULL), -ERR_ABSENT);
    assert_int_equal(sock_listen("s", 0600, &listener, NULL), 0);
    fd_done(&listener);
    assert_int_equal(sock_connect("s", &fd, NULL), -ERR_REMOTE);
    assert_int_equal(fd, -1);
}

static void a_stale_socket_is_replaced_a_live_one_and_a_file_are_not(void **state)
{
    CLEANUP(fd_done) int first = -1;
    CLEANUP(fd_done) int second = -1;
    struct stat st;

    (void)state;
    assert_int_equal(sock_listen("s", 0600, &first, NULL), 0); /* stale from the test before */
    assert_int_equal(stat("s", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(sock_listen("s", 0600, &second, NULL), -ERR_CONFLICT);
    fd_done(&first);
    assert_int_equal(unlink("s"), 0);
    assert_int_equal(file_create("s", 0600, BYTES_LITERAL("a file"), NULL), 0);
    assert_int_equal(sock_listen("s", 0600, &second, NULL), -ERR_CONFLICT);
    assert_int_equal(unlink("s"), 0);
}

static void the_peer_is_known_by_its_ids(void **state)
{
    CLEANUP(fd_done) int listener = -1;
    CLEANUP(fd_done) int client = -1;
    CLEANUP(fd_done) int server = -1;
    struct sock_peer peer;

    (void)state;
    assert_int_equal(sock_listen("s", 0600, &listener, NULL), 0);
    assert_int_equal(sock_connect("s", &client, NULL), 0);
    server = accept(listener, NULL, NULL);
    assert_true(server >= 0);
    assert_int_equal(sock_peer(server, &peer, NULL), 0);
    assert_int_equal(peer.uid, geteuid());
    assert_int_equal(peer.pid, getpid());
}

static void a_cut_in_a_message_is_not_an_end(void **state)
{
    int pair[2];
    uint8_t in[4];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(sock_write_all(pair[0], BYTES_LITERAL("12345"), NULL), 0);
    (void)close(pair[0]);
    assert_int_equal(sock_read_exact(pair[1], in, 4, NULL), 0);
    assert_memory_equal(in, "1234", 4);
    assert_int_equal(sock_read_exact(pair[1], in, 4, NULL), -ERR_REMOTE);
    assert_int_equal(sock_read_exact(pair[1], in, 4, NULL), -ERR_ABSENT);
    assert_int_equal(sock_write_all(pair[1], BYTES_LITERAL("x"), NULL), -ERR_REMOTE);
    (void)close(pair[1]);
}

static void a_silent_peer_is_given_up_at_the_deadline(void **state)
{
    int pair[2];
    uint8_t in[1];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(sock_timeout(pair[0], 20, NULL), 0);
    assert_int_equal(sock_read_exact(pair[0], in, 1, NULL), -ERR_REMOTE);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_longer_than_the_system_allows_is_refused),
        cmocka_unit_test(nobody_there_and_nobody_listening_are_told_apart),
        cmocka_unit_test(a_stale_socket_is_replaced_a_live_one_and_a_file_are_not),
        cmocka_unit_test(the_peer_is_known_by_its_ids),
        cmocka_unit_test(a_cut_in_a_message_is_not_an_end),
        cmocka_unit_test(a_silent_peer_is_given_up_at_the_deadline),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
