/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "iso7816/limits.h"
#include "reader/backend.h"
#include "reader/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct reader *open_recording(const char *text)
{
    struct reader *reader = NULL;

    assert_int_equal(replay_open(bytes_text(text), &reader, NULL), 0);
    return reader;
}

static int send_hex(struct reader *reader, const char *command, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;

    assert_int_equal(hex_decode(command, &bytes, NULL), 0);
    return reader_transmit(reader, buf_bytes(&bytes), ret, err);
}

static void what_is_no_recording_is_refused_with_its_line(void **state)
{
    static const char *const wrong[] = {"> 00A\n", "> 0\n",        "> 0*\n",
                                        "00A4\n",  "! exploded\n", "> zz\n"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[64];
        struct reader *reader = NULL;
        struct err err;

        (void)snprintf(text, sizeof text, "# comment\n%s", wrong[i]);
        assert_int_equal(replay_open(bytes_text(text), &reader, &err), -ERR_INPUT);
        assert_non_null(strstr(err.text, "line 2"));
        assert_null(reader);
    }
}

static void the_first_differing_command_is_told_without_its_data(void **state)
{
    struct reader *reader = open_recording("> 00A4020C 02 0018\n< 9000\n> 00200080\n< 63C3\n");
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(send_hex(reader, "00A4020C020018", &answer, NULL), 0);
    assert_int_equal(send_hex(reader, "002000800431323334", &answer, &err), -ERR_USAGE);
    assert_non_null(strstr(err.text, "command 2 differs"));
    assert_non_null(strstr(err.text, "sent 00200080 (9 bytes), recorded 00200080"));
    assert_null(strstr(err.text, "3132"));
    assert_false(replay_is_finished(reader));
    reader_disconnect(reader, READER_LEAVE);
}

static void a_command_past_the_end_is_refused(void **state)
{
    struct reader *reader = open_recording("> 00200080\n");
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(send_hex(reader, "00200080", &answer, &err), -ERR_USAGE);
    assert_non_null(strstr(err.text, "no recorded answer"));
    assert_int_equal(send_hex(reader, "00200080", &answer, &err), -ERR_USAGE);
    assert_non_null(strstr(err.text, "not in the recording"));
    reader_disconnect(reader, READER_LEAVE);
}

static void answers_that_are_no_responses_are_the_card_s_fault(void **state)
{
    struct reader *reader = open_recording(
        "> 00200080\n< 90\n> 00200080\n<\n> 00200080\n! removed\n");
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(send_hex(reader, "00200080", &answer, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "garbage"));
    assert_int_equal(send_hex(reader, "00200080", &answer, &err), -ERR_REMOTE);
    assert_int_equal(send_hex(reader, "00200080", &answer, &err), -ERR_ABSENT);
    assert_string_equal(err.text, "the card was removed");
    assert_null(answer.ptr);
    assert_true(replay_is_finished(reader));
    reader_disconnect(reader, READER_LEAVE);
}

static void a_response_may_be_as_long_as_responses_get_and_no_longer(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        CLEANUP(buf_done) struct buf answer = BUF_INIT;
        struct reader *reader = NULL;

        assert_int_equal(buf_append_text(&text, "> 00B0000000\n< ", NULL), 0);
        for (size_t i = 0; i < APDU_RESPONSE_MAX + extra; i++)
            assert_int_equal(buf_append_text(&text, "90", NULL), 0);
        assert_int_equal(replay_open(buf_bytes(&text), &reader, NULL), 0);
        assert_int_equal(send_hex(reader, "00B0000000", &answer, NULL),
                         extra == 0 ? 0 : -ERR_REMOTE);
        reader_disconnect(reader, READER_LEAVE);
    }
}

static void a_recording_past_the_limit_is_refused_and_one_at_it_read(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct reader *reader = NULL;

    (void)state;
    assert_int_equal(buf_reserve(&text, REPLAY_FILE_MAX + 1, NULL), 0);
    memset(text.ptr, '\n', REPLAY_FILE_MAX + 1);
    assert_int_equal(replay_open(bytes_of(text.ptr, REPLAY_FILE_MAX + 1), &reader, NULL),
                     -ERR_INPUT);
    assert_int_equal(replay_open(bytes_of(text.ptr, REPLAY_FILE_MAX), &reader, NULL), 0);
    reader_disconnect(reader, READER_LEAVE);
}

static void a_recording_holds_so_many_exchanges_and_no_more(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct reader *reader = NULL;

    (void)state;
    for (size_t i = 0; i < REPLAY_EXCHANGES_MAX; i++)
        assert_int_equal(buf_append_text(&text, ">00\n<90\n", NULL), 0);
    assert_int_equal(replay_open(buf_bytes(&text), &reader, NULL), 0);
    reader_disconnect(reader, READER_LEAVE);
    assert_int_equal(buf_append_text(&text, ">00\n", NULL), 0);
    assert_int_equal(replay_open(buf_bytes(&text), &reader, NULL), -ERR_INPUT);
}

static void commands_without_a_header_are_never_sent(void **state)
{
    struct reader *reader = open_recording("> 04\n< 3B\n");
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(send_hex(reader, "04", &answer, NULL), -ERR_USAGE);
    assert_false(replay_is_finished(reader));
    reader_disconnect(reader, READER_LEAVE);
}

static void a_masked_byte_fits_any(void **state)
{
    struct reader *reader = open_recording("> 00200080 04 ********\r\n<9000\r\n");
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(send_hex(reader, "002000800431323334", &answer, NULL), 0);
    assert_int_equal(answer.len, 2);
    assert_true(replay_is_finished(reader));
    reader_disconnect(reader, READER_LEAVE);
}

static void a_reset_is_told_when_the_next_transaction_begins(void **state)
{
    struct reader *reader = open_recording("! reset\n");
    bool was_reset = false;

    (void)state;
    assert_int_equal(reader_begin(reader, &was_reset, NULL), 0);
    assert_true(was_reset);
    assert_int_equal(reader_begin(reader, &was_reset, NULL), -ERR_USAGE);
    reader_end(reader);
    assert_int_equal(reader_begin(reader, &was_reset, NULL), 0);
    assert_false(was_reset);
    reader_disconnect(reader, READER_LEAVE);
}

static char lines[3][80];
static size_t line_count;

static void keep_line(void *context, const char *line)
{
    (void)context;
    assert_true(line_count < 3);
    (void)snprintf(lines[line_count++], sizeof lines[0], "%s", line);
}

static void a_trace_tells_commands_answers_and_failures(void **state)
{
    struct reader *reader = open_recording("> 00A4020C020018\n< 9000\n> 00200080\n! removed\n");
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct err err;

    (void)state;
    reader_trace(reader, keep_line, NULL);
    assert_int_equal(send_hex(reader, "00A4020C020018", &answer, &err), 0);
    assert_string_equal(lines[0], "> 00A4020C SELECT 0018");
    assert_string_equal(lines[1], "< 9000 done");
    line_count = 0;
    assert_int_equal(send_hex(reader, "00200080", &answer, &err), -ERR_ABSENT);
    assert_string_equal(lines[1], "! the card was removed");
    reader_disconnect(reader, READER_LEAVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_recording_is_refused_with_its_line),
        cmocka_unit_test(the_first_differing_command_is_told_without_its_data),
        cmocka_unit_test(a_command_past_the_end_is_refused),
        cmocka_unit_test(answers_that_are_no_responses_are_the_card_s_fault),
        cmocka_unit_test(a_response_may_be_as_long_as_responses_get_and_no_longer),
        cmocka_unit_test(a_recording_past_the_limit_is_refused_and_one_at_it_read),
        cmocka_unit_test(a_recording_holds_so_many_exchanges_and_no_more),
        cmocka_unit_test(commands_without_a_header_are_never_sent),
        cmocka_unit_test(a_masked_byte_fits_any),
        cmocka_unit_test(a_reset_is_told_when_the_next_transaction_begins),
        cmocka_unit_test(a_trace_tells_commands_answers_and_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
