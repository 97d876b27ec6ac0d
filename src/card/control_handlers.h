/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of the control socket call; the rows say what each takes and answers. */
#pragma once

#include "card/control.h"

http_handler_fn control_get_card, control_post_keys, control_post_requests; /* control.c */
http_handler_fn control_post_recertification, control_post_insertion, control_post_tamper;
http_handler_fn control_post_trouble;
http_handler_fn control_post_personalisation; /* control_personal.c */
