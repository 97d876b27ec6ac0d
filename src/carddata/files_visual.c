/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the visual applet: what is printed on the card, signed (card.md 3.3). */
#include "carddata/cvc.h"
#include "carddata/image_text.h"
#include "carddata/making.h"
#include "crypto/digest.h"
#include "iso7816/tlv.h"

#define APPLET "visual"

enum { OPAQUE_SIZE = 16 + 256, UNKNOWN_SIZE = 16 };

/* 0001: FF10 { DF11 birth date, DF12 the applet's key, DF13 signature } */
static int make_age(const struct making *making, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf inner = BUF_INIT;

    TRY(making_put_date(&inner, 0xdf11, making->issue->holder->birth, err));
    TRY(tlv_append(&inner, 0xdf12, making->keys[CARDDATA_VISUAL], err));
    TRY(making_put_signature(making, CARDDATA_VISUAL, CARDDATA_TBS_AGE, 0xdf13, &inner, err));
    return tlv_append(out, 0xff10, buf_bytes(&inner), err);
}

static int put_person(const struct making *making, struct record *record, struct err *err)
{
    const struct cardholder *holder = making->issue->holder;
    char birth[CALTIME_TEXT_SIZE];
    uint8_t sex = (uint8_t)holder->sex;

    caldate_format_basic(holder->birth, birth);
    TRY(record_put(record, 0xdf22, bytes_of(birth, MAKING_DATE_SIZE), err));
    TRY(record_put(record, 0xdf23, bytes_of(&sex, 1), err));
    return record_put(record, 0xdf24, making->keys[CARDDATA_VISUAL], err);
}

static int put_text(const struct making *making, uint32_t tag, struct bytes text,
                    struct record *record, struct err *err)
{
    CLEANUP(buf_done) struct buf png = BUF_INIT;

    TRY(image_text(making->issue->font, text, &png, err));
    return record_put(record, tag, buf_bytes(&png), err);
}

/* Over three hashes: of who it is, of the two texts, of the photo. */
static int put_signature(const struct making *making, struct record *record, struct err *err)
{
    static const size_t bounds[] = {0, 3, 5, 6}; /* DF22 to DF24, DF25 and DF26, DF27 */
    CLEANUP(buf_done) struct buf hashes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    for (size_t i = 0; i + 1 < sizeof bounds / sizeof bounds[0]; i++) {
        TRY(digest_compute(DIGEST_SHA256, record_part(record, bounds[i], bounds[i + 1]), &digest,
                           err));
        TRY(buf_append(&hashes, digest_bytes(&digest), err));
    }
    TRY(making_sign(making, CARDDATA_VISUAL, CARDDATA_TBS_FACE, buf_bytes(&hashes), &signature,
                    err));
    return record_put(record, 0xdf28, buf_bytes(&signature), err);
}

/* Expiry and security code, which the signature does not cover. */
static int put_unsigned(const struct making *making, struct record *record, struct err *err)
{
    const struct cardholder *holder = making->issue->holder;
    CLEANUP(buf_done) struct buf png = BUF_INIT;
    char expiry[CALTIME_TEXT_SIZE];

    caldate_format_basic(holder->expiry, expiry);
    TRY(record_put(record, 0xdf29, bytes_of(expiry, MAKING_DATE_SIZE), err));
    TRY(image_digits(making->issue->font, holder->security_code, &png, err));
    return record_put(record, 0xdf2a, buf_bytes(&png), err);
}

/* 0002: FF20 { DF21 offsets, DF22 to DF2A in order, for clients that count positions } */
static int make_face(const struct making *making, struct buf *out, struct err *err)
{
    const struct cardholder *holder = making->issue->holder;
    CLEANUP(record_done) struct record record = {.count = 0};

    TRY(put_person(making, &record, err));
    TRY(put_text(making, 0xdf25, holder->name, &record, err));
    TRY(put_text(making, 0xdf26, holder->address, &record, err));
    TRY(record_put(&record, 0xdf27, holder->photo, err));
    TRY(put_signature(making, &record, err));
    TRY(put_unsigned(making, &record, err));
    return record_finish(&record, 0xff20, out, err);
}

/* A value shaped like a key id, and opaque bytes: text of ours, filler behind it. */
static int put_opaque(struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf opaque = BUF_INIT;

    TRY(buf_append(&opaque,
                   BYTES_LITERAL("9900025\x08\x05"
                                 "001\0\0\0\0"),
                   err));
    TRY(buf_append_text(&opaque, "OpenJPKI TEST", err));
    TRY(making_fill(&opaque, OPAQUE_SIZE, err));
    return tlv_append(out, 0xdf35, buf_bytes(&opaque), err);
}

/* 0003: FF30 { DF31 versions, DF32 id of the signing key, DF33, DF34 municipality, DF35 } */
static int make_info(const struct making *making, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf inner = BUF_INIT;

    TRY(tlv_append(&inner, 0xdf31, BYTES_LITERAL("\x06\x03\x0e\x01"), err));
    TRY(tlv_append(&inner, 0xdf32, cvc_subject_id(CARDDATA_VISUAL), err));
    TRY(tlv_append(&inner, 0xdf33, BYTES_LITERAL("\0"), err));
    TRY(tlv_append(&inner, 0xdf34, making->issue->holder->municipality, err));
    TRY(put_opaque(&inner, err));
    return tlv_append(out, 0xff30, buf_bytes(&inner), err);
}

static int make_certificate(const struct making *making, struct buf *out, struct err *err)
{
    return buf_append(out, making->issue->visual_cvc, err);
}

/* 0005: FF40 { DF41 image of the number, DF42 the applet's key, DF43 signature } */
static int make_number(const struct making *making, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf inner = BUF_INIT;
    CLEANUP(buf_done) struct buf png = BUF_INIT;

    TRY(image_digits(making->issue->font, making->issue->holder->mynumber, &png, err));
    TRY(tlv_append(&inner, 0xdf41, buf_bytes(&png), err));
    TRY(tlv_append(&inner, 0xdf42, making->keys[CARDDATA_VISUAL], err));
    TRY(making_put_signature(making, CARDDATA_VISUAL, CARDDATA_TBS_NUMBER, 0xdf43, &inner, err));
    return tlv_append(out, 0xff40, buf_bytes(&inner), err);
}

static int make_unknown(const struct making *making, struct buf *out, struct err *err)
{
    (void)making;
    return making_fill(out, UNKNOWN_SIZE, err);
}

const struct making_row visual_rows[] = {
    {APPLET, 0x0001, make_age},
    {APPLET, 0x0002, make_face},
    {APPLET, 0x0003, make_info},
    {APPLET, 0x0004, make_certificate},
    {APPLET, 0x0005, make_number},
    {APPLET, 0x0006, make_unknown},
    {APPLET, 0, NULL},
};
