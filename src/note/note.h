/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes (c2sp.org/signed-note): lines of text, an empty line, and a line for each signature,
 * "\u2014 NAME BASE64". Parsing one says nothing about its signatures: note_verify does.
 */
#pragma once

#include "note/key.h"

struct note_signature {
    struct bytes name;
    uint8_t key_id[NOTE_KEY_ID_SIZE];
    struct bytes base64; /* of the key id and the signature behind it */
};

/* Borrows the bytes that it was parsed from. */
struct note {
    struct bytes text; /* all lines of it, each with its line feed */
    size_t count;
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

/* ERR_INPUT for anything that is no such note. */
MUST_CHECK int note_parse(struct bytes file, struct note *ret, struct err *err);

/*
 * That this key has signed it. Of a cosignature (NOTE_COSIGNATURE) *ret_time is when it was made,
 * UTC seconds, of others 0. ERR_UNTRUSTED if the key has not signed, or a signature of its name and
 * id is not its own.
 */
MUST_CHECK int note_verify(const struct note *note, const struct note_key *key, int64_t *ret_time,
                           struct err *err);

/*
 * One more line for a note: of a cosignature with the time that was signed. signature has 64 bytes.
 */
MUST_CHECK int note_sign_line(const struct note_key *key, int64_t time, struct bytes signature,
                              struct buf *note, struct err *err);
