/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from outside, for a terminal: what is no UTF-8, control characters and those that turn the
 * direction of writing become U+FFFD, so that no certificate, no file's name and no word of a
 * command line can paint over what we say.
 */
#pragma once

#include "base/bytes.h"

MUST_CHECK int append_shown(struct buf *buf, struct bytes utf8, struct err *err);
/* The same of a file's name or a message, in room, which the caller releases; "" without memory. */
const char *text_shown(const char *text, struct buf *room);
