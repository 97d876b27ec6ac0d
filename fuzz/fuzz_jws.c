/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens and keys of others. What is read has an algorithm of ours and verifies with no key but its
 * own; the same bytes as something to be signed are never approved for a key they do not name.
 */
#include "crypto/jws.h"

#include "fuzz.h"
#include "signer/role_jws.h"

#include <openssl/err.h>
#include <string.h>

/* Of nobody: the point of RFC 7515, A.3. */
static const char known[] = "{\"kty\":\"EC\",\"crv\":\"P-256\","
                            "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                            "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";
static const char example[] = "DtEhU3ljbEg8L38VWAfUAqOyKAM6";

static void read_key(struct bytes text)
{
    CLEANUP(json_freep) struct json *jwk = NULL;

    if (json_parse(text, &jwk, NULL) < 0)
        return;
    for (unsigned alg = 0; alg < JWS_ALGS_; alg++) {
        CLEANUP(pubkey_freep) struct pubkey *key = NULL;
        enum jws_alg own;

        if (jws_key_parse(jwk, (enum jws_alg)alg, &key, NULL) < 0)
            continue;
        FUZZ_CHECK(!json_has(jwk, "d"));
        FUZZ_CHECK(jws_alg_of(pubkey_kind(key), &own, NULL) == 0);
    }
}

FUZZ_TARGET(data, size)
{
    static const struct jws_rules rules = {"https://op.example", 300};
    CLEANUP(json_freep) struct json *jwk = NULL;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    CLEANUP(jws_done) struct jws input = JWS_INIT;
    struct bytes text = bytes_of(data, size);

    FUZZ_CHECK(json_parse(BYTES_LITERAL(known), &jwk, NULL) == 0);
    FUZZ_CHECK(jws_key_parse(jwk, JWS_ES256, &key, NULL) == 0);
    if (jws_parse(text, &jws, NULL) == 0) {
        FUZZ_CHECK(jws.signature.len > 0 && jws.claims != NULL && size <= JWS_MAX);
        FUZZ_CHECK(jws_verify(&jws, key, NULL) == -ERR_UNTRUSTED ||
                   memmem(data, size, example, strlen(example)) != NULL);
    }
    if (jws_parse_input(text, &input, NULL) == 0)
        FUZZ_CHECK(role_jws_check(&rules, key, text, NULL) < 0 || strlen(input.kid) == 43);
    else
        FUZZ_CHECK(role_jws_check(&rules, key, text, NULL) == -ERR_INPUT);
    read_key(text);
    FUZZ_CHECK(ERR_peek_error() == 0);
    return 0;
}
