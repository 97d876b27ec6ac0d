/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the resident-register applet and the common applet, and the objects that GET DATA
 * gives without an applet (card.md 3.5 to 3.7).
 *
 * What of it is an identifier of the real issuer's, or not known, is a test value here that says
 * so where it can. GlobalPlatform's own objects (42, 45, 66) carry their tag, the others do not.
 */
#include "carddata/making.h"
#include "iso7816/tlv.h"

static const uint8_t juki_key_id[] = {'9', '0', '0', '0', '0', '1', '3', 8,
                                      5,   '0', '0', '1', 0,   0,   0,   0};
static const uint8_t common_key_id[] = {'9', '0', '0', '0', '0', '1', '0', 8,
                                        5,   '0', '0', '1', 0,   0,   0,   0};

/* One record in simple TLV (ISO 7816-4, 5.2.1): its number, one byte of length, the value. */
static int put_record(struct buf *out, uint8_t number, struct bytes value, struct err *err)
{
    TRY(buf_append_byte(out, number, err));
    TRY(buf_append_byte(out, (uint8_t)value.len, err));
    return buf_append(out, value, err);
}

static int make_juki_key(const struct making *making, struct buf *out, struct err *err)
{
    (void)making;
    return put_record(out, 1, BYTES_ARRAY(juki_key_id), err);
}

/* Manufacture number, municipality, expiry: 28 digits. */
static int make_common_record(const struct making *making, struct buf *out, struct err *err)
{
    const struct cardholder *holder = making->issue->holder;
    CLEANUP(buf_done) struct buf digits = BUF_INIT;
    char expiry[CALTIME_TEXT_SIZE];

    caldate_format_basic(holder->expiry, expiry);
    TRY(buf_append(&digits, holder->manufacture_number, err));
    TRY(buf_append(&digits, holder->municipality, err));
    TRY(buf_append_text(&digits, expiry, err));
    return put_record(out, 1, buf_bytes(&digits), err);
}

static int make_common_key(const struct making *making, struct buf *out, struct err *err)
{
    (void)making;
    return buf_append(out, BYTES_ARRAY(common_key_id), err);
}

static int make_issuer(const struct making *making, struct buf *out, struct err *err)
{
    (void)making;
    return tlv_append(out, 0x42, BYTES_LITERAL("OpenJPKI TEST"), err);
}

static int make_id(const struct making *making, struct buf *out, struct err *err)
{
    return tlv_append(out, 0x45, making->issue->holder->manufacture_number, err);
}

/* GlobalPlatform Card Specification 2.3, H.2: whose scheme, card management 2.2.1, identification,
   secure channel protocol 03 with a challenge that can be foretold, R-MAC and R-ENC (i = 70,
   Amendment D, 5.1). */
static int make_recognition(const struct making *making, struct buf *out, struct err *err)
{
    static const uint8_t data[] = {
        0x66, 0x31, 0x73, 0x2f, 0x06, 0x07, 0x2a, 0x86, 0x48, 0x86, 0xfc, 0x6b, 0x01,
        0x60, 0x0c, 0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xfc, 0x6b, 0x02, 0x02, 0x02,
        0x01, 0x63, 0x09, 0x06, 0x07, 0x2a, 0x86, 0x48, 0x86, 0xfc, 0x6b, 0x03, 0x64,
        0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xfc, 0x6b, 0x04, 0x03, 0x70,
    };

    (void)making;
    return buf_append(out, BYTES_ARRAY(data), err);
}

static int make_municipality(const struct making *making, struct buf *out, struct err *err)
{
    return buf_append(out, making->issue->holder->municipality, err);
}

static int make_expiry(const struct making *making, struct buf *out, struct err *err)
{
    char expiry[CALTIME_TEXT_SIZE];

    caldate_format_basic(making->issue->holder->expiry, expiry);
    return buf_append_text(out, expiry, err);
}

static int make_opaque(const struct making *making, struct buf *out, struct err *err)
{
    (void)making;
    return buf_append_text(out, "OpenJPKI TEST", err);
}

/* The text applet's CV certificate without the template around its two parts. */
static int make_chain(const struct making *making, struct buf *out, struct err *err)
{
    struct bytes whole = making->issue->text_cvc;
    struct tlv certificate;

    TRY(tlv_next(&whole, &certificate, err));
    return buf_append(out, certificate.value, err);
}

/* The contact ATR of card.md 1.1 without its first byte. */
static int make_atr(const struct making *making, struct buf *out, struct err *err)
{
    static const uint8_t atr[] = {0xe0, 0x00, 0xff, 0x81, 0x31, 0xfe, 0x45, 0x14};

    (void)making;
    return buf_append(out, BYTES_ARRAY(atr), err);
}

const struct making_row other_rows[] = {
    {"juki", 0x0002, make_juki_key},
    {"common", 0x0001, make_common_record},
    {"common", 0x0002, make_common_key},
    {"mf", 0x0042, make_issuer},
    {"mf", 0x0045, make_id},
    {"mf", 0x0066, make_recognition},
    {"mf", 0x00f0, make_municipality},
    {"mf", 0x00f2, make_expiry},
    {"mf", 0x00f7, make_opaque},
    {"mf", 0x00f8, make_opaque},
    {"mf", 0x7f21, make_chain},
    {"mf", 0x5f51, make_atr},
    {"", 0, NULL},
};
