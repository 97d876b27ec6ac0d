/* SPDX-License-Identifier: Apache-2.0 */
#include "client/sign.h"

#include "base/i18n.h"
#include "client/icc.h"

/* card.md 3.1 */
static const uint16_t ief_of_key[] = {[ICC_KEY_AUTH] = 0x0017, [ICC_KEY_SIGN] = 0x001A};

int icc_sign(struct icc *icc, enum icc_key which, const struct digest *digest, struct buf *ret,
             struct err *err)
{
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct apdu apdu = {.cla = 0x80, .ins = 0x2A, .p2 = 0x80, .ne = APDU_SHORT_NE_MAX};
    uint16_t sw;

    TRY(digestinfo_build(digest, &info, err));
    apdu.data = buf_bytes(&info);
    TRY(icc_select(icc, ief_of_key[which], err));
    TRY(icc_transmit(icc, &apdu, &signature, &sw, err));
    if (sw != SW_OK)
        return icc_fail_sw(err, sw, N_("sign"));
    if (signature.len < ICC_SIGNATURE_MIN || signature.len > ICC_SIGNATURE_MAX)
        return FAIL(err, ERR_REMOTE, "the card answered garbage: a signature of %zu bytes",
                    signature.len);
    buf_move(ret, &signature);
    return 0;
}
