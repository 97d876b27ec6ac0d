/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT, READ BINARY and READ RECORD (card.md 2, 4.1, 4.3, 4.5). */
#include "card/record.h"
#include "card/state.h"
#include "iso7816/tlv.h"

enum {
    SELECT_MF = 0x00,
    SELECT_EF = 0x02,
    SELECT_AID = 0x04,
    P2_FCI = 0x00,
    P2_NO_DATA = 0x0c,
    P1_IS_SFI = 0x80,
    RECORD_SFI_SHIFT = 3,
    RECORD_MODE = 0x07,
    RECORD_BY_NUMBER = 0x04,
    TAG_FCI = 0x6f,
    TAG_FCI_FID = 0x83,
    TAG_FCI_AID = 0x84,
};

/* ISO 7816-4, 7.4.2, with nothing in it but the name: nobody knows a real one (card.md 12). */
static uint16_t answer_fci(struct card *card, uint32_t tag, struct bytes name, struct buf *data)
{
    CLEANUP(buf_done) struct buf inside = BUF_INIT;
    struct err err;

    if (tlv_append(&inside, tag, name, &err) < 0 ||
        tlv_append(data, TAG_FCI, buf_bytes(&inside), &err) < 0)
        return state_failed(card, &err);
    return SW_OK;
}

/*
 * Whoever issues a card decides which applets it has, by what they hold; nothing of them works on a
 * card that is nobody's.
 */
static bool is_there(const struct image *image, const struct applet *applet)
{
    if (applet->is_always_there)
        return true;
    if (applet == &applet_free)
        return image_has_free_area(image);
    for (size_t i = 0; i < applet->node_count && image_is_personalised(image); i++) {
        if (image_has(image, &applet->nodes[i]))
            return true;
    }
    return false;
}

/* Leaving an applet forgets its PINs, selecting the same one again does not or may (card.md 4.5).
 */
static void enter(struct card *card, const struct applet *applet)
{
    if (card->applet != applet || state_option(card, OPTION_RESELECT) == RESELECT_CLEARS_PINS)
        card->verified = 0;
    card->applet = applet;
    card->file = NULL;
    gp_enter_applet(&card->gp, applet);
}

/* An AID may be given by its first bytes (card.md 2); a failed SELECT changes nothing. */
static uint16_t select_applet(struct card *card, struct bytes aid)
{
    if (aid.len < CARD_AID_MIN)
        return SW_FILE_NOT_FOUND;
    for (size_t i = 0; applets[i] != NULL; i++) {
        const struct applet *applet = applets[i];

        if (!bytes_start_with(bytes_of(applet->aid, applet->aid_len), aid) ||
            !is_there(&card->image, applet))
            continue;
        enter(card, applet);
        return SW_OK;
    }
    if (!gp_select_area(card, aid))
        return SW_FILE_NOT_FOUND;
    card->applet = &applet_area;
    card->file = NULL;
    card->verified = 0;
    return SW_OK;
}

static uint16_t select_file(struct card *card, struct bytes fid)
{
    const struct node *node;

    if (fid.len != 2)
        return SW_WRONG_LENGTH;
    node = state_find(card, (uint16_t)(fid.ptr[0] << 8 | fid.ptr[1]));
    if (node == NULL)
        return SW_FILE_NOT_FOUND;
    if (node->kind == NODE_PIN && state_option(card, OPTION_OTHER_PIN) == OTHER_PIN_DROPS)
        card->verified &= CARD_PIN_BIT(node->index);
    card->file = node;
    return SW_OK;
}

/* There is no file tree to walk: 00 A4 00 00 changes nothing (card.md 2, notes). */
static uint16_t select_mf(struct card *card, struct bytes fid)
{
    if (fid.len > 0)
        return SW_FILE_NOT_FOUND;
    return card->applet == NULL ? SW_WRONG_P1P2 : SW_OK;
}

static const struct {
    uint8_t p1;
    uint16_t (*run)(struct card *card, struct bytes name);
} selections[] = {
    {SELECT_MF, select_mf},
    {SELECT_EF, select_file},
    {SELECT_AID, select_applet},
};

/* The areas of the free area have one applet and an AID each. */
static struct bytes selected_aid(const struct card *card)
{
    return card->applet == &applet_area ? bytes_of(card->gp.aid, card->gp.aid_len)
                                        : bytes_of(card->applet->aid, card->applet->aid_len);
}

/* An Le is accepted with any P2 (card.md 9.1). */
uint16_t cmd_select(struct card *card, const struct apdu *apdu, struct buf *data)
{
    uint16_t sw = SW_WRONG_P1P2;

    if (apdu->p2 != P2_FCI && apdu->p2 != P2_NO_DATA)
        return SW_WRONG_P1P2;
    for (size_t i = 0; i < sizeof selections / sizeof selections[0]; i++) {
        if (selections[i].p1 == apdu->p1)
            sw = selections[i].run(card, apdu->data);
    }
    if (sw != SW_OK || apdu->p1 == SELECT_MF || apdu->p2 != P2_FCI || apdu->ne < CARD_FCI_MAX ||
        state_option(card, OPTION_FCI) == FCI_NONE)
        return sw;
    if (apdu->p1 == SELECT_EF)
        return answer_fci(card, TAG_FCI_FID, apdu->data, data);
    return answer_fci(card, TAG_FCI_AID, selected_aid(card), data);
}

/* The part of the physical file from offset: contents, then filler up to its size. */
static int append_part(const struct node *node, struct bytes contents, size_t offset, size_t len,
                       struct buf *data, struct err *err)
{
    struct bytes real = bytes_part(contents, offset, len);
    size_t end = data->len + len;

    TRY(buf_reserve(data, len + SW_SIZE, err));
    TRY(buf_append(data, real, err));
    while (data->len < end)
        TRY(buf_append_byte(data, node->filler, err));
    return 0;
}

/* How long the file looks. */
static size_t physical_size(const struct card *card, const struct node *node, struct bytes contents)
{
    bool is_ca = node->index == CARD_AUTH_CA_CERT || node->index == CARD_SIGN_CA_CERT;

    if (contents.len == 0 && !node->is_all_filler)
        return 0;
    if (is_ca && state_option(card, OPTION_CA_FILLER) == CA_FILLER_NO)
        return contents.len;
    return node->size;
}

/* The EF to be read, which *ret_sw says why it may not be. */
static const struct node *readable(const struct card *card, unsigned sfi, uint16_t *ret_sw)
{
    const struct node *node = state_any_file(card, sfi, ret_sw);

    if (node == NULL)
        return NULL;
    if (node->kind == NODE_SHUT || (node->kind == NODE_DATA && !state_is_open(card, node)))
        *ret_sw = SW_SECURITY_STATUS;
    else if (node->kind != NODE_DATA)
        *ret_sw = SW_WRONG_FILE_TYPE;
    return *ret_sw == SW_OK ? node : NULL;
}

static uint16_t read_at(struct card *card, const struct node *node, size_t offset, size_t wanted,
                        struct buf *data)
{
    struct bytes contents = buf_bytes(&card->image.data[node->index]);
    size_t size = physical_size(card, node, contents);
    size_t before = data->len;
    struct err err;

    if (offset >= size)
        return state_option(card, OPTION_READ_PAST_END) == READ_PAST_END_EMPTY ? SW_OK
                                                                               : SW_WRONG_OFFSET;
    if (wanted > size - offset)
        wanted = size - offset;
    if (append_part(node, contents, offset, wanted, data, &err) < 0)
        return state_failed(card, &err);
    state_forge(card, node, offset, data->ptr + before, wanted);
    return SW_OK;
}

uint16_t cmd_read_binary(struct card *card, const struct apdu *apdu, struct buf *data)
{
    bool is_sfi = (apdu->p1 & P1_IS_SFI) != 0;
    size_t offset = is_sfi ? apdu->p2 : (size_t)apdu->p1 << 8 | apdu->p2;
    size_t wanted = apdu->ne == 0 ? APDU_SHORT_NE_MAX : apdu->ne; /* no Le: card.md 9.4 */
    const struct node *node;
    uint16_t sw;

    if (apdu->data.len > 0)
        return SW_WRONG_LENGTH;
    if (is_sfi && ((apdu->p1 & ~(P1_IS_SFI | SFI_MASK)) != 0 || (apdu->p1 & SFI_MASK) == 0))
        return SW_WRONG_P1P2;
    node = readable(card, is_sfi ? apdu->p1 & SFI_MASK : 0, &sw);
    if (node == NULL)
        return sw;
    sw = read_at(card, node, offset, wanted, data);
    if (sw == SW_OK)
        card->file = node; /* ISO 7816-4, 7.2.2: a short identifier selects */
    return sw;
}

/* Record number, 1 being the first, with its header. */
static bool find_record(struct bytes contents, unsigned number, struct bytes *ret)
{
    while (record_next(&contents, ret)) {
        if (--number == 0)
            return true;
    }
    return false;
}

/* By number only: P1 is it, and 00, the current one, is none after a selection. */
uint16_t cmd_read_record(struct card *card, const struct apdu *apdu, struct buf *data)
{
    unsigned sfi = apdu->p2 >> RECORD_SFI_SHIFT;
    size_t wanted = apdu->ne == 0 ? APDU_SHORT_NE_MAX : apdu->ne;
    const struct node *node;
    struct bytes record;
    uint16_t sw;

    if ((apdu->p2 & RECORD_MODE) != RECORD_BY_NUMBER || sfi > SFI_MASK - 1)
        return SW_WRONG_P1P2;
    if (apdu->data.len > 0)
        return SW_WRONG_LENGTH;
    node = state_file(card, sfi, NODE_RECORDS, &sw);
    if (node == NULL)
        return sw;
    if (apdu->p1 == 0 || !find_record(buf_bytes(&card->image.data[node->index]), apdu->p1, &record))
        return SW_RECORD_NOT_FOUND;
    if (record.len > wanted)
        return SW_WRONG_LENGTH;
    card->file = node;
    return state_answer(card, record, data);
}
