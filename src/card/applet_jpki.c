/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JPKI applet (card.md 3.1). EFs 0005 and 0009 and IEFs 0010, 0016, 0019, 001C and 001E exist
 * on real cards with contents nobody knows; they are not pretended here and answer 6A82.
 */
#include "card/applet.h"
#include "card/limits.h"
#include "card/pin.h"
#include "card/token.h"

static const uint8_t aid[] = {0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};

enum { SIGN = CARD_PIN_BIT(CARD_PIN_SIGN), AUTH = CARD_PIN_BIT(CARD_PIN_AUTH) };

static const struct node nodes[] = {
    {0x0001, NODE_DATA, CARD_SIGN_CERT, .opened_by = SIGN, .size = CARD_CERT_SIZE},
    {0x0002, NODE_DATA, CARD_SIGN_CA_CERT, .size = CARD_CA_CERT_SIZE},
    {0x0006, NODE_DATA, CARD_TOKEN, .size = TOKEN_SIZE},
    {0x0008, NODE_DATA, CARD_PRESENCE, .size = PRESENCE_SIZE},
    {0x000a, NODE_DATA, CARD_AUTH_CERT, .size = CARD_CERT_SIZE},
    {0x000b, NODE_DATA, CARD_AUTH_CA_CERT, .size = CARD_CA_CERT_SIZE},
    {0x0017, NODE_KEY, CARD_KEY_AUTH, .opened_by = AUTH},
    {0x0018, NODE_PIN, CARD_PIN_AUTH, .tries = 3, .accepts = pin_is_four_digits},
    {0x001a, NODE_KEY, CARD_KEY_SIGN, .opened_by = SIGN},
    {0x001b, NODE_PIN, CARD_PIN_SIGN, .tries = 5, .accepts = pin_is_sign_password},
};

const struct applet applet_jpki = {
    .name = "jpki",
    .id = 1,
    .aid = aid,
    .aid_len = sizeof aid,
    .nodes = nodes,
    .node_count = sizeof nodes / sizeof nodes[0],
};
