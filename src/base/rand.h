/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes from the kernel (getrandom). */
#pragma once

#include "base/bytes.h"

MUST_CHECK int rand_fill(void *ptr, size_t len, struct err *err);
