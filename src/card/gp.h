/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card manager and the free area at work: GlobalPlatform's commands on the ISD for the issuer,
 * and reading the directory and the areas. Everything of it that a reset forgets is here.
 */
#pragma once

#include "card/free.h"
#include "card/scp03.h"

struct card;
struct applet;

enum gp_selected { GP_NOTHING, GP_ISD, GP_DIRECTORY, GP_AREA };

struct gp {
    enum gp_selected selected;
    uint8_t aid[AID_SIZE_MAX]; /* of what is selected */
    size_t aid_len;
    bool has_file; /* the one EF of directory or area is the current file */
    struct scp03 channel;
    /* A chain of INSTALL or STORE DATA commands that is not complete yet. */
    struct buf chain;
    uint8_t chain_ins;
    unsigned chain_next;          /* number of its next block */
    uint8_t target[AID_SIZE_MAX]; /* the area that STORE DATA is for */
    size_t target_len;            /* 0: none */
};

/* Reset, or something else was selected. A struct of zeros is in this state. */
void gp_leave(struct gp *gp);
/* An applet was selected: the ISD, the directory, or one that this is not about. */
void gp_enter_applet(struct gp *gp, const struct applet *applet);

/* SELECT by AID: true if it is (the beginning of) the AID of an area, which is selected then. */
bool gp_select_area(struct card *card, struct bytes aid);
/*
 * A command while the ISD, the directory or an area is selected. False if it is none of theirs; the
 * general table of commands answers then.
 */
bool gp_command(struct card *card, const struct apdu *apdu, struct buf *data, uint16_t *ret_sw);
