/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list in a file, for lists that are too large to be in memory: the file is mapped, so the
 * kernel may drop what was read. Nobody may change or shorten the file meanwhile who is not
 * trusted: what was verified would not be what is read afterwards.
 */
#pragma once

#include "revocation/crl.h"

struct crl_file {
    struct crl crl; /* points into the mapping */
    void *ptr;
    size_t len;
};

#define CRL_FILE_INIT                                                                              \
    {                                                                                              \
        .ptr = NULL, .len = 0                                                                      \
    }

/*
 * The list in a regular file of at most limit bytes, as crl_parse. ERR_ABSENT if there is none,
 * ERR_INPUT if it is larger or no such list.
 */
MUST_CHECK int crl_file_open(const char *path, size_t limit, struct crl_file *ret, struct err *err);
/* The same from an open descriptor, from the file's beginning; fd may be closed afterwards. */
MUST_CHECK int crl_file_map(int fd, size_t limit, struct crl_file *ret, struct err *err);
/* The same of a list that begins at an offset of the file, and ends with it. */
MUST_CHECK int crl_file_map_at(int fd, size_t at, size_t limit, struct crl_file *ret,
                               struct err *err);
void crl_file_done(struct crl_file *file);
