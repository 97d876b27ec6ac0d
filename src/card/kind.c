/* SPDX-License-Identifier: Apache-2.0 */
#include "card/kind.h"

#include "card/token.h"

#include <string.h>

static const struct card_kind_rules kinds[CARD_KINDS_] = {
    [CARD_PLASTIC] = {"plastic", TOKEN_LABEL_PLASTIC, .has_sign = true, .has_auth_pin = true},
    [CARD_ANDROID] = {"android", TOKEN_LABEL_ANDROID, .has_sign = true, .has_auth_pin = true,
                      .is_phone = true},
    [CARD_IPHONE] = {"iphone", TOKEN_LABEL_IPHONE, .has_sign = true, .has_auth_pin = true,
                     .is_phone = true, .marks_last = true},
    [CARD_UNDER15] = {"under15", TOKEN_LABEL_PLASTIC, .has_auth_pin = true},
    [CARD_UNDER1] = {"under1", TOKEN_LABEL_PLASTIC, .has_auth_pin = true},
    [CARD_FACE] = {"face", TOKEN_LABEL_PLASTIC},
};

const struct card_kind_rules *card_kind_rules(enum card_kind kind)
{
    return &kinds[kind];
}

int card_kind_named(const char *name, enum card_kind *ret, struct err *err)
{
    for (unsigned i = 0; i < CARD_KINDS_; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret = (enum card_kind)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT,
                "a card is one of plastic, android, iphone, under15, under1 and face");
}
