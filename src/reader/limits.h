/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of readers. */
#pragma once

enum {
    READERS_MAX = 16,          /* PC/SC readers looked at; pcscd has no more (PCSCLITE_MAX_...) */
    READER_NAME_MAX = 127,     /* bytes; MAX_READERNAME of pcsc-lite is 128 with its NUL */
    DIRECT_FRAME_MAX = 65535,  /* bytes behind the two of the length (card.md 8) */
    REPLAY_FILE_MAX = 4 << 20, /* bytes of a recorded session */
    REPLAY_EXCHANGES_MAX = 100000, /* commands in it */
};
