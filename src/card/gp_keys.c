/* SPDX-License-Identifier: Apache-2.0 */
#include "card/gp_keys.h"

#include "card/limits.h"
#include "iso7816/tlv.h"

enum {
    TAG_VERSION = 0x80,
    TAG_ENC,
    TAG_MAC,
    TAG_DEK,
    TAG_SEQUENCE,
    TAG_TRIES,
    VERSION_MAX = 0x7f,
    SEQUENCE_SIZE = 3,
};

bool gp_keys_are_set(const struct gp_keys *keys)
{
    return keys->version != 0;
}

void gp_keys_done(struct gp_keys *keys)
{
    secret_done(&keys->enc);
    secret_done(&keys->mac);
    secret_done(&keys->dek);
    *keys = (struct gp_keys){.version = 0};
}

static bool is_aes_size(size_t len)
{
    return len == 16 || len == 24 || len == 32;
}

static void move(struct secret *from, struct secret *to)
{
    *to = *from;
    *from = (struct secret)SECRET_INIT;
}

int gp_keys_make(uint8_t version, struct secret *enc, struct secret *mac, struct secret *dek,
                 struct gp_keys *ret, struct err *err)
{
    if (version == 0 || version > VERSION_MAX)
        return FAIL(err, ERR_INPUT, "a key set has a version of 1 to %d", VERSION_MAX);
    if (!is_aes_size(enc->len) || mac->len != enc->len || dek->len != enc->len)
        return FAIL(err, ERR_INPUT, "the three keys of a set have 16, 24 or 32 bytes each");
    *ret = (struct gp_keys){.version = version, .tries = CARD_GP_TRIES};
    move(enc, &ret->enc);
    move(mac, &ret->mac);
    move(dek, &ret->dek);
    return 0;
}

int gp_keys_copy(const struct gp_keys *from, struct gp_keys *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret enc = SECRET_INIT;
    CLEANUP(secret_done) struct secret mac = SECRET_INIT;
    CLEANUP(secret_done) struct secret dek = SECRET_INIT;
    struct gp_keys copy = {.version = 0};

    if (gp_keys_are_set(from)) {
        TRY(secret_copy(secret_bytes(&from->enc), &enc, err));
        TRY(secret_copy(secret_bytes(&from->mac), &mac, err));
        TRY(secret_copy(secret_bytes(&from->dek), &dek, err));
        TRY(gp_keys_make(from->version, &enc, &mac, &dek, &copy, err));
        copy.sequence = from->sequence;
        copy.tries = from->tries;
    }
    *ret = copy;
    return 0;
}

int gp_keys_write(const struct gp_keys *keys, struct buf *ret, struct err *err)
{
    const uint8_t sequence[SEQUENCE_SIZE] = {(uint8_t)(keys->sequence >> 16 & 0xff),
                                             (uint8_t)(keys->sequence >> 8 & 0xff),
                                             (uint8_t)(keys->sequence & 0xff)};
    const uint8_t tries = (uint8_t)keys->tries;

    TRY(tlv_append(ret, TAG_VERSION, bytes_of(&keys->version, 1), err));
    TRY(tlv_append(ret, TAG_ENC, secret_bytes(&keys->enc), err));
    TRY(tlv_append(ret, TAG_MAC, secret_bytes(&keys->mac), err));
    TRY(tlv_append(ret, TAG_DEK, secret_bytes(&keys->dek), err));
    TRY(tlv_append(ret, TAG_SEQUENCE, BYTES_ARRAY(sequence), err));
    return tlv_append(ret, TAG_TRIES, bytes_of(&tries, 1), err);
}

/* The next member, which must be this one; of len bytes, 0 for any. */
static int take(struct bytes *rest, uint32_t tag, size_t len, struct bytes *ret, struct err *err)
{
    struct tlv tlv;

    TRY(tlv_next(rest, &tlv, err));
    if (tlv.tag != tag || (len > 0 && tlv.value.len != len))
        return FAIL(err, ERR_INPUT, "a key set of the card file is malformed");
    *ret = tlv.value;
    return 0;
}

static int take_key(struct bytes *rest, uint32_t tag, struct secret *ret, struct err *err)
{
    struct bytes value;

    TRY(take(rest, tag, 0, &value, err));
    if (!is_aes_size(value.len))
        return FAIL(err, ERR_INPUT, "a key set of the card file is malformed");
    return secret_copy(value, ret, err);
}

int gp_keys_read(struct bytes body, struct gp_keys *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret enc = SECRET_INIT;
    CLEANUP(secret_done) struct secret mac = SECRET_INIT;
    CLEANUP(secret_done) struct secret dek = SECRET_INIT;
    struct bytes version, sequence, tries;

    TRY(take(&body, TAG_VERSION, 1, &version, err));
    TRY(take_key(&body, TAG_ENC, &enc, err));
    TRY(take_key(&body, TAG_MAC, &mac, err));
    TRY(take_key(&body, TAG_DEK, &dek, err));
    TRY(take(&body, TAG_SEQUENCE, SEQUENCE_SIZE, &sequence, err));
    TRY(take(&body, TAG_TRIES, 1, &tries, err));
    if (body.len > 0 || tries.ptr[0] > CARD_GP_TRIES)
        return FAIL(err, ERR_INPUT, "a key set of the card file is malformed");
    TRY(gp_keys_make(version.ptr[0], &enc, &mac, &dek, ret, err));
    ret->sequence = (uint32_t)sequence.ptr[0] << 16 | (uint32_t)sequence.ptr[1] << 8 |
                    sequence.ptr[2];
    ret->tries = tries.ptr[0];
    return 0;
}
