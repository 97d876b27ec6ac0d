/* SPDX-License-Identifier: Apache-2.0 */
/* Status words (ISO 7816-4, 5.6) that a My Number Card gives (card.md 4.4), as a table. */
#pragma once

#include "base/err.h"

#include <stdbool.h>

enum sw {
    SW_OK = 0x9000,
    SW_NO_COUNTER = 0x6300, /* VERIFY query on a key without a limit */
    SW_TRIES_LEFT = 0x63C0, /* low 4 bits: tries; see sw_tries_left() */
    SW_MEMORY_FAILURE = 0x6581,
    SW_NO_KEYS = 0x66F1, /* for session keys there is nothing to go by */
    SW_WRONG_LENGTH = 0x6700,
    SW_NO_SECURE_MESSAGING = 0x6882,
    SW_NO_SESSION = 0x69FC, /* secure messaging before a session was opened */
    SW_WRONG_FILE_TYPE = 0x6981,
    SW_SECURITY_STATUS = 0x6982,
    SW_METHOD_BLOCKED = 0x6983,
    SW_REFERENCE_BLOCKED = 0x6984,
    SW_CONDITIONS = 0x6985,
    SW_NO_CURRENT_FILE = 0x6986,
    SW_WRONG_DATA = 0x6A80,
    SW_NOT_SUPPORTED = 0x6A81,
    SW_FILE_NOT_FOUND = 0x6A82,
    SW_RECORD_NOT_FOUND = 0x6A83,
    SW_WRONG_P1P2 = 0x6A86,
    SW_REFERENCE_NOT_FOUND = 0x6A88,
    SW_WRONG_OFFSET = 0x6B00,
    SW_WRONG_INS = 0x6D00,
    SW_WRONG_CLA = 0x6E00,
    SW_NO_DIAGNOSIS = 0x6F00,
};

/* Plain meaning in a few words (msgid), without a final stop; never NULL. */
const char *sw_meaning(uint16_t sw);
/* True for 63C0 to 63CF; *ret is then the number of tries left. */
bool sw_tries_left(uint16_t sw, unsigned *ret);
/* 63Cx for 0 to 15 tries; more are written as 15. */
uint16_t sw_with_tries(unsigned tries);
/* True for the three ways of saying that a PIN is locked: 63C0, 6983, 6984 (card.md 11.2, 3). */
bool sw_is_blocked(uint16_t sw);
