/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card on disk: CARD (everything but the counters, sealed, replaced as a whole), CARD.counters
 * (card/counters.h) and the key file that seals both, by default CARD.key. All are of mode 0600.
 */
#pragma once

#include "card/card.h"

struct store_paths {
    const char *card;
    const char *key; /* NULL: CARD.key */
};

/*
 * A blank card, as delivered to a counter: of plastic and as usual, or as image says. Makes the key
 * file if there is none. ERR_CONFLICT if the card exists.
 */
MUST_CHECK int store_make(const struct store_paths *paths, const char *serial, struct err *err);
MUST_CHECK int store_make_from(const struct store_paths *paths, const struct image *image,
                               struct err *err);

/* Whether the key file is there already: then it is not a failed make's to remove. */
bool store_has_key(const struct store_paths *paths);
/*
 * Remove what belongs to a card that was made in vain, as far as that works: the failure to tell
 * is the one before.
 */
void store_remove(const struct store_paths *paths, bool with_key);

/*
 * Open for use, alone: ERR_CONFLICT if another process has the card, or if a newer version of
 * OpenJPKI wrote it; ERR_INPUT if the file is no card or cut off; ERR_UNTRUSTED if it was changed
 * or the key is another. Nothing is changed by opening.
 */
MUST_CHECK int store_open(const struct store_paths *paths, struct card **ret, struct err *err);
/* What is on it, also while another process uses it. */
MUST_CHECK int store_look(const struct store_paths *paths, struct card_status *ret,
                          struct err *err);

/*
 * Take a card file apart, for store_open and the fuzzer. ERR_CONFLICT for a newer version, else
 * ERR_INPUT. *ret_header and *ret_sealed point into file.
 */
MUST_CHECK int store_parse(struct bytes file, struct bytes *ret_header, struct bytes *ret_sealed,
                           struct err *err);
