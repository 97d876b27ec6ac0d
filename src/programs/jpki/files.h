/* SPDX-License-Identifier: Apache-2.0 */
/* Files that commands read and write. A wrong file is the person's: ERR_INPUT or ERR_USAGE. */
#pragma once

#include "crypto/digest.h"

#include <sys/types.h>

struct pin_options;

enum { INPUTS_MAX = 2 };

/* What a command reads, whose loss would be the person's. */
struct inputs {
    const char *paths[INPUTS_MAX]; /* files, or directories with files; NULL: none */
    const struct pin_options *pin; /* whose --pin-fd may be a file; NULL: none */
};

/* Digest of a file of any size, or of a pipe. ERR_INPUT if it cannot be read. */
MUST_CHECK int document_digest(const char *path, enum digest_alg alg, struct digest *ret,
                               struct err *err);
/* file_read, but a missing file is ERR_INPUT. */
MUST_CHECK int input_read(const char *path, size_t limit, struct buf *ret, struct err *err);
/*
 * Before anybody is asked for anything: may path be written? ERR_USAGE if it exists without force,
 * and in any case if it is one of the inputs, under whichever name, or a device, a link or another
 * thing than a file.
 */
MUST_CHECK int output_check(const char *path, bool force, const struct inputs *inputs,
                            struct err *err);
/* The whole file or none of it, as output_check said. */
MUST_CHECK int output_write(const char *path, bool force, mode_t mode, struct bytes data,
                            struct err *err);
