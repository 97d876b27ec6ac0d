/* SPDX-License-Identifier: Apache-2.0 */
/* What is on a card, as JSON: for the control socket and for `jpki-softcard show`. */
#pragma once

#include "base/json.h"
#include "card/card.h"

/* "sign", "auth", "text", "visual", "common" */
const char *card_key_name(enum card_key key);
/* "sign", "auth", "text", "text_a" and so on */
const char *card_pin_name(enum card_pin pin);
/* "sign", "sign_ca", "auth", "auth_ca"; NULL for a file that is no certificate. */
const char *card_certificate_name(enum card_data data);

/*
 * Put the members serial, kind, options, dead, personalised, keys, new_keys, certificates, pins and
 * files: options are those that are not as usual, as text; keys, certificates and pins are objects
 * by the names above, new_keys says which keys wait for certificates, files is a list of names like
 * "text/0001" of what is there besides certificates and what the card makes itself.
 */
MUST_CHECK int card_status_put(struct json *object, const struct card_status *status,
                               struct err *err);
