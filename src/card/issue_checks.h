/* SPDX-License-Identifier: Apache-2.0 */
/* What a card checks of what a counter's terminal writes on it, the first time and later. */
#pragma once

#include "card/card.h"

/*
 * The certificate is over this key of the card and by that CA: ERR_UNTRUSTED if not, ERR_CONFLICT
 * for a key that is NULL, ERR_INPUT for what is no certificate. The name is for the sentence.
 */
MUST_CHECK int card_check_certificate(const char *name, const struct privkey *key,
                                      struct bytes cert_der, struct bytes ca_der, struct err *err);
/* The contents fit the file, and are records where it has such: ERR_INPUT if not. */
MUST_CHECK int card_check_file(enum card_data which, struct bytes contents, struct err *err);
/* ERR_CONFLICT on a card that was tampered with. */
MUST_CHECK int card_check_alive(const struct card *card, struct err *err);
