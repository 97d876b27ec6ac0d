/* SPDX-License-Identifier: Apache-2.0 */
/* The directory and the contents of an area, each of which is one file of its application. */
#include "card/gp_commands.h"

enum {
    FID_DIRECTORY = 0x2f00, /* ISO 7816-4, 8.2.1.1: EF.DIR */
    SFI_DIRECTORY = 30,
    FID_CONTENTS = 0x0001,
    SFI_CONTENTS = 1,
    P1_SELECT_EF = 0x02,
    P1_IS_SFI = 0x80,
};

uint16_t gp_select_file(struct card *card, const struct apdu *apdu, struct buf *data)
{
    uint16_t fid = card->gp.selected == GP_DIRECTORY ? FID_DIRECTORY : FID_CONTENTS;

    (void)data;
    if (apdu->p1 != P1_SELECT_EF || (apdu->p2 != 0x00 && apdu->p2 != 0x0c))
        return SW_WRONG_P1P2;
    if (apdu->data.len != 2)
        return SW_WRONG_LENGTH;
    if (apdu->data.ptr[0] != fid >> 8 || apdu->data.ptr[1] != (fid & 0xff))
        return SW_FILE_NOT_FOUND;
    card->gp.has_file = true;
    return SW_OK;
}

/* Where reading begins; the one file there is may be meant by its short identifier. */
static uint16_t offset_of(struct gp *gp, const struct apdu *apdu, size_t *ret)
{
    unsigned sfi = gp->selected == GP_DIRECTORY ? SFI_DIRECTORY : SFI_CONTENTS;
    bool is_sfi = (apdu->p1 & P1_IS_SFI) != 0;

    if (apdu->data.len > 0)
        return SW_WRONG_LENGTH;
    if (is_sfi && apdu->p1 != (P1_IS_SFI | sfi))
        return SW_FILE_NOT_FOUND;
    if (!is_sfi && !gp->has_file)
        return SW_NO_CURRENT_FILE;
    gp->has_file = true;
    *ret = is_sfi ? apdu->p2 : (size_t)apdu->p1 << 8 | apdu->p2;
    return SW_OK;
}

/* Neither file has filler: the end of what is in it is its end. */
static uint16_t append_part(struct card *card, struct bytes file, size_t offset, size_t ne,
                            struct buf *data)
{
    struct err err;

    if (offset >= file.len)
        return SW_WRONG_OFFSET;
    if (buf_append(data, bytes_part(file, offset, ne == 0 ? APDU_SHORT_NE_MAX : ne), &err) < 0)
        return state_failed(card, &err);
    return SW_OK;
}

uint16_t gp_read_directory(struct card *card, const struct apdu *apdu, struct buf *data)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct err err;
    size_t offset;
    uint16_t sw = offset_of(&card->gp, apdu, &offset);

    if (sw != SW_OK)
        return sw;
    if (free_directory(&card->image.areas, &file, &err) < 0)
        return state_failed(card, &err);
    return append_part(card, buf_bytes(&file), offset, apdu->ne, data);
}

/* What only the operator may read leaves the card encrypted, and proven to be of the card. */
uint16_t gp_read_contents(struct card *card, const struct apdu *apdu, struct buf *data)
{
    static const uint8_t level = SCP03_C_MAC | SCP03_C_DECRYPTION | SCP03_R_MAC |
                                 SCP03_R_ENCRYPTION;
    const struct free_area *area = gp_selected_area(&card->image, &card->gp);
    size_t offset;
    uint16_t sw = offset_of(&card->gp, apdu, &offset);

    if (sw != SW_OK)
        return sw;
    if (area->is_protected && !scp03_has_level(&card->gp.channel, level))
        return SW_SECURITY_STATUS;
    return append_part(card, buf_bytes(&area->contents), offset, apdu->ne, data);
}
