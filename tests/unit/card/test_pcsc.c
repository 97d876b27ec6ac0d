/* SPDX-License-Identifier: Apache-2.0 */
/* The PC/SC socket in its loop; the test plays the library. */
#include "card/serve.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/sock.h"
#include "card/limits.h"
#include "softpcsc/link.h"
#include "support/memory_card.h"
#include "support/tempdir.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define SELECT "\x00\xa4\x04\x0c\x0a\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01"
#define TELL   "\x00\x20\x00\x98"

static const uint8_t atr[] = {0x3b, 0x80, 0x80, 0x01};

struct bench {
    struct memory_storage storage;
    struct tempdir dir;
    char pcsc[TEMPDIR_FILE_SIZE], direct[TEMPDIR_FILE_SIZE];
    struct slot *slot;
    struct loop *loop;
    struct serve *serve;
    int until_fd;
    pthread_t thread;
};

static void *run(void *context)
{
    struct bench *bench = context;

    return loop_run(bench->loop, bench->until_fd, NULL) < 0 ? context : NULL;
}

static int set_up(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);
    struct serve_options options = {.atr = BYTES_ARRAY(atr), .wait_ms = 300};

    bench->dir = tempdir_make();
    (void)tempdir_file(&bench->dir, "pcsc", bench->pcsc);
    (void)tempdir_file(&bench->dir, "direct", bench->direct);
    assert_int_equal(slot_new(memory_card_new(&bench->storage), &bench->slot, NULL), 0);
    assert_int_equal(loop_new(&bench->loop, NULL), 0);
    assert_int_equal(sock_listen(bench->pcsc, 0600, &options.pcsc_fd, NULL), 0);
    assert_int_equal(sock_listen(bench->direct, 0600, &options.direct_fd, NULL), 0);
    options.loop = bench->loop;
    options.slot = bench->slot;
    assert_int_equal(serve_new(&options, &bench->serve, NULL), 0);
    bench->until_fd = eventfd(0, EFD_CLOEXEC);
    assert_int_equal(pthread_create(&bench->thread, NULL, run, bench), 0);
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
    tempdir_done(&bench->dir);
    test_free(bench);
    return 0;
}

static void open_link(const struct bench *bench, struct link *link)
{
    assert_int_equal(link_open(link, bench->pcsc, NULL), 0);
    assert_int_equal(sock_timeout(link->fd, 10000, NULL), 0);
}

static uint32_t ask(struct link *link, struct wire_request request)
{
    struct wire_answer answer;

    assert_int_equal(link_ask(link, &request, &answer, NULL), 0);
    return answer.code;
}

static const struct wire_request connect_shared = {
    .verb = WIRE_CONNECT, .share = WIRE_SHARED, .protocols = WIRE_T1};

static void expect_answer(struct link *link, struct bytes command, struct bytes response)
{
    const struct wire_request request = {.verb = WIRE_TRANSMIT, .command = command};
    struct wire_answer answer;

    assert_int_equal(link_ask(link, &request, &answer, NULL), 0);
    assert_int_equal(answer.code, WIRE_OK);
    assert_true(bytes_equal(answer.data, response));
}

static bool is_silent(const struct link *link, int ms)
{
    struct pollfd ready = {link->fd, POLLIN, 0};

    return poll(&ready, 1, ms) == 0;
}

static void one_connection_too_many_is_turned_away(void **state)
{
    struct bench *bench = *state;
    struct link links[PCSC_CLIENTS_MAX + 1];
    struct wire_answer answer;

    for (int i = 0; i < PCSC_CLIENTS_MAX; i++) {
        open_link(bench, &links[i]);
        assert_int_equal(ask(&links[i], (struct wire_request){.verb = WIRE_WATCH}), WIRE_OK);
    }
    open_link(bench, &links[PCSC_CLIENTS_MAX]);
    assert_int_equal(link_receive(&links[PCSC_CLIENTS_MAX], &answer, NULL), -ERR_REMOTE);
    link_close(&links[0]);
    link_close(&links[PCSC_CLIENTS_MAX]);
    open_link(bench, &links[PCSC_CLIENTS_MAX]);
    assert_int_equal(ask(&links[PCSC_CLIENTS_MAX], connect_shared), WIRE_OK);
    for (int i = 1; i <= PCSC_CLIENTS_MAX; i++)
        link_close(&links[i]);
}

/* What was selected stays so between two programs, but not for ever. */
static void a_card_stays_powered_for_a_while_after_its_last_handle(void **state)
{
    struct bench *bench = *state;
    struct link link;

    for (int times = 0; times < 3; times++) {
        open_link(bench, &link);
        assert_int_equal(ask(&link, connect_shared), WIRE_OK);
        if (times == 0)
            expect_answer(&link, BYTES_LITERAL(SELECT), BYTES_LITERAL("\x90\x00"));
        else
            expect_answer(&link, BYTES_LITERAL(TELL),
                          times == 1 ? BYTES_LITERAL("\x63\xc3") : BYTES_LITERAL("\x6a\x82"));
        assert_int_equal(ask(&link, (struct wire_request){.verb = WIRE_DISCONNECT}), WIRE_OK);
        link_close(&link);
        if (times == 1)
            assert_int_equal(poll(NULL, 0, PCSC_LINGER_MS + 200), 0);
    }
}

static void those_that_watch_hear_of_each_change(void **state)
{
    struct bench *bench = *state;
    struct wire_answer answer;
    struct link watcher, handle;

    open_link(bench, &watcher);
    open_link(bench, &handle);
    assert_int_equal(ask(&watcher, (struct wire_request){.verb = WIRE_WATCH}), WIRE_OK);
    assert_true(is_silent(&watcher, 50));
    assert_int_equal(ask(&handle, connect_shared), WIRE_OK);
    assert_int_equal(link_receive(&watcher, &answer, NULL), 0);
    assert_int_equal(answer.sharing, WIRE_SHARED);
    slot_insert(bench->slot, false);
    assert_int_equal(link_receive(&watcher, &answer, NULL), 0);
    assert_int_equal(answer.state, WIRE_ABSENT);
    assert_int_equal(answer.counter, 1);
    link_close(&handle); /* its process died */
    assert_int_equal(link_receive(&watcher, &answer, NULL), 0);
    assert_int_equal(answer.sharing, 0);
    slot_insert(bench->slot, true);
    assert_int_equal(link_receive(&watcher, &answer, NULL), 0);
    assert_true((answer.state & WIRE_PRESENT) != 0);
    assert_true(bytes_equal(answer.atr, BYTES_ARRAY(atr)));
    link_close(&watcher);
}

/* Three that all want transactions get them in turn. */
static void who_waits_longest_is_next(void **state)
{
    const struct wire_request begin = {.verb = WIRE_BEGIN};
    const struct wire_request end = {.verb = WIRE_END};
    struct bench *bench = *state;
    struct wire_answer answer;
    struct link links[3];

    for (int i = 0; i < 3; i++) {
        open_link(bench, &links[i]);
        assert_int_equal(ask(&links[i], connect_shared), WIRE_OK);
    }
    assert_int_equal(ask(&links[0], begin), WIRE_OK);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(link_send(&links[i], &begin, NULL), 0);
        assert_true(is_silent(&links[i], 50));
    }
    for (int turn = 0; turn < 6; turn++) {
        assert_int_equal(ask(&links[turn % 3], end), WIRE_OK);
        assert_int_equal(link_send(&links[turn % 3], &begin, NULL), 0);
        assert_int_equal(link_receive(&links[(turn + 1) % 3], &answer, NULL), 0);
        assert_int_equal(answer.code, WIRE_OK);
        assert_true(is_silent(&links[(turn + 2) % 3], 20));
    }
    for (int i = 0; i < 3; i++)
        link_close(&links[i]);
}

static void a_session_of_another_kind_is_not_waited_for_for_ever(void **state)
{
    struct bench *bench = *state;
    CLEANUP(fd_done) int direct = -1;
    struct link link;
    uint8_t answer[4];
    int64_t began;

    assert_int_equal(sock_connect(bench->direct, &direct, NULL), 0);
    assert_int_equal(sock_write_all(direct, BYTES_LITERAL("\0\x0f" SELECT), NULL), 0);
    assert_int_equal(sock_read_exact(direct, answer, sizeof answer, NULL), 0);
    open_link(bench, &link);
    began = monotonic_ms();
    assert_int_equal(ask(&link, connect_shared), WIRE_SHARING_VIOLATION);
    assert_true(monotonic_ms() - began >= 290);
    assert_int_equal(ask(&link, (struct wire_request){.verb = WIRE_CONNECT, .share = WIRE_DIRECT}),
                     WIRE_OK); /* the reader, not the card */
    assert_int_equal(ask(&link, (struct wire_request){.verb = WIRE_STATUS}), WIRE_OK);
    assert_int_equal(
        ask(&link, (struct wire_request){.verb = WIRE_TRANSMIT, .command = BYTES_LITERAL(SELECT)}),
        WIRE_SHARING_VIOLATION);
    fd_done(&direct);
    expect_answer(&link, BYTES_LITERAL(TELL), BYTES_LITERAL("\x6a\x82"));
    link_close(&link);
}

static void an_answer_is_as_late_as_asked_for(void **state)
{
    struct slot_trouble trouble = SLOT_NO_TROUBLE;
    struct bench *bench = *state;
    struct link slow, other;
    int64_t began;

    assert_int_equal(slot_trouble_put(&trouble, "latency_ms", SLOT_LATENCY_MAX_MS, NULL), 0);
    assert_int_equal(slot_trouble_put(&trouble, "latency_ms", SLOT_LATENCY_MAX_MS + 1, NULL),
                     -ERR_INPUT);
    assert_int_equal(slot_trouble_put(&trouble, "latency_ms", 3000, NULL), 0);
    assert_int_equal(slot_trouble(bench->slot, &trouble, NULL), 0);
    open_link(bench, &slow);
    open_link(bench, &other);
    assert_int_equal(ask(&slow, connect_shared), WIRE_OK);
    began = monotonic_ms();
    assert_int_equal(
        link_send(&slow,
                  &(struct wire_request){.verb = WIRE_TRANSMIT, .command = BYTES_LITERAL(SELECT)},
                  NULL),
        0);
    assert_int_equal(ask(&other, connect_shared), WIRE_OK); /* the server does not wait */
    assert_true(monotonic_ms() - began < 3000);
    assert_int_equal(link_receive(&slow, &(struct wire_answer){0}, NULL), 0);
    assert_true(monotonic_ms() - began >= 3000);
    link_close(&slow);
    link_close(&other);
}

static void a_trace_tells_of_commands_on_every_way_without_pins(void **state)
{
    static const char expected[] = "> 00A4040C SELECT d392f000260100000001\n< 9000 done\n"
                                   "> 00200098 VERIFY, 4 bytes not shown\n< 9000 done\n";
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf told = BUF_INIT;
    CLEANUP(fd_done) int direct = -1;
    struct wire_answer answer;
    struct link tracer;
    uint8_t reply[4];

    open_link(bench, &tracer);
    assert_int_equal(ask(&tracer, (struct wire_request){.verb = WIRE_TRACE}), WIRE_OK);
    assert_int_equal(sock_connect(bench->direct, &direct, NULL), 0);
    assert_int_equal(sock_write_all(direct, BYTES_LITERAL("\0\x0f" SELECT), NULL), 0);
    assert_int_equal(sock_read_exact(direct, reply, sizeof reply, NULL), 0);
    assert_int_equal(
        sock_write_all(direct, BYTES_LITERAL("\0\x09\x00\x20\x00\x98\x04" MEMORY_CARD_AUTH_PIN),
                       NULL),
        0);
    while (told.len < sizeof expected - 1) {
        assert_int_equal(link_receive(&tracer, &answer, NULL), 0);
        assert_int_equal(buf_append(&told, answer.data, NULL), 0);
    }
    assert_true(bytes_equal(buf_bytes(&told), BYTES_LITERAL(expected)));
    link_close(&tracer);
}

/* Less than was said, and nobody waits for it. */
static void a_trace_that_nobody_reads_ends_at_a_limit(void **state)
{
    enum { LINES = 70, TIMES = 2 * PCSC_TRACE_MAX / LINES };
    struct bench *bench = *state;
    struct link tracer, handle;
    struct wire_answer answer;
    size_t told = 0;

    open_link(bench, &tracer);
    open_link(bench, &handle);
    assert_int_equal(ask(&tracer, (struct wire_request){.verb = WIRE_TRACE}), WIRE_OK);
    assert_int_equal(ask(&handle, connect_shared), WIRE_OK);
    for (int i = 0; i < TIMES; i++)
        expect_answer(&handle, BYTES_LITERAL(SELECT), BYTES_LITERAL("\x90\x00"));
    assert_int_equal(sock_timeout(tracer.fd, 300, NULL), 0);
    while (link_receive(&tracer, &answer, NULL) == 0)
        told += answer.data.len;
    assert_true(told > PCSC_TRACE_MAX / 2); /* what is in the frames beside text counts, too */
    assert_true(told < (size_t)TIMES * 50);
    link_close(&handle);
    link_close(&tracer);
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

#define pcsc_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        pcsc_test(one_connection_too_many_is_turned_away),
        pcsc_test(a_card_stays_powered_for_a_while_after_its_last_handle),
        pcsc_test(those_that_watch_hear_of_each_change),
        pcsc_test(who_waits_longest_is_next),
        pcsc_test(a_session_of_another_kind_is_not_waited_for_for_ever),
        pcsc_test(an_answer_is_as_late_as_asked_for),
        pcsc_test(a_trace_tells_of_commands_on_every_way_without_pins),
        pcsc_test(a_trace_that_nobody_reads_ends_at_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
