/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures of something that is tried again and again: each is told once, until it works again or
 * fails otherwise.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>

/* Zeros: it works. */
struct series {
    struct err last; /* ERR_NONE: it works */
};

/* Note how it went: NULL if it worked. True if that is a failure to be told. */
bool series_note(struct series *series, const struct err *failure);
