/* SPDX-License-Identifier: Apache-2.0 */
/* The card's inside, for the files that implement its commands. */
#pragma once

#include "card/card.h"
#include "card/gp.h"
#include "iso7816/apdu.h"
#include "iso7816/sw.h"

struct card {
    struct image image;
    unsigned tries[CARD_PINS_]; /* as on disk, or fewer */
    struct card_storage *storage;

    /* Gone at card_reset(). */
    const struct applet *applet; /* NULL: none selected */
    const struct node *file;     /* current EF or IEF of it; NULL: none */
    uint32_t verified;           /* bits of the PINs verified in this applet */

    struct gp gp; /* the card manager and the free area */

    struct err failure; /* kind ERR_NONE: none */
};

/* A command: appends response data (at most apdu->ne bytes where that counts), gives the SW. */
typedef uint16_t card_command_fn(struct card *card, const struct apdu *apdu, struct buf *data);

card_command_fn cmd_select, cmd_read_binary, cmd_read_record, cmd_get_data; /* cmd_file.c */
card_command_fn cmd_verify, cmd_change_reference_data;                      /* cmd_pin.c */
card_command_fn cmd_compute_signature, cmd_get_challenge;                   /* cmd_key.c */

/*
 * The file a command means: the current one for sfi 0, else by short identifier. *ret_sw is SW_OK,
 * or 6986 for no current file, 6A82 for no such file, 6981 if it is of another kind.
 */
const struct node *state_file(const struct card *card, unsigned sfi, enum node_kind kind,
                              uint16_t *ret_sw);
/* Whether the PINs verified so far open this file or key. */
bool state_is_open(const struct card *card, const struct node *node);
/* Keep the reason for card_take_failure() and give the SW for it. */
uint16_t state_failed(struct card *card, const struct err *err);
