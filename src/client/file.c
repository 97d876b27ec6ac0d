/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is longer than the object in it, so it is read as far as the object's header says and no
 * further. The loop that reads asks for at least one byte and fails if none comes, so a card that
 * answers nothing for ever cannot keep it.
 */
#include "client/file.h"

#include "base/i18n.h"
#include "client/icc.h"
#include "iso7816/tlv.h"

/* At least one byte and at most want of the current EF are appended, or it fails. */
static int read_binary(struct icc *icc, size_t offset, size_t want, struct buf *ret,
                       struct err *err)
{
    const struct apdu apdu = {
        .ins = 0xB0,
        .p1 = (uint8_t)(offset >> 8),
        .p2 = (uint8_t)offset,
        .ne = want < APDU_SHORT_NE_MAX ? want : APDU_SHORT_NE_MAX,
    };
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    uint16_t sw;

    TRY(icc_transmit(icc, &apdu, &data, &sw, err));
    if (sw == SW_WRONG_OFFSET && offset == 0)
        return FAIL_WITH(err, ERR_ABSENT, sw, "the file is empty");
    if (sw == SW_WRONG_OFFSET)
        return FAIL_WITH(err, ERR_REMOTE, sw, "the card's file is cut off after %zu bytes", offset);
    if (sw != SW_OK)
        return icc_fail_sw(err, sw, N_("read a file"));
    if (data.len == 0 || data.len > apdu.ne)
        return FAIL(err, ERR_REMOTE, "the card answered garbage: %zu bytes where 1 to %zu were due",
                    data.len, apdu.ne);
    return buf_append(ret, buf_bytes(&data), err);
}

/* Filler where the object should start. FF begins objects too, but no tag goes on with FF. */
static bool is_filler(const struct buf *start)
{
    return start->ptr[0] == 0x00 ||
           (start->ptr[0] == 0xFF && (start->len == 1 || start->ptr[1] == 0xFF));
}

/* Checks by the first bytes of a file how long the object in it is. */
static int find_total(const struct buf *start, uint16_t fid, uint32_t tag, size_t *ret,
                      struct err *err)
{
    struct bytes header = buf_bytes(start);
    CLEANUP(buf_done) struct buf wanted = BUF_INIT;

    if (is_filler(start))
        return FAIL_WITH(err, ERR_ABSENT, SW_WRONG_OFFSET, "the file is empty");
    TRY(tlv_append(&wanted, tag, (struct bytes){NULL, 0}, err));
    wanted.len--; /* the length: the tag is left */
    if (!bytes_start_with(header, buf_bytes(&wanted)) || tlv_total(header, ret, NULL) < 0)
        return FAIL(err, ERR_REMOTE,
                    "the card answered garbage: file %04X does not begin with what it should hold",
                    fid);
    return 0;
}

int icc_read_object(struct icc *icc, uint16_t fid, uint32_t tag, size_t max, struct buf *ret,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf object = BUF_INIT;
    size_t total;

    TRY(icc_read_start(icc, fid, APDU_SHORT_NE_MAX, &object, err));
    TRY(find_total(&object, fid, tag, &total, err));
    if (total > max)
        return FAIL(err, ERR_REMOTE, "the card claims an object of %zu bytes; %zu are allowed",
                    total, max);
    while (object.len < total)
        TRY(read_binary(icc, object.len, total - object.len, &object, err));
    object.len = total;
    buf_move(ret, &object);
    return 0;
}

int icc_read_start(struct icc *icc, uint16_t fid, size_t len, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf start = BUF_INIT;

    TRY(icc_select(icc, fid, err));
    TRY(read_binary(icc, 0, len, &start, err));
    buf_move(ret, &start);
    return 0;
}

int icc_read_record(struct icc *icc, uint8_t sfi, uint8_t number, struct buf *ret, struct err *err)
{
    const struct apdu apdu = {
        .ins = 0xB2, .p1 = number, .p2 = (uint8_t)(sfi << 3 | 4), .ne = APDU_SHORT_NE_MAX};
    CLEANUP(buf_done) struct buf record = BUF_INIT;
    uint16_t sw;

    TRY(icc_transmit(icc, &apdu, &record, &sw, err));
    if (sw == SW_FILE_NOT_FOUND || sw == SW_RECORD_NOT_FOUND)
        return FAIL_WITH(err, ERR_ABSENT, SW_FILE_NOT_FOUND, "the card has no such record");
    if (sw != SW_OK)
        return icc_fail_sw(err, sw, N_("read a record"));
    buf_move(ret, &record);
    return 0;
}

/* Status words by which cards say that they have no such object, or none here (card.md 3.7). */
static bool has_no_object(uint16_t sw)
{
    return sw == SW_REFERENCE_NOT_FOUND || sw == SW_FILE_NOT_FOUND || sw == SW_WRONG_P1P2 ||
           sw == SW_CONDITIONS;
}

int icc_get_data(struct icc *icc, uint16_t tag, struct buf *ret, struct err *err)
{
    struct apdu apdu = {
        .ins = 0xCA, .p1 = (uint8_t)(tag >> 8), .p2 = (uint8_t)tag, .ne = APDU_SHORT_NE_MAX};
    CLEANUP(buf_done) struct buf object = BUF_INIT;
    uint16_t sw;

    TRY(icc_transmit(icc, &apdu, &object, &sw, err));
    if (sw == SW_WRONG_LENGTH) { /* more than 256 bytes need a long Le (card.md 1.2) */
        apdu.ne = APDU_NE_MAX;
        TRY(icc_transmit(icc, &apdu, &object, &sw, err));
    }
    if (has_no_object(sw))
        return FAIL_WITH(err, ERR_ABSENT, SW_FILE_NOT_FOUND, "the card has no object %04X", tag);
    if (sw != SW_OK)
        return icc_fail_sw(err, sw, N_("give an object"));
    if (object.len > ICC_GET_DATA_MAX)
        return FAIL(err, ERR_REMOTE, "the card claims an object of %zu bytes; %d are allowed",
                    object.len, ICC_GET_DATA_MAX);
    buf_move(ret, &object);
    return 0;
}
