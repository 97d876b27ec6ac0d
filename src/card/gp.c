/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is selected, the secure channel to it, and which command goes where. Lasting changes are
 * made on a copy of the areas, which is stored and only then taken, so that a cut at any point
 * leaves the old areas or the new ones. A try of an authentication is gone on disk before it is
 * looked at, as with PINs (design 6, rule 2).
 */
#include "card/gp_commands.h"

#include <string.h>

enum {
    CLA_MESSAGING = 0x04,
    INS_EXTERNAL_AUTHENTICATE = 0x82,
    SEQUENCE_LAST = 0xffffff,
    P1_SELECT_EF = 0x02,
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

void gp_drop_chain(struct gp *gp)
{
    buf_done(&gp->chain);
    gp->chain_next = 0;
    gp->chain_ins = 0;
}

/* With it goes what was begun in it. */
static void close_channel(struct gp *gp)
{
    scp03_close(&gp->channel);
    gp_drop_chain(gp);
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

struct free_area *gp_selected_area(struct image *image, const struct gp *gp)
{
    return gp->selected == GP_AREA ? free_area_find(&image->areas, bytes_of(gp->aid, gp->aid_len))
                                   : NULL;
}

/* The keys of what is selected; NULL if it has none. */
static struct gp_keys *keys_of(struct image *image, const struct gp *gp)
{
    struct free_area *area = gp_selected_area(image, gp);
    struct gp_keys *keys = area == NULL ? NULL : &area->keys;

    if (gp->selected == GP_ISD)
        keys = &image->issuer;
    return keys != NULL && gp_keys_are_set(keys) ? keys : NULL;
}

int gp_change(struct card *card, gp_change_fn *fn, void *context, struct err *err)
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
    if (gp_change(card, count_channel, NULL, &err) < 0 ||
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
    TRY(gp_change(card, set_tries, &left, err));
    TRY(scp03_authenticate(&card->gp.channel, apdu, ret_sw, err));
    return *ret_sw == SW_OK ? gp_change(card, set_tries, &all, err) : 0;
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
    {ISD, 0x80, 0xe6, WRITE_LEVEL, gp_install},
    {ISD, 0x80, 0xe2, WRITE_LEVEL, gp_store_data},
    {ISD, 0x80, 0xe4, WRITE_LEVEL, gp_delete_area},
    {ISD, 0x80, 0xf2, SCP03_C_MAC, gp_get_status},
    {ISD, 0x80, 0xca, 0, gp_get_resources},
    {DIRECTORY | AREA, 0x00, 0xa4, 0, gp_select_file},
    {DIRECTORY, 0x00, 0xb0, 0, gp_read_directory},
    {AREA, 0x00, 0xb0, 0, gp_read_contents},
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
