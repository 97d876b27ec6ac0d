/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's end of a secure channel: GlobalPlatform Card Specification 2.3, Amendment D, SCP03 in
 * S8 mode. What is sent and received is the caller's; client/gp.h sends it to a card.
 */
#pragma once

#include "base/secret.h"
#include "iso7816/apdu.h"

/* The key set of an issuer or operator. */
struct icc_keys {
    uint8_t version;             /* 01 to 7F */
    struct secret enc, mac, dek; /* AES, all of one size */
};
#define ICC_KEYS_INIT                                                                              \
    {                                                                                              \
        0, SECRET_INIT, SECRET_INIT, SECRET_INIT                                                   \
    }
void icc_keys_done(struct icc_keys *keys);

/* Security levels (Amendment D, table 7-5). */
enum icc_channel_level {
    ICC_CHANNEL_C_MAC = 0x01,
    ICC_CHANNEL_COMMANDS = 0x03, /* commands encrypted and proven */
    ICC_CHANNEL_MACS = 0x11,     /* commands and answers proven */
    ICC_CHANNEL_ALL = 0x33,      /* both encrypted and proven */
};

enum { ICC_CHANNEL_CHALLENGE_SIZE = 8, ICC_CHANNEL_DATA_MAX = 239 };

struct icc_channel {
    enum icc_channel_level level;
    struct secret enc, mac, rmac; /* of the session */
    uint8_t chain[16];            /* of MACs */
    uint8_t host_cryptogram[8];
    uint32_t commands;
};
#define ICC_CHANNEL_INIT                                                                           \
    {                                                                                              \
        ICC_CHANNEL_C_MAC, SECRET_INIT, SECRET_INIT, SECRET_INIT, {0}, {0}, 0                      \
    }
void icc_channel_done(struct icc_channel *channel);

/*
 * What the card answered to INITIALIZE UPDATE with this challenge. ERR_REMOTE if it is no SCP03 or
 * has other keys than asked for; ERR_DENIED if the card does not know these keys.
 */
MUST_CHECK int icc_channel_begin(const struct icc_keys *keys,
                                 const uint8_t challenge[ICC_CHANNEL_CHALLENGE_SIZE],
                                 struct bytes answer, struct icc_channel *ret, struct err *err);
/* Append EXTERNAL AUTHENTICATE, after which the channel has the level. */
MUST_CHECK int icc_channel_authenticate(struct icc_channel *channel, enum icc_channel_level level,
                                        struct buf *ret, struct err *err);
/*
 * Append a command in its wrapping. ERR_USAGE for more than ICC_CHANNEL_DATA_MAX bytes of data.
 */
MUST_CHECK int icc_channel_wrap(struct icc_channel *channel, const struct apdu *apdu,
                                struct buf *ret, struct err *err);
/*
 * Take the data of an answer with status 9000 out of its wrapping. ERR_UNTRUSTED if it is not the
 * card's answer to the last command.
 */
MUST_CHECK int icc_channel_unwrap(struct icc_channel *channel, struct bytes data, struct buf *ret,
                                  struct err *err);

/* A key for the card, under a DEK: its length and itself (Amendment D, 7.2). */
MUST_CHECK int icc_channel_wrap_key(const struct secret *dek, const struct secret *key,
                                    struct buf *ret, struct err *err);
/* Append a key's check value, three bytes (GPCS 2.3, B.6). */
MUST_CHECK int icc_channel_check_value(const struct secret *key, struct buf *ret, struct err *err);
