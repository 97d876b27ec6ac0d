/* SPDX-License-Identifier: Apache-2.0 */
#include "softpcsc/wire.h"

static int put_head(size_t size, struct buf *ret, struct err *err)
{
    const uint8_t head[WIRE_HEAD_SIZE] = {WIRE_VERSION, (uint8_t)(size >> 16 & 0xff),
                                          (uint8_t)(size >> 8 & 0xff), (uint8_t)(size & 0xff)};

    TRY(buf_reserve(ret, WIRE_HEAD_SIZE + size, err));
    return buf_append(ret, BYTES_ARRAY(head), err);
}

int wire_put_request(const struct wire_request *request, struct buf *ret, struct err *err)
{
    const uint8_t fixed[WIRE_REQUEST_SIZE] = {(uint8_t)request->verb, request->share,
                                              request->protocols, request->action};

    if (request->command.len > WIRE_APDU_MAX)
        return FAIL(err, ERR_USAGE, "a command of %zu bytes is too long", request->command.len);
    TRY(put_head(sizeof fixed + request->command.len, ret, err));
    TRY(buf_append(ret, BYTES_ARRAY(fixed), err));
    return buf_append(ret, request->command, err);
}

int wire_put_answer(const struct wire_answer *answer, struct buf *ret, struct err *err)
{
    const uint8_t fixed[WIRE_ANSWER_SIZE] = {
        (uint8_t)(answer->code >> 24),
        (uint8_t)(answer->code >> 16 & 0xff),
        (uint8_t)(answer->code >> 8),
        (uint8_t)(answer->code & 0xff),
        answer->protocol,
        answer->state,
        answer->sharing,
        (uint8_t)answer->atr.len,
        (uint8_t)(answer->counter >> 8),
        (uint8_t)(answer->counter & 0xff),
    };

    if (answer->atr.len > WIRE_ATR_SIZE || answer->data.len > WIRE_APDU_MAX)
        return FAIL(err, ERR_USAGE, "an answer of %zu bytes is too long", answer->data.len);
    TRY(put_head(sizeof fixed + answer->atr.len + answer->data.len, ret, err));
    TRY(buf_append(ret, BYTES_ARRAY(fixed), err));
    TRY(buf_append(ret, answer->atr, err));
    return buf_append(ret, answer->data, err);
}

int wire_parse_head(const uint8_t head[WIRE_HEAD_SIZE], size_t *ret, struct err *err)
{
    size_t size = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];

    if (head[0] != WIRE_VERSION)
        return FAIL(err, ERR_CONFLICT, "version %u of the protocol is not spoken here", head[0]);
    if (size > WIRE_MESSAGE_SIZE)
        return FAIL(err, ERR_INPUT, "a message of %zu bytes is too long", size);
    *ret = size;
    return 0;
}

int wire_parse_request(struct bytes message, struct wire_request *ret, struct err *err)
{
    struct bytes command = bytes_part(message, WIRE_REQUEST_SIZE, message.len);

    if (message.len < WIRE_REQUEST_SIZE || message.ptr[0] == 0 || message.ptr[0] >= WIRE_VERBS_)
        return FAIL(err, ERR_INPUT, "no request");
    if (command.len > WIRE_APDU_MAX || (command.len > 0 && message.ptr[0] != WIRE_TRANSMIT))
        return FAIL(err, ERR_INPUT, "a request with %zu bytes too many", command.len);
    *ret = (struct wire_request){(enum wire_verb)message.ptr[0], message.ptr[1], message.ptr[2],
                                 message.ptr[3], command};
    return 0;
}

int wire_parse_answer(struct bytes message, struct wire_answer *ret, struct err *err)
{
    const uint8_t *at = message.ptr;
    size_t atr_len;

    if (message.len < WIRE_ANSWER_SIZE)
        return FAIL(err, ERR_INPUT, "no answer");
    atr_len = at[7];
    if (atr_len > WIRE_ATR_SIZE || message.len - WIRE_ANSWER_SIZE < atr_len ||
        message.len - WIRE_ANSWER_SIZE - atr_len > WIRE_APDU_MAX)
        return FAIL(err, ERR_INPUT, "an answer of wrong length");
    *ret = (struct wire_answer){
        .code = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3],
        .protocol = at[4],
        .state = at[5],
        .sharing = at[6],
        .counter = (uint16_t)(at[8] << 8 | at[9]),
        .atr = bytes_part(message, WIRE_ANSWER_SIZE, atr_len),
        .data = bytes_part(message, WIRE_ANSWER_SIZE + atr_len, message.len),
    };
    return 0;
}
