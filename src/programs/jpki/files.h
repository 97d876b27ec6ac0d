/* SPDX-License-Identifier: Apache-2.0 */
/* Files that commands read and write. A wrong file is the person's: ERR_INPUT or ERR_USAGE. */
#pragma once

#include "crypto/digest.h"

#include <sys/types.h>

/* Digest of a file of any size, or of a pipe. ERR_INPUT if it cannot be read. */
MUST_CHECK int document_digest(const char *path, enum digest_alg alg, struct digest *ret,
                               struct err *err);
/* file_read, but a missing file is ERR_INPUT. */
MUST_CHECK int input_read(const char *path, size_t limit, struct buf *ret, struct err *err);
/*
 * Before anybody is asked for anything: may path be written? ERR_USAGE if it exists without force,
 * and in any case if it is a device, a link or another thing than a file.
 */
MUST_CHECK int output_check(const char *path, bool force, struct err *err);
/* ERR_USAGE if path is the input, under whichever name: writing it would lose what was read. */
MUST_CHECK int output_check_apart(const char *path, const char *input, struct err *err);
/* The whole file or none of it, as output_check said. */
MUST_CHECK int output_write(const char *path, bool force, mode_t mode, struct bytes data,
                            struct err *err);
