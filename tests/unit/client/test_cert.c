/* SPDX-License-Identifier: Apache-2.0 */
#include "client/cert.h"
#include "client/icc.h"
#include "reader/replay.h"

#include "support/recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BEGIN REC_OPEN REC_JPKI

static int read_cert(const char *recording, enum icc_cert which, struct buf *ret, struct err *err)
{
    struct reader *reader = NULL;
    struct icc *icc = NULL;
    int rc;

    assert_int_equal(replay_open(bytes_text(recording), &reader, NULL), 0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    rc = icc_read_cert(icc, which, ret, err);
    assert_true(replay_is_finished(reader));
    icc_free(icc);
    return rc;
}

static void assert_refused(const char *recording, int rc, const char *reason)
{
    CLEANUP(buf_done) struct buf cert = BUF_INIT;
    struct err err;

    assert_int_equal(read_cert(recording, ICC_CERT_AUTH, &cert, &err), rc);
    assert_non_null(strstr(err.text, "the auth certificate"));
    assert_non_null(strstr(err.text, reason));
    assert_null(cert.ptr);
}

static void a_certificate_behind_a_pin_says_so(void **state)
{
    (void)state;
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 6982\n", -ERR_DENIED, "PIN");
}

static void a_card_without_one_says_so(void **state)
{
    (void)state;
    assert_refused(BEGIN "> 00A4020C02000A\n< 6A82\n", -ERR_ABSENT, "no file 000A");
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 6B00\n", -ERR_ABSENT, "is empty");
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 000000009000\n", -ERR_ABSENT,
                   "is empty");
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< FFFFFFFF9000\n", -ERR_ABSENT,
                   "is empty");
}

static void what_is_no_certificate_is_refused(void **state)
{
    (void)state;
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 0401009000\n", -ERR_REMOTE,
                   "does not begin with what it should hold");
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 3080000000009000\n", -ERR_REMOTE,
                   "does not begin with what it should hold");
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 309000\n", -ERR_REMOTE,
                   "does not begin with what it should hold");
}

static void empty_answers_for_ever_end_at_the_first(void **state)
{
    (void)state;
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 9000\n", -ERR_REMOTE, "garbage");
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 30049000\n> 00B0000204\n< 9000\n",
                   -ERR_REMOTE, "garbage");
}

static void more_bytes_than_asked_for_are_garbage(void **state)
{
    (void)state;
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 30029000\n"
                                            "> 00B0000202\n< 0102039000\n",
                   -ERR_REMOTE, "3 bytes where 1 to 2 were due");
}

static void a_file_that_ends_too_early_is_cut_off(void **state)
{
    (void)state;
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 3004009000\n> 00B0000303\n< 6B00\n",
                   -ERR_REMOTE, "cut off after 3 bytes");
}

static void a_card_removed_between_two_reads_is_told_so(void **state)
{
    (void)state;
    assert_refused(BEGIN REC_SELECT("000A") "> 00B0000000\n< 3004009000\n> 00B0000303\n! removed\n",
                   -ERR_ABSENT, "the card was removed");
}

/* A recording of a certificate with the given length field, answered in blocks of 256 bytes. */
static void record_cert(size_t value_len, struct buf *ret)
{
    size_t total = value_len + 4;

    assert_int_equal(buf_append_text(ret, BEGIN REC_SELECT("000A"), NULL), 0);
    for (size_t at = 0; at < total; at += 256) {
        size_t want = total - at < 256 && at > 0 ? total - at : 256;

        assert_int_equal(buf_append_format(ret, NULL, "> 00B0%04zX%02zX\n< ", at, want & 0xff), 0);
        if (at == 0)
            assert_int_equal(buf_append_format(ret, NULL, "3082%04zX", value_len), 0);
        for (size_t i = at == 0 ? 4 : at; i < total && i < at + 256; i++)
            assert_int_equal(buf_append_format(ret, NULL, "%02zX", i & 0xff), 0);
        assert_int_equal(buf_append_text(ret, "9000\n", NULL), 0);
        if (total > ICC_OBJECT_MAX)
            return;
    }
}

static void a_certificate_past_the_limit_is_refused_and_one_at_it_read(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        CLEANUP(buf_done) struct buf recording = BUF_INIT;
        CLEANUP(buf_done) struct buf cert = BUF_INIT;
        const char *text;

        record_cert(ICC_OBJECT_MAX - 4 + extra, &recording);
        assert_int_equal(buf_text(&recording, &text, NULL), 0);
        if (extra > 0) {
            assert_refused(text, -ERR_REMOTE, "8193 bytes; 8192 are allowed");
            continue;
        }
        assert_int_equal(read_cert(text, ICC_CERT_AUTH, &cert, NULL), 0);
        assert_int_equal(cert.len, ICC_OBJECT_MAX);
        for (size_t i = 4; i < cert.len; i++)
            assert_int_equal(cert.ptr[i], i & 0xff);
    }
}

/* card.md 3: lengths are not always minimal, and filler follows the object. */
static void long_lengths_are_accepted_and_filler_is_left(void **state)
{
    CLEANUP(buf_done) struct buf cert = BUF_INIT;

    (void)state;
    assert_int_equal(
        read_cert(BEGIN REC_SELECT("0001") "> 00B0000000\n< 30820002 AABB 00000000 9000\n",
                  ICC_CERT_SIGN, &cert, NULL),
        0);
    assert_true(bytes_equal(buf_bytes(&cert), BYTES_LITERAL("\x30\x82\x00\x02\xaa\xbb")));
}

static void answers_may_be_as_short_as_the_card_likes(void **state)
{
    CLEANUP(buf_done) struct buf cert = BUF_INIT;

    (void)state;
    assert_int_equal(read_cert(BEGIN REC_SELECT("000B") "> 00B0000000\n< 30039000\n"
                                                        "> 00B0000203\n< AA9000\n"
                                                        "> 00B0000302\n< BBCC9000\n",
                               ICC_CERT_AUTH_CA, &cert, NULL),
                     0);
    assert_int_equal(cert.len, 5);
}

static void presence_is_read_from_its_file(void **state)
{
    static const struct {
        const char *answer;
        int rc;
        bool is_told, sign, auth;
    } rows[] = {
        {"8F8F009000", 0, true, true, true},        {"008F009000", 0, true, false, true},
        {"FF8F009000", 0, true, false, true},       {"8F9000", -ERR_REMOTE, false, false, false},
        {"6982", -ERR_DENIED, false, false, false}, {"6B00", 0, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct icc_presence presence = {false, false, false};
        struct reader *reader = NULL;
        struct icc *icc = NULL;
        char text[512];

        (void)snprintf(text, sizeof text, BEGIN REC_SELECT("0008") "> 00B0000003\n< %s\n",
                       rows[i].answer);
        assert_int_equal(replay_open(bytes_text(text), &reader, NULL), 0);
        assert_int_equal(icc_open(reader, &icc, NULL), 0);
        assert_int_equal(icc_read_presence(icc, &presence, NULL), rows[i].rc);
        assert_int_equal(presence.is_told, rows[i].is_told);
        assert_int_equal(presence.sign, rows[i].sign);
        assert_int_equal(presence.auth, rows[i].auth);
        icc_free(icc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_behind_a_pin_says_so),
        cmocka_unit_test(a_card_without_one_says_so),
        cmocka_unit_test(what_is_no_certificate_is_refused),
        cmocka_unit_test(empty_answers_for_ever_end_at_the_first),
        cmocka_unit_test(more_bytes_than_asked_for_are_garbage),
        cmocka_unit_test(a_file_that_ends_too_early_is_cut_off),
        cmocka_unit_test(a_card_removed_between_two_reads_is_told_so),
        cmocka_unit_test(a_certificate_past_the_limit_is_refused_and_one_at_it_read),
        cmocka_unit_test(long_lengths_are_accepted_and_filler_is_left),
        cmocka_unit_test(answers_may_be_as_short_as_the_card_likes),
        cmocka_unit_test(presence_is_read_from_its_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
