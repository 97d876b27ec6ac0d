/* SPDX-License-Identifier: Apache-2.0 */
/* What jpki consent list and withdraw share: the authority, the card, one signed question. */
#pragma once

#include "programs/jpki/cert/read.h"

struct consent_options {
    struct card_options card;
    struct pin_options pin;
    struct cert_options cert;
    const char *authority;
    bool yes;
};

#define CONSENT_OPTIONS                                                                            \
    {0,        "authority",                                                                        \
     CLI_TEXT, offsetof(struct consent_options, authority),                                        \
     "URL",    N_("the authority that keeps the consents")},                                       \
        CERT_SIGN_OPTION(struct consent_options), PIN_OPTIONS(struct consent_options),             \
        CARD_OPTIONS(struct consent_options), JSON_OPTION(struct consent_options)

/* Ask for all consents (withdrawal NULL) or for the end of one; *ret is a checked answer. */
MUST_CHECK int consent_ask(const struct consent_options *options, const char *withdrawal,
                           struct json **ret, struct err *err);
