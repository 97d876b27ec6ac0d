/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pubkey.h"
#include "fuzz.h"

#include <openssl/err.h>
#include <string.h>

/* What is accepted is what would be written, and no failure is left in OpenSSL's queue. */
FUZZ_TARGET(data, size)
{
    static const uint8_t signature[512] = {0};
    struct digest digest = {.alg = DIGEST_SHA384, .len = 48};
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    if (pubkey_from_spki(bytes_of(data, size), &key, NULL) == 0) {
        struct bytes zeros = bytes_of(signature, pubkey_signature_size(key));

        FUZZ_CHECK(bytes_equal(pubkey_spki(key), bytes_of(data, size)));
        FUZZ_CHECK(pubkey_kind(key) == KEY_P384
                       ? zeros.len == 104 && size == 120
                       : zeros.len == 256 || zeros.len == 384 || zeros.len == 512);
        for (unsigned kind = 0; kind < KEY_KINDS_; kind++)
            FUZZ_CHECK(pubkey_verify_kind(key, (enum key_kind)kind, &digest, zeros, NULL) ==
                       -ERR_UNTRUSTED);
    }
    FUZZ_CHECK(ERR_peek_error() == 0);
    return 0;
}
