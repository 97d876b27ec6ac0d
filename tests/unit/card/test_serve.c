/* SPDX-License-Identifier: Apache-2.0 */
/* The loop between readers and the card, over real sockets; the test plays vpcd and the clients. */
#include "card/serve.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/sock.h"
#include "card/vpcd.h"
#include "support/memory_card.h"
#include "support/tempdir.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define OFF     "\x00"
#define ON      "\x01"
#define RESET   "\x02"
#define GET_ATR "\x04"
#define SELECT  "\x00\xa4\x04\x0c\x0a\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01"
#define VERIFY  "\x00\x20\x00\x98\x04"
#define SIGN    "\x80\x2a\x00\x97\x02\x31\x32\x00"
#define TELL    "\x00\x20\x00\x98"
#define OK      "\x90\x00"

static const uint8_t atr[] = {0x3b, 0x80, 0x01, 0x81};

struct bench {
    struct memory_storage storage;
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct slot *slot;
    struct loop *loop;
    struct serve *serve;
    int listen_fd; /* vpcd's */
    int until_fd;
    pthread_t thread;
};

static void *run(void *context)
{
    struct bench *bench = context;

    return loop_run(bench->loop, bench->until_fd, NULL) < 0 ? context : NULL;
}

static void start(struct bench *bench, const char *vpcd, int wait_ms, int idle_ms)
{
    struct serve_options options = {.loop = bench->loop,
                                    .slot = bench->slot,
                                    .pcsc_fd = -1,
                                    .atr = BYTES_ARRAY(atr),
                                    .vpcd = vpcd,
                                    .wait_ms = wait_ms,
                                    .idle_ms = idle_ms};

    assert_int_equal(sock_listen(bench->path, 0600, &options.direct_fd, NULL), 0);
    assert_int_equal(serve_new(&options, &bench->serve, NULL), 0);
    bench->until_fd = eventfd(0, EFD_CLOEXEC);
    assert_int_equal(pthread_create(&bench->thread, NULL, run, bench), 0);
}

static int set_up(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);

    bench->dir = tempdir_make();
    (void)tempdir_file(&bench->dir, "direct", bench->path);
    assert_int_equal(slot_new(memory_card_new(&bench->storage), &bench->slot, NULL), 0);
    assert_int_equal(loop_new(&bench->loop, NULL), 0);
    bench->listen_fd = -1;
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    const uint64_t one = 1;
    struct bench *bench = *state;
    void *failed = NULL;

    assert_int_equal(write(bench->until_fd, &one, sizeof one), sizeof one);
    assert_int_equal(pthread_join(bench->thread, &failed), 0);
    assert_null(failed);
    serve_free(bench->serve);
    loop_free(bench->loop);
    slot_free(bench->slot);
    fd_done(&bench->until_fd);
    fd_done(&bench->listen_fd);
    tempdir_done(&bench->dir);
    test_free(bench);
    return 0;
}

static int connect_client(const struct bench *bench)
{
    int fd;

    assert_int_equal(sock_connect(bench->path, &fd, NULL), 0);
    assert_int_equal(sock_timeout(fd, 5000, NULL), 0);
    return fd;
}

static void put(int fd, struct bytes payload)
{
    const uint8_t head[] = {(uint8_t)(payload.len >> 8), (uint8_t)payload.len};

    assert_int_equal(sock_write_all(fd, BYTES_ARRAY(head), NULL), 0);
    assert_int_equal(sock_write_all(fd, payload, NULL), 0);
}

#define say(fd, text) put((fd), BYTES_LITERAL(text))

/* The payload of the next frame must be exactly this. */
static void expect(int fd, struct bytes payload)
{
    uint8_t head[2];
    uint8_t body[512];
    size_t len;

    assert_int_equal(sock_read_exact(fd, head, 2, NULL), 0);
    len = (size_t)head[0] << 8 | head[1];
    assert_true(len <= sizeof body);
    if (len > 0)
        assert_int_equal(sock_read_exact(fd, body, len, NULL), 0);
    assert_int_equal(len, payload.len);
    assert_memory_equal(body, payload.ptr, len);
}

#define hear(fd, text) expect((fd), BYTES_LITERAL(text))

static bool is_silent(int fd, int ms)
{
    struct pollfd ready = {fd, POLLIN, 0};

    return poll(&ready, 1, ms) == 0;
}

static void expect_closed(int fd)
{
    uint8_t byte;

    assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

/* Power on, log in. */
static void log_in(int fd)
{
    say(fd, ON);
    say(fd, GET_ATR);
    expect(fd, BYTES_ARRAY(atr));
    say(fd, SELECT);
    hear(fd, OK);
    say(fd, VERIFY MEMORY_CARD_AUTH_PIN);
    hear(fd, OK);
}

static void expect_signature(int fd)
{
    uint8_t answer[260];

    say(fd, SIGN);
    assert_int_equal(sock_read_exact(fd, answer, sizeof answer, NULL), 0);
    assert_memory_equal(answer, "\x01\x02", 2); /* 258 bytes follow */
    assert_memory_equal(answer + 258, OK, 2);
}

static void only_questions_are_answered(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int fd = -1;

    start(bench, NULL, 0, 0);
    fd = connect_client(bench);
    say(fd, OFF);
    say(fd, ON);
    say(fd, RESET);
    assert_true(is_silent(fd, 50));
    say(fd, GET_ATR);
    expect(fd, BYTES_ARRAY(atr));
    say(fd, "\x03"); /* a command of one byte (card.md 8) */
    hear(fd, "\x67\x00");
    say(fd, "");
    hear(fd, "\x67\x00");
}

static void power_and_reset_clear_the_state(void **state)
{
    static const char *const controls[] = {OFF, ON, RESET};
    struct bench *bench = *state;
    CLEANUP(fd_done) int fd = -1;

    start(bench, NULL, 0, 0);
    fd = connect_client(bench);
    for (size_t i = 0; i < 3; i++) {
        log_in(fd);
        expect_signature(fd);
        put(fd, bytes_of(controls[i], 1));
        say(fd, SIGN);
        hear(fd, "\x6a\x82");
        say(fd, SELECT);
        hear(fd, OK);
        say(fd, SIGN);
        hear(fd, "\x69\x82");
    }
}

static void frames_may_come_in_any_pieces(void **state)
{
    static const uint8_t stream[] = "\x00\x01" GET_ATR "\x00\x0f" SELECT "\x00\x04" TELL;
    struct bench *bench = *state;

    start(bench, NULL, 0, 0);
    for (size_t piece = 1; piece < sizeof stream; piece++) {
        CLEANUP(fd_done) int fd = connect_client(bench);

        for (size_t at = 0; at < sizeof stream - 1; at += piece)
            assert_int_equal(
                sock_write_all(fd, bytes_part(bytes_of(stream, sizeof stream - 1), at, piece),
                               NULL),
                0);
        expect(fd, BYTES_ARRAY(atr));
        hear(fd, OK);
        hear(fd, "\x63\xc3");
    }
}

static void the_longest_frame_is_a_command_like_others(void **state)
{
    uint8_t *longest = test_calloc(1, FRAME_MAX);
    struct bench *bench = *state;
    CLEANUP(fd_done) int fd = -1;

    start(bench, NULL, 0, 0);
    fd = connect_client(bench);
    put(fd, bytes_of(longest, FRAME_MAX)); /* one more has no length of two bytes */
    hear(fd, "\x67\x00");
    say(fd, SELECT);
    hear(fd, OK);
    test_free(longest);
}

static void a_client_that_stops_in_a_frame_hurts_nobody(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int half = -1;
    CLEANUP(fd_done) int fd = -1;

    start(bench, NULL, 0, 0);
    half = connect_client(bench);
    assert_int_equal(sock_write_all(half, BYTES_LITERAL("\xff\xff\x00"), NULL), 0);
    fd = connect_client(bench);
    log_in(fd);
    expect_signature(fd);
}

/* Everybody else waits, in order; the end of a session powers the card off. */
static void one_session_at_a_time_has_the_card(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int first = -1;
    CLEANUP(fd_done) int second = -1;
    CLEANUP(fd_done) int third = -1;

    start(bench, NULL, 0, 0);
    first = connect_client(bench);
    log_in(first);
    second = connect_client(bench);
    say(second, GET_ATR);
    assert_true(is_silent(second, 50));
    third = connect_client(bench);
    say(third, TELL);
    assert_true(is_silent(third, 50));
    expect_signature(first); /* undisturbed */
    fd_done(&first);
    expect(second, BYTES_ARRAY(atr));
    say(second, SIGN);
    hear(second, "\x6a\x82"); /* nothing of the first session is left */
    assert_true(is_silent(third, 50));
    fd_done(&second);
    hear(third, "\x6a\x82");
}

static void who_leaves_the_queue_is_passed_over(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int first = -1;
    CLEANUP(fd_done) int second = -1;
    CLEANUP(fd_done) int third = -1;

    start(bench, NULL, 0, 0);
    first = connect_client(bench);
    log_in(first);
    second = connect_client(bench);
    say(second, VERIFY "0000");
    assert_true(is_silent(second, 50));
    third = connect_client(bench);
    say(third, SELECT);
    assert_true(is_silent(third, 50));
    fd_done(&second);
    assert_true(is_silent(third, 50));
    fd_done(&first);
    hear(third, OK);
    say(third, TELL);
    hear(third, "\x63\xc3"); /* what the second sent was never tried */
}

static void a_client_does_not_wait_or_idle_for_ever(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int first = -1;
    CLEANUP(fd_done) int second = -1;
    int64_t began;

    assert_in_range(DIRECT_WAIT_MS, 10000, 60000);
    assert_true(DIRECT_IDLE_MS > DIRECT_WAIT_MS);
    start(bench, NULL, 100, 5000);
    first = connect_client(bench);
    began = monotonic_ms();
    log_in(first);
    second = connect_client(bench);
    say(second, SELECT);
    expect_closed(second);
    assert_in_range(monotonic_ms() - began, 100, 5000 - 1);
    expect_closed(first); /* it said nothing for too long */
    assert_true(monotonic_ms() - began >= 5000);
}

static void one_client_too_many_is_turned_away(void **state)
{
    struct bench *bench = *state;
    int clients[DIRECT_CLIENTS_MAX];
    CLEANUP(fd_done) int late = -1;

    start(bench, NULL, 0, 0);
    for (int i = 0; i < DIRECT_CLIENTS_MAX; i++)
        clients[i] = connect_client(bench);
    say(clients[DIRECT_CLIENTS_MAX - 1], SELECT);
    hear(clients[DIRECT_CLIENTS_MAX - 1], OK);
    late = connect_client(bench);
    expect_closed(late);
    for (int i = 0; i < DIRECT_CLIENTS_MAX; i++)
        fd_done(&clients[i]);
    fd_done(&late);
    late = connect_client(bench);
    say(late, SELECT);
    hear(late, OK);
}

static void a_card_that_is_pulled_out_ends_all_sessions(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int first = -1;
    CLEANUP(fd_done) int second = -1;

    start(bench, NULL, 0, 0);
    first = connect_client(bench);
    log_in(first);
    slot_insert(bench->slot, false);
    expect_closed(first);
    second = connect_client(bench);
    say(second, GET_ATR);
    hear(second, ""); /* no card (card.md 8) */
    expect_closed(second);
    slot_insert(bench->slot, true);
    fd_done(&second);
    second = connect_client(bench);
    say(second, SELECT);
    hear(second, OK);
}

static void a_card_pulled_out_in_between_gives_no_answer(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int fd = -1;

    start(bench, NULL, 0, 0);
    fd = connect_client(bench);
    assert_int_equal(slot_trouble(bench->slot, &(struct slot_trouble){1, -1, -1, 0, -1, 0}, NULL),
                     0);
    say(fd, SELECT);
    hear(fd, OK);
    say(fd, TELL);
    expect_closed(fd);
}

/* ---- vpcd ---- */

static void listen_as_vpcd(struct bench *bench, char ret_at[32])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bench->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(bench->listen_fd >= 0);
    assert_int_equal(bind(bench->listen_fd, (const struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(bench->listen_fd, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(listen(bench->listen_fd, 1), 0);
    assert_true(snprintf(ret_at, 32, "127.0.0.1:%u", ntohs(address.sin_port)) < 32);
}

static int accept_card(const struct bench *bench)
{
    int fd = accept4(bench->listen_fd, NULL, NULL, SOCK_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(sock_timeout(fd, 5000, NULL), 0);
    return fd;
}

static void an_address_has_a_host_and_a_port(void **state)
{
    static const char *const wrong[] = {"", "127.0.0.1", ":35963", "127.0.0.1:", "127.0.0.1:x"};
    struct vpcd vpcd = VPCD_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(vpcd_init(&vpcd, wrong[i], NULL), -ERR_INPUT);
    assert_int_equal(vpcd.address_len, 0);
    assert_int_equal(vpcd_init(&vpcd, "127.0.0.1:35963", NULL), 0);
}

/* Nobody listens on the address of a socket that was closed. */
static void pauses_between_attempts_grow_up_to_a_limit(void **state)
{
    struct bench bench = {.listen_fd = -1};
    struct vpcd vpcd = VPCD_INIT;
    int64_t now = 1000;
    int64_t pause = 0;
    char at[32];
    int fd = -1;

    (void)state;
    listen_as_vpcd(&bench, at);
    fd_done(&bench.listen_fd);
    assert_int_equal(vpcd_init(&vpcd, at, NULL), 0);
    for (int attempts = 0; attempts < 12; attempts++) {
        while (vpcd.retry_at_ms <= now) /* loopback refuses at once or nearly so */
            assert_false(vpcd_step(&vpcd, now, &fd));
        assert_true(vpcd.retry_at_ms - now >= VPCD_RETRY_FIRST_MS);
        assert_true(vpcd.retry_at_ms - now >= pause);
        pause = vpcd.retry_at_ms - now;
        assert_false(vpcd_step(&vpcd, now + pause - 1, &fd)); /* not before */
        now = vpcd.retry_at_ms;
    }
    assert_int_equal(pause, VPCD_RETRY_LAST_MS);
    vpcd_again(&vpcd, now);
    assert_int_equal(vpcd.retry_at_ms - now, VPCD_RETRY_FIRST_MS);
    vpcd_done(&vpcd);
}

static void vpcd_is_answered_and_found_again(void **state)
{
    struct bench *bench = *state;
    char at[32];

    listen_as_vpcd(bench, at);
    start(bench, at, 0, 0);
    for (int times = 0; times < 3; times++) {
        CLEANUP(fd_done) int fd = accept_card(bench);

        say(fd, GET_ATR); /* before any power */
        expect(fd, BYTES_ARRAY(atr));
        log_in(fd);
        say(fd, GET_ATR); /* presence, between commands */
        expect(fd, BYTES_ARRAY(atr));
        expect_signature(fd);
        say(fd, OFF);
        say(fd, SIGN);
        hear(fd, "\x6a\x82");
    }
}

static void vpcd_survives_nothing_but_the_card_does(void **state)
{
    static const uint8_t noise[] = {0xff, 0xff, 0x00, 0x01, 0x02};
    struct bench *bench = *state;
    CLEANUP(fd_done) int fd = -1;
    char at[32];

    listen_as_vpcd(bench, at);
    start(bench, at, 0, 0);
    for (int times = 0; times < 5; times++) {
        CLEANUP(fd_done) int broken = accept_card(bench);

        assert_int_equal(sock_write_all(broken, bytes_of(noise, (size_t)times + 1), NULL), 0);
    }
    fd = accept_card(bench);
    log_in(fd);
    expect_signature(fd);
}

/* vpcd's session is from the first command to the power off; presence is told at any time. */
static void vpcd_and_a_client_take_turns(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int client = -1;
    CLEANUP(fd_done) int vpcd = -1;
    char at[32];

    listen_as_vpcd(bench, at);
    start(bench, at, 0, 0);
    vpcd = accept_card(bench);
    say(vpcd, ON);
    client = connect_client(bench);
    log_in(client); /* powered, but nobody has said anything yet */
    say(vpcd, GET_ATR);
    expect(vpcd, BYTES_ARRAY(atr));
    say(vpcd, SELECT);
    assert_true(is_silent(vpcd, 50));
    fd_done(&client);
    hear(vpcd, OK);
    client = connect_client(bench);
    say(client, GET_ATR);
    assert_true(is_silent(client, 50));
    say(vpcd, RESET);
    expect(client, BYTES_ARRAY(atr));
}

static void vpcd_sees_the_card_come_and_go(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int fd = -1;
    char at[32];

    listen_as_vpcd(bench, at);
    start(bench, at, 0, 0);
    fd = accept_card(bench);
    log_in(fd);
    slot_insert(bench->slot, false);
    expect_closed(fd);
    assert_true(is_silent(bench->listen_fd, 300));
    slot_insert(bench->slot, true);
    fd_done(&fd);
    fd = accept_card(bench);
    say(fd, SIGN);
    hear(fd, "\x6a\x82");
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

#define serve_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        serve_test(only_questions_are_answered),
        serve_test(power_and_reset_clear_the_state),
        serve_test(frames_may_come_in_any_pieces),
        serve_test(the_longest_frame_is_a_command_like_others),
        serve_test(a_client_that_stops_in_a_frame_hurts_nobody),
        serve_test(one_session_at_a_time_has_the_card),
        serve_test(who_leaves_the_queue_is_passed_over),
        serve_test(a_client_does_not_wait_or_idle_for_ever),
        serve_test(one_client_too_many_is_turned_away),
        serve_test(a_card_that_is_pulled_out_ends_all_sessions),
        serve_test(a_card_pulled_out_in_between_gives_no_answer),
        cmocka_unit_test(an_address_has_a_host_and_a_port),
        cmocka_unit_test(pauses_between_attempts_grow_up_to_a_limit),
        serve_test(vpcd_is_answered_and_found_again),
        serve_test(vpcd_survives_nothing_but_the_card_does),
        serve_test(vpcd_and_a_client_take_turns),
        serve_test(vpcd_sees_the_card_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
