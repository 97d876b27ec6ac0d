/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe.h"

#include "fuzz.h"

#include <openssl/err.h>
#include <string.h>

/* What is accepted has possible sizes and is spelled in one way; a guessed key opens nothing. */
FUZZ_TARGET(data, size)
{
    static const uint8_t zeros[32];
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;

    if (jwe_parse(bytes_of(data, size), &jwe, NULL) == 0) {
        FUZZ_CHECK(strlen(jwe.kid.text) == JWK_THUMBPRINT_LEN);
        FUZZ_CHECK(bytes_start_with(bytes_of(data, size), buf_bytes(&jwe.header)));
        FUZZ_CHECK(jwe.iv.len == 16 && jwe.tag.len == 16);
        FUZZ_CHECK(jwe.cipher.len >= 16 && jwe.cipher.len % 16 == 0);
        FUZZ_CHECK(secret_copy(BYTES_ARRAY(zeros), &key, NULL) == 0);
        FUZZ_CHECK(jwe_decrypt(&jwe, &key, &plain, NULL) == -ERR_UNTRUSTED);
    } else {
        FUZZ_CHECK(jwe.header.ptr == NULL);
    }
    FUZZ_CHECK(ERR_peek_error() == 0);
    return 0;
}
