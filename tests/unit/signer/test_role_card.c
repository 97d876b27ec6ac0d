/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_card.h"

#include "crypto/pubkey.h"
#include "iso7816/tlv.h"
#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ROOT_ID  "39303030303333080530303100000000" /* 9000033/001 */
#define TEXT_ID  "39303030303334080530303100000000" /* 9000034/001 */
#define OTHER_ID "39303030303334080530303200000000" /* 9000034/002 */

enum { BODY_SIZE = 297, MODULUS_AT = 9 };

static struct test_pki pki;
static struct card_rules root;
static struct card_rules text;
static struct card_rules visual;

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    root.subject_count = 1;
    text.applet = CARD_APPLET_TEXT;
    visual.applet = CARD_APPLET_VISUAL;
    return cv_key_id_parse(ROOT_ID, root.key_id, NULL) |
           cv_key_id_parse(TEXT_ID, root.subjects[0], NULL) |
           cv_key_id_parse(TEXT_ID, text.key_id, NULL);
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

/* The key that signs; a card's or a subject's is another's. */
static struct bytes own(void)
{
    return test_pki_spki(&pki, PROFILE_SIGN_CA);
}

static struct buf body_of(enum profile_kind kind)
{
    struct buf body = BUF_INIT;

    assert_int_equal(role_card_body(&root, &text, test_pki_spki(&pki, kind), &body, NULL), 0);
    assert_int_equal(body.len, BODY_SIZE);
    return body;
}

/* As it stands on cards: what the body carries behind its two ids. */
static struct buf key_of(enum profile_kind kind)
{
    CLEANUP(buf_done) struct buf body = body_of(kind);
    struct buf key = BUF_INIT;

    assert_int_equal(
        buf_copy(bytes_part(buf_bytes(&body), 2 * CV_KEY_ID_SIZE, body.len), &key, NULL), 0);
    return key;
}

static void assert_certificate(struct bytes body, int rc, const char *sentence)
{
    uint32_t number = 0;
    struct err err = {.kind = ERR_NONE};

    assert_int_equal(role_card_check_certificate(&root, own(), body, &number, &err), rc);
    assert_string_equal(err.text, sentence);
    assert_int_equal(number, rc == 0 ? 34002 : 0);
}

static void ids_that_are_not_ours_are_refused(void **state)
{
    static const char *const bad[] = {
        "35303030303333080530303100000000", /* the real range */
        "36303030303333080530303100000000", /* the official test range */
        "39303030613333080530303100000000",
        "39303030303333080630303100000000",
        "39303030303333080530306100000000",
        "39303030303333080530303100000001",
        "3930303030333308053030310000000",
        "393030303033330805303031000000",
        "3930303030333308053030310000000000",
        "",
        "9000033001",
    };
    uint8_t id[CV_KEY_ID_SIZE] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(cv_key_id_parse(bad[i], id, NULL), -ERR_INPUT);
    assert_int_equal(id[0], 0);
    assert_int_equal(cv_key_id_parse(ROOT_ID, id, NULL), 0);
    assert_memory_equal(id,
                        "9000033\x08\x05"
                        "001\0\0\0",
                        CV_KEY_ID_SIZE);
}

static void a_body_of_another_size_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf body = body_of(PROFILE_SIGN);
    static const char sentence[] = "the body of a CV certificate has 297 bytes";

    (void)state;
    assert_certificate(bytes_of(NULL, 0), -ERR_INPUT, sentence);
    assert_certificate(bytes_part(buf_bytes(&body), 0, BODY_SIZE - 1), -ERR_INPUT, sentence);
    assert_int_equal(buf_append_byte(&body, 0, NULL), 0);
    assert_certificate(buf_bytes(&body), -ERR_INPUT, sentence);
}

static void a_root_speaks_for_itself_and_about_its_subjects_alone(void **state)
{
    CLEANUP(buf_done) struct buf body = body_of(PROFILE_SIGN);
    uint8_t id[CV_KEY_ID_SIZE];

    (void)state;
    assert_certificate(buf_bytes(&body), 0, "");
    assert_int_equal(cv_key_id_parse(OTHER_ID, id, NULL), 0);
    memcpy(body.ptr + CV_KEY_ID_SIZE, id, sizeof id);
    assert_certificate(buf_bytes(&body), -ERR_UNTRUSTED,
                       "the subject of the CV certificate is not in subjects");
    memcpy(body.ptr, id, sizeof id);
    assert_certificate(buf_bytes(&body), -ERR_UNTRUSTED,
                       "the issuer of the CV certificate is not this key");
    memcpy(body.ptr, "5000033", 7);
    assert_certificate(buf_bytes(&body), -ERR_UNTRUSTED,
                       "the issuer of the CV certificate is not this key");
}

static void a_key_that_cards_cannot_have_gets_no_certificate(void **state)
{
    static const char sentence[] = "the key in the CV certificate is not another's RSA of 2048 "
                                   "bits with e = 65537";
    static const struct {
        size_t at; /* in the key */
        uint8_t flip;
    } rows[] = {{0, 1}, {1, 1}, {4, 2}, {5, 1}, {7, 1}, {MODULUS_AT, 0x80}, {264, 1}};
    CLEANUP(buf_done) struct buf itself = body_of(PROFILE_SIGN_CA);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf body = body_of(PROFILE_SIGN);

        body.ptr[2 * CV_KEY_ID_SIZE + rows[i].at] ^= rows[i].flip;
        assert_certificate(buf_bytes(&body), -ERR_UNTRUSTED, sentence);
    }
    assert_certificate(buf_bytes(&itself), -ERR_UNTRUSTED, sentence);
}

/* A picture of that size, whatever is on it. */
static void put_picture(struct buf *ret, size_t size)
{
    static const char head[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0H\0\0\0\x0c\x01\0";
    static const char tail[] = "\0\0\0\0IEND\xae\x42\x60\x82";

    assert_int_equal(buf_append(ret, BYTES_LITERAL(head), NULL), 0);
    while (ret->len < size - (sizeof tail - 1))
        assert_int_equal(buf_append_byte(ret, 'x', NULL), 0);
    assert_int_equal(buf_append(ret, BYTES_LITERAL(tail), NULL), 0);
}

static void put(struct buf *out, uint32_t tag, struct bytes value)
{
    assert_int_equal(tlv_append(out, tag, value, NULL), 0);
}

static struct buf structure_of(enum signer_kind kind)
{
    CLEANUP(buf_done) struct buf key = key_of(PROFILE_SIGN);
    CLEANUP(buf_done) struct buf picture = BUF_INIT;
    struct buf out = BUF_INIT;

    if (kind == SIGNER_CARD_DIGESTS) {
        put(&out, 0xdf31, BYTES_LITERAL("0123456789abcdef0123456789abcdef"));
        put(&out, 0xdf32, BYTES_LITERAL("fedcba9876543210fedcba9876543210"));
    } else if (kind == SIGNER_CARD_KEY) {
        put(&out, 0xdf51, buf_bytes(&key));
    } else if (kind == SIGNER_CARD_AGE) {
        put(&out, 0xdf11, BYTES_LITERAL("20000229"));
        put(&out, 0xdf12, buf_bytes(&key));
    } else if (kind == SIGNER_CARD_FACE) {
        while (out.len < 96)
            assert_int_equal(buf_append_byte(&out, (uint8_t)out.len, NULL), 0);
    } else {
        put_picture(&picture, 100);
        put(&out, 0xdf41, buf_bytes(&picture));
        put(&out, 0xdf42, buf_bytes(&key));
    }
    return out;
}

static const struct {
    enum signer_kind kind;
    const struct card_rules *rules;
    size_t size;
} kinds[] = {
    {SIGNER_CARD_DIGESTS, &text, 70},   {SIGNER_CARD_KEY, &text, 270},
    {SIGNER_CARD_AGE, &visual, 281},    {SIGNER_CARD_FACE, &visual, 96},
    {SIGNER_CARD_NUMBER, &visual, 373},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static int check(const struct card_rules *rules, enum signer_kind kind, struct bytes tbs,
                 struct err *err)
{
    return role_card_check(rules, own(), kind, tbs, err);
}

static void each_applet_signs_its_own_structures_and_no_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        const struct card_rules *other = kinds[i].rules == &text ? &visual : &text;
        CLEANUP(buf_done) struct buf tbs = structure_of(kinds[i].kind);

        assert_int_equal(tbs.len, kinds[i].size);
        assert_int_equal(check(kinds[i].rules, kinds[i].kind, buf_bytes(&tbs), NULL), 0);
        assert_int_equal(check(other, kinds[i].kind, buf_bytes(&tbs), NULL), -ERR_UNTRUSTED);
        assert_int_equal(check(&root, kinds[i].kind, buf_bytes(&tbs), NULL), -ERR_UNTRUSTED);
        for (size_t j = 0; j < KINDS; j++)
            if (j != i)
                assert_true(check(kinds[j].rules, kinds[j].kind, buf_bytes(&tbs), NULL) < 0);
    }
    assert_int_equal(check(&text, SIGNER_CERTIFICATE, BYTES_LITERAL("x"), NULL), -ERR_UNTRUSTED);
    assert_null(role_card_name(SIGNER_CV_CERTIFICATE));
    assert_string_equal(role_card_name(SIGNER_CARD_AGE), "card-age");
}

/* Cut anywhere or continued by a byte, nothing is taken. */
static void what_is_not_whole_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        CLEANUP(buf_done) struct buf tbs = structure_of(kinds[i].kind);

        for (size_t len = 0; len < tbs.len; len++)
            assert_int_equal(
                check(kinds[i].rules, kinds[i].kind, bytes_part(buf_bytes(&tbs), 0, len), NULL),
                -ERR_INPUT);
        assert_int_equal(buf_append_byte(&tbs, 0, NULL), 0);
        assert_int_equal(check(kinds[i].rules, kinds[i].kind, buf_bytes(&tbs), NULL), -ERR_INPUT);
    }
}

static void a_length_that_could_be_shorter_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(buf_append(&tbs, BYTES_LITERAL("\xdf\x31\x81\x20"), NULL), 0);
    assert_int_equal(buf_append(&tbs, BYTES_LITERAL("0123456789abcdef0123456789abcdef"), NULL), 0);
    put(&tbs, 0xdf32, BYTES_LITERAL("fedcba9876543210fedcba9876543210"));
    assert_int_equal(check(&text, SIGNER_CARD_DIGESTS, buf_bytes(&tbs), &err), -ERR_INPUT);
    assert_string_equal(err.text, "the length of element DF31 is not in its shortest form");
}

static void elements_in_another_order_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct err err;

    (void)state;
    put(&tbs, 0xdf32, BYTES_LITERAL("fedcba9876543210fedcba9876543210"));
    put(&tbs, 0xdf31, BYTES_LITERAL("0123456789abcdef0123456789abcdef"));
    assert_int_equal(check(&text, SIGNER_CARD_DIGESTS, buf_bytes(&tbs), &err), -ERR_INPUT);
    assert_string_equal(err.text, "element DF31 is missing");
}

static void values_that_are_not_what_they_should_be_are_refused(void **state)
{
    static const char no_key[] = "the card's key is not RSA of 2048 bits with e = 65537";
    static const struct {
        enum signer_kind kind;
        size_t at; /* in the structure */
        uint8_t flip;
        const char *sentence;
    } rows[] = {
        {SIGNER_CARD_KEY, 5 + 4, 2, no_key},
        {SIGNER_CARD_KEY, 5 + MODULUS_AT, 0x80, no_key},
        {SIGNER_CARD_AGE, 16 + 264, 1, no_key},
        {SIGNER_CARD_AGE, 3 + 3, 1, "a birth date is none"}, /* 20010229 */
        {SIGNER_CARD_AGE, 3, 0x40, "a birth date is none"},
        {SIGNER_CARD_NUMBER, 3, 1, "the picture of the number is not a PNG of 72 by 12 points"},
        {SIGNER_CARD_NUMBER, 3 + 19, 1,
         "the picture of the number is not a PNG of 72 by 12 points"},
        {SIGNER_CARD_NUMBER, 3 + 24, 9,
         "the picture of the number is not a PNG of 72 by 12 points"},
        {SIGNER_CARD_NUMBER, 3 + 99, 1,
         "the picture of the number is not a PNG of 72 by 12 points"},
        {SIGNER_CARD_NUMBER, 108 + 264, 1, no_key},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf tbs = structure_of(rows[i].kind);
        const struct card_rules *rules = rows[i].kind == SIGNER_CARD_KEY ? &text : &visual;
        struct err err = {.kind = ERR_NONE};

        tbs.ptr[rows[i].at] ^= rows[i].flip;
        assert_int_equal(check(rules, rows[i].kind, buf_bytes(&tbs), &err), -ERR_UNTRUSTED);
        assert_string_equal(err.text, rows[i].sentence);
    }
}

static void the_signing_key_itself_is_on_no_card(void **state)
{
    CLEANUP(buf_done) struct buf key = key_of(PROFILE_SIGN_CA);
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    (void)state;
    put(&tbs, 0xdf51, buf_bytes(&key));
    assert_int_equal(check(&text, SIGNER_CARD_KEY, buf_bytes(&tbs), NULL), -ERR_UNTRUSTED);
}

static int check_picture(size_t size)
{
    CLEANUP(buf_done) struct buf key = key_of(PROFILE_SIGN);
    CLEANUP(buf_done) struct buf picture = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    put_picture(&picture, size);
    put(&tbs, 0xdf41, buf_bytes(&picture));
    put(&tbs, 0xdf42, buf_bytes(&key));
    return check(&visual, SIGNER_CARD_NUMBER, buf_bytes(&tbs), NULL);
}

static void a_picture_past_the_limit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(check_picture(SIGNERD_PICTURE_MAX), 0);
    assert_int_equal(check_picture(SIGNERD_PICTURE_MAX + 1), -ERR_UNTRUSTED);
}

static void a_face_is_signed_in_one_digest_info(void **state)
{
    CLEANUP(buf_done) struct buf hashes = structure_of(SIGNER_CARD_FACE);
    CLEANUP(buf_done) struct buf info = BUF_INIT;

    (void)state;
    assert_int_equal(role_card_face_info(buf_bytes(&hashes), &info, NULL), 0);
    assert_int_equal(info.len, 115);
    assert_memory_equal(info.ptr,
                        "\x30\x71\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
                        "\x04\x60",
                        19);
    assert_memory_equal(info.ptr + 19, hashes.ptr, 96);
}

static void a_certificate_has_its_size_on_the_card(void **state)
{
    static const uint8_t signature[256];
    CLEANUP(buf_done) struct buf body = body_of(PROFILE_SIGN);
    CLEANUP(buf_done) struct buf whole = BUF_INIT;

    (void)state;
    assert_int_equal(role_card_assemble(buf_bytes(&body), BYTES_ARRAY(signature), &whole, NULL), 0);
    assert_int_equal(whole.len, 568);
    assert_memory_equal(whole.ptr, "\x7f\x21\x82\x02\x33\x5f\x4e\x82\x01\x29", 10);
    assert_memory_equal(whole.ptr + 10, body.ptr, BODY_SIZE);
    assert_memory_equal(whole.ptr + 10 + BODY_SIZE, "\x5f\x37\x82\x01\x00", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_that_are_not_ours_are_refused),
        cmocka_unit_test(a_body_of_another_size_is_refused),
        cmocka_unit_test(a_root_speaks_for_itself_and_about_its_subjects_alone),
        cmocka_unit_test(a_key_that_cards_cannot_have_gets_no_certificate),
        cmocka_unit_test(each_applet_signs_its_own_structures_and_no_others),
        cmocka_unit_test(what_is_not_whole_is_refused),
        cmocka_unit_test(a_length_that_could_be_shorter_is_refused),
        cmocka_unit_test(elements_in_another_order_are_refused),
        cmocka_unit_test(values_that_are_not_what_they_should_be_are_refused),
        cmocka_unit_test(the_signing_key_itself_is_on_no_card),
        cmocka_unit_test(a_picture_past_the_limit_is_refused),
        cmocka_unit_test(a_face_is_signed_in_one_digest_info),
        cmocka_unit_test(a_certificate_has_its_size_on_the_card),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
