/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the issuer does with the free area, as GlobalPlatform spells it: INSTALL, STORE DATA and
 * DELETE in a channel to the ISD (GlobalPlatform Card Specification 2.3, 11.2, 11.5, 11.11). Data
 * longer than a command go in a chain, and the last of it makes the card act.
 */
#include "base/i18n.h"
#include "client/free.h"
#include "client/gp.h"
#include "client/icc.h"
#include "iso7816/tlv.h"

enum {
    CLA_GP = 0x80,
    INS_DELETE = 0xe4,
    INS_INSTALL = 0xe6,
    INS_STORE_DATA = 0xe2,
    INSTALL_MAKE_SELECTABLE = 0x0c,
    INSTALL_MORE = 0x80,
    INSTALL_PERSONALIZE = 0x20,
    STORE_LAST = 0x80,
    BLOCKS_MAX = 256,
};

static const char aid_load_file[] = "\xf0OJPKI TESTP";
static const char aid_module[] = "\xf0OJPKI TESTM";
static const uint8_t aid_isd[] = {0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};

/* What is done between SELECT of the ISD and its end. */
typedef int act_fn(struct icc *icc, struct icc_channel *channel, const void *context,
                   struct err *err);

static int with_issuer(struct icc *icc, const struct icc_keys *issuer, act_fn *act,
                       const void *context, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(icc_channel_done) struct icc_channel channel = ICC_CHANNEL_INIT;

    TRY(icc_begin(icc, &txn, err));
    TRY(icc_select_application(icc, BYTES_ARRAY(aid_isd), err));
    TRY(icc_channel_open(icc, issuer, ICC_CHANNEL_ALL, &channel, err));
    return act(icc, &channel, context, err);
}

static int fail_sw(struct err *err, uint16_t sw, const char *what)
{
    switch (sw) {
    case SW_REFERENCE_NOT_FOUND:
        return FAIL_WITH(err, ERR_ABSENT, sw, "the card has no such area");
    case SW_CONDITIONS:
        return FAIL_WITH(err, ERR_CONFLICT, sw, "the card has this area already");
    case SW_NO_ROOM:
        return FAIL_WITH(err, ERR_INPUT, sw, "the card has not enough room for that");
    case SW_WRONG_DATA:
        return FAIL_WITH(err, ERR_INPUT, sw,
                         "the card does not take such an area: is it valid longer than the card?");
    default:
        return icc_fail_sw(err, sw, what);
    }
}

static int send(struct icc *icc, struct icc_channel *channel, const struct apdu *apdu,
                const char *what, struct err *err)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    uint16_t sw;

    TRY(icc_channel_transmit(icc, channel, apdu, &answer, &sw, err));
    return sw == SW_OK ? 0 : fail_sw(err, sw, what);
}

static int put_field(struct buf *out, struct bytes value, struct err *err)
{
    TRY(buf_append_byte(out, (uint8_t)value.len, err));
    return buf_append(out, value, err);
}

static int put_date(struct buf *out, uint32_t tag, struct caldate date, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    caldate_format_basic(date, text);
    return tlv_append(out, tag, bytes_text(text), err);
}

static int put_basis(struct buf *out, const struct icc_area *area, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const uint8_t kind = (uint8_t)area->basis;

    TRY(tlv_append(&body, 0x80, bytes_of(&kind, 1), err));
    TRY(tlv_append(&body, 0x81, buf_bytes(&area->basis_text), err));
    TRY(put_date(&body, 0x82, area->basis_date, err));
    return tlv_append(out, 0xa1, buf_bytes(&body), err);
}

static int put_description(struct buf *out, const struct icc_area *area, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const uint8_t capacity[] = {(uint8_t)(area->capacity >> 8 & 0xff),
                                (uint8_t)(area->capacity & 0xff)};
    const uint8_t access = area->is_protected ? 1 : 0;

    TRY(tlv_append(out, 0x50, buf_bytes(&area->label), err));
    TRY(tlv_append(&body, 0x80, buf_bytes(&area->owner), err));
    TRY(put_basis(&body, area, err));
    TRY(put_date(&body, 0x82, area->expiry, err));
    TRY(tlv_append(&body, 0x83, BYTES_ARRAY(capacity), err));
    TRY(tlv_append(&body, 0x84, bytes_of(&access, 1), err));
    return tlv_append(out, 0x73, buf_bytes(&body), err);
}

static int put_key(struct buf *out, uint32_t tag, const struct secret *dek,
                   const struct secret *key, struct err *err)
{
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;

    TRY(icc_channel_wrap_key(dek, key, &wrapped, err));
    return tlv_append(out, tag, buf_bytes(&wrapped), err);
}

static int put_keys(struct buf *out, const struct secret *dek, const struct icc_keys *keys,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf checks = BUF_INIT;

    TRY(tlv_append(&body, 0x80, bytes_of(&keys->version, 1), err));
    TRY(put_key(&body, 0x81, dek, &keys->enc, err));
    TRY(put_key(&body, 0x82, dek, &keys->mac, err));
    TRY(put_key(&body, 0x83, dek, &keys->dek, err));
    TRY(icc_channel_check_value(&keys->enc, &checks, err));
    TRY(icc_channel_check_value(&keys->mac, &checks, err));
    TRY(icc_channel_check_value(&keys->dek, &checks, err));
    TRY(tlv_append(&body, 0x84, buf_bytes(&checks), err));
    return tlv_append(out, 0xa5, buf_bytes(&body), err);
}

/* A chain of INSTALL commands: those before the last say that more follow. */
static int send_install(struct icc *icc, struct icc_channel *channel, struct bytes data,
                        struct err *err)
{
    do {
        struct bytes block = bytes_part(data, 0, ICC_CHANNEL_DATA_MAX);
        const bool is_last = block.len == data.len;
        const struct apdu apdu = {
            .cla = CLA_GP,
            .ins = INS_INSTALL,
            .p1 = (uint8_t)(INSTALL_MAKE_SELECTABLE | (is_last ? 0 : INSTALL_MORE)),
            .data = block,
            .ne = APDU_SHORT_NE_MAX,
        };

        TRY(send(icc, channel, &apdu, N_("make an area"), err));
        data = bytes_part(data, block.len, data.len);
    } while (data.len > 0);
    return 0;
}

/* Load file, module, instance, privileges, parameters, token. */
static int put_install(struct buf *out, const struct icc_aid *aid, struct bytes parameters,
                       struct err *err)
{
    static const uint8_t privileges[] = {0, 0, 0};
    CLEANUP(buf_done) struct buf field = BUF_INIT;
    CLEANUP(buf_done) struct buf length = BUF_INIT;

    TRY(put_field(out, bytes_of(aid_load_file, sizeof aid_load_file - 1), err));
    TRY(put_field(out, bytes_of(aid_module, sizeof aid_module - 1), err));
    TRY(put_field(out, bytes_of(aid->bytes, aid->len), err));
    TRY(put_field(out, BYTES_ARRAY(privileges), err));
    TRY(tlv_append(&field, 0xc9, parameters, err));
    /* A length like that of BER-TLV: an element of this field without its tag. */
    TRY(tlv_append(&length, 0xc9, buf_bytes(&field), err));
    TRY(buf_append(out, bytes_part(buf_bytes(&length), 1, length.len), err));
    return put_field(out, (struct bytes){NULL, 0}, err);
}

struct creation {
    const struct icc_area *area;
    const struct icc_keys *issuer, *owner;
};

static int create(struct icc *icc, struct icc_channel *channel, const void *context,
                  struct err *err)
{
    const struct creation *creation = context;
    CLEANUP(buf_done) struct buf parameters = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;

    TRY(put_description(&parameters, creation->area, err));
    if (creation->owner != NULL)
        TRY(put_keys(&parameters, &creation->issuer->dek, creation->owner, err));
    TRY(put_install(&data, &creation->area->aid, buf_bytes(&parameters), err));
    return send_install(icc, channel, buf_bytes(&data), err);
}

int icc_free_create(struct icc *icc, const struct icc_keys *issuer, const struct icc_area *area,
                    const struct icc_keys *owner, struct err *err)
{
    const struct creation creation = {area, issuer, owner};

    return with_issuer(icc, issuer, create, &creation, err);
}

/* INSTALL [for personalization]: what STORE DATA is meant for. */
static int send_target(struct icc *icc, struct icc_channel *channel, const struct icc_aid *aid,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct apdu apdu = {
        .cla = CLA_GP, .ins = INS_INSTALL, .p1 = INSTALL_PERSONALIZE, .ne = APDU_SHORT_NE_MAX};

    for (int field = 0; field < 6; field++)
        TRY(put_field(&data, field == 2 ? bytes_of(aid->bytes, aid->len) : (struct bytes){NULL, 0},
                      err));
    apdu.data = buf_bytes(&data);
    return send(icc, channel, &apdu, N_("write an area"), err);
}

struct writing {
    const struct icc_aid *aid;
    struct bytes contents;
};

static int write_contents(struct icc *icc, struct icc_channel *channel, const void *context,
                          struct err *err)
{
    const struct writing *writing = context;
    struct bytes rest = writing->contents;

    if (rest.len > (size_t)BLOCKS_MAX * ICC_CHANNEL_DATA_MAX)
        return FAIL(err, ERR_INPUT, "%zu bytes are more than any area has", rest.len);
    TRY(send_target(icc, channel, writing->aid, err));
    for (unsigned number = 0; number == 0 || rest.len > 0; number++) {
        struct bytes block = bytes_part(rest, 0, ICC_CHANNEL_DATA_MAX);
        const struct apdu apdu = {
            .cla = CLA_GP,
            .ins = INS_STORE_DATA,
            .p1 = block.len == rest.len ? STORE_LAST : 0,
            .p2 = (uint8_t)number,
            .data = block,
        };

        TRY(send(icc, channel, &apdu, N_("write an area"), err));
        rest = bytes_part(rest, block.len, rest.len);
    }
    return 0;
}

int icc_free_write(struct icc *icc, const struct icc_aid *aid, const struct icc_keys *issuer,
                   struct bytes contents, struct err *err)
{
    const struct writing writing = {aid, contents};

    return with_issuer(icc, issuer, write_contents, &writing, err);
}

static int delete_area(struct icc *icc, struct icc_channel *channel, const void *context,
                       struct err *err)
{
    const struct icc_aid *aid = context;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct apdu apdu = {.cla = CLA_GP, .ins = INS_DELETE, .ne = APDU_SHORT_NE_MAX};

    TRY(tlv_append(&data, 0x4f, bytes_of(aid->bytes, aid->len), err));
    apdu.data = buf_bytes(&data);
    return send(icc, channel, &apdu, N_("remove an area"), err);
}

int icc_free_delete(struct icc *icc, const struct icc_keys *issuer, const struct icc_aid *aid,
                    struct err *err)
{
    return with_issuer(icc, issuer, delete_area, aid, err);
}
