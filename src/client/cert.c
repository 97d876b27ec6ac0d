/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate file is longer than the certificate in it, so it is read as far as the object's
 * header says and no further. The loop that reads asks for at least one byte and fails if none
 * comes, so a card that answers nothing for ever cannot keep it.
 */
#include "client/cert.h"

#include "base/i18n.h"
#include "client/icc.h"
#include "iso7816/tlv.h"

static const struct {
    const char *name, *title;
    uint16_t fid; /* card.md 3.1 */
} files[] = {
    [ICC_CERT_SIGN] = {"sign", N_("the sign certificate"), 0x0001},
    [ICC_CERT_AUTH] = {"auth", N_("the auth certificate"), 0x000A},
    [ICC_CERT_SIGN_CA] = {"sign-ca", N_("the sign CA certificate"), 0x0002},
    [ICC_CERT_AUTH_CA] = {"auth-ca", N_("the auth CA certificate"), 0x000B},
};

enum { EF_PRESENCE = 0x0008 };

const char *icc_cert_name(enum icc_cert which)
{
    return files[which].name;
}

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

/* Filler where the object should start: nothing was written there. */
static bool is_filler(uint8_t first)
{
    return first == 0x00 || first == 0xFF;
}

static int read_object(struct icc *icc, uint16_t fid, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf object = BUF_INIT;
    size_t total;

    TRY(icc_select(icc, fid, err));
    TRY(read_binary(icc, 0, APDU_SHORT_NE_MAX, &object, err));
    if (is_filler(object.ptr[0]))
        return FAIL_WITH(err, ERR_ABSENT, SW_WRONG_OFFSET, "the file is empty");
    if (tlv_total(buf_bytes(&object), &total, NULL) < 0 || object.ptr[0] != 0x30)
        return FAIL(err, ERR_REMOTE, "the card answered garbage: file %04X holds no certificate",
                    fid);
    if (total > ICC_OBJECT_MAX)
        return FAIL(err, ERR_REMOTE, "the card claims a certificate of %zu bytes; %d are allowed",
                    total, ICC_OBJECT_MAX);
    while (object.len < total)
        TRY(read_binary(icc, object.len, total - object.len, &object, err));
    object.len = total;
    buf_move(ret, &object);
    return 0;
}

int icc_read_cert(struct icc *icc, enum icc_cert which, struct buf *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf cert = BUF_INIT;

    TRY(icc_begin(icc, &txn, err));
    TRY(err_prefix(err, read_object(icc, files[which].fid, &cert, err), "%s",
                   err_message(files[which].title)));
    buf_move(ret, &cert);
    return 0;
}

bool icc_is_missing(const struct err *err)
{
    return err->kind == ERR_ABSENT &&
           (err->detail == SW_FILE_NOT_FOUND || err->detail == SW_WRONG_OFFSET);
}

int icc_read_presence(struct icc *icc, struct icc_presence *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf flags = BUF_INIT;
    struct err why = {0};
    int rc;

    TRY(icc_begin(icc, &txn, err));
    rc = icc_select(icc, EF_PRESENCE, &why);
    if (rc == 0)
        rc = read_binary(icc, 0, 3, &flags, &why);
    if (rc < 0 && !icc_is_missing(&why))
        return err_copy(err, &why);
    if (rc == 0 && flags.len < 2)
        return FAIL(err, ERR_REMOTE, "the card answered garbage: file 0008 has %zu bytes",
                    flags.len);
    *ret = (struct icc_presence){.is_told = rc == 0};
    if (rc == 0) {
        ret->sign = !is_filler(flags.ptr[0]);
        ret->auth = !is_filler(flags.ptr[1]);
    }
    return 0;
}
