/* SPDX-License-Identifier: Apache-2.0 */
/* What a platform has said, as jpki shows it; and the platform that is asked. */
#pragma once

#include "holder/opinion.h"

/* ERR_USAGE for an address with a path. */
MUST_CHECK int platform_at(const char *url, struct remote **ret, struct err *err);
/* A line for each. */
MUST_CHECK int opinion_print_reasons(const struct opinion *opinion, struct err *err);
/* Put the array "reasons" of {"name", "text"}. */
MUST_CHECK int opinion_put_reasons(struct json *object, const struct opinion *opinion,
                                   struct err *err);
/* Whether the authority is not one that the platform trusts. */
bool opinion_is_unlisted(const struct opinion *opinion);
/* A field with text from outside, made harmless. */
MUST_CHECK int print_told(const char *label, const struct buf *value, struct err *err);
