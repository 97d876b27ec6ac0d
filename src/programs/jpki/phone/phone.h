/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about a phone have in common: an authority, and the card that speaks for it. */
#pragma once

#include "holder/phone.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"

struct phone_options {
    struct card_options card;
    struct pin_options pin;
    const char *authority;
    bool yes;
};

/* Rows for a command whose option struct begins with one of that type. */
#define PHONE_OPTIONS                                                                              \
    {0,        "authority",                                                                        \
     CLI_TEXT, offsetof(struct phone_options, authority),                                          \
     "URL",    N_("the authority that issued the card's certificates")},                           \
        {'y',      "yes",                                                                          \
         CLI_FLAG, offsetof(struct phone_options, yes),                                            \
         NULL,     N_("do not ask whether it is meant")},                                          \
        PIN_OPTIONS(struct phone_options), CARD_OPTIONS(struct phone_options),                     \
        JSON_OPTION(struct phone_options)

/* --authority, else $JPKI_AUTHORITY. ERR_USAGE if neither names one. */
MUST_CHECK int phone_open_authority(const struct phone_options *options, struct remote **ret,
                                    struct err *err);
/*
 * Tell what will happen (a translated sentence), ask whether it is meant, ask for the password and
 * have the card sign. wish has the requests; the rest is set here.
 */
MUST_CHECK int phone_have_signed(const struct phone_options *options, const struct remote *remote,
                                 const char *what, struct phone_wish *wish, struct phone_order *ret,
                                 struct err *err);
