/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded sessions: the commands must come exactly as they were recorded, and get the recorded
 * answers. A recording is text, one thing per line:
 *
 *     # comment
 *     > 00200080 06 ************    a command; ** is any byte (PINs are not recorded)
 *     < 63C4                        its answer, also one that is no response at all
 *     ! removed                     instead of an answer: the card was pulled out
 *     ! reset                       somebody reset the card before the next transaction
 *
 * White space between bytes is ignored.
 */
#pragma once

#include "base/bytes.h"

struct reader;

/* ERR_INPUT with the line if the file is no recording. */
MUST_CHECK int replay_connect(const char *path, struct reader **ret, struct err *err);
/* The same from memory; for tests and the fuzzer. text is copied. */
MUST_CHECK int replay_open(struct bytes text, struct reader **ret, struct err *err);
/* True if every recorded command was sent. reader must be a replay. */
bool replay_is_finished(const struct reader *reader);
