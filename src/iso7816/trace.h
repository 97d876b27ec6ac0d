/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands and responses as one line of text each, fit to be pasted into a bug report: bytes are
 * shown only where a table says that they can be neither a PIN nor personal data (card.md 11.2, 8).
 */
#pragma once

#include "base/bytes.h"

/* Append "> 00200080 VERIFY, 6 bytes not shown". Anything that is no command is shown as length. */
MUST_CHECK int trace_command(struct bytes command, struct buf *ret, struct err *err);
/* Append "< 9000 done"; command is what was answered. */
MUST_CHECK int trace_response(struct bytes command, struct bytes response, struct buf *ret,
                              struct err *err);
/*
 * Both as lines that end with LF; "< no answer" for an empty response. Nothing is appended on
 * failure.
 */
MUST_CHECK int trace_exchange(struct bytes command, struct bytes response, struct buf *ret,
                              struct err *err);
