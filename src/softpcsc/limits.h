/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of the protocol between PC/SC programs and the software card, and of the library. */
#pragma once

enum {
    /* An extended command with CLA to P2, Lc, data and Le, as long as PC/SC lets one be. */
    WIRE_APDU_MAX = 65548,
    WIRE_READERS_MAX = 16,      /* entries of JPKI_SOFTPCSC, as many as pcscd has */
    WIRE_READER_NAME_MAX = 127, /* characters: MAX_READERNAME with its NUL */
};
