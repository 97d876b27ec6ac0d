/* SPDX-License-Identifier: Apache-2.0 */
/* COMPUTE DIGITAL SIGNATURE (card.md 4.2), INTERNAL AUTHENTICATE and GET CHALLENGE. */
#include "base/rand.h"
#include "card/state.h"
#include "crypto/digest.h"

#include <string.h>

enum { P2_DEFAULT_KEY = 0x00 };

/* What is signed, and how. */
struct job {
    const struct privkey *key;
    struct bytes input;
    size_t salt_len; /* of PSS */
};

/* The hash that goes with the key. */
static enum digest_alg hash_of(const struct job *job)
{
    return key_kind_digest(privkey_kind(job->key));
}

static int sign_as_it_is(const struct job *job, struct buf *ret, struct err *err)
{
    return privkey_sign_raw(job->key, job->input, ret, err);
}

static int sign_bare_hash(const struct job *job, struct buf *ret, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, job->input, &digest, err));
    return privkey_sign_raw(job->key, digest_bytes(&digest), ret, err);
}

static void digest_take(const struct job *job, struct digest *ret)
{
    *ret = (struct digest){.alg = hash_of(job), .len = job->input.len};
    memcpy(ret->value, job->input.ptr, job->input.len);
}

static int sign_hash(const struct job *job, struct buf *ret, struct err *err)
{
    struct digest digest;

    digest_take(job, &digest);
    return privkey_sign(job->key, &digest, ret, err);
}

static int sign_message(const struct job *job, struct buf *ret, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(hash_of(job), job->input, &digest, err));
    return privkey_sign(job->key, &digest, ret, err);
}

static int sign_hash_pss(const struct job *job, struct buf *ret, struct err *err)
{
    struct digest digest;

    digest_take(job, &digest);
    return privkey_sign_pss(job->key, &digest, job->salt_len, ret, err);
}

static int sign_message_pss(const struct job *job, struct buf *ret, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(hash_of(job), job->input, &digest, err));
    return privkey_sign_pss(job->key, &digest, job->salt_len, ret, err);
}

/* What the card does with the input. */
struct scheme {
    size_t min, max; /* bytes of input */
    int (*sign)(const struct job *job, struct buf *ret, struct err *err);
};

/* Indexed by P1. */
enum { SCHEMES = 6 };

static const struct scheme rsa_schemes[SCHEMES] = {
    {1, CARD_RAW_INPUT_MAX, sign_as_it_is},
    {1, APDU_DATA_MAX, sign_bare_hash},
    {32, 32, sign_hash},
    {1, APDU_DATA_MAX, sign_message},
    {32, 32, sign_hash_pss},
    {1, APDU_DATA_MAX, sign_message_pss},
};

/* What means the same with ECDSA and SHA-384; there is neither padding nor PSS. */
static const struct scheme p384_schemes[SCHEMES] = {
    [0] = {48, 48, sign_hash},
    [2] = {48, 48, sign_hash},
    [3] = {1, APDU_DATA_MAX, sign_message},
};

/* 80 the current one, 80|SFI by its short identifier, 00 the one of the applet that needs no PIN.
 */
static const struct node *find_key(const struct card *card, uint8_t p2, uint16_t *ret_sw)
{
    bool has_default = card->applet != NULL && card->applet->default_key != 0;

    *ret_sw = SW_WRONG_P1P2;
    if (p2 == P2_DEFAULT_KEY && has_default) {
        *ret_sw = SW_OK;
        return state_find(card, card->applet->default_key);
    }
    if ((p2 & ~SFI_MASK) != P2_IS_LOCAL)
        return NULL;
    return state_file(card, p2 & SFI_MASK, NODE_KEY, ret_sw);
}

/* SW_OK if the scheme can work on this with that key. */
static uint16_t check_input(const struct scheme *scheme, const struct apdu *apdu,
                            const struct privkey *key)
{
    if (scheme->sign == NULL || apdu->data.len > scheme->max)
        return SW_CONDITIONS;
    if (apdu->data.len < scheme->min)
        return apdu->data.len == 0 ? SW_WRONG_LENGTH : SW_CONDITIONS;
    if (apdu->ne != 0 && apdu->ne < privkey_signature_size(key))
        return SW_WRONG_LENGTH;
    return SW_OK;
}

static uint16_t sign(struct card *card, const struct scheme *scheme, const struct job *job,
                     struct buf *data)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct err err;

    if (scheme->sign(job, &signature, &err) < 0)
        return state_failed(card, &err);
    return state_answer(card, buf_bytes(&signature), data);
}

/* The key of INTERNAL AUTHENTICATE signs nothing else: a challenge could be anything. */
uint16_t cmd_compute_signature(struct card *card, const struct apdu *apdu, struct buf *data)
{
    struct job job = {.input = apdu->data, .salt_len = state_option(card, OPTION_PSS_SALT)};
    const struct scheme *scheme;
    const struct node *node;
    uint16_t sw;

    if (apdu->p1 >= SCHEMES)
        return SW_WRONG_P1P2;
    node = find_key(card, apdu->p2, &sw);
    if (node == NULL)
        return sw;
    if (!state_is_open(card, node))
        return SW_SECURITY_STATUS;
    job.key = state_key(card, node->index);
    if (node->index == CARD_KEY_COMMON || job.key == NULL)
        return SW_CONDITIONS;
    scheme = &(privkey_kind(job.key) == KEY_P384 ? p384_schemes : rsa_schemes)[apdu->p1];
    sw = check_input(scheme, apdu, job.key);
    if (sw != SW_OK)
        return sw;
    if (node->index == CARD_KEY_SIGN && state_option(card, OPTION_SIGN_PIN) == SIGN_PIN_ONCE)
        card->verified &= ~CARD_PIN_BIT(CARD_PIN_SIGN);
    return sign(card, scheme, &job, data);
}

/* Key 0019 of the common applet signs the hash of the challenge; elsewhere 6985 (card.md 4.1). */
uint16_t cmd_internal_authenticate(struct card *card, const struct apdu *apdu, struct buf *data)
{
    static const struct scheme scheme = {1, APDU_DATA_MAX, sign_message};
    struct job job = {.input = apdu->data};
    const struct node *node;
    uint16_t sw;

    if (apdu->p1 != 0 || (apdu->p2 & ~SFI_MASK) != P2_IS_LOCAL)
        return SW_WRONG_P1P2;
    if (card->applet != &applet_common)
        return SW_CONDITIONS;
    node = find_key(card, apdu->p2, &sw);
    if (node == NULL)
        return sw;
    job.key = state_key(card, node->index);
    if (job.key == NULL)
        return SW_CONDITIONS;
    sw = check_input(&scheme, apdu, job.key);
    return sw == SW_OK ? sign(card, &scheme, &job, data) : sw;
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
