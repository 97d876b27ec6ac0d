/* SPDX-License-Identifier: Apache-2.0 */
#include "client/cert.h"

#include "base/i18n.h"
#include "client/file.h"
#include "client/icc.h"

static const struct {
    const char *name, *title;
    uint16_t fid; /* card.md 3.1 */
} files[] = {
    [ICC_CERT_SIGN] = {"sign", N_("the sign certificate"), 0x0001},
    [ICC_CERT_AUTH] = {"auth", N_("the auth certificate"), 0x000A},
    [ICC_CERT_SIGN_CA] = {"sign-ca", N_("the sign CA certificate"), 0x0002},
    [ICC_CERT_AUTH_CA] = {"auth-ca", N_("the auth CA certificate"), 0x000B},
};

enum { EF_PRESENCE = 0x0008, TAG_CERTIFICATE = 0x30 };

/* Where no certificate is, its flag is what an empty file is filled with. */
static bool is_filler(uint8_t flag)
{
    return flag == 0x00 || flag == 0xFF;
}

const char *icc_cert_name(enum icc_cert which)
{
    return files[which].name;
}

int icc_read_cert(struct icc *icc, enum icc_cert which, struct buf *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf cert = BUF_INIT;

    TRY(icc_begin(icc, &txn, err));
    TRY(err_prefix(
        err, icc_read_object(icc, files[which].fid, TAG_CERTIFICATE, ICC_OBJECT_MAX, &cert, err),
        "%s", err_message(files[which].title)));
    buf_move(ret, &cert);
    return 0;
}

int icc_read_presence(struct icc *icc, struct icc_presence *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf flags = BUF_INIT;
    struct err why = {0};
    int rc;

    TRY(icc_begin(icc, &txn, err));
    rc = icc_read_start(icc, EF_PRESENCE, 3, &flags, &why);
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
