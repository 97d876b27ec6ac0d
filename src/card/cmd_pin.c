/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VERIFY and CHANGE REFERENCE DATA (card.md 4.1, 4.4, 4.5, 5).
 *
 * A presented PIN costs its try on disk before it is looked at, and only a right one gives the
 * tries back. So whoever cuts the power after seeing an answer, or instead of it, has paid.
 */
#include "card/policy.h"
#include "card/state.h"

enum { P1_NEW_ONLY = 0x01 };

/* The IEF that P2 means. *ret_sw is SW_OK for a PIN, and otherwise the answer. */
static const struct node *reference(const struct card *card, const struct apdu *apdu,
                                    uint16_t *ret_sw)
{
    *ret_sw = SW_WRONG_P1P2;
    if ((apdu->p2 & ~SFI_MASK) != P2_IS_LOCAL)
        return NULL;
    return state_any_file(card, apdu->p2 & SFI_MASK, ret_sw);
}

static unsigned tries_most(const struct card *card, const struct node *node)
{
    return node->index == CARD_PIN_BIRTH ? state_option(card, OPTION_BIRTH_TRIES) : node->tries;
}

/* A PIN that is not set cannot be tried: it looks like a blocked one. */
static unsigned tries_left(const struct card *card, const struct node *node)
{
    unsigned left = card->image.pins[node->index].is_set ? card->tries[node->index] : 0;
    unsigned most = tries_most(card, node);

    return left < most ? left : most;
}

/* In memory the number changes once the disk has it, so a failed save is a try without effect. */
static int set_tries(struct card *card, enum card_pin pin, unsigned tries, struct err *err)
{
    unsigned all[CARD_PINS_];

    for (unsigned i = 0; i < CARD_PINS_; i++)
        all[i] = i == (unsigned)pin ? tries : card->tries[i];
    TRY(card->storage->save_tries(card->storage, all, err));
    card->tries[pin] = tries;
    return 0;
}

static uint16_t present(struct card *card, const struct node *node, struct bytes given)
{
    enum card_pin pin = (enum card_pin)node->index;
    struct err err;

    card->verified &= ~CARD_PIN_BIT(pin);
    if (set_tries(card, pin, tries_left(card, node) - 1, &err) < 0)
        return state_failed(card, &err);
    if (!pin_matches(&card->image.pins[pin], given))
        return sw_with_tries(card->tries[pin]);
    if (set_tries(card, pin, tries_most(card, node), &err) < 0)
        return state_failed(card, &err);
    card->verified |= CARD_PIN_BIT(pin);
    return SW_OK;
}

/* Indexed by the options. */
static const uint16_t blocked_verify[] = {SW_REFERENCE_BLOCKED, SW_METHOD_BLOCKED};
static const uint16_t blocked_query[] = {SW_TRIES_LEFT, SW_METHOD_BLOCKED, SW_REFERENCE_BLOCKED};
static const uint16_t unverified_change[] = {SW_SECURITY_STATUS, SW_CONDITIONS};

/* 63Cx, also after a right PIN and when blocked (card.md 4.5, 9.1), if no option says otherwise. */
static uint16_t query(const struct card *card, const struct node *node)
{
    unsigned left = tries_left(card, node);

    if (left == 0)
        return blocked_query[state_option(card, OPTION_BLOCKED_QUERY)];
    if ((card->verified & CARD_PIN_BIT(node->index)) != 0 &&
        state_option(card, OPTION_QUERY_WHEN_VERIFIED) == QUERY_WHEN_VERIFIED_9000)
        return SW_OK;
    return sw_with_tries(left);
}

/* A key reference without a limit answers 6300 (card.md 4.4), and has nothing to compare with. */
static uint16_t verify_reference(struct bytes given)
{
    return given.len == 0 ? SW_NO_COUNTER : SW_REFERENCE_BLOCKED;
}

uint16_t cmd_verify(struct card *card, const struct apdu *apdu, struct buf *data)
{
    const struct node *node;
    uint16_t sw;

    (void)data;
    if (apdu->p1 != 0)
        return SW_WRONG_P1P2;
    node = reference(card, apdu, &sw);
    if (node == NULL)
        return sw;
    if (node->kind == NODE_QUERY)
        return verify_reference(apdu->data);
    if (node->kind != NODE_PIN)
        return SW_WRONG_FILE_TYPE;
    if (apdu->data.len == 0)
        return query(card, node);
    if (apdu->data.len > CARD_PIN_MAX)
        return SW_WRONG_LENGTH;
    if (tries_left(card, node) == 0)
        return blocked_verify[state_option(card, OPTION_BLOCKED_VERIFY)];
    return present(card, node, apdu->data);
}

static int store(struct card *card, enum card_pin pin, struct bytes replacement, struct err *err)
{
    struct image next = card->image;

    TRY(pin_verifier_make(replacement, &next.pins[pin], err));
    TRY(card->storage->save_image(card->storage, &next, err));
    card->image.pins[pin] = next.pins[pin];
    return 0;
}

/* The new PIN alone, after a VERIFY of the old one (card.md 4.1). */
static uint16_t change(struct card *card, const struct apdu *apdu)
{
    const struct node *node;
    struct err err;
    uint16_t sw;

    node = reference(card, apdu, &sw);
    if (node == NULL)
        return sw;
    if (node->kind != NODE_PIN)
        return SW_WRONG_FILE_TYPE;
    if ((card->verified & CARD_PIN_BIT(node->index)) == 0)
        return unverified_change[state_option(card, OPTION_CHANGE_WITHOUT_VERIFY)];
    if (apdu->data.len == 0 || apdu->data.len > CARD_PIN_MAX)
        return SW_WRONG_LENGTH;
    if (state_option(card, OPTION_PIN_POLICY) == PIN_POLICY_ENFORCED &&
        !policy_accepts(&card->image, node, apdu->data))
        return SW_WRONG_DATA;
    if (store(card, (enum card_pin)node->index, apdu->data, &err) < 0)
        return state_failed(card, &err);
    return SW_OK;
}

uint16_t cmd_change_reference_data(struct card *card, const struct apdu *apdu, struct buf *data)
{
    (void)data;
    return apdu->p1 == P1_NEW_ONLY ? change(card, apdu) : SW_WRONG_P1P2;
}

/*
 * JICSAP's command for the PIN of the common and the juki applet (card.md 4.1). That the other one
 * fails there is not known, so both work.
 */
uint16_t cmd_change_key(struct card *card, const struct apdu *apdu, struct buf *data)
{
    (void)data;
    if (card->applet != &applet_common && card->applet != &applet_juki)
        return SW_CONDITIONS;
    return apdu->p1 == 0 ? change(card, apdu) : SW_WRONG_P1P2;
}
