/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA keys of 2048 bits that the build made, for tests of what is done with keys and not of how
 * they are made: a program that is linked with made_keys.c gets one of them for each call of
 * privkey_generate, none twice, and encrypts keys with fewer rounds. Keys are made as ever once
 * they are used up, and where JPKI_TEST_KEYS names no file, as in tests that are started by hand.
 *
 * The file: of each key the length of its PrivateKeyInfo in two octets, and that.
 */
#pragma once

#define MADE_KEYS_VARIABLE "JPKI_TEST_KEYS"

enum {
    MADE_KEYS_BITS = 2048,
    MADE_KEYS = 32,
    MADE_KEY_MAX = 1400, /* octets of one */
};
