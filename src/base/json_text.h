/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What JSON is written of (RFC 8259): texts and numbers, compact, as jansson writes them. What
 * stands between them is the business of whoever puts them together.
 */
#pragma once

#include "base/bytes.h"

/* A text with its quotation marks; that it is UTF-8 is known. */
MUST_CHECK int json_append_text(struct buf *to, struct bytes utf8, struct err *err);
/* What stands between the quotation marks, or a part of it: ERR_INPUT if that is not UTF-8. */
MUST_CHECK int json_append_checked(struct buf *to, struct bytes text, struct err *err);
MUST_CHECK int json_append_int(struct buf *to, int64_t number, struct err *err);
