/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JPKI applet (card.md 3.1).
 *
 * Some files are known to exist and nothing else. EF 0005 appears in no list of readable contents
 * although every other EF does, so nothing opens it: 6982. IEF 0010 answers a VERIFY query; key
 * references without a limit of tries answer 6300 (card.md 4.4), and one that nobody ever set
 * matches nothing. IEF 0016 checks certificates of terminals, which this card does not do; 0019,
 * 001C and 001E lie among the IEFs and are taken for such: they can be selected, and whatever else
 * is asked of them is of the wrong kind, 6981. EF 0009 was read once, behind a PIN that was not
 * noted: either opens it.
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
    {0x0005, NODE_SHUT, 0},
    {0x0006, NODE_DATA, CARD_TOKEN, .size = TOKEN_SIZE},
    {0x0008, NODE_DATA, CARD_PRESENCE, .size = PRESENCE_SIZE},
    {0x0009, NODE_DATA, CARD_JPKI_0009, .opened_by = SIGN | AUTH, .size = CARD_UNKNOWN_SIZE,
     .filler = 0xff, .is_all_filler = true},
    {0x000a, NODE_DATA, CARD_AUTH_CERT, .size = CARD_CERT_SIZE},
    {0x000b, NODE_DATA, CARD_AUTH_CA_CERT, .size = CARD_CA_CERT_SIZE},
    {0x0010, NODE_QUERY, 0},
    {0x0016, NODE_OPAQUE, 0},
    {0x0017, NODE_KEY, CARD_KEY_AUTH, .opened_by = AUTH},
    {0x0018, NODE_PIN, CARD_PIN_AUTH, .tries = 3, .form = &pin_form_four},
    {0x0019, NODE_OPAQUE, 0},
    {0x001a, NODE_KEY, CARD_KEY_SIGN, .opened_by = SIGN},
    {0x001b, NODE_PIN, CARD_PIN_SIGN, .tries = 5, .form = &pin_form_password},
    {0x001c, NODE_OPAQUE, 0},
    {0x001e, NODE_OPAQUE, 0},
};

const struct applet applet_jpki = {
    .name = "jpki",
    .id = 1,
    .aid = aid,
    .aid_len = sizeof aid,
    .nodes = nodes,
    .node_count = sizeof nodes / sizeof nodes[0],
};
