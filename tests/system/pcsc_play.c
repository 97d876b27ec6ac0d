/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcsc_play: calls of PC/SC as lines of standard input, what they gave as lines of standard output.
 * Linked with libpcsclite, it plays the same piece to pcscd and to the drop-in library.
 *
 * Contexts are c0 to c9, cards h0 to h9, "-" is the first reader, numbers are as in winscard.h.
 */
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <reader.h>
#include <winscard.h>

enum { WORDS_MAX = 24, BYTES_MAX = 70000 };

static SCARDCONTEXT contexts[10];
static SCARDHANDLE cards[10];
static char reader[MAX_READERNAME + 1];
static BYTE sent[BYTES_MAX], received[BYTES_MAX];

static SCARDCONTEXT *context_of(const char *word)
{
    return &contexts[word[1] - '0'];
}

static SCARDHANDLE *card_of(const char *word)
{
    return &cards[word[1] - '0'];
}

static const char *reader_of(const char *word)
{
    return strcmp(word, "-") == 0 ? reader : word;
}

static DWORD number_of(const char *word)
{
    return strtoul(word, NULL, 0);
}

static void print_bytes(const BYTE *bytes, DWORD len)
{
    printf(" ");
    for (DWORD i = 0; i < len; i++)
        printf("%02X", bytes[i]);
}

static DWORD bytes_of_hex(const char *hex)
{
    DWORD len = 0;

    for (; hex[0] != 0 && hex[1] != 0; hex += 2) {
        const char pair[] = {hex[0], hex[1], 0};

        sent[len++] = (BYTE)strtoul(pair, NULL, 16);
    }
    return len;
}

static LONG play_establish(char *words[])
{
    return SCardEstablishContext(number_of(words[2]), NULL, NULL, context_of(words[1]));
}

static LONG play_release(char *words[])
{
    return SCardReleaseContext(*context_of(words[1]));
}

static LONG play_valid(char *words[])
{
    return SCardIsValidContext(*context_of(words[1]));
}

static LONG play_list(char *words[])
{
    LPSTR names = NULL;
    DWORD len = SCARD_AUTOALLOCATE;
    LONG code;

    code = SCardListReaders(*context_of(words[1]), NULL, (LPSTR)&names, &len);
    if (code != SCARD_S_SUCCESS)
        return code;
    (void)snprintf(reader, sizeof reader, "%s", names);
    return SCardFreeMemory(*context_of(words[1]), names);
}

static LONG play_groups(char *words[])
{
    char groups[100];
    DWORD len = sizeof groups;
    LONG code = SCardListReaderGroups(*context_of(words[1]), groups, &len);

    if (code == SCARD_S_SUCCESS)
        printf(" %lu %s", len, groups);
    return code;
}

static LONG play_connect(char *words[])
{
    DWORD protocol = 0;
    LONG code = SCardConnect(*context_of(words[1]), reader_of(words[3]), number_of(words[4]),
                             number_of(words[5]), card_of(words[2]), &protocol);

    printf(" %lu", code == SCARD_S_SUCCESS ? protocol : 0);
    return code;
}

static LONG play_reconnect(char *words[])
{
    DWORD protocol = 0;
    LONG code = SCardReconnect(*card_of(words[1]), number_of(words[2]), number_of(words[3]),
                               number_of(words[4]), &protocol);

    printf(" %lu", code == SCARD_S_SUCCESS ? protocol : 0);
    return code;
}

static LONG play_disconnect(char *words[])
{
    return SCardDisconnect(*card_of(words[1]), number_of(words[2]));
}

static LONG play_begin(char *words[])
{
    return SCardBeginTransaction(*card_of(words[1]));
}

static LONG play_end(char *words[])
{
    return SCardEndTransaction(*card_of(words[1]), number_of(words[2]));
}

static LONG play_status(char *words[])
{
    char name[MAX_READERNAME];
    BYTE atr[MAX_ATR_SIZE];
    DWORD name_len = sizeof name;
    DWORD atr_len = sizeof atr;
    DWORD state = 0;
    DWORD protocol = 0;
    LONG code = SCardStatus(*card_of(words[1]), name, &name_len, &state, &protocol, atr, &atr_len);

    if (code == SCARD_S_SUCCESS) {
        printf(" %02lX %lu %s", state & 0xffff, protocol,
               strcmp(name, reader) == 0 ? "reader" : name);
        print_bytes(atr, atr_len);
    }
    return code;
}

/* Perhaps with the size of the buffer and the protocol. */
static LONG play_transmit(char *words[])
{
    const SCARD_IO_REQUEST pci = {
        words[3] != NULL && words[4] != NULL ? number_of(words[4]) : SCARD_PROTOCOL_T1, sizeof pci};
    SCARD_IO_REQUEST got = {0, 0};
    DWORD len = words[3] != NULL ? number_of(words[3]) : sizeof received;
    LONG code = SCardTransmit(*card_of(words[1]), &pci, sent, bytes_of_hex(words[2]), &got,
                              received, &len);

    if (code == SCARD_S_SUCCESS) {
        printf(" %lu", len);
        print_bytes(received, len);
    }
    return code;
}

/* A command of so many zero bytes. */
static LONG play_zeros(char *words[])
{
    DWORD len = sizeof received;
    LONG code;

    memset(sent, 0, sizeof sent);
    code = SCardTransmit(*card_of(words[1]), SCARD_PCI_T1, sent, number_of(words[2]), NULL,
                         received, &len);
    if (code == SCARD_S_SUCCESS)
        print_bytes(received, len);
    return code;
}

static LONG play_attribute(char *words[])
{
    DWORD len = 256;
    LONG code = SCardGetAttrib(*card_of(words[1]), number_of(words[2]), received, &len);

    if (code == SCARD_S_SUCCESS && number_of(words[2]) == SCARD_ATTR_ATR_STRING)
        print_bytes(received, len);
    return code;
}

static LONG play_set(char *words[])
{
    return SCardSetAttrib(*card_of(words[1]), number_of(words[2]), sent, 1);
}

static LONG play_control(char *words[])
{
    DWORD len = 0;
    LONG code = SCardControl(*card_of(words[1]), number_of(words[2]), NULL, 0, received,
                             sizeof received, &len);

    if (code == SCARD_S_SUCCESS)
        printf(" %lu", len);
    return code;
}

/* change cN TIMEOUT [READER STATE]...: "+" is the state that the last change gave. */
static LONG play_change(char *words[])
{
    static DWORD last[8];
    SCARD_READERSTATE states[8];
    DWORD count = 0;
    LONG code;

    memset(states, 0, sizeof states);
    for (; words[3 + 2 * count] != NULL; count++) {
        const char *state = words[4 + 2 * count];

        states[count].szReader = reader_of(words[3 + 2 * count]);
        states[count].dwCurrentState = strcmp(state, "+") == 0 ? last[count] : number_of(state);
    }
    code = SCardGetStatusChange(*context_of(words[1]), number_of(words[2]), states, count);
    for (DWORD i = 0; i < count; i++) {
        printf(" %04lX", states[i].dwEventState & 0xffff);
        print_bytes(states[i].rgbAtr, states[i].cbAtr);
        last[i] = states[i].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    }
    return code;
}

static struct {
    SCARDCONTEXT context;
    unsigned ms;
} cancelled;

static void *cancel(void *unused)
{
    (void)usleep(cancelled.ms * 1000);
    (void)SCardCancel(cancelled.context);
    return unused;
}

/* cancel cN MS: so much later, while the next line is played. */
static LONG play_cancel(char *words[])
{
    pthread_t thread;

    if (words[2] == NULL)
        return SCardCancel(*context_of(words[1]));
    cancelled.context = *context_of(words[1]);
    cancelled.ms = (unsigned)number_of(words[2]);
    if (pthread_create(&thread, NULL, cancel, NULL) != 0 || pthread_detach(thread) != 0)
        abort();
    return SCARD_S_SUCCESS;
}

static LONG play_text(char *words[])
{
    printf(" %s", pcsc_stringify_error((LONG)number_of(words[1])));
    return SCARD_S_SUCCESS;
}

/* A child process lives on for a while with what it was born with. */
static LONG play_fork(char *words[])
{
    pid_t pid = fork();

    (void)words;
    if (pid == 0) {
        (void)sleep(5);
        _exit(0);
    }
    return pid > 0 ? SCARD_S_SUCCESS : SCARD_F_INTERNAL_ERROR;
}

static const struct {
    const char *name;
    int words; /* at least, with its name */
    LONG (*play)(char *words[]);
} calls[] = {
    {"establish", 3, play_establish},
    {"release", 2, play_release},
    {"valid", 2, play_valid},
    {"list", 2, play_list},
    {"groups", 2, play_groups},
    {"connect", 6, play_connect},
    {"reconnect", 5, play_reconnect},
    {"disconnect", 3, play_disconnect},
    {"begin", 2, play_begin},
    {"end", 3, play_end},
    {"status", 2, play_status},
    {"transmit", 3, play_transmit},
    {"zeros", 3, play_zeros},
    {"attribute", 3, play_attribute},
    {"set", 3, play_set},
    {"control", 3, play_control},
    {"change", 3, play_change},
    {"cancel", 2, play_cancel},
    {"text", 2, play_text},
    {"fork", 1, play_fork},
};

static void play(char *line)
{
    char *words[WORDS_MAX + 1] = {NULL};
    char *rest = line;
    char *word;
    int count = 0;

    while (count < WORDS_MAX && (word = strsep(&rest, " \n")) != NULL) {
        if (*word != 0)
            words[count++] = word;
    }
    for (size_t i = 0; count > 0 && i < sizeof calls / sizeof calls[0]; i++) {
        if (strcmp(words[0], calls[i].name) == 0 && count >= calls[i].words) {
            LONG code;

            printf("%s", words[0]);
            code = calls[i].play(words);
            printf(" -> %08lX\n", code & 0xffffffff);
            return;
        }
    }
    printf("no such call\n");
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) >= 0) {
        play(line);
        (void)fflush(stdout);
    }
    free(line);
    return 0;
}
