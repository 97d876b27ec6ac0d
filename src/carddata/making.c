/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/making.h"

#include "iso7816/tlv.h"

enum { TAG_OFFSETS = 0xdf21, OFFSET_SIZE = 2, TABLE_HEADER_SIZE = 3, FILLER = 0xff };

int making_put_date(struct buf *out, uint32_t tag, struct caldate date, struct err *err)
{
    char digits[CALTIME_TEXT_SIZE];

    caldate_format_basic(date, digits);
    return tlv_append(out, tag, bytes_of(digits, MAKING_DATE_SIZE), err);
}

int making_sign(const struct making *making, enum carddata_applet applet, enum carddata_tbs kind,
                struct bytes tbs, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    TRY(making->issue->sign(making->issue->context, applet, kind, tbs, &signature, err));
    if (signature.len != MAKING_SIGNATURE_SIZE)
        return FAIL(err, ERR_USAGE, "a signature of %zu bytes; a card's data carries %d",
                    signature.len, MAKING_SIGNATURE_SIZE);
    buf_move(ret, &signature);
    return 0;
}

int making_put_signature(const struct making *making, enum carddata_applet applet,
                         enum carddata_tbs kind, uint32_t tag, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    TRY(making_sign(making, applet, kind, buf_bytes(out), &signature, err));
    return tlv_append(out, tag, buf_bytes(&signature), err);
}

int making_fill(struct buf *out, size_t size, struct err *err)
{
    while (out->len < size)
        TRY(buf_append_byte(out, FILLER, err));
    return 0;
}

void record_done(struct record *record)
{
    buf_done(&record->fields);
}

int record_put(struct record *record, uint32_t tag, struct bytes value, struct err *err)
{
    size_t start = record->fields.len;

    TRY(tlv_append(&record->fields, tag, value, err));
    record->starts[record->count++] = start;
    return 0;
}

struct bytes record_part(const struct record *record, size_t first, size_t end)
{
    size_t start = record->starts[first];
    size_t stop = end < record->count ? record->starts[end] : record->fields.len;

    return bytes_part(buf_bytes(&record->fields), start, stop - start);
}

/* Bytes of a two-byte tag and the shortest length for so many. */
static size_t header_size(size_t len)
{
    return len < 0x80 ? 3 : len < 0x100 ? 4 : 5;
}

int record_finish(const struct record *record, uint32_t tag, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf table = BUF_INIT;
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    size_t before = TABLE_HEADER_SIZE + OFFSET_SIZE * record->count;

    before += header_size(before + record->fields.len);
    for (size_t i = 0; i < record->count; i++) {
        size_t offset = before + record->starts[i];

        TRY(buf_append_byte(&table, (uint8_t)(offset >> 8), err));
        TRY(buf_append_byte(&table, (uint8_t)offset, err));
    }
    TRY(tlv_append(&whole, TAG_OFFSETS, buf_bytes(&table), err));
    TRY(buf_append(&whole, buf_bytes(&record->fields), err));
    return tlv_append(out, tag, buf_bytes(&whole), err);
}
