/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kinds of cards. They have the same applets and files; what differs is which of them are there
 * and what opens them (card.md 5, 7).
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>

enum card_kind {
    CARD_PLASTIC,
    CARD_ANDROID,
    CARD_IPHONE,
    CARD_UNDER15,
    CARD_UNDER1,
    CARD_FACE, /* 顔認証マイナンバーカード: its holder is known by the face and has no PINs */
    CARD_KINDS_
};

struct card_kind_rules {
    const char *name;  /* in JSON, options and messages */
    const char *label; /* of the token information */
    bool has_sign;     /* may have a certificate for signatures */
    bool has_auth_pin;
    bool is_phone;   /* its auth certificate is behind its PIN, and JPKI is all it has */
    bool marks_last; /* takes 80 FC 00 00, the indicator of a last command */
};

const struct card_kind_rules *card_kind_rules(enum card_kind kind);
/* ERR_INPUT for another name. */
MUST_CHECK int card_kind_named(const char *name, enum card_kind *ret, struct err *err);
