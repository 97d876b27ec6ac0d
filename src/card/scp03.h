/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card's end of a secure channel: GlobalPlatform Card Specification 2.3, Amendment D, SCP03
 * with i = 70 (pseudo-random card challenge, R-MAC and R-ENCRYPTION), S8 mode. No input or output:
 * who calls makes lasting what lasts (the sequence counter, the tries).
 */
#pragma once

#include "card/gp_keys.h"
#include "iso7816/apdu.h"

/* Bits of a security level (Amendment D, table 7-5). */
enum {
    SCP03_C_MAC = 0x01,
    SCP03_C_DECRYPTION = 0x02,
    SCP03_R_MAC = 0x10,
    SCP03_R_ENCRYPTION = 0x20,
};

enum { SCP03_CHALLENGE_SIZE = 8, SCP03_MAC_SIZE = 8, SCP03_CHAIN_SIZE = 16 };

struct scp03 {
    enum { SCP03_CLOSED, SCP03_CHALLENGED, SCP03_OPEN } state;
    uint8_t level;
    struct secret enc, mac, rmac; /* of the session */
    uint8_t host_challenge[SCP03_CHALLENGE_SIZE];
    uint8_t card_challenge[SCP03_CHALLENGE_SIZE];
    uint8_t chain[SCP03_CHAIN_SIZE]; /* of MACs */
    uint32_t commands;               /* since it is open: the encryption counter */
};

/* Forgets everything. A channel of zeros is closed. */
void scp03_close(struct scp03 *channel);

/*
 * INITIALIZE UPDATE: a new channel in the place of an old one. keys->sequence counts this one
 * already; aid is of the application asked. Appends the answer's data.
 */
MUST_CHECK int scp03_challenge(struct scp03 *channel, const struct gp_keys *keys, struct bytes aid,
                               struct bytes host_challenge, struct buf *ret, struct err *err);
/*
 * EXTERNAL AUTHENTICATE: *ret_sw is 9000 and the channel open, or else the channel is closed: 6300
 * for a wrong cryptogram, 6982 for a wrong MAC, 6985 without a challenge, 6700, 6A86.
 */
MUST_CHECK int scp03_authenticate(struct scp03 *channel, const struct apdu *apdu, uint16_t *ret_sw,
                                  struct err *err);

/*
 * Take a command out of its wrapping: *ret has the class without secure messaging and its data in
 * *plain. *ret_sw other than 9000 closes the channel, and nothing of the command may be done.
 */
MUST_CHECK int scp03_unwrap(struct scp03 *channel, const struct apdu *wrapped, struct buf *plain,
                            struct apdu *ret, uint16_t *ret_sw, struct err *err);
/* How much data an answer may have so that it can be wrapped in ne bytes. */
size_t scp03_room(const struct scp03 *channel, size_t ne);
/* Wrap the data of an answer with status 9000, as the level asks. */
MUST_CHECK int scp03_wrap(struct scp03 *channel, struct buf *data, struct err *err);

bool scp03_has_level(const struct scp03 *channel, uint8_t level);

/* The first three bytes of a block of 01 encrypted with the key (GPCS 2.3, B.6). */
enum { GP_CHECK_SIZE = 3 };
MUST_CHECK int scp03_check_value(const struct secret *key, uint8_t ret[GP_CHECK_SIZE],
                                 struct err *err);
