/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VERIFY and CHANGE REFERENCE DATA (card.md 4.1, 4.4, 4.5, 5).
 *
 * A presented PIN costs its try on disk before it is looked at, and only a right one gives the
 * tries back. So whoever cuts the power after seeing an answer, or instead of it, has paid.
 */
#include "card/state.h"

enum { P2_IS_LOCAL = 0x80, SFI_MASK = 0x1f, P1_NEW_ONLY = 0x01 };

static uint16_t reference(const struct card *card, const struct apdu *apdu, const struct node **ret)
{
    uint16_t sw;

    if ((apdu->p2 & ~SFI_MASK) != P2_IS_LOCAL)
        return SW_WRONG_P1P2;
    *ret = state_file(card, apdu->p2 & SFI_MASK, NODE_PIN, &sw);
    return sw;
}

/* A PIN that is not set cannot be tried: it looks like a blocked one. */
static unsigned tries_left(const struct card *card, enum card_pin pin)
{
    return card->image.pins[pin].is_set ? card->tries[pin] : 0;
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
    unsigned before = card->tries[pin];
    struct err err;
    int rc;

    card->verified &= ~CARD_PIN_BIT(pin);
    if (set_tries(card, pin, before - 1, &err) < 0)
        return state_failed(card, &err);
    rc = pin_check(&card->image.pins[pin], given, &err);
    if (rc == -ERR_DENIED)
        return sw_with_tries(card->tries[pin]);
    if (rc < 0) {
        /* Not compared, so nothing was learned and nothing is owed; lost if that fails, too. */
        (void)!set_tries(card, pin, before, NULL);
        return state_failed(card, &err);
    }
    if (set_tries(card, pin, node->tries, &err) < 0)
        return state_failed(card, &err);
    card->verified |= CARD_PIN_BIT(pin);
    return SW_OK;
}

uint16_t cmd_verify(struct card *card, const struct apdu *apdu, struct buf *data)
{
    const struct node *node;
    uint16_t sw;

    (void)data;
    if (apdu->p1 != 0)
        return SW_WRONG_P1P2;
    sw = reference(card, apdu, &node);
    if (sw != SW_OK)
        return sw;
    /* Always 63Cx, also after a right PIN and when blocked (card.md 4.5, 9.1). */
    if (apdu->data.len == 0)
        return sw_with_tries(tries_left(card, (enum card_pin)node->index));
    if (apdu->data.len > CARD_PIN_MAX)
        return SW_WRONG_LENGTH;
    if (tries_left(card, (enum card_pin)node->index) == 0)
        return SW_REFERENCE_BLOCKED;
    return present(card, node, apdu->data);
}

static int change(struct card *card, enum card_pin pin, struct bytes replacement, struct err *err)
{
    struct image next = card->image;

    TRY(pin_verifier_make(replacement, &next.pins[pin], err));
    TRY(card->storage->save_image(card->storage, &next, err));
    card->image.pins[pin] = next.pins[pin];
    return 0;
}

/* The new PIN alone, after a VERIFY of the old one (card.md 4.1). */
uint16_t cmd_change_reference_data(struct card *card, const struct apdu *apdu, struct buf *data)
{
    const struct node *node;
    struct err err;
    uint16_t sw;

    (void)data;
    if (apdu->p1 != P1_NEW_ONLY)
        return SW_WRONG_P1P2;
    sw = reference(card, apdu, &node);
    if (sw != SW_OK)
        return sw;
    if ((card->verified & CARD_PIN_BIT(node->index)) == 0)
        return SW_SECURITY_STATUS;
    if (apdu->data.len == 0 || apdu->data.len > CARD_PIN_MAX)
        return SW_WRONG_LENGTH;
    if (node->form == NULL || !node->form->accepts(apdu->data))
        return SW_WRONG_DATA;
    if (change(card, (enum card_pin)node->index, apdu->data, &err) < 0)
        return state_failed(card, &err);
    return SW_OK;
}
