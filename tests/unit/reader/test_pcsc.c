/* SPDX-License-Identifier: Apache-2.0 */
/* PC/SC's calls are answered here by a script: what pcscd says when things go wrong. */
#include "iso7816/limits.h"
#include "reader/backend.h"
#include "reader/pcsc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <winscard.h>

#include <cmocka.h>

static struct {
    LONG establish, list, status_change, connect, begin[5], reconnect, transmit;
    const char *names; /* ends with two NULs */
    size_t names_len;
    bool present[2];
    DWORD answer_len;
    unsigned looks, gone_at_look; /* the nth look finds no card; 0: it stays */
    unsigned begins, reconnects, transmits, ends, disconnects, contexts;
    DWORD disposition;
} pcscd;

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};

LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT ret)
{
    (void)scope, (void)a, (void)b;
    *ret = 1;
    pcscd.contexts += pcscd.establish == SCARD_S_SUCCESS;
    return pcscd.establish;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
    (void)context;
    pcscd.contexts--;
    return SCARD_S_SUCCESS;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR names, LPDWORD len)
{
    (void)context, (void)groups;
    if (pcscd.list == SCARD_S_SUCCESS) {
        assert_true(*len >= pcscd.names_len);
        memcpy(names, pcscd.names, pcscd.names_len);
        *len = pcscd.names_len;
    }
    return pcscd.list;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states,
                          DWORD count)
{
    (void)context;
    pcscd.looks++;
    if (timeout > 0 && pcscd.gone_at_look == 0)
        return SCARD_E_TIMEOUT;
    if (pcscd.looks == pcscd.gone_at_look)
        pcscd.present[0] = false;
    for (DWORD i = 0; i < count && i < 2; i++)
        states[i].dwEventState = pcscd.present[i] ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY;
    return pcscd.status_change;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR name, DWORD share, DWORD protocols,
                  LPSCARDHANDLE ret, LPDWORD active)
{
    (void)context, (void)name;
    assert_int_equal(share, SCARD_SHARE_SHARED);
    assert_int_equal(protocols, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1);
    *ret = pcscd.connect == SCARD_S_SUCCESS ? 2 : 0;
    *active = SCARD_PROTOCOL_T1;
    return pcscd.connect;
}

LONG SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD init, LPDWORD active)
{
    (void)card, (void)share, (void)protocols;
    assert_int_equal(init, SCARD_LEAVE_CARD);
    pcscd.reconnects++;
    *active = SCARD_PROTOCOL_T1;
    return pcscd.reconnect;
}

LONG SCardDisconnect(SCARDHANDLE card, DWORD disposition)
{
    (void)card;
    pcscd.disconnects++;
    pcscd.disposition = disposition;
    return SCARD_S_SUCCESS;
}

LONG SCardBeginTransaction(SCARDHANDLE card)
{
    (void)card;
    assert_true(pcscd.begins < 5);
    return pcscd.begin[pcscd.begins++];
}

LONG SCardEndTransaction(SCARDHANDLE card, DWORD disposition)
{
    (void)card;
    assert_int_equal(disposition, SCARD_LEAVE_CARD);
    pcscd.ends++;
    return SCARD_S_SUCCESS;
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send, LPCBYTE command,
                   DWORD command_len, SCARD_IO_REQUEST *receive, LPBYTE answer, LPDWORD len)
{
    (void)card, (void)command, (void)command_len, (void)receive;
    assert_int_equal(send->dwProtocol, SCARD_PROTOCOL_T1);
    assert_true(*len >= APDU_RESPONSE_MAX);
    pcscd.transmits++;
    memset(answer, 0x90, pcscd.answer_len);
    *len = pcscd.answer_len;
    return pcscd.transmit;
}

const char *pcsc_stringify_error(const LONG code)
{
    (void)code;
    return "something else";
}

static int reset(void **state)
{
    (void)state;
    memset(&pcscd, 0, sizeof pcscd);
    pcscd.answer_len = 2;
    return 0;
}

static int transmit_once(struct reader *reader, struct err *err)
{
    static const uint8_t query[] = {0x00, 0x20, 0x00, 0x80};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    return reader_transmit(reader, BYTES_ARRAY(query), &answer, err);
}

static struct reader *connected(void)
{
    struct reader *reader = NULL;

    assert_int_equal(pcsc_connect("Reader 00", &reader, NULL), 0);
    return reader;
}

static void no_service_means_no_reader(void **state)
{
    struct reader_list list;
    struct reader *reader = NULL;
    struct err err;

    (void)state;
    pcscd.establish = SCARD_E_NO_SERVICE;
    assert_int_equal(pcsc_list(&list, &err), -ERR_ABSENT);
    assert_non_null(strstr(err.text, "pcscd is not running"));
    assert_int_equal(pcsc_connect("Reader 00", &reader, NULL), -ERR_ABSENT);
    assert_null(reader);
}

static void a_failed_connection_names_the_reason(void **state)
{
    static const struct {
        LONG code;
        enum err_kind kind;
        const char *text;
    } rows[] = {
        {SCARD_E_NO_SMARTCARD, ERR_ABSENT, "no card in the reader"},
        {SCARD_W_REMOVED_CARD, ERR_ABSENT, "no card in the reader"},
        {SCARD_E_UNKNOWN_READER, ERR_ABSENT, "no reader of this name"},
        {SCARD_E_SHARING_VIOLATION, ERR_ABSENT, "another program keeps the card"},
        {SCARD_W_UNRESPONSIVE_CARD, ERR_REMOTE, "the card does not answer"},
        {SCARD_F_INTERNAL_ERROR, ERR_REMOTE, "something else"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reader *reader = NULL;
        struct err err;

        pcscd.connect = rows[i].code;
        assert_int_equal(pcsc_connect("Reader 00", &reader, &err), -(int)rows[i].kind);
        assert_non_null(strstr(err.text, rows[i].text));
        assert_null(reader);
        assert_int_equal(pcscd.contexts, 0);
    }
}

static void a_card_pulled_out_in_a_command_was_removed(void **state)
{
    struct reader *reader = connected();
    struct err err;

    (void)state;
    pcscd.present[0] = true;
    pcscd.transmit = SCARD_E_NOT_TRANSACTED;
    assert_int_equal(transmit_once(reader, &err), -ERR_REMOTE);
    pcscd.gone_at_look = pcscd.looks + 3; /* pcscd notices a moment later */
    assert_int_equal(transmit_once(reader, &err), -ERR_ABSENT);
    assert_string_equal(err.text, "the card was removed");
    pcscd.transmit = SCARD_S_SUCCESS;
    pcscd.answer_len = 0;
    assert_int_equal(transmit_once(reader, &err), -ERR_ABSENT);
    pcscd.present[0] = true;
    pcscd.gone_at_look = 0;
    assert_int_equal(transmit_once(reader, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "garbage"));
    pcscd.status_change = SCARD_E_UNKNOWN_READER;
    assert_int_equal(transmit_once(reader, &err), -ERR_ABSENT);
    pcscd.transmit = SCARD_W_REMOVED_CARD;
    assert_int_equal(transmit_once(reader, &err), -ERR_ABSENT);
    assert_string_equal(err.text, "the card was removed");
    reader_disconnect(reader, READER_LEAVE);
}

static void a_command_is_sent_once_even_if_the_card_was_reset(void **state)
{
    struct reader *reader = connected();

    (void)state;
    pcscd.transmit = SCARD_W_RESET_CARD;
    assert_int_equal(transmit_once(reader, NULL), -ERR_REMOTE);
    assert_int_equal(pcscd.transmits, 1);
    assert_int_equal(pcscd.reconnects, 0);
    reader_disconnect(reader, READER_LEAVE);
}

static void a_short_answer_is_garbage(void **state)
{
    struct reader *reader = connected();

    (void)state;
    pcscd.answer_len = 1;
    assert_int_equal(transmit_once(reader, NULL), -ERR_REMOTE);
    reader_disconnect(reader, READER_LEAVE);
}

static void a_card_that_is_reset_again_and_again_is_given_up(void **state)
{
    struct reader *reader = connected();
    bool was_reset = false;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        pcscd.begin[i] = SCARD_W_RESET_CARD;
    assert_int_equal(reader_begin(reader, &was_reset, NULL), -ERR_REMOTE);
    assert_false(was_reset);
    reader_disconnect(reader, READER_LEAVE);
    assert_int_equal(pcscd.ends, 0);
}

static void a_reset_is_told_when_a_transaction_begins(void **state)
{
    struct reader *reader = connected();
    bool was_reset = false;

    (void)state;
    pcscd.begin[0] = SCARD_W_RESET_CARD;
    assert_int_equal(reader_begin(reader, &was_reset, NULL), 0);
    assert_true(was_reset);
    assert_int_equal(pcscd.reconnects, 1);
    reader_disconnect(reader, READER_RESET);
    assert_int_equal(pcscd.ends, 1);
    assert_int_equal(pcscd.disconnects, 1);
    assert_int_equal(pcscd.disposition, SCARD_RESET_CARD);
    assert_int_equal(pcscd.contexts, 0);
}

static void no_readers_are_an_empty_list(void **state)
{
    struct reader_list list = {.count = 9};

    (void)state;
    pcscd.list = SCARD_E_NO_READERS_AVAILABLE;
    assert_int_equal(pcsc_list(&list, NULL), 0);
    assert_int_equal(list.count, 0);
    assert_int_equal(pcscd.contexts, 0);
}

static void readers_are_listed_with_their_cards(void **state)
{
    static const char names[] = "Reader 00\0Reader 01\0";
    struct reader_list list;

    (void)state;
    pcscd.names = names;
    pcscd.names_len = sizeof names;
    pcscd.present[1] = true;
    assert_int_equal(pcsc_list(&list, NULL), 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.entries[0].name, "Reader 00");
    assert_false(list.entries[0].has_card);
    assert_string_equal(list.entries[1].name, "Reader 01");
    assert_true(list.entries[1].has_card);
}

static void as_many_readers_as_pcscd_has_are_listed(void **state)
{
    static char names[(READERS_MAX + 1) * (READER_NAME_MAX + 1) + 1];
    struct reader_list list;

    (void)state;
    for (size_t i = 0; i < READERS_MAX; i++)
        memset(names + i * (READER_NAME_MAX + 1), 'a' + (int)i, READER_NAME_MAX);
    pcscd.names = names;
    pcscd.names_len = READERS_MAX * (READER_NAME_MAX + 1) + 1;
    assert_int_equal(pcsc_list(&list, NULL), 0);
    assert_int_equal(list.count, READERS_MAX);
    assert_int_equal(strlen(list.entries[READERS_MAX - 1].name), READER_NAME_MAX);

    /* One reader more is not looked at: PC/SC itself has no room for it. */
    memset(names, 'a', sizeof names);
    for (size_t i = 0; i <= READERS_MAX; i++)
        memcpy(names + 2 * i, "a", 2);
    names[2 * (READERS_MAX + 1)] = '\0';
    pcscd.names_len = 2 * (READERS_MAX + 1) + 1;
    assert_int_equal(pcsc_list(&list, NULL), 0);
    assert_int_equal(list.count, READERS_MAX);

    /* A name longer than pcsc-lite's own limit is left out. */
    memset(names, 'a', READER_NAME_MAX + 1);
    memcpy(names + READER_NAME_MAX + 1, "\0b\0", 4);
    pcscd.names_len = READER_NAME_MAX + 5;
    assert_int_equal(pcsc_list(&list, NULL), 0);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.entries[0].name, "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_service_means_no_reader, reset),
        cmocka_unit_test_setup(a_failed_connection_names_the_reason, reset),
        cmocka_unit_test_setup(a_card_pulled_out_in_a_command_was_removed, reset),
        cmocka_unit_test_setup(a_command_is_sent_once_even_if_the_card_was_reset, reset),
        cmocka_unit_test_setup(a_short_answer_is_garbage, reset),
        cmocka_unit_test_setup(a_card_that_is_reset_again_and_again_is_given_up, reset),
        cmocka_unit_test_setup(a_reset_is_told_when_a_transaction_begins, reset),
        cmocka_unit_test_setup(no_readers_are_an_empty_list, reset),
        cmocka_unit_test_setup(readers_are_listed_with_their_cards, reset),
        cmocka_unit_test_setup(as_many_readers_as_pcscd_has_are_listed, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
