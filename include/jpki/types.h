/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the headers of OpenJPKI's libraries share: failures, bytes, and words for what is on a card
 * and in a verdict. Not to be included by itself; jpki/jpki.h and jpki/verify.h do it.
 *
 * Failures: a function that can fail returns 0, or -(enum jpki_error_kind) with a sentence in
 * *error, which may be NULL. What it would have returned through ret is then untouched.
 *
 * Promise: no structure of this page grows, no number changes its meaning. Numbers may be added.
 */
#ifndef JPKI_TYPES_H
#define JPKI_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define JPKI_MUST_CHECK __attribute__((warn_unused_result))
#else
#define JPKI_MUST_CHECK
#endif

/* Who has to act. */
enum jpki_error_kind {
    JPKI_ERROR_USAGE = 1,     /* you: the call broke a rule of the library's page */
    JPKI_ERROR_INPUT = 2,     /* the sender: bytes or a file are not what they should be */
    JPKI_ERROR_ABSENT = 3,    /* you or the person: no such file, reader, card or object */
    JPKI_ERROR_UNTRUSTED = 4, /* nobody: well formed, but must not be believed */
    JPKI_ERROR_NOMEM = 5,     /* the operator: out of memory */
    JPKI_ERROR_SYSTEM = 6,    /* the operator: this machine; the text ends with its reason */
    JPKI_ERROR_DENIED = 7,    /* the person: a PIN is wrong, missing, locked or malformed */
    JPKI_ERROR_REMOTE = 8     /* the other side: a card or reader answered what it must not */
};

struct jpki_error {
    enum jpki_error_kind kind;
    char text[256]; /* one English sentence, ended by NUL, without personal data */
};

/* Bytes that somebody else owns. data may be NULL if size is 0. */
struct jpki_bytes {
    const uint8_t *data;
    size_t size;
};

/* Which of the two keys and certificates of a card. */
enum jpki_use {
    JPKI_USE_SIGN = 1, /* to sign documents, 署名用 */
    JPKI_USE_AUTH = 2  /* to log in, 利用者証明用 */
};

enum jpki_hash { JPKI_SHA1 = 1, JPKI_SHA256 = 2, JPKI_SHA384 = 3, JPKI_SHA512 = 4 };

enum jpki_verdict {
    JPKI_INDETERMINATE = 0, /* something is not known */
    JPKI_VALID = 1,
    JPKI_INVALID = 2
};

#endif
