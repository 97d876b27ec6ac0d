/* SPDX-License-Identifier: Apache-2.0 */
/* The card manager: no files; selecting it leaves every other applet (card.md 4.5). */
#include "card/applet.h"

static const uint8_t aid[] = {0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};

const struct applet applet_isd = {
    .name = "isd",
    .id = 0,
    .aid = aid,
    .aid_len = sizeof aid,
    .is_always_there = true,
};
