/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sentences of the public libraries in the caller's language. A library cannot look for a catalogue
 * beside the program that uses it, so the Japanese of its few sentences is part of it.
 */
#pragma once

#include "base/bytes.h"

/*
 * english, which may be NULL, in Japanese for "ja" if the catalogue (.mo, in memory for as long as
 * the program runs) has it. Any thread.
 */
const char *sentence_in(const char *language, struct bytes catalogue, const char *english);
