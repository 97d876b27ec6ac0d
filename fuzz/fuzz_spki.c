/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pubkey.h"
#include "fuzz.h"

#include <openssl/err.h>
#include <string.h>

/* What is accepted is what would be written, and no failure is left in OpenSSL's queue. */
FUZZ_TARGET(data, size)
{
    static const uint8_t signature[512] = {0};
    struct digest digest = {.alg = DIGEST_SHA256, .len = 32};
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    if (pubkey_from_spki(bytes_of(data, size), &key, NULL) == 0) {
        struct bytes zeros = bytes_of(signature, pubkey_signature_size(key));

        FUZZ_CHECK(bytes_equal(pubkey_spki(key), bytes_of(data, size)));
        FUZZ_CHECK(zeros.len == 256 || zeros.len == 384 || zeros.len == 512);
        FUZZ_CHECK(pubkey_verify(key, &digest, zeros, NULL) == -ERR_UNTRUSTED);
    }
    FUZZ_CHECK(ERR_peek_error() == 0);
    return 0;
}
