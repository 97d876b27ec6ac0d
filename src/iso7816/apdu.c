/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The case of a command follows from its total length and its fifth byte alone (ISO 7816-3, table
 * 10), so parsing is one decision and never looks at INS. The invariant every return keeps: data
 * lies wholly inside the command.
 */
#include "iso7816/apdu.h"

static size_t u16_at(struct bytes from, size_t offset)
{
    return (size_t)from.ptr[offset] << 8 | from.ptr[offset + 1];
}

static size_t short_ne(uint8_t le)
{
    return le == 0 ? APDU_SHORT_NE_MAX : le;
}

static size_t extended_ne(size_t le)
{
    return le == 0 ? APDU_NE_MAX : le;
}

/* Bodies whose fifth byte is not 00, and the single Le byte: cases 2S, 3S, 4S. */
static int parse_short(struct bytes body, struct apdu *apdu, struct err *err)
{
    size_t lc = body.ptr[0];

    if (body.len == 1) {
        apdu->ne = short_ne(body.ptr[0]);
        return 0;
    }
    if (body.len != 1 + lc && body.len != 2 + lc)
        return FAIL(err, ERR_INPUT, "Lc says %zu bytes, %zu follow it (ISO 7816-3, 12.1.3)", lc,
                    body.len - 1);
    apdu->data = bytes_part(body, 1, lc);
    if (body.len == 2 + lc)
        apdu->ne = short_ne(body.ptr[1 + lc]);
    return 0;
}

/* Bodies that start with 00 and are longer than that: cases 2E, 3E, 4E. */
static int parse_extended(struct bytes body, struct apdu *apdu, struct err *err)
{
    size_t lc;

    apdu->is_extended = true;
    if (body.len < 3)
        return FAIL(err, ERR_INPUT, "an extended length is cut off (ISO 7816-3, 12.1.3)");
    if (body.len == 3) {
        apdu->ne = extended_ne(u16_at(body, 1));
        return 0;
    }
    lc = u16_at(body, 1);
    if (lc == 0 || (body.len != 3 + lc && body.len != 5 + lc))
        return FAIL(err, ERR_INPUT,
                    "extended Lc says %zu bytes, %zu follow it (ISO 7816-3, 12.1.3)", lc,
                    body.len - 3);
    apdu->data = bytes_part(body, 3, lc);
    if (body.len == 5 + lc)
        apdu->ne = extended_ne(u16_at(body, 3 + lc));
    return 0;
}

int apdu_parse(struct bytes command, struct apdu *ret, struct err *err)
{
    struct bytes body = bytes_part(command, APDU_HEADER_SIZE, command.len);
    struct apdu apdu;

    if (command.len < APDU_HEADER_SIZE)
        return FAIL(err, ERR_INPUT, "a command of %zu bytes has no header", command.len);
    if (command.len > APDU_COMMAND_MAX)
        return FAIL(err, ERR_INPUT, "a command of %zu bytes is longer than any can be",
                    command.len);
    apdu = (struct apdu){
        .cla = command.ptr[0], .ins = command.ptr[1], .p1 = command.ptr[2], .p2 = command.ptr[3]};
    if (body.len > 1 && body.ptr[0] == 0)
        TRY(parse_extended(body, &apdu, err));
    else if (body.len > 0)
        TRY(parse_short(body, &apdu, err));
    *ret = apdu;
    return 0;
}

static int append_u16(struct buf *buf, size_t number, struct err *err)
{
    const uint8_t two[] = {(uint8_t)(number >> 8 & 0xff), (uint8_t)(number & 0xff)};

    return buf_append(buf, BYTES_ARRAY(two), err);
}

static int append_lengths_extended(const struct apdu *apdu, struct buf *out, struct err *err)
{
    TRY(buf_append_byte(out, 0, err));
    if (apdu->data.len > 0) {
        TRY(append_u16(out, apdu->data.len, err));
        TRY(buf_append(out, apdu->data, err));
    }
    if (apdu->ne > 0)
        TRY(append_u16(out, apdu->ne, err)); /* 65536 wraps to 0000, as it must */
    return 0;
}

static int append_lengths_short(const struct apdu *apdu, struct buf *out, struct err *err)
{
    if (apdu->data.len > 0) {
        TRY(buf_append_byte(out, (uint8_t)apdu->data.len, err));
        TRY(buf_append(out, apdu->data, err));
    }
    if (apdu->ne > 0)
        TRY(buf_append_byte(out, (uint8_t)(apdu->ne & 0xff), err));
    return 0;
}

int apdu_build(const struct apdu *apdu, struct buf *ret, struct err *err)
{
    const uint8_t header[APDU_HEADER_SIZE] = {apdu->cla, apdu->ins, apdu->p1, apdu->p2};
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    if (apdu->data.len > APDU_DATA_MAX || apdu->ne > APDU_NE_MAX)
        return FAIL(err, ERR_USAGE, "%zu bytes of data and Ne %zu do not fit one command",
                    apdu->data.len, apdu->ne);
    TRY(buf_append(&out, BYTES_ARRAY(header), err));
    if (apdu->data.len == 0 && apdu->ne == 0)
        return buf_append(ret, buf_bytes(&out), err);
    if (apdu->is_extended || apdu->data.len > APDU_SHORT_DATA_MAX || apdu->ne > APDU_SHORT_NE_MAX)
        TRY(append_lengths_extended(apdu, &out, err));
    else
        TRY(append_lengths_short(apdu, &out, err));
    return buf_append(ret, buf_bytes(&out), err);
}

int apdu_split(struct bytes response, struct bytes *ret_data, uint16_t *ret_sw, struct err *err)
{
    if (response.len < 2)
        return FAIL(err, ERR_INPUT, "an answer of %zu bytes has no status word", response.len);
    if (response.len > APDU_RESPONSE_MAX)
        return FAIL(err, ERR_INPUT, "an answer of %zu bytes is longer than any can be",
                    response.len);
    *ret_data = bytes_part(response, 0, response.len - 2);
    *ret_sw = (uint16_t)u16_at(response, response.len - 2);
    return 0;
}
