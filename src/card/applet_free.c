/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The free area: its directory, and the standard applet that is each operator's area. Their AIDs
 * begin with F0, the category of unregistered ones (ISO 7816-5, 7.2.3), and a name that nobody else
 * uses. Which areas there are is data (card/free.h), their commands are in gp.c.
 */
#include "card/applet.h"

static const uint8_t aid[] = {0xf0, 'O', 'J', 'P', 'K', 'I', ' ', 'T', 'E', 'S', 'T', 'D'};

const struct applet applet_free = {
    .name = "free",
    .id = 6,
    .aid = aid,
    .aid_len = sizeof aid,
};

/* Selected by an AID of image.areas, so it has none itself and is not in applets[]. */
const struct applet applet_area = {.name = "area"};
