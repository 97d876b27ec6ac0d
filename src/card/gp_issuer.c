/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the issuer does with areas: INSTALL, STORE DATA, DELETE, GET STATUS, and how much room is
 * left. Sections are those of the GlobalPlatform Card Specification 2.3.1.
 */
#include "card/gp_commands.h"
#include "card/install.h"
#include "iso7816/tlv.h"

#include <string.h>

enum {
    P1_IS_MORE = 0x80, /* INSTALL (11.5.2.1) */
    P1_INSTALL_SELECTABLE = 0x0c,
    P1_PERSONALIZATION = 0x20,
    P1_IS_LAST = 0x80,      /* STORE DATA (11.11.2.1) */
    P1_APPLICATIONS = 0x40, /* GET STATUS (11.4.2.1) */
    P2_AS_TLV = 0x02,
    TAG_AID = 0x4f,
    TAG_REGISTRY = 0xe3,
    TAG_LIFE_CYCLE = 0x9f70,
    TAG_PRIVILEGES = 0xc5,
    STATE_SELECTABLE = 0x07,
    STATE_PERSONALISED = 0x0f,
    TAG_RESOURCES = 0xff21, /* ETSI TS 102 226, 8.2.1.7.2, as GlobalPlatform has it */
    TAG_INSTALLED = 0x81,
    TAG_FREE = 0x82,
    BLOCKS_MAX = 256, /* of a chain; their numbers have one byte */
};

/*
 * Add a block of a chain of at most max bytes; another instruction, a number out of turn and a
 * block too many drop it.
 */
static uint16_t add_block(struct card *card, const struct apdu *apdu, unsigned number, size_t max)
{
    struct gp *gp = &card->gp;
    struct err err;

    if (gp->chain_ins != apdu->ins)
        gp_drop_chain(gp);
    if (number != gp->chain_next || number >= BLOCKS_MAX) {
        gp_drop_chain(gp);
        return SW_WRONG_P1P2;
    }
    if (apdu->data.len > max - gp->chain.len) {
        gp_drop_chain(gp);
        return SW_NO_ROOM;
    }
    if (buf_append(&gp->chain, apdu->data, &err) < 0)
        return state_failed(card, &err);
    gp->chain_ins = apdu->ins;
    gp->chain_next++;
    return SW_OK;
}

static uint16_t sw_for(struct card *card, const struct err *err)
{
    switch ((int)err->kind) {
    case ERR_INPUT:
    case ERR_UNTRUSTED:
        return SW_WRONG_DATA;
    case ERR_CONFLICT:
        return SW_CONDITIONS;
    case ERR_ABSENT:
        return SW_NO_ROOM;
    default:
        return state_failed(card, err);
    }
}

static int add_area(const struct gp *gp, struct image *next, void *context, struct err *err)
{
    (void)gp;
    return free_areas_add(&next->areas, context, err);
}

static int install_selectable(struct card *card, struct err *err)
{
    CLEANUP(free_area_done) struct free_area area = {.aid_len = 0};
    struct install install;

    TRY(install_parse(buf_bytes(&card->gp.chain), &install, err));
    TRY(install_area(&install, &card->image.issuer.dek, &area, err));
    TRY(image_check_expiry(&card->image, area.expiry, err));
    return gp_change(card, add_area, &area, err);
}

static uint16_t install_for_personalization(struct card *card, const struct apdu *apdu)
{
    struct gp *gp = &card->gp;
    struct bytes aid;

    gp_drop_chain(gp);
    gp->target_len = 0;
    if (install_parse_target(apdu->data, &aid, NULL) < 0)
        return SW_WRONG_DATA;
    if (free_area_find(&card->image.areas, aid) == NULL)
        return SW_REFERENCE_NOT_FOUND;
    memcpy(gp->target, aid.ptr, aid.len);
    gp->target_len = aid.len;
    return SW_OK;
}

/* What INSTALL and DELETE confirm with: nothing (11.5.3.1). */
static uint16_t confirm(struct card *card, struct buf *data)
{
    struct err err;

    return buf_append_byte(data, 0, &err) < 0 ? state_failed(card, &err) : SW_OK;
}

uint16_t gp_install(struct card *card, const struct apdu *apdu, struct buf *data)
{
    bool is_more = (apdu->p1 & P1_IS_MORE) != 0;
    struct err err;
    uint16_t sw;
    int rc;

    if (!image_has_free_area(&card->image))
        return SW_NOT_SUPPORTED;
    if (apdu->p2 != 0)
        return SW_WRONG_P1P2;
    if (apdu->p1 == P1_PERSONALIZATION) {
        sw = install_for_personalization(card, apdu);
        return sw == SW_OK ? confirm(card, data) : sw;
    }
    if ((apdu->p1 & ~P1_IS_MORE) != P1_INSTALL_SELECTABLE)
        return SW_WRONG_P1P2;
    sw = add_block(card, apdu, card->gp.chain_ins == apdu->ins ? card->gp.chain_next : 0,
                   CARD_INSTALL_MAX);
    if (sw != SW_OK || is_more)
        return sw;
    rc = install_selectable(card, &err);
    gp_drop_chain(&card->gp);
    return rc < 0 ? sw_for(card, &err) : confirm(card, data);
}

static int set_contents(const struct gp *gp, struct image *next, void *context, struct err *err)
{
    struct free_area *area = free_area_find(&next->areas, bytes_of(gp->target, gp->target_len));

    (void)context;
    buf_done(&area->contents);
    return buf_copy(buf_bytes(&gp->chain), &area->contents, err);
}

/* The new contents of the area that INSTALL [for personalization] named, all of them. */
uint16_t gp_store_data(struct card *card, const struct apdu *apdu, struct buf *data)
{
    struct gp *gp = &card->gp;
    const struct free_area *area;
    struct err err;
    uint16_t sw;
    int rc;

    (void)data;
    if (gp->target_len == 0)
        return SW_CONDITIONS;
    if ((apdu->p1 & ~P1_IS_LAST) != 0) /* no structure, no further encryption */
        return SW_WRONG_P1P2;
    area = free_area_find(&card->image.areas, bytes_of(gp->target, gp->target_len));
    sw = add_block(card, apdu, apdu->p2, area->capacity);
    if (sw != SW_OK || (apdu->p1 & P1_IS_LAST) == 0)
        return sw;
    rc = gp_change(card, set_contents, NULL, &err);
    gp_drop_chain(gp);
    return rc < 0 ? sw_for(card, &err) : SW_OK;
}

static int remove_area(const struct gp *gp, struct image *next, void *context, struct err *err)
{
    const struct bytes *aid = context;

    (void)gp, (void)err;
    free_areas_remove(&next->areas, free_area_find(&next->areas, *aid));
    return 0;
}

/* 4F AID, and nothing else: nothing on this card is below something else (11.2). */
uint16_t gp_delete_area(struct card *card, const struct apdu *apdu, struct buf *data)
{
    struct bytes rest = apdu->data;
    struct err err;
    struct tlv aid;

    if (apdu->p1 != 0 || apdu->p2 != 0)
        return SW_WRONG_P1P2;
    if (tlv_next(&rest, &aid, NULL) < 0 || aid.tag != TAG_AID || rest.len > 0)
        return SW_WRONG_DATA;
    if (free_area_find(&card->image.areas, aid.value) == NULL)
        return SW_REFERENCE_NOT_FOUND;
    gp_drop_chain(&card->gp);
    card->gp.target_len = 0; /* it may be this one */
    if (gp_change(card, remove_area, &aid.value, &err) < 0)
        return state_failed(card, &err);
    return confirm(card, data);
}

static int append_status(const struct free_area *area, struct buf *data, struct err *err)
{
    static const uint8_t privileges[] = {0, 0, 0};
    CLEANUP(buf_done) struct buf entry = BUF_INIT;
    const uint8_t state = area->contents.len > 0 ? STATE_PERSONALISED : STATE_SELECTABLE;

    TRY(tlv_append(&entry, TAG_AID, bytes_of(area->aid, area->aid_len), err));
    TRY(tlv_append(&entry, TAG_LIFE_CYCLE, bytes_of(&state, 1), err));
    TRY(tlv_append(&entry, TAG_PRIVILEGES, BYTES_ARRAY(privileges), err));
    return tlv_append(data, TAG_REGISTRY, buf_bytes(&entry), err);
}

/* The areas whose AIDs begin as the criterion says; they fit one answer, there being few. */
uint16_t gp_get_status(struct card *card, const struct apdu *apdu, struct buf *data)
{
    const struct free_areas *areas = &card->image.areas;
    struct bytes rest = apdu->data;
    struct err err;
    struct tlv wanted;

    if (apdu->p1 != P1_APPLICATIONS || apdu->p2 != P2_AS_TLV)
        return SW_WRONG_P1P2;
    if (tlv_next(&rest, &wanted, NULL) < 0 || wanted.tag != TAG_AID || rest.len > 0)
        return SW_WRONG_DATA;
    for (size_t i = 0; i < areas->count; i++) {
        const struct free_area *area = &areas->list[i];

        if (bytes_start_with(bytes_of(area->aid, area->aid_len), wanted.value) &&
            append_status(area, data, &err) < 0)
            return state_failed(card, &err);
    }
    return data->len > 0 ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

static int append_resources(const struct free_areas *areas, struct buf *data, struct err *err)
{
    size_t left = free_capacity_left(areas);
    const uint8_t installed = (uint8_t)areas->count;
    const uint8_t room[] = {0, 0, (uint8_t)(left >> 8), (uint8_t)(left & 0xff)};
    CLEANUP(buf_done) struct buf value = BUF_INIT;

    TRY(tlv_append(&value, TAG_INSTALLED, bytes_of(&installed, 1), err));
    TRY(tlv_append(&value, TAG_FREE, BYTES_ARRAY(room), err));
    return tlv_append(data, TAG_RESOURCES, buf_bytes(&value), err);
}

/* GET DATA of the one object that is made, not stored: how much room is left. */
uint16_t gp_get_resources(struct card *card, const struct apdu *apdu, struct buf *data)
{
    struct err err;

    if (apdu->p1 != TAG_RESOURCES >> 8 || apdu->p2 != (TAG_RESOURCES & 0xff))
        return SW_REFERENCE_NOT_FOUND;
    return append_resources(&card->image.areas, data, &err) < 0 ? state_failed(card, &err) : SW_OK;
}
