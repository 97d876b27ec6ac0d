/* SPDX-License-Identifier: Apache-2.0 */
#include "client/gp.h"

#include "base/i18n.h"
#include "base/rand.h"
#include "client/icc.h"

enum {
    CLA_GP = 0x80,
    INS_INITIALIZE_UPDATE = 0x50,
    INS_SELECT = 0xa4,
    P1_BY_AID = 0x04,
    P2_NO_DATA = 0x0c,
};

int icc_select_application(struct icc *icc, struct bytes aid, struct err *err)
{
    const struct apdu apdu = {.ins = INS_SELECT, .p1 = P1_BY_AID, .p2 = P2_NO_DATA, .data = aid};
    uint16_t sw;

    icc_pin_was_sent(icc); /* the transaction's end selects something else */
    TRY(icc_transmit(icc, &apdu, NULL, &sw, err));
    if (sw == SW_FILE_NOT_FOUND)
        return FAIL_WITH(err, ERR_ABSENT, sw, "the card has no such application");
    return sw == SW_OK ? 0 : icc_fail_sw(err, sw, N_("open an application"));
}

static int ask_challenge(struct icc *icc, const struct icc_keys *keys, struct bytes ours,
                         struct buf *ret, struct err *err)
{
    const struct apdu apdu = {.cla = CLA_GP,
                              .ins = INS_INITIALIZE_UPDATE,
                              .p1 = keys->version,
                              .data = ours,
                              .ne = APDU_SHORT_NE_MAX};
    uint16_t sw;

    TRY(icc_transmit(icc, &apdu, ret, &sw, err));
    if (sw == SW_REFERENCE_NOT_FOUND)
        return FAIL_WITH(err, ERR_ABSENT, sw, "the card has no keys of version %u",
                         (unsigned)keys->version);
    if (sw == SW_METHOD_BLOCKED)
        return FAIL_WITH(err, ERR_DENIED, sw,
                         "the keys are blocked after too many wrong attempts; only the issuer can "
                         "help");
    return sw == SW_OK ? 0 : icc_fail_sw(err, sw, N_("begin a secure channel"));
}

static int authenticate(struct icc *icc, struct icc_channel *channel, enum icc_channel_level level,
                        struct err *err)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;
    struct apdu apdu;
    uint16_t sw;

    TRY(icc_channel_authenticate(channel, level, &command, err));
    TRY(apdu_parse(buf_bytes(&command), &apdu, err));
    TRY(icc_transmit(icc, &apdu, NULL, &sw, err));
    return sw == SW_OK ? 0 : icc_fail_sw(err, sw, N_("open a secure channel"));
}

int icc_channel_open(struct icc *icc, const struct icc_keys *keys, enum icc_channel_level level,
                     struct icc_channel *ret, struct err *err)
{
    CLEANUP(icc_channel_done) struct icc_channel channel = ICC_CHANNEL_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    uint8_t challenge[ICC_CHANNEL_CHALLENGE_SIZE];

    TRY(rand_fill(challenge, sizeof challenge, err));
    TRY(ask_challenge(icc, keys, BYTES_ARRAY(challenge), &answer, err));
    TRY(icc_channel_begin(keys, challenge, buf_bytes(&answer), &channel, err));
    TRY(authenticate(icc, &channel, level, err));
    *ret = channel;
    channel = (struct icc_channel)ICC_CHANNEL_INIT;
    return 0;
}

int icc_channel_transmit(struct icc *icc, struct icc_channel *channel, const struct apdu *apdu,
                         struct buf *ret_data, uint16_t *ret_sw, struct err *err)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct apdu wrapped;
    uint16_t sw;

    TRY(icc_channel_wrap(channel, apdu, &command, err));
    TRY(apdu_parse(buf_bytes(&command), &wrapped, err));
    TRY(icc_transmit(icc, &wrapped, &answer, &sw, err));
    if (sw == SW_OK)
        TRY(icc_channel_unwrap(channel, buf_bytes(&answer), &data, err));
    buf_done(ret_data);
    buf_move(ret_data, &data);
    *ret_sw = sw;
    return 0;
}
