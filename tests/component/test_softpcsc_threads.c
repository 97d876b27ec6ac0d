/* SPDX-License-Identifier: Apache-2.0 */
/* The drop-in library, linked as it is, with a served card: what only threads and misuse show. */
#include "base/clock.h"
#include "base/file.h"
#include "base/sock.h"
#include "card/serve.h"
#include "softpcsc/limits.h"
#include "support/memory_card.h"
#include "support/tempdir.h"
#include "support/threads.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>
#include <winscard.h>

static const uint8_t atr[] = {0x3b, 0x80, 0x80, 0x01};
static const uint8_t select_jpki[] = {0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0,
                                      0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
static const char name[] = "OpenJPKI Software Card 00 00";

struct bench {
    struct memory_storage storage;
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct slot *slot;
    struct loop *loop;
    struct serve *serve;
    int until_fd;
    pthread_t thread;
    SCARDCONTEXT context;
};

static void *run(void *context)
{
    struct bench *bench = context;

    return loop_run(bench->loop, bench->until_fd, NULL) < 0 ? context : NULL;
}

static int set_up(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);
    struct serve_options options = {.atr = BYTES_ARRAY(atr), .direct_fd = -1};

    bench->dir = tempdir_make();
    (void)tempdir_file(&bench->dir, "pcsc", bench->path);
    assert_int_equal(slot_new(memory_card_new(&bench->storage), &bench->slot, NULL), 0);
    assert_int_equal(loop_new(&bench->loop, NULL), 0);
    assert_int_equal(sock_listen(bench->path, 0600, &options.pcsc_fd, NULL), 0);
    options.loop = bench->loop;
    options.slot = bench->slot;
    assert_int_equal(serve_new(&options, &bench->serve, NULL), 0);
    bench->until_fd = eventfd(0, EFD_CLOEXEC);
    assert_int_equal(pthread_create(&bench->thread, NULL, run, bench), 0);
    assert_int_equal(setenv("JPKI_SOFTPCSC", bench->path, 1), 0);
    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &bench->context), 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    const uint64_t one = 1;
    struct bench *bench = *state;
    void *failed = NULL;

    (void)SCardReleaseContext(bench->context);
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

static SCARDHANDLE connect_card(const struct bench *bench)
{
    SCARDHANDLE card;
    DWORD protocol;

    assert_int_equal(SCardConnect(bench->context, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY,
                                  &card, &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(protocol, SCARD_PROTOCOL_T1);
    return card;
}

static void what_is_missing_is_an_invalid_parameter(void **state)
{
    const struct bench *bench = *state;
    SCARDHANDLE card = connect_card(bench);
    BYTE answer[8];
    DWORD len = sizeof answer;

    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, NULL),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardListReaders(bench->context, NULL, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardListReaderGroups(bench->context, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardConnect(bench->context, name, SCARD_SHARE_SHARED, 3, NULL, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardConnect(bench->context, NULL, SCARD_SHARE_SHARED, 3, &card, &len),
                     SCARD_E_UNKNOWN_READER);
    card = connect_card(bench);
    assert_int_equal(SCardReconnect(card, SCARD_SHARE_SHARED, 3, 0, NULL),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardTransmit(card, NULL, select_jpki, sizeof select_jpki, NULL, answer, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardTransmit(card, SCARD_PCI_T1, NULL, 5, NULL, answer, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardGetAttrib(card, 0, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardSetAttrib(card, 0, NULL, 0), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardGetStatusChange(bench->context, 0, NULL, 1), SCARD_E_INVALID_PARAMETER);
}

static void lengths_are_told_and_memory_is_given(void **state)
{
    const struct bench *bench = *state;
    SCARDHANDLE card = connect_card(bench);
    char small[4];
    char *given = NULL;
    DWORD len = 0;
    BYTE found[MAX_ATR_SIZE];

    assert_int_equal(SCardListReaders(bench->context, NULL, NULL, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, sizeof name + 1);
    len = sizeof small;
    assert_int_equal(SCardListReaders(bench->context, NULL, small, &len),
                     SCARD_E_INSUFFICIENT_BUFFER);
    assert_int_equal(len, sizeof name + 1);
    len = SCARD_AUTOALLOCATE;
    assert_int_equal(SCardListReaders(bench->context, NULL, (LPSTR)&given, &len), SCARD_S_SUCCESS);
    assert_memory_equal(given, name, sizeof name);
    assert_int_equal(SCardFreeMemory(bench->context, given), SCARD_S_SUCCESS);
    len = 1;
    assert_int_equal(SCardStatus(card, NULL, NULL, NULL, NULL, found, &len),
                     SCARD_E_INSUFFICIENT_BUFFER);
    assert_int_equal(len, sizeof atr);
    assert_int_equal(SCardStatus(card, NULL, NULL, NULL, NULL, NULL, NULL), SCARD_S_SUCCESS);
    len = sizeof found;
    assert_int_equal(SCardGetAttrib(card, 0x00090303, found, &len), SCARD_S_SUCCESS);
    assert_memory_equal(found, atr, sizeof atr);
}

static void more_readers_than_there_can_be_are_refused(void **state)
{
    const struct bench *bench = *state;
    SCARD_READERSTATE states[WIRE_READERS_MAX + 1];

    memset(states, 0, sizeof states);
    for (int i = 0; i <= WIRE_READERS_MAX; i++)
        states[i].szReader = name;
    assert_int_equal(SCardGetStatusChange(bench->context, 0, states, WIRE_READERS_MAX + 1),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardGetStatusChange(bench->context, 0, states, WIRE_READERS_MAX),
                     SCARD_S_SUCCESS);
    states[3].szReader = NULL;
    assert_int_equal(SCardGetStatusChange(bench->context, 0, states, 4), SCARD_E_INVALID_VALUE);
}

struct waiting {
    struct bench *bench;
    SCARDHANDLE card;
    LONG code;
};

static void *wait_for_transaction(void *context)
{
    struct waiting *waiting = context;

    waiting->code = SCardBeginTransaction(waiting->card);
    return NULL;
}

static void *wait_for_change(void *context)
{
    struct waiting *waiting = context;
    SCARD_READERSTATE state = {.szReader = name, .dwCurrentState = SCARD_STATE_PRESENT};

    waiting->code = SCardGetStatusChange(waiting->bench->context, INFINITE, &state, 1);
    return NULL;
}

/* Both threads are in the library when the context they use is taken from them. */
static void a_context_that_is_released_wakes_those_that_wait(void **state)
{
    struct bench *bench = *state;
    struct waiting first = {.bench = bench, .card = connect_card(bench)};
    struct waiting second = {.bench = bench};
    pthread_t threads[2];

    assert_int_equal(SCardBeginTransaction(connect_card(bench)), SCARD_S_SUCCESS);
    assert_int_equal(pthread_create(&threads[0], NULL, wait_for_transaction, &first), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, wait_for_change, &second), 0);
    threads_await_sleep();
    assert_int_equal(SCardReleaseContext(bench->context), SCARD_S_SUCCESS);
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
    /* The end of the transaction may have been told before the end of all. */
    assert_true(first.code == SCARD_E_READER_UNAVAILABLE || first.code == SCARD_W_RESET_CARD);
    assert_int_equal(second.code, SCARD_E_CANCELLED);
    assert_int_equal(SCardIsValidContext(bench->context), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardBeginTransaction(first.card), SCARD_E_INVALID_HANDLE);
}

enum { THREADS = 6, TIMES = 200 };

static void *select_again_and_again(void *context)
{
    struct waiting *waiting = context;

    for (int i = 0; i < TIMES && waiting->code == SCARD_S_SUCCESS; i++) {
        SCARDHANDLE card = connect_card(waiting->bench);
        BYTE answer[8];
        DWORD len = sizeof answer;

        waiting->code = SCardBeginTransaction(card);
        if (waiting->code == SCARD_S_SUCCESS)
            waiting->code = SCardTransmit(card, SCARD_PCI_T1, select_jpki, sizeof select_jpki, NULL,
                                          answer, &len);
        if (waiting->code == SCARD_S_SUCCESS)
            waiting->code = SCardEndTransaction(card, SCARD_LEAVE_CARD);
        (void)SCardDisconnect(card, SCARD_LEAVE_CARD);
    }
    return NULL;
}

static void many_threads_share_a_context(void **state)
{
    struct waiting each[THREADS];
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        each[i] = (struct waiting){.bench = *state};
        assert_int_equal(pthread_create(&threads[i], NULL, select_again_and_again, &each[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(each[i].code, SCARD_S_SUCCESS);
    }
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

#define softpcsc_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        softpcsc_test(what_is_missing_is_an_invalid_parameter),
        softpcsc_test(lengths_are_told_and_memory_is_given),
        softpcsc_test(more_readers_than_there_can_be_are_refused),
        softpcsc_test(a_context_that_is_released_wakes_those_that_wait),
        softpcsc_test(many_threads_share_a_context),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
