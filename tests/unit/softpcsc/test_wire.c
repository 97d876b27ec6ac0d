/* SPDX-License-Identifier: Apache-2.0 */
#include "softpcsc/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void heads_of_other_versions_and_too_long_messages_are_refused(void **state)
{
    const uint8_t longest[] = {1, WIRE_MESSAGE_SIZE >> 16, WIRE_MESSAGE_SIZE >> 8 & 0xff,
                               WIRE_MESSAGE_SIZE & 0xff};
    const uint8_t longer[] = {1, (WIRE_MESSAGE_SIZE + 1) >> 16, (WIRE_MESSAGE_SIZE + 1) >> 8 & 0xff,
                              (WIRE_MESSAGE_SIZE + 1) & 0xff};
    const uint8_t newer[] = {WIRE_VERSION + 1, 0, 0, 4};
    size_t size = 5;

    (void)state;
    assert_int_equal(wire_parse_head(longer, &size, NULL), -ERR_INPUT);
    assert_int_equal(wire_parse_head(newer, &size, NULL), -ERR_CONFLICT);
    assert_int_equal(size, 5);
    assert_int_equal(wire_parse_head(longest, &size, NULL), 0);
    assert_int_equal(size, WIRE_MESSAGE_SIZE);
}

static void what_is_no_request_is_refused(void **state)
{
    static const uint8_t wrong[][5] = {
        {0, 2, 3, 0, 0},            /* no verb */
        {WIRE_VERBS_, 2, 3, 0, 0},  /* nor this */
        {WIRE_CONNECT, 2, 3, 0, 0}, /* a command with what is none */
    };
    struct wire_request request;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(wire_parse_request(BYTES_ARRAY(wrong[i]), &request, NULL), -ERR_INPUT);
    for (size_t len = 0; len < WIRE_REQUEST_SIZE; len++)
        assert_int_equal(wire_parse_request(bytes_of(wrong[2], len), &request, NULL), -ERR_INPUT);
    assert_int_equal(wire_parse_request(bytes_of(wrong[2], 4), &request, NULL), 0);
    assert_int_equal(request.verb, WIRE_CONNECT);
    assert_int_equal(request.share, WIRE_SHARED);
    assert_int_equal(request.protocols, WIRE_T0 | WIRE_T1);
}

static void what_is_no_answer_is_refused(void **state)
{
    static const uint8_t answer[] = {0x80, 0x10, 0, 0x68, 2, 0x34, 1, 2, 1, 4, 0x3b, 0x80};
    struct wire_answer parsed;
    uint8_t wrong[sizeof answer];

    (void)state;
    for (size_t len = 0; len < sizeof answer; len++)
        assert_int_equal(wire_parse_answer(bytes_of(answer, len), &parsed, NULL), -ERR_INPUT);
    memcpy(wrong, answer, sizeof wrong);
    wrong[7] = 3; /* an ATR that is not there */
    assert_int_equal(wire_parse_answer(BYTES_ARRAY(wrong), &parsed, NULL), -ERR_INPUT);
    assert_int_equal(wire_parse_answer(BYTES_ARRAY(answer), &parsed, NULL), 0);
    assert_int_equal(parsed.code, WIRE_RESET_CARD);
    assert_int_equal(parsed.protocol, WIRE_T1);
    assert_int_equal(parsed.state, WIRE_PRESENT | WIRE_POWERED | WIRE_NEGOTIABLE);
    assert_int_equal(parsed.sharing, WIRE_EXCLUSIVE);
    assert_int_equal(parsed.counter, 0x0104);
    assert_true(bytes_equal(parsed.atr, BYTES_LITERAL("\x3b\x80")));
    assert_int_equal(parsed.data.len, 0);
}

/* As long as it can be, and one more. */
static void the_longest_command_and_answer_come_through(void **state)
{
    uint8_t *longest = test_calloc(1, WIRE_APDU_MAX + 1);
    struct wire_request request = {.verb = WIRE_TRANSMIT, .command = {longest, WIRE_APDU_MAX}};
    struct wire_answer answer = {.atr = {longest, WIRE_ATR_SIZE}, .data = {longest, WIRE_APDU_MAX}};
    CLEANUP(buf_done) struct buf frame = BUF_INIT;
    struct bytes message;

    (void)state;
    assert_int_equal(wire_put_request(&request, &frame, NULL), 0);
    message = bytes_part(buf_bytes(&frame), WIRE_HEAD_SIZE, frame.len);
    assert_int_equal(wire_parse_request(message, &request, NULL), 0);
    assert_int_equal(request.command.len, WIRE_APDU_MAX);
    buf_clear(&frame);
    assert_int_equal(wire_put_answer(&answer, &frame, NULL), 0);
    assert_int_equal(frame.len, WIRE_HEAD_SIZE + WIRE_MESSAGE_SIZE);
    message = bytes_part(buf_bytes(&frame), WIRE_HEAD_SIZE, frame.len);
    assert_int_equal(wire_parse_answer(message, &answer, NULL), 0);
    assert_int_equal(answer.data.len, WIRE_APDU_MAX);
    buf_clear(&frame);
    request.command = bytes_of(longest, WIRE_APDU_MAX + 1);
    assert_int_equal(wire_put_request(&request, &frame, NULL), -ERR_USAGE);
    answer.data = request.command;
    assert_int_equal(wire_put_answer(&answer, &frame, NULL), -ERR_USAGE);
    answer.data = bytes_of(longest, 2);
    answer.atr = bytes_of(longest, WIRE_ATR_SIZE + 1);
    assert_int_equal(wire_put_answer(&answer, &frame, NULL), -ERR_USAGE);
    assert_int_equal(frame.len, 0);
    test_free(longest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_of_other_versions_and_too_long_messages_are_refused),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(the_longest_command_and_answer_come_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
