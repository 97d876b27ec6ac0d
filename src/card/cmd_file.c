/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT, READ BINARY, and what other commands about files answer (card.md 3.7, 4.1, 4.3, 4.5). */
#include "card/state.h"

enum {
    SELECT_MF = 0x00,
    SELECT_EF = 0x02,
    SELECT_AID = 0x04,
    P2_FCI = 0x00,
    P2_NO_DATA = 0x0c,
    P1_IS_SFI = 0x80,
    SFI_MASK = 0x1f,
    RECORD_SFI_SHIFT = 3,
};

/*
 * Whoever issues a card decides which applets it has, by what they hold; nothing of them works on a
 * card that is nobody's.
 */
static bool is_there(const struct image *image, const struct applet *applet)
{
    if (applet->is_always_there)
        return true;
    for (size_t i = 0; i < applet->node_count && image_is_personalised(image); i++) {
        if (image_has(image, &applet->nodes[i]))
            return true;
    }
    return false;
}

/*
 * An AID may be given by its first bytes (card.md 2). Leaving an applet forgets its PINs, selecting
 * the same one again does not (card.md 4.5); a failed SELECT changes nothing.
 */
static uint16_t select_applet(struct card *card, struct bytes aid)
{
    if (aid.len < CARD_AID_MIN)
        return SW_FILE_NOT_FOUND;
    for (size_t i = 0; applets[i] != NULL; i++) {
        const struct applet *applet = applets[i];

        if (!bytes_start_with(bytes_of(applet->aid, applet->aid_len), aid) ||
            !is_there(&card->image, applet))
            continue;
        if (card->applet != applet)
            card->verified = 0;
        card->applet = applet;
        card->file = NULL;
        return SW_OK;
    }
    return SW_FILE_NOT_FOUND;
}

static uint16_t select_file(struct card *card, struct bytes fid)
{
    const struct node *node;

    if (fid.len != 2)
        return SW_WRONG_LENGTH;
    if (card->applet == NULL)
        return SW_FILE_NOT_FOUND;
    node = applet_file(card->applet, (uint16_t)(fid.ptr[0] << 8 | fid.ptr[1]));
    if (node == NULL)
        return SW_FILE_NOT_FOUND;
    card->file = node;
    return SW_OK;
}

/* There is no file tree to walk: 00 A4 00 00 changes nothing (card.md 2, notes). */
static uint16_t select_mf(const struct card *card, struct bytes fid)
{
    if (fid.len > 0)
        return SW_FILE_NOT_FOUND;
    return card->applet == NULL ? SW_WRONG_P1P2 : SW_OK;
}

/* An Le is accepted with any P2; no FCI is given, because nobody knows a real one. */
uint16_t cmd_select(struct card *card, const struct apdu *apdu, struct buf *data)
{
    (void)data;
    if (apdu->p2 != P2_FCI && apdu->p2 != P2_NO_DATA)
        return SW_WRONG_P1P2;
    if (apdu->p1 == SELECT_AID)
        return select_applet(card, apdu->data);
    if (apdu->p1 == SELECT_EF)
        return select_file(card, apdu->data);
    if (apdu->p1 == SELECT_MF)
        return select_mf(card, apdu->data);
    return SW_WRONG_P1P2;
}

/* The part of the physical file from offset: contents, then filler up to its size. */
static int append_part(const struct node *node, struct bytes contents, size_t offset, size_t len,
                       struct buf *data, struct err *err)
{
    struct bytes real = bytes_part(contents, offset, len);

    TRY(buf_reserve(data, len, err));
    TRY(buf_append(data, real, err));
    while (data->len < len)
        TRY(buf_append_byte(data, node->filler, err));
    return 0;
}

uint16_t cmd_read_binary(struct card *card, const struct apdu *apdu, struct buf *data)
{
    bool is_sfi = (apdu->p1 & P1_IS_SFI) != 0;
    size_t offset = is_sfi ? apdu->p2 : (size_t)apdu->p1 << 8 | apdu->p2;
    size_t wanted = apdu->ne == 0 ? APDU_SHORT_NE_MAX : apdu->ne; /* no Le: card.md 9.4 */
    const struct node *node;
    struct bytes contents;
    struct err err;
    uint16_t sw;

    if (apdu->data.len > 0)
        return SW_WRONG_LENGTH;
    if (is_sfi && ((apdu->p1 & ~(P1_IS_SFI | SFI_MASK)) != 0 || (apdu->p1 & SFI_MASK) == 0))
        return SW_WRONG_P1P2;
    node = state_file(card, is_sfi ? apdu->p1 & SFI_MASK : 0, NODE_DATA, &sw);
    if (node == NULL)
        return sw;
    if (!state_is_open(card, node))
        return SW_SECURITY_STATUS;
    contents = buf_bytes(&card->image.data[node->index]);
    if ((contents.len == 0 && !node->is_all_filler) || offset >= node->size)
        return SW_WRONG_OFFSET;
    if (wanted > node->size - offset)
        wanted = node->size - offset;
    if (append_part(node, contents, offset, wanted, data, &err) < 0)
        return state_failed(card, &err);
    card->file = node; /* ISO 7816-4, 7.2.2: a short identifier selects */
    return SW_OK;
}

/* No applet of this card has record files, so this only says what is wrong with the question. */
uint16_t cmd_read_record(struct card *card, const struct apdu *apdu, struct buf *data)
{
    unsigned sfi = apdu->p2 >> RECORD_SFI_SHIFT;
    uint16_t sw;

    (void)data;
    if (sfi > 30)
        return SW_WRONG_P1P2;
    return state_file(card, sfi, NODE_DATA, &sw) == NULL ? sw : SW_WRONG_FILE_TYPE;
}

uint16_t cmd_get_data(struct card *card, const struct apdu *apdu, struct buf *data)
{
    (void)card;
    (void)apdu;
    (void)data;
    return SW_REFERENCE_NOT_FOUND;
}
