/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/sock.h"
#include "reader/backend.h"
#include "reader/direct.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A server that takes one connection, reads what a client sends and answers with fixed bytes. */
struct server {
    char directory[32], path[64];
    int listener;
    size_t commands; /* commands taken before the connection is closed */
    struct bytes answers[3];
    uint8_t got[16];
    pthread_t thread;
};

static const uint8_t atr[] = {0x00, 0x02, 0x3b, 0x00};
static const uint8_t select_ef[] = {0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x18};

static void *serve(void *context)
{
    struct server *server = context;
    CLEANUP(fd_done) int fd = accept(server->listener, NULL, NULL);

    if (fd < 0 || sock_read_exact(fd, server->got, 6, NULL) < 0)
        return NULL;
    for (size_t i = 0; i <= server->commands; i++) {
        uint8_t frame[9];

        if (i > 0 && sock_read_exact(fd, frame, sizeof frame, NULL) < 0)
            return NULL;
        if (sock_write_all(fd, server->answers[i], NULL) < 0)
            return NULL;
    }
    return NULL;
}

static void start(struct server *server)
{
    (void)snprintf(server->directory, sizeof server->directory, "/tmp/jpki-test-XXXXXX");
    assert_non_null(mkdtemp(server->directory));
    (void)snprintf(server->path, sizeof server->path, "%s/direct", server->directory);
    assert_int_equal(sock_listen(server->path, 0600, &server->listener, NULL), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void stop(struct server *server)
{
    assert_int_equal(pthread_join(server->thread, NULL), 0);
    (void)close(server->listener);
    assert_int_equal(unlink(server->path), 0);
    assert_int_equal(rmdir(server->directory), 0);
}

static void assert_connect_fails(struct bytes answer, int rc, const char *text)
{
    struct server server = {.answers = {answer}};
    struct reader *reader = NULL;
    struct err err;

    start(&server);
    assert_int_equal(direct_connect(server.path, &reader, &err), rc);
    assert_non_null(strstr(err.text, text));
    assert_null(reader);
    stop(&server);
}

static void a_missing_socket_is_a_missing_reader(void **state)
{
    struct reader *reader = NULL;
    struct err err;

    (void)state;
    assert_int_equal(direct_connect("/nonexistent/direct", &reader, &err), -ERR_ABSENT);
    assert_non_null(strstr(err.text, "nobody serves a card there"));
}

static void a_path_longer_than_a_socket_s_is_refused(void **state)
{
    char path[SOCK_PATH_MAX + 2];
    struct reader *reader = NULL;
    struct err err;

    (void)state;
    memset(path, 'a', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(direct_connect(path, &reader, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "108 bytes"));
    path[SOCK_PATH_MAX] = '\0';
    assert_int_equal(direct_connect(path, &reader, &err), -ERR_ABSENT);
}

static void a_reader_without_a_card_says_so(void **state)
{
    static const uint8_t empty[] = {0, 0};

    (void)state;
    assert_connect_fails(BYTES_ARRAY(empty), -ERR_ABSENT, "no card in the reader");
    assert_connect_fails(bytes_of(NULL, 0), -ERR_ABSENT, "no card in the reader");
}

static void an_atr_that_is_none_is_garbage(void **state)
{
    static const uint8_t one[] = {0, 1, 0x3b};
    static const uint8_t cut[] = {0, 4, 0x3b, 0};
    static const uint8_t half[] = {0};
    uint8_t most[2 + 33] = {0, 33};
    uint8_t more[2 + 34] = {0, 34};

    (void)state;
    assert_connect_fails(BYTES_ARRAY(one), -ERR_REMOTE, "an ATR of 1 bytes");
    assert_connect_fails(BYTES_ARRAY(cut), -ERR_REMOTE, "cut");
    assert_connect_fails(BYTES_ARRAY(half), -ERR_REMOTE, "cut");
    assert_connect_fails(BYTES_ARRAY(more), -ERR_REMOTE, "an ATR of 34 bytes");
    {
        struct server server = {.answers = {BYTES_ARRAY(most)}};
        struct reader *reader = NULL;

        start(&server);
        assert_int_equal(direct_connect(server.path, &reader, NULL), 0);
        stop(&server);
        reader_disconnect(reader, READER_LEAVE);
    }
}

static void assert_transmit(struct bytes answer, int rc, const char *text)
{
    struct server server = {.commands = 1, .answers = {BYTES_ARRAY(atr), answer}};
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct reader *reader = NULL;
    struct err err;

    start(&server);
    assert_int_equal(direct_connect(server.path, &reader, &err), 0);
    assert_int_equal(reader_transmit(reader, BYTES_ARRAY(select_ef), &response, &err), rc);
    if (rc < 0)
        assert_non_null(strstr(err.text, text));
    stop(&server);
    reader_disconnect(reader, READER_LEAVE);
}

static void a_card_that_goes_away_was_removed(void **state)
{
    static const uint8_t empty[] = {0, 0};

    (void)state;
    assert_transmit(bytes_of(NULL, 0), -ERR_ABSENT, "the card was removed");
    assert_transmit(BYTES_ARRAY(empty), -ERR_ABSENT, "the card was removed");
}

static void an_answer_without_a_status_word_is_garbage(void **state)
{
    static const uint8_t one[] = {0, 1, 0x90};
    static const uint8_t cut[] = {0, 9, 0x90};
    static const uint8_t headless[] = {0, 9};

    (void)state;
    assert_transmit(BYTES_ARRAY(one), -ERR_REMOTE, "garbage");
    assert_transmit(BYTES_ARRAY(cut), -ERR_REMOTE, "cut");
    assert_transmit(BYTES_ARRAY(headless), -ERR_REMOTE, "cut off");
}

static void commands_and_answers_go_through(void **state)
{
    static const uint8_t ok[] = {0, 2, 0x90, 0};
    static const uint8_t on_and_atr[] = {0, 1, 1, 0, 1, 4};
    struct server server = {.commands = 2,
                            .answers = {BYTES_ARRAY(atr), BYTES_ARRAY(ok), BYTES_ARRAY(ok)}};
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct reader *reader = NULL;
    char name[80];

    (void)state;
    start(&server);
    assert_int_equal(direct_connect(server.path, &reader, NULL), 0);
    (void)snprintf(name, sizeof name, "direct:%s", server.path);
    assert_string_equal(reader_name(reader), name);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(reader_transmit(reader, BYTES_ARRAY(select_ef), &response, NULL), 0);
        assert_true(bytes_equal(buf_bytes(&response), bytes_of(ok + 2, 2)));
    }
    reader_disconnect(reader, READER_LEAVE);
    stop(&server);
    assert_memory_equal(server.got, on_and_atr, sizeof on_and_atr);
}

static void a_command_longer_than_a_frame_is_refused(void **state)
{
    static uint8_t command[DIRECT_FRAME_MAX + 1];
    struct server server = {.answers = {BYTES_ARRAY(atr)}};
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct reader *reader = NULL;

    (void)state;
    start(&server);
    assert_int_equal(direct_connect(server.path, &reader, NULL), 0);
    assert_int_equal(reader_transmit(reader, BYTES_ARRAY(command), &response, NULL), -ERR_USAGE);
    stop(&server);
    assert_int_equal(reader_transmit(reader, bytes_of(command, DIRECT_FRAME_MAX), &response, NULL),
                     -ERR_ABSENT);
    reader_disconnect(reader, READER_LEAVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_socket_is_a_missing_reader),
        cmocka_unit_test(a_path_longer_than_a_socket_s_is_refused),
        cmocka_unit_test(a_reader_without_a_card_says_so),
        cmocka_unit_test(an_atr_that_is_none_is_garbage),
        cmocka_unit_test(a_card_that_goes_away_was_removed),
        cmocka_unit_test(an_answer_without_a_status_word_is_garbage),
        cmocka_unit_test(a_command_longer_than_a_frame_is_refused),
        cmocka_unit_test(commands_and_answers_go_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
