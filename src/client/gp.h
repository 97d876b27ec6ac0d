/* SPDX-License-Identifier: Apache-2.0 */
/* Applications of a card behind GlobalPlatform keys: select one, and talk to it in a channel. */
#pragma once

#include "client/scp03.h"

struct icc;

/*
 * Inside a transaction, whose end leaves the application and with it the channel. SELECT by AID;
 * ERR_ABSENT if the card has none such.
 */
MUST_CHECK int icc_select_application(struct icc *icc, struct bytes aid, struct err *err);

/*
 * Open a channel to what is selected. ERR_ABSENT if it has no keys, or none of this version;
 * ERR_DENIED if it does not know these, which costs no try, or if it is shut after too many wrong
 * attempts.
 */
MUST_CHECK int icc_channel_open(struct icc *icc, const struct icc_keys *keys,
                                enum icc_channel_level level, struct icc_channel *ret,
                                struct err *err);
/*
 * Send a command through it; *ret_data is replaced by the data of the answer. Any status word is a
 * success here, but only that of 9000 is proven.
 */
MUST_CHECK int icc_channel_transmit(struct icc *icc, struct icc_channel *channel,
                                    const struct apdu *apdu, struct buf *ret_data, uint16_t *ret_sw,
                                    struct err *err);
