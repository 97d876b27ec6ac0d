/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applet with what is printed, as images, 券面事項確認AP (card.md 3.3). The check codes have
 * other FIDs here than in the text applet. IEFs 001C and 001E as in the JPKI applet.
 */
#include "card/applet.h"
#include "card/limits.h"
#include "card/pin.h"

static const uint8_t aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02};

enum {
    BIRTH = CARD_PIN_BIT(CARD_PIN_BIRTH),
    CODE_A = CARD_PIN_BIT(CARD_PIN_VISUAL_A),
    CODE_B = CARD_PIN_BIT(CARD_PIN_VISUAL_B),
};

static const struct node nodes[] = {
    {0x0001, NODE_DATA, CARD_VISUAL_AGE, .opened_by = BIRTH, .size = CARD_AGE_SIZE, .filler = 0xff},
    {0x0002, NODE_DATA, CARD_VISUAL_FACE, .opened_by = CODE_A | CODE_B, .size = CARD_FACE_SIZE,
     .filler = 0xff},
    {0x0003, NODE_DATA, CARD_VISUAL_INFO, .size = CARD_VISUAL_INFO_SIZE, .filler = 0xff},
    {0x0004, NODE_DATA, CARD_VISUAL_CVC, .size = CARD_CVC_SIZE, .filler = 0xff},
    {0x0005, NODE_DATA, CARD_VISUAL_NUMBER, .opened_by = CODE_A, .size = CARD_VISUAL_NUMBER_SIZE,
     .filler = 0xff},
    {0x0006, NODE_DATA, CARD_VISUAL_0006, .opened_by = CODE_A | CODE_B, .size = CARD_UNKNOWN_SIZE,
     .filler = 0xff, .is_all_filler = true},
    {0x0011, NODE_PIN, CARD_PIN_BIRTH, .tries = CARD_BIRTH_TRIES_MAX, .form = &pin_form_six},
    {0x0012, NODE_PIN, CARD_PIN_VISUAL_B, .tries = 10, .form = &pin_form_fourteen},
    {0x0013, NODE_PIN, CARD_PIN_VISUAL_A, .tries = 10, .form = &pin_form_twelve},
    {0x001a, NODE_KEY, CARD_KEY_VISUAL},
    {0x001c, NODE_OPAQUE, 0},
    {0x001e, NODE_OPAQUE, 0},
};

const struct applet applet_visual = {
    .name = "visual",
    .id = 3,
    .aid = aid,
    .aid_len = sizeof aid,
    .nodes = nodes,
    .node_count = sizeof nodes / sizeof nodes[0],
    .default_key = 0x001a,
};
