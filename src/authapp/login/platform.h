/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of the platform (jpki-platformd(8)): the keys that cards encrypt to, and whether
 * what a card answered holds.
 */
#pragma once

#include "authapp/authapp.h"
#include "crypto/bound.h"

/* Its GET /v1/keys, to be handed on. ERR_REMOTE if it does not answer well. */
MUST_CHECK int platform_keys(const struct authapp *authapp, struct json **ret, struct err *err);

/* What a card answered; the texts are the request's. */
struct card_proof {
    const char *certificate; /* JWE for the platform */
    const char *signature;   /* base64 */
    const struct json *sign; /* the same of the sign key; NULL: none */
    bool wants_reference;    /* whose card it is, for the register alone */
};

/*
 * What it finds, as it says it: verdict, reasons, holder, attributes
 * and person reference. ERR_REMOTE if it cannot be
 * asked or says what no platform should; its own failure if the answer cannot be read (ERR_INPUT,
 * ERR_UNTRUSTED) or was used before (ERR_CONFLICT).
 */
MUST_CHECK int platform_judge(const struct authapp *authapp, const struct bound *message,
                              const struct card_proof *proof, struct json **ret, struct err *err);
