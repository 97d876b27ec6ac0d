/* SPDX-License-Identifier: Apache-2.0 */
/* A file with a key that a service has given. */
#pragma once

#include "base/secret.h"

/*
 * The key, of at most that many bytes, without the end of its line. ERR_INPUT, naming the file, if
 * it is missing, empty or longer.
 */
MUST_CHECK int key_file_read(const char *path, size_t most, struct secret *ret, struct err *err);
