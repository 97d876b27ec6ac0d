/* SPDX-License-Identifier: Apache-2.0 */
/* Key files of the free area, which people may have edited. */
#include "fuzz.h"
#include "programs/keyset.h"

FUZZ_TARGET(data, size)
{
    CLEANUP(keyset_done) struct keyset keyset = KEYSET_INIT;

    if (keyset_parse(bytes_of(data, size), &keyset, NULL) < 0)
        return 0;
    FUZZ_CHECK(keyset.version >= 1 && keyset.version <= KEYSET_VERSION_MAX);
    FUZZ_CHECK(keyset.enc.len == 16 || keyset.enc.len == 24 || keyset.enc.len == 32);
    FUZZ_CHECK(keyset.mac.len == keyset.enc.len && keyset.dek.len == keyset.enc.len);
    return 0;
}
