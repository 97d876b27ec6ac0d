/* SPDX-License-Identifier: Apache-2.0 */
#include "client/icc.h"
#include "client/sign.h"
#include "reader/replay.h"

#include "support/recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* DigestInfo of SHA-256 of the empty text. */
#define SIGN                                                                                       \
    "> 802A0080 33 3031300D060960864801650304020105000420"                                         \
    "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855 00\n< "

static int sign(const char *start, size_t len, const char *end, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct reader *reader = NULL;
    struct icc *icc = NULL;
    struct icc_txn txn = {NULL};
    struct digest digest;
    int rc;

    assert_int_equal(buf_append_text(&text, start, NULL), 0);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(buf_append_format(&text, NULL, "%02zX", i & 0xff), 0);
    assert_int_equal(buf_append_text(&text, end, NULL), 0);
    assert_int_equal(replay_open(buf_bytes(&text), &reader, NULL), 0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(""), &digest, NULL), 0);
    assert_int_equal(icc_begin(icc, &txn, NULL), 0);
    rc = icc_sign(icc, ICC_KEY_SIGN, &digest, ret, err);
    icc_end(&txn);
    assert_true(replay_is_finished(reader));
    icc_free(icc);
    return rc;
}

#define BEGIN REC_OPEN REC_JPKI

static void without_a_pin_nothing_is_signed(void **state)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(sign(BEGIN REC_SELECT("001A") SIGN, 0, "6982\n", &signature, &err),
                     -ERR_DENIED);
    assert_null(signature.ptr);
}

static void a_card_without_the_key_says_so(void **state)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    (void)state;
    assert_int_equal(sign(BEGIN "> 00A4020C02001A\n< ", 0, "6A82\n", &signature, NULL),
                     -ERR_ABSENT);
}

static void odd_answers_are_no_signatures(void **state)
{
    static const char *const odd[] = {"6985\n", "6700\n", "9000\n", "6100\n", "90\n"};
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(sign(BEGIN REC_SELECT("001A") SIGN, 0, odd[i], &signature, NULL),
                         -ERR_REMOTE);
    assert_null(signature.ptr);
}

static void a_signature_has_a_plausible_length(void **state)
{
    static const struct {
        size_t len;
        int rc;
    } rows[] = {
        {ICC_SIGNATURE_MIN - 1, -ERR_REMOTE},
        {ICC_SIGNATURE_MIN, 0},
        {ICC_SIGNATURE_MAX, 0},
        {ICC_SIGNATURE_MAX + 1, -ERR_REMOTE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf signature = BUF_INIT;

        assert_int_equal(
            sign(BEGIN REC_SELECT("001A") SIGN, rows[i].len, "9000\n", &signature, NULL),
            rows[i].rc);
        assert_int_equal(signature.len, rows[i].rc == 0 ? rows[i].len : 0);
    }
}

static void a_card_removed_while_signing_is_told_so(void **state)
{
    static const char cut[] = BEGIN REC_SELECT("001A") SIGN;
    CLEANUP(buf_done) struct buf start = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const char *text;

    (void)state;
    assert_int_equal(buf_append(&start, bytes_of(cut, sizeof cut - 3), NULL), 0);
    assert_int_equal(buf_text(&start, &text, NULL), 0);
    assert_int_equal(sign(text, 0, REC_REMOVED, &signature, NULL), -ERR_ABSENT);
}

/* The SHA-384 digest of the empty text as it is. */
#define SIGN_P384                                                                                  \
    "> 802A0080 30 38B060A751AC96384CD9327EB1B1E36A21FDB71114BE07434C0CC7BF63F6E1DA274EDEBFE76F65" \
    "FBD51AD2F14898B95B 00\n< 30060201010201019000\n"

static void a_p384_key_gets_sha_384_digests_and_nothing_else(void **state)
{
    static const char script[] = BEGIN REC_SELECT("001A") SIGN_P384;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct reader *reader = NULL;
    struct icc_txn txn = {NULL};
    struct digest digest;

    (void)state;
    assert_int_equal(replay_open(bytes_text(script), &reader, NULL), 0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    assert_int_equal(icc_begin(icc, &txn, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(""), &digest, NULL), 0);
    assert_int_equal(icc_sign_kind(icc, ICC_KEY_SIGN, KEY_P384, &digest, &signature, NULL),
                     -ERR_USAGE);
    digest.alg = DIGEST_SHA384; /* and still 32 bytes */
    assert_int_equal(icc_sign_kind(icc, ICC_KEY_SIGN, KEY_P384, &digest, &signature, NULL),
                     -ERR_USAGE);
    assert_false(replay_is_finished(reader));
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text(""), &digest, NULL), 0);
    /* What it was sent is the digest; eight bytes back are no signature. */
    assert_int_equal(icc_sign_kind(icc, ICC_KEY_SIGN, KEY_P384, &digest, &signature, NULL),
                     -ERR_REMOTE);
    icc_end(&txn);
    assert_true(replay_is_finished(reader));
    assert_null(signature.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_p384_key_gets_sha_384_digests_and_nothing_else),
        cmocka_unit_test(without_a_pin_nothing_is_signed),
        cmocka_unit_test(a_card_without_the_key_says_so),
        cmocka_unit_test(odd_answers_are_no_signatures),
        cmocka_unit_test(a_card_removed_while_signing_is_told_so),
        cmocka_unit_test(a_signature_has_a_plausible_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
