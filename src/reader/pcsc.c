/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PC/SC, the only file that knows <winscard.h>.
 *
 * Cards are shared with other programs, so anybody may reset one between two of our transactions;
 * pcscd then answers SCARD_W_RESET_CARD until we reconnect. That is done where a transaction
 * begins, and nowhere else: in its middle nothing is ever repeated.
 */
#include "reader/pcsc.h"

#include "base/i18n.h"
#include "iso7816/limits.h"
#include "reader/backend.h"

#include <stdlib.h>
#include <string.h>

#include <winscard.h>

enum { BEGIN_ATTEMPTS = 3, GONE_LOOKS = 4, GONE_WAIT_MS = 1000 };
enum { NAMES_MAX = READERS_MAX * (READER_NAME_MAX + 1) + 1 };

struct pcsc {
    struct reader reader;
    SCARDCONTEXT context;
    SCARDHANDLE card;
    const SCARD_IO_REQUEST *protocol;
    uint8_t answer[APDU_RESPONSE_MAX];
};

static const struct {
    LONG code;
    enum err_kind kind;
    const char *text;
} failures[] = {
    {SCARD_E_NO_SERVICE, ERR_ABSENT, N_("no card reader can be used: pcscd is not running")},
    {SCARD_E_SERVICE_STOPPED, ERR_ABSENT, N_("pcscd was stopped")},
    {SCARD_E_NO_READERS_AVAILABLE, ERR_ABSENT, N_("no card reader is connected")},
    {SCARD_E_UNKNOWN_READER, ERR_ABSENT, N_("there is no reader of this name")},
    {SCARD_E_READER_UNAVAILABLE, ERR_ABSENT, N_("the reader was unplugged")},
    {SCARD_E_NO_SMARTCARD, ERR_ABSENT, N_("there is no card in the reader")},
    {SCARD_W_REMOVED_CARD, ERR_ABSENT, N_("the card was removed")},
    {SCARD_E_SHARING_VIOLATION, ERR_ABSENT,
     N_("another program keeps the card for itself; close it and try again")},
    {SCARD_W_UNRESPONSIVE_CARD, ERR_REMOTE,
     N_("the card does not answer; take it out and put it in again the right way round")},
    {SCARD_W_UNPOWERED_CARD, ERR_REMOTE, N_("the reader gives the card no power")},
    {SCARD_E_PROTO_MISMATCH, ERR_REMOTE, N_("the card speaks another protocol than the reader")},
    {SCARD_W_RESET_CARD, ERR_REMOTE,
     N_("another program reset the card in the middle of our work")},
    {SCARD_E_NOT_TRANSACTED, ERR_REMOTE, N_("the reader lost contact with the card")},
    {SCARD_E_TIMEOUT, ERR_REMOTE, N_("the card took too long to answer")},
    {SCARD_E_INSUFFICIENT_BUFFER, ERR_REMOTE, N_("the card answered garbage: too many bytes")},
    {SCARD_E_NO_MEMORY, ERR_NOMEM, N_("out of memory")},
    {SCARD_E_NO_ACCESS, ERR_DENIED,
     N_("this user may not use card readers (see pcscd's polkit rules)")},
    {SCARD_W_SECURITY_VIOLATION, ERR_DENIED,
     N_("this user may not use card readers (see pcscd's polkit rules)")},
};

static int fail_pcsc(struct err *err, LONG code)
{
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        if (failures[i].code == code)
            return FAIL_WITH(err, failures[i].kind, (uint32_t)code, "%s",
                             err_message(failures[i].text));
    return FAIL_WITH(err, ERR_REMOTE, (uint32_t)code, "the reader failed: %s",
                     pcsc_stringify_error(code));
}

static void context_done(SCARDCONTEXT *context)
{
    if (*context != 0)
        (void)SCardReleaseContext(*context);
    *context = 0;
}

static int establish(SCARDCONTEXT *ret, struct err *err)
{
    LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, ret);

    return rc == SCARD_S_SUCCESS ? 0 : fail_pcsc(err, rc);
}

/* names is a list of strings, each with its NUL, ended by an empty one. */
static void collect(const char *names, size_t len, struct reader_list *list)
{
    const char *end = names + len;

    while (names < end && *names != '\0' && list->count < READERS_MAX) {
        size_t name_len = strnlen(names, (size_t)(end - names));

        if (name_len <= READER_NAME_MAX)
            memcpy(list->entries[list->count++].name, names, name_len);
        names += name_len + 1;
    }
}

static int look_for_cards(SCARDCONTEXT context, struct reader_list *list, struct err *err)
{
    SCARD_READERSTATE states[READERS_MAX];
    LONG rc;

    memset(states, 0, sizeof states);
    for (size_t i = 0; i < list->count; i++)
        states[i].szReader = list->entries[i].name;
    rc = SCardGetStatusChange(context, 0, states, (DWORD)list->count);
    if (rc != SCARD_S_SUCCESS && rc != SCARD_E_TIMEOUT)
        return fail_pcsc(err, rc);
    for (size_t i = 0; i < list->count; i++)
        list->entries[i].has_card = (states[i].dwEventState & SCARD_STATE_PRESENT) != 0;
    return 0;
}

int pcsc_list(struct reader_list *ret, struct err *err)
{
    CLEANUP(context_done) SCARDCONTEXT context = 0;
    struct reader_list list = {0};
    char names[NAMES_MAX];
    DWORD len = sizeof names;
    LONG rc;

    TRY(establish(&context, err));
    rc = SCardListReaders(context, NULL, names, &len);
    if (rc != SCARD_S_SUCCESS && rc != SCARD_E_NO_READERS_AVAILABLE)
        return fail_pcsc(err, rc);
    if (rc == SCARD_S_SUCCESS)
        collect(names, len, &list);
    if (list.count > 0)
        TRY(look_for_cards(context, &list, err));
    *ret = list;
    return 0;
}

/*
 * Whether the card is gone, or goes within a moment: pcscd looks after it a few times a second, so
 * a card pulled out in the middle of a command looks like one that answers nothing at first.
 */
static bool card_is_gone(const struct pcsc *pcsc)
{
    SCARD_READERSTATE state = {.szReader = pcsc->reader.name};

    for (int i = 0; i < GONE_LOOKS; i++) {
        LONG rc = SCardGetStatusChange(pcsc->context, i == 0 ? 0 : GONE_WAIT_MS, &state, 1);

        if (rc != SCARD_S_SUCCESS)
            return rc != SCARD_E_TIMEOUT;
        if ((state.dwEventState &
             (SCARD_STATE_EMPTY | SCARD_STATE_UNAVAILABLE | SCARD_STATE_UNKNOWN)) != 0)
            return true;
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    }
    return false;
}

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    struct pcsc *pcsc = (struct pcsc *)reader;
    DWORD len = sizeof pcsc->answer;
    LONG rc = SCardTransmit(pcsc->card, pcsc->protocol, command.ptr, command.len, NULL,
                            pcsc->answer, &len);
    bool is_silent = rc == SCARD_E_NOT_TRANSACTED || (rc == SCARD_S_SUCCESS && len == 0);

    if (rc == SCARD_E_NO_SMARTCARD || (is_silent && card_is_gone(pcsc)))
        rc = SCARD_W_REMOVED_CARD;
    if (rc != SCARD_S_SUCCESS)
        return fail_pcsc(err, rc);
    return buf_append(ret, bytes_of(pcsc->answer, len), err);
}

static const SCARD_IO_REQUEST *protocol_of(DWORD active)
{
    return active == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
}

static int reconnect(struct pcsc *pcsc, struct err *err)
{
    DWORD active;
    LONG rc = SCardReconnect(pcsc->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                             SCARD_LEAVE_CARD, &active);

    if (rc != SCARD_S_SUCCESS)
        return fail_pcsc(err, rc == SCARD_E_NO_SMARTCARD ? SCARD_W_REMOVED_CARD : rc);
    pcsc->protocol = protocol_of(active);
    return 0;
}

static int begin(struct reader *reader, bool *ret_was_reset, struct err *err)
{
    struct pcsc *pcsc = (struct pcsc *)reader;
    bool was_reset = false;
    LONG rc;

    for (int i = 0;; i++) {
        rc = SCardBeginTransaction(pcsc->card);
        if (rc != SCARD_W_RESET_CARD || i == BEGIN_ATTEMPTS)
            break;
        was_reset = true;
        TRY(reconnect(pcsc, err));
    }
    if (rc != SCARD_S_SUCCESS)
        return fail_pcsc(err, rc == SCARD_E_NO_SMARTCARD ? SCARD_W_REMOVED_CARD : rc);
    *ret_was_reset = was_reset;
    return 0;
}

static void end(struct reader *reader)
{
    const struct pcsc *pcsc = (const struct pcsc *)reader;

    (void)SCardEndTransaction(pcsc->card, SCARD_LEAVE_CARD);
}

static void release(struct reader *reader, enum reader_leave leave)
{
    struct pcsc *pcsc = (struct pcsc *)reader;

    if (pcsc->card != 0)
        (void)SCardDisconnect(pcsc->card,
                              leave == READER_RESET ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
    context_done(&pcsc->context);
    wipe(pcsc->answer, sizeof pcsc->answer); /* the sign certificate names the holder */
    free(pcsc);
}

static const struct reader_ops ops = {transmit, begin, end, release};

static int connect_card(struct pcsc *pcsc, const char *name, struct err *err)
{
    DWORD active;
    LONG rc;

    TRY(establish(&pcsc->context, err));
    rc = SCardConnect(pcsc->context, name, SCARD_SHARE_SHARED,
                      SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &pcsc->card, &active);
    if (rc != SCARD_S_SUCCESS)
        return fail_pcsc(err, rc == SCARD_W_REMOVED_CARD ? SCARD_E_NO_SMARTCARD : rc);
    pcsc->protocol = protocol_of(active);
    return 0;
}

int pcsc_connect(const char *name, struct reader **ret, struct err *err)
{
    struct pcsc *pcsc = calloc(1, sizeof *pcsc);
    int rc;

    if (pcsc == NULL)
        return FAIL_NOMEM(err);
    reader_init(&pcsc->reader, &ops, name);
    rc = connect_card(pcsc, name, err);
    if (rc < 0) {
        release(&pcsc->reader, READER_LEAVE);
        return rc;
    }
    *ret = &pcsc->reader;
    return 0;
}
