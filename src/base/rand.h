/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes from the kernel (getrandom). */
#pragma once

#include "base/bytes.h"

MUST_CHECK int rand_fill(void *ptr, size_t len, struct err *err);

enum { RAND_LABEL_MAX = 64 };
/*
 * The same for numbers that tell things apart and keep no secret, as of traces: of what the kernel
 * gave for many at once, because to ask it for each takes longer than all else that is done with
 * them. At most RAND_LABEL_MAX bytes; no two calls get the same, in whatever thread or process.
 */
MUST_CHECK int rand_label(void *ptr, size_t len, struct err *err);
