/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of a PDF's syntax as it takes to see that two keys stand in one dictionary (ISO 32000-1,
 * 7.2 and 7.3). Inside this room only.
 */
#pragma once

#include "base/bytes.h"

bool pdf_is_space(uint8_t byte); /* ISO 32000-1, 7.2.2 */
/* Behind white space and comments. */
size_t pdf_skip_space(struct bytes file, size_t at);
/*
 * Whether whole objects and nothing else stand from one place to another: no bracket that is closed
 * there without being opened there, and no keyword, which would be the end of the dictionary.
 */
bool pdf_is_objects(struct bytes file, size_t from, size_t to);
/* A number without sign in *at, which goes behind it. False if there is none, or more than 2^31. */
bool pdf_take_number(struct bytes file, size_t *at, size_t *ret);
