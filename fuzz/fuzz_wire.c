/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame between the drop-in library and a card, as a question and as an answer: what is taken
 * lies in the message and is written again as it was.
 */
#include "fuzz.h"
#include "softpcsc/wire.h"

static void check_written(const struct buf *frame, struct bytes message)
{
    size_t size = 0;

    FUZZ_CHECK(frame->len == WIRE_HEAD_SIZE + message.len);
    FUZZ_CHECK(wire_parse_head(frame->ptr, &size, NULL) == 0 && size == message.len);
    FUZZ_CHECK(bytes_equal(bytes_part(buf_bytes(frame), WIRE_HEAD_SIZE, size), message));
}

FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf question = BUF_INIT;
    CLEANUP(buf_done) struct buf reply = BUF_INIT;
    struct bytes message = bytes_part(bytes_of(data, size), WIRE_HEAD_SIZE, size);
    struct wire_request request;
    struct wire_answer answer;
    size_t announced;

    if (size < WIRE_HEAD_SIZE)
        return 0;
    if (wire_parse_head(data, &announced, NULL) == 0)
        FUZZ_CHECK(announced <= WIRE_MESSAGE_SIZE && data[0] == WIRE_VERSION);
    if (wire_parse_request(message, &request, NULL) == 0) {
        FUZZ_CHECK(fuzz_is_inside(request.command, data, size));
        FUZZ_CHECK(wire_put_request(&request, &question, NULL) == 0);
        check_written(&question, message);
    }
    if (wire_parse_answer(message, &answer, NULL) == 0) {
        FUZZ_CHECK(fuzz_is_inside(answer.atr, data, size) &&
                   fuzz_is_inside(answer.data, data, size));
        FUZZ_CHECK(wire_put_answer(&answer, &reply, NULL) == 0);
        check_written(&reply, message);
    }
    return 0;
}
