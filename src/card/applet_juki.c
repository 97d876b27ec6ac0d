/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applet of the resident register, 住基AP (card.md 3.6). Its PIN and the common applet's are
 * one to people and two IEFs with a counter each on the card.
 */
#include "card/applet.h"
#include "card/limits.h"
#include "card/pin.h"

static const uint8_t aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x01};

static const struct node nodes[] = {
    {0x0002, NODE_RECORDS, CARD_JUKI_KEYREF, .size = CARD_RECORDS_SIZE},
    {0x001c, NODE_PIN, CARD_PIN_JUKI, .tries = 3, .form = &pin_form_four},
};

const struct applet applet_juki = {
    .name = "juki",
    .id = 4,
    .aid = aid,
    .aid_len = sizeof aid,
    .nodes = nodes,
    .node_count = sizeof nodes / sizeof nodes[0],
};
