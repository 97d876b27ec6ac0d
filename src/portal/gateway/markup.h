/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of procedures as clients of the published search expect them (portal.md 2.6): one text with
 * a mark-up of its own. Blocks are put apart by "<br>"; items of a list begin with a middle dot; a
 * table is lines of cells between pipes, with "^" where a cell reaches from above and "<" where it
 * reaches from the left. What would be mark-up in a text becomes its full-width form.
 */
#pragma once

#include "base/json.h"

/* Append a section: an array of blocks that procedure_content_check has taken. */
MUST_CHECK int markup_append(struct buf *buf, const struct json *blocks, struct err *err);
