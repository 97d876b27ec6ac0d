/* SPDX-License-Identifier: Apache-2.0 */
#include "client/sign.h"

#include "base/i18n.h"
#include "client/icc.h"

/* card.md 3.1 */
static const uint16_t ief_of_key[] = {[ICC_KEY_AUTH] = 0x0017, [ICC_KEY_SIGN] = 0x001A};

/* What goes into the command. */
static int build_input(enum key_kind kind, const struct digest *digest, struct buf *ret,
                       struct err *err)
{
    if (kind == KEY_RSA)
        return digestinfo_build(digest, ret, err);
    if (digest->alg != key_kind_digest(kind) || digest->len != digest_size(digest->alg))
        return FAIL(err, ERR_USAGE, "a %s key signs %s digests", key_kind_name(kind),
                    digest_name(key_kind_digest(kind)));
    return buf_copy(digest_bytes(digest), ret, err);
}

int icc_sign(struct icc *icc, enum icc_key which, const struct digest *digest, struct buf *ret,
             struct err *err)
{
    return icc_sign_kind(icc, which, KEY_RSA, digest, ret, err);
}

static int send_input(struct icc *icc, enum icc_key which, struct bytes input, struct buf *ret,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct apdu apdu = {
        .cla = 0x80, .ins = 0x2A, .p2 = 0x80, .data = input, .ne = APDU_SHORT_NE_MAX};
    uint16_t sw;

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

int icc_sign_kind(struct icc *icc, enum icc_key which, enum key_kind kind,
                  const struct digest *digest, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf input = BUF_INIT;

    TRY(build_input(kind, digest, &input, err));
    return send_input(icc, which, buf_bytes(&input), ret, err);
}

int icc_sign_bare(struct icc *icc, enum icc_key which, const struct digest *digest, struct buf *ret,
                  struct err *err)
{
    return send_input(icc, which, digest_bytes(digest), ret, err);
}
