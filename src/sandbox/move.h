/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clerk when somebody moves (F4 of the design): a new key is made in the card in the reader,
 * the register records the new address and has the sign certificate revoked, and the card gets a
 * new certificate for the new key. The auth certificate stays.
 */
#pragma once

#include "sandbox/issue.h"

struct new_home {
    const char *address;
    const char *municipality; /* five digits */
};

enum { MOVED_TEXT_SIZE = 16 };

struct moved {
    struct issued card;
    /* What became of the old certificate, in the register's word: "done", "pending", ... */
    char revocation[MOVED_TEXT_SIZE];
};

/*
 * A move that was interrupted goes on where it was when it is asked for again. ERR_ABSENT if the
 * card was not issued yet; ERR_REMOTE, or what the register, the authority or the card refused, in
 * their words.
 */
MUST_CHECK int move_resident(const struct layout *layout, const struct new_home *home,
                             struct moved *ret, struct err *err);
