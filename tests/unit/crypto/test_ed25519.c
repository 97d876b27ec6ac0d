/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ed25519.h"

#include "base/hex.h"
#include "crypto/privkey.h"
#include "crypto/pubkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* RFC 8032, 7.1, TEST 2: one octet. */
static const char public_hex[] = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
static const char signature_hex[] =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
static const uint8_t message[] = {0x72};

static void a_published_signature_verifies_and_no_other(void **state)
{
    CLEANUP(buf_done) struct buf key = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const uint8_t other[] = {0x73};

    (void)state;
    assert_int_equal(hex_decode(public_hex, &key, NULL), 0);
    assert_int_equal(hex_decode(signature_hex, &signature, NULL), 0);
    assert_int_equal(ed25519_verify(key.ptr, BYTES_ARRAY(message), buf_bytes(&signature), NULL), 0);
    assert_int_equal(ed25519_verify(key.ptr, BYTES_ARRAY(other), buf_bytes(&signature), NULL),
                     -ERR_UNTRUSTED);
    signature.ptr[40] ^= 1;
    assert_int_equal(ed25519_verify(key.ptr, BYTES_ARRAY(message), buf_bytes(&signature), NULL),
                     -ERR_UNTRUSTED);
    for (size_t len = 0; len <= ED25519_SIGNATURE_SIZE - 1; len += 21)
        assert_int_equal(ed25519_verify(key.ptr, BYTES_ARRAY(message),
                                        bytes_part(buf_bytes(&signature), 0, len), NULL),
                         -ERR_UNTRUSTED);
}

static void what_a_key_of_ours_signs_verifies_under_its_public_half(void **state)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    uint8_t public[ED25519_KEY_SIZE];

    (void)state;
    assert_int_equal(privkey_generate_ed25519(&key, NULL), 0);
    assert_int_equal(privkey_kind(key), KEY_ED25519);
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(ed25519_from_spki(buf_bytes(&spki), public, NULL), 0);
    assert_int_equal(privkey_sign_message(key, BYTES_ARRAY(message), &signature, NULL), 0);
    assert_int_equal(ed25519_verify(public, BYTES_ARRAY(message), buf_bytes(&signature), NULL), 0);
    assert_int_equal(privkey_sign_message(key, BYTES_ARRAY(message), &again, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&signature), buf_bytes(&again)));
}

static void the_ways_of_other_keys_are_refused(void **state)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(privkey_freep) struct privkey *point = NULL;
    CLEANUP(pubkey_freep) struct pubkey *none = NULL;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct digest digest;
    uint8_t public[ED25519_KEY_SIZE];

    (void)state;
    assert_int_equal(privkey_generate_ed25519(&key, NULL), 0);
    assert_int_equal(privkey_generate_p256(&point, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA512, BYTES_ARRAY(message), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &out, NULL), -ERR_USAGE);
    assert_int_equal(privkey_sign_jws(key, &digest, &out, NULL), -ERR_USAGE);
    assert_int_equal(privkey_sign_raw(key, BYTES_ARRAY(message), &out, NULL), -ERR_USAGE);
    assert_int_equal(privkey_sign_pss(key, &digest, 0, &out, NULL), -ERR_USAGE);
    assert_int_equal(privkey_sign_message(point, BYTES_ARRAY(message), &out, NULL), -ERR_USAGE);
    assert_int_equal(privkey_spki(point, &spki, NULL), 0);
    assert_int_equal(ed25519_from_spki(buf_bytes(&spki), public, NULL), -ERR_INPUT);
    buf_done(&spki);
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &none, NULL), -ERR_INPUT);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &none, NULL), -ERR_INPUT);
    assert_int_equal(ed25519_from_spki(bytes_part(buf_bytes(&spki), 0, spki.len - 1), public, NULL),
                     -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_signature_verifies_and_no_other),
        cmocka_unit_test(what_a_key_of_ours_signs_verifies_under_its_public_half),
        cmocka_unit_test(the_ways_of_other_keys_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
