/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applet of what all share, 共通カードAP (card.md 3.5): the card's numbers, and a key that
 * proves that the card is itself. EF 0002 has no noted access and is taken for free, as 0001 is.
 */
#include "card/applet.h"
#include "card/limits.h"
#include "card/pin.h"

static const uint8_t aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x01, 0x00};

static const struct node nodes[] = {
    {0x0001, NODE_RECORDS, CARD_COMMON_RECORD, .size = CARD_RECORDS_SIZE},
    {0x0002, NODE_DATA, CARD_COMMON_KEYREF, .size = CARD_UNKNOWN_SIZE, .filler = 0xff},
    {0x0019, NODE_KEY, CARD_KEY_COMMON},
    {0x001c, NODE_PIN, CARD_PIN_COMMON, .tries = 3, .form = &pin_form_four},
    {0x001e, NODE_OPAQUE, 0},
};

const struct applet applet_common = {
    .name = "common",
    .id = 5,
    .aid = aid,
    .aid_len = sizeof aid,
    .nodes = nodes,
    .node_count = sizeof nodes / sizeof nodes[0],
};
