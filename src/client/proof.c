/* SPDX-License-Identifier: Apache-2.0 */
#include "client/proof.h"

#include "base/rand.h"
#include "client/icc.h"

enum { CHALLENGE_SIZE = 32 };

static int ask(struct icc *icc, const struct digest *challenge, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct apdu apdu = {.cla = 0x80, .ins = 0x2A, .ne = APDU_SHORT_NE_MAX};
    uint16_t sw;

    TRY(digestinfo_build(challenge, &info, err));
    apdu.data = buf_bytes(&info);
    TRY(icc_transmit(icc, &apdu, &signature, &sw, err));
    if (sw == SW_OK)
        buf_move(ret, &signature);
    return 0;
}

int card_proof_ask(struct icc *icc, struct card_proof *ret, struct err *err)
{
    struct card_proof proof = {.signature = BUF_INIT};
    uint8_t random[CHALLENGE_SIZE];

    TRY(rand_fill(random, sizeof random, err));
    TRY(digest_compute(DIGEST_SHA256, BYTES_ARRAY(random), &proof.challenge, err));
    TRY(ask(icc, &proof.challenge, &proof.signature, err));
    *ret = proof;
    return 0;
}

void card_proof_done(struct card_proof *proof)
{
    buf_done(&proof->signature);
}

int card_proof_judge(const struct card_proof *proof, const struct pubkey *key,
                     struct authenticity *authenticity, struct err *err)
{
    if (proof->signature.len == 0) {
        authenticity->has[DATA_CARD_NOT_PROVEN] = true;
        return 0;
    }
    return authenticity_note(
        authenticity, DATA_CARD_COPIED,
        pubkey_verify(key, &proof->challenge, buf_bytes(&proof->signature), err));
}
