/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside for a terminal or a window, of which nothing can hide the rest. */
#pragma once

#include "base/bytes.h"

/*
 * As append_shown (common.h). Besides, "<" becomes another sign: some windows take a text with a
 * tag in it for HTML.
 */
MUST_CHECK int outside_append(struct buf *buf, const char *text, struct err *err);
/* The same for text of several lines, each behind "> ", so that none passes for one of ours. */
MUST_CHECK int outside_append_lines(struct buf *buf, const char *text, struct err *err);
