/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/bound.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t nonce[BOUND_NONCE_SIZE] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

static struct bound example(void)
{
    return (struct bound){.origin = "https://login.openjpki.test",
                          .client_id = "bank",
                          .redirect_uri = "https://bank.example/cb",
                          .session = "session-1",
                          .nonce = BYTES_ARRAY(nonce),
                          .expires_at = 1790000060};
}

static void half_a_login_is_refused(void **state)
{
    struct digest digest;
    struct bound bound;

    (void)state;
    bound = example();
    bound.origin = "";
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.client_id = NULL;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.session = NULL;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.nonce.len--;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.expires_at = -1;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.redirect_uri = NULL;
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
}

static void fields_may_be_as_long_as_the_limit(void **state)
{
    char text[BOUND_FIELD_MAX + 2];
    struct bound bound = example();
    struct digest digest;

    (void)state;
    memset(text, 'a', sizeof text);
    text[BOUND_FIELD_MAX] = 0;
    bound.redirect_uri = text;
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    text[BOUND_FIELD_MAX] = 'a';
    text[BOUND_FIELD_MAX + 1] = 0;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
}

/*
 * The expected value was made from design 5, F3 with another tool:
 * each field as printf of its big-endian length and bytes, piped into sha256sum.
 */
static void the_encoding_is_the_documented_one(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct bound bound = example();
    struct digest digest;
    const char *hex;

    (void)state;
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    assert_int_equal(hex_append(&text, digest_bytes(&digest), NULL), 0);
    assert_int_equal(buf_text(&text, &hex, NULL), 0);
    assert_string_equal(hex, "470eef5cbb7159d2354c5766550b531f"
                             "5513c8540eb65cd15d096715de05b2dd");
}

static void every_field_counts_and_none_can_lend_to_its_neighbour(void **state)
{
    struct bound variants[8];
    struct digest digests[8];
    static const uint8_t other_nonce[BOUND_NONCE_SIZE] = {1};

    (void)state;
    for (size_t i = 0; i < 8; i++)
        variants[i] = example();
    variants[1].origin = "https://login.openjpki.test:443";
    variants[2].client_id = "bank2";
    variants[3].redirect_uri = NULL;
    variants[4].session = "session-2";
    variants[5].nonce = BYTES_ARRAY(other_nonce);
    variants[6].expires_at++;
    variants[7].client_id = "bankh";
    variants[7].redirect_uri = "ttps://bank.example/cb";
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(bound_digest(&variants[i], &digests[i], NULL), 0);
        for (size_t j = 0; j < i; j++)
            assert_false(bytes_equal(digest_bytes(&digests[i]), digest_bytes(&digests[j])));
    }
}

static const uint8_t issuer[] = {0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9,
                                 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb2, 0xb3};
static const uint8_t serial[] = {1, 2};

static struct bound_revocation revocation(void)
{
    return (struct bound_revocation){.origin = "https://ca.openjpki.test",
                                     .issuer = BYTES_ARRAY(issuer),
                                     .serial = BYTES_ARRAY(serial),
                                     .reason = "keyCompromise",
                                     .at = 1790000000,
                                     .nonce = BYTES_ARRAY(nonce)};
}

static void half_a_revocation_is_refused(void **state)
{
    static const uint8_t long_id[BOUND_ID_MAX + 1] = {1};
    struct bound_revocation bad[10];
    struct digest digest;

    (void)state;
    for (size_t i = 0; i < 10; i++)
        bad[i] = revocation();
    bad[0].origin = "";
    bad[1].issuer.len = 0;
    bad[2].serial.len = 0;
    bad[3].reason = NULL;
    bad[4].reason = "affiliationChanged"; /* the register's, never a holder's */
    bad[5].at = -1;
    bad[6].nonce.len--;
    bad[7].issuer = BYTES_ARRAY(long_id);
    bad[8].serial = BYTES_ARRAY(long_id);
    bad[9].origin = NULL;
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(bound_revocation_digest(&bad[i], &digest, NULL), -ERR_INPUT);
    bad[8].serial.len = BOUND_ID_MAX;
    assert_int_equal(bound_revocation_digest(&bad[8], &digest, NULL), 0);
}

/* The expected value was made with hashlib from the header's description. */
static void the_encoding_of_a_revocation_is_the_documented_one(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct bound_revocation bound = revocation();
    struct digest digest;
    const char *hex;

    (void)state;
    assert_int_equal(bound_revocation_digest(&bound, &digest, NULL), 0);
    assert_int_equal(hex_append(&text, digest_bytes(&digest), NULL), 0);
    assert_int_equal(buf_text(&text, &hex, NULL), 0);
    assert_string_equal(hex, "34a240f525b79958d81c5324983337cd"
                             "3c45c9c8ca0c463f1b8bb609874bbe0f");
}

static void every_field_of_a_revocation_counts(void **state)
{
    static const uint8_t other_nonce[BOUND_NONCE_SIZE] = {1};
    static const uint8_t moved[] = {0xb3, 1, 2};
    struct bound_revocation variants[9];
    struct digest digests[9];

    (void)state;
    for (size_t i = 0; i < 9; i++)
        variants[i] = revocation();
    variants[1].origin = "https://ca.openjpki.test:443";
    variants[2].issuer.len--;
    variants[3].serial.len--;
    variants[4].reason = "unspecified";
    variants[5].reason = "cessationOfOperation";
    variants[6].at++;
    variants[7].nonce = BYTES_ARRAY(other_nonce);
    variants[8].issuer.len--; /* lends its last octet to the serial number */
    variants[8].serial = BYTES_ARRAY(moved);
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(bound_revocation_digest(&variants[i], &digests[i], NULL), 0);
        for (size_t j = 0; j < i; j++)
            assert_false(bytes_equal(digest_bytes(&digests[i]), digest_bytes(&digests[j])));
    }
}

static struct bound_phone phone(void)
{
    return (struct bound_phone){.origin = "https://ca.openjpki.test",
                                .issuer = BYTES_ARRAY(issuer),
                                .serial = BYTES_ARRAY(serial),
                                .sign_request = BYTES_LITERAL("sign"),
                                .auth_request = BYTES_LITERAL("auth"),
                                .at = 1790000000,
                                .nonce = BYTES_ARRAY(nonce)};
}

static void half_a_phone_is_refused(void **state)
{
    struct bound_phone bad[8];
    struct digest digest;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        bad[i] = phone();
    bad[0].origin = "";
    bad[1].issuer.len = 0;
    bad[2].serial.len = 0;
    bad[3].at = -1;
    bad[4].nonce.len--;
    bad[5].origin = NULL;
    bad[6].sign_request.len = 0;
    bad[7].auth_request.len = 0;
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(bound_phone_digest(&bad[i], &digest, NULL), -ERR_INPUT);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(bound_suspension_digest(&bad[i], &digest, NULL),
                         i < 6 ? -ERR_INPUT : 0); /* which has no requests */
}

static void assert_hex(const struct digest *digest, const char *expected)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *hex;

    assert_int_equal(hex_append(&text, digest_bytes(digest), NULL), 0);
    assert_int_equal(buf_text(&text, &hex, NULL), 0);
    assert_string_equal(hex, expected);
}

/* As for a revocation, with hashlib. */
static void the_encodings_about_a_phone_are_the_documented_ones(void **state)
{
    const struct bound_phone bound = phone();
    struct digest digest;

    (void)state;
    assert_int_equal(bound_phone_digest(&bound, &digest, NULL), 0);
    assert_hex(&digest, "101f0065ad456ea5117995f489f7d290"
                        "5a74df16d3f35485ea2c9837e55879a7");
    assert_int_equal(bound_suspension_digest(&bound, &digest, NULL), 0);
    assert_hex(&digest, "b782f9070a61001509ab137c92ba560c"
                        "9a982cd205d1d721141374eafcb5975a");
}

static void every_field_about_a_phone_counts(void **state)
{
    static const uint8_t other_nonce[BOUND_NONCE_SIZE] = {1};
    struct bound_phone variants[8];
    struct digest digests[8];

    (void)state;
    for (size_t i = 0; i < 8; i++)
        variants[i] = phone();
    variants[1].origin = "https://ca.openjpki.test:443";
    variants[2].issuer.len--;
    variants[3].serial.len--;
    variants[4].sign_request = variants[4].auth_request;
    variants[5].auth_request.len--;
    variants[6].at++;
    variants[7].nonce = BYTES_ARRAY(other_nonce);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(bound_phone_digest(&variants[i], &digests[i], NULL), 0);
        for (size_t j = 0; j < i; j++)
            assert_false(bytes_equal(digest_bytes(&digests[i]), digest_bytes(&digests[j])));
    }
}

static struct bound_consent consent(const char *withdrawal)
{
    return (struct bound_consent){.origin = "https://ca.openjpki.test",
                                  .issuer = BYTES_ARRAY(issuer),
                                  .serial = BYTES_ARRAY(serial),
                                  .withdrawal = withdrawal,
                                  .at = 1790000000,
                                  .nonce = BYTES_ARRAY(nonce)};
}

static void half_a_question_about_consents_is_refused(void **state)
{
    struct bound_consent bad[6];
    struct digest digest;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        bad[i] = consent(NULL);
    bad[0].origin = "";
    bad[1].issuer.len = 0;
    bad[2].serial.len = 0;
    bad[3].withdrawal = "";
    bad[4].at = -1;
    bad[5].nonce.len--;
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(bound_consent_digest(&bad[i], &digest, NULL), -ERR_INPUT);
}

/* The expected values were made with hashlib from the header's description. */
static void the_encoding_about_consents_is_the_documented_one(void **state)
{
    static const struct {
        const char *withdrawal, *expected;
    } rows[] = {
        {NULL, "4e84c528e78d8b0d3fc41225c3fbe51d62d7e5328624f43307e280c96dd1e9cd"},
        {"00112233445566778899aabbccddeeff",
         "969d1da5b521a6fe01a98b3bf0dc27fb25de21689bdfa74c3ebb946c43a5b97a"},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        struct bound_consent bound = consent(rows[i].withdrawal);
        struct digest digest;
        const char *hex;

        assert_int_equal(bound_consent_digest(&bound, &digest, NULL), 0);
        assert_int_equal(hex_append(&text, digest_bytes(&digest), NULL), 0);
        assert_int_equal(buf_text(&text, &hex, NULL), 0);
        assert_string_equal(hex, rows[i].expected);
    }
}

static void choices_are_named_behind_the_session(void **state)
{
    static const char *const choices[] = {"a", "b", "c", NULL};
    static const char *const expected[] = {"s.none", "s.a",   "s.b",   "s.a+b",
                                           "s.c",    "s.a+c", "s.b+c", "s.a+b+c"};

    (void)state;
    for (unsigned chosen = 0; chosen < 8; chosen++) {
        CLEANUP(buf_done) struct buf session = BUF_INIT;

        assert_int_equal(bound_choices("s", choices, chosen, &session, NULL), 0);
        assert_string_equal(session.ptr, expected[chosen]);
    }
}

static void a_message_is_known_by_its_label(void **state)
{
    static const uint8_t ours[] = {0, 0, 0, 17, 'O', 'p', 'e', 'n', 'J', 'P', 'K', 'I', ' '};
    uint8_t changed[sizeof ours];

    (void)state;
    assert_true(bound_is_message(BYTES_ARRAY(ours)));
    assert_false(bound_is_message(bytes_of(ours, sizeof ours - 1)));
    assert_false(bound_is_message(bytes_of(ours, 0)));
    for (size_t i = 0; i < sizeof ours; i++) {
        memcpy(changed, ours, sizeof ours);
        changed[i] ^= 1;
        assert_int_equal(bound_is_message(BYTES_ARRAY(changed)), i == 3); /* any label's length */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_a_login_is_refused),
        cmocka_unit_test(fields_may_be_as_long_as_the_limit),
        cmocka_unit_test(the_encoding_is_the_documented_one),
        cmocka_unit_test(every_field_counts_and_none_can_lend_to_its_neighbour),
        cmocka_unit_test(half_a_revocation_is_refused),
        cmocka_unit_test(the_encoding_of_a_revocation_is_the_documented_one),
        cmocka_unit_test(every_field_of_a_revocation_counts),
        cmocka_unit_test(half_a_phone_is_refused),
        cmocka_unit_test(the_encodings_about_a_phone_are_the_documented_ones),
        cmocka_unit_test(every_field_about_a_phone_counts),
        cmocka_unit_test(half_a_question_about_consents_is_refused),
        cmocka_unit_test(the_encoding_about_consents_is_the_documented_one),
        cmocka_unit_test(choices_are_named_behind_the_session),
        cmocka_unit_test(a_message_is_known_by_its_label),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
