/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of notes as they are handed on: "NAME+HEX+BASE64", where the base64 is of the algorithm and
 * the public key, and the eight digits are its id, which depends on the name as well.
 */
#pragma once

#include "crypto/ed25519.h"
#include "note/limits.h"

enum { NOTE_KEY_ID_SIZE = 4 };

enum note_algorithm {
    NOTE_ED25519 = 0x01,
    NOTE_COSIGNATURE = 0x04, /* Ed25519 over a time and a checkpoint (c2sp.org/tlog-cosignature) */
};

struct note_key {
    char name[NOTE_NAME_MAX + 1];
    enum note_algorithm algorithm;
    uint8_t id[NOTE_KEY_ID_SIZE];
    uint8_t public[ED25519_KEY_SIZE];
};

/* A name: 1 to NOTE_NAME_MAX bytes of visible ASCII, no "+". ERR_INPUT for another one. */
MUST_CHECK int note_name_check(struct bytes name, struct err *err);
/* Whose key it is, for which algorithm. ERR_INPUT for a bad name, or a key that is none. */
MUST_CHECK int note_key_of_spki(const char *name, enum note_algorithm algorithm, struct bytes spki,
                                struct note_key *ret, struct err *err);
/* One line; a line feed at its end is no part of it. ERR_INPUT unless all of it fits together. */
MUST_CHECK int note_key_parse(struct bytes text, struct note_key *ret, struct err *err);
MUST_CHECK int note_key_format(const struct note_key *key, struct buf *ret, struct err *err);
