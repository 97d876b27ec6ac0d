/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts, and the names of readers. */
#include "softpcsc/codes.h"
#include "softpcsc/handles.h"

#include <stdlib.h>
#include <string.h>

#include <winscard.h>

long give(const void *from, size_t from_len, void *to, unsigned long *len)
{
    unsigned long room = *len;
    void *memory = NULL;

    *len = from_len;
    if (room == SCARD_AUTOALLOCATE) {
        if (to == NULL)
            return SCARD_E_INVALID_PARAMETER;
        memory = malloc(from_len == 0 ? 1 : from_len);
        if (memory == NULL)
            return SCARD_E_NO_MEMORY;
        memcpy(to, &memory, sizeof memory);
        to = memory;
    } else if (to != NULL && room < from_len) {
        return SCARD_E_INSUFFICIENT_BUFFER;
    }
    if (to != NULL && from_len > 0)
        memcpy(to, from, from_len);
    return SCARD_S_SUCCESS;
}

PCSC_API LONG SCardEstablishContext(DWORD dwScope, LPCVOID pvReserved1, LPCVOID pvReserved2,
                                    LPSCARDCONTEXT phContext)
{
    const char *given = secure_getenv("JPKI_SOFTPCSC");
    CLEANUP(context_let_gop) struct context *context = NULL;
    struct reader_entries readers;

    (void)pvReserved1;
    (void)pvReserved2;
    if (phContext == NULL)
        return SCARD_E_INVALID_PARAMETER;
    *phContext = 0;
    if (dwScope > SCARD_SCOPE_GLOBAL)
        return SCARD_E_INVALID_VALUE;
    if (given == NULL || reader_entries_parse(given, &readers, NULL) < 0)
        return SCARD_E_NO_SERVICE;
    context = context_new(&readers);
    if (context == NULL)
        return SCARD_E_NO_MEMORY;
    *phContext = context->number;
    return SCARD_S_SUCCESS;
}

PCSC_API LONG SCardReleaseContext(SCARDCONTEXT hContext)
{
    return context_release(hContext) ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

PCSC_API LONG SCardIsValidContext(SCARDCONTEXT hContext)
{
    CLEANUP(context_let_gop) struct context *context = context_get(hContext);

    return context != NULL ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

PCSC_API LONG SCardCancel(SCARDCONTEXT hContext)
{
    return context_cancel(hContext) ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

PCSC_API LONG SCardFreeMemory(SCARDCONTEXT hContext, LPCVOID pvMem)
{
    CLEANUP(context_let_gop) struct context *context = context_get(hContext);
    void *memory;

    if (context == NULL)
        return SCARD_E_INVALID_HANDLE;
    memcpy(&memory, &pvMem, sizeof memory);
    free(memory);
    return SCARD_S_SUCCESS;
}

/* One whose socket nobody serves is a reader that is not plugged in. */
static bool is_plugged_in(const struct reader_entry *entry)
{
    struct link link;
    bool is_there = link_open(&link, entry->path, NULL) == 0;

    link_close(&link);
    return is_there;
}

PCSC_API LONG SCardListReaders(SCARDCONTEXT hContext, LPCSTR mszGroups, LPSTR mszReaders,
                               LPDWORD pcchReaders)
{
    CLEANUP(context_let_gop) struct context *context = NULL;
    char names[WIRE_READERS_MAX * (WIRE_READER_NAME_MAX + 1) + 1] = "";
    DWORD len = 0;

    (void)mszGroups;
    if (pcchReaders == NULL)
        return SCARD_E_INVALID_PARAMETER;
    context = context_get(hContext);
    if (context == NULL)
        return SCARD_E_INVALID_HANDLE;
    for (unsigned i = 0; i < context->readers.count; i++) {
        const struct reader_entry *entry = &context->readers.at[i];

        if (!is_plugged_in(entry))
            continue;
        memcpy(names + len, entry->name, strlen(entry->name) + 1);
        len += strlen(entry->name) + 1;
    }
    if (len == 0)
        return SCARD_E_NO_READERS_AVAILABLE;
    names[len++] = 0;
    return give(names, len, mszReaders, pcchReaders);
}

PCSC_API LONG SCardListReaderGroups(SCARDCONTEXT hContext, LPSTR mszGroups, LPDWORD pcchGroups)
{
    static const char groups[] = "SCard$DefaultReaders\0";
    CLEANUP(context_let_gop) struct context *context = NULL;

    if (pcchGroups == NULL)
        return SCARD_E_INVALID_PARAMETER;
    context = context_get(hContext);
    if (context == NULL)
        return SCARD_E_INVALID_HANDLE;
    return give(groups, sizeof groups, mszGroups, pcchGroups);
}
