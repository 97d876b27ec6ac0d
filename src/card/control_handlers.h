/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of the control socket call; the rows say what each takes and answers. */
#pragma once

#include "card/control.h"

http_handler_fn control_get_card, control_post_keys, control_get_key; /* control.c */
http_handler_fn control_post_requests, control_post_insertion, control_post_tamper;
http_handler_fn control_post_trouble;
http_handler_fn control_post_personalisation; /* control_personal.c */
http_handler_fn control_post_recertification, control_post_rewriting;
http_handler_fn control_post_issuer_keys, control_post_pin_reset; /* control_issuer.c */

/* Bits of the PINs that one chosen value opens: "juki" and the check codes are in two applets. */
uint32_t control_pins_named(const char *name);
