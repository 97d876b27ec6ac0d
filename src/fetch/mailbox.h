/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of mail (RFC 5321, 4.1.2), of the kind that people have: a dot-string of letters,
 * digits and signs, and a domain of at least two labels. No quoted parts, no comments, no address
 * literals, no other letters than ASCII's: so no address can become a second header or command.
 */
#pragma once

#include "base/bytes.h"
#include "fetch/limits.h"

/* Split into what stands before and behind '@', which live as long as text; ERR_INPUT. */
struct mailbox {
    struct bytes local, domain;
};
MUST_CHECK int mailbox_parse(struct bytes text, struct mailbox *ret, struct err *err);
