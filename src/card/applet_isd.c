/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card manager: no files; selecting it leaves every other applet (card.md 4.5). What GET DATA
 * gives at the level of the master file is noted here too, with tags for FIDs (card.md 3.7).
 */
#include "card/applet.h"
#include "card/limits.h"

static const uint8_t aid[] = {0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};

static const struct node nodes[] = {
    {0x0042, NODE_OBJECT, CARD_MF_ISSUER, .size = CARD_OBJECT_SIZE},
    {0x0045, NODE_OBJECT, CARD_MF_ID, .size = CARD_OBJECT_SIZE},
    {0x0066, NODE_OBJECT, CARD_MF_RECOGNITION, .size = CARD_OBJECT_SIZE},
    {0x00f0, NODE_OBJECT, CARD_MF_MUNICIPALITY, .size = CARD_OBJECT_SIZE},
    {0x00f2, NODE_OBJECT, CARD_MF_EXPIRY, .size = CARD_OBJECT_SIZE},
    {0x00f7, NODE_OBJECT, CARD_MF_00F7, .size = CARD_OBJECT_SIZE},
    {0x00f8, NODE_OBJECT, CARD_MF_00F8, .size = CARD_OBJECT_SIZE},
    {0x7f21, NODE_OBJECT, CARD_MF_CVC, .size = CARD_OBJECT_SIZE},
    {0x5f51, NODE_OBJECT, CARD_MF_ATR, .size = CARD_OBJECT_SIZE},
};

const struct applet applet_isd = {
    .name = "mf",
    .id = 0,
    .aid = aid,
    .aid_len = sizeof aid,
    .nodes = nodes,
    .node_count = sizeof nodes / sizeof nodes[0],
    .is_always_there = true,
};
