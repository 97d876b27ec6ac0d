/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Unix socket of a software card, framed as vpcd frames (card.md 8): two bytes of length, big
 * endian, then a control byte or an APDU. The connection is the card session: the card is powered
 * while it is open, and no other client gets at it.
 */
#pragma once

#include "base/bytes.h"

struct reader;

/* For an answer, and for another client to let go of the card. */
enum { DIRECT_TIMEOUT_MS = 30000 };

/*
 * ERR_ABSENT if nobody serves a card there, the reader is empty, or another client keeps the card
 * longer than DIRECT_TIMEOUT_MS.
 */
MUST_CHECK int direct_connect(const char *path, struct reader **ret, struct err *err);
