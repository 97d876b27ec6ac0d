/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lasting changes are made on a copy of the areas, which is stored and only then taken, so that a
 * cut at any point leaves the old areas or the new ones. A try of an authentication is gone on disk
 * before it is looked at, as with PINs (design 6, rule 2).
 */
#include "card/gp.h"

#include "card/install.h"
#include "card/state.h"
#include "iso7816/tlv.h"

#include <string.h>

enum {
    CLA_MESSAGING = 0x04,
    INS_EXTERNAL_AUTHENTICATE = 0x82,
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
    SEQUENCE_LAST = 0xffffff,
    BLOCKS_MAX = 256,       /* of a chain; their numbers have one byte */
    FID_DIRECTORY = 0x2f00, /* ISO 7816-4, 8.2.1.1: EF.DIR */
    SFI_DIRECTORY = 30,
    FID_CONTENTS = 0x0001,
    SFI_CONTENTS = 1,
    P1_SELECT_EF = 0x02,
    P1_IS_SFI = 0x80,
};

void gp_leave(struct gp *gp)
{
    scp03_close(&gp->channel);
    buf_done(&gp->chain);
    *gp = (struct gp){.selected = GP_NOTHING};
}

static void enter(struct gp *gp, enum gp_selected selected, struct bytes aid)
{
    gp_leave(gp);
    gp->selected = selected;
    memcpy(gp->aid, aid.ptr, aid.len);
    gp->aid_len = aid.len;
}

void gp_enter_applet(struct gp *gp, const struct applet *applet)
{
    struct bytes aid = bytes_of(applet->aid, applet->aid_len);

    if (applet == &applet_isd)
        enter(gp, GP_ISD, aid);
    else if (applet == &applet_free)
        enter(gp, GP_DIRECTORY, aid);
    else
        gp_leave(gp);
}

static void drop_chain(struct gp *gp)
{
    buf_done(&gp->chain);
    gp->chain_next = 0;
    gp->chain_ins = 0;
}

/* With it goes what was begun in it. */
static void close_channel(struct gp *gp)
{
    scp03_close(&gp->channel);
    drop_chain(gp);
    gp->target_len = 0;
}

bool gp_select_area(struct card *card, struct bytes aid)
{
    const struct free_area *area = free_area_find_prefix(&card->image.areas, aid);

    if (area == NULL)
        return false;
    enter(&card->gp, GP_AREA, bytes_of(area->aid, area->aid_len));
    return true;
}

static struct free_area *selected_area(struct image *image, const struct gp *gp)
{
    return gp->selected == GP_AREA ? free_area_find(&image->areas, bytes_of(gp->aid, gp->aid_len))
                                   : NULL;
}

/* The keys of what is selected; NULL if it has none. */
static struct gp_keys *keys_of(struct image *image, const struct gp *gp)
{
    struct free_area *area = selected_area(image, gp);
    struct gp_keys *keys = area == NULL ? NULL : &area->keys;

    if (gp->selected == GP_ISD)
        keys = &image->issuer;
    return keys != NULL && gp_keys_are_set(keys) ? keys : NULL;
}

/* What changes, in an image whose areas are its own and whose issuer's keys are not. */
typedef int change_fn(const struct gp *gp, struct image *next, void *context, struct err *err);

static int change(struct card *card, change_fn *fn, void *context, struct err *err)
{
    struct image next = card->image;
    struct free_areas old = card->image.areas;
    int rc;

    TRY(free_areas_copy(&card->image.areas, &next.areas, err));
    rc = fn(&card->gp, &next, context, err);
    if (rc == 0)
        rc = card->storage->save_image(card->storage, &next, err);
    if (rc < 0) {
        free_areas_done(&next.areas);
        return rc;
    }
    card->image = next;
    free_areas_done(&old);
    return 0;
}

static int count_channel(const struct gp *gp, struct image *next, void *context, struct err *err)
{
    (void)context, (void)err;
    keys_of(next, gp)->sequence++;
    return 0;
}

static int set_tries(const struct gp *gp, struct image *next, void *context, struct err *err)
{
    const unsigned *tries = context;

    (void)err;
    keys_of(next, gp)->tries = *tries;
    return 0;
}

/* INITIALIZE UPDATE (Amendment D, 7.1.1): P1 is the version of the keys, 0 for any. */
static uint16_t initialize_update(struct card *card, const struct apdu *apdu, struct buf *data)
{
    struct gp *gp = &card->gp;
    const struct gp_keys *keys = keys_of(&card->image, gp);
    struct err err;

    close_channel(gp);
    if (apdu->data.len != SCP03_CHALLENGE_SIZE)
        return SW_WRONG_LENGTH;
    if (apdu->p2 != 0)
        return SW_WRONG_P1P2;
    if (keys == NULL || (apdu->p1 != 0 && apdu->p1 != keys->version))
        return SW_REFERENCE_NOT_FOUND;
    if (keys->tries == 0)
        return SW_METHOD_BLOCKED;
    if (keys->sequence == SEQUENCE_LAST)
        return SW_CONDITIONS;
    if (change(card, count_channel, NULL, &err) < 0 ||
        scp03_challenge(&gp->channel, keys_of(&card->image, gp), bytes_of(gp->aid, gp->aid_len),
                        apdu->data, data, &err) < 0)
        return state_failed(card, &err);
    return SW_OK;
}

static int authenticate(struct card *card, const struct apdu *apdu, uint16_t *ret_sw,
                        struct err *err)
{
    unsigned left = keys_of(&card->image, &card->gp)->tries;
    unsigned all = CARD_GP_TRIES;

    left--; /* a challenge was given, so it is not 0 */
    TRY(change(card, set_tries, &left, err));
    TRY(scp03_authenticate(&card->gp.channel, apdu, ret_sw, err));
    return *ret_sw == SW_OK ? change(card, set_tries, &all, err) : 0;
}

/* Amendment D, 7.1.2 */
static uint16_t external_authenticate(struct card *card, const struct apdu *apdu, struct buf *data)
{
    struct err err;
    uint16_t sw;

    (void)data;
    if (card->gp.channel.state != SCP03_CHALLENGED) {
        scp03_close(&card->gp.channel);
        return SW_CONDITIONS;
    }
    if (authenticate(card, apdu, &sw, &err) < 0) {
        scp03_close(&card->gp.channel);
        return state_failed(card, &err);
    }
    return sw;
}

/*
 * Add a block of a chain of at most max bytes; another instruction, a number out of turn and a
 * block too many drop it.
 */
static uint16_t add_block(struct card *card, const struct apdu *apdu, unsigned number, size_t max)
{
    struct gp *gp = &card->gp;
    struct err err;

    if (gp->chain_ins != apdu->ins)
        drop_chain(gp);
    if (number != gp->chain_next || number >= BLOCKS_MAX) {
        drop_chain(gp);
        return SW_WRONG_P1P2;
    }
    if (apdu->data.len > max - gp->chain.len) {
        drop_chain(gp);
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
    return change(card, add_area, &area, err);
}

static uint16_t install_for_personalization(struct card *card, const struct apdu *apdu)
{
    struct gp *gp = &card->gp;
    struct bytes aid;

    drop_chain(gp);
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

static uint16_t install(struct card *card, const struct apdu *apdu, struct buf *data)
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
    drop_chain(&card->gp);
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
static uint16_t store_data(struct card *card, const struct apdu *apdu, struct buf *data)
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
    rc = change(card, set_contents, NULL, &err);
    drop_chain(gp);
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
static uint16_t delete_area(struct card *card, const struct apdu *apdu, struct buf *data)
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
    drop_chain(&card->gp);
    card->gp.target_len = 0; /* it may be this one */
    if (change(card, remove_area, &aid.value, &err) < 0)
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
static uint16_t get_status(struct card *card, const struct apdu *apdu, struct buf *data)
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
static uint16_t get_resources(struct card *card, const struct apdu *apdu, struct buf *data)
{
    struct err err;

    if (apdu->p1 != TAG_RESOURCES >> 8 || apdu->p2 != (TAG_RESOURCES & 0xff))
        return SW_REFERENCE_NOT_FOUND;
    return append_resources(&card->image.areas, data, &err) < 0 ? state_failed(card, &err) : SW_OK;
}

static uint16_t select_file(struct card *card, const struct apdu *apdu, struct buf *data)
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

static uint16_t read_directory(struct card *card, const struct apdu *apdu, struct buf *data)
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
static uint16_t read_contents(struct card *card, const struct apdu *apdu, struct buf *data)
{
    static const uint8_t level = SCP03_C_MAC | SCP03_C_DECRYPTION | SCP03_R_MAC |
                                 SCP03_R_ENCRYPTION;
    const struct free_area *area = selected_area(&card->image, &card->gp);
    size_t offset;
    uint16_t sw = offset_of(&card->gp, apdu, &offset);

    if (sw != SW_OK)
        return sw;
    if (area->is_protected && !scp03_has_level(&card->gp.channel, level))
        return SW_SECURITY_STATUS;
    return append_part(card, buf_bytes(&area->contents), offset, apdu->ne, data);
}

enum { ISD = 1 << GP_ISD, DIRECTORY = 1 << GP_DIRECTORY, AREA = 1 << GP_AREA };
enum { WRITE_LEVEL = SCP03_C_MAC | SCP03_C_DECRYPTION };

static const struct {
    unsigned where; /* what must be selected */
    uint8_t cla, ins;
    uint8_t level; /* of the secure channel, at least; 0: none is needed */
    card_command_fn *run;
} commands[] = {
    {ISD | AREA, 0x80, 0x50, 0, initialize_update},
    {ISD | AREA, 0x84, INS_EXTERNAL_AUTHENTICATE, 0, external_authenticate},
    {ISD, 0x80, 0xe6, WRITE_LEVEL, install},
    {ISD, 0x80, 0xe2, WRITE_LEVEL, store_data},
    {ISD, 0x80, 0xe4, WRITE_LEVEL, delete_area},
    {ISD, 0x80, 0xf2, SCP03_C_MAC, get_status},
    {ISD, 0x80, 0xca, 0, get_resources},
    {DIRECTORY | AREA, 0x00, 0xa4, 0, select_file},
    {DIRECTORY, 0x00, 0xb0, 0, read_directory},
    {AREA, 0x00, 0xb0, 0, read_contents},
};

/* The row's number, or -1. */
static int find_command(const struct gp *gp, uint8_t cla, uint8_t ins)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if ((commands[i].where & 1u << gp->selected) != 0 && commands[i].cla == cla &&
            commands[i].ins == ins)
            return (int)i;
    }
    return -1;
}

static uint16_t run_inner(struct card *card, const struct apdu *apdu, struct buf *data)
{
    int row = find_command(&card->gp, apdu->cla, apdu->ins);
    uint16_t sw;

    if (row < 0)
        return SW_WRONG_INS;
    if (commands[row].level != 0 && !scp03_has_level(&card->gp.channel, commands[row].level))
        return SW_SECURITY_STATUS;
    sw = commands[row].run(card, apdu, data);
    if (sw != SW_OK || data->len <= (apdu->ne == 0 ? APDU_SHORT_NE_MAX : apdu->ne))
        return sw;
    buf_clear(data); /* never more than was asked for, and never half of it */
    return SW_WRONG_LENGTH;
}

/* Through the channel: the command out of its wrapping, the answer into one. */
static uint16_t run_wrapped(struct card *card, const struct apdu *wrapped, struct buf *data)
{
    struct scp03 *channel = &card->gp.channel;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    struct apdu apdu;
    struct err err;
    uint16_t sw;

    if (scp03_unwrap(channel, wrapped, &plain, &apdu, &sw, &err) < 0)
        sw = state_failed(card, &err);
    if (sw != SW_OK) {
        close_channel(&card->gp);
        return sw;
    }
    apdu.ne = scp03_room(channel, apdu.ne == 0 ? APDU_SHORT_NE_MAX : apdu.ne);
    if (apdu.ne == 0)
        return SW_WRONG_LENGTH;
    sw = run_inner(card, &apdu, data);
    if (sw == SW_OK && channel->state == SCP03_OPEN && scp03_wrap(channel, data, &err) < 0)
        return state_failed(card, &err);
    return sw;
}

/* Another application is selected in the same way as everywhere. */
static bool is_select(const struct apdu *apdu)
{
    return apdu->cla == 0x00 && apdu->ins == 0xa4 && apdu->p1 != P1_SELECT_EF;
}

static bool run(struct card *card, const struct apdu *apdu, struct buf *data, uint16_t *ret_sw)
{
    struct gp *gp = &card->gp;
    bool is_plain = find_command(gp, apdu->cla, apdu->ins) >= 0;

    if (gp->selected == GP_NOTHING || is_select(apdu))
        return false;
    if (!is_plain && gp->selected != GP_DIRECTORY && (apdu->cla & 0x7f) == CLA_MESSAGING) {
        *ret_sw = run_wrapped(card, apdu, data);
        return true;
    }
    /* A command beside an open channel ends it, because nobody can say whose it is. */
    if (gp->channel.state == SCP03_OPEN)
        close_channel(gp);
    if (!is_plain)
        return false;
    *ret_sw = run_inner(card, apdu, data);
    return true;
}

/* Answers are wrapped and measured before they join what the caller has already. */
bool gp_command(struct card *card, const struct apdu *apdu, struct buf *data, uint16_t *ret_sw)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct err err;

    if (!run(card, apdu, &answer, ret_sw))
        return false;
    if (*ret_sw == SW_OK && buf_append(data, buf_bytes(&answer), &err) < 0)
        *ret_sw = state_failed(card, &err);
    return true;
}
