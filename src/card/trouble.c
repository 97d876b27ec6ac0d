/* SPDX-License-Identifier: Apache-2.0 */
/* A card as a forger would have made it: what is in the card file stays as it is. */
#include "card/state.h"

enum { KEY_BITS = 2048, FLIPPED = 0x01 };

void card_forge_text(struct card *card, int64_t offset)
{
    card->forged_offset = offset;
}

void state_forge(const struct card *card, const struct node *node, size_t offset, uint8_t *answer,
                 size_t len)
{
    size_t at = (size_t)card->forged_offset;

    if (card->forged_offset >= 0 && node->kind == NODE_DATA && node->index == CARD_TEXT_ATTRS &&
        at >= offset && at - offset < len)
        answer[at - offset] ^= FLIPPED;
}

/* These applets have room for RSA keys only (card.md 3.2). */
int card_forge_keys(struct card *card, bool is_forged, struct err *err)
{
    static const enum card_key which[CARD_FORGED_KEYS] = {CARD_KEY_TEXT, CARD_KEY_VISUAL};

    for (size_t i = 0; i < CARD_FORGED_KEYS; i++) {
        CLEANUP(privkey_freep) struct privkey *key = NULL;

        if (is_forged && card->image.keys[which[i]] != NULL)
            TRY(privkey_generate(KEY_BITS, &key, err));
        privkey_free(card->forged_keys[i]);
        card->forged_keys[i] = key;
        key = NULL;
    }
    return 0;
}

const struct privkey *state_key(const struct card *card, unsigned index)
{
    const struct privkey *forged = NULL;

    if (index == CARD_KEY_TEXT)
        forged = card->forged_keys[0];
    else if (index == CARD_KEY_VISUAL)
        forged = card->forged_keys[1];
    return forged != NULL ? forged : card->image.keys[index];
}
