/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader driver for pcscd with a card built in that answers 9000 to everything: what an APDU
 * costs through pcscd when there is no vpcd, no socket and no card behind it. The peer of
 * jpki-bench's pcsc-apdu; the entry points are those of pcscd's IFD handler interface, version 3.
 */
#include <ifdhandler.h>
#include <reader.h>
#include <string.h>

static const UCHAR atr[] = {0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x41,
                            0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x3B};

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name)
{
    (void)lun;
    (void)name;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel)
{
    (void)lun;
    (void)channel;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHCloseChannel(DWORD lun)
{
    (void)lun;
    return IFD_SUCCESS;
}

static RESPONSECODE give(const UCHAR *bytes, DWORD len, PDWORD length, PUCHAR value)
{
    if (*length < len)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(value, bytes, len);
    *length = len;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value)
{
    static const UCHAR one = 1;
    static const UCHAR zero = 0;

    (void)lun;
    switch (tag) {
    case TAG_IFD_ATR:
    case SCARD_ATTR_ATR_STRING:
        return give(atr, sizeof atr, length, value);
    case TAG_IFD_SLOTS_NUMBER:
        return give(&one, 1, length, value);
    case TAG_IFD_THREAD_SAFE:
        return give(&zero, 1, length, value);
    default:
        return IFD_ERROR_TAG;
    }
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value)
{
    (void)lun;
    (void)tag;
    (void)length;
    (void)value;
    return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1,
                                       UCHAR pts2, UCHAR pts3)
{
    (void)lun;
    (void)protocol;
    (void)flags;
    (void)pts1;
    (void)pts2;
    (void)pts3;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR ret_atr, PDWORD ret_len)
{
    (void)lun;
    if (action == IFD_POWER_DOWN) {
        *ret_len = 0;
        return IFD_SUCCESS;
    }
    *ret_len = MAX_ATR_SIZE;
    return give(atr, sizeof atr, ret_len, ret_atr);
}

RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER send_pci, PUCHAR command,
                               DWORD command_len, PUCHAR response, PDWORD response_len,
                               PSCARD_IO_HEADER receive_pci)
{
    static const UCHAR done[] = {0x90, 0x00};

    (void)lun;
    (void)send_pci;
    (void)command;
    (void)command_len;
    receive_pci->Protocol = 1;
    return give(done, sizeof done, response_len, response);
}

RESPONSECODE IFDHICCPresence(DWORD lun)
{
    (void)lun;
    return IFD_ICC_PRESENT;
}

RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR in, DWORD in_len, PUCHAR out, DWORD out_len,
                         LPDWORD returned)
{
    (void)lun;
    (void)code;
    (void)in;
    (void)in_len;
    (void)out;
    (void)out_len;
    *returned = 0;
    return IFD_NOT_SUPPORTED;
}
