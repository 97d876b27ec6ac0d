/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for new PINs that people are told; whether real cards check them is unknown (card.md 5). */
#pragma once

#include "card/image.h"

/*
 * Whether a PIN may become what the holder asks for: it has the form of card.md 5, and four digits
 * are not part of the birth date and not the security code, as far as these are on the card. That
 * all PINs of four digits are the same is allowed.
 */
bool policy_accepts(const struct image *image, const struct node *node, struct bytes pin);
