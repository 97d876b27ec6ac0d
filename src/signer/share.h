/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One custodian's part of a secret that is split among several: 48 bytes, in a file under the
 * custodian's passphrase or typed off paper, six lines of twenty digits.
 *
 *   0   1  version in the upper four bits; the lowest bit is set for a rehearsal
 *   1   8  set: which splitting it comes from
 *   9   1  how many shares are needed
 *   10  1  how many there are
 *   11  1  number of this one, from 1
 *   12  32 its piece of the secret
 *   44  4  the first bytes of the SHA-256 of all before, against slips of the pen
 */
#pragma once

#include "base/secret.h"
#include "signer/limits.h"

enum {
    SHARE_SIZE = 48,
    SHARE_SET_SIZE = 8,
    SHARE_SECRET_SIZE = 32,
    SHARE_LINES = 6,
    SHARE_LINE_SIZE = 25, /* five groups of four digits, blanks between, and the final NUL */
};

struct share {
    uint8_t set[SHARE_SET_SIZE];
    bool is_rehearsal;
    uint8_t needed, total, number;
    struct secret piece;
};

void share_done(struct share *share);
MUST_CHECK int share_write(const struct share *share, struct secret *ret, struct err *err);
/* ERR_INPUT unless it is a share in this form, unharmed. */
MUST_CHECK int share_parse(struct bytes whole, struct share *ret, struct err *err);

/* Line 0 to 5 of what is written on paper: eight bytes and two that check them. */
MUST_CHECK int share_line(struct bytes whole, unsigned line, char ret[SHARE_LINE_SIZE],
                          struct err *err);
/* The eight bytes of a line that was typed; blanks do not count. ERR_INPUT tells what is wrong. */
MUST_CHECK int share_line_parse(struct bytes text, unsigned line, uint8_t ret[8], struct err *err);

/* A share as a file of its custodian: DER (crypto/pbes2.h). */
MUST_CHECK int share_close(struct bytes whole, const struct secret *passphrase, struct buf *ret,
                           struct err *err);
/* The 48 bytes, checked. ERR_DENIED if the passphrase is wrong or the file was damaged. */
MUST_CHECK int share_open(struct bytes der, const struct secret *passphrase, struct secret *ret,
                          struct err *err);
