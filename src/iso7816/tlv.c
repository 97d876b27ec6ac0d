/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass, no copies, no recursion: callers walk nested elements by calling again on the value.
 * Indefinite lengths (X.690, 8.1.3.6) are refused because no card sends them and they would need a
 * stack. The invariant every return keeps: the value lies wholly inside the input.
 */
#include "iso7816/tlv.h"

enum {
    TAG_MORE_FOLLOW = 0x1f, /* X.690, 8.1.2.4: low five bits of the first byte */
    TAG_CONTINUES = 0x80,
    LENGTH_IS_LONG = 0x80,
};

static int take_byte(struct bytes *rest, uint8_t *ret, struct err *err)
{
    if (rest->len == 0)
        return FAIL(err, ERR_INPUT, "a TLV header is cut off");
    *ret = rest->ptr[0];
    *rest = bytes_part(*rest, 1, rest->len);
    return 0;
}

static int take_tag(struct bytes *rest, uint32_t *ret, struct err *err)
{
    uint32_t tag;
    uint8_t byte;

    TRY(take_byte(rest, &byte, err));
    if (byte == 0)
        return FAIL(err, ERR_INPUT, "00 starts no TLV element");
    tag = byte;
    if ((byte & TAG_MORE_FOLLOW) != TAG_MORE_FOLLOW) {
        *ret = tag;
        return 0;
    }
    for (int more = 1; more < TLV_TAG_MAX; more++) {
        TRY(take_byte(rest, &byte, err));
        tag = tag << 8 | byte;
        if ((byte & TAG_CONTINUES) == 0) {
            *ret = tag;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "a TLV tag of more than %d bytes", TLV_TAG_MAX);
}

static int take_length(struct bytes *rest, size_t *ret, struct err *err)
{
    size_t len = 0;
    uint8_t byte;
    int more;

    TRY(take_byte(rest, &byte, err));
    if ((byte & LENGTH_IS_LONG) == 0) {
        *ret = byte;
        return 0;
    }
    more = byte & 0x7f;
    if (more == 0)
        return FAIL(err, ERR_INPUT, "a TLV element of indefinite length (X.690, 8.1.3.6)");
    if (more > 2)
        return FAIL(err, ERR_INPUT, "a TLV length of %d bytes; at most %d bytes of value are read",
                    more, TLV_VALUE_MAX);
    for (; more > 0; more--) {
        TRY(take_byte(rest, &byte, err));
        len = len << 8 | byte;
    }
    *ret = len;
    return 0;
}

/* Reads tag and length; *rest is moved behind them. */
static int take_header(struct bytes *rest, uint32_t *ret_tag, size_t *ret_len, struct err *err)
{
    struct bytes at = *rest;

    TRY(take_tag(&at, ret_tag, err));
    TRY(take_length(&at, ret_len, err));
    *rest = at;
    return 0;
}

int tlv_next(struct bytes *rest, struct tlv *ret, struct err *err)
{
    struct bytes at = *rest;
    uint32_t tag;
    size_t len;

    if (rest->len == 0)
        return FAIL(err, ERR_ABSENT, "no further TLV element");
    TRY(take_header(&at, &tag, &len, err));
    if (len > at.len)
        return FAIL(err, ERR_INPUT, "TLV element %X says %zu bytes, %zu are there", tag, len,
                    at.len);
    *ret = (struct tlv){tag, bytes_part(at, 0, len)};
    *rest = bytes_part(at, len, at.len);
    return 0;
}

int tlv_find(struct bytes whole, uint32_t tag, struct tlv *ret, struct err *err)
{
    struct tlv found;

    do {
        int rc = tlv_next(&whole, &found, err);

        if (rc == -ERR_ABSENT)
            return FAIL(err, ERR_ABSENT, "no TLV element %X", tag);
        TRY(rc);
    } while (found.tag != tag);
    *ret = found;
    return 0;
}

int tlv_total(struct bytes head, size_t *ret, struct err *err)
{
    struct bytes rest = head;
    uint32_t tag;
    size_t len;

    if (head.len == 0)
        return FAIL(err, ERR_ABSENT, "no further TLV element");
    TRY(take_header(&rest, &tag, &len, err));
    *ret = head.len - rest.len + len;
    return 0;
}

static int append_tag(struct buf *buf, uint32_t tag, struct err *err)
{
    for (int shift = 8 * (TLV_TAG_MAX - 1); shift >= 0; shift -= 8) {
        if (tag >> shift != 0)
            TRY(buf_append_byte(buf, (uint8_t)(tag >> shift & 0xff), err));
    }
    return 0;
}

static int append_length(struct buf *buf, size_t len, struct err *err)
{
    if (len >= LENGTH_IS_LONG)
        TRY(buf_append_byte(buf, len > 0xff ? 0x82 : 0x81, err));
    if (len > 0xff)
        TRY(buf_append_byte(buf, (uint8_t)(len >> 8), err));
    return buf_append_byte(buf, (uint8_t)(len & 0xff), err);
}

int tlv_append(struct buf *buf, uint32_t tag, struct bytes value, struct err *err)
{
    CLEANUP(buf_done) struct buf element = BUF_INIT;

    if (tag == 0 || tag >> (8 * TLV_TAG_MAX) != 0)
        return FAIL(err, ERR_USAGE, "%X is no tag", tag);
    if (value.len > TLV_VALUE_MAX)
        return FAIL(err, ERR_USAGE, "%zu bytes are too many for one TLV element", value.len);
    TRY(append_tag(&element, tag, err));
    TRY(append_length(&element, value.len, err));
    TRY(buf_append(&element, value, err));
    return buf_append(buf, buf_bytes(&element), err);
}
