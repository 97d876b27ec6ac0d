/* SPDX-License-Identifier: Apache-2.0 */
/* Files, records and objects of any application; certificates are in test_cert.c. */
#include "client/file.h"
#include "client/icc.h"
#include "client/limits.h"
#include "reader/replay.h"

#include "support/recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct session {
    struct reader *reader;
    struct icc *icc;
    struct icc_txn txn;
};

static struct session begin(const char *recording)
{
    struct session session = {NULL, NULL, {NULL}};

    assert_int_equal(replay_open(bytes_text(recording), &session.reader, NULL), 0);
    assert_int_equal(icc_open(session.reader, &session.icc, NULL), 0);
    assert_int_equal(icc_begin_app(session.icc, ICC_APP_TEXT, &session.txn, NULL), 0);
    return session;
}

static void end(struct session *session)
{
    icc_end(&session->txn);
    assert_true(replay_is_finished(session->reader));
    icc_free(session->icc);
}

#define BEGIN REC_OPEN REC_TEXT

static int read_object(const char *recording, struct buf *ret, struct err *err)
{
    struct session session = begin(recording);
    int rc = icc_read_object(session.icc, 0x0001, 0xFF10, ICC_DATA_MAX, ret, err);

    end(&session);
    return rc;
}

static void assert_refused(const char *recording, int rc, const char *reason)
{
    CLEANUP(buf_done) struct buf object = BUF_INIT;
    struct err err = {.text = ""};

    assert_int_equal(read_object(recording, &object, &err), rc);
    assert_non_null(strstr(err.text, reason));
    assert_null(object.ptr);
}

static void what_is_no_such_object_is_refused(void **state)
{
    (void)state;
    assert_refused(BEGIN REC_SELECT("0001") "> 00B0000000\n< 6982\n", -ERR_DENIED, "PIN");
    assert_refused(BEGIN "> 00A4020C020001\n< 6A82\n", -ERR_ABSENT, "no file 0001");
    assert_refused(BEGIN REC_SELECT("0001") "> 00B0000000\n< FFFFFFFF9000\n", -ERR_ABSENT, "empty");
    assert_refused(BEGIN REC_SELECT("0001") "> 00B0000000\n< 00009000\n", -ERR_ABSENT, "empty");
    assert_refused(BEGIN REC_SELECT("0001") "> 00B0000000\n< FF20029000\n", -ERR_REMOTE,
                   "does not begin with");
    assert_refused(BEGIN REC_SELECT("0001") "> 00B0000000\n< FF108000009000\n", -ERR_REMOTE,
                   "does not begin with");
    assert_refused(BEGIN REC_SELECT("0001") "> 00B0000000\n< FF10827FFC009000\n", -ERR_REMOTE,
                   "an object of 32769 bytes; 32768 are allowed");
    assert_refused(BEGIN REC_SELECT("0001") "> 00B0000000\n< FF10827FFB009000\n> 00B0000600\n"
                                            "! removed\n",
                   -ERR_ABSENT, "removed");
}

/* The last byte that READ BINARY with its 15 bits of offset can reach. */
static void an_object_at_the_limit_is_read(void **state)
{
    CLEANUP(buf_done) struct buf recording = BUF_INIT;
    CLEANUP(buf_done) struct buf object = BUF_INIT;
    const char *text;

    (void)state;
    assert_int_equal(buf_append_text(&recording, BEGIN REC_SELECT("0001"), NULL), 0);
    for (size_t at = 0; at < ICC_DATA_MAX; at += 256) {
        assert_int_equal(buf_append_format(&recording, NULL, "> 00B0%04zX00\n< %s", at,
                                           at == 0 ? "FF10827FFB" : "1122334455"),
                         0);
        for (int i = 5; i < 256; i++)
            assert_int_equal(buf_append_format(&recording, NULL, "%02X", i), 0);
        assert_int_equal(buf_append_text(&recording, "9000\n", NULL), 0);
    }
    assert_int_equal(buf_text(&recording, &text, NULL), 0);
    assert_int_equal(read_object(text, &object, NULL), 0);
    assert_int_equal(object.len, ICC_DATA_MAX);
    assert_int_equal(object.ptr[ICC_DATA_MAX - 1], 255);
}

static void filler_behind_an_object_is_left(void **state)
{
    CLEANUP(buf_done) struct buf object = BUF_INIT;

    (void)state;
    assert_int_equal(read_object(BEGIN REC_SELECT("0001") "> 00B0000000\n< FF10820003 313233 "
                                                          "FFFF9000\n",
                                 &object, NULL),
                     0);
    assert_true(bytes_equal(buf_bytes(&object), BYTES_LITERAL("\xFF\x10\x82\x00\x03"
                                                              "123")));
}

static void records_are_read_and_missing_ones_told(void **state)
{
    struct session session = begin(BEGIN "> 00B2010C00\n< 6A83\n> 00B2010C00\n< 6982\n"
                                         "> 00B2010C00\n< 0102AABB9000\n");
    CLEANUP(buf_done) struct buf record = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(icc_read_record(session.icc, 1, 1, &record, &err), -ERR_ABSENT);
    assert_true(icc_is_missing(&err));
    assert_int_equal(icc_read_record(session.icc, 1, 1, &record, NULL), -ERR_DENIED);
    assert_null(record.ptr);
    assert_int_equal(icc_read_record(session.icc, 1, 1, &record, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&record), BYTES_LITERAL("\x01\x02\xAA\xBB")));
    end(&session);
}

static void an_object_of_the_card_may_need_a_long_le(void **state)
{
    struct session session = begin(
        BEGIN "> 00CA004200\n< 6A88\n> 00CA004200\n< 6F00\n> 00CA004200\n< 6700\n"
              "> 00CA0042000000\n< 41429000\n");
    CLEANUP(buf_done) struct buf object = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(icc_get_data(session.icc, 0x0042, &object, &err), -ERR_ABSENT);
    assert_true(icc_is_missing(&err));
    assert_int_equal(icc_get_data(session.icc, 0x0042, &object, NULL), -ERR_REMOTE);
    assert_int_equal(icc_get_data(session.icc, 0x0042, &object, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&object), BYTES_LITERAL("AB")));
    end(&session);
}

static void an_object_of_the_card_has_a_limit(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        CLEANUP(buf_done) struct buf recording = BUF_INIT;
        CLEANUP(buf_done) struct buf object = BUF_INIT;
        struct session session;
        const char *text;

        assert_int_equal(
            buf_append_text(&recording, BEGIN "> 00CA00F800\n< 6700\n> 00CA00F8000000\n< ", NULL),
            0);
        for (size_t i = 0; i < ICC_GET_DATA_MAX + extra; i++)
            assert_int_equal(buf_append_text(&recording, "AA", NULL), 0);
        assert_int_equal(buf_append_text(&recording, "9000\n", NULL), 0);
        assert_int_equal(buf_text(&recording, &text, NULL), 0);
        session = begin(text);
        assert_int_equal(icc_get_data(session.icc, 0x00F8, &object, NULL),
                         extra == 0 ? 0 : -ERR_REMOTE);
        end(&session);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_such_object_is_refused),
        cmocka_unit_test(an_object_at_the_limit_is_read),
        cmocka_unit_test(filler_behind_an_object_is_left),
        cmocka_unit_test(records_are_read_and_missing_ones_told),
        cmocka_unit_test(an_object_of_the_card_may_need_a_long_le),
        cmocka_unit_test(an_object_of_the_card_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
