/* SPDX-License-Identifier: Apache-2.0 */
/* PC/SC is answered here: readers 0, 1, ... with the cards a test puts into them. */
#include "client/find.h"
#include "client/icc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winscard.h>

#include <cmocka.h>

enum slot { EMPTY, OTHER_CARD, OLD_CARD, OUR_CARD };

static enum slot slots[READERS_MAX];
static size_t slot_count;
static unsigned open_cards;

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};

LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT ret)
{
    (void)scope, (void)a, (void)b;
    *ret = 1;
    return SCARD_S_SUCCESS;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
    (void)context;
    return SCARD_S_SUCCESS;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR names, LPDWORD len)
{
    size_t at = 0;

    (void)context, (void)groups;
    if (slot_count == 0)
        return SCARD_E_NO_READERS_AVAILABLE;
    for (size_t i = 0; i < slot_count; i++)
        at += (size_t)snprintf(names + at, *len - at, "Reader %02zu", i) + 1;
    names[at] = '\0';
    *len = at + 1;
    return SCARD_S_SUCCESS;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states,
                          DWORD count)
{
    (void)context, (void)timeout;
    for (DWORD i = 0; i < count; i++)
        states[i].dwEventState = slots[i] == EMPTY ? SCARD_STATE_EMPTY : SCARD_STATE_PRESENT;
    return SCARD_S_SUCCESS;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR name, DWORD share, DWORD protocols,
                  LPSCARDHANDLE ret, LPDWORD active)
{
    (void)context, (void)share, (void)protocols;
    *ret = 100 + (SCARDHANDLE)atol(name + strlen("Reader "));
    *active = SCARD_PROTOCOL_T1;
    open_cards++;
    return SCARD_S_SUCCESS;
}

LONG SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD init, LPDWORD active)
{
    (void)card, (void)share, (void)protocols, (void)init, (void)active;
    return SCARD_F_INTERNAL_ERROR;
}

LONG SCardDisconnect(SCARDHANDLE card, DWORD disposition)
{
    (void)card, (void)disposition;
    open_cards--;
    return SCARD_S_SUCCESS;
}

LONG SCardBeginTransaction(SCARDHANDLE card)
{
    (void)card;
    return SCARD_S_SUCCESS;
}

LONG SCardEndTransaction(SCARDHANDLE card, DWORD disposition)
{
    (void)card, (void)disposition;
    return SCARD_S_SUCCESS;
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send, LPCBYTE command,
                   DWORD command_len, SCARD_IO_REQUEST *receive, LPBYTE answer, LPDWORD len)
{
    enum slot slot = slots[card - 100];

    (void)send, (void)command_len, (void)receive;
    *len = 2;
    memcpy(answer, slot == OTHER_CARD ? "\x6a\x82" : "\x90\x00", 2);
    if (command[1] == 0xB0) {
        (void)snprintf((char *)answer, 33, "%-32s",
                       slot == OLD_CARD ? "JPKIAPICCTOKEN" : "JPKIAPICCTOKEN2");
        memcpy(answer + 32, "\x90\x00", 2);
        *len = 34;
    }
    return SCARD_S_SUCCESS;
}

const char *pcsc_stringify_error(const LONG code)
{
    (void)code;
    return "a failure";
}

static int find(const char *reader, struct icc **ret, struct err *err)
{
    return icc_find(&(struct icc_find){.reader = reader}, ret, err);
}

static void put(size_t count, const enum slot what[])
{
    slot_count = count;
    for (size_t i = 0; i < count; i++)
        slots[i] = what[i];
}

static void assert_not_found(const char *reader, int rc, const char *reason)
{
    struct icc *icc = NULL;
    struct err err;

    assert_int_equal(find(reader, &icc, &err), rc);
    assert_non_null(strstr(err.text, reason));
    assert_null(icc);
    assert_int_equal(open_cards, 0);
}

static void nothing_found_says_what_is_missing(void **state)
{
    (void)state;
    put(0, NULL);
    assert_not_found(NULL, -ERR_ABSENT, "no card reader is connected");
    put(2, (enum slot[]){EMPTY, EMPTY});
    assert_not_found(NULL, -ERR_ABSENT, "no card is in the reader");
    assert_not_found("Scanner", -ERR_ABSENT, "no reader has 'Scanner' in its name");
    put(2, (enum slot[]){OTHER_CARD, EMPTY});
    assert_not_found(NULL, -ERR_ABSENT, "the card in reader 'Reader 00' is no My Number Card");
    put(1, (enum slot[]){OLD_CARD});
    assert_not_found(NULL, -ERR_ABSENT, "old Basic Resident Register card");
    put(2, (enum slot[]){OTHER_CARD, OLD_CARD});
    assert_not_found(NULL, -ERR_ABSENT, "none of the 2 cards is a My Number Card");
    assert_not_found("direct:/nonexistent/socket", -ERR_ABSENT, "nobody serves a card");
}

static void several_cards_are_listed_and_none_is_taken(void **state)
{
    (void)state;
    put(3, (enum slot[]){OUR_CARD, OTHER_CARD, OUR_CARD});
    assert_not_found(NULL, -ERR_USAGE, "2 cards are there: 'Reader 00', 'Reader 02'");
}

static void as_many_cards_as_the_limit_are_listed_and_no_more(void **state)
{
    enum slot all[ICC_CARDS_MAX + 1];

    (void)state;
    for (size_t i = 0; i <= ICC_CARDS_MAX; i++)
        all[i] = OUR_CARD;
    put(ICC_CARDS_MAX, all);
    assert_not_found(NULL, -ERR_USAGE, "8 cards are there");
    put(ICC_CARDS_MAX + 1, all);
    assert_not_found(NULL, -ERR_USAGE, "more than 8");
}

static void the_only_one_is_taken_among_others(void **state)
{
    struct icc *icc = NULL;

    (void)state;
    put(4, (enum slot[]){EMPTY, OTHER_CARD, OUR_CARD, OLD_CARD});
    assert_int_equal(find(NULL, &icc, NULL), 0);
    assert_string_equal(icc_reader_name(icc), "Reader 02");
    assert_int_equal(open_cards, 1);
    icc_free(icc);
    assert_int_equal(open_cards, 0);
}

static void a_part_of_the_reader_s_name_chooses(void **state)
{
    struct icc *icc = NULL;

    (void)state;
    put(2, (enum slot[]){OUR_CARD, OUR_CARD});
    assert_int_equal(find("reader 01", &icc, NULL), 0);
    assert_string_equal(icc_reader_name(icc), "Reader 01");
    icc_free(icc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_found_says_what_is_missing),
        cmocka_unit_test(several_cards_are_listed_and_none_is_taken),
        cmocka_unit_test(as_many_cards_as_the_limit_are_listed_and_no_more),
        cmocka_unit_test(the_only_one_is_taken_among_others),
        cmocka_unit_test(a_part_of_the_reader_s_name_chooses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
