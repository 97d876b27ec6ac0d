/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command's MAC is compared before anything of it is decrypted or looked at, and a wrong one
 * ends the channel, so nobody can ask twice (Amendment D, 6.2.4).
 */
#include "card/scp03.h"

#include "crypto/aes_cbc.h"
#include "crypto/cmac.h"
#include "iso7816/sw.h"

#include <string.h>

enum {
    DERIVE_CARD_CRYPTOGRAM = 0x00, /* Amendment D, table 4-1 */
    DERIVE_HOST_CRYPTOGRAM = 0x01,
    DERIVE_CHALLENGE = 0x02,
    DERIVE_ENC = 0x04,
    DERIVE_MAC = 0x06,
    DERIVE_RMAC = 0x07,
    LABEL_SIZE = 15, /* eleven zeros, constant, separator, length in bits */
    DIVERSIFICATION_SIZE = 10,
    PROTOCOL = 0x03,
    OPTIONS_I = 0x70,
    SEQUENCE_SIZE = 3,
    CLA_MESSAGING = 0x04,
    PADDING = 0x80,
    OF_RESPONSE = 0x80, /* first byte of the counter block of a response */
};

void scp03_close(struct scp03 *channel)
{
    secret_done(&channel->enc);
    secret_done(&channel->mac);
    secret_done(&channel->rmac);
    *channel = (struct scp03){.state = SCP03_CLOSED};
}

bool scp03_has_level(const struct scp03 *channel, uint8_t level)
{
    return channel->state == SCP03_OPEN && (channel->level & level) == level;
}

/* Amendment D, 4.1.5 */
static int derive(const struct secret *key, uint8_t constant, struct bytes context, size_t len,
                  struct secret *ret, struct err *err)
{
    const uint8_t label[LABEL_SIZE] = {
        [11] = constant, [13] = (uint8_t)(len * 8 >> 8), [14] = (uint8_t)(len * 8 & 0xff)};

    return cmac_derive(key, BYTES_ARRAY(label), context, len, ret, err);
}

/* Eight bytes that are no secret. */
static int derive_eight(const struct secret *key, uint8_t constant, struct bytes context,
                        uint8_t ret[SCP03_CHALLENGE_SIZE], struct err *err)
{
    CLEANUP(secret_done) struct secret derived = SECRET_INIT;

    TRY(derive(key, constant, context, SCP03_CHALLENGE_SIZE, &derived, err));
    memcpy(ret, derived.ptr, SCP03_CHALLENGE_SIZE);
    return 0;
}

static int cryptogram(const struct scp03 *channel, uint8_t constant,
                      uint8_t ret[SCP03_CHALLENGE_SIZE], struct err *err)
{
    uint8_t context[2 * SCP03_CHALLENGE_SIZE];

    memcpy(context, channel->host_challenge, SCP03_CHALLENGE_SIZE);
    memcpy(context + SCP03_CHALLENGE_SIZE, channel->card_challenge, SCP03_CHALLENGE_SIZE);
    return derive_eight(&channel->mac, constant, BYTES_ARRAY(context), ret, err);
}

static void put_sequence(uint32_t sequence, uint8_t ret[SEQUENCE_SIZE])
{
    for (int i = 0; i < SEQUENCE_SIZE; i++)
        ret[i] = (uint8_t)(sequence >> 8 * (SEQUENCE_SIZE - 1 - i) & 0xff);
}

/* Amendment D, 6.2.2.1: from the sequence counter and the application's AID. */
static int make_challenge(struct scp03 *channel, const struct gp_keys *keys, struct bytes aid,
                          struct err *err)
{
    CLEANUP(buf_done) struct buf context = BUF_INIT;
    uint8_t sequence[SEQUENCE_SIZE];

    put_sequence(keys->sequence, sequence);
    TRY(buf_append(&context, BYTES_ARRAY(sequence), err));
    TRY(buf_append(&context, aid, err));
    return derive_eight(&keys->enc, DERIVE_CHALLENGE, buf_bytes(&context), channel->card_challenge,
                        err);
}

static int make_session(struct scp03 *channel, const struct gp_keys *keys, struct err *err)
{
    uint8_t context[2 * SCP03_CHALLENGE_SIZE];

    memcpy(context, channel->host_challenge, SCP03_CHALLENGE_SIZE);
    memcpy(context + SCP03_CHALLENGE_SIZE, channel->card_challenge, SCP03_CHALLENGE_SIZE);
    TRY(derive(&keys->enc, DERIVE_ENC, BYTES_ARRAY(context), keys->enc.len, &channel->enc, err));
    TRY(derive(&keys->mac, DERIVE_MAC, BYTES_ARRAY(context), keys->mac.len, &channel->mac, err));
    return derive(&keys->mac, DERIVE_RMAC, BYTES_ARRAY(context), keys->mac.len, &channel->rmac,
                  err);
}

static int append_answer(const struct scp03 *channel, const struct gp_keys *keys, struct buf *ret,
                         struct err *err)
{
    /* Keys are given to each card on their own, so there is nothing to derive them from. */
    static const uint8_t diversification[DIVERSIFICATION_SIZE] = {0};
    const uint8_t information[] = {keys->version, PROTOCOL, OPTIONS_I};
    uint8_t proof[SCP03_CHALLENGE_SIZE];
    uint8_t sequence[SEQUENCE_SIZE];

    put_sequence(keys->sequence, sequence);
    TRY(cryptogram(channel, DERIVE_CARD_CRYPTOGRAM, proof, err));
    TRY(buf_append(ret, BYTES_ARRAY(diversification), err));
    TRY(buf_append(ret, BYTES_ARRAY(information), err));
    TRY(buf_append(ret, BYTES_ARRAY(channel->card_challenge), err));
    TRY(buf_append(ret, BYTES_ARRAY(proof), err));
    return buf_append(ret, BYTES_ARRAY(sequence), err);
}

static int begin(struct scp03 *channel, const struct gp_keys *keys, struct bytes aid,
                 struct buf *ret, struct err *err)
{
    TRY(make_challenge(channel, keys, aid, err));
    TRY(make_session(channel, keys, err));
    return append_answer(channel, keys, ret, err);
}

int scp03_challenge(struct scp03 *channel, const struct gp_keys *keys, struct bytes aid,
                    struct bytes host_challenge, struct buf *ret, struct err *err)
{
    int rc;

    scp03_close(channel);
    if (host_challenge.len != SCP03_CHALLENGE_SIZE)
        return FAIL(err, ERR_USAGE, "a host challenge has %d bytes", SCP03_CHALLENGE_SIZE);
    memcpy(channel->host_challenge, host_challenge.ptr, SCP03_CHALLENGE_SIZE);
    rc = begin(channel, keys, aid, ret, err);
    if (rc < 0) {
        scp03_close(channel);
        return rc;
    }
    channel->state = SCP03_CHALLENGED;
    return 0;
}

/*
 * Whether the data ends with the right MAC; the chain goes on then (Amendment D, 6.2.4). Lc is of
 * the short form, which the caller has made sure of.
 */
static int check_mac(struct scp03 *channel, const struct apdu *apdu, bool *ret, struct err *err)
{
    struct bytes covered = bytes_part(apdu->data, 0, apdu->data.len - SCP03_MAC_SIZE);
    struct bytes given = bytes_part(apdu->data, covered.len, SCP03_MAC_SIZE);
    const uint8_t header[] = {apdu->cla, apdu->ins, apdu->p1, apdu->p2, (uint8_t)apdu->data.len};
    const struct bytes pieces[] = {BYTES_ARRAY(channel->chain), BYTES_ARRAY(header), covered};
    uint8_t mac[CMAC_SIZE];

    TRY(cmac_compute(&channel->mac, pieces, 3, mac, err));
    *ret = bytes_equal_secret(bytes_of(mac, SCP03_MAC_SIZE), given);
    if (*ret)
        memcpy(channel->chain, mac, SCP03_CHAIN_SIZE);
    return 0;
}

/* Each protection of answers needs the one of commands below it (Amendment D, table 7-5). */
static bool is_level(uint8_t level)
{
    static const uint8_t levels[] = {0x01, 0x03, 0x11, 0x13, 0x33};

    return memchr(levels, level, sizeof levels) != NULL;
}

static int try_authenticate(struct scp03 *channel, const struct apdu *apdu, uint16_t *ret_sw,
                            struct err *err)
{
    uint8_t expected[SCP03_CHALLENGE_SIZE];
    bool is_right;

    if (apdu->data.len != SCP03_CHALLENGE_SIZE + SCP03_MAC_SIZE || apdu->is_extended) {
        *ret_sw = SW_WRONG_LENGTH;
        return 0;
    }
    if (!is_level(apdu->p1) || apdu->p2 != 0) {
        *ret_sw = SW_WRONG_P1P2;
        return 0;
    }
    TRY(check_mac(channel, apdu, &is_right, err));
    *ret_sw = SW_SECURITY_STATUS;
    if (!is_right)
        return 0;
    TRY(cryptogram(channel, DERIVE_HOST_CRYPTOGRAM, expected, err));
    is_right = bytes_equal_secret(BYTES_ARRAY(expected),
                                  bytes_part(apdu->data, 0, SCP03_CHALLENGE_SIZE));
    *ret_sw = is_right ? SW_OK : SW_NO_COUNTER;
    return 0;
}

int scp03_authenticate(struct scp03 *channel, const struct apdu *apdu, uint16_t *ret_sw,
                       struct err *err)
{
    uint16_t sw = SW_CONDITIONS;
    int rc = 0;

    if (channel->state == SCP03_CHALLENGED)
        rc = try_authenticate(channel, apdu, &sw, err);
    if (rc < 0 || sw != SW_OK) {
        scp03_close(channel);
    } else {
        channel->state = SCP03_OPEN;
        channel->level = apdu->p1;
    }
    *ret_sw = sw;
    return rc;
}

/* Amendment D, 6.2.6 and 6.2.7: the iv is the encrypted counter of commands. */
static int make_iv(const struct scp03 *channel, uint8_t first, uint8_t ret[AES_BLOCK],
                   struct err *err)
{
    static const uint8_t zeros[AES_BLOCK] = {0};
    const uint8_t block[AES_BLOCK] = {
        [0] = first,
        [12] = (uint8_t)(channel->commands >> 24),
        [13] = (uint8_t)(channel->commands >> 16 & 0xff),
        [14] = (uint8_t)(channel->commands >> 8 & 0xff),
        [15] = (uint8_t)(channel->commands & 0xff),
    };
    CLEANUP(buf_done) struct buf encrypted = BUF_INIT;

    TRY(aes_cbc_encrypt(&channel->enc, zeros, BYTES_ARRAY(block), &encrypted, err));
    memcpy(ret, encrypted.ptr, AES_BLOCK);
    return 0;
}

/* Where the padding begins, 80 00 ... 00; false if there is none. */
static bool find_padding(struct bytes padded, size_t *ret)
{
    size_t at = padded.len;

    while (at > 0 && padded.ptr[at - 1] == 0)
        at--;
    if (at == 0 || padded.ptr[at - 1] != PADDING || padded.len - at >= AES_BLOCK)
        return false;
    *ret = at - 1;
    return true;
}

static int decrypt(struct scp03 *channel, struct bytes cipher, struct buf *plain, uint16_t *ret_sw,
                   struct err *err)
{
    uint8_t iv[AES_BLOCK];

    *ret_sw = SW_SECURITY_STATUS;
    if (cipher.len % AES_BLOCK != 0)
        return 0;
    TRY(make_iv(channel, 0, iv, err));
    TRY(aes_cbc_decrypt(&channel->enc, iv, cipher, plain, err));
    if (find_padding(buf_bytes(plain), &plain->len))
        *ret_sw = SW_OK;
    return 0;
}

static int try_unwrap(struct scp03 *channel, const struct apdu *wrapped, struct buf *plain,
                      uint16_t *ret_sw, struct err *err)
{
    struct bytes inner;
    bool is_right;

    *ret_sw = SW_SECURITY_STATUS;
    if (channel->state != SCP03_OPEN || wrapped->data.len < SCP03_MAC_SIZE || wrapped->is_extended)
        return 0;
    TRY(check_mac(channel, wrapped, &is_right, err));
    if (!is_right)
        return 0;
    channel->commands++;
    inner = bytes_part(wrapped->data, 0, wrapped->data.len - SCP03_MAC_SIZE);
    if (inner.len > 0 && (channel->level & SCP03_C_DECRYPTION) != 0)
        return decrypt(channel, inner, plain, ret_sw, err);
    *ret_sw = SW_OK;
    return buf_append(plain, inner, err);
}

int scp03_unwrap(struct scp03 *channel, const struct apdu *wrapped, struct buf *plain,
                 struct apdu *ret, uint16_t *ret_sw, struct err *err)
{
    int rc = try_unwrap(channel, wrapped, plain, ret_sw, err);

    if (rc < 0 || *ret_sw != SW_OK) {
        scp03_close(channel);
        return rc;
    }
    *ret = *wrapped;
    ret->cla = (uint8_t)(wrapped->cla & ~CLA_MESSAGING);
    ret->data = buf_bytes(plain);
    return 0;
}

size_t scp03_room(const struct scp03 *channel, size_t ne)
{
    if ((channel->level & SCP03_R_MAC) == 0)
        return ne;
    if (ne <= SCP03_MAC_SIZE)
        return 0;
    ne -= SCP03_MAC_SIZE;
    if ((channel->level & SCP03_R_ENCRYPTION) == 0)
        return ne;
    ne -= ne % AES_BLOCK;
    return ne == 0 ? 0 : ne - 1; /* the padding takes one byte or more */
}

static int encrypt(struct scp03 *channel, struct buf *data, struct err *err)
{
    CLEANUP(buf_done) struct buf cipher = BUF_INIT;
    uint8_t iv[AES_BLOCK];

    TRY(buf_append_byte(data, PADDING, err));
    while (data->len % AES_BLOCK != 0)
        TRY(buf_append_byte(data, 0, err));
    TRY(make_iv(channel, OF_RESPONSE, iv, err));
    TRY(aes_cbc_encrypt(&channel->enc, iv, buf_bytes(data), &cipher, err));
    buf_done(data);
    buf_move(data, &cipher);
    return 0;
}

int scp03_wrap(struct scp03 *channel, struct buf *data, struct err *err)
{
    static const uint8_t status[] = {SW_OK >> 8, SW_OK & 0xff};
    uint8_t mac[CMAC_SIZE];

    if ((channel->level & SCP03_R_MAC) == 0)
        return 0;
    if (data->len > 0 && (channel->level & SCP03_R_ENCRYPTION) != 0)
        TRY(encrypt(channel, data, err));
    TRY(cmac_compute(
        &channel->rmac,
        (const struct bytes[]){BYTES_ARRAY(channel->chain), buf_bytes(data), BYTES_ARRAY(status)},
        3, mac, err));
    return buf_append(data, bytes_of(mac, SCP03_MAC_SIZE), err);
}

int scp03_check_value(const struct secret *key, uint8_t ret[GP_CHECK_SIZE], struct err *err)
{
    static const uint8_t zeros[AES_BLOCK] = {0};
    uint8_t ones[AES_BLOCK];
    CLEANUP(buf_done) struct buf encrypted = BUF_INIT;

    memset(ones, 0x01, sizeof ones);
    TRY(aes_cbc_encrypt(key, zeros, BYTES_ARRAY(ones), &encrypted, err));
    memcpy(ret, encrypted.ptr, GP_CHECK_SIZE);
    return 0;
}
