/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwk.h"
#include "fuzz.h"

#include <openssl/err.h>

/* What is accepted, is written and read as the same key. */
FUZZ_TARGET(data, size)
{
    CLEANUP(json_freep) struct json *value = NULL;
    CLEANUP(json_freep) struct json *written = NULL;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(pubkey_freep) struct pubkey *again = NULL;

    if (json_parse(bytes_of(data, size), &value, NULL) == 0 &&
        (jwk_parse(value, JWK_ENCRYPTION, &key, NULL) == 0 ||
         jwk_set_pick(value, JWK_ENCRYPTION, &key, NULL) == 0)) {
        FUZZ_CHECK(jwk_write(key, JWK_ENCRYPTION, &written, NULL) == 0);
        FUZZ_CHECK(jwk_parse(written, JWK_ENCRYPTION, &again, NULL) == 0);
        FUZZ_CHECK(bytes_equal(pubkey_spki(key), pubkey_spki(again)));
    } else {
        FUZZ_CHECK(key == NULL);
    }
    FUZZ_CHECK(ERR_peek_error() == 0);
    return 0;
}
