/* SPDX-License-Identifier: Apache-2.0 */
/* Cards: each function asks the card's server, which has PC/SC's rules (card/share.h). */
#include "softpcsc/codes.h"
#include "softpcsc/handles.h"

#include <string.h>

#include <reader.h>
#include <winscard.h>

_Static_assert(MAX_ATR_SIZE == WIRE_ATR_SIZE && MAX_READERNAME == WIRE_READER_NAME_MAX + 1 &&
                   PCSCLITE_MAX_READERS_CONTEXTS == WIRE_READERS_MAX &&
                   MAX_BUFFER_SIZE_EXTENDED <= WIRE_APDU_MAX,
               "limits are pcsclite's");
_Static_assert(SCARD_SHARE_EXCLUSIVE == WIRE_EXCLUSIVE && SCARD_SHARE_SHARED == WIRE_SHARED &&
                   SCARD_SHARE_DIRECT == WIRE_DIRECT && SCARD_RESET_CARD == WIRE_RESET &&
                   SCARD_UNPOWER_CARD == WIRE_UNPOWER && SCARD_EJECT_CARD == WIRE_EJECT &&
                   SCARD_PROTOCOL_T1 == WIRE_T1 && SCARD_PROTOCOL_RAW == WIRE_RAW,
               "values are PC/SC's");
_Static_assert(SCARD_ABSENT == WIRE_ABSENT && SCARD_PRESENT == WIRE_PRESENT &&
                   SCARD_POWERED == WIRE_POWERED && SCARD_NEGOTIABLE == WIRE_NEGOTIABLE,
               "states are PC/SC's");
_Static_assert(SCARD_W_RESET_CARD == (LONG)WIRE_RESET_CARD &&
                   SCARD_W_REMOVED_CARD == (LONG)WIRE_REMOVED_CARD &&
                   SCARD_E_SHARING_VIOLATION == (LONG)WIRE_SHARING_VIOLATION &&
                   SCARD_E_NO_SMARTCARD == (LONG)WIRE_NO_SMARTCARD &&
                   SCARD_E_NO_MEMORY == (LONG)WIRE_NO_MEMORY &&
                   SCARD_E_READER_UNAVAILABLE == (LONG)WIRE_READER_UNAVAILABLE &&
                   SCARD_E_NOT_TRANSACTED == (LONG)WIRE_NOT_TRANSACTED &&
                   SCARD_E_PROTO_MISMATCH == (LONG)WIRE_PROTO_MISMATCH &&
                   SCARD_E_INVALID_VALUE == (LONG)WIRE_INVALID_VALUE &&
                   SCARD_E_INVALID_HANDLE == (LONG)WIRE_INVALID_HANDLE,
               "codes are PC/SC's");

/* A value that does not fit is none of those that mean something. */
static uint8_t byte_of(DWORD value)
{
    return value > UINT8_MAX ? UINT8_MAX : (uint8_t)value;
}

static LONG ask(struct handle *handle, const struct wire_request *request, struct wire_answer *ret)
{
    int rc = link_ask(&handle->link, request, ret, NULL);

    return rc < 0 ? code_of_failure(rc) : code_of(ret->code);
}

/* For questions whose answer is only a code. */
static LONG ask_plainly(SCARDHANDLE number, const struct wire_request *request)
{
    CLEANUP(handle_let_gop) struct handle *handle = handle_get(number);
    struct wire_answer answer;
    LONG code;

    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    (void)pthread_mutex_lock(&handle->mutex);
    code = ask(handle, request, &answer);
    (void)pthread_mutex_unlock(&handle->mutex);
    return code;
}

static LONG connect_to(struct context *context, const struct reader_entry *entry,
                       const struct wire_request *request, LPSCARDHANDLE card, LPDWORD protocol)
{
    CLEANUP(handle_let_gop) struct handle *handle = NULL;
    struct wire_answer answer;
    struct link link;
    int rc;

    if (link_open(&link, entry->path, NULL) < 0)
        return SCARD_E_UNKNOWN_READER;
    rc = link_ask(&link, request, &answer, NULL);
    if (rc < 0 || answer.code != WIRE_OK) {
        link_close(&link);
        return rc < 0 ? code_of_failure(rc) : code_of(answer.code);
    }
    handle = handle_new(context->number, entry->name, &link, answer.protocol);
    if (handle == NULL) /* or the context was released by now */
        return SCARD_E_NO_MEMORY;
    *card = handle->number;
    *protocol = handle->protocol;
    return SCARD_S_SUCCESS;
}

PCSC_API LONG SCardConnect(SCARDCONTEXT hContext, LPCSTR szReader, DWORD dwShareMode,
                           DWORD dwPreferredProtocols, LPSCARDHANDLE phCard,
                           LPDWORD pdwActiveProtocol)
{
    const struct wire_request request = {.verb = WIRE_CONNECT,
                                         .share = byte_of(dwShareMode),
                                         .protocols = byte_of(dwPreferredProtocols)};
    CLEANUP(context_let_gop) struct context *context = NULL;
    const struct reader_entry *entry;

    if (phCard == NULL || pdwActiveProtocol == NULL)
        return SCARD_E_INVALID_PARAMETER;
    *phCard = 0;
    if (szReader == NULL)
        return SCARD_E_UNKNOWN_READER;
    if (strlen(szReader) > MAX_READERNAME)
        return SCARD_E_INVALID_VALUE;
    context = context_get(hContext);
    if (context == NULL)
        return SCARD_E_INVALID_HANDLE;
    entry = reader_entries_find(&context->readers, szReader);
    if (entry == NULL)
        return SCARD_E_UNKNOWN_READER;
    return connect_to(context, entry, &request, phCard, pdwActiveProtocol);
}

PCSC_API LONG SCardReconnect(SCARDHANDLE hCard, DWORD dwShareMode, DWORD dwPreferredProtocols,
                             DWORD dwInitialization, LPDWORD pdwActiveProtocol)
{
    const struct wire_request request = {.verb = WIRE_RECONNECT,
                                         .share = byte_of(dwShareMode),
                                         .protocols = byte_of(dwPreferredProtocols),
                                         .action = byte_of(dwInitialization)};
    CLEANUP(handle_let_gop) struct handle *handle = NULL;
    struct wire_answer answer;
    LONG code;

    if (pdwActiveProtocol == NULL)
        return SCARD_E_INVALID_PARAMETER;
    handle = handle_get(hCard);
    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    (void)pthread_mutex_lock(&handle->mutex);
    code = ask(handle, &request, &answer);
    if (code == SCARD_S_SUCCESS) {
        handle->protocol = answer.protocol;
        *pdwActiveProtocol = answer.protocol;
    }
    (void)pthread_mutex_unlock(&handle->mutex);
    return code;
}

PCSC_API LONG SCardDisconnect(SCARDHANDLE hCard, DWORD dwDisposition)
{
    const struct wire_request request = {.verb = WIRE_DISCONNECT, .action = byte_of(dwDisposition)};
    LONG code = ask_plainly(hCard, &request);

    if (code == SCARD_S_SUCCESS || code == SCARD_E_READER_UNAVAILABLE)
        (void)handle_release(hCard);
    return code;
}

PCSC_API LONG SCardBeginTransaction(SCARDHANDLE hCard)
{
    const struct wire_request request = {.verb = WIRE_BEGIN};

    return ask_plainly(hCard, &request);
}

PCSC_API LONG SCardEndTransaction(SCARDHANDLE hCard, DWORD dwDisposition)
{
    const struct wire_request request = {.verb = WIRE_END, .action = byte_of(dwDisposition)};

    return ask_plainly(hCard, &request);
}

struct status_wanted {
    LPSTR reader;
    LPDWORD reader_len, state, protocol;
    LPBYTE atr;
    LPDWORD atr_len;
};

static LONG give_status(const struct handle *handle, const struct wire_answer *answer,
                        const struct status_wanted *wanted)
{
    DWORD none = 0;
    LONG name, atr;

    if (wanted->state != NULL)
        *wanted->state = (DWORD)answer->counter << 16 | answer->state;
    if (wanted->protocol != NULL)
        *wanted->protocol = answer->protocol;
    name = give(handle->reader, strlen(handle->reader) + 1, wanted->reader,
                wanted->reader_len == NULL ? &none : wanted->reader_len);
    atr = give(answer->atr.ptr, answer->atr.len, wanted->atr,
               wanted->atr_len == NULL ? &none : wanted->atr_len);
    return name != SCARD_S_SUCCESS ? name : atr;
}

PCSC_API LONG SCardStatus(SCARDHANDLE hCard, LPSTR mszReaderName, LPDWORD pcchReaderLen,
                          LPDWORD pdwState, LPDWORD pdwProtocol, LPBYTE pbAtr, LPDWORD pcbAtrLen)
{
    const struct status_wanted wanted = {mszReaderName, pcchReaderLen, pdwState,
                                         pdwProtocol,   pbAtr,         pcbAtrLen};
    const struct wire_request request = {.verb = WIRE_STATUS};
    CLEANUP(handle_let_gop) struct handle *handle = handle_get(hCard);
    struct wire_answer answer;
    LONG code;

    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    (void)pthread_mutex_lock(&handle->mutex);
    code = ask(handle, &request, &answer);
    if (code == SCARD_S_SUCCESS)
        code = give_status(handle, &answer, &wanted);
    (void)pthread_mutex_unlock(&handle->mutex);
    return code;
}

static LONG transmit(struct handle *handle, struct bytes command, LPBYTE response, LPDWORD len)
{
    const struct wire_request request = {.verb = WIRE_TRANSMIT, .command = command};
    struct wire_answer answer;
    LONG code = ask(handle, &request, &answer);
    DWORD room = *len;

    if (code != SCARD_S_SUCCESS) {
        *len = 0;
        return code;
    }
    *len = answer.data.len;
    if (room < answer.data.len)
        return SCARD_E_INSUFFICIENT_BUFFER;
    memcpy(response, answer.data.ptr, answer.data.len);
    return SCARD_S_SUCCESS;
}

PCSC_API LONG SCardTransmit(SCARDHANDLE hCard, const SCARD_IO_REQUEST *pioSendPci,
                            LPCBYTE pbSendBuffer, DWORD cbSendLength, SCARD_IO_REQUEST *pioRecvPci,
                            LPBYTE pbRecvBuffer, LPDWORD pcbRecvLength)
{
    CLEANUP(handle_let_gop) struct handle *handle = NULL;
    LONG code = SCARD_E_PROTO_MISMATCH;

    if (pbSendBuffer == NULL || pbRecvBuffer == NULL || pcbRecvLength == NULL || pioSendPci == NULL)
        return SCARD_E_INVALID_PARAMETER;
    handle = handle_get(hCard);
    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    if (cbSendLength > MAX_BUFFER_SIZE_EXTENDED)
        return SCARD_E_INSUFFICIENT_BUFFER;
    (void)pthread_mutex_lock(&handle->mutex);
    if (pioSendPci->dwProtocol == handle->protocol || pioSendPci->dwProtocol == SCARD_PROTOCOL_RAW)
        code = transmit(handle, bytes_of(pbSendBuffer, cbSendLength), pbRecvBuffer, pcbRecvLength);
    if (code == SCARD_S_SUCCESS && pioRecvPci != NULL)
        *pioRecvPci = (SCARD_IO_REQUEST){handle->protocol, sizeof *pioRecvPci};
    wipe(handle->link.in.ptr, handle->link.in.len);
    (void)pthread_mutex_unlock(&handle->mutex);
    return code;
}

PCSC_API LONG SCardControl(SCARDHANDLE hCard, DWORD dwControlCode, LPCVOID pbSendBuffer,
                           DWORD cbSendLength, LPVOID pbRecvBuffer, DWORD cbRecvLength,
                           LPDWORD lpBytesReturned)
{
    CLEANUP(handle_let_gop) struct handle *handle = handle_get(hCard);

    (void)dwControlCode;
    (void)pbSendBuffer;
    (void)cbSendLength;
    (void)pbRecvBuffer;
    (void)cbRecvLength;
    if (lpBytesReturned != NULL)
        *lpBytesReturned = 0;
    return handle == NULL ? SCARD_E_INVALID_HANDLE : SCARD_E_UNSUPPORTED_FEATURE;
}

PCSC_API LONG SCardGetAttrib(SCARDHANDLE hCard, DWORD dwAttrId, LPBYTE pbAttr, LPDWORD pcbAttrLen)
{
    const struct wire_request request = {.verb = WIRE_STATUS};
    CLEANUP(handle_let_gop) struct handle *handle = NULL;
    struct wire_answer answer;
    LONG code;

    if (pcbAttrLen == NULL)
        return SCARD_E_INVALID_PARAMETER;
    handle = handle_get(hCard);
    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    (void)pthread_mutex_lock(&handle->mutex);
    code = ask(handle, &request, &answer);
    if (code == SCARD_S_SUCCESS && dwAttrId == SCARD_ATTR_ATR_STRING)
        code = give(answer.atr.ptr, answer.atr.len, pbAttr, pcbAttrLen);
    else if (code == SCARD_S_SUCCESS && dwAttrId == SCARD_ATTR_DEVICE_FRIENDLY_NAME)
        code = give(handle->reader, strlen(handle->reader) + 1, pbAttr, pcbAttrLen);
    else if (code == SCARD_S_SUCCESS)
        code = SCARD_E_UNSUPPORTED_FEATURE;
    (void)pthread_mutex_unlock(&handle->mutex);
    return code;
}

PCSC_API LONG SCardSetAttrib(SCARDHANDLE hCard, DWORD dwAttrId, LPCBYTE pbAttr, DWORD cbAttrLen)
{
    CLEANUP(handle_let_gop) struct handle *handle = NULL;

    (void)dwAttrId;
    if (pbAttr == NULL || cbAttrLen == 0)
        return SCARD_E_INVALID_PARAMETER;
    handle = handle_get(hCard);
    return handle == NULL ? SCARD_E_INVALID_HANDLE : SCARD_E_NOT_TRANSACTED;
}
