/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applet with number and attributes as text, 券面事項入力補助AP (card.md 3.2). Each check code
 * opens its half: A the number, B the attributes. What both halves share, every PIN opens; whether
 * B opens EF 0003 is disputed (card/options.h).
 *
 * EF 0008 has sixteen FF and no noted access; it is taken for shut as its neighbours are. IEFs
 * 0010, 001C and 001E as in the JPKI applet. IEF 0012 is blocked from issue.
 */
#include "card/applet.h"
#include "card/limits.h"
#include "card/pin.h"

static const uint8_t aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08};

enum {
    PIN = CARD_PIN_BIT(CARD_PIN_TEXT),
    CODE_A = CARD_PIN_BIT(CARD_PIN_TEXT_A),
    CODE_B = CARD_PIN_BIT(CARD_PIN_TEXT_B),
    ANY = PIN | CODE_A | CODE_B,
};

static const struct node nodes[] = {
    {0x0001, NODE_DATA, CARD_TEXT_NUMBER, .opened_by = PIN | CODE_A, .size = CARD_NUMBER_SIZE,
     .filler = 0xff},
    {0x0002, NODE_DATA, CARD_TEXT_ATTRS, .opened_by = PIN | CODE_B, .size = CARD_ATTRS_SIZE,
     .filler = 0xff},
    {0x0003, NODE_DATA, CARD_TEXT_DIGESTS, .opened_by = ANY, .size = CARD_DIGESTS_SIZE,
     .filler = 0xff},
    {0x0004, NODE_DATA, CARD_TEXT_CVC, .size = CARD_CVC_SIZE, .filler = 0xff},
    {0x0005, NODE_DATA, CARD_TEXT_INFO, .size = CARD_TEXT_INFO_SIZE, .filler = 0xff},
    {0x0006, NODE_DATA, CARD_TEXT_SM_KEY, .opened_by = ANY, .size = CARD_SM_KEY_SIZE,
     .filler = 0xff},
    {0x0007, NODE_DATA, CARD_TEXT_KEY, .opened_by = ANY, .size = CARD_TEXT_KEY_SIZE,
     .filler = 0xff},
    {0x0008, NODE_DATA, CARD_TEXT_0008, .opened_by = ANY, .size = CARD_UNKNOWN_SIZE, .filler = 0xff,
     .is_all_filler = true},
    {0x0010, NODE_QUERY, 0},
    {0x0011, NODE_PIN, CARD_PIN_TEXT, .tries = 3, .form = &pin_form_four},
    {0x0012, NODE_PIN, CARD_PIN_TEXT_0012, .tries = 0},
    {0x0013, NODE_KEY, CARD_KEY_TEXT},
    {0x0014, NODE_PIN, CARD_PIN_TEXT_A, .tries = 10, .form = &pin_form_twelve},
    {0x0015, NODE_PIN, CARD_PIN_TEXT_B, .tries = 10, .form = &pin_form_fourteen},
    {0x001c, NODE_OPAQUE, 0},
    {0x001e, NODE_OPAQUE, 0},
};

const struct applet applet_text = {
    .name = "text",
    .id = 2,
    .aid = aid,
    .aid_len = sizeof aid,
    .nodes = nodes,
    .node_count = sizeof nodes / sizeof nodes[0],
    .default_key = 0x0013,
};
