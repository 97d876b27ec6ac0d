/* SPDX-License-Identifier: Apache-2.0 */
/* Files with a key that seals others: SEAL_KEY_SIZE bytes that only their owner may read. */
#pragma once

#include "base/secret.h"

/* ERR_ABSENT if there is none, ERR_DENIED if others may read it, ERR_INPUT if it is no key. */
MUST_CHECK int keyfile_open(const char *path, struct secret *ret, struct err *err);
/* The same, and make one if there is none. */
MUST_CHECK int keyfile_open_or_make(const char *path, struct secret *ret, struct err *err);
