/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files with the GlobalPlatform keys of an issuer or operator: four lines of text, "version 48",
 * and "enc", "mac" and "dek" with 32, 48 or 64 hexadecimal digits each. For their owner only.
 */
#pragma once

#include "base/secret.h"

struct keyset {
    uint8_t version; /* 1 to 127 */
    struct secret enc, mac, dek;
};
#define KEYSET_INIT                                                                                \
    {                                                                                              \
        0, SECRET_INIT, SECRET_INIT, SECRET_INIT                                                   \
    }
void keyset_done(struct keyset *keyset);

enum { KEYSET_FILE_MAX = 512, KEYSET_VERSION_MAX = 127 };

/* ERR_USAGE if there is no such file or others may read it, ERR_INPUT if it is malformed. */
MUST_CHECK int keyset_read(const char *path, struct keyset *ret, struct err *err);
/* The text of such a file, for keyset_read and the fuzzer. */
MUST_CHECK int keyset_parse(struct bytes text, struct keyset *ret, struct err *err);
/* Random keys of size bytes each. */
MUST_CHECK int keyset_make(size_t size, struct keyset *ret, struct err *err);
/* A new file; ERR_USAGE if there is one already. */
MUST_CHECK int keyset_write(const char *path, const struct keyset *keyset, struct err *err);
