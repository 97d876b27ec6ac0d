/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card proves first that it knows the keys, so wrong ones are noticed before the card counts a
 * try. Layout of its answer (Amendment D, table 7-3): diversification data (10), key version,
 * protocol, i, challenge (8), cryptogram (8), and with pseudo-random challenges a sequence (3).
 */
#include "client/scp03.h"

#include "crypto/aes_cbc.h"
#include "crypto/cmac.h"
#include "iso7816/sw.h"

#include <string.h>

enum {
    ANSWER_VERSION = 10,
    ANSWER_PROTOCOL = 11,
    ANSWER_OPTIONS = 12,
    ANSWER_CHALLENGE = 13,
    ANSWER_CRYPTOGRAM = 21,
    ANSWER_SIZE = 29,
    ANSWER_SIZE_COUNTED = 32,
    PROTOCOL_SCP03 = 3,
    OPTION_S16 = 0x08,
    MAC_SIZE = 8,
    CONTEXT_SIZE = 16,
    CHECK_SIZE = 3,
    CLASS_SECURE = 0x04,
    PAD = 0x80,
};

/* Purposes of derived data (Amendment D, table 4-1). */
enum purpose {
    FOR_CARD_CRYPTOGRAM = 0,
    FOR_HOST_CRYPTOGRAM = 1,
    FOR_ENC = 4,
    FOR_MAC = 6,
    FOR_RMAC = 7,
};

void icc_keys_done(struct icc_keys *keys)
{
    secret_done(&keys->enc);
    secret_done(&keys->mac);
    secret_done(&keys->dek);
    keys->version = 0;
}

void icc_channel_done(struct icc_channel *channel)
{
    secret_done(&channel->enc);
    secret_done(&channel->mac);
    secret_done(&channel->rmac);
    *channel = (struct icc_channel)ICC_CHANNEL_INIT;
}

/* Twelve bytes of label, a zero, and how many bits are wanted go before the counter. */
static int derive(const struct secret *key, enum purpose purpose,
                  const uint8_t context[CONTEXT_SIZE], size_t len, struct secret *ret,
                  struct err *err)
{
    uint8_t front[15] = {0};

    front[11] = (uint8_t)purpose;
    front[13] = (uint8_t)(len >> 5);
    front[14] = (uint8_t)(len << 3 & 0xff);
    return cmac_derive(key, BYTES_ARRAY(front), bytes_of(context, CONTEXT_SIZE), len, ret, err);
}

static int check_answer(const struct icc_keys *keys, struct bytes answer, struct err *err)
{
    if (answer.len != ANSWER_SIZE && answer.len != ANSWER_SIZE_COUNTED)
        return FAIL(err, ERR_REMOTE, "the card began no secure channel: %zu bytes", answer.len);
    if (answer.ptr[ANSWER_PROTOCOL] != PROTOCOL_SCP03 ||
        (answer.ptr[ANSWER_OPTIONS] & OPTION_S16) != 0)
        return FAIL(err, ERR_REMOTE,
                    "the card has secure channels of a kind that is not supported");
    if (answer.ptr[ANSWER_VERSION] != keys->version)
        return FAIL(err, ERR_REMOTE, "the card answered with other keys than were asked for");
    return 0;
}

static int derive_session(const struct icc_keys *keys, const uint8_t context[CONTEXT_SIZE],
                          struct icc_channel *channel, struct err *err)
{
    TRY(derive(&keys->enc, FOR_ENC, context, keys->enc.len, &channel->enc, err));
    TRY(derive(&keys->mac, FOR_MAC, context, keys->mac.len, &channel->mac, err));
    return derive(&keys->mac, FOR_RMAC, context, keys->mac.len, &channel->rmac, err);
}

static int begin(const struct icc_keys *keys, const uint8_t challenge[ICC_CHANNEL_CHALLENGE_SIZE],
                 struct bytes answer, struct icc_channel *channel, struct err *err)
{
    CLEANUP(secret_done) struct secret expected = SECRET_INIT;
    CLEANUP(secret_done) struct secret ours = SECRET_INIT;
    uint8_t context[CONTEXT_SIZE];

    TRY(check_answer(keys, answer, err));
    memcpy(context, challenge, 8);
    memcpy(context + 8, answer.ptr + ANSWER_CHALLENGE, 8);
    TRY(derive_session(keys, context, channel, err));
    TRY(derive(&channel->mac, FOR_CARD_CRYPTOGRAM, context, 8, &expected, err));
    if (!bytes_equal_secret(secret_bytes(&expected), bytes_part(answer, ANSWER_CRYPTOGRAM, 8)))
        return FAIL(err, ERR_DENIED, "the card does not know these keys");
    TRY(derive(&channel->mac, FOR_HOST_CRYPTOGRAM, context, 8, &ours, err));
    memcpy(channel->host_cryptogram, ours.ptr, 8);
    return 0;
}

int icc_channel_begin(const struct icc_keys *keys,
                      const uint8_t challenge[ICC_CHANNEL_CHALLENGE_SIZE], struct bytes answer,
                      struct icc_channel *ret, struct err *err)
{
    CLEANUP(icc_channel_done) struct icc_channel channel = ICC_CHANNEL_INIT;

    TRY(begin(keys, challenge, answer, &channel, err));
    *ret = channel;
    channel = (struct icc_channel)ICC_CHANNEL_INIT;
    return 0;
}

/* Append header, data and MAC; the MAC is over them with the length they have together. */
static int append_proven(struct icc_channel *channel, const struct apdu *apdu, struct bytes data,
                         size_t ne, struct buf *ret, struct err *err)
{
    const uint8_t head[] = {(uint8_t)(apdu->cla | CLASS_SECURE), apdu->ins, apdu->p1, apdu->p2,
                            (uint8_t)(data.len + MAC_SIZE)};
    const struct bytes parts[] = {BYTES_ARRAY(channel->chain), BYTES_ARRAY(head), data};
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    uint8_t mac[CMAC_SIZE];

    TRY(cmac_compute(&channel->mac, parts, sizeof parts / sizeof parts[0], mac, err));
    memcpy(channel->chain, mac, sizeof mac);
    TRY(buf_append(&whole, data, err));
    TRY(buf_append(&whole, bytes_of(mac, MAC_SIZE), err));
    return apdu_build(&(struct apdu){.cla = head[0],
                                     .ins = head[1],
                                     .p1 = head[2],
                                     .p2 = head[3],
                                     .data = buf_bytes(&whole),
                                     .ne = ne},
                      ret, err);
}

int icc_channel_authenticate(struct icc_channel *channel, enum icc_channel_level level,
                             struct buf *ret, struct err *err)
{
    const struct apdu apdu = {.cla = 0x80, .ins = 0x82, .p1 = (uint8_t)level};

    TRY(append_proven(channel, &apdu, BYTES_ARRAY(channel->host_cryptogram), 0, ret, err));
    channel->level = level;
    return 0;
}

/* The first block of a message's encryption: the number of its command, itself encrypted. */
static int first_block(const struct icc_channel *channel, bool is_answer, uint8_t ret[AES_BLOCK],
                       struct err *err)
{
    static const uint8_t none[AES_BLOCK] = {0};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    uint8_t number[AES_BLOCK] = {0};

    for (unsigned i = 0; i < 4; i++)
        number[AES_BLOCK - 1 - i] = (uint8_t)(channel->commands >> (8 * i) & 0xff);
    if (is_answer)
        number[0] = 0x80;
    TRY(aes_cbc_encrypt(&channel->enc, none, BYTES_ARRAY(number), &out, err));
    memcpy(ret, out.ptr, AES_BLOCK);
    return 0;
}

/* ISO/IEC 9797-1, padding method 2, then CBC. */
static int encrypt(const struct icc_channel *channel, struct bytes data, struct buf *ret,
                   struct err *err)
{
    CLEANUP(buf_done) struct buf padded = BUF_INIT;
    uint8_t iv[AES_BLOCK];

    TRY(first_block(channel, false, iv, err));
    TRY(buf_append(&padded, data, err));
    TRY(buf_append_byte(&padded, PAD, err));
    while (padded.len % AES_BLOCK != 0)
        TRY(buf_append_byte(&padded, 0, err));
    return aes_cbc_encrypt(&channel->enc, iv, buf_bytes(&padded), ret, err);
}

int icc_channel_wrap(struct icc_channel *channel, const struct apdu *apdu, struct buf *ret,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    size_t ne = apdu->ne;

    if (apdu->data.len > ICC_CHANNEL_DATA_MAX || ne > APDU_SHORT_NE_MAX)
        return FAIL(err, ERR_USAGE, "%zu bytes do not fit a secure channel's command",
                    apdu->data.len);
    channel->commands++;
    if (channel->level >= ICC_CHANNEL_MACS) /* its proof is data where there were none */
        ne = APDU_SHORT_NE_MAX;
    if (apdu->data.len > 0 && (channel->level & 0x02) != 0)
        TRY(encrypt(channel, apdu->data, &data, err));
    else
        TRY(buf_append(&data, apdu->data, err));
    return append_proven(channel, apdu, buf_bytes(&data), ne, ret, err);
}

static int fail_answer(struct err *err)
{
    return FAIL(err, ERR_UNTRUSTED, "an answer in the secure channel is not the card's");
}

static int decrypt(const struct icc_channel *channel, struct bytes data, struct buf *ret,
                   struct err *err)
{
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    uint8_t iv[AES_BLOCK];

    if (data.len % AES_BLOCK != 0)
        return fail_answer(err);
    TRY(first_block(channel, true, iv, err));
    TRY(aes_cbc_decrypt(&channel->enc, iv, data, &plain, err));
    while (plain.len > 0 && plain.ptr[plain.len - 1] == 0)
        plain.len--;
    if (plain.len == 0 || plain.ptr[plain.len - 1] != PAD || data.len - plain.len >= AES_BLOCK)
        return fail_answer(err);
    plain.len--;
    return buf_append(ret, buf_bytes(&plain), err);
}

int icc_channel_unwrap(struct icc_channel *channel, struct bytes data, struct buf *ret,
                       struct err *err)
{
    static const uint8_t status[] = {0x90, 0x00};
    struct bytes body = bytes_part(data, 0, data.len < MAC_SIZE ? 0 : data.len - MAC_SIZE);
    const struct bytes parts[] = {BYTES_ARRAY(channel->chain), body, BYTES_ARRAY(status)};
    uint8_t mac[CMAC_SIZE];

    if (channel->level < ICC_CHANNEL_MACS)
        return buf_append(ret, data, err);
    if (data.len < MAC_SIZE)
        return fail_answer(err);
    TRY(cmac_compute(&channel->rmac, parts, sizeof parts / sizeof parts[0], mac, err));
    if (!bytes_equal_secret(bytes_of(mac, MAC_SIZE), bytes_part(data, body.len, MAC_SIZE)))
        return fail_answer(err);
    if (body.len == 0 || channel->level != ICC_CHANNEL_ALL)
        return buf_append(ret, body, err);
    return decrypt(channel, body, ret, err);
}

int icc_channel_wrap_key(const struct secret *dek, const struct secret *key, struct buf *ret,
                         struct err *err)
{
    static const uint8_t none[AES_BLOCK] = {0};
    CLEANUP(buf_done) struct buf padded = BUF_INIT; /* wiped when it is released */

    TRY(buf_append(&padded, secret_bytes(key), err));
    while (padded.len % AES_BLOCK != 0)
        TRY(buf_append_byte(&padded, 0, err));
    TRY(buf_append_byte(ret, (uint8_t)key->len, err));
    return aes_cbc_encrypt(dek, none, buf_bytes(&padded), ret, err);
}

int icc_channel_check_value(const struct secret *key, struct buf *ret, struct err *err)
{
    static const uint8_t none[AES_BLOCK] = {0};
    static const uint8_t ones[AES_BLOCK] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(aes_cbc_encrypt(key, none, BYTES_ARRAY(ones), &out, err));
    return buf_append(ret, bytes_of(out.ptr, CHECK_SIZE), err);
}
