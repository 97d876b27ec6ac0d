/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/agree.h"

#include "base/base64.h"
#include "crypto/privkey.h"
#include "crypto/pubkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

enum { SCALAR = 32, POINT = AGREE_POINT_SIZE };

/* RFC 7518, appendix C. */
struct party {
    const char *x, *y, *d;
};
static const struct party alice = {"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
                                   "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
                                   "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"};
static const struct party bob = {"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
                                 "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
                                 "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"};
static const char derived[] = "VqqN6vgjbSBcIijNcacQGg";

static void decode(const char *text, uint8_t ret[SCALAR])
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;

    assert_int_equal(base64_decode(BASE64_URL, bytes_text(text), &octets, NULL), 0);
    assert_int_equal(octets.len, SCALAR);
    memcpy(ret, octets.ptr, SCALAR);
}

static void point_of(const struct party *party, uint8_t ret[POINT])
{
    decode(party->x, ret);
    decode(party->y, ret + SCALAR);
}

static EVP_PKEY *key_of(const struct party *party)
{
    uint8_t encoded[1 + POINT] = {4};
    uint8_t scalar[SCALAR];
    uint8_t native[SCALAR];
    char group[] = "P-256";
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    point_of(party, encoded + 1);
    decode(party->d, scalar);
    for (size_t i = 0; i < SCALAR; i++)
        native[i] = scalar[SCALAR - 1 - i]; /* OSSL_PARAM has numbers in the order of the machine */
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof encoded),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, sizeof native),
        OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static const struct agreement example = {
    "A128GCM", {(const uint8_t *)"Alice", 5}, {(const uint8_t *)"Bob", 3}, 16};

static void assert_derives(const struct party *own, const struct party *other)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    EVP_PKEY *private = key_of(own);
    uint8_t point[POINT];
    const char *found = NULL;

    point_of(other, point);
    assert_int_equal(agree_derive(private, BYTES_ARRAY(point), &example, &key, NULL), 0);
    assert_int_equal(base64_append(&text, BASE64_URL, secret_bytes(&key), NULL), 0);
    assert_int_equal(buf_text(&text, &found, NULL), 0);
    assert_string_equal(found, derived);
    EVP_PKEY_free(private);
}

static void both_sides_of_the_specifications_example_find_its_key(void **state)
{
    (void)state;
    assert_derives(&alice, &bob);
    assert_derives(&bob, &alice);
}

/* OpenSSL's own KDF of that name, with OtherInfo put together here. */
static void kdf_elsewhere(const uint8_t shared[SCALAR], uint8_t ret[32])
{
    static const uint8_t info[] = {0,   0,   0,   13,  'A', '1', '2', '8', 'C', 'B',
                                   'C', '-', 'H', 'S', '2', '5', '6', 0,   0,   0,
                                   0,   0,   0,   0,   0,   0,   0,   1,   0};
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SSKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    uint8_t own_shared[SCALAR];
    uint8_t own_info[sizeof info];
    char digest[] = "SHA256";

    memcpy(own_shared, shared, SCALAR);
    memcpy(own_info, info, sizeof info);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, own_shared, SCALAR),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, own_info, sizeof own_info),
        OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_KDF_derive(ctx, ret, 32, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

static void the_key_is_what_openssls_own_kdf_makes_of_the_same_point(void **state)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    EVP_PKEY *own = EVP_EC_gen("P-256");
    EVP_PKEY *other = EVP_EC_gen("P-256");
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
    uint8_t encoded[1 + POINT];
    uint8_t shared[SCALAR];
    uint8_t expected[32];
    size_t len = sizeof encoded;

    (void)state;
    assert_int_equal(EVP_PKEY_get_octet_string_param(other, OSSL_PKEY_PARAM_PUB_KEY, encoded,
                                                     sizeof encoded, &len),
                     1);
    assert_int_equal(len, sizeof encoded);
    assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
    assert_int_equal(EVP_PKEY_derive_set_peer(ctx, other), 1);
    len = sizeof shared;
    assert_int_equal(EVP_PKEY_derive(ctx, shared, &len), 1);
    kdf_elsewhere(shared, expected);
    assert_int_equal(agree_derive(own, bytes_of(encoded + 1, POINT), &agreement_of_jwe, &key, NULL),
                     0);
    assert_true(bytes_equal(secret_bytes(&key), BYTES_ARRAY(expected)));
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(own);
    EVP_PKEY_free(other);
}

static void each_thing_that_the_key_is_bound_to_changes_it(void **state)
{
    static const struct agreement others[] = {
        {"A128GCN", {(const uint8_t *)"Alice", 5}, {(const uint8_t *)"Bob", 3}, 16},
        {"A128GCM", {(const uint8_t *)"Alicf", 5}, {(const uint8_t *)"Bob", 3}, 16},
        {"A128GCM", {(const uint8_t *)"Alice", 5}, {(const uint8_t *)"Boc", 3}, 16},
        {"A128GCM", {(const uint8_t *)"AliceB", 6}, {(const uint8_t *)"ob", 2}, 16},
        {"A128GCM", {(const uint8_t *)"Alice", 5}, {(const uint8_t *)"Bob", 3}, 32},
    };
    CLEANUP(secret_done) struct secret right = SECRET_INIT;
    EVP_PKEY *private = key_of(&alice);
    uint8_t point[POINT];

    (void)state;
    point_of(&bob, point);
    assert_int_equal(agree_derive(private, BYTES_ARRAY(point), &example, &right, NULL), 0);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CLEANUP(secret_done) struct secret key = SECRET_INIT;

        assert_int_equal(agree_derive(private, BYTES_ARRAY(point), &others[i], &key, NULL), 0);
        assert_int_equal(key.len, others[i].size);
        assert_false(bytes_equal(bytes_of(key.ptr, 16), secret_bytes(&right)));
    }
    EVP_PKEY_free(private);
}

static void sizes_end_at_one_round(void **state)
{
    const struct agreement nothing = {"A128GCM", {NULL, 0}, {NULL, 0}, 0};
    const struct agreement most = {"A128GCM", {NULL, 0}, {NULL, 0}, AGREE_KEY_MAX};
    const struct agreement more = {"A128GCM", {NULL, 0}, {NULL, 0}, AGREE_KEY_MAX + 1};
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    EVP_PKEY *private = key_of(&alice);
    uint8_t point[POINT];

    (void)state;
    point_of(&bob, point);
    assert_int_equal(agree_derive(private, BYTES_ARRAY(point), &nothing, &key, NULL), -ERR_USAGE);
    assert_int_equal(agree_derive(private, BYTES_ARRAY(point), &more, &key, NULL), -ERR_USAGE);
    assert_null(key.ptr);
    assert_int_equal(agree_derive(private, BYTES_ARRAY(point), &most, &key, NULL), 0);
    assert_int_equal(key.len, AGREE_KEY_MAX);
    EVP_PKEY_free(private);
}

/* ---- keys of this room ---- */

struct pair {
    struct privkey *private;
    struct pubkey *public;
};

static int setup(void **state)
{
    static struct pair pair;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_generate_p256(&pair.private, NULL), 0);
    assert_int_equal(privkey_spki(pair.private, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &pair.public, NULL), 0);
    *state = &pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    privkey_freep(&pair->private);
    pubkey_freep(&pair->public);
    return 0;
}

static void what_is_no_point_of_the_curve_is_refused(void **state)
{
    const struct pair *pair = *state;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(secret_done) struct secret none = SECRET_INIT;
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    uint8_t bad[POINT] = {0};

    assert_int_equal(pubkey_agree(pair->public, &key, &point, NULL), 0);
    assert_int_equal(point.len, POINT);
    /* (0, 0); numbers that are not below the prime; one octet changed: never on the curve. */
    assert_int_equal(privkey_agree(pair->private, BYTES_ARRAY(bad), &none, NULL), -ERR_UNTRUSTED);
    memset(bad, 0xff, sizeof bad);
    assert_int_equal(privkey_agree(pair->private, BYTES_ARRAY(bad), &none, NULL), -ERR_UNTRUSTED);
    for (size_t i = SCALAR; i < POINT; i++) {
        memcpy(bad, point.ptr, POINT);
        bad[i] ^= 1;
        assert_int_equal(privkey_agree(pair->private, BYTES_ARRAY(bad), &none, NULL),
                         -ERR_UNTRUSTED);
    }
    for (size_t len = 0; len < POINT; len++)
        assert_int_equal(privkey_agree(pair->private, bytes_of(point.ptr, len), &none, NULL),
                         -ERR_UNTRUSTED);
    assert_null(none.ptr);
    assert_int_equal(ERR_peek_error(), 0);
}

static void each_message_has_a_key_of_its_own_that_its_owner_finds(void **state)
{
    const struct pair *pair = *state;
    CLEANUP(secret_done) struct secret sent = SECRET_INIT;
    CLEANUP(secret_done) struct secret again = SECRET_INIT;
    CLEANUP(secret_done) struct secret found = SECRET_INIT;
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    CLEANUP(buf_done) struct buf other = BUF_INIT;

    assert_int_equal(pubkey_agree(pair->public, &sent, &point, NULL), 0);
    assert_int_equal(pubkey_agree(pair->public, &again, &other, NULL), 0);
    assert_false(bytes_equal(secret_bytes(&sent), secret_bytes(&again)));
    assert_false(bytes_equal(buf_bytes(&point), buf_bytes(&other)));
    assert_int_equal(privkey_agree(pair->private, buf_bytes(&point), &found, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&found), secret_bytes(&sent)));
    /* With somebody else's point it is another key, and no failure. */
    secret_done(&found);
    assert_int_equal(privkey_agree(pair->private, buf_bytes(&other), &found, NULL), 0);
    assert_false(bytes_equal(secret_bytes(&found), secret_bytes(&sent)));
}

static void keys_of_other_kinds_agree_on_nothing(void **state)
{
    CLEANUP(privkey_freep) struct privkey *p384 = NULL;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    const uint8_t zeros[POINT] = {0};

    (void)state;
    assert_int_equal(privkey_generate_p384(&p384, NULL), 0);
    assert_int_equal(privkey_spki(p384, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(privkey_agree(p384, BYTES_ARRAY(zeros), &key, NULL), -ERR_USAGE);
    assert_int_equal(pubkey_agree(public, &key, &point, NULL), -ERR_USAGE);
    assert_null(key.ptr);
    assert_null(point.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_of_the_specifications_example_find_its_key),
        cmocka_unit_test(the_key_is_what_openssls_own_kdf_makes_of_the_same_point),
        cmocka_unit_test(each_thing_that_the_key_is_bound_to_changes_it),
        cmocka_unit_test(sizes_end_at_one_round),
        cmocka_unit_test_setup_teardown(what_is_no_point_of_the_curve_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(each_message_has_a_key_of_its_own_that_its_owner_finds,
                                        setup, teardown),
        cmocka_unit_test(keys_of_other_kinds_agree_on_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
