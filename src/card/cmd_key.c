/* SPDX-License-Identifier: Apache-2.0 */
/* COMPUTE DIGITAL SIGNATURE (card.md 4.2) and GET CHALLENGE. */
#include "base/rand.h"
#include "card/state.h"
#include "crypto/digest.h"

#include <string.h>

enum { P2_IS_LOCAL = 0x80, SFI_MASK = 0x1f, PSS_SALT_SIZE = 32 };

/* What the card does with the input, by P1. Those with a digest get it made or checked first. */
static int sign_as_it_is(const struct privkey *key, struct bytes input, struct buf *ret,
                         struct err *err)
{
    return privkey_sign_raw(key, input, ret, err);
}

static int sign_bare_hash(const struct privkey *key, struct bytes input, struct buf *ret,
                          struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, input, &digest, err));
    return privkey_sign_raw(key, digest_bytes(&digest), ret, err);
}

static void digest_take(struct bytes hash, struct digest *ret)
{
    *ret = (struct digest){.alg = DIGEST_SHA256, .len = hash.len};
    memcpy(ret->value, hash.ptr, hash.len);
}

static int sign_hash(const struct privkey *key, struct bytes input, struct buf *ret,
                     struct err *err)
{
    struct digest digest;

    digest_take(input, &digest);
    return privkey_sign(key, &digest, ret, err);
}

static int sign_message(const struct privkey *key, struct bytes input, struct buf *ret,
                        struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, input, &digest, err));
    return privkey_sign(key, &digest, ret, err);
}

static int sign_hash_pss(const struct privkey *key, struct bytes input, struct buf *ret,
                         struct err *err)
{
    struct digest digest;

    digest_take(input, &digest);
    return privkey_sign_pss(key, &digest, PSS_SALT_SIZE, ret, err);
}

static int sign_message_pss(const struct privkey *key, struct bytes input, struct buf *ret,
                            struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, input, &digest, err));
    return privkey_sign_pss(key, &digest, PSS_SALT_SIZE, ret, err);
}

/* Indexed by P1. */
static const struct {
    size_t min, max; /* bytes of input */
    int (*sign)(const struct privkey *key, struct bytes input, struct buf *ret, struct err *err);
} schemes[] = {
    {1, CARD_RAW_INPUT_MAX, sign_as_it_is},
    {1, APDU_DATA_MAX, sign_bare_hash},
    {32, 32, sign_hash},
    {1, APDU_DATA_MAX, sign_message},
    {32, 32, sign_hash_pss},
    {1, APDU_DATA_MAX, sign_message_pss},
};

uint16_t cmd_compute_signature(struct card *card, const struct apdu *apdu, struct buf *data)
{
    const struct privkey *key;
    const struct node *node;
    struct err err;
    uint16_t sw;

    if (apdu->p1 >= sizeof schemes / sizeof schemes[0] || (apdu->p2 & ~SFI_MASK) != P2_IS_LOCAL)
        return SW_WRONG_P1P2;
    node = state_file(card, apdu->p2 & SFI_MASK, NODE_KEY, &sw);
    if (node == NULL)
        return sw;
    if (!state_is_open(card, node))
        return SW_SECURITY_STATUS;
    key = card->image.keys[node->index];
    if (key == NULL || apdu->data.len > schemes[apdu->p1].max)
        return SW_CONDITIONS;
    if (apdu->data.len < schemes[apdu->p1].min)
        return apdu->data.len == 0 ? SW_WRONG_LENGTH : SW_CONDITIONS;
    if (apdu->ne != 0 && apdu->ne < privkey_signature_size(key))
        return SW_WRONG_LENGTH;
    if (schemes[apdu->p1].sign(key, apdu->data, data, &err) < 0)
        return state_failed(card, &err);
    return SW_OK;
}

/* 1 to 256 bytes; an extended Le is refused even where it would fit (card.md 4.1). */
uint16_t cmd_get_challenge(struct card *card, const struct apdu *apdu, struct buf *data)
{
    uint8_t challenge[CARD_CHALLENGE_MAX];
    struct err err;

    if (apdu->p1 != 0 || apdu->p2 != 0)
        return SW_WRONG_P1P2;
    if (apdu->is_extended)
        return SW_CONDITIONS;
    if (apdu->data.len > 0 || apdu->ne == 0)
        return SW_WRONG_LENGTH;
    if (rand_fill(challenge, apdu->ne, &err) < 0 ||
        buf_append(data, bytes_of(challenge, apdu->ne), &err) < 0)
        return state_failed(card, &err);
    return SW_OK;
}
