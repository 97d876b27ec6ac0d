/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the text applet (card.md 3.2). */
#include "carddata/cvc.h"
#include "carddata/limits.h"
#include "carddata/making.h"
#include "crypto/digest.h"
#include "iso7816/tlv.h"

#define APPLET "text"

enum {
    NUMBER_FILE_SIZE = 17,
    INFO_FILE_SIZE = 256,
    INFO_OPAQUE_SIZE = 128,
    INFO_TEXT_SIZE = 32,
    UNKNOWN_SIZE = 16,
};

/* 0001: FF10 0C, twelve digits, two bytes of filler. */
static int make_number(const struct making *making, struct buf *out, struct err *err)
{
    TRY(tlv_append(out, 0xff10, making->issue->holder->mynumber, err));
    return making_fill(out, NUMBER_FILE_SIZE, err);
}

/* 0002: FF20 { DF21 offsets, DF22 name, DF23 address, DF24 birth date, DF25 sex } */
static int make_attributes(const struct making *making, struct buf *out, struct err *err)
{
    const struct cardholder *holder = making->issue->holder;
    CLEANUP(record_done) struct record record = {.count = 0};
    char birth[CALTIME_TEXT_SIZE];
    uint8_t sex = (uint8_t)holder->sex;

    caldate_format_basic(holder->birth, birth);
    TRY(record_put(&record, 0xdf22, holder->name, err));
    TRY(record_put(&record, 0xdf23, holder->address, err));
    TRY(record_put(&record, 0xdf24, bytes_of(birth, MAKING_DATE_SIZE), err));
    TRY(record_put(&record, 0xdf25, bytes_of(&sex, 1), err));
    TRY(record_finish(&record, 0xff20, out, err));
    if (out->len > CARDDATA_ATTRS_MAX)
        return FAIL(err, ERR_INPUT,
                    "name and address are together longer than a card has room for");
    return 0;
}

static int put_digest(struct buf *out, uint32_t tag, struct bytes data, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, data, &digest, err));
    return tlv_append(out, tag, digest_bytes(&digest), err);
}

/* The fields of 0002 behind the table of their offsets. */
static int find_fields(struct bytes file, struct bytes *ret, struct err *err)
{
    struct tlv whole;
    struct tlv table;

    TRY(tlv_next(&file, &whole, err));
    TRY(tlv_next(&whole.value, &table, err));
    *ret = whole.value;
    return 0;
}

/* 0003: FF30 { DF31 digest of 0001, DF32 digest of the fields of 0002, DF33 signature } */
static int make_digests(const struct making *making, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf inner = BUF_INIT;
    struct bytes fields;

    TRY(find_fields(carddata_files_find(making->done, APPLET, 0x0002), &fields, err));
    TRY(put_digest(&inner, 0xdf31, carddata_files_find(making->done, APPLET, 0x0001), err));
    TRY(put_digest(&inner, 0xdf32, fields, err));
    TRY(making_put_signature(making, CARDDATA_TEXT, CARDDATA_TBS_DIGESTS, 0xdf33, &inner, err));
    return tlv_append(out, 0xff30, buf_bytes(&inner), err);
}

static int make_certificate(const struct making *making, struct buf *out, struct err *err)
{
    return buf_append(out, making->issue->text_cvc, err);
}

/* An opaque value: text of ours in the bytes that real cards use, filler behind it. */
static int put_opaque(struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf opaque = BUF_INIT;

    TRY(buf_append_format(&opaque, err, "%-*s", INFO_TEXT_SIZE, "OpenJPKI TEST"));
    TRY(making_fill(&opaque, INFO_OPAQUE_SIZE, err));
    /* One byte would do for the length; real cards take two, and clients have to bear it. */
    TRY(buf_append(out, BYTES_LITERAL("\xdf\x43\x82\x00\x80"), err));
    return buf_append(out, buf_bytes(&opaque), err);
}

/* 0005: FF40 { DF41 versions, DF42 id of the signing key, DF43 opaque }, lengths as in DF43. */
static int make_info(const struct making *making, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf inner = BUF_INIT;

    (void)making;
    TRY(tlv_append(&inner, 0xdf41, BYTES_LITERAL("\x01\x03\x0e\x01"), err));
    TRY(tlv_append(&inner, 0xdf42, cvc_subject_id(CARDDATA_TEXT), err));
    TRY(put_opaque(&inner, err));
    TRY(buf_append(out, BYTES_LITERAL("\xff\x40\x82\x00"), err));
    TRY(buf_append_byte(out, (uint8_t)inner.len, err));
    TRY(buf_append(out, buf_bytes(&inner), err));
    return making_fill(out, INFO_FILE_SIZE, err);
}

/* 0006: A1 { exponent, modulus } of the key to which session keys are encrypted: the applet's. */
static int make_session_key(const struct making *making, struct buf *out, struct err *err)
{
    return tlv_append(out, 0xa1, making->keys[CARDDATA_TEXT], err);
}

/* 0007: FF50 { DF51 the applet's key, DF52 signature } */
static int make_key(const struct making *making, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf inner = BUF_INIT;

    TRY(tlv_append(&inner, 0xdf51, making->keys[CARDDATA_TEXT], err));
    TRY(making_put_signature(making, CARDDATA_TEXT, CARDDATA_TBS_CARD_KEY, 0xdf52, &inner, err));
    return tlv_append(out, 0xff50, buf_bytes(&inner), err);
}

static int make_unknown(const struct making *making, struct buf *out, struct err *err)
{
    (void)making;
    return making_fill(out, UNKNOWN_SIZE, err);
}

const struct making_row text_rows[] = {
    {APPLET, 0x0001, make_number},
    {APPLET, 0x0002, make_attributes},
    {APPLET, 0x0003, make_digests},
    {APPLET, 0x0004, make_certificate},
    {APPLET, 0x0005, make_info},
    {APPLET, 0x0006, make_session_key},
    {APPLET, 0x0007, make_key},
    {APPLET, 0x0008, make_unknown},
    {APPLET, 0, NULL},
};
