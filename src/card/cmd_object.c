/* SPDX-License-Identifier: Apache-2.0 */
/* GET DATA, and commands of which the card knows no more than how to refuse them (card.md 4.1). */
#include "card/state.h"

enum {
    TAG_ATR = 0x5f51,
    P2_CERTIFICATE = 0xc1,
    P1_CERTIFICATE_BODY = 0x06,
    P1_CERTIFICATE_SIGNATURE = 0x00,
};

/* An object longer than a short Le can say needs an extended one; nothing is cut (card.md 1.2). */
uint16_t cmd_get_data(struct card *card, const struct apdu *apdu, struct buf *data)
{
    uint16_t tag = (uint16_t)(apdu->p1 << 8 | apdu->p2);
    size_t wanted = apdu->ne == 0 ? APDU_SHORT_NE_MAX : apdu->ne;
    const struct node *node = applet_node(&applet_isd, tag);
    struct bytes object;

    if (apdu->data.len > 0)
        return SW_WRONG_LENGTH;
    if (node == NULL || card->image.data[node->index].len == 0)
        return SW_REFERENCE_NOT_FOUND;
    if (tag == TAG_ATR && card->applet == NULL &&
        state_option(card, OPTION_GET_DATA_5F51) == GET_DATA_5F51_IN_APPLICATION)
        return SW_REFERENCE_NOT_FOUND;
    object = buf_bytes(&card->image.data[node->index]);
    return object.len > wanted ? SW_WRONG_LENGTH : state_answer(card, object, data);
}

/* The last command of a session with an iPhone; plastic answers 6700. */
uint16_t cmd_last_command(struct card *card, const struct apdu *apdu, struct buf *data)
{
    (void)data;
    if (!card_kind_rules(card->image.kind)->marks_last || apdu->data.len > 0)
        return SW_WRONG_LENGTH;
    return apdu->p1 == 0 && apdu->p2 == 0 ? SW_OK : SW_WRONG_P1P2;
}

/* No session key can be set on this card, so it is one on which nothing is configured. */
uint16_t cmd_set_session_key(struct card *card, const struct apdu *apdu, struct buf *data)
{
    (void)card;
    (void)apdu;
    (void)data;
    return SW_NO_KEYS;
}

/* There are no certificates of terminals for this card; what is none has a wrong length. */
uint16_t cmd_verify_certificate(struct card *card, const struct apdu *apdu, struct buf *data)
{
    bool is_known = apdu->p1 == P1_CERTIFICATE_BODY || apdu->p1 == P1_CERTIFICATE_SIGNATURE;

    (void)data;
    if (card->applet != &applet_jpki || !is_known || apdu->p2 != P2_CERTIFICATE)
        return SW_WRONG_P1P2;
    return SW_WRONG_LENGTH;
}
