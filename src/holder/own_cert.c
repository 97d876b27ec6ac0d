/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/own_cert.h"

#include "crypto/pubkey.h"

int own_cert_read(struct icc *icc, enum icc_cert which, struct x509_cert **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    int rc;

    TRY(icc_read_cert(icc, which, &der, err));
    rc = x509_cert_parse(buf_bytes(&der), ret, err);
    if (rc == -ERR_INPUT) /* the card sent it: no file of the person is wrong */
        return FAIL(err, ERR_REMOTE, "the card's %s certificate is malformed",
                    icc_cert_name(which));
    return rc;
}

int own_cert_check_kind(const struct x509_cert *cert, struct err *err)
{
    enum key_kind kind = pubkey_kind(x509_cert_pubkey(cert));

    if (kind != KEY_RSA)
        return FAIL(err, ERR_INPUT, "the card has %s keys; logins and revocations are by RSA keys",
                    key_kind_name(kind));
    return 0;
}
